#include "tokens/image_tokens.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace aigw::tokens {
namespace {

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
    return (a + b - 1) / b;
}

// Sides while they are scaled.
struct Sides {
    double width = 0;
    double height = 0;

    double longer() const { return std::max(width, height); }
    double shorter() const { return std::min(width, height); }
    double area() const { return width * height; }
    Sides times(double scale) const { return {width * scale, height * scale}; }
    // Shrinks so that `side`, one of the two, is at most `most`.
    Sides shrunk(double side, double most) const {
        return side > most ? times(most / side) : *this;
    }
    // The squares of `square` pixels that cover it, at least one.
    std::int64_t squares(std::int64_t square) const {
        return covering(width, square) * covering(height, square);
    }
    static std::int64_t covering(double side, std::int64_t square) {
        return std::max<std::int64_t>(divide_up(std::llround(side), square), 1);
    }
};

Sides sides_of(const ImageSize& size) {
    return {static_cast<double>(size.width), static_cast<double>(size.height)};
}

// ---- OpenAI ------------------------------------------------------------------------------------

std::int64_t count_tiles(const ImageRule& rule, const Sides& sides, std::string_view detail) {
    if (detail == "low") return rule.base;
    Sides fit = sides.shrunk(sides.longer(), 2048);
    fit = fit.shrunk(fit.shorter(), 768);
    return rule.base + fit.squares(512) * rule.tile;
}

// The second of the two shrinkings makes one side a whole number of patches.
Sides within_budget(const Sides& sides, double budget, double patch) {
    const double ratio = std::sqrt(patch * patch * budget / sides.area());
    const Sides fit = sides.times(ratio);
    const double columns = fit.width / patch;
    const double rows = fit.height / patch;
    const double whole = std::min(std::floor(columns) / columns, std::floor(rows) / rows);
    return whole > 0 ? fit.times(whole) : fit;
}

// A picture looked at with detail "low" is one of 512 pixels.
constexpr std::int64_t kLowPatches = 256;

std::int64_t budget_of(const ImageRule& rule, std::string_view detail) {
    if (detail == "low") return std::min<std::int64_t>(rule.budget, kLowPatches);
    if (detail == "original" && rule.large_budget > 0) return rule.large_budget;
    return rule.budget;
}

std::int64_t count_patches(const ImageRule& rule, const Sides& sides, std::string_view detail) {
    const std::int64_t budget = budget_of(rule, detail);
    std::int64_t patches = sides.squares(rule.grid);
    if (patches > budget)
        patches = within_budget(sides, static_cast<double>(budget), rule.grid).squares(rule.grid);
    return divide_up(std::min(patches, budget) * rule.hundredths, 100);
}

// ---- Claude ------------------------------------------------------------------------------------

std::int64_t count_squares(const ImageRule& rule, const Sides& sides) {
    const bool is_bounded = rule.long_side > 0;
    const Sides fit = is_bounded ? sides.shrunk(sides.longer(), rule.long_side) : sides;
    return std::min<std::int64_t>(fit.squares(rule.grid), rule.budget);
}

// ---- Gemini ------------------------------------------------------------------------------------

std::int64_t count_gemini_tiles(const ImageRule& rule, const Sides& sides) {
    if (sides.longer() <= 384) return rule.base;
    return rule.base * sides.shrunk(sides.longer(), 3072).squares(768);
}

std::int64_t count_gemini_level(std::string_view detail) {
    struct Level {
        std::string_view word;
        std::int64_t tokens;
    };
    constexpr std::array kLevels = {Level{"low", 280}, Level{"medium", 560}, Level{"high", 1120},
                                    Level{"ultra_high", 2240}};
    const auto* const found =
        std::ranges::find_if(kLevels, [&](const Level& level) { return level.word == detail; });
    return found == kLevels.end() ? 1120 : found->tokens;
}

// ---- Qwen-VL -----------------------------------------------------------------------------------

