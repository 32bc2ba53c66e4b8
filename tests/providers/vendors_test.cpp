#include "providers/vendors.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::providers;

TEST_CASE("providers: each vendor's name is one of a kind and found", "[providers]") {
    CHECK(vendor_names() == std::vector<std::string_view>{"openai", "openai-compatible",
                                                          "dashscope", "anthropic", "simulated"});
    for (const VendorRow& vendor : vendors()) {
        DYNAMIC_SECTION(vendor.name) {
            CHECK(find_vendor(vendor.name) == &vendor);
            CHECK(vendor.make() != nullptr);
            CHECK(vendor.can(Operation::Chat));
            CHECK(vendor.can(Operation::CountTokens));
            CHECK(vendor.can(Operation::Embeddings) == (vendor.embeddings == Embeddings::Yes));
            CHECK(vendor.can(Operation::Completions) == vendor.can(Operation::Chat));
            CHECK(vendor.can(Operation::Models));
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
        {"sim-fast", "simulated"},
        {"olmo-7b", ""},
        {"omni-moderation-latest", ""},
        {"claude-opus", "anthropic"},
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
