// Callers of OpenAI's Responses and of its elder completions, through a whole gateway.
#include <nlohmann/json.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Script;
using fakes::Upstream;
using nlohmann::json;

namespace {

std::string claude(const std::string& url) {
    return "[platforms.claude]\nprovider = \"anthropic\"\nbase_url = \"" + url +
           "\"\napi_key = \"sk-ant-up\"\nretry = { attempts = 1 }\n";
}

std::string compatible(const std::string& url, const std::string& lines = "") {
    return "[platforms.own]\nprovider = \"openai-compatible\"\nbase_url = \"" + url +
           "\"\nretry = { attempts = 1 }\n" + lines;
}

std::string route(const std::string& to) {
    return "[[routes]]\nmatch = { model = \"*\" }\nto = " + to + "\n";
}

std::string post(const std::string& body, const std::string& path = "/v1/responses",
                 const std::string& fields = "") {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer sk-ci\r\n" +
           "Content-Type: application/json\r\n" + fields +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

Script stream(const std::string& events, bool is_whole = true) {
    Script script{
        fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                    "transfer-encoding: chunked\r\n\r\n" +
                    chunk(events))};
    script.push_back(is_whole ? fakes::send("0\r\n\r\n") : fakes::hang_up());
    return script;
}

std::string event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" +
           (members.empty() ? "" : "," + members) + "}\n\n";
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string metrics_of(const Gateway& gateway) {
    return fakes::body_of(ask(gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
}

const std::string kAsk = R"({"model":"gpt-4o","input":"hi"})";
const std::string kAskStream = R"({"model":"gpt-4o","input":"hi","stream":true})";
const std::string kResponse =
    R"({"id":"resp_1","object":"response","status":"completed","error":null,"model":"gpt-4o","output":[],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4},"output_tokens":2,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":12}})";
const std::string kEvents =
    event("response.created", R"("sequence_number":0,"response":{"id":"resp_1"})") +
    event("response.output_text.delta", R"("sequence_number":1,"delta":"hello")");
const std::string kCompleted =
    event("response.completed", R"("sequence_number":2,"response":)" + kResponse);

const std::string kMessage =
    R"({"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[{"type":"text","text":"hello"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":2}})";
const std::string kMessageEvents =
    event(
        "message_start",
        R"("message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":10,"output_tokens":1}})") +
    event("content_block_start", R"("index":0,"content_block":{"type":"text","text":""})") +
    event("content_block_delta", R"("index":0,"delta":{"type":"text_delta","text":"hello"})") +
    event("content_block_stop", R"("index":0)") +
    event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2})") +
    event("message_stop", "");

}  // namespace

TEST_CASE("gateway: Responses pass to OpenAI byte for byte", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kResponse))}, stream(kEvents + kCompleted)});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const std::string body =
        R"({"model":"gpt-4o","input":"hi","previous_response_id":"resp_0","something_new":[1.0]})";
    const std::string reply = ask(*gateway, post(body));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(fakes::body_of(reply) == kResponse);
    CHECK(has(reply, "X-Aigw-Price: "));
    CHECK_FALSE(has(reply, "X-Aigw-Warnings"));
    const std::string sent = upstream.requests().front();
    CHECK(sent.starts_with("POST /v1/responses HTTP/1.1\r\n"));
    CHECK(has(sent, "authorization: Bearer sk-up-gpt\r\n"));
    CHECK(fakes::body_of(sent) == body);

    CHECK(fakes::body_of(ask(*gateway, post(kAskStream))) == kEvents + kCompleted);
    CHECK(fakes::body_of(upstream.requests().back()) == kAskStream);
    const std::string metrics = metrics_of(*gateway);
    CHECK(has(metrics, R"(aigw_tokens_total{kind="input",model="gpt-4o",platform="gpt"} 12)"));
    CHECK(
        has(metrics, R"(aigw_tokens_total{kind="cached_input",model="gpt-4o",platform="gpt"} 8)"));
    CHECK(has(metrics, R"(aigw_tokens_total{kind="output",model="gpt-4o",platform="gpt"} 4)"));
    CHECK(has(metrics, R"(route="/v1/responses",model="gpt-4o",platform="gpt",code="200"} 2)"));
}

