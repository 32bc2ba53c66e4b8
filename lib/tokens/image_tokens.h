// What pictures and other media cost in tokens: each vendor's rule, as a value.
//
// Shape:   an ImageRule is one line of data/media_rows.h; a rule and a size give tokens.
// Units:   pixels, tokens, hundredths where a name says so.
// Exact:   where the size is known and the vendor has published the rule; else an estimate, and
//          MediaTokens says so. What has no size counts as a picture of kAssumedSize.
// Threads: pure functions.
// Source:  lib/tokens/data/media_rows.h names the vendor's page of each rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/chat_parts.h"
#include "tokens/image_size.h"

namespace aigw::tokens {

struct ImageRule {
    enum class Kind : std::uint8_t {
        Tiles,         // OpenAI: `base`, and `tile` for each square of 512
        Patches,       // OpenAI: squares of 32 within `budget`, times `hundredths`
        Squares,       // Claude: squares of `grid` within `long_side` and `budget`
        GeminiTiles,   // Gemini 2: `base`, or that for each square of 768
        GeminiLevels,  // Gemini 3: by the resolution asked for
        Grid,          // Qwen-VL: sides on a grid within `budget`, and two marks
    };
    Kind kind = Kind::Tiles;
    std::int32_t base = 85;
    std::int32_t tile = 170;
    std::int32_t hundredths = 100;
    std::int32_t grid = 32;           // pixels
    std::int32_t long_side = 0;       // pixels; 0: any
    std::int32_t budget = 0;          // squares
    std::int32_t large_budget = 0;    // squares at a higher resolution; 0: as budget
    std::int32_t pdf_page = 1500;     // tokens, its text included
    std::int32_t audio_second = 10;   // tokens
    std::int32_t video_second = 263;  // tokens
    bool is_published = false;        // by the vendor, for these models
    friend bool operator==(const ImageRule&, const ImageRule&) = default;
};

// What a picture or a recording costs.
struct MediaTokens {
    std::int64_t tokens = 0;
    bool is_exact = false;
    friend bool operator==(const MediaTokens&, const MediaTokens&) = default;
};

inline constexpr ImageSize kAssumedSize{1024, 1024};

// `detail`: how closely it is to be looked at, in the caller's word (OpenAI's `detail`, Gemini's
// resolution; "original": Qwen's high resolution). Empty: the vendor's default.
MediaTokens image_tokens(const ImageRule& rule, std::optional<ImageSize> size,
                         std::string_view detail = {});

// Documents that are no text, by pages; sound and film by seconds. Pages and seconds are derived
// from the number of bytes, and a page or a minute is assumed where that is not known: estimates.
MediaTokens document_tokens(const ImageRule& rule, const protocol::Media& media);
MediaTokens audio_tokens(const ImageRule& rule, const protocol::Media& media);
MediaTokens video_tokens(const ImageRule& rule, const protocol::Media& media);

}  // namespace aigw::tokens
