#include "protocol/anthropic_stream.h"

#include <catch2/catch.hpp>

#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::testing;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller(bool wants_usage = false) {
    return {
        .model = "claude", .created = 1700000000, .fallback_id = "01f", .wants_usage = wants_usage};
}

std::string event(const std::string& type, const std::string& members) {
    const std::string comma = members.empty() ? "" : ",";
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + comma + members + "}\n\n";
}

const std::string kPing = event("ping", "");
const std::string kStop = event("message_stop", "");

const std::string kBegin = event(
    "message_start",
    R"("message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[],)"
    R"("usage":{"input_tokens":10,"cache_read_input_tokens":4,"cache_creation_input_tokens":2,)"
    R"("output_tokens":1}})");

std::string block(int index, const std::string& content) {
    return event("content_block_start",
                 "\"index\":" + std::to_string(index) + ",\"content_block\":" + content);
}
std::string delta(int index, const std::string& content) {
    return event("content_block_delta",
                 "\"index\":" + std::to_string(index) + ",\"delta\":" + content);
}
std::string stop(int index) {
    return event("content_block_stop", "\"index\":" + std::to_string(index));
}
std::string text_delta(int index, const std::string& text) {
    return delta(index, R"({"type":"text_delta","text":)" + Json(text).dump() + "}");
}
std::string json_delta(int index, const std::string& piece) {
    return delta(index, R"({"type":"input_json_delta","partial_json":)" + Json(piece).dump() + "}");
}
std::string text_block(int index, const std::string& text) {
    return block(index, R"({"type":"text","text":""})") + text_delta(index, text) + stop(index);
}
std::string tool_block(int index, const std::string& id, const std::string& name) {
    return block(index,
                 R"({"type":"tool_use","id":")" + id + R"(","name":")" + name + R"(","input":{}})");
}
std::string end(const std::string& reason = "end_turn", int output = 7) {
    return event("message_delta", R"("delta":{"stop_reason":")" + reason +
                                      R"(","stop_sequence":null},"usage":{"output_tokens":)" +
                                      std::to_string(output) + "}") +
           kStop;
}

std::string converted(const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    return convert_in_every_split(Wire::Anthropic, Wire::OpenAi, upstream, plan);
}

// What an OpenAI library puts together; the test fails when the grammar is broken.
Json assembled(const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    const Assembled got = assemble(Wire::OpenAi, converted(upstream, plan), plan);
    CHECK(got.problem == "");
    CHECK(got.is_ended);
    return Json::parse(got.message.dump());
}

Json message_of(const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    return assembled(upstream, plan)["choices"][0]["message"];
}

// The chunks, `[DONE]` left out.
std::vector<Json> chunks_of(const std::string& stream) {
    std::vector<Json> chunks;
    for (std::size_t at = 0; at < stream.size();) {
        const std::size_t end_at = stream.find("\n\n", at);
        const std::string data = stream.substr(at + 6, end_at - at - 6);
        if (data != "[DONE]") chunks.push_back(Json::parse(data));
        at = end_at + 2;
    }
    return chunks;
}

std::vector<Json> deltas_of(const std::string& upstream) {
    std::vector<Json> deltas;
    for (const Json& chunk : chunks_of(converted(upstream))) {
        if (chunk.contains("choices")) deltas.push_back(chunk["choices"][0]["delta"]);
    }
    return deltas;
}

}  // namespace

TEST_CASE("protocol: a stream of messages becomes chunks", "[protocol][conversion]") {
    const auto chunk = [](const std::string& choice) {
        return R"(data: {"id":"chatcmpl-msg_1","object":"chat.completion.chunk","created":1700000000,)"
               R"("model":"claude","choices":[{"index":0,"delta":)" +
               choice + "}]}\n\n";
    };
    CHECK(converted(kBegin + kPing + block(0, R"({"type":"text","text":""})") +
                    text_delta(0, "Hi \"you\"") + stop(0) + end()) ==
          chunk(R"({"role":"assistant","content":""},"finish_reason":null)") +
              chunk(R"({"content":"Hi \"you\""},"finish_reason":null)") +
              chunk(R"({},"finish_reason":"stop")") + "data: [DONE]\n\n");
}

