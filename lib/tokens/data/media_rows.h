// What media cost, by model: the first content of a table that changes with each generation of
// models. Read by find_image_rule(): the longest prefix of the model's name counts.
//
// Source:  OpenAI: platform.openai.com/docs/guides/images-vision (the multipliers of gpt-5-mini,
//          -nano and 5.2 as measured, which is less than the page says); Anthropic:
//          docs.anthropic.com/en/docs/build-with-claude/vision; Google:
//          ai.google.dev/gemini-api/docs/tokens and /media-resolution; Qwen:
//          help.aliyun.com/zh/model-studio/vision.
#pragma once

#include <array>
#include <string_view>

#include "tokens/image_tokens.h"

namespace aigw::tokens::data {

struct MediaRow {
    std::string_view prefix;
    ImageRule rule;
};

constexpr ImageRule tiles(std::int32_t base, std::int32_t tile) {
    return {.kind = ImageRule::Kind::Tiles, .base = base, .tile = tile, .is_published = true};
}
constexpr ImageRule patches(std::int32_t budget, std::int32_t hundredths,
                            std::int32_t large_budget = 0) {
    return {.kind = ImageRule::Kind::Patches,
            .hundredths = hundredths,
            .budget = budget,
            .large_budget = large_budget,
            .is_published = true};
}
// Differs from what the vendor says.
constexpr ImageRule measured(ImageRule rule) {
    rule.is_published = false;
    return rule;
}
constexpr ImageRule claude_media(std::int32_t long_side, std::int32_t budget) {
    return {.kind = ImageRule::Kind::Squares,
            .grid = 28,
            .long_side = long_side,
            .budget = budget,
            .pdf_page = 2250,
            .is_published = true};
}
constexpr ImageRule gemini_media(ImageRule::Kind kind, std::int32_t pdf_page) {
    return {.kind = kind,
            .base = 258,
            .pdf_page = pdf_page,
            .audio_second = 32,
            .video_second = 263,
            .is_published = true};
}
constexpr ImageRule qwen_media(std::int32_t grid, std::int32_t budget) {
    return {.kind = ImageRule::Kind::Grid,
            .grid = grid,
            .budget = budget,
            .large_budget = 16'384,
            .audio_second = 25,
            .is_published = true};
}

// For models of whom nothing is known.
inline constexpr ImageRule kOtherMedia = measured(tiles(85, 170));

inline constexpr std::array kMediaRows = {
    // OpenAI, tiles
    MediaRow{"gpt-4o", tiles(85, 170)},
    MediaRow{"chatgpt-4o", tiles(85, 170)},
    MediaRow{"gpt-4.1", tiles(85, 170)},
    MediaRow{"gpt-4.5", tiles(85, 170)},
    MediaRow{"gpt-4-turbo", tiles(85, 170)},
    MediaRow{"gpt-4-vision", tiles(85, 170)},
    MediaRow{"gpt-4o-mini", tiles(2833, 5667)},
    MediaRow{"gpt-5", tiles(70, 140)},
    MediaRow{"o1", tiles(75, 150)},
    MediaRow{"o3", tiles(75, 150)},
    MediaRow{"computer-use", tiles(65, 129)},
    // OpenAI, patches
    MediaRow{"gpt-4.1-mini", patches(1536, 162)},
    MediaRow{"gpt-4.1-nano", patches(1536, 246)},
    MediaRow{"o4-mini", patches(1536, 172)},
    MediaRow{"codex-mini", patches(1536, 172)},
    MediaRow{"gpt-5-mini", measured(patches(1536, 120))},
    MediaRow{"gpt-5-nano", measured(patches(1536, 150))},
    MediaRow{"gpt-5.1-codex-mini", measured(patches(1536, 120))},
    MediaRow{"gpt-5.2", measured(patches(1536, 120))},
    MediaRow{"gpt-5.3", measured(patches(1536, 120))},
    MediaRow{"gpt-5.4", measured(patches(2500, 120, 10'000))},
    MediaRow{"gpt-5.4-mini", measured(patches(1536, 120))},
    MediaRow{"gpt-5.4-nano", measured(patches(1536, 120))},
    MediaRow{"gpt-5.5", measured(patches(2500, 120, 10'000))},
    MediaRow{"gpt-5.6", measured(patches(2500, 120, 10'000))},
    // Anthropic: the younger limits for what is not named here
    MediaRow{"claude", claude_media(2576, 4784)},
    MediaRow{"claude-2", claude_media(1568, 1568)},
    MediaRow{"claude-3", claude_media(1568, 1568)},
    MediaRow{"claude-4", claude_media(1568, 1568)},
    MediaRow{"claude-opus-4", claude_media(1568, 1568)},
    MediaRow{"claude-sonnet-4", claude_media(1568, 1568)},
    MediaRow{"claude-haiku-4", claude_media(1568, 1568)},
    MediaRow{"claude-opus-4-7", claude_media(2576, 4784)},
    MediaRow{"claude-opus-4.7", claude_media(2576, 4784)},
    MediaRow{"claude-opus-4-8", claude_media(2576, 4784)},
    MediaRow{"claude-opus-4.8", claude_media(2576, 4784)},
    // Google: the younger rule for what is not named here
    MediaRow{"gemini", gemini_media(ImageRule::Kind::GeminiLevels, 560)},
    MediaRow{"gemini-1", gemini_media(ImageRule::Kind::GeminiTiles, 258)},
    MediaRow{"gemini-2", gemini_media(ImageRule::Kind::GeminiTiles, 258)},
    MediaRow{"gemini-pro", gemini_media(ImageRule::Kind::GeminiTiles, 258)},
    MediaRow{"gemini-flash", gemini_media(ImageRule::Kind::GeminiTiles, 258)},
    MediaRow{"gemini-live-2", gemini_media(ImageRule::Kind::GeminiTiles, 258)},
    MediaRow{"gemma", measured(gemini_media(ImageRule::Kind::GeminiTiles, 258))},
    // Qwen; a square of the grid is a token
    MediaRow{"qwen", measured(qwen_media(32, 2560))},
    MediaRow{"qwen2", qwen_media(28, 1280)},
    MediaRow{"qwen-2", qwen_media(28, 1280)},
    MediaRow{"qvq", qwen_media(28, 1280)},
    MediaRow{"qwen3", qwen_media(32, 2560)},
    MediaRow{"qwen-vl", qwen_media(32, 1280)},
    // Bytedance: squares of 28 up to 1312, without marks
    MediaRow{"doubao", {.kind = ImageRule::Kind::Squares, .grid = 28, .budget = 1312}},
};

}  // namespace aigw::tokens::data