TEST_CASE("gateway: a model's name at its vendor stands in Responses, too", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kResponse))}});
    const auto gateway =
        start_gateway(one_caller() +
                      platform("gpt", upstream.url("/v1"),
                               "models = { \"mine\" = { upstream = \"gpt-4o\" } }\n") +
                      route("\"gpt\""));
    CHECK(fakes::status_of(ask(*gateway, post(R"({"model":"mine","input":"hi"})"))) == 200);
    CHECK(fakes::body_of(upstream.requests().front()) == R"({"model":"gpt-4o","input":"hi"})");
}

TEST_CASE("gateway: a server of one's own has Responses where its platform says so", "[gateway]") {
    struct Row {
        const char* name;
        const char* lines;
        const char* path;  // what it is asked
    };
    const Row rows[] = {
        {"unsaid", "", "/v1/chat/completions"},
        {"said", "responses = true\n", "/v1/responses"},
        {"denied", "responses = false\n", "/v1/chat/completions"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const bool passes = std::string(row.path) == "/v1/responses";
            Upstream upstream({{fakes::send(answer(200, passes ? kResponse : kAnswer))}});
            const auto gateway = start_gateway(
                one_caller() + compatible(upstream.url("/v1"), row.lines) + route("\"own\""));
            const std::string reply = ask(*gateway, post(kAsk));
            CHECK(fakes::status_of(reply) == 200);
            CHECK(json::parse(fakes::body_of(reply))["object"] == "response");
            CHECK(upstream.requests().front().starts_with(std::string("POST ") + row.path + " "));
        }
    }
}

TEST_CASE("gateway: only a platform that speaks OpenAI's protocol can have Responses",
          "[gateway]") {
    const fakes::Files files;
    const fakes::Variables variables;
    auto loaded = config::parse_config(
        one_caller() + claude("http://127.0.0.1:1") + "responses = true\n" + route("\"claude\""),
        "test.toml", {files, variables.environment()});
    REQUIRE(loaded);
    const auto gateway = Gateway::start(std::move(loaded->config), {.seed = 1});
    REQUIRE_FALSE(gateway);
    CHECK(has(gateway.error().message,
              "platform \"claude\" can't have responses = true: \"anthropic\" speaks another "
              "protocol"));
}

TEST_CASE("gateway: callers of Responses reach Anthropic", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kMessage))}, stream(kMessageEvents)});
    const auto gateway = start_gateway(one_caller() + claude(upstream.url()) + route("\"claude\""));
    const std::string body =
        R"({"model":"claude-sonnet-4-5","input":[{"role":"user","content":"hi"}],"instructions":"be brief","temperature":1.5,"truncation":"auto","max_output_tokens":99})";
    const std::string reply = ask(*gateway, post(body));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Warnings: dropped:truncation, clamped:temperature\r\n"));
    CHECK(has(reply, "X-Aigw-Price: "));
    const json response = json::parse(fakes::body_of(reply));
    CHECK(response["id"] == "resp_msg_1");
    CHECK(response["model"] == "claude-sonnet-4-5");
    CHECK(response["instructions"] == "be brief");
    CHECK(response["output"][0]["content"][0]["text"] == "hello");
    CHECK(response["usage"]["total_tokens"] == 12);
    CHECK(
        fakes::body_of(upstream.requests().front()) ==
        R"({"model":"claude-sonnet-4-5","max_tokens":99,"system":[{"type":"text","text":"be brief"}],"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],"temperature":1})");

    const std::string streamed =
        ask(*gateway, post(R"({"model":"claude-sonnet-4-5","input":"hi","stream":true})"));
    CHECK(has(streamed, "content-type: text/event-stream; charset=utf-8\r\n"));
    const std::string events = fakes::body_of(streamed);
    CHECK(events.starts_with("event: response.created\n"));
    CHECK(has(events, "event: response.output_text.delta\n"));
    CHECK(has(events, "event: response.completed\n"));
    CHECK_FALSE(has(events, "[DONE]"));
    const std::string metrics = metrics_of(*gateway);
    CHECK(has(metrics, R"(aigw_conversion_warnings_total{kind="dropped",field="truncation"} 1)"));
    CHECK(has(metrics,
              R"(aigw_tokens_total{kind="input",model="claude-sonnet-4-5",platform="claude"} 20)"));
}

