// What passes within OpenAI's protocol, and what is written anew for the model.
#include <catch2/catch.hpp>

#include "providers/vendors.h"

using namespace aigw;
using namespace aigw::providers;

namespace {

bool takes(std::string_view vendor, std::string_view body, std::string_view upstream_model = {}) {
    const protocol::OwnedPaddedBody padded(body);
    protocol::FactsReader reader;
    const auto facts = reader.read(Operation::Chat, padded.body());
    REQUIRE(facts);
    return find_vendor(vendor)->make()->takes(*facts, upstream_model, {});
}

std::string chat(std::string_view model, std::string_view members,
                 std::string_view messages = R"([{"role":"user","content":"hi"}])") {
    std::string body = R"({"model":")" + std::string(model) + R"(","messages":)";
    body.append(messages);
    if (!members.empty()) body.append(",").append(members);
    return body + "}";
}

}  // namespace

TEST_CASE("providers: a body passes unless the model would refuse it", "[providers]") {
    struct Case {
        const char* name;
        const char* vendor;
        const char* model;
        const char* members;
        bool passes;
    };
    const std::string tools = R"("tools":[{"type":"function","function":{"name":"f"}}])";
    const Case cases[] = {
        {"nothing", "dashscope", "qwen-plus", "", true},
        {"what nobody has heard of", "dashscope", "qwen-plus", R"("hologram":{"a":1})", true},
        {"its own fields", "dashscope", "qwen-plus",
         R"("enable_search":true,"top_k":5,"repetition_penalty":1.05)", true},
        {"sampling in range", "dashscope", "qwen-plus", R"("temperature":1.9,"top_p":0.5)", true},
        {"too hot", "dashscope", "qwen-plus", R"("temperature":2)", false},
        {"no mass at all", "dashscope", "qwen-plus", R"("top_p":0)", false},
        {"a limit", "dashscope", "qwen-plus", R"("max_tokens":9)", true},
        {"the newer limit", "dashscope", "qwen-plus", R"("max_completion_tokens":9)", false},
        {"the newer limit is null", "dashscope", "qwen-plus", R"("max_completion_tokens":null)",
         true},
        {"stops", "dashscope", "qwen-plus", R"("stop":["a"])", true},
        {"a seed", "dashscope", "qwen-plus", R"("seed":2147483647)", true},
        {"a large seed", "dashscope", "qwen-plus", R"("seed":2147483648)", false},
        {"a seed below zero", "dashscope", "qwen-plus", R"("seed":-1)", false},
        {"few probabilities", "dashscope", "qwen-plus", R"("logprobs":true,"top_logprobs":5)",
         true},
        {"many probabilities", "dashscope", "qwen-plus", R"("logprobs":true,"top_logprobs":6)",
         false},
        {"a field that it lacks", "dashscope", "qwen-plus", R"("frequency_penalty":0.5)", false},
        {"a user", "dashscope", "qwen-plus", R"("user":"u")", false},
        {"a search", "dashscope", "qwen-plus", R"("web_search_options":{})", false},
        {"elder tools", "dashscope", "qwen-plus", R"("functions":[{"name":"f"}])", false},
        {"two answers", "dashscope", "qwen-plus", R"("n":2)", true},
        {"two answers of one who thinks", "dashscope", "qwen3.5-plus", R"("n":2)", false},
        {"effort", "dashscope", "qwen-plus", R"("reasoning_effort":"low")", false},
        {"effort of the newest", "dashscope", "qwen3.8-max", R"("reasoning_effort":"low")", true},
        {"JSON, with the word or not", "dashscope", "qwen-plus",
         R"("response_format":{"type":"json_object"})", false},
        {"JSON by schema", "dashscope", "qwen-plus",
         R"("response_format":{"type":"json_schema","json_schema":{"name":"a"}})", true},
        {"JSON beside thinking", "dashscope", "qwen3.5-plus",
         R"("response_format":{"type":"json_object"})", false},
        {"JSON without thinking", "dashscope", "qwen3.5-plus",
         R"("response_format":{"type":"json_schema"},"enable_thinking":false)", true},
        {"text", "dashscope", "qwen3.5-plus", R"("response_format":{"type":"text"})", true},
        {"a choice", "dashscope", "qwen-plus", R"("tool_choice":"auto")", true},
        {"no call", "dashscope", "qwen-plus", R"("tool_choice":"none")", true},
        {"a call", "dashscope", "qwen-plus", R"("tool_choice":"required")", false},
        {"one tool", "dashscope", "qwen-plus",
         R"("tool_choice":{"type":"function","function":{"name":"f"}})", true},
        {"one tool beside thinking", "dashscope", "qwen3.5-plus",
         R"("tool_choice":{"type":"function","function":{"name":"f"}})", false},
        {"whole, of one who can't", "dashscope", "qwq-plus", "", false},
        {"in a stream", "dashscope", "qwq-plus", R"("stream":true)", true},
        {"whole, by default thinking", "dashscope", "qwen3-32b", "", false},
        {"whole, without thinking", "dashscope", "qwen3-32b", R"("enable_thinking":false)", true},
        {"whole, with sound", "dashscope", "qwen3-omni-flash", "", false},
        {"a stream, with sound", "dashscope", "qwen3-omni-flash",
         R"("stream":true,"modalities":["text","audio"],"audio":{"voice":"Cherry"})", true},
        {"anything", "openai", "gpt-4o", R"("max_tokens":9,"tool_choice":"required","user":"u")",
         true},
        {"anything", "openai-compatible", "x", R"("max_completion_tokens":9,"temperature":2)",
         true},
        {"anything", "simulated", "x", R"("max_completion_tokens":9,"store":true)", true},

        {"Doubao: its own field", "doubao", "doubao-seed-1-6-251015",
         R"("thinking":{"type":"enabled"},"max_completion_tokens":9)", true},
        {"Doubao: the other limit", "doubao", "doubao-seed-1-6-251015", R"("max_tokens":9)", true},
        {"Doubao: both limits", "doubao", "doubao-seed-1-6-251015",
         R"("max_tokens":9,"max_completion_tokens":9)", false},
        {"Doubao: effort", "doubao", "doubao-seed-1-6-251015", R"("reasoning_effort":"minimal")",
         true},
        {"Doubao: no effort", "doubao", "doubao-seed-1-6-251015", R"("reasoning_effort":"none")",
         false},
        {"Doubao: more effort than there is", "doubao", "doubao-seed-1-6-251015",
         R"("reasoning_effort":"xhigh")", false},
        {"Doubao: sampling", "doubao", "doubao-seed-1-8-251228", R"("temperature":0.2)", true},
        {"Doubao: sampling that is fixed", "doubao", "doubao-seed-2-0-pro-260215",
         R"("temperature":0.2)", false},
        {"Doubao: penalties", "doubao", "doubao-seed-1-6-251015", R"("presence_penalty":1)", true},
        {"Doubao: penalties that are gone", "doubao", "doubao-seed-1-8-251228",
         R"("presence_penalty":1)", false},
        {"Doubao: stops", "doubao", "ep-1", R"("stop":"a")", true},
        {"Doubao: stops of deep thought", "doubao", "doubao-seed-1-8-251228", R"("stop":"a")",
         false},
        {"Doubao: a usual tier", "doubao", "ep-1", R"("service_tier":"flex")", true},
        {"Doubao: a tier of another name", "doubao", "ep-1", R"("service_tier":"priority")", false},
        {"Doubao: several answers", "doubao", "ep-1", R"("n":2)", false},
        {"Doubao: a choice of old", "doubao", "doubao-1-5-pro-32k-250115",
         R"("tool_choice":"none")", false},
        {"Doubao: the usual choice, of old", "doubao", "doubao-1-5-pro-32k-250115",
         R"("tool_choice":"auto")", false},
        {"Doubao: the usual choice", "doubao", "doubao-seed-1-6-250615", R"("tool_choice":"auto")",
         true},
        {"Doubao: a bot", "doubao", "bot-20250101", "", false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.vendor << ": " << c.name << ", " << c.model) {
            CHECK(takes(c.vendor, chat(c.model, c.members)) == c.passes);
        }
    }
    CHECK_FALSE(takes("dashscope", chat("qwen-plus", R"("n":2,)" + tools)));
    CHECK(takes("dashscope", chat("any", ""), "qwen-plus"));
    CHECK_FALSE(takes("dashscope", chat("any", ""), "qwq-plus"));
}

