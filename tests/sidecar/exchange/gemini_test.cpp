// Callers of every protocol and Gemini, through a whole gateway.
#include <nlohmann/json.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Script;
using fakes::Upstream;
using nlohmann::json;

namespace {

std::string gemini(const std::string& url, const std::string& retry = "{ attempts = 1 }") {
    return "[platforms.gemini]\nprovider = \"gemini\"\nbase_url = \"" + url +
           "\"\napi_key = \"AIza-up\"\nretry = " + retry +
           "\n[[routes]]\nmatch = { model = \"*\" }\nto = \"gemini\"\n";
}

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\n" +
           "Content-Type: application/json\r\n" + "Content-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
}

const std::string kAsk =
    R"({"model":"gemini-3.8-flash","messages":[{"role":"user","content":"hi"}]})";
const std::string kAskStream =
    R"({"model":"gemini-3.8-flash","stream":true,"messages":[{"role":"user","content":"hi"}]})";
const std::string kHello =
    R"({"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":10,"candidatesTokenCount":2,"totalTokenCount":12},"responseId":"r1"})";
const std::string kGarbled =
    R"({"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}],"responseId":"r1"})";

std::string event(const std::string& json) {
    return "data: " + json + "\r\n\r\n";
}

Script stream(const std::string& events, bool is_whole = true) {
    Script script{
        fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                    "transfer-encoding: chunked\r\n\r\n" +
                    chunk(events))};
    script.push_back(is_whole ? fakes::send("0\r\n\r\n") : fakes::hang_up());
    return script;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("gateway: a call to Gemini has the model in its address and the key in a field",
          "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kHello))}, stream(event(kHello))});
    const auto gateway = start_gateway(one_caller() + gemini(upstream.url()));
    const std::string reply = ask(*gateway, post("/v1/chat/completions", kAsk));
    CHECK(fakes::status_of(reply) == 200);
    const json whole = json::parse(fakes::body_of(reply));
    CHECK(whole["choices"][0]["message"]["content"] == "hello");
    CHECK(whole["usage"]["total_tokens"] == 12);
    const std::string streamed = ask(*gateway, post("/v1/chat/completions", kAskStream));
    CHECK(has(streamed, "content-type: text/event-stream; charset=utf-8\r\n"));
    CHECK(has(fakes::body_of(streamed), R"("delta":{"content":"hello"})"));
    CHECK(fakes::body_of(streamed).ends_with("data: [DONE]\n\n"));

    const auto requests = upstream.requests();
    REQUIRE(requests.size() == 2);
    CHECK(requests[0].starts_with(
        "POST /v1beta/models/gemini-3.8-flash:generateContent HTTP/1.1\r\n"));
    CHECK(requests[1].starts_with(
        "POST /v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse HTTP/1.1\r\n"));
    for (const std::string& request : requests) {
        CHECK(has(request, "x-goog-api-key: AIza-up\r\n"));
        CHECK_FALSE(has(request, "sk-ci"));
        CHECK(fakes::body_of(request) ==
              R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}]})");
    }
}

TEST_CASE("gateway: a signature that Gemini gave comes back to it, whoever carries it",
          "[gateway]") {
    const std::string called =
        R"({"candidates":[{"content":{"parts":[{"text":"hm","thought":true},{"functionCall":{"id":"fc_1","name":"f","args":{"a":1.0}},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]})";
    Upstream upstream({{fakes::send(answer(200, called))}, {fakes::send(answer(200, kHello))}});
    const auto gateway = start_gateway(one_caller() + gemini(upstream.url()));
    const std::string sent =
        R"({"role":"model","parts":[{"functionCall":{"id":"fc_1","name":"f","args":{"a":1.0}},"thoughtSignature":"c2ln"}]},{"role":"user","parts":[{"functionResponse":{"id":"fc_1","name":"f","response":{"output":"4"}}}]})";
    SECTION("a caller of OpenAI's, in the call") {
        json request = {{"model", "gemini-3.8-flash"},
                        {"messages", {{{"role", "user"}, {"content", "hi"}}}}};
        const std::string first = ask(*gateway, post("/v1/chat/completions", request.dump()));
        json message = json::parse(fakes::body_of(first))["choices"][0]["message"];
        message.erase("thinking_blocks");
        request["messages"].push_back(message);
        request["messages"].push_back(
            {{"role", "tool"}, {"tool_call_id", "fc_1"}, {"content", "4"}});
        const std::string second = ask(*gateway, post("/v1/chat/completions", request.dump()));
        CHECK(fakes::status_of(second) == 200);
        CHECK_FALSE(has(second, "X-Aigw-Warnings"));
    }
    SECTION("a caller of Anthropic's, in thinking") {
        json request = {{"model", "gemini-3.8-flash"},
                        {"max_tokens", 99},
                        {"messages", {{{"role", "user"}, {"content", "hi"}}}}};
        const std::string first = ask(*gateway, post("/v1/messages", request.dump()));
        const json content = json::parse(fakes::body_of(first))["content"];
        REQUIRE(content.size() == 2);
        CHECK(content[0]["type"] == "thinking");
        request["messages"].push_back({{"role", "assistant"}, {"content", content}});
        request["messages"].push_back(
            {{"role", "user"},
             {"content", {{{"type", "tool_result"}, {"tool_use_id", "fc_1"}, {"content", "4"}}}}});
        const std::string second = ask(*gateway, post("/v1/messages", request.dump()));
        CHECK(fakes::status_of(second) == 200);
        CHECK_FALSE(has(second, "X-Aigw-Warnings"));
    }
    SECTION("a caller of Responses, in its items") {
        json request = {{"model", "gemini-3.8-flash"},
                        {"input", {{{"role", "user"}, {"content", "hi"}}}}};
        const std::string first = ask(*gateway, post("/v1/responses", request.dump()));
        const json output = json::parse(fakes::body_of(first))["output"];
        REQUIRE(output.size() == 2);
        CHECK(output[0]["type"] == "reasoning");
        for (const json& item : output) request["input"].push_back(item);
        request["input"].push_back(
            {{"type", "function_call_output"}, {"call_id", "fc_1"}, {"output", "4"}});
        const std::string second = ask(*gateway, post("/v1/responses", request.dump()));
        CHECK(fakes::status_of(second) == 200);
        CHECK_FALSE(has(second, "X-Aigw-Warnings"));
    }
    REQUIRE(upstream.requests().size() == 2);
    CHECK(has(fakes::body_of(upstream.requests()[1]), sent));
}