TEST_CASE("E61: streams that run at the same time do not see each other",
          "[protocol][conversion]") {
    const std::string a =
        kBegin + tool_block(0, "a", "f") + json_delta(0, R"({"x":1})") + stop(0) + end("tool_use");
    const std::string b =
        kBegin + text_block(0, "Hi") + tool_block(1, "b", "g") + stop(1) + end("tool_use");
    const AnswerPlan plan = plan_of_caller();
    ConvertedStream first(Wire::Anthropic, Wire::OpenAi, plan);
    ConvertedStream second(Wire::Anthropic, Wire::OpenAi, plan);
    for (std::size_t at = 0; at < std::max(a.size(), b.size()); at += 10) {
        if (at < a.size()) first.feed(std::string_view(a).substr(at, 10));
        if (at < b.size()) second.feed(std::string_view(b).substr(at, 10));
    }
    CHECK(first.finish() == convert(Wire::Anthropic, Wire::OpenAi, a, plan));
    CHECK(second.finish() == convert(Wire::Anthropic, Wire::OpenAi, b, plan));
}

TEST_CASE("E76: the tool index counts calls, not blocks", "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string upstream;
    };
    const Case cases[] = {
        {"text before and between", kBegin + text_block(0, "Hi") + tool_block(1, "a", "f") +
                                        stop(1) + text_block(2, "so") + tool_block(3, "b", "g") +
                                        stop(3) + end("tool_use")},
        {"calls from the start", kBegin + tool_block(0, "a", "f") + stop(0) +
                                     tool_block(1, "b", "g") + stop(1) + text_block(2, "Hiso") +
                                     end("tool_use")},
        {"a server's tool between",
         kBegin + text_block(0, "Hi") + tool_block(1, "a", "f") + stop(1) +
             block(2, R"({"type":"server_tool_use","id":"s","name":"w","input":{}})") + stop(2) +
             tool_block(3, "b", "g") + stop(3) + text_block(4, "so") + end("tool_use")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Json choice = assembled(c.upstream)["choices"][0];
            CHECK(choice["finish_reason"] == "tool_calls");
            CHECK(choice["message"]["content"] == "Hiso");
            CHECK(choice["message"]["tool_calls"] ==
                  Json::parse(
                      R"([{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},
                                  {"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}])"));
        }
    }
}

TEST_CASE("E77: role, ids and names come once", "[protocol][conversion]") {
    const auto deltas =
        deltas_of(kBegin + tool_block(0, "a", "f") + json_delta(0, "") + json_delta(0, R"({"x":)") +
                  json_delta(0, "1}") + stop(0) + end("tool_use"));
    CHECK(
        deltas ==
        std::vector<Json>{
            Json::parse(R"({"role":"assistant","content":""})"),
            Json::parse(
                R"({"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]})"),
            Json::parse(R"({"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":"}}]})"),
            Json::parse(R"({"tool_calls":[{"index":0,"function":{"arguments":"1}"}}]})"),
            Json::parse("{}")});
}

TEST_CASE("E78: a call without pieces of arguments has its block's input, else {}",
          "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string call;
        const char* want;
    };
    const Case cases[] = {
        {"nothing came", tool_block(0, "a", "f"), "{}"},
        {"an empty piece came", tool_block(0, "a", "f") + json_delta(0, ""), "{}"},
        {"the block had it",
         block(0, R"({"type":"tool_use","id":"a","name":"f","input":{"x": 1}})"), R"({"x":1})"},
        {"the block had it, and pieces came",
         block(0, R"({"type":"tool_use","id":"a","name":"f","input":{"x": 1}})") +
             json_delta(0, R"({"y":2})"),
         R"({"y":2})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Json message = message_of(kBegin + c.call + stop(0) + end("tool_use"));
            CHECK(message["tool_calls"][0]["function"]["arguments"] == c.want);
        }
    }
}

