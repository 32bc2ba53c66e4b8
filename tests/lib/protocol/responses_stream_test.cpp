#include "protocol/responses_stream.h"

#include <catch2/catch.hpp>

#include "crypto/digest.h"
#include "protocol/responses_reasoning.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::testing;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "m",
            .created = 1'700'000'000,
            .fallback_id = "01f",
            .input_tokens = 11,
            .echo = R"("instructions":null,"tools":[])",
            .sha256_hex = &crypto::sha256_hex};
}

std::string data(const std::string& json) {
    return "data: " + json + "\n\n";
}
std::string chunk(const std::string& delta, const std::string& rest = R"("finish_reason":null)") {
    return data(R"({"id":"c1","model":"x","choices":[{"index":0,"delta":)" + delta + "," + rest +
                "}]}");
}
std::string text(const std::string& content) {
    return chunk("{\"content\":" + Json(content).dump() + "}");
}
std::string call(int index, const std::string& id, const std::string& name,
                 const std::string& arguments) {
    Json call = {{"index", index}, {"function", {{"arguments", arguments}}}};
    if (!id.empty()) call["id"] = id;
    if (!name.empty()) call["function"]["name"] = name;
    return chunk(Json{{"tool_calls", {call}}}.dump());
}
std::string finish(const std::string& reason) {
    return chunk("{}", R"("finish_reason":")" + reason + "\"") +
           data(R"({"choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3}})") +
           "data: [DONE]\n\n";
}

std::string block(int index, const std::string& start, const std::string& deltas) {
    const std::string at = "\"index\":" + std::to_string(index);
    return data(R"({"type":"content_block_start",)" + at + R"(,"content_block":)" + start + "}") +
           deltas + data(R"({"type":"content_block_stop",)" + at + "}");
}
std::string delta(int index, const std::string& inside) {
    return data(R"({"type":"content_block_delta","index":)" + std::to_string(index) +
                R"(,"delta":)" + inside + "}");
}
const std::string kStart = data(
    R"({"type":"message_start","message":{"id":"msg_1","model":"claude-x","usage":{"input_tokens":7,"output_tokens":1}}})");
std::string stop(const std::string& reason, const std::string& rest = "") {
    return data(R"({"type":"message_delta","delta":{"stop_reason":")" + reason + "\"" + rest +
                R"(},"usage":{"output_tokens":5}})") +
           data(R"({"type":"message_stop"})");
}

std::string converted(Wire from, const std::string& upstream,
                      const AnswerPlan& plan = plan_of_caller()) {
    return convert_in_every_split(from, Wire::Responses, upstream, plan);
}

// What a library puts together; the test fails when the grammar is broken.
Json assembled(Wire from, const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    const Assembled got = assemble(Wire::Responses, converted(from, upstream, plan), plan);
    CHECK(got.problem == "");
    CHECK(got.is_ended);
    return Json::parse(got.message.dump());
}

// The types of the events, without those of the beginning; "response." left out.
std::string types_of(const std::string& stream) {
    std::string types;
    for (std::size_t at = stream.find("event: "); at != std::string::npos;
         at = stream.find("event: ", at + 1)) {
        std::string type = stream.substr(at + 7, stream.find('\n', at) - at - 7);
        if (type.starts_with("response.")) type.erase(0, 9);
        if (type == "created" || type == "in_progress") continue;
        types += (types.empty() ? "" : " ") + type;
    }
    return types;
}

// "message completed: a | b" of each item.
std::string outline_of(const Json& response) {
    std::string outline;
    for (const Json& item : response["output"]) {
        if (!outline.empty()) outline += "; ";
        outline += item["type"].get<std::string>() + " " + item.value("status", "-") + ":";
        for (const char* list : {"content", "summary"}) {
            if (!item.contains(list)) continue;
            for (const Json& part : item[list])
                outline += " " + part.value("text", part.value("refusal", "?"));
        }
        if (item.contains("arguments")) outline += " " + item["arguments"].get<std::string>();
        if (item.contains("input")) outline += " " + item["input"].get<std::string>();
    }
    return outline;
}

}  // namespace

