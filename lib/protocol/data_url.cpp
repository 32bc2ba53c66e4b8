#include "protocol/data_url.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/text.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kScheme = "data:";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 0xFF;

constexpr std::array<std::uint8_t, 256> make_digits() {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(kNoDigit);
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = make_digits();

std::uint8_t digit_of(char c) {
    return kDigits[static_cast<unsigned char>(c)];
}

bool is_blank_byte(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// RFC 3986, section 2.1; a percent sign that begins no escape stays.
std::string without_escapes(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                               hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        if (is_escape) {
            out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
            i += 2;
        } else {
            out.push_back(text[i]);
        }
    }
    return out;
}

Error refused(const char* message) {
    return Error{
        .code = ErrorCode::InvalidRequest, .message = message, .wire_code = "invalid_value"};
}

// Only the digits, and as many `=` as they need.
Result<std::string> clean_base64(std::string text) {
    std::erase_if(text, is_blank_byte);
    while (text.ends_with('=')) text.pop_back();
    if (text.empty()) return refused("a data URL without data");
    const bool is_base64 =
        std::ranges::all_of(text, [](char c) { return digit_of(c) != kNoDigit; });
    if (!is_base64 || text.size() % 4 == 1) return refused("the data URL's base64 is broken");
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

}  // namespace

bool is_data_url(std::string_view url) {
    return starts_with_ignoring_case(url, kScheme);
}

Result<DataUrl> parse_data_url(std::string_view url) {
    if (!is_data_url(url)) return refused("not a data URL");
    const std::size_t comma = url.find(',');
    if (comma == std::string_view::npos) return refused("a data URL without a comma");
    const std::string_view head = url.substr(kScheme.size(), comma - kScheme.size());
    const std::size_t last = head.rfind(';');
    const bool is_base64 = last != std::string_view::npos &&
                           equals_ignoring_case(trim(head.substr(last + 1)), "base64");
    DataUrl parsed{.media_type = to_lower(trim(head.substr(0, head.find(';')))), .base64 = {}};
    if (parsed.media_type.empty()) parsed.media_type = "text/plain";
    const std::string_view data = url.substr(comma + 1);
    const bool has_escapes = data.find('%') != std::string_view::npos;
    std::string plain = has_escapes ? without_escapes(data) : std::string(data);
    if (is_base64) {
        parsed.base64 = TRY(clean_base64(std::move(plain)));
    } else {
        parsed.base64 = encode_base64(plain);
    }
    return parsed;
}

std::optional<std::string_view> sniff_media_type(std::string_view base64) {
    constexpr std::size_t kHead = 16;  // digits: twelve bytes
    const auto head = decode_base64(base64.substr(0, std::min(base64.size(), kHead)));
    if (!head) return std::nullopt;
    const std::string_view bytes = *head;
    if (bytes.starts_with("\xFF\xD8\xFF")) return "image/jpeg";
    if (bytes.starts_with("\x89PNG")) return "image/png";
    if (bytes.starts_with("GIF8")) return "image/gif";
    if (bytes.starts_with("RIFF") && bytes.substr(8).starts_with("WEBP")) return "image/webp";
    if (bytes.starts_with("%PDF-")) return "application/pdf";
    return std::nullopt;
}

std::string encode_base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t at) {
            return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
        };
        const std::uint32_t group = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
        out.push_back(kAlphabet[group >> 18]);
        out.push_back(kAlphabet[(group >> 12) & 63]);
        out.push_back(i + 1 < bytes.size() ? kAlphabet[(group >> 6) & 63] : '=');
        out.push_back(i + 2 < bytes.size() ? kAlphabet[group & 63] : '=');
    }
    return out;
}

std::optional<std::string> decode_base64(std::string_view base64) {
    while (base64.ends_with('=')) base64.remove_suffix(1);
    if (base64.size() % 4 == 1) return std::nullopt;
    std::string out;
    out.reserve(base64.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : base64) {
        const std::uint8_t digit = digit_of(c);
        if (digit == kNoDigit) return std::nullopt;
        group = (group << 6) | digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>((group >> bits) & 0xFF));
        }
    }
    return out;
}

}  // namespace aigw::protocol
