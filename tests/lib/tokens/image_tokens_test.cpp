#include "tokens/image_tokens.h"

#include <catch2/catch.hpp>
#include <string>

#include "protocol/data_url.h"
#include "tokens/model_counter.h"

using namespace aigw;
using namespace aigw::tokens;

TEST_CASE("tokens: each vendor has its own rule for pictures", "[prompts]") {
    struct Case {
        const char* model;
        ImageSize size;
        const char* detail;
        std::int64_t want;
    };
    const Case cases[] = {
        // OpenAI, tiles
        {"gpt-4o", {1024, 1024}, "", 765},
        {"gpt-4o", {1024, 1024}, "high", 765},
        {"gpt-4o", {2048, 4096}, "high", 1105},
        {"gpt-4o", {4096, 8192}, "low", 85},
        {"gpt-4o", {512, 512}, "", 255},
        {"gpt-4o", {1, 1}, "", 255},
        {"gpt-4o", {100'000, 1}, "", 765},
        {"gpt-4o-mini", {1024, 1024}, "", 25'501},
        {"gpt-5", {1024, 1024}, "", 630},
        {"gpt-5-chat-latest", {1024, 1024}, "", 630},
        {"o1", {1024, 1024}, "", 675},
        {"computer-use-preview", {1024, 1024}, "", 581},
        // OpenAI, patches
        {"gpt-4.1-mini", {1024, 1024}, "", 1659},  // 1024 x 1.62
        {"gpt-4.1-mini", {1800, 2400}, "", 2353},  // 1452 x 1.62
        {"gpt-4.1-nano", {1800, 2400}, "", 3572},
        {"o4-mini", {1800, 2400}, "", 2498},
        {"gpt-5-mini", {1800, 2400}, "", 1743},
        {"gpt-5.4", {1024, 1024}, "", 1229},
        {"gpt-5.4", {3200, 3200}, "original", 12'000},
        {"gpt-4.1-mini", {4'000'000'000, 4'000'000'000}, "", 2465},  // 39 x 39
        // Claude
        {"claude-sonnet-4-5", {1000, 1000}, "", 1296},
        {"claude-sonnet-4-5", {200, 200}, "", 64},
        {"claude-sonnet-4-5", {4000, 4000}, "", 1568},
        {"claude-opus-4-7", {1920, 1080}, "", 2691},
        {"claude-opus-4-7", {8000, 8000}, "", 4784},
        // Doubao
        {"doubao-1.5-vision-pro", {560, 560}, "", 400},
        {"doubao-1.5-vision-pro", {9000, 9000}, "", 1312},
        // Gemini
        {"gemini-2.5-flash", {384, 384}, "", 258},
        {"gemini-2.5-flash", {385, 384}, "", 258},
        {"gemini-2.5-flash", {1536, 1536}, "", 1032},
        {"gemini-2.5-flash", {30'000, 30'000}, "", 16 * 258},
        {"gemini-3-pro-preview", {4000, 4000}, "", 1120},
        {"gemini-3-pro-preview", {4000, 4000}, "low", 280},
        {"gemini-3-pro-preview", {4000, 4000}, "medium", 560},
        {"gemini-3-pro-preview", {4000, 4000}, "ultra_high", 2240},
        // Qwen-VL
        {"qwen2.5-vl-72b-instruct", {560, 560}, "", 402},
        {"qwen2.5-vl-72b-instruct", {10, 10}, "", 6},
        {"qwen2.5-vl-72b-instruct", {4000, 4000}, "", 1227},  // 35 x 35
        {"qwen3-vl-plus", {640, 640}, "", 402},
        {"qwen3-vl-plus", {32'000, 32'000}, "original", 16'386},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.model << " " << c.size.width << " x " << c.size.height << " "
                                << c.detail) {
            const ModelCounter model = ModelCounters().find(c.model);
            CHECK(image_tokens(model.media, c.size, c.detail).tokens == c.want);
        }
    }
}

TEST_CASE("tokens: 1800 by 2400 pixels are 33 by 44 patches", "[prompts]") {
    const ImageRule rule{.kind = ImageRule::Kind::Patches, .grid = 32, .budget = 1536};
    CHECK(image_tokens(rule, ImageSize{1800, 2400}).tokens == 1452);
}

TEST_CASE("tokens: a picture of unknown size counts as one of 1024 by 1024", "[prompts]") {
    const ImageRule gpt = ModelCounters().find("gpt-4o").media;
    CHECK(image_tokens(gpt, std::nullopt) == MediaTokens{765, false});
    CHECK(image_tokens(gpt, std::nullopt, "low") == MediaTokens{85, true});
    CHECK(image_tokens(gpt, ImageSize{1024, 1024}) == MediaTokens{765, true});
    const ImageRule gemini = ModelCounters().find("gemini-3-pro-preview").media;
    CHECK(image_tokens(gemini, std::nullopt) == MediaTokens{1120, true});
    const ImageRule unknown = ModelCounters().find("nobody-knows").media;
    CHECK(image_tokens(unknown, ImageSize{1024, 1024}) == MediaTokens{765, false});
}

TEST_CASE("tokens: documents, sound and film are estimated by their bytes", "[prompts]") {
    const auto bytes = [](std::string data) {
        return protocol::Media{.data = protocol::encode_base64(data)};
    };
    const ImageRule claude = ModelCounters().find("claude-sonnet-4-5").media;
    CHECK(document_tokens(claude, bytes(std::string(99'000, 'x'))) == MediaTokens{4500, false});
    CHECK(document_tokens(claude, {.source = protocol::Media::Source::Url,
                                   .data = "https://a/b"}) == MediaTokens{2250, false});
    const ImageRule gemini = ModelCounters().find("gemini-2.5-flash").media;
    CHECK(audio_tokens(gemini, bytes(std::string(159'999, 'x'))) == MediaTokens{320, false});
    CHECK(video_tokens(gemini, {.source = protocol::Media::Source::Url, .data = "https://a/b"}) ==
          MediaTokens{60 * 263, false});
    // A WAV says how many bytes a second has: here 32,000.
    std::string wave = "RIFF....WAVEfmt ............";
    wave.append("\x00\x7D\x00\x00", 4).append(std::string(64'000 - wave.size(), 'x'));
    CHECK(audio_tokens(gemini, bytes(wave)) == MediaTokens{64, false});
}
