// Limits of tokens, and what is counted before and after a call, through a whole gateway.
#include <nlohmann/json.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Upstream;
using nlohmann::json;

namespace {

const std::string kRoute = "[[routes]]\nmatch = { model = \"*\" }\n";

std::string chat(int max_tokens, const std::string& more = "") {
    return R"({"model":"gpt-4o","max_tokens":)" + std::to_string(max_tokens) + more +
           R"(,"messages":[{"role":"user","content":"hi"}]})";
}

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer sk-ci\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("gateway: a limit of tokens holds the longest answer, then what was used",
          "[gateway][tokens]") {
    // kAnswer says that it used 12.
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute +
                                       "to = \"a\"\n[[limits]]\nby = \"key\"\ntpm = 100\n");
    // "hi" in a chat has 8 tokens: 8 + 80, then 12 + 8 + 80, then 24 + 8 + 80.
    CHECK(fakes::status_of(ask(*gateway, sized(chat(80)))) == 200);
    CHECK(fakes::status_of(ask(*gateway, sized(chat(80)))) == 200);
    const std::string refused = ask(*gateway, sized(chat(80)));
    CHECK(fakes::status_of(refused) == 429);
    CHECK(has(refused, "key \\\"ci\\\" is at its limit of 100 tokens per minute"));
    CHECK(has(refused, "retry-after: "));
    CHECK(fakes::status_of(ask(*gateway, sized(chat(60)))) == 200);
    CHECK(upstream.requests().size() == 3);

    SECTION("a call that alone is over it is not told to come back") {
        const std::string never = ask(*gateway, sized(chat(93)));
        CHECK(fakes::status_of(never) == 429);
        CHECK(has(never, "the call may use 101 tokens, and key \\\"ci\\\" has a limit of 100"));
        CHECK_FALSE(has(never, "retry-after"));
    }
}

TEST_CASE("gateway: tokens of a platform that failed are given back", "[gateway][tokens]") {
    Upstream bad({{fakes::send(answer(503, "{}"))}});
    Upstream good({{fakes::send(answer(200, kAnswer))}});
    const auto gateway =
        start_gateway(one_caller() + platform("bad", bad.url("/v1"), "limits = { tpm = 100 }\n") +
                      platform("good", good.url("/v1")) + kRoute + "to = [\"bad\", \"good\"]\n" +
                      "[[limits]]\nby = \"key\"\ntpm = 100\n");
    for (int i = 0; i < 3; ++i) {
        INFO("call " << i);
        // 8 + 60 fit beside what was used before, and not beside what was held for it.
        CHECK(fakes::status_of(ask(*gateway, sized(chat(60)))) == 200);
    }
    CHECK(bad.requests().size() == 3);
}

TEST_CASE("gateway: a streamed answer settles its tokens, too", "[gateway][tokens]") {
    const std::string events =
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hello\"},\"finish_reason\":"
        "\"stop\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":10,"
        "\"completion_tokens\":2,\"total_tokens\":12}}\n\ndata: [DONE]\n\n";
    Upstream upstream(
        {{fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                      "transfer-encoding: chunked\r\n\r\n" +
                      chunk(events) + "0\r\n\r\n")}});
    const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute +
                                       "to = \"a\"\n[[limits]]\nby = \"key\"\ntpm = 100\n");
    for (int i = 0; i < 2; ++i) {
        CHECK(fakes::status_of(ask(*gateway, sized(chat(80, R"(,"stream":true)")))) == 200);
    }
    CHECK(fakes::status_of(ask(*gateway, sized(chat(80)))) == 429);
}

TEST_CASE("gateway: tokens are counted for who will answer", "[gateway][tokens]") {
    const auto gateway =
        start_gateway(one_caller() +
                      platform("a", "http://127.0.0.1:1/v1",
                               "models = { \"mine\" = { upstream = \"qwen3-8b\" } }\n") +
                      kRoute + "to = \"a\"\n");
    const auto count = [&](const std::string& model) {
        return ask(*gateway, post("/v1/messages/count_tokens",
                                  R"({"model":")" + model +
                                      R"(","messages":[{"role":"user","content":"hi"}]})"));
    };
    const std::string exact = count("gpt-4o");
    CHECK(json::parse(fakes::body_of(exact)) == json{{"input_tokens", 8}});
    CHECK(has(exact, "X-Aigw-Token-Count: exact\r\n"));
    CHECK(json::parse(fakes::body_of(count("mine"))) == json{{"input_tokens", 9}});
    CHECK(has(count("somebody-elses"), "X-Aigw-Token-Count: estimated\r\n"));
}

TEST_CASE("gateway: an estimate is corrected by what the vendor counts", "[gateway][tokens]") {
    const std::string body =
        R"({"model":"acme","max_tokens":1,"messages":[{"role":"user","content":")" +
        [] {
            std::string words;
            for (int i = 0; i < 400; ++i) words += "word ";
            return words;
        }() +
        R"("}]})";
    // Twice what is estimated.
    const std::string reply =
        R"({"id":"c1","object":"chat.completion","model":"acme","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"length"}],"usage":{"prompt_tokens":816,"completion_tokens":1,"total_tokens":817}})";
    Upstream upstream({{fakes::send(answer(200, reply))}});
    const auto counted_by = [&](const std::string& tokens_section) {
        const auto gateway =
            start_gateway(one_caller() + tokens_section + platform("a", upstream.url("/v1")) +
                          kRoute + "to = \"a\"\n[[limits]]\nby = \"key\"\ntpm = 1000000\n");
        const auto count = [&] {
            const std::string counted = ask(*gateway, post("/v1/messages/count_tokens", body));
            return json::parse(fakes::body_of(counted))["input_tokens"].get<int>();
        };
        const int before = count();
        for (int i = 0; i < 6; ++i) ask(*gateway, sized(body));
        return std::pair(before, count());
    };
    const auto [before, after] = counted_by("");
    CHECK(before < 450);
    CHECK(after > 780);
    CHECK(after < 830);
    const auto [first, still] = counted_by("[tokens]\nlearn = false\n");
    CHECK(first == still);
}

