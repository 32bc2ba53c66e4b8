#include "tokens/image_size.h"

#include <algorithm>
#include <string>

#include "protocol/data_url.h"

namespace aigw::tokens {
namespace {

constexpr std::size_t kHead = 64;             // enough for all but JPEG
constexpr std::size_t kJpegHead = 256 << 10;  // bytes

// ---- Bytes -------------------------------------------------------------------------------------

// A byte that is not there is 0.
std::uint32_t byte_at(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}
std::uint32_t big16(std::string_view bytes, std::size_t at) {
    return (byte_at(bytes, at) << 8) | byte_at(bytes, at + 1);
}
std::uint32_t big32(std::string_view bytes, std::size_t at) {
    return (big16(bytes, at) << 16) | big16(bytes, at + 2);
}
std::uint32_t little16(std::string_view bytes, std::size_t at) {
    return byte_at(bytes, at) | (byte_at(bytes, at + 1) << 8);
}
std::uint32_t little24(std::string_view bytes, std::size_t at) {
    return little16(bytes, at) | (byte_at(bytes, at + 2) << 16);
}

std::optional<ImageSize> made_of(std::uint32_t width, std::uint32_t height) {
    if (width == 0 || height == 0) return std::nullopt;
    return ImageSize{width, height};
}

// ---- Formats -----------------------------------------------------------------------------------

std::optional<ImageSize> read_png(std::string_view bytes) {
    if (bytes.size() < 24 || bytes.substr(12, 4) != "IHDR") return std::nullopt;
    return made_of(big32(bytes, 16), big32(bytes, 20));
}

std::optional<ImageSize> read_gif(std::string_view bytes) {
    if (bytes.size() < 10) return std::nullopt;
    return made_of(little16(bytes, 6), little16(bytes, 8));
}

std::optional<ImageSize> read_webp(std::string_view bytes) {
    if (bytes.size() < 30) return std::nullopt;
    const std::string_view chunk = bytes.substr(12, 4);
    if (chunk == "VP8X") return made_of(little24(bytes, 24) + 1, little24(bytes, 27) + 1);
    if (chunk == "VP8 " && bytes.substr(23, 3) == "\x9D\x01\x2A")
        return made_of(little16(bytes, 26) & 0x3FFF, little16(bytes, 28) & 0x3FFF);
    if (chunk == "VP8L" && byte_at(bytes, 20) == 0x2F) {
        const std::uint32_t bits = little16(bytes, 21) | (little16(bytes, 23) << 16);
        return made_of((bits & 0x3FFF) + 1, ((bits >> 14) & 0x3FFF) + 1);
    }
    return std::nullopt;
}

// A frame header: any SOFn; the other three of the row are tables.
bool is_frame(std::uint32_t marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}
// Markers without a length behind them.
bool is_alone(std::uint32_t marker) {
    return marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8);
}

// Segments from marker to marker, up to the frame's header. Each step goes forward by two bytes
// or more.
std::optional<ImageSize> read_jpeg(std::string_view bytes) {
    std::size_t at = 2;
    while (at + 4 <= bytes.size()) {
        if (byte_at(bytes, at) != 0xFF) return std::nullopt;
        const std::uint32_t marker = byte_at(bytes, at + 1);
        if (marker == 0xFF) {  // filling
            at += 1;
            continue;
        }
        if (is_alone(marker)) {
            at += 2;
            continue;
        }
        if (is_frame(marker)) {
            if (at + 9 > bytes.size()) return std::nullopt;
            return made_of(big16(bytes, at + 7), big16(bytes, at + 5));
        }
        const std::uint32_t length = big16(bytes, at + 2);
        if (length < 2) return std::nullopt;
        at += 2 + std::size_t{length};
    }
    return std::nullopt;
}

// ---- Base64 ------------------------------------------------------------------------------------

// The base64 in the media; empty when there is none.
std::string_view base64_of(const protocol::Media& media) {
    std::string_view data = media.data;
    if (media.source == protocol::Media::Source::Url) {
        if (!protocol::is_data_url(data)) return {};
        const std::size_t comma = data.find(',');
        if (comma == std::string_view::npos) return {};
        return data.substr(comma + 1);
    }
    return media.source == protocol::Media::Source::Base64 ? data : std::string_view();
}

bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

}  // namespace

std::optional<ImageSize> read_image_size(std::string_view first_bytes) {
    if (first_bytes.starts_with("\x89PNG\r\n\x1A\n")) return read_png(first_bytes);
    if (first_bytes.starts_with("\xFF\xD8\xFF")) return read_jpeg(first_bytes);
    if (first_bytes.starts_with("GIF87a") || first_bytes.starts_with("GIF89a"))
        return read_gif(first_bytes);
    if (first_bytes.starts_with("RIFF") && first_bytes.size() >= 12 &&
        first_bytes.substr(8, 4) == "WEBP")
        return read_webp(first_bytes);
    return std::nullopt;
}

std::string first_bytes(const protocol::Media& media, std::size_t limit) {
    const std::string_view base64 = base64_of(media);
    const std::size_t wanted = (limit + 2) / 3 * 4;
    std::string digits;
    digits.reserve(std::min(base64.size(), wanted));
    for (const char c : base64) {
        if (digits.size() == wanted || c == '=') break;
        if (!is_line_end(c)) digits.push_back(c);
    }
    if (digits.size() % 4 == 1) digits.pop_back();
    std::string bytes = protocol::decode_base64(digits).value_or(std::string());
    bytes.resize(std::min(bytes.size(), limit));
    return bytes;
}

std::optional<ImageSize> read_image_size(const protocol::Media& media) {
    const std::string head = first_bytes(media, kHead);
    if (const auto size = read_image_size(head)) return size;
    if (!head.starts_with("\xFF\xD8\xFF")) return std::nullopt;
    return read_image_size(first_bytes(media, kJpegHead));
}

std::size_t size_of(const protocol::Media& media) {
    std::string_view base64 = base64_of(media);
    while (base64.ends_with('=')) base64.remove_suffix(1);
    return base64.size() * 3 / 4;
}

}  // namespace aigw::tokens