TEST_CASE("protocol: a text streams as Responses have it, event for event", "[protocol]") {
    const std::string stream = converted(Wire::OpenAi, text("Hel") + text("lo") + finish("stop"));
    const std::string head =
        R"("id":"resp_c1","object":"response","created_at":1700000000,"status":"in_progress","error":null,"model":"m","instructions":null,"tools":[],"incomplete_details":null,"output":[],"usage":null})";
    const auto event = [](const std::string& type, int number, const std::string& members) {
        return "event: " + type + "\ndata: {\"type\":\"" + type +
               "\",\"sequence_number\":" + std::to_string(number) + "," + members + "}\n\n";
    };
    const std::string id =
        Json::parse(stream.substr(stream.rfind("data: ") + 6))["response"]["output"][0]["id"];
    const std::string at = R"("item_id":")" + id + R"(","output_index":0,"content_index":0,)";
    const std::string item = R"("id":")" + id + R"(","status":)";
    const std::string done =
        R"({"type":"output_text","text":"Hello","annotations":[],"logprobs":[]})";
    const std::string message =
        item + R"("completed","type":"message","role":"assistant","content":[)" + done + "]}";
    std::string want = event("response.created", 0, "\"response\":{" + head);
    want += event("response.in_progress", 1, "\"response\":{" + head);
    want += event("response.output_item.added", 2,
                  R"("output_index":0,"item":{)" + item +
                      R"("in_progress","type":"message","role":"assistant","content":[]})");
    want += event("response.content_part.added", 3,
                  at + R"("part":{"type":"output_text","text":"","annotations":[],"logprobs":[]})");
    want += event("response.output_text.delta", 4, at + R"("delta":"Hel","logprobs":[])");
    want += event("response.output_text.delta", 5, at + R"("delta":"lo","logprobs":[])");
    want += event("response.output_text.done", 6, at + R"("text":"Hello","logprobs":[])");
    want += event("response.content_part.done", 7, at + "\"part\":" + done);
    want += event("response.output_item.done", 8, R"("output_index":0,"item":{)" + message);
    want += event(
        "response.completed", 9,
        R"("response":{"id":"resp_c1","object":"response","created_at":1700000000,"status":"completed","error":null,"model":"m","instructions":null,"tools":[],"incomplete_details":null,"output":[{)" +
            message +
            R"(],"usage":{"input_tokens":21,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":0},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":24}})");
    CHECK(stream == want);
}

TEST_CASE("protocol: items of a stream follow one another", "[protocol]") {
    struct Row {
        const char* name;
        Wire from;
        std::string upstream;
        const char* want;
    };
    const Row rows[] = {
        {"thoughts, a text, calls", Wire::OpenAi,
         chunk(R"({"reasoning_content":"hm"})") + text("a") + call(0, "1", "f", "{\"x\":") +
             call(0, "", "", "1}") + call(1, "2", "g", "{}") + finish("tool_calls"),
         "reasoning -: hm; message completed: a; function_call completed: {\"x\":1}; "
         "function_call completed: {}"},
        {"calls that come interleaved", Wire::OpenAi,
         call(0, "1", "f", "{\"x\":") + call(1, "2", "g", "{\"y\":") + call(0, "", "", "1}") +
             call(1, "", "", "2}") + finish("tool_calls"),
         "function_call completed: {\"x\":1}; function_call completed: {\"y\":2}"},
        {"a text behind a call that goes on", Wire::OpenAi,
         call(0, "1", "f", "{\"x\":") + text("a") + call(0, "", "", "1}") + finish("tool_calls"),
         "function_call completed: {\"x\":1}; message completed: a"},
        {"a call without arguments", Wire::OpenAi, call(0, "1", "f", "") + finish("tool_calls"),
         "function_call completed: {}"},
        {"a text that is cut off", Wire::OpenAi, text("a") + finish("length"),
         "message incomplete: a"},
        {"a call that is cut off", Wire::OpenAi,
         call(0, "0", "f", "{}") + call(1, "1", "f", "{\"x\":") + finish("length"),
         "function_call completed: {}; function_call incomplete: {\"x\":"},
        {"a refusal", Wire::OpenAi,
         chunk(R"({"refusal":"I "})") + chunk(R"({"refusal":"won't"})") + finish("stop"),
         "message completed: I won't"},
        {"a refusal behind a text", Wire::OpenAi,
         text("a") + chunk(R"({"refusal":"no"})") + text("b") + finish("stop"),
         "message completed: a no b"},
        {"nothing", Wire::OpenAi, chunk("{}") + finish("stop"), ""},
        {"signed thoughts, one after the other", Wire::Anthropic,
         kStart +
             block(0, R"({"type":"thinking","thinking":"","signature":""})",
                   delta(0, R"({"type":"thinking_delta","thinking":"a"})") +
                       delta(0, R"({"type":"signature_delta","signature":"s1"})")) +
             block(1, R"({"type":"redacted_thinking","data":"d1"})", "") +
             block(2, R"({"type":"thinking","thinking":"","signature":""})",
                   delta(2, R"({"type":"thinking_delta","thinking":"b"})")) +
             stop("end_turn"),
         "reasoning -: a; reasoning -:; reasoning -: b"},
        {"texts of one message", Wire::Anthropic,
         kStart +
             block(0, R"({"type":"text","text":""})",
                   delta(0, R"({"type":"text_delta","text":"a"})")) +
             block(1, R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})", "") +
             block(2, R"({"type":"text","text":""})",
                   delta(2, R"({"type":"text_delta","text":"b"})")) +
             stop("end_turn"),
         "message completed: ab"},
        {"a refusal that the vendor's filter says", Wire::Anthropic,
         kStart + stop("refusal", R"(,"stop_details":{"type":"refusal","explanation":"not that"})"),
         "message incomplete: not that"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            CHECK(outline_of(assembled(row.from, row.upstream)) == row.want);
        }
    }
}