// Qwen's own `smart_resize`: to the grid, then into the bounds.
std::int64_t count_grid(const ImageRule& rule, const Sides& sides, std::string_view detail) {
    constexpr double kLeast = 4;  // squares
    constexpr std::int64_t kMarks = 2;
    const bool is_large = detail == "original" && rule.large_budget > 0;
    const double budget = is_large ? rule.large_budget : rule.budget;
    const Sides cells = sides.times(1.0 / rule.grid);
    Sides fit{std::max(1.0, std::nearbyint(cells.width)),
              std::max(1.0, std::nearbyint(cells.height))};
    if (fit.area() > budget) {
        const double shrink = std::sqrt(cells.area() / budget);
        fit = {std::max(1.0, std::floor(cells.width / shrink)),
               std::max(1.0, std::floor(cells.height / shrink))};
    } else if (fit.area() < kLeast) {
        const double grow = std::sqrt(kLeast / cells.area());
        fit = {std::ceil(cells.width * grow), std::ceil(cells.height * grow)};
    }
    const double area = std::min(fit.area(), budget);  // a picture of 1 by 100,000 exceeds it
    return static_cast<std::int64_t>(area) + kMarks;
}

std::int64_t count_by(const ImageRule& rule, const Sides& sides, std::string_view detail) {
    switch (rule.kind) {
        case ImageRule::Kind::Tiles:
            return count_tiles(rule, sides, detail);
        case ImageRule::Kind::Patches:
            return count_patches(rule, sides, detail);
        case ImageRule::Kind::Squares:
            return count_squares(rule, sides);
        case ImageRule::Kind::GeminiTiles:
            return count_gemini_tiles(rule, sides);
        case ImageRule::Kind::GeminiLevels:
            return count_gemini_level(detail);
        case ImageRule::Kind::Grid:
            return count_grid(rule, sides, detail);
    }
    return 0;
}

bool needs_size(const ImageRule& rule, std::string_view detail) {
    const bool is_low_tile = rule.kind == ImageRule::Kind::Tiles && detail == "low";
    return rule.kind != ImageRule::Kind::GeminiLevels && !is_low_tile;
}

// ---- Other media -------------------------------------------------------------------------------

// What files of people's everyday use weigh; no vendor says it, for they look inside.
constexpr std::int64_t kPdfPageBytes = 50'000;
constexpr std::int64_t kMostPages = 1000;
constexpr std::int64_t kAudioSecondBytes = 16'000;   // MP3 at 128 kbit/s
constexpr std::int64_t kVideoSecondBytes = 250'000;  // H.264 at 2 Mbit/s
constexpr std::int64_t kAssumedSeconds = 60;
constexpr std::int64_t kMostSeconds = 10 * 3600;

// The byte rate that a WAV's own header says; nothing for other files. (RIFF, "fmt " first.)
std::optional<std::int64_t> find_wave_rate(const protocol::Media& media) {
    const std::string head = first_bytes(media, 32);
    const std::string_view bytes = head;
    if (bytes.size() < 32 || !bytes.starts_with("RIFF") || bytes.substr(8, 8) != "WAVEfmt ")
        return std::nullopt;
    std::int64_t rate = 0;
    for (const std::size_t at : {31, 30, 29, 28})
        rate = rate * 256 + static_cast<unsigned char>(bytes[at]);
    return rate > 0 ? std::optional(rate) : std::nullopt;
}

std::int64_t seconds_of(const protocol::Media& media, std::int64_t bytes_per_second) {
    const auto bytes = static_cast<std::int64_t>(size_of(media));
    if (bytes == 0) return kAssumedSeconds;
    return std::clamp<std::int64_t>(divide_up(bytes, bytes_per_second), 1, kMostSeconds);
}

}  // namespace

MediaTokens image_tokens(const ImageRule& rule, std::optional<ImageSize> size,
                         std::string_view detail) {
    const bool is_exact = rule.is_published && (size || !needs_size(rule, detail));
    return {count_by(rule, sides_of(size.value_or(kAssumedSize)), detail), is_exact};
}

MediaTokens document_tokens(const ImageRule& rule, const protocol::Media& media) {
    const auto bytes = static_cast<std::int64_t>(size_of(media));
    const std::int64_t pages =
        std::clamp<std::int64_t>(divide_up(bytes, kPdfPageBytes), 1, kMostPages);
    return {pages * rule.pdf_page, false};
}

MediaTokens audio_tokens(const ImageRule& rule, const protocol::Media& media) {
    const std::int64_t rate = find_wave_rate(media).value_or(kAudioSecondBytes);
    return {seconds_of(media, rate) * rule.audio_second, false};
}

MediaTokens video_tokens(const ImageRule& rule, const protocol::Media& media) {
    return {seconds_of(media, kVideoSecondBytes) * rule.video_second, false};
}

}  // namespace aigw::tokens