TEST_CASE("providers: messages pass unless the model would refuse them", "[providers]") {
    struct Case {
        const char* name;
        const char* model;
        const char* messages;
        bool passes;
    };
    const Case cases[] = {
        {"a system's first", "qwen-plus",
         R"([{"role":"system","content":"a"},{"role":"user","content":"hi"}])", true},
        {"a developer", "qwen-plus",
         R"([{"role":"developer","content":"a"},{"role":"user","content":"hi"}])", false},
        {"a system's second", "qwen-plus",
         R"([{"role":"user","content":"hi"},{"role":"system","content":"a"}])", false},
        {"parts for one that takes text", "qwen3-max",
         R"([{"role":"user","content":[{"type":"text","text":"hi"}]}])", false},
        {"parts for one that sees", "qwen3-vl-plus",
         R"([{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"https://x/a.png"}}]}])",
         true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(takes("dashscope", chat(c.model, "", c.messages)) == c.passes);
        }
    }
    const std::string image =
        R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/a.png","detail":")";
    CHECK_FALSE(takes("doubao", chat("ep-1", "", image + R"(auto"}}]}])")));
    CHECK(takes("doubao", chat("ep-1", "", image + R"(low"}}]}])")));
    const std::string thoughts =
        R"([{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":"c"},{"role":"user","content":"d"}])";
    CHECK_FALSE(takes("doubao", chat("doubao-seed-1-6-251015", "", thoughts)));
    CHECK(takes("doubao", chat("doubao-seed-1-8-251228", "", thoughts)));
}

TEST_CASE("providers: MiniMax's chats never pass", "[providers]") {
    const auto minimax = find_vendor("minimax")->make();
    CHECK_FALSE(minimax->passes(Protocol::OpenAi, Operation::Chat));
    CHECK_FALSE(minimax->passes(Protocol::Anthropic, Operation::Chat));
    CHECK(minimax->passes(Protocol::OpenAi, Operation::Models));
}
