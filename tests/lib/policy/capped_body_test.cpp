#include "policy/capped_body.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/lib/policy/measured.h"

using namespace aigw;
using namespace aigw::policy;
using nlohmann::ordered_json;

namespace {

constexpr Usage kSaid{.input_tokens = 21, .cached_input_tokens = 4, .output_tokens = 90};

std::optional<ordered_json> cut(const ordered_json& body, Protocol protocol, std::int64_t most,
                                const std::string& notice = "") {
    const auto done = cut_body(body.dump(), protocol, {.max_tokens = most, .notice = notice},
                               measure_of("gpt-4o"), kSaid);
    if (!done) return std::nullopt;
    CHECK(done->usage.input_tokens == 21);
    CHECK(done->usage.is_estimated);
    return ordered_json::parse(done->body);
}

const ordered_json kChat = ordered_json::parse(R"({
    "id":"chatcmpl-1","object":"chat.completion","created":17,"model":"gpt-4o","future":{"x":1.50},
    "choices":[{"index":0,"message":{"role":"assistant","content":"one two three","refusal":null,
                "reasoning_content":"I think so"},"logprobs":{"content":[]},"finish_reason":"stop"}],
    "usage":{"prompt_tokens":25,"completion_tokens":90,"total_tokens":115},"system_fingerprint":"fp"})");

}  // namespace

TEST_CASE("capped body: a chat's content is cut and all else stays", "[policy]") {
    CHECK(cut(kChat, Protocol::OpenAi, 6) == std::nullopt);
    ordered_json want = kChat;
    want["choices"][0]["message"]["content"] = "one two [cut]";
    want["choices"][0]["finish_reason"] = "length";
    want["choices"][0]["logprobs"] = nullptr;
    const auto got = cut(kChat, Protocol::OpenAi, 5, " [cut]");
    REQUIRE(got);
    CHECK((*got)["usage"]["completion_tokens"] == 5);
    CHECK((*got)["usage"]["prompt_tokens"] == 25);
    want.erase("usage");
    ordered_json rest = *got;
    rest.erase("usage");
    CHECK(nlohmann::json(rest) == nlohmann::json(want));
    const auto thoughts = cut(kChat, Protocol::OpenAi, 2);
    CHECK((*thoughts)["choices"][0]["message"]["reasoning_content"] == "I think");
    CHECK((*thoughts)["choices"][0]["message"]["content"] == "");
    CHECK((*thoughts)["usage"]["completion_tokens_details"]["reasoning_tokens"] == 2);
}

TEST_CASE("capped body: each choice of a chat has the cap for itself", "[policy]") {
    ordered_json two = kChat;
    two["choices"].push_back(ordered_json::parse(
        R"({"index":1,"message":{"role":"assistant","content":"A B C D E F G"},"finish_reason":"stop"})"));
    const auto got = cut(two, Protocol::OpenAi, 6);
    REQUIRE(got);
    CHECK((*got)["choices"][0] == two["choices"][0]);
    CHECK((*got)["choices"][1]["message"]["content"] == "A B C D E F");
    CHECK((*got)["choices"][1]["finish_reason"] == "length");
    CHECK((*got)["usage"]["completion_tokens"] == 12);
}

TEST_CASE("capped body: a chat's calls are cut in their arguments", "[policy]") {
    const ordered_json body = ordered_json::parse(R"({"id":"c","choices":[{"index":0,"message":{
        "role":"assistant","content":null,"tool_calls":[
        {"id":"call_1","type":"function","function":{"name":"get","arguments":"{}"}},
        {"id":"call_2","type":"function","function":{"name":"get","arguments":"{\"city\":\"Paris and Rome\"}"}}]},
        "finish_reason":"tool_calls"}]})");
    const std::int64_t first = 1 + static_cast<std::int64_t>(tokens_in("{}"));
    const auto kept = static_cast<std::int64_t>(tokens_in(R"({"city":"Paris and)"));
    const auto got = cut(body, Protocol::OpenAi, first + 1 + kept);
    REQUIRE(got);
    const ordered_json& calls = (*got)["choices"][0]["message"]["tool_calls"];
    REQUIRE(calls.size() == 2);
    CHECK(calls[0] == body["choices"][0]["message"]["tool_calls"][0]);
    CHECK(calls[1]["function"]["arguments"] == R"({"city":"Paris and)");
    CHECK((*got)["choices"][0]["message"]["content"] == nullptr);
    CHECK((*got)["choices"][0]["finish_reason"] == "length");
    CHECK((*got)["usage"]["completion_tokens"] == first + 1 + kept);
    const auto one = cut(body, Protocol::OpenAi, first + 1);
    CHECK((*one)["choices"][0]["message"]["tool_calls"].size() == 1);
    CHECK((*one)["usage"]["completion_tokens"] == first);
}

