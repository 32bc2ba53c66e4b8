#include "cmd/call/data_uri.h"

#include <cstdint>
#include <optional>

#include "base/text.h"
#include "cmd/input.h"

namespace aigw::cmd {
namespace {

using namespace std::string_view_literals;

std::optional<std::string_view> find_image_type(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return "image/png";
    if (bytes.starts_with("\xFF\xD8\xFF"sv)) return "image/jpeg";
    if (bytes.starts_with("GIF87a"sv) || bytes.starts_with("GIF89a"sv)) return "image/gif";
    if (bytes.starts_with("RIFF"sv) && bytes.substr(0, 12).ends_with("WEBP"sv)) return "image/webp";
    return std::nullopt;
}

// RFC 4648, section 4.
std::string render_base64(std::string_view bytes) {
    constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::string_view group = bytes.substr(at, 3);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8U | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= group.size() ? kLetters[bits >> (18 - 6 * i) & 63U] : '=';
    }
    return text;
}

}  // namespace

Result<std::string> read_image_as_data_uri(const std::string& path, Program& program) {
    const std::string bytes = TRY(read_input(path, program));
    const auto type = find_image_type(bytes);
    if (!type) {
        return Error{ErrorCode::Usage, json_string(path) + " is no PNG, JPEG, GIF or WebP image",
                     "convert it first"};
    }
    return "data:" + std::string(*type) + ";base64," + render_base64(bytes);
}

}  // namespace aigw::cmd
