#include "tokens/model_counter.h"

#include <catch2/catch.hpp>

#include "tokens/data/media_rows.h"
#include "tokens/data/model_rows.h"

using namespace aigw;
using namespace aigw::tokens;

TEST_CASE("tokens: a model's name finds its counter", "[prompts]") {
    struct Case {
        const char* model;
        const char* counter;
        Family family;
    };
    constexpr Case kCases[] = {
        {"gpt-4o", "o200k_base", Family::OpenAiChat},
        {"gpt-4o-mini-2024-07-18", "o200k_base", Family::OpenAiChat},
        {"chatgpt-4o-latest", "o200k_base", Family::OpenAiChat},
        {"gpt-4.1-nano", "o200k_base", Family::OpenAiChat},
        {"gpt-4.5-preview", "o200k_base", Family::OpenAiChat},
        {"gpt-5.1-codex-mini", "o200k_base", Family::OpenAiChat},
        {"o1-mini", "o200k_base", Family::OpenAiChat},
        {"o3", "o200k_base", Family::OpenAiChat},
        {"o4-mini", "o200k_base", Family::OpenAiChat},
        {"gpt-oss-120b", "o200k_base", Family::OpenAiChat},
        {"gpt-4", "cl100k_base", Family::OpenAiChat},
        {"gpt-4-turbo-2024-04-09", "cl100k_base", Family::OpenAiChat},
        {"gpt-3.5-turbo", "cl100k_base", Family::OpenAiChat},
        {"gpt-35-turbo-16k", "cl100k_base", Family::OpenAiChat},
        {"text-embedding-3-small", "cl100k_base", Family::OpenAiChat},
        {"text-embedding-ada-002", "cl100k_base", Family::OpenAiChat},
        {"davinci-002", "cl100k_base", Family::OpenAiChat},
        {"gpt-realtime", "o200k_base x 1.00 (openai)", Family::OpenAiChat},
        // Names with more around them
        {"openai/gpt-4o", "o200k_base", Family::OpenAiChat},
        {"ft:gpt-4o:acme::8xKq", "o200k_base", Family::OpenAiChat},
        {"ft:gpt-4o-mini-2024-07-18:acme:suffix:8xKq", "o200k_base", Family::OpenAiChat},
        {"ft:gpt-4-0613:acme::8xKq", "cl100k_base", Family::OpenAiChat},
        {"azure:gpt-4o", "o200k_base", Family::OpenAiChat},
        {"accounts/fireworks/models/qwen3-8b", "qwen", Family::ChatMl},
        {"qwen/qwen3-8b", "qwen", Family::ChatMl},
        {"models/gemini-2.5-pro", "o200k_base x 1.08 (gemini)", Family::Gemini},
        {"us.anthropic.claude-sonnet-4-20250514-v1:0", "o200k_base x 1.20 (claude)",
         Family::Claude},
        // Qwen
        {"Qwen2.5-72B-Instruct", "qwen", Family::ChatMl},
        {"Qwen2.5-72B-Instruct-GPTQ-int4", "qwen", Family::ChatMl},
        {"Qwen2.5-VL-72B", "qwen", Family::ChatMl},
        {"Qwen3-235B", "qwen", Family::ChatMl},
        {"QWQ-32B", "qwen", Family::ChatMl},
        {"qvq-max", "qwen", Family::ChatMl},
        {"qwen-2.5-coder-32b-instruct", "qwen", Family::ChatMl},
        {"qwen3.5-plus", "qwen x 1.00 (qwen3.5)", Family::ChatMl},
        {"qwen3.6-27b", "qwen x 1.00 (qwen3.5)", Family::ChatMl},
        {"qwen-plus", "qwen x 1.00 (qwen3.5)", Family::ChatMl},
        // Factors
        {"claude-3-5-sonnet-latest", "o200k_base x 1.20 (claude)", Family::Claude},
        {"claude-opus-4-6", "o200k_base x 1.20 (claude)", Family::Claude},
        {"claude-opus-4-7", "o200k_base x 1.56 (claude)", Family::Claude},
        {"claude-sonnet-5", "o200k_base x 1.56 (claude)", Family::Claude},
        {"gemma-3-27b-it", "o200k_base x 1.08 (gemini)", Family::Gemini},
        {"deepseek-chat", "o200k_base x 1.03 (deepseek)", Family::DeepSeek},
        {"Deepseek-R1", "o200k_base x 1.03 (deepseek)", Family::DeepSeek},
        {"Deepseek-V3", "o200k_base x 1.03 (deepseek)", Family::DeepSeek},
        {"Deepseek-R1-32B", "qwen", Family::DeepSeek},
        {"Deepseek-R1-70B", "o200k_base x 1.00 (llama)", Family::DeepSeek},
        {"DeepSeek-R1-Distill-Qwen-7B", "qwen", Family::DeepSeek},
        {"doubao-seed-1.6", "o200k_base x 1.00 (doubao)", Family::Doubao},
        {"ep-20250101000000-abcde", "o200k_base x 1.00 (doubao)", Family::Doubao},
        {"MiniMax-M2", "o200k_base x 1.00 (minimax)", Family::MiniMax},
        {"abab6.5s-chat", "o200k_base x 1.00 (minimax)", Family::MiniMax},
        {"kimi-k2", "o200k_base x 1.00 (kimi)", Family::Other},
        {"GLM-4.5-Air", "o200k_base x 1.00 (glm)", Family::Other},
        {"nobody-knows-1", "o200k_base x 1.00 (unknown)", Family::Other},
        {"", "o200k_base x 1.00 (unknown)", Family::Other},
    };
    const ModelCounters counters;
    for (const Case& c : kCases) {
        DYNAMIC_SECTION(c.model) {
            const ModelCounter counter = counters.find(c.model);
            CHECK(counter.name() == c.counter);
            CHECK(counter.family == c.family);
            CHECK(counter.is_exact() == !counter.name().ends_with(")"));
        }
    }
}