TEST_CASE("protocol: each kind of item has its events", "[protocol]") {
    CHECK(types_of(converted(Wire::OpenAi, chunk(R"({"reasoning_content":"a"})") +
                                               chunk(R"({"reasoning_content":"b"})") +
                                               finish("stop"))) ==
          "output_item.added reasoning_summary_part.added reasoning_summary_text.delta "
          "reasoning_summary_text.delta reasoning_summary_text.done reasoning_summary_part.done "
          "output_item.done completed");
    CHECK(types_of(converted(Wire::OpenAi, call(0, "1", "f", "{\"x\":") + call(0, "", "", "1}") +
                                               finish("tool_calls"))) ==
          "output_item.added function_call_arguments.delta function_call_arguments.delta "
          "function_call_arguments.done output_item.done completed");
    CHECK(types_of(converted(Wire::OpenAi, chunk(R"({"refusal":"no"})") + finish("stop"))) ==
          "output_item.added content_part.added refusal.delta refusal.done content_part.done "
          "output_item.done completed");
    CHECK(types_of(converted(Wire::OpenAi, text("a") + finish("length"))) ==
          "output_item.added content_part.added output_text.delta output_text.done "
          "content_part.done output_item.done incomplete");
    AnswerPlan plan = plan_of_caller();
    plan.custom_tools = {"c"};
    CHECK(
        types_of(converted(
            Wire::OpenAi, call(0, "1", "c", R"({"input":"free"})") + finish("tool_calls"), plan)) ==
        "output_item.added custom_tool_call_input.delta custom_tool_call_input.done "
        "output_item.done completed");
}

TEST_CASE("protocol: what the vendor signed comes with its item", "[protocol]") {
    const Json response = assembled(
        Wire::Anthropic, kStart +
                             block(0, R"({"type":"thinking","thinking":"","signature":""})",
                                   delta(0, R"({"type":"signature_delta","signature":"s1"})")) +
                             block(1, R"({"type":"redacted_thinking","data":"d1"})", "") +
                             stop("end_turn"));
    CHECK(response["output"][0]["encrypted_content"] == seal_signature("s1"));
    CHECK(response["output"][0]["summary"] == Json::array());
    CHECK(response["output"][1]["encrypted_content"] == seal_redacted("d1"));
}

TEST_CASE("protocol: citations stream as notes to their text", "[protocol]") {
    const std::string citation =
        R"({"type":"citations_delta","citation":{"type":"web_search_result_location","url":"u","title":"t","cited_text":"x"}})";
    const std::string upstream =
        kStart +
        block(0, R"({"type":"text","text":""})",
              delta(0, R"({"type":"text_delta","text":"ab"})") + delta(0, citation)) +
        stop("end_turn");
    const Json response = assembled(Wire::Anthropic, upstream);
    CHECK(response["output"][0]["content"][0]["annotations"].dump() ==
          R"([{"end_index":2,"start_index":0,"title":"t","type":"url_citation","url":"u"}])");
    CHECK(types_of(converted(Wire::Anthropic, upstream)) ==
          "output_item.added content_part.added output_text.delta output_text.annotation.added "
          "output_text.done content_part.done output_item.done completed");
}

TEST_CASE("protocol: each of several texts has its own notes", "[protocol]") {
    const auto citation = [](int index, const std::string& url) {
        return delta(
            index,
            R"({"type":"citations_delta","citation":{"type":"web_search_result_location","url":")" +
                url + R"(","title":"t","cited_text":"x"}})");
    };
    const std::string upstream =
        kStart +
        block(0, R"({"type":"text","text":""})",
              delta(0, R"({"type":"text_delta","text":"\u00e9b"})") + citation(0, "u")) +
        block(1, R"({"type":"tool_use","id":"c1","name":"f","input":{}})",
              delta(1, R"({"type":"input_json_delta","partial_json":"{}"})")) +
        block(2, R"({"type":"text","text":""})",
              delta(2, R"({"type":"text_delta","text":"cde"})") + citation(2, "v")) +
        stop("tool_use");
    const Json response = assembled(Wire::Anthropic, upstream);
    CHECK(response["output"][0]["content"][0]["annotations"].dump() ==
          R"([{"end_index":2,"start_index":0,"title":"t","type":"url_citation","url":"u"}])");
    CHECK(response["output"][2]["content"][0]["annotations"].dump() ==
          R"([{"end_index":3,"start_index":0,"title":"t","type":"url_citation","url":"v"}])");
}

