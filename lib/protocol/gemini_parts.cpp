#include "protocol/gemini_parts.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "protocol/body_errors.h"
#include "protocol/data_url.h"
#include "protocol/openai_parts.h"

namespace aigw::protocol {
namespace {

// ---- Types of media --------------------------------------------------------------------------

struct Ending {
    std::string_view text;
    std::string_view type;
};
constexpr std::array kEndings = {
    Ending{".png", "image/png"},       Ending{".jpg", "image/jpeg"},
    Ending{".jpeg", "image/jpeg"},     Ending{".webp", "image/webp"},
    Ending{".heic", "image/heic"},     Ending{".heif", "image/heif"},
    Ending{".gif", "image/gif"},       Ending{".pdf", "application/pdf"},
    Ending{".txt", "text/plain"},      Ending{".html", "text/html"},
    Ending{".csv", "text/csv"},        Ending{".md", "text/markdown"},
    Ending{".wav", "audio/wav"},       Ending{".mp3", "audio/mp3"},
    Ending{".ogg", "audio/ogg"},       Ending{".flac", "audio/flac"},
    Ending{".aac", "audio/aac"},       Ending{".mp4", "video/mp4"},
    Ending{".mov", "video/quicktime"}, Ending{".webm", "video/webm"},
    Ending{".mpeg", "video/mpeg"},
};

// What the address says; nothing where it says nothing.
std::string_view type_of_address(std::string_view address) {
    const std::string path = to_lower(address.substr(0, address.find_first_of("?#")));
    const auto* const known = std::ranges::find_if(
        kEndings, [&](const Ending& ending) { return path.ends_with(ending.text); });
    return known == kEndings.end() ? std::string_view() : known->type;
}

std::string type_of(const Media& media, std::string_view unknown) {
    if (!media.media_type.empty()) return media.media_type;
    return std::string(sniff_media_type(media.data).value_or(unknown));
}

// ---- Writing ---------------------------------------------------------------------------------

void write_signature(JsonWriter& json, std::string_view signature) {
    if (!signature.empty()) json.field("thoughtSignature", signature);
}

void write_bytes(JsonWriter& json, std::string_view type, std::string_view base64) {
    json.key("inlineData");
    json.begin_object();
    json.field("mimeType", type);
    json.field("data", base64);
    json.end_object();
}

Result<void> write_address(JsonWriter& json, const Media& media, const Place& place) {
    const bool is_reached = std::ranges::any_of(
        std::array<std::string_view, 3>{"https://", "http://", "gs://"},
        [&](std::string_view scheme) { return starts_with_ignoring_case(media.data, scheme); });
    if (!is_reached) {
        return media.source == Media::Source::FileId
                   ? invalid_field(path_of(place), "names a file of another vendor")
                   : invalid_field(path_of(place),
                                   "has a URL that is neither http(s), gs nor data");
    }
    const std::string_view type =
        media.media_type.empty() ? type_of_address(media.data) : media.media_type;
    json.key("fileData");
    json.begin_object();
    if (!type.empty()) json.field("mimeType", type);
    json.field("fileUri", media.data);
    json.end_object();
    return {};
}

// `unknown`: what bytes are taken for that don't say what they are.
Result<void> write_media(JsonWriter& json, const Media& media, std::string_view unknown,
                         const Place& place) {
    if (media.source == Media::Source::Base64) {
        write_bytes(json, type_of(media, unknown), media.data);
        return {};
    }
    if (!is_data_url(media.data)) return write_address(json, media, place);
    const auto data = parse_data_url(media.data);
    if (!data) return invalid_field(path_of(place), "is no good: " + data.error().message);
    write_bytes(json, data->media_type, data->base64);
    return {};
}

std::string title_of(const DocumentPart& document) {
    std::string line = document.title;
    if (!line.empty() && !document.context.empty()) line.append(" - ");
    return line.append(document.context);
}

Result<void> write_media_part(JsonWriter& json, const Media& media, std::string_view unknown,
                              const Place& place, std::string_view signature) {
    json.begin_object();
    TRY(write_media(json, media, unknown, place));
    write_signature(json, signature);
    json.end_object();
    return {};
}

}  // namespace

bool is_media(const Part& part) {
    const auto* document = part.as<DocumentPart>();
    if (document != nullptr) return document->media.source != Media::Source::Text;
    return part.is<ImagePart>() || part.is<AudioPart>() || part.is<VideoPart>();
}

void write_gemini_text(JsonWriter& json, std::string_view text, std::string_view signature) {
    json.begin_object();
    json.field("text", text);
    write_signature(json, signature);
    json.end_object();
}

Result<void> write_gemini_part(JsonWriter& json, const Part& part, std::string_view signature,
                               RequestConversion& to) {
    const Place& place = part.place;
    if (const auto* image = part.as<ImagePart>())
        return write_media_part(json, image->media, "image/png", place, signature);
    if (const auto* video = part.as<VideoPart>())
        return write_media_part(json, video->media, "video/mp4", place, signature);
    if (const auto* audio = part.as<AudioPart>()) {
        const std::string type = "audio/" + (audio->format.empty() ? "wav" : audio->format);
        return write_media_part(json, audio->media, type, place, signature);
    }
    if (const auto* document = part.as<DocumentPart>(); document != nullptr && is_media(part)) {
        const std::string title = title_of(*document);
        if (!title.empty()) write_gemini_text(json, title);
        return write_media_part(json, document->media, "application/pdf", place, signature);
    }
    const auto words = TRY(make_openai_words(part, to));
    if (words.kind == OpenAiPart::Kind::Text && !words.text.empty())
        write_gemini_text(json, words.text, signature);
    return {};
}

}  // namespace aigw::protocol