TEST_CASE("E79: thinking is reasoning, signatures are no text", "[protocol][conversion]") {
    const std::string upstream =
        kBegin + block(0, R"({"type":"thinking","thinking":"","signature":""})") +
        delta(0, R"({"type":"thinking_delta","thinking":"Let "})") +
        delta(0, R"({"type":"thinking_delta","thinking":""})") +
        delta(0, R"({"type":"thinking_delta","thinking":"me"})") +
        delta(0, R"({"type":"signature_delta","signature":"Eq"})") +
        delta(0, R"({"type":"signature_delta","signature":"QB"})") + stop(0) +
        block(1, R"({"type":"thinking","thinking":"","signature":""})") +
        delta(1, R"({"type":"signature_delta","signature":"hid"})") + stop(1) +
        text_block(2, "Hi") + end();
    CHECK(message_of(upstream) ==
          Json::parse(
              R"({"role":"assistant","content":"Hi","refusal":null,"reasoning_content":"Let me",
            "thinking_blocks":[{"type":"thinking","thinking":"Let me","signature":"EqQB"},
            {"type":"thinking","thinking":"","signature":"hid"}]})"));
    AnswerPlan hiding = plan_of_caller();
    hiding.hides_thinking = true;
    CHECK(message_of(upstream, hiding) ==
          Json::parse(R"({"role":"assistant","content":"Hi","refusal":null})"));
}

TEST_CASE("E80: usage comes only when asked for, and last", "[protocol][conversion]") {
    const std::string upstream = kBegin + text_block(0, "Hi") + end();
    for (const Json& chunk : chunks_of(converted(upstream))) {
        CHECK_FALSE(chunk.contains("usage"));
        CHECK(chunk["choices"].size() == 1);
    }
    const auto chunks = chunks_of(converted(upstream, plan_of_caller(true)));
    for (std::size_t i = 0; i + 1 < chunks.size(); ++i) CHECK(chunks[i]["usage"].is_null());
    CHECK(chunks.back()["choices"].empty());
    CHECK(chunks.back()["usage"] ==
          Json::parse(R"({"prompt_tokens":16,"completion_tokens":7,"total_tokens":23,
                          "prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":2}})"));
}

TEST_CASE("E81: numbers of message_delta replace those of message_start",
          "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string usages;
        const char* want;
    };
    const auto seen = [](const std::string& usage) {
        return event("message_delta", R"("delta":{"stop_reason":"end_turn"},"usage":)" + usage);
    };
    const Case cases[] = {
        {"output only", seen(R"({"output_tokens":7})"), "16,7,4,2"},
        {"all of them",
         seen(
             R"({"input_tokens":20,"cache_read_input_tokens":5,"cache_creation_input_tokens":1,"output_tokens":7})"),
         "26,7,5,1"},
        {"nulls say nothing",
         seen(R"({"input_tokens":null,"cache_read_input_tokens":null,"output_tokens":7})"),
         "16,7,4,2"},
        {"several", seen(R"({"output_tokens":5})") + seen(R"({"output_tokens":9})"), "16,9,4,2"},
        {"no usage", event("message_delta", R"("delta":{"stop_reason":"end_turn"})"), "16,1,4,2"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Json usage = assembled(kBegin + c.usages + kStop, plan_of_caller(true))["usage"];
            const Json& details = usage["prompt_tokens_details"];
            CHECK(usage["prompt_tokens"].dump() + "," + usage["completion_tokens"].dump() + "," +
                      details["cached_tokens"].dump() + "," +
                      details["cache_write_tokens"].dump() ==
                  c.want);
        }
    }
}

TEST_CASE("E82: a ping gives no chunk", "[protocol][conversion]") {
    const std::string upstream = kBegin + text_block(0, "Hi") + end();
    CHECK(converted(kPing + kBegin + kPing + block(0, R"({"type":"text","text":""})") + kPing +
                    text_delta(0, "Hi") + kPing + stop(0) + kPing + end()) == converted(upstream));
}