TEST_CASE("protocol: notes that come late are their texts', too", "[protocol]") {
    const auto chunk = [](const std::string& members) {
        return data(R"({"id":"c","model":"m","choices":[{"index":0,"delta":)" + members + "}]}");
    };
    const auto note = [](int begin, int end) {
        return R"({"type":"url_citation","url_citation":{"start_index":)" + std::to_string(begin) +
               R"(,"end_index":)" + std::to_string(end) + R"(,"url":"u"}})";
    };
    const std::string call =
        R"({"tool_calls":[{"index":0,"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]})";
    const std::string upstream =
        chunk(R"({"content":"ab"})") + chunk(call) + chunk(R"({"content":"cd"})") +
        chunk(R"({"annotations":[)" + note(2, 4) + "," + note(0, 1) + "," + note(9, 9) + "]}") +
        data(R"({"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})") + "data: [DONE]\n\n";
    const Json response = assembled(Wire::OpenAi, upstream);
    REQUIRE(response["output"].size() == 3);
    const auto places = [&](int item) {
        std::string text;
        for (const Json& annotation : response["output"][item]["content"][0]["annotations"])
            text += annotation["start_index"].dump() + "-" + annotation["end_index"].dump() + " ";
        return text;
    };
    CHECK(places(0) == "0-1 ");
    CHECK(places(2) == "0-2 7-7 ");
}

TEST_CASE("protocol: a stream of Responses says what was used, or an estimate", "[protocol]") {
    const Json told = assembled(Wire::Anthropic, kStart + stop("end_turn"));
    CHECK(told["usage"]["input_tokens"] == 7);
    CHECK(told["usage"]["output_tokens"] == 5);
    const Json estimated =
        assembled(Wire::OpenAi,
                  text("12345678") + chunk("{}", R"("finish_reason":"stop")") + "data: [DONE]\n\n");
    CHECK(estimated["usage"]["input_tokens"] == 11);
    CHECK(estimated["usage"]["output_tokens"] == 2);
}

TEST_CASE("protocol: JSON that a tool was forced to give streams as the text", "[protocol]") {
    AnswerPlan plan = plan_of_caller();
    plan.json_tool = "aigw_json_output";
    const Json response = assembled(
        Wire::OpenAi, call(0, "1", "aigw_json_output", R"({"a":1})") + finish("tool_calls"), plan);
    CHECK(outline_of(response) == "message completed: {\"a\":1}");
}

TEST_CASE("protocol: a stream of Responses that fails ends in an error", "[protocol]") {
    struct Row {
        const char* name;
        std::string upstream;
        const char* want;  // the error, as it is told
        bool has_begun;
    };
    const Row rows[] = {
        {"cut off", text("a"),
         R"({"message":"upstream stream ended early","type":"api_response_error","param":null,"code":"upstream_stream_truncated"})",
         true},
        {"told by the vendor",
         text("a") + data(R"({"error":{"message":"busy","type":"server_error","code":"c"}})"),
         R"({"message":"busy","type":"server_error","param":null,"code":"c"})", true},
        {"before anything came", data(R"({"error":{"message":"busy","type":"server_error"}})"),
         R"({"message":"busy","type":"server_error","param":null,"code":"response_error"})", false},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const std::string stream = converted(Wire::OpenAi, row.upstream);
            const Assembled got = assemble(Wire::Responses, stream, plan_of_caller());
            CHECK(got.problem == "");
            CHECK(got.is_failed);
            CHECK(got.error.dump() == row.want);
            CHECK(stream.starts_with("event: response.created") == row.has_begun);
        }
    }
}

TEST_CASE("protocol: a Response that is too large for the gateway ends in an error", "[protocol]") {
    const AnswerPlan plan = plan_of_caller();
    const auto writer = make_responses_stream_writer(plan);
    writer->take({.kind = ChatEventKind::Start, .id = "x"});
    const std::string piece(std::size_t{1} << 20, 'a');
    for (int i = 0; i < 8; ++i) {
        writer->take({.kind = ChatEventKind::Text, .text = piece});
        CHECK_FALSE(writer->is_over());
    }
    writer->take_output();
    writer->take({.kind = ChatEventKind::Text, .text = "a"});
    CHECK(writer->is_over());
    CHECK(writer->take_output().starts_with("event: error\n"));
    writer->take({.kind = ChatEventKind::End});
    CHECK(writer->take_output().empty());
}
