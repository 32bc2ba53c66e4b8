#include "protocol/caller_media.h"

#include <utility>

#include "base/text.h"
#include "protocol/body_errors.h"
#include "protocol/data_url.h"

namespace aigw::protocol {
namespace {

std::string media_type_of(const DataUrl& url) {
    if (const auto seen = sniff_media_type(url.base64)) return std::string(*seen);
    return url.media_type == "image/jpg" ? "image/jpeg" : url.media_type;
}

Result<Media> read_data(std::string_view url, std::string_view path) {
    auto data = parse_data_url(url);
    if (!data) return invalid_field(path, "is no good: " + data.error().message);
    return Media{.source = Media::Source::Base64,
                 .media_type = media_type_of(*data),
                 .data = std::move(data->base64)};
}

// Of text the characters themselves travel, not their base64.
Media as_text(Media media) {
    if (!media.media_type.starts_with("text/")) return media;
    auto bytes = decode_base64(media.data);
    if (!bytes || !is_utf8(*bytes)) return media;
    return {.source = Media::Source::Text,
            .media_type = std::move(media.media_type),
            .data = *std::move(bytes)};
}

}  // namespace

Result<Part> make_image_part(std::string url, std::string detail, std::string_view path) {
    Media media{.source = Media::Source::Url, .data = std::move(url)};
    if (is_data_url(media.data)) media = TRY(read_data(std::string_view(media.data), path));
    if (media.media_type == "application/pdf")
        return Part{.value = DocumentPart{.media = std::move(media)}};
    return Part{.value = ImagePart{.media = std::move(media), .detail = std::move(detail)}};
}

Result<Part> make_file_part(std::string data, std::string filename, std::string_view path) {
    // Some callers send the bytes without saying what they are.
    if (!is_data_url(data)) data.insert(0, "data:application/octet-stream;base64,");
    Media media = as_text(TRY(read_data(data, path)));
    if (media.media_type.starts_with("image/"))
        return Part{.value = ImagePart{.media = std::move(media)}};
    return Part{.value = DocumentPart{.media = std::move(media), .title = std::move(filename)}};
}

}  // namespace aigw::protocol