TEST_CASE("gateway: Responses are refused in OpenAI's words", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kMessage))}});
    const auto gateway = start_gateway(one_caller() + claude(upstream.url()) + route("\"claude\""));
    struct Row {
        const char* name;
        const char* members;
        const char* fields;
        int status;
        const char* param;
    };
    const Row rows[] = {
        {"nobody could fetch it", R"("background":true)", "", 400, "background"},
        {"nobody has kept it", R"("previous_response_id":"resp_1")", "", 400,
         "previous_response_id"},
        {"strictly", R"("truncation":"auto")", "X-Aigw-Strict: 1\r\n", 400, "truncation"},
        {"an item that is none", R"("instructions":7)", "", 400, "instructions"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const std::string body =
                R"({"model":"claude-sonnet-4-5","input":"hi",)" + std::string(row.members) + "}";
            const std::string reply = ask(*gateway, post(body, "/v1/responses", row.fields));
            CHECK(fakes::status_of(reply) == row.status);
            const json error = json::parse(fakes::body_of(reply))["error"];
            CHECK(error["type"] == "invalid_request_error");
            CHECK(error["param"] == row.param);
            CHECK(upstream.requests().empty());
        }
    }
}

TEST_CASE("gateway: a stream of Responses never ends in silence", "[gateway]") {
    struct Row {
        const char* name;
        bool passes;
        std::string events;
        const char* code;
        int number;
    };
    const Row rows[] = {
        {"passing", true, kEvents, "response_error", 2},
        {"converted", false,
         kMessageEvents.substr(0, kMessageEvents.find("event: content_block_stop")),
         "response_error", 5},
        {"told by the vendor", false,
         kMessageEvents.substr(0, kMessageEvents.find("event: content_block_start")) +
             event("error", R"("error":{"type":"overloaded_error","message":"Overloaded"})"),
         "overloaded", 2},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            Upstream upstream({stream(row.events, false)});
            const auto gateway = start_gateway(
                one_caller() + (row.passes ? platform("gpt", upstream.url("/v1")) + route("\"gpt\"")
                                           : claude(upstream.url()) + route("\"claude\"")));
            const std::string events = fakes::body_of(ask(*gateway, post(kAskStream)));
            const std::size_t last = events.rfind("event: ");
            REQUIRE(last != std::string::npos);
            CHECK(events.substr(last).starts_with("event: error\ndata: "));
            const json error = json::parse(events.substr(last + 19));
            CHECK(error["type"] == "error");
            CHECK(error["sequence_number"] == row.number);
            CHECK(error["code"] == row.code);
            CHECK(error["error"]["message"] == error["message"]);
        }
    }
}

TEST_CASE("gateway: a fallback answers Responses in another protocol", "[gateway]") {
    Upstream openai({{fakes::send(answer(503, R"({"error":{"message":"busy"}})"))}});
    Upstream anthropic({{fakes::send(answer(200, kMessage))}});
    const auto gateway = start_gateway(one_caller() + platform("gpt", openai.url("/v1")) +
                                       claude(anthropic.url()) + route("[\"gpt\", \"claude\"]"));
    const std::string reply = ask(*gateway, post(kAsk));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Platform: claude\r\n"));
    CHECK(has(reply, "X-Aigw-Attempts: 2\r\n"));
    CHECK(json::parse(fakes::body_of(reply))["object"] == "response");
}

TEST_CASE("gateway: thoughts that another vendor signed do not pass to OpenAI", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}, {fakes::send(answer(200, kResponse))}});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const auto history = [](const std::string& seal) {
        return R"({"model":"gpt-4o","input":[{"role":"user","content":"u"},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":")" +
               seal + R"("},{"role":"assistant","content":"a"},{"role":"user","content":"v"}]})";
    };
    const std::string reply = ask(*gateway, post(history("aigw-signed:s1")));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(json::parse(fakes::body_of(reply))["object"] == "response");
    CHECK(
        fakes::body_of(upstream.requests().front()) ==
        R"({"model":"gpt-4o","messages":[{"role":"user","content":"u"},{"role":"assistant","content":"a"},{"role":"user","content":"v"}]})");

    ask(*gateway, post(history("gAAAAAB")));
    CHECK(fakes::body_of(upstream.requests().back()) == history("gAAAAAB"));
}

TEST_CASE("gateway: a Response that failed is an error", "[gateway]") {
    Upstream upstream({{fakes::send(answer(
        200,
        R"({"id":"resp_1","object":"response","status":"failed","error":{"code":"server_error","message":"it broke"},"output":[],"usage":null})"))}});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const std::string reply = ask(*gateway, post(kAsk));
    CHECK(fakes::status_of(reply) >= 500);
    CHECK(json::parse(fakes::body_of(reply))["error"]["message"] == "it broke");
}