TEST_CASE("capped body: the elder completions' text is cut", "[policy]") {
    const ordered_json body = ordered_json::parse(
        R"({"id":"cmpl-1","object":"text_completion","choices":[{"text":"one two three","index":0,"logprobs":null,"finish_reason":"stop"}]})");
    const auto got = cut(body, Protocol::OpenAi, 2, "...");
    REQUIRE(got);
    CHECK((*got)["choices"][0]["text"] == "one two...");
    CHECK((*got)["choices"][0]["finish_reason"] == "length");
    CHECK((*got)["usage"]["completion_tokens"] == 2);
}

TEST_CASE("capped body: a message is cut, and its usage says so", "[policy]") {
    const ordered_json body =
        ordered_json::parse(R"({"id":"msg_1","type":"message","role":"assistant",
        "model":"claude","content":[{"type":"thinking","thinking":"I think so","signature":"c2ln"},
        {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"a b c d e"}},
        {"type":"text","text":"one two three","citations":[{"type":"x"}]},
        {"type":"tool_use","id":"t","name":"get","input":{"city":"Paris and Rome"}}],
        "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":12,"output_tokens":90}})");
    const std::int64_t call =
        1 + static_cast<std::int64_t>(tokens_in(R"({"city":"Paris and Rome"})"));
    CHECK(cut(body, Protocol::Anthropic, 6 + call) == std::nullopt);
    const auto without_call = cut(body, Protocol::Anthropic, 6 + call - 1, "[cut]");
    REQUIRE(without_call);
    CHECK((*without_call)["content"].size() == 4);
    CHECK((*without_call)["content"][2] == body["content"][2]);
    CHECK((*without_call)["content"][3] == ordered_json{{"type", "text"}, {"text", "[cut]"}});
    CHECK((*without_call)["stop_reason"] == "max_tokens");
    CHECK((*without_call)["usage"]["output_tokens"] == 6);
    const auto in_text = cut(body, Protocol::Anthropic, 5, " [cut]");
    CHECK((*in_text)["content"].size() == 3);
    CHECK((*in_text)["content"][2]["text"] == "one two [cut]");
    CHECK((*in_text)["content"][2]["citations"].empty());
    CHECK((*in_text)["usage"]["output_tokens"] == 5);
    const auto in_thoughts = cut(body, Protocol::Anthropic, 2);
    CHECK((*in_thoughts)["content"] ==
          ordered_json::parse(R"([{"type":"thinking","thinking":"I think","signature":""}])"));
}

TEST_CASE("capped body: a response is cut, and is incomplete", "[policy]") {
    const ordered_json body = ordered_json::parse(R"({"id":"resp_1","object":"response",
        "status":"completed","incomplete_details":null,"instructions":"be kind","output":[
        {"id":"rs","type":"reasoning","summary":[{"type":"summary_text","text":"I think so"}],"encrypted_content":"e"},
        {"id":"msg","type":"message","status":"completed","role":"assistant","content":[
            {"type":"output_text","text":"one two three","annotations":[{"type":"x"}],"logprobs":[]}]},
        {"id":"fc","type":"function_call","status":"completed","call_id":"c","name":"get","arguments":"{\"city\":\"Paris and Rome\"}"}],
        "usage":{"input_tokens":25,"output_tokens":90,"total_tokens":115}})");
    const auto whole = static_cast<std::int64_t>(tokens_in(R"({"city":"Paris and Rome"})"));
    CHECK(cut(body, Protocol::Responses, 7 + whole) == std::nullopt);
    const auto kept = static_cast<std::int64_t>(tokens_in(R"({"city":"Paris and)"));
    const auto in_call = cut(body, Protocol::Responses, 7 + kept);
    REQUIRE(in_call);
    CHECK((*in_call)["output"][2]["arguments"] == R"({"city":"Paris and)");
    CHECK((*in_call)["output"][2]["status"] == "incomplete");
    CHECK((*in_call)["status"] == "incomplete");
    CHECK((*in_call)["incomplete_details"]["reason"] == "max_output_tokens");
    CHECK((*in_call)["instructions"] == "be kind");
    CHECK((*in_call)["usage"]["output_tokens"] == 7 + kept);
    const auto in_text = cut(body, Protocol::Responses, 5, " [cut]");
    CHECK((*in_text)["output"].size() == 2);
    CHECK((*in_text)["output"][1]["content"][0]["text"] == "one two [cut]");
    CHECK((*in_text)["output"][1]["content"][0]["annotations"].empty());
    const auto in_thoughts = cut(body, Protocol::Responses, 2, "[cut]");
    CHECK((*in_thoughts)["output"][0]["summary"][0]["text"] == "I think");
    CHECK(!(*in_thoughts)["output"][0].contains("encrypted_content"));
    CHECK((*in_thoughts)["output"][1]["content"][0]["text"] == "[cut]");
}

TEST_CASE("capped body: what is no answer is not cut", "[policy]") {
    for (const Protocol protocol : {Protocol::OpenAi, Protocol::Anthropic, Protocol::Responses}) {
        CHECK(cut(ordered_json::parse(R"({"answer":"one two three"})"), protocol, 1) ==
              std::nullopt);
        CHECK(cut_body("[", protocol, {.max_tokens = 1}, measure_of("gpt-4o"), kSaid) ==
              std::nullopt);
    }
}