TEST_CASE("tokens: what is documented is told from what is not", "[prompts]") {
    const ModelCounters counters;
    for (const char* model :
         {"gpt-4o", "gpt-4", "gpt-3.5-turbo", "qwen3-8b", "qwen2.5-7b-instruct"})
        CHECK(counters.find(model).has_exact_envelope);
    for (const char* model : {"gpt-5", "gpt-4.1", "o3", "qwen3-max", "gpt-oss-20b"}) {
        CHECK(counters.find(model).is_exact());
        CHECK_FALSE(counters.find(model).has_exact_envelope);
    }
    CHECK(counters.knows("openai/gpt-4o"));
    CHECK_FALSE(counters.knows("nobody-knows-1"));
}

TEST_CASE("tokens: no prefix stands twice in a table, and all are in lower case", "[prompts]") {
    const auto check = [](const auto& rows) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            CHECK(
                std::ranges::none_of(rows[i].prefix, [](char c) { return c >= 'A' && c <= 'Z'; }));
            for (std::size_t k = i + 1; k < rows.size(); ++k)
                CHECK(rows[i].prefix != rows[k].prefix);
        }
    };
    check(data::kModelRows);
    check(data::kMediaRows);
}

TEST_CASE("tokens: the classes have the errors that limits allow for", "[prompts]") {
    CHECK(margin_of(Exactness::Exact) == 0);
    CHECK(margin_of(Exactness::Calibrated) == 3);
    CHECK(margin_of(Exactness::Factor) == 10);
    CHECK(margin_of(Exactness::Weak) == 30);
    CHECK(exactness_name(Exactness::Calibrated) == "calibrated");
    CHECK(family_name(Family::ChatMl) == "chatml");
}

TEST_CASE("tokens: the configuration's rows come before the table's", "[prompts]") {
    const CounterOverride overrides[] = {
        {.pattern = "in-house-*", .counter = "qwen"},
        {.pattern = "Acme/*", .counter = "claude-sonnet-4-5", .factor = 1.5},
        {.pattern = "gpt-4o-special", .counter = "cl100k_base", .factor = 1.1},
    };
    const auto counters = ModelCounters::make(overrides);
    REQUIRE(counters);
    CHECK(counters->find("in-house-7").name() == "qwen");
    CHECK(counters->find("in-house-7").family == Family::ChatMl);
    CHECK(counters->find("acme/large").name() == "o200k_base x 1.80 (configured)");
    CHECK(counters->find("acme/large").family == Family::Claude);
    CHECK(counters->find("gpt-4o-special").name() == "cl100k_base x 1.10 (configured)");
    CHECK_FALSE(counters->find("gpt-4o-special").is_exact());
    CHECK(counters->find("gpt-4o").name() == "o200k_base");
}

TEST_CASE("tokens: an override that can't be obeyed is refused", "[prompts]") {
    const auto message = [](const CounterOverride& own) {
        auto counters = ModelCounters::make({&own, 1});
        return counters ? std::string() : counters.error().message;
    };
    CHECK(message({.pattern = "a", .counter = "p50k_base"}) == "\"p50k_base\" is no counter");
    CHECK(message({.pattern = "a", .counter = "qwen", .factor = 0}) ==
          "the factor for \"a\" is not within 0.1 and 10");
    CHECK(message({.pattern = "a", .counter = "qwen", .factor = 1}).empty());
}