TEST_CASE("gateway: a chat reaches a model that has Responses only", "[gateway]") {
    const std::string whole =
        R"({"id":"resp_1","object":"response","status":"completed","error":null,"output":[{"type":"message","content":[{"type":"output_text","text":"hello"}]}],"usage":{"input_tokens":10,"output_tokens":2}})";
    Upstream upstream({{fakes::send(answer(200, whole))},
                       stream(kEvents + event("response.completed", "\"response\":" + whole))});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const std::string chat =
        R"({"model":"gpt-5-pro","messages":[{"role":"user","content":"hi"}],"stop":"x")";
    const std::string reply = ask(*gateway, post(chat + "}", "/v1/chat/completions"));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Warnings: dropped:stop\r\n"));
    const json completion = json::parse(fakes::body_of(reply));
    CHECK(completion["object"] == "chat.completion");
    CHECK(completion["choices"][0]["message"]["content"] == "hello");
    CHECK(completion["usage"]["total_tokens"] == 12);
    CHECK(upstream.requests().front().starts_with("POST /v1/responses HTTP/1.1\r\n"));
    CHECK(
        fakes::body_of(upstream.requests().front()) ==
        R"({"model":"gpt-5-pro","input":[{"role":"user","content":"hi"}],"store":false,"include":["reasoning.encrypted_content"]})");

    const std::string events =
        fakes::body_of(ask(*gateway, post(chat + R"(,"stream":true})", "/v1/chat/completions")));
    CHECK(has(events, R"("delta":{"content":"hello"})"));
    CHECK(events.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("gateway: a model that thinks beside tools in Responses only is asked there",
          "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("gpt", upstream.url("/v1")) + route("\"gpt\""));
    const std::string tools = R"(,"tools":[{"name":"f","input_schema":{"type":"object"}}])";
    const std::string thinking = R"(,"thinking":{"type":"enabled","budget_tokens":4000})";
    const auto path_of = [&](const std::string& members) {
        const std::string body =
            R"({"model":"gpt-6-luna","max_tokens":8000,"messages":[{"role":"user","content":"hi"}])" +
            members + "}";
        ask(*gateway, post(body, "/v1/messages"));
        const std::string sent = upstream.requests().back();
        return sent.substr(5, sent.find(' ', 5) - 5);
    };
    CHECK(path_of(tools + thinking) == "/v1/responses");
    CHECK(has(upstream.requests().back(), R"("reasoning":{"effort":"medium"})"));
    CHECK(path_of(tools) == "/v1/chat/completions");
    CHECK(path_of(thinking) == "/v1/chat/completions");
}

TEST_CASE("gateway: completions reach models that only chat", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kMessage))}, stream(kMessageEvents)});
    const auto gateway = start_gateway(one_caller() + claude(upstream.url()) + route("\"claude\""));
    const std::string reply = ask(
        *gateway,
        post(R"({"model":"claude-sonnet-4-5","prompt":"go on","echo":true})", "/v1/completions"));
    CHECK(fakes::status_of(reply) == 200);
    CHECK(has(reply, "X-Aigw-Warnings: dropped:echo\r\n"));
    const json completion = json::parse(fakes::body_of(reply));
    CHECK(completion["object"] == "text_completion");
    CHECK(completion["choices"][0]["text"] == "hello");
    CHECK(
        fakes::body_of(upstream.requests().front()) ==
        R"({"model":"claude-sonnet-4-5","max_tokens":16,"messages":[{"role":"user","content":[{"type":"text","text":"go on"}]}]})");
    CHECK(upstream.requests().front().starts_with("POST /v1/messages HTTP/1.1\r\n"));

    const std::string events = fakes::body_of(
        ask(*gateway, post(R"({"model":"claude-sonnet-4-5","prompt":"go on","stream":true})",
                           "/v1/completions")));
    CHECK(has(events, R"("choices":[{"text":"hello","index":0,)"));
    CHECK(events.ends_with("data: [DONE]\n\n"));

    const std::string refused = ask(
        *gateway, post(R"({"model":"claude-sonnet-4-5","prompt":["a","b"]})", "/v1/completions"));
    CHECK(fakes::status_of(refused) == 400);
    CHECK(json::parse(fakes::body_of(refused))["error"]["param"] == "prompt");
}