TEST_CASE("E83: an error event ends the stream with an error object", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* error;
        const char* want;
    };
    const Case cases[] = {
        {"overloaded", R"({"type":"overloaded_error","message":"Overloaded"})",
         R"({"message":"Overloaded","type":"server_error","param":null,"code":"overloaded"})"},
        {"invalid", R"({"type":"invalid_request_error","message":"bad"})",
         R"({"message":"bad","type":"invalid_request_error","param":null,"code":"invalid_value"})"},
        {"too long", R"({"type":"invalid_request_error","message":"prompt is too long: 9 tokens"})",
         R"({"message":"prompt is too long: 9 tokens","type":"invalid_request_error","param":null,"code":"context_length_exceeded"})"},
        {"the gateway's key",
         R"({"type":"authentication_error","message":"invalid x-api-key sk-ant-12345"})",
         R"({"message":"the upstream refused the gateway's credentials","type":"server_error","param":null,"code":"upstream_authentication"})"},
        {"billing", R"({"type":"billing_error","message":"credit"})",
         R"({"message":"the upstream refused the gateway's credentials","type":"server_error","param":null,"code":"upstream_authentication"})"},
        {"not found", R"({"type":"not_found_error","message":"model: x"})",
         R"({"message":"model: x","type":"invalid_request_error","param":null,"code":"model_not_found"})"},
        {"too large", R"({"type":"request_too_large","message":"big"})",
         R"({"message":"big","type":"invalid_request_error","param":null,"code":"request_too_large"})"},
        {"too often", R"({"type":"rate_limit_error","message":"slow"})",
         R"({"message":"slow","type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"})"},
        {"too late", R"({"type":"timeout_error","message":"late"})",
         R"({"message":"late","type":"server_error","param":null,"code":"timeout"})"},
        {"broken", R"({"type":"api_error","message":"oops"})",
         R"({"message":"oops","type":"server_error","param":null,"code":"response_error"})"},
        {"wordless", R"({"type":"api_error"})",
         R"({"message":"upstream reported an error without a message","type":"server_error","param":null,"code":"response_error"})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const std::string upstream = kBegin + text_block(0, "Hi") +
                                         event("error", std::string(R"("error":)") + c.error) +
                                         end();
            const Assembled got = assemble(Wire::OpenAi, converted(upstream), plan_of_caller());
            CHECK(got.problem.empty());
            CHECK(got.is_failed);
            CHECK_FALSE(got.is_ended);
            CHECK(Json::parse(got.error.dump()) == Json::parse(c.want));
        }
    }
}

TEST_CASE("E84: a stream that is cut off is an error, unless its stop has come",
          "[protocol][conversion]") {
    const std::string truncated =
        R"(data: {"error":{"message":"upstream stream ended early","type":"api_response_error","param":null,"code":"upstream_stream_truncated"}})"
        "\n\n";
    CHECK(converted("") == truncated);
    CHECK(converted(kPing) == truncated);
    const std::string cut = kBegin + tool_block(0, "a", "f") + json_delta(0, R"({"x")");
    const std::string got = converted(cut);
    CHECK(got.ends_with(truncated));
    CHECK(got.find("finish_reason\":\"") == std::string::npos);
    const std::string whole = kBegin + text_block(0, "Hi") + end();
    CHECK(converted(whole.substr(0, whole.size() - kStop.size())) == converted(whole));
    CHECK(converted(whole.substr(0, whole.size() - kStop.size() / 2)) == converted(whole));
}

TEST_CASE("protocol: an interrupted stream says why, unless it is whole",
          "[protocol][conversion]") {
    const AnswerPlan plan = plan_of_caller();
    const auto interrupted = [&](const std::string& upstream) {
        const auto parser = make_parser(Wire::Anthropic);
        const auto writer = make_writer(Wire::OpenAi, plan);
        parser->feed(upstream, *writer);
        parser->interrupt({ErrorCode::UpstreamTimeout, "the upstream was silent"}, *writer);
        CHECK(parser->is_over());
        CHECK(writer->is_over());
        parser->finish(*writer);
        parser->feed(kBegin, *writer);
        return writer->take_output();
    };
    const std::string whole = kBegin + text_block(0, "Hi") + end();
    CHECK(interrupted(whole) == converted(whole));
    CHECK(interrupted(whole.substr(0, whole.size() - kStop.size())) == converted(whole));
    CHECK(interrupted(kBegin).ends_with(
        R"(data: {"error":{"message":"the upstream was silent","type":"server_error","param":null,"code":"timeout"}})"
        "\n\n"));
}

TEST_CASE("E85: characters that are split over reads stay whole", "[protocol][conversion]") {
    const std::string text = "é 漢字 🙂 \xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB";
    CHECK(message_of(kBegin + text_block(0, text) + end())["content"] == text);
    CHECK(message_of(kBegin + delta(0, R"({"type":"text_delta","text":"\u00e9\ud83d\ude42"})") +
                     end())["content"] == "é🙂");
}

TEST_CASE("E86: every form of server-sent events is read", "[protocol][conversion]") {
    const std::string plain = kBegin + text_block(0, "Hi") + end();
    const std::string want = converted(plain);
    const auto replaced = [&](const std::string& from, const std::string& to) {
        std::string text = plain;
        for (std::size_t at = text.find(from); at != std::string::npos;
             at = text.find(from, at + to.size()))
            text.replace(at, from.size(), to);
        return text;
    };
    CHECK(converted(replaced("data: ", "data:")) == want);
    CHECK(converted(replaced("\n", "\r\n")) == want);
    CHECK(converted(replaced("\n", "\r")) == want);
    CHECK(converted(replaced("event: ", ": a comment\nevent: ")) == want);
    CHECK(converted(replaced(",\"index\"", ",\ndata: \"index\"")) == want);
    CHECK(converted("\xEF\xBB\xBF" + plain) == want);
    CHECK(converted(plain.substr(0, plain.size() - 1)) == want);
    CHECK(converted(plain.substr(0, plain.size() - 2)) == want);
    CHECK(converted(replaced("event: content_block_delta\n", "")) == want);
    CHECK(converted(replaced(R"("type":"content_block_delta",)", "")) == want);
    CHECK(converted(plain + "data: [DONE]\n\n") == want);
}

TEST_CASE("E87: redacted thinking comes whole in its block's start", "[protocol][conversion]") {
    CHECK(message_of(kBegin + block(0, R"({"type":"redacted_thinking","data":"EmwK"})") + stop(0) +
                     text_block(1, "Hi") + end())["thinking_blocks"] ==
          Json::parse(R"([{"type":"redacted_thinking","data":"EmwK"}])"));
}

TEST_CASE("E88: the JSON tool's pieces stream as content", "[protocol][conversion]") {
    AnswerPlan plan = plan_of_caller();
    plan.json_tool = "aigw_json_output";
    const std::string upstream = kBegin + tool_block(0, "a", "aigw_json_output") +
                                 json_delta(0, R"({"va)") + json_delta(0, R"(lue":[1]})") +
                                 stop(0) + end("tool_use");
    const std::string stream = converted(upstream, plan);
    std::vector<Json> deltas;
    for (const Json& chunk : chunks_of(stream)) deltas.push_back(chunk["choices"][0]["delta"]);
    CHECK(deltas == std::vector<Json>{Json::parse(R"({"role":"assistant","content":""})"),
                                      Json::parse(R"({"content":"{\"va"})"),
                                      Json::parse(R"({"content":"lue\":[1]}"})"),
                                      Json::parse("{}")});
    CHECK(assembled(upstream, plan)["choices"][0]["finish_reason"] == "stop");
    plan.is_json_wrapped = true;
    CHECK(message_of(upstream, plan) ==
          Json::parse(R"({"role":"assistant","content":"[1]","refusal":null})"));
}

