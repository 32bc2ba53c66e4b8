#include "protocol/models_list.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

TEST_CASE("protocol: the list of models has OpenAI's shape", "[protocol]") {
    const TimePoint created = *parse_time("2025-11-20T10:00:00.9Z");
    const ModelCard cards[] = {{"gpt-4o", "openai"}, {"odd \"name\"", "dashscope"}};
    CHECK(render_models({}, created) == R"({"object":"list","data":[]})");
    CHECK(
        render_models(cards, created) ==
        R"({"object":"list","data":[)"
        R"({"id":"gpt-4o","object":"model","created":1763632800,"owned_by":"openai"},)"
        R"({"id":"odd \"name\"","object":"model","created":1763632800,"owned_by":"dashscope"}]})");
    CHECK(render_model(cards[0], created) ==
          R"({"id":"gpt-4o","object":"model","created":1763632800,"owned_by":"openai"})");
}
