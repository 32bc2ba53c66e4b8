#include "protocol/chunk_marks.h"

#include <catch2/catch.hpp>

using namespace aigw::protocol;

TEST_CASE("protocol: a chunk's marks are keys that are not null", "[protocol]") {
    struct Case {
        std::string json;
        ChunkMarks marks;
    };
    const Case cases[] = {
        {R"({"usage":{"a":1}})", {.usage = true}},
        {R"({"usage" :  {"a":1}})", {.usage = true}},
        {R"({"usage":null})", {}},
        {R"({"usage" : null})", {}},
        {R"({"x":"usage"})", {}},
        {R"({"x":"\"usage\":1"})", {}},
        {R"({"x":"\"error\":1,\"message\":2,\"finish_reason\":3"})", {}},
        {R"({"choices":[{"finish_reason":"stop"}]})", {.finish_reason = true}},
        {R"({"choices":[{"finish_reason":null}]})", {}},
        {R"({"error":{"message":"x"}})", {.error = true, .message = true}},
        {R"({"error":null})", {}},
        {R"({"finish_reason":null,"x":1,"finish_reason":"stop"})", {.finish_reason = true}},
        {R"("usage":)", {}},
        {"\"usage", {}},
        {"", {}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.json) {
            // Wherever the key stands in a block, the answer is the same.
            for (std::size_t shift = 0; shift < 40; ++shift) {
                for (const std::size_t after : {std::size_t{0}, std::size_t{3}, std::size_t{40}}) {
                    const std::string text =
                        std::string(shift, ' ') + c.json + std::string(after, ' ');
                    INFO("shifted by " << shift << ", followed by " << after);
                    CHECK(find_chunk_marks(text) == c.marks);
                }
            }
        }
    }
}
