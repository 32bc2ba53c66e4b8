// How large a picture is, by its first bytes.
//
// Formats: PNG, JPEG, GIF and WebP (lossy, lossless, extended).
// Errors:  nothing, when the bytes are none of these, end too early, or say a side of 0.
// Cost:    no allocation for raw bytes; of media at most 256 KiB are decoded and looked at, for a
//          JPEG's size stands behind its thumbnails and colour profiles.
// Source:  PNG (RFC 2083, 3.2 and 4.1.1), JPEG (ITU T.81, B.2), GIF89a (section 18), WebP
//          (RFC 9649, 2.4 to 2.7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/chat_parts.h"

namespace aigw::tokens {

struct ImageSize {
    std::uint32_t width = 0;  // pixels
    std::uint32_t height = 0;
    friend bool operator==(const ImageSize&, const ImageSize&) = default;
};

std::optional<ImageSize> read_image_size(std::string_view first_bytes);

// Of bytes that came with the request, as base64 or in a data URL; nothing for what is elsewhere.
std::optional<ImageSize> read_image_size(const protocol::Media& media);

// The first bytes of media, at most `limit`; empty when they are elsewhere or no base64.
std::string first_bytes(const protocol::Media& media, std::size_t limit);

// How many bytes the media's base64 encodes, by its length; 0 when they are elsewhere.
std::size_t size_of(const protocol::Media& media);

}  // namespace aigw::tokens
