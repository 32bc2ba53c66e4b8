#include "providers/vendors.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::providers;

TEST_CASE("providers: each vendor's name is one of a kind and found", "[providers]") {
    CHECK(vendor_names() == std::vector<std::string_view>{"openai", "openai-compatible",
                                                          "dashscope", "doubao", "minimax",
                                                          "anthropic", "gemini", "simulated"});
    for (const VendorRow& vendor : vendors()) {
        DYNAMIC_SECTION(vendor.name) {
            CHECK(find_vendor(vendor.name) == &vendor);
            CHECK(vendor.make() != nullptr);
            CHECK(vendor.can(Operation::Chat));
            CHECK(vendor.can(Operation::CountTokens));
            CHECK(vendor.can(Operation::Embeddings) == (vendor.embeddings == Embeddings::Yes));
            CHECK(vendor.can(Operation::Completions) == vendor.can(Operation::Chat));
            CHECK(vendor.can(Operation::Models) == (vendor.models == Models::Yes));
            for (const char* model : {"", "gpt-5", "gpt-4o", "deepseek-v3", "qwen-max", "claude-3"})
                CHECK(vendor.make()->traits(model) == find_traits(vendor.dialect, model));
            if (!vendor.default_base_url.empty()) CHECK(http::parse_url(vendor.default_base_url));
        }
    }
    CHECK(find_vendor("OpenAI") == nullptr);
    CHECK(find_vendor("") == nullptr);
}

TEST_CASE("providers: a model's name tells its vendor", "[providers]") {
    struct Case {
        const char* model;
        const char* vendor;  // empty: nobody's
    };
    const Case cases[] = {
        {"gpt-4o", "openai"},
        {"gpt4", "openai"},
        {"o1", "openai"},
        {"o4-mini", "openai"},
        {"chatgpt-4o-latest", "openai"},
        {"text-embedding-ada-002", "openai"},
        {"text-embedding-3-small", "openai"},
        {"qwen-plus", "dashscope"},
        {"qwen3-32b", "dashscope"},
        {"qwq-32b", "dashscope"},
        {"qvq-max", "dashscope"},
        {"text-embedding-v4", "dashscope"},
        {"doubao-seed-1-6-251015", "doubao"},
        {"ep-20250101120000-abcde", "doubao"},
        {"seed-1-8", "doubao"},
        {"MiniMax-M2.5", "minimax"},
        {"MiniMax/MiniMax-M3.1-Flash", ""},
        {"sim-fast", "simulated"},
        {"olmo-7b", ""},
        {"omni-moderation-latest", ""},
        {"claude-opus", "anthropic"},
        {"gemini-3.8-flash", "gemini"},
        {"llama-3", ""},
        {"my-gpt", ""},
        {"", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("\"" << c.model << "\"") {
            std::string found;
            for (const VendorRow& vendor : vendors()) {
                if (claims_model(vendor, c.model)) found += vendor.name;
            }
            CHECK(found == c.vendor);
        }
    }
}

TEST_CASE("providers: a Gemini model's name tells what it takes", "[providers]") {
    using Thinking = protocol::ModelTraits::Thinking;
    struct Case {
        const char* model;
        Thinking thinking;
        std::int64_t most_thoughts;  // of those that know tokens
        bool has_minimal;            // of those that know levels
        bool takes_sampling;
        bool is_signed;
        bool formats_with_tools;
    };
    const Case cases[] = {
        {"gemini-3.8-flash", Thinking::Adaptive, 0, false, false, true, true},
        {"models/gemini-3.6-flash", Thinking::Adaptive, 0, false, false, true, true},
        {"gemini-flash-latest", Thinking::Adaptive, 0, false, false, true, true},
        {"gemini-3.5-flash", Thinking::Adaptive, 0, false, true, true, true},
        {"gemini-3.5-flash-lite", Thinking::Adaptive, 0, true, true, true, true},
        {"gemini-3.1-pro-preview", Thinking::Adaptive, 0, false, true, true, true},
        {"gemini-3-pro-image", Thinking::None, 0, false, true, false, true},
        {"gemini-3.8-flash-lite-tts", Thinking::None, 0, false, false, false, true},
        {"gemini-3.1-flash-tts-preview", Thinking::None, 0, false, true, false, true},
        {"gemini-2.5-pro", Thinking::Budget, 32'768, false, true, false, false},
        {"gemini-2.5-flash", Thinking::Budget, 24'576, false, true, false, false},
        {"gemini-2.5-flash-lite", Thinking::Budget, 24'576, false, true, false, false},
        {"gemini-2.5-flash-image", Thinking::None, 0, false, true, false, true},
        {"gemini-2.0-flash", Thinking::None, 0, false, true, false, false},
        {"gemma-3-27b-it", Thinking::None, 0, false, true, false, true},
    };
    const auto adapter = find_vendor("gemini")->make();
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.model) {
            const protocol::ModelTraits traits = adapter->traits(c.model);
            CHECK(traits.thinking == c.thinking);
            CHECK(traits.max_thinking_budget == c.most_thoughts);
            CHECK(traits.efforts.has(protocol::Effort::Minimal) == c.has_minimal);
            CHECK(traits.takes_sampling == c.takes_sampling);
            CHECK(traits.takes_top_k == c.takes_sampling);
            CHECK(traits.placeholder_signature.empty() == !c.is_signed);
            CHECK(traits.format_with_tools == c.formats_with_tools);
        }
    }
}