TEST_CASE("gateway: Gemini is asked again when it gave nothing but a garbled call", "[gateway]") {
    const std::string again = "{ attempts = 2, backoff = \"1ms..20ms\" }";
    SECTION("whole") {
        Upstream upstream(
            {{fakes::send(answer(200, kGarbled))}, {fakes::send(answer(200, kHello))}});
        const auto gateway = start_gateway(one_caller() + gemini(upstream.url(), again));
        const std::string reply = ask(*gateway, post("/v1/chat/completions", kAsk));
        CHECK(fakes::status_of(reply) == 200);
        CHECK(has(reply, "X-Aigw-Attempts: 2\r\n"));
    }
    SECTION("streamed, behind an event that says nothing") {
        Upstream upstream(
            {stream(event(R"({"candidates":[{"index":0}],"responseId":"r1"})") + event(kGarbled)),
             stream(event(kHello))});
        const auto gateway = start_gateway(one_caller() + gemini(upstream.url(), again));
        const std::string reply = ask(*gateway, post("/v1/chat/completions", kAskStream));
        CHECK(fakes::status_of(reply) == 200);
        CHECK(has(reply, "X-Aigw-Attempts: 2\r\n"));
        CHECK(has(fakes::body_of(reply), R"("delta":{"content":"hello"})"));
    }
}

TEST_CASE("gateway: a stream of Gemini's without its end was cut", "[gateway]") {
    const std::string begun = event(R"({"candidates":[{"content":{"parts":[{"text":"hel"}]}}]})");
    for (const bool is_whole : {false, true}) {
        Upstream upstream({stream(begun, is_whole)});
        const auto gateway = start_gateway(one_caller() + gemini(upstream.url()));
        const std::string body =
            fakes::body_of(ask(*gateway, post("/v1/chat/completions", kAskStream)));
        CHECK(has(body, R"("delta":{"content":"hel"})"));
        CHECK(has(body, R"(data: {"error":{)"));
        CHECK_FALSE(has(body, "[DONE]"));
    }
}

TEST_CASE("gateway: Gemini's words about the gateway's key are not the caller's affair",
          "[gateway]") {
    Upstream upstream({{fakes::send(answer(
        400,
        R"({"error":{"code":400,"message":"API key not valid: AIza-up","status":"INVALID_ARGUMENT"}})"))}});
    const auto gateway = start_gateway(one_caller() + gemini(upstream.url()));
    const std::string reply =
        ask(*gateway, post("/v1/messages", R"({"max_tokens":9,)" + kAsk.substr(1)));
    CHECK(fakes::status_of(reply) == 502);
    CHECK(has(reply, "the upstream refused the gateway's credentials (HTTP 400 API_KEY_INVALID)"));
    CHECK_FALSE(has(reply, "AIza-up"));
}

TEST_CASE("gateway: embeddings by Gemini are a batch, and their tokens an estimate", "[gateway]") {
    Upstream upstream(
        {{fakes::send(answer(200, R"({"embeddings":[{"values":[0.5]},{"values":[1]}]})"))}});
    const auto gateway = start_gateway(one_caller() + gemini(upstream.url()));
    const std::string reply =
        ask(*gateway, post("/v1/embeddings",
                           R"({"model":"gemini-embedding-001","input":["one text","another"]})"));
    CHECK(fakes::status_of(reply) == 200);
    const json whole = json::parse(fakes::body_of(reply));
    CHECK(whole["model"] == "gemini-embedding-001");
    CHECK(whole["data"][1]["embedding"] == json::parse("[1]"));
    CHECK(whole["usage"]["prompt_tokens"] > 0);
    CHECK(has(reply, "X-Aigw-Token-Count: estimated\r\n"));
    const std::string sent = upstream.requests().front();
    CHECK(sent.starts_with("POST /v1beta/models/gemini-embedding-001:batchEmbedContents HTTP/1.1"));
}
