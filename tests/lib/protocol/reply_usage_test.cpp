#include "protocol/reply_usage.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

TEST_CASE("protocol: usage is taken apart as each vendor reports it", "[protocol]") {
    struct Case {
        const char* name;
        const char* usage;
        std::optional<Usage> want;
    };
    const Case cases[] = {
        {"plain", R"({"prompt_tokens":71,"completion_tokens":16,"total_tokens":87})",
         Usage{.input_tokens = 71, .output_tokens = 16}},
        {"OpenAI with details",
         R"({"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":10,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":20}})",
         Usage{.input_tokens = 30,
               .cached_input_tokens = 60,
               .cache_write_tokens = 10,
               .output_tokens = 30,
               .reasoning_tokens = 20}},
        {"DeepSeek",
         R"({"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36})",
         Usage{.input_tokens = 36, .cached_input_tokens = 64, .output_tokens = 5}},
        {"DashScope",
         R"({"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":10,"cache_creation_input_tokens":80,"cache_creation":{"ephemeral_5m_input_tokens":80},"cache_type":"ephemeral"}})",
         Usage{.input_tokens = 10,
               .cached_input_tokens = 10,
               .cache_write_tokens = 80,
               .output_tokens = 5}},
        {"Moonshot",
         R"({"prompt_tokens":19,"completion_tokens":21,"total_tokens":40,"cached_tokens":10})",
         Usage{.input_tokens = 9, .cached_input_tokens = 10, .output_tokens = 21}},
        {"embeddings", R"({"prompt_tokens":5,"total_tokens":5})", Usage{.input_tokens = 5}},
        {"only a total", R"({"total_tokens":7})", Usage{.input_tokens = 7}},
        {"null details",
         R"({"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":null})",
         Usage{.input_tokens = 5, .output_tokens = 1}},
        {"parts over their totals",
         R"({"prompt_tokens":5,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":9,"cache_write_tokens":9},"completion_tokens_details":{"reasoning_tokens":9}})",
         Usage{.cached_input_tokens = 5, .reasoning_tokens = 1}},
        {"negative and odd numbers are absent",
         R"({"prompt_tokens":-5,"completion_tokens":"3","total_tokens":1.5})", std::nullopt},
        {"empty", "{}", std::nullopt},
        {"null", "null", std::nullopt},
        {"cut off", R"({"prompt_tokens":5,"completion)", Usage{.input_tokens = 5}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(read_usage_object(c.usage) == c.want);
        }
    }
}

TEST_CASE("protocol: a reply's usage is its top-level field", "[protocol]") {
    struct Case {
        const char* name;
        const char* body;
        std::optional<Usage> want;
    };
    const Case cases[] = {
        {"at the end", R"({"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":1}})",
         Usage{.input_tokens = 1}},
        {"in the middle, with blanks",
         "{ \"usage\" : { \"prompt_tokens\" : 2 } , \"choices\" : [ ] }\n",
         Usage{.input_tokens = 2}},
        {"words of the answer",
         R"({"choices":[{"message":{"content":"\"usage\":{\"prompt_tokens\":9}"}}]})",
         std::nullopt},
        {"a deeper field",
         R"({"choices":[{"usage":{"prompt_tokens":9}}],"usage":{"prompt_tokens":3}})",
         Usage{.input_tokens = 3}},
        {"twice", R"({"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":4}})",
         Usage{.input_tokens = 4}},
        {"null", R"({"usage":null})", std::nullopt},
        {"no JSON", "<html>", std::nullopt},
        {"empty", "", std::nullopt},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(read_usage(c.body) == c.want);
        }
    }
}