TEST_CASE("protocol: a server's tools and unknown blocks are kept whole, beside the content",
          "[protocol][conversion]") {
    CHECK(message_of(
              kBegin +
              block(0, R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})") +
              json_delta(0, R"({"query": )") + json_delta(0, R"("q"})") + stop(0) +
              block(1, R"({"type":"web_search_tool_result","tool_use_id":"s", "content":[]})") +
              stop(1) + block(2, R"({"type":"novel","x":1})") +
              delta(2, R"({"type":"novel_delta","y":2})") +
              delta(2, R"({"type":"text_delta","text":"no"})") + stop(2) +
              event("novel_event", R"("z":1)") + text_block(3, "Hi") + end()) ==
          Json::parse(R"({"role":"assistant","content":"Hi","refusal":null,"provider_blocks":[
            {"type":"server_tool_use","id":"s","name":"web_search","input":{"query":"q"}},
            {"type":"web_search_tool_result","tool_use_id":"s","content":[]},{"type":"novel","x":1}]})"));
}

TEST_CASE("protocol: a stream's citations are annotations, whole and once",
          "[protocol][conversion]") {
    CHECK(
        message_of(
            kBegin + text_block(0, "Sée: ") +
            block(1, R"({"type":"text","text":"","citations":[]})") +
            delta(
                1,
                R"({"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a.b/","title":"T"}})") +
            delta(1, R"({"type":"citations_delta","citation":{"type":"char_location"}})") +
            text_delta(1, "he") + text_delta(1, "re") + stop(1) + end())["annotations"] ==
        Json::parse(
            R"([{"type":"url_citation","url_citation":{"start_index":5,"end_index":9,"url":"https://a.b/","title":"T"}}])"));
}

TEST_CASE("protocol: a stream's stop reasons become finish reasons", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* delta;
        const char* want_finish;
        const char* want_extension;
        const char* want_refusal;
    };
    const Case cases[] = {
        {"end_turn", R"({"stop_reason":"end_turn"})", "stop", "", ""},
        {"stop_sequence", R"({"stop_reason":"stop_sequence","stop_sequence":"END"})", "stop", "END",
         ""},
        {"E68: pause_turn", R"({"stop_reason":"pause_turn"})", "stop", "pause_turn", ""},
        {"max_tokens", R"({"stop_reason":"max_tokens"})", "length", "", ""},
        {"E68: the context's end", R"({"stop_reason":"model_context_window_exceeded"})", "length",
         "", ""},
        {"E67: unknown", R"({"stop_reason":"tired"})", "stop", "", ""},
        {"E69: refusal", R"({"stop_reason":"refusal"})", "content_filter", "",
         "The model declined to answer."},
        {"E69: refusal in words",
         R"({"stop_reason":"refusal","stop_details":{"explanation":"No."}})", "content_filter", "",
         "No."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Json choice = assembled(
                kBegin + text_block(0, "x") +
                event("message_delta", std::string(R"("delta":)") + c.delta) + kStop)["choices"][0];
            CHECK(choice["finish_reason"] == c.want_finish);
            CHECK(choice.value("stop_reason", "") == c.want_extension);
            const bool has_refusal = *c.want_refusal != '\0';
            CHECK(choice["message"]["refusal"] == (has_refusal ? Json(c.want_refusal) : Json()));
        }
    }
}

TEST_CASE("protocol: a stream for a caller of functions has one function's call",
          "[protocol][conversion]") {
    AnswerPlan plan = plan_of_caller();
    plan.uses_functions = true;
    const Json choice = assembled(kBegin + tool_block(0, "a", "f") + json_delta(0, R"({"x":1})") +
                                      stop(0) + tool_block(1, "b", "g") +
                                      json_delta(1, R"({"y":1})") + stop(1) + end("tool_use"),
                                  plan)["choices"][0];
    CHECK(choice["finish_reason"] == "function_call");
    CHECK(choice["message"]["function_call"] ==
          Json::parse(R"({"name":"f","arguments":"{\"x\":1}"})"));
    CHECK_FALSE(choice["message"].contains("tool_calls"));
}

TEST_CASE("protocol: a server that breaks Anthropic's grammar is put up with",
          "[protocol][conversion]") {
    CHECK(message_of(text_block(0, "Hi") + end())["content"] == "Hi");
    CHECK(message_of(kBegin + kBegin + text_delta(0, "Hi") + end())["content"] == "Hi");
    CHECK(message_of(kBegin + block(0, R"({"type":"text","text":"H"})") + text_delta(0, "i") +
                     end())["content"] == "Hi");
    CHECK(message_of(kBegin + block(0, R"({"type":"text","text":"H"})") +
                     block(0, R"({"type":"text","text":"i"})") + end())["content"] == "Hi");
    CHECK(message_of(kBegin + "data: oops\n\n" + "data: 7\n\n" + text_block(0, "Hi") +
                     end())["content"] == "Hi");
    CHECK(message_of(kBegin + text_block(0, "Hi") + kStop)["content"] == "Hi");
    const std::string got = converted(kBegin + "data: a\n\ndata: b\n\ndata: c\n\n" + end());
    CHECK(got.ends_with(
        R"(data: {"error":{"message":"three events of the upstream's stream in a row are no JSON objects","type":"api_response_error","param":null,"code":"response_error"}})"
        "\n\n"));
}

TEST_CASE("protocol: a stream's service tier is in its chunks", "[protocol][conversion]") {
    const std::string start =
        event("message_start",
              R"("message":{"id":"msg_1","usage":{"input_tokens":1,"service_tier":"standard"}})");
    CHECK(assembled(start + end())["service_tier"] == "default");
}
