#include "protocol/openai_parts.h"

#include <utility>

#include "base/text.h"
#include "protocol/body_errors.h"
#include "protocol/data_url.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

using Kind = OpenAiPart::Kind;

constexpr std::string_view kPdf = "application/pdf";

OpenAiPart words(std::string text, bool is_apart = true) {
    return {.kind = Kind::Text, .text = std::move(text), .is_apart = is_apart};
}

Error out_of_reach(const Place& place) {
    return invalid_field(path_of(place), "is a file that another vendor keeps: send its content");
}

std::string media_type_of(const Media& media, std::string_view unknown) {
    if (!media.media_type.empty()) return media.media_type;
    return std::string(sniff_media_type(media.data).value_or(unknown));
}

std::string url_of(const Media& media, std::string_view unknown_type) {
    if (media.source == Media::Source::Url) return media.data;
    return "data:" + media_type_of(media, unknown_type) + ";base64," + media.data;
}

// {"type":TYPE,TYPE:{…}}
template <class WriteInside>
std::string part_json(std::string_view type, WriteInside write_inside) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.field("type", type);
    json.key(type);
    json.begin_object();
    write_inside(json);
    json.end_object();
    json.end_object();
    return out;
}

// ---- Images ----------------------------------------------------------------------------------

// In the place of an image that the model can't see.
std::string name_of_image(const Media& media) {
    if (media.source == Media::Source::Url && !is_data_url(media.data))
        return "[image " + media.data + "]";
    return "[image of type " + media_type_of(media, "unknown") + "]";
}

Result<OpenAiPart> make_image(const ImagePart& image, const Place& place, RequestConversion& to) {
    if (image.media.source == Media::Source::FileId) return out_of_reach(place);
    if (!to.traits.images || !to.traits.content_arrays) {
        to.losses.add(LossKind::Dropped, place);
        return words(name_of_image(image.media));
    }
    const bool has_detail =
        to.traits.image_detail && !image.detail.empty() && image.detail != "auto";
    return OpenAiPart{.kind = Kind::Image, .json = part_json("image_url", [&](JsonWriter& json) {
                                               json.field("url", url_of(image.media, "image/png"));
                                               if (has_detail) json.field("detail", image.detail);
                                           })};
}

// ---- Documents -------------------------------------------------------------------------------

std::string first_line_of(const DocumentPart& document) {
    std::string line = document.title;
    if (!line.empty() && !document.context.empty()) line.append(" - ");
    return line.append(document.context);
}

OpenAiPart make_text_document(const DocumentPart& document, std::string_view text) {
    std::string said = first_line_of(document);
    if (!said.empty()) said.push_back('\n');
    return words(said.append(text));
}

// In the place of a document that the model can't read.
std::string name_of_document(const DocumentPart& document) {
    std::string name = "[document";
    if (!document.title.empty()) name.append(" \"").append(document.title).append("\"");
    if (document.media.source == Media::Source::Url) {
        name.append(" at ").append(document.media.data);
    } else {
        name.append(" of type ").append(media_type_of(document.media, "unknown"));
    }
    return name.append("]");
}

std::string filename_of(const DocumentPart& document, std::string_view type) {
    if (!document.title.empty()) return document.title;
    return type == kPdf ? "document.pdf" : "document";
}

OpenAiPart make_file(const DocumentPart& document) {
    const std::string type = media_type_of(document.media, kPdf);
    return {.kind = Kind::Document, .json = part_json("file", [&](JsonWriter& json) {
                                        json.field("filename", filename_of(document, type));
                                        json.field("file_data", url_of(document.media, kPdf));
                                    })};
}

// Text that travels as bytes.
std::optional<std::string> text_in(const Media& media) {
    if (!media.media_type.starts_with("text/")) return std::nullopt;
    auto bytes = decode_base64(media.data);
    if (!bytes || !is_utf8(*bytes)) return std::nullopt;
    return bytes;
}

Result<OpenAiPart> make_document(const DocumentPart& document, const Place& place,
                                 RequestConversion& to) {
    switch (document.media.source) {
        case Media::Source::Text:
            return make_text_document(document, document.media.data);
        case Media::Source::FileId:
            return out_of_reach(place);
        case Media::Source::Base64:
            if (const auto text = text_in(document.media))
                return make_text_document(document, *text);
            if (to.traits.file_parts && to.traits.content_arrays) return make_file(document);
            break;
        case Media::Source::Url:
            break;
    }
    to.losses.add(LossKind::Dropped, place);
    return words(name_of_document(document));
}

// ---- Sound and film --------------------------------------------------------------------------

OpenAiPart make_audio(const AudioPart& audio) {
    return {.kind = Kind::Audio, .json = part_json("input_audio", [&](JsonWriter& json) {
                                     json.field("data", audio.media.data);
                                     if (!audio.format.empty()) json.field("format", audio.format);
                                 })};
}

OpenAiPart make_video(const VideoPart& video) {
    return {.kind = Kind::Video, .json = part_json("video_url", [&](JsonWriter& json) {
                                     json.field("url", url_of(video.media, "video/mp4"));
                                 })};
}

// ---- A vendor's own --------------------------------------------------------------------------

OpenAiPart make_vendor_words(const VendorPart& part, const Place& place, Losses& losses) {
    // What the vendor's container holds is no more than named; a block without words is gone.
    if (part.text.empty() || part.type == "container_upload") losses.add(LossKind::Dropped, place);
    if (part.text.empty()) return {};
    return words(part.text);
}

}  // namespace

Result<OpenAiPart> make_openai_part(const Part& part, RequestConversion& to) {
    if (const auto* text = part.as<TextPart>()) return words(text->text, false);
    if (const auto* image = part.as<ImagePart>()) return make_image(*image, part.place, to);
    if (const auto* file = part.as<DocumentPart>()) return make_document(*file, part.place, to);
    if (const auto* audio = part.as<AudioPart>()) return make_audio(*audio);
    if (const auto* video = part.as<VideoPart>()) return make_video(*video);
    if (const auto* own = part.as<VendorPart>())
        return make_vendor_words(*own, part.place, to.losses);
    return OpenAiPart{};
}

Result<OpenAiPart> make_openai_words(const Part& part, RequestConversion& to) {
    OpenAiPart made = TRY(make_openai_part(part, to));
    if (made.kind == Kind::Nothing || made.kind == Kind::Text) return made;
    to.losses.add(LossKind::Dropped, part.place);
    if (const auto* image = part.as<ImagePart>()) return words(name_of_image(image->media));
    if (const auto* file = part.as<DocumentPart>()) return words(name_of_document(*file));
    return words(made.kind == Kind::Audio ? "[audio]" : "[video]");
}

}  // namespace aigw::protocol