namespace {

const std::string kWords = "one two three four five six seven eight nine ten";

std::string log_of(const std::string& metrics, const std::string& name) {
    const std::size_t at = metrics.find(name);
    return at == std::string::npos ? "" : metrics.substr(at, metrics.find('\n', at) - at);
}

// How many output tokens of the model have been counted by now.
std::string output_tokens(const Gateway& gateway) {
    const std::string metrics =
        fakes::body_of(ask(gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
    return log_of(metrics, "aigw_tokens_total{kind=\"output\"");
}

std::string stream_of_words() {
    std::string events;
    for (std::size_t at = 0; at < kWords.size(); at += 7) {
        events += "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" +
                  kWords.substr(at, 7) + "\"},\"finish_reason\":null}]}\n\n";
    }
    events +=
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"
        "data: [DONE]\n\n";
    return "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: "
           "chunked\r\n\r\n" +
           chunk(events) + "0\r\n\r\n";
}

}  // namespace

TEST_CASE("gateway: an answer that does not say what it used is counted", "[gateway][tokens]") {
    const std::string reply =
        R"({"id":"c1","object":"chat.completion","model":"gpt-4o","choices":[{"index":0,"message":{"role":"assistant","content":")" +
        kWords + R"("},"finish_reason":"stop"}]})";
    Upstream upstream({{fakes::send(answer(200, reply))}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute + "to = \"a\"\n");
    SECTION("for a caller of the vendor's protocol") {
        const std::string passed = ask(*gateway, sized(chat(80)));
        CHECK(fakes::body_of(passed) == reply);
        CHECK(has(passed, "X-Aigw-Token-Count: estimated\r\n"));
        CHECK(has(output_tokens(*gateway), "} 10"));
    }
    SECTION("for a caller of another") {
        const json message = json::parse(fakes::body_of(ask(
            *gateway,
            post(
                "/v1/messages",
                R"({"model":"gpt-4o","max_tokens":80,"messages":[{"role":"user","content":"hi"}]})"))));
        CHECK(message["usage"]["output_tokens"] == 10);
        CHECK(has(output_tokens(*gateway), "} 10"));
    }
}

TEST_CASE("gateway: streams of a vendor that says no usage are counted on their way",
          "[gateway][tokens]") {
    Upstream upstream({{fakes::send(stream_of_words())}});
    const auto gateway =
        start_gateway(one_caller() + platform("a", upstream.url("/v1")) + kRoute + "to = \"a\"\n");
    // Of the first one nobody knows it: its events are taken for tokens.
    const std::string first = ask(*gateway, sized(chat(80, R"(,"stream":true)")));
    CHECK(has(output_tokens(*gateway), "} 8"));
    const std::string second = ask(*gateway, sized(chat(80, R"(,"stream":true)")));
    CHECK(fakes::body_of(second) == fakes::body_of(first));
    CHECK(has(output_tokens(*gateway), "} 18"));
    // So are those that are converted, and their caller reads what is billed.
    const std::string converted = ask(
        *gateway,
        post(
            "/v1/messages",
            R"({"model":"gpt-4o","max_tokens":80,"stream":true,"messages":[{"role":"user","content":"hi"}]})"));
    CHECK(has(converted, R"("input_tokens":8)"));
    CHECK(has(converted, R"("output_tokens":10)"));
    CHECK(has(output_tokens(*gateway), "} 28"));
}

TEST_CASE("gateway: without its vocabularies it estimates, with the margin of a guess",
          "[gateway][tokens]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const fakes::Files files;
    const fakes::Variables variables;
    auto loaded = config::parse_config(one_caller() + platform("a", upstream.url("/v1")) + kRoute +
                                           "to = \"a\"\n[[limits]]\nby = \"key\"\ntpm = 90\n",
                                       "test.toml", {files, variables.environment()});
    REQUIRE(loaded);
    loaded->config.tokens.vocabulary_folders = {"/nowhere/at/all"};
    const auto gateway = Gateway::start(std::move(loaded->config), {.seed = 1});
    REQUIRE(gateway);
    const auto chat_of = [](std::size_t bytes, int max_tokens) {
        return R"({"model":"gpt-4o","max_tokens":)" + std::to_string(max_tokens) +
               R"(,"messages":[{"role":"user","content":")" + std::string(bytes, 'x') + R"("}]})";
    };
    // 200 bytes are taken for 54 tokens, which may be 70.
    CHECK(fakes::status_of(ask(**gateway, sized(chat_of(200, 30)))) == 429);
    CHECK(fakes::status_of(ask(**gateway, sized(chat_of(200, 20)))) == 200);
    const std::string counted = ask(**gateway, post("/v1/messages/count_tokens", chat_of(200, 20)));
    CHECK(fakes::body_of(counted) == R"({"input_tokens":54})");
    CHECK(has(counted, "X-Aigw-Token-Count: estimated\r\n"));
    // Where the files were looked for is nothing for callers.
    const std::string refused =
        ask(**gateway, post("/calculate", R"({"text":"hello","model_name":"gpt-4o"})"));
    CHECK(fakes::status_of(refused) == 500);
    CHECK(has(refused, "tokens can't be counted"));
    CHECK_FALSE(has(refused, "/nowhere"));
}
