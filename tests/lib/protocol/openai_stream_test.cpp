#include "protocol/openai_stream.h"

#include <catch2/catch.hpp>

#include "crypto/digest.h"
#include "protocol/anthropic_stream.h"
#include "tests/lib/protocol/converted_stream.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::testing;
using Json = nlohmann::json;

namespace {

AnswerPlan plan_of_caller() {
    return {.model = "gpt",
            .fallback_id = "01f",
            .stop = {"END"},
            .input_tokens = 11,
            .sha256_hex = &crypto::sha256_hex};
}

std::string data(const std::string& json) {
    return "data: " + json + "\n\n";
}
std::string chunk(const std::string& delta, const std::string& rest = R"("finish_reason":null)") {
    return data(
        R"({"id":"chatcmpl-1","object":"chat.completion.chunk","model":"gpt-x","choices":[{"index":0,"delta":)" +
        delta + "," + rest + "}]}");
}
std::string text(const std::string& content) {
    return chunk("{\"content\":" + Json(content).dump() + "}");
}
std::string thought(const std::string& content) {
    return chunk("{\"reasoning_content\":" + Json(content).dump() + "}");
}
// A fragment of a call; "-" stands for a member that is not there.
std::string call_json(int index, const std::string& id, const std::string& name,
                      const std::string& arguments) {
    Json call = Json::object();
    if (index >= 0) call["index"] = index;
    if (id != "-") call["id"] = id;
    if (name != "-") call["function"]["name"] = name;
    if (arguments != "-") call["function"]["arguments"] = arguments;
    return call.dump();
}
std::string call(int index, const std::string& id, const std::string& name,
                 const std::string& arguments) {
    return chunk("{\"tool_calls\":[" + call_json(index, id, name, arguments) + "]}");
}
std::string finish(const std::string& reason) {
    return chunk("{}", R"("finish_reason":")" + reason + "\"");
}
std::string usage(int prompt, int completion) {
    return data(R"({"id":"chatcmpl-1","choices":[],"usage":{"prompt_tokens":)" +
                std::to_string(prompt) + R"(,"completion_tokens":)" + std::to_string(completion) +
                "}}");
}
const std::string kRole = chunk(R"({"role":"assistant","content":""})");
const std::string kUsage = usage(21, 3);
const std::string kDone = "data: [DONE]\n\n";

std::string converted(const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    return convert_in_every_split(Wire::OpenAi, Wire::Anthropic, upstream, plan);
}

// What an Anthropic library puts together; the test fails when the grammar is broken.
Json assembled(const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    const Assembled got = assemble(Wire::Anthropic, converted(upstream, plan), plan);
    CHECK(got.problem == "");
    CHECK(got.is_ended);
    return Json::parse(got.message.dump());
}

Json content_of(const std::string& upstream, const AnswerPlan& plan = plan_of_caller()) {
    return assembled(upstream, plan)["content"];
}

// "start 0 text", "delta 0 text_delta", "stop 0", …
std::vector<std::string> steps_of(const std::string& stream) {
    std::vector<std::string> steps;
    for (std::size_t at = stream.find("data: "); at != std::string::npos;
         at = stream.find("data: ", at + 6)) {
        const Json json = Json::parse(stream.substr(at + 6, stream.find('\n', at) - at - 6));
        const std::string type = json["type"];
        if (type == "content_block_start")
            steps.push_back("start " + json["index"].dump() + " " +
                            json["content_block"]["type"].get<std::string>());
        if (type == "content_block_delta")
            steps.push_back("delta " + json["index"].dump() + " " +
                            json["delta"]["type"].get<std::string>());
        if (type == "content_block_stop") steps.push_back("stop " + json["index"].dump());
    }
    return steps;
}

std::string failed(const std::string& type, const std::string& message) {
    return R"(event: error)"
           "\n"
           R"(data: {"type":"error","error":{"type":")" +
           type + R"(","message":")" + message + R"("},"request_id":"req_1"})" + "\n\n";
}

}  // namespace

TEST_CASE("protocol: a stream of chunks becomes a stream of messages", "[protocol][conversion]") {
    CHECK(
        converted(kRole + text("Hi \"you\"") + finish("stop") + kUsage + kDone) ==
        "event: message_start\n"
        R"(data: {"type":"message_start","message":{"id":"msg_chatcmpl-1","type":"message","role":"assistant","model":"gpt","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":11,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0}}})"
        "\n\n"
        "event: content_block_start\n"
        R"(data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}})"
        "\n\n"
        "event: content_block_delta\n"
        R"(data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi \"you\""}})"
        "\n\n"
        "event: content_block_stop\n"
        R"(data: {"type":"content_block_stop","index":0})"
        "\n\n"
        "event: message_delta\n"
        R"(data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"input_tokens":21,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":3}})"
        "\n\n"
        "event: message_stop\n"
        R"(data: {"type":"message_stop"})"
        "\n\n");
}

TEST_CASE("E89: a usage chunk behind the finish has its place in the one message_delta",
          "[protocol][conversion]") {
    const Json got = assembled(kRole + text("Hi") + finish("stop") + kUsage + kDone)["usage"];
    CHECK(got["input_tokens"] == 21);
    CHECK(got["output_tokens"] == 3);
    CHECK(assembled(kRole + text("Hi") + finish("stop") + kUsage)["usage"] == got);
}

TEST_CASE("E90: the last usage counts", "[protocol][conversion]") {
    const auto with = [](const std::string& delta, const std::string& finish_reason,
                         int completion) {
        return data(R"({"id":"c","choices":[{"index":0,"delta":)" + delta + R"(,"finish_reason":)" +
                    finish_reason + R"(}],"usage":{"prompt_tokens":21,"completion_tokens":)" +
                    std::to_string(completion) + "}}");
    };
    CHECK(assembled(with(R"({"content":"a"})", "null", 1) + with(R"({"content":"b"})", "null", 2) +
                    with("{}", "\"stop\"", 3) + kDone)["usage"]["output_tokens"] == 3);
    CHECK(assembled(with(R"({"content":"a"})", "null", 1) + with("{}", "\"stop\"", 3) +
                    usage(21, 4) + kDone)["usage"]["output_tokens"] == 4);
    CHECK(assembled(
              kRole +
              chunk("{}",
                    R"("finish_reason":"stop","usage":{"prompt_tokens":5,"completion_tokens":6})") +
              kDone)["usage"]["output_tokens"] == 6);
}

TEST_CASE("E63: usage is always there for callers of Anthropic's protocol",
          "[protocol][conversion]") {
    const Json got = assembled(kRole + text("abcdef") + finish("stop") + kDone)["usage"];
    CHECK(
        got ==
        Json::parse(
            R"({"input_tokens":11,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":2})"));
}

TEST_CASE("E91: parallel calls are blocks one after the other", "[protocol][conversion]") {
    const std::string upstream = kRole + call(0, "a", "f", "") + call(0, "-", "-", R"({"x")") +
                                 call(0, "-", "-", ":1}") + call(1, "b", "g", "") +
                                 call(1, "-", "-", R"({"y":2})") + finish("tool_calls") + kDone;
    CHECK(content_of(upstream) ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}},
                                                  {"type":"tool_use","id":"b","name":"g","input":{"y":2}}])"));
    CHECK(steps_of(converted(upstream)) ==
          std::vector<std::string>{"start 0 tool_use", "delta 0 input_json_delta",
                                   "delta 0 input_json_delta", "stop 0", "start 1 tool_use",
                                   "delta 1 input_json_delta", "stop 1"});
    CHECK(assembled(upstream)["stop_reason"] == "tool_use");
}

TEST_CASE("E92: calls whose pieces interleave stay whole", "[protocol][conversion]") {
    CHECK(content_of(kRole + call(0, "a", "f", "{") + call(1, "b", "g", "{") +
                     call(0, "-", "-", "\"x\":") + call(1, "-", "-", "\"y\":") +
                     call(2, "c", "h", "{}") + call(0, "-", "-", "1}") + call(1, "-", "-", "2}") +
                     finish("tool_calls") + kDone) ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}},
                          {"type":"tool_use","id":"b","name":"g","input":{"y":2}},
                          {"type":"tool_use","id":"c","name":"h","input":{}}])"));
}

TEST_CASE("E93: one index with a new id is a new call", "[protocol][conversion]") {
    CHECK(content_of(kRole + call(0, "a", "f", R"({"x":1})") + call(0, "b", "f", R"({"x":)") +
                     call(0, "-", "-", "2}") + call(0, "c", "g", "") + finish("tool_calls") +
                     kDone) ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}},
                          {"type":"tool_use","id":"b","name":"f","input":{"x":2}},
                          {"type":"tool_use","id":"c","name":"g","input":{}}])"));
}

TEST_CASE("E94: an id and a name in every piece are said once", "[protocol][conversion]") {
    const std::string upstream = kRole + call(0, "a", "f", "") + call(0, "a", "f", R"({"x":)") +
                                 call(0, "a", "f", "1}") + call(0, "a", "f", "") +
                                 finish("tool_calls") + kDone;
    CHECK(content_of(upstream) ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}}])"));
}

TEST_CASE("E95: an id or a name may come late, or not at all", "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string calls;
        const char* want;
    };
    const Case cases[] = {
        {"a late id", call(0, "-", "f", R"({"x":)") + call(0, "a", "-", "1}"),
         R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}}])"},
        {"a late name", call(0, "a", "-", R"({"x":)") + call(0, "", "f", "1}"),
         R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}}])"},
        {"empty ones first", call(0, "", "", "") + call(0, "a", "f", R"({"x":1})"),
         R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}}])"},
        {"no name, but arguments", call(0, "a", "-", R"({"x":1})"),
         R"([{"type":"tool_use","id":"a","name":"tool_0","input":{"x":1}}])"},
        {"neither name nor arguments", call(0, "a", "-", "") + call(1, "b", "g", "{}"),
         R"([{"type":"tool_use","id":"b","name":"g","input":{}}])"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(content_of(kRole + c.calls + finish("tool_calls") + kDone) ==
                  Json::parse(c.want));
        }
    }
    const std::string nameless =
        kRole + call(0, "-", "f", R"({"x":1})") + call(1, "-", "f", "") + finish("stop") + kDone;
    const Json made = content_of(nameless);
    REQUIRE(made.size() == 2);
    CHECK(made[0]["id"].get<std::string>().starts_with("toolu_"));
    CHECK(made[0]["id"].get<std::string>().size() == 30);
    CHECK(made[0]["id"] != made[1]["id"]);
    CHECK(content_of(nameless) == made);
    CHECK(assembled(kRole + call(0, "a", "-", "") + finish("tool_calls") + kDone)["stop_reason"] ==
          "end_turn");
}

TEST_CASE("E96: calls without index are told apart by id, else by position",
          "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string calls;
        const char* want;
    };
    const Case cases[] = {
        {"by id",
         call(-1, "a", "f", R"({"x":)") + call(-1, "b", "g", R"({"y":)") +
             call(-1, "a", "-", "1}") + call(-1, "b", "-", "2}"),
         R"([["f",{"x":1}],["g",{"y":2}]])"},
        {"pieces go on with the last", call(-1, "a", "f", R"({"x":)") + call(-1, "-", "-", "1}"),
         R"([["f",{"x":1}]])"},
        {"whole calls without ids in one chunk",
         chunk("{\"tool_calls\":[" + call_json(-1, "-", "f", R"({"x":1})") + "," +
               call_json(-1, "-", "g", R"({"y":2})") + "]}"),
         R"([["f",{"x":1}],["g",{"y":2}]])"},
        {"whole calls without ids in several chunks",
         call(-1, "-", "f", R"({"x":1})") + call(-1, "-", "f", R"({"x":2})") +
             call(-1, "-", "g", R"({"y":2})"),
         R"([["f",{"x":1}],["f",{"x":2}],["g",{"y":2}]])"},
        {"pieces by position",
         chunk("{\"tool_calls\":[" + call_json(-1, "-", "f", R"({"x":)") + "," +
               call_json(-1, "-", "g", R"({"y":)") + "]}") +
             chunk("{\"tool_calls\":[" + call_json(-1, "-", "-", "1}") + "," +
                   call_json(-1, "-", "-", "2}") + "]}"),
         R"([["f",{"x":1}],["g",{"y":2}]])"},
        {"one index for all and no ids",
         call(0, "-", "f", R"({"x":1})") + call(0, "-", "g", R"({"y":2})"),
         R"([["f",{"x":1}],["g",{"y":2}]])"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Json got = Json::array();
            for (const Json& block : content_of(kRole + c.calls + finish("tool_calls") + kDone))
                got.push_back(Json::array({block["name"], block["input"]}));
            CHECK(got == Json::parse(c.want));
        }
    }
}

TEST_CASE("E97: text behind a call is a block of its own, from its first word",
          "[protocol][conversion]") {
    CHECK(
        content_of(kRole + text("I look.") + call(0, "a", "f", "{}") + text("So") + text(" it is") +
                   thought("hm") + finish("tool_calls") + kDone) ==
        Json::parse(
            R"([{"type":"text","text":"I look."},{"type":"tool_use","id":"a","name":"f","input":{}},
                          {"type":"text","text":"So it is"},{"type":"thinking","thinking":"hm","signature":""}])"));
    CHECK(
        content_of(kRole + call(0, "a", "f", "{") + text("So") + text(" it is") +
                   call(0, "-", "-", "}") + finish("tool_calls") + kDone) ==
        Json::parse(
            R"([{"type":"tool_use","id":"a","name":"f","input":{}},{"type":"text","text":"So it is"}])"));
}

TEST_CASE("E98: a chunk may hold everything at once", "[protocol][conversion]") {
    const std::string all = data(
        R"({"id":"c","choices":[{"index":0,"delta":{"tool_calls":[)" +
        call_json(0, "a", "f", "{}") + "," + call_json(1, "b", "g", "{}") +
        R"(],"content":"Hi","reasoning_content":"hm"},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":2,"completion_tokens":1}})");
    const Json got = assembled(all + kDone);
    CHECK(got["content"] ==
          Json::parse(
              R"([{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"Hi"},
        {"type":"tool_use","id":"a","name":"f","input":{}},{"type":"tool_use","id":"b","name":"g","input":{}}])"));
    CHECK(got["stop_reason"] == "tool_use");
    CHECK(got["usage"]["input_tokens"] == 2);
}

TEST_CASE("E99: blanks before a call are no text", "[protocol][conversion]") {
    CHECK(content_of(kRole + text("\n") + text("\n ") + call(0, "a", "f", "{}") +
                     finish("tool_calls") + kDone) ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{}}])"));
    CHECK(content_of(kRole + text("\n") + text("\n Hi ") + text("\n") + finish("stop") + kDone) ==
          Json::parse(R"([{"type":"text","text":"\n\n Hi \n"}])"));
    CHECK(content_of(kRole + text(" ") + finish("stop") + kDone) == Json::array());
    CHECK(
        content_of(kRole + thought("hm") + text("\n\n") + text("Hi") + finish("stop") + kDone) ==
        Json::parse(
            R"([{"type":"thinking","thinking":"hm","signature":""},{"type":"text","text":"\n\nHi"}])"));
}

TEST_CASE("E64: a blank or absent content opens no text", "[protocol][conversion]") {
    CHECK(content_of(kRole + chunk(R"({"content":null})") + finish("stop") + kDone) ==
          Json::array());
    CHECK(content_of(kRole + finish("stop") + kDone) == Json::array());
}

TEST_CASE("E100: a leading chunk without choices is no beginning", "[protocol][conversion]") {
    const std::string azure =
        data(R"({"id":"","model":"","choices":[],"prompt_filter_results":[{"prompt_index":0}]})");
    CHECK(converted(azure + kRole + text("Hi") + finish("stop") + kDone) ==
          converted(kRole + text("Hi") + finish("stop") + kDone));
    CHECK(content_of(data(R"({"id":"chatcmpl-1","choices":[]})") + text("Hi") + finish("stop") +
                     kDone) == Json::parse(R"([{"type":"text","text":"Hi"}])"));
}

TEST_CASE("E101: thinking has an empty signature, and none is made up", "[protocol][conversion]") {
    const std::string stream =
        converted(kRole + thought("a") + thought("b") + text("Hi") + finish("stop") + kDone);
    CHECK(stream.find(R"("content_block":{"type":"thinking","thinking":"","signature":""})") !=
          std::string::npos);
    CHECK(stream.find("signature_delta") == std::string::npos);
    AnswerPlan hiding = plan_of_caller();
    hiding.hides_thinking = true;
    CHECK(content_of(kRole + thought("a") + text("Hi") + finish("stop") + kDone, hiding) ==
          Json::parse(R"([{"type":"text","text":"Hi"}])"));
}

TEST_CASE("protocol: every name of reasoning is read, one at a time", "[protocol][conversion]") {
    const Json want = Json::parse(R"([{"type":"thinking","thinking":"ab","signature":""}])");
    const auto thinks = [&](const std::string& a, const std::string& b) {
        return content_of(kRole + chunk(a) + chunk(b) + finish("stop") + kDone);
    };
    CHECK(thinks(R"({"reasoning":"a"})", R"({"reasoning":"b"})") == want);
    CHECK(thinks(R"({"reasoning_content":null,"reasoning":"a","reasoning_details":[{"text":"a"}]})",
                 R"({"reasoning":"b"})") == want);
    CHECK(thinks(R"({"reasoning_details":[{"text":"a"}]})",
                 R"({"reasoning_details":[{"text":"b"}]})") == want);
    CHECK(
        content_of(
            kRole +
            chunk(
                R"({"thinking_blocks":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"}]})") +
            finish("stop") + kDone) ==
        Json::parse(
            R"([{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d"}])"));
}

TEST_CASE("protocol: a signature that comes behind its thoughts is theirs",
          "[protocol][conversion]") {
    const auto block = [](const std::string& thinking, const std::string& signature) {
        return R"({"type":"thinking","thinking":")" + thinking + R"(","signature":")" + signature +
               R"("})";
    };
    const auto blocks = [](const std::string& list) {
        return chunk(R"({"thinking_blocks":[)" + list + "]}");
    };
    const auto both = [&](const std::string& piece) {
        return chunk(R"({"reasoning_content":")" + piece + R"(","thinking_blocks":[)" +
                     block(piece, "") + "]}");
    };
    struct Case {
        const char* name;
        std::string upstream;
        std::string want;  // the blocks before the text
    };
    const Case cases[] = {
        {"in a block of its own", thought("a") + thought("b") + blocks(block("", "s")),
         block("ab", "s")},
        {"in a block with the thoughts again",
         thought("a") + thought("b") + blocks(block("ab", "s")), block("ab", "s")},
        {"behind blocks in pieces", both("a") + both("b") + blocks(block("", "s")),
         block("ab", "s")},
        {"where blocks are all there is",
         blocks(block("a", "")) + blocks(block("b", "")) + blocks(block("", "s")),
         block("ab", "s")},
        {"twice", both("a") + blocks(block("", "s")) + both("b") + blocks(block("", "t")),
         block("a", "s") + "," + block("b", "t")},
        {"of other thoughts", thought("a") + thought("b") + blocks(block("a", "s")),
         block("ab", "")},
        {"of two blocks that came as one",
         thought("a") + thought("b") + blocks(block("a", "s") + "," + block("b", "t")),
         block("ab", "")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const std::string bytes = kRole + c.upstream + text("Hi") + finish("stop") + kDone;
            CHECK(content_of(bytes) ==
                  Json::parse("[" + c.want + R"(,{"type":"text","text":"Hi"}])"));
        }
    }
    // Its block has been closed by then.
    CHECK(content_of(kRole + thought("a") + text("Hi") + blocks(block("a", "s")) + finish("stop") +
                     kDone) ==
          Json::parse("[" + block("a", "") + R"(,{"type":"text","text":"Hi"}])"));
}

TEST_CASE("E102: an error in the stream has Anthropic's shape", "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string upstream;
        std::string want;
    };
    const Case cases[] = {
        {"an error chunk",
         data(R"({"error":{"message":"boom","type":"server_error","code":null}})"),
         failed("api_error", "boom")},
        {"a throttle",
         data(R"({"error":{"message":"slow","type":"x","code":"rate_limit_exceeded"}})"),
         failed("rate_limit_error", "slow")},
        {"a status as code", data(R"({"error":{"message":"busy","code":503}})"),
         failed("overloaded_error", "busy")},
        {"too long", data(R"({"error":{"message":"too many","code":"context_length_exceeded"}})"),
         failed("invalid_request_error", "prompt is too long: too many")},
        {"the gateway's key",
         data(R"({"error":{"message":"sk-abcdefgh","code":"invalid_api_key"}})"),
         failed("api_error", "the upstream refused the gateway's credentials")},
        {"a text", data(R"({"error":"boom"})"), failed("api_error", "boom")},
        {"a flat error", data(R"({"code":"InternalError","message":"boom"})"),
         failed("api_error", "boom")},
        {"an event of that name", "event: error\ndata: {\"message\":\"boom\"}\n\n",
         failed("api_error", "boom")},
        {"invalid", data(R"({"error":{"message":"bad","type":"invalid_request_error"}})"),
         failed("invalid_request_error", "bad")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const std::string got =
                converted(kRole + text("Hi") + c.upstream + finish("stop") + kDone);
            CHECK(got.ends_with(c.want));
            const Assembled read = assemble_anthropic(got);
            CHECK(read.problem.empty());
            CHECK(read.is_failed);
            CHECK(converted(c.upstream) == c.want);
        }
    }
    CHECK(assembled(kRole +
                    data(R"({"id":"c","choices":[{"delta":{"content":"Hi"}}],"error":null})") +
                    kDone)["content"][0]["text"] == "Hi");
}

TEST_CASE("E103: the end is [DONE], or the vendor's closing behind a finish_reason",
          "[protocol][conversion]") {
    const std::string whole = converted(kRole + text("Hi") + finish("stop") + kDone);
    CHECK(converted(kRole + text("Hi") + finish("stop")) == whole);
    CHECK(converted(kRole + text("Hi") + kDone) == whole);
    CHECK(converted(kRole + text("Hi") + finish("stop") + "data: [DONE]") == whole);
    CHECK(converted(kRole + text("Hi") + finish("stop") + "data: {\"choi") == whole);
    CHECK(assembled(kRole + call(0, "a", "f", "{}") + kDone)["stop_reason"] == "tool_use");
    CHECK(assembled(kDone)["stop_reason"] == "end_turn");
    CHECK(converted(kRole + text("Hi"))
              .ends_with(failed("api_error", "upstream stream ended early")));
    CHECK(converted("") == failed("api_error", "upstream stream ended early"));
}

TEST_CASE("E104: nothing follows the end", "[protocol][conversion]") {
    const std::string whole = kRole + text("Hi") + finish("stop") + kUsage + kDone;
    CHECK(converted(whole + usage(1, 1) + text("no") + finish("length") + kDone) ==
          converted(whole));
    CHECK(converted(kRole + text("Hi") + finish("stop") + finish("length") + kUsage + kDone) ==
          converted(whole));
    CHECK(assembled(kRole + text("Hi") + finish("stop") + text(" there") +
                    kDone)["content"][0]["text"] == "Hi there");
}

TEST_CASE("E105: a ping is an event of Anthropic's", "[protocol][conversion]") {
    CHECK(anthropic_ping() == "event: ping\ndata: {\"type\":\"ping\"}\n\n");
}

TEST_CASE("E106: input tokens are in the start if known, at the end always",
          "[protocol][conversion]") {
    const std::string stream = converted(kRole + text("Hi") + finish("stop") + kUsage + kDone);
    CHECK(stream.find(R"("usage":{"input_tokens":11,)") <
          stream.find(R"("usage":{"input_tokens":21,)"));
    CHECK(stream.find(R"("usage":{"input_tokens":21,)") != std::string::npos);
}

TEST_CASE("E107: every event has a name, and there is no [DONE]", "[protocol][conversion]") {
    const std::string stream = converted(kRole + text("Hi") + finish("stop") + kDone);
    CHECK(stream.find("[DONE]") == std::string::npos);
    CHECK(assemble_anthropic(stream).problem.empty());
}

TEST_CASE("E108: whole calls come in one chunk", "[protocol][conversion]") {
    CHECK(
        content_of(chunk(R"({"role":"assistant","content":"","tool_calls":[)" +
                             call_json(0, "a", "f", R"({"x":1})") + "," +
                             call_json(1, "b", "g", R"({"y":2})") + "]}",
                         R"("finish_reason":"tool_calls")") +
                   kDone) ==
        Json::parse(
            R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}},{"type":"tool_use","id":"b","name":"g","input":{"y":2}}])"));
    CHECK(content_of(
              chunk(R"({"tool_calls":[{"id":"a","function":{"name":"f","arguments":{"x":1}}}]})") +
              finish("stop") + kDone) ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{"x":1}}])"));
}

TEST_CASE("E109: arguments cut off by the limit go out as they are", "[protocol][conversion]") {
    const Json got = assembled(kRole + call(0, "a", "f", R"({"x":"ab)") + finish("length") + kDone);
    CHECK(got["content"] ==
          Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":"{\"x\":\"ab"}])"));
    CHECK(got["stop_reason"] == "max_tokens");
}

TEST_CASE("E110: what is held back is bounded", "[protocol][conversion]") {
    const std::string large(1 << 20, 'x');
    struct Case {
        const char* name;
        std::string before;
        std::string piece;
    };
    const Case cases[] = {
        {"a call that interleaves", call(0, "a", "f", "{") + call(1, "b", "g", "{\"x\":\""),
         call(1, "-", "-", large)},
        {"text behind an open call", call(0, "a", "f", "{"), text(large)},
        {"a call without name", call(0, "a", "-", "{\"x\":\""), call(0, "-", "-", large)},
        {"arguments that are no object", call(0, "a", "f", "\""), call(0, "-", "-", large)},
        {"blanks", "", text(std::string(1 << 20, ' '))},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const AnswerPlan plan = plan_of_caller();
            ConvertedStream stream(Wire::OpenAi, Wire::Anthropic, plan);
            stream.feed(kRole + c.before);
            for (int i = 0; i < 9; ++i) stream.feed(c.piece);
            const std::string got = stream.finish();
            CHECK(got.ends_with(failed(
                "api_error", "what has to be held back of the upstream's stream is over 8 MiB")));
            CHECK(assemble_anthropic(got).problem.empty());
        }
    }
}

TEST_CASE("E65, E66: a stream's stop reason is about calls that are there",
          "[protocol][conversion]") {
    CHECK(assembled(kRole + call(0, "a", "f", "{}") + finish("stop") + kDone)["stop_reason"] ==
          "tool_use");
    CHECK(assembled(kRole + text("Hi") + finish("tool_calls") + kDone)["stop_reason"] ==
          "end_turn");
}

TEST_CASE("E70: a stream names the stop sequence that the upstream names",
          "[protocol][conversion]") {
    const auto stops = [](const std::string& more) {
        const Json got = assembled(kRole + text("Hi") +
                                   chunk("{}", R"("finish_reason":"stop",)" + more) + kDone);
        return got["stop_reason"].get<std::string>() + " " + got["stop_sequence"].dump();
    };
    CHECK(stops(R"("stop_reason":"END")") == R"(stop_sequence "END")");
    CHECK(stops(R"("matched_stop":"END")") == R"(stop_sequence "END")");
    CHECK(stops(R"("stop_reason":"</s>")") == "end_turn null");
    CHECK(stops(R"("stop_reason":null)") == "end_turn null");
    CHECK(stops(R"("matched_stop":7)") == "end_turn null");
}

TEST_CASE("E69: a refusal in a stream is a text and a stop reason", "[protocol][conversion]") {
    const Json got = assembled(kRole + chunk(R"({"refusal":"I "})") +
                               chunk(R"({"refusal":"can't."})") + finish("stop") + kDone);
    CHECK(got["content"] == Json::parse(R"([{"type":"text","text":"I can't."}])"));
    CHECK(got["stop_reason"] == "refusal");
    CHECK(got["stop_details"] == Json::parse(R"({"type":"refusal","explanation":"I can't."})"));
    CHECK(assembled(kRole + text("Hi") + finish("content_filter") + kDone)["stop_reason"] ==
          "refusal");
}

TEST_CASE("protocol: arguments that are no object are put into one", "[protocol][conversion]") {
    const auto input = [](const std::string& a, const std::string& b) {
        return content_of(kRole + call(0, "a", "f", a) + call(0, "-", "-", b) +
                          finish("tool_calls") + kDone)[0]["input"];
    };
    CHECK(input("[1,", "2]") == Json::parse(R"({"_raw_arguments":"[1,2]"})"));
    CHECK(input("nu", "ll") == Json::object());
    CHECK(input(" ", "\n{\"x\":1} ") == Json::parse(R"({"x":1})"));
    CHECK(input("{\"x\":\"}\\\"{\"", "}") == Json::parse(R"({"x":"}\"{"})"));
    CHECK(input("{\"x\":1}", "{\"x\":1}") == Json::parse(R"({"x":1})"));
}

TEST_CASE("protocol: a stream's elder function call is a call", "[protocol][conversion]") {
    const Json got = assembled(kRole + chunk(R"({"function_call":{"name":"f","arguments":""}})") +
                               chunk(R"({"function_call":{"arguments":"{\"x\":"}})") +
                               chunk(R"({"function_call":{"arguments":"1}"}})") +
                               finish("function_call") + kDone);
    CHECK(got["content"][0]["name"] == "f");
    CHECK(got["content"][0]["input"] == Json::parse(R"({"x":1})"));
    CHECK(got["stop_reason"] == "tool_use");
}

TEST_CASE("protocol: a custom tool's call is a call with one property", "[protocol][conversion]") {
    CHECK(
        content_of(
            kRole +
            chunk(
                R"({"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"f","input":"x "}}]})") +
            chunk(R"({"tool_calls":[{"index":0,"custom":{"input":"\"y\""}}]})") +
            finish("tool_calls") + kDone) ==
        Json::parse(R"([{"type":"tool_use","id":"a","name":"f","input":{"input":"x \"y\""}}])"));
}

TEST_CASE("protocol: ids that Anthropic refuses are made safe", "[protocol][conversion]") {
    const Json got = content_of(kRole + call(0, "a.b", "f", "{}") + call(1, "a:b", "f", "{}") +
                                finish("tool_calls") + kDone);
    CHECK(got[0]["id"].get<std::string>().starts_with("a_b_"));
    CHECK(got[0]["id"] != got[1]["id"]);
}

TEST_CASE("protocol: chunks that are no JSON are skipped, three in a row are an error",
          "[protocol][conversion]") {
    CHECK(content_of(kRole + data("oops") + data("{\"a\"") + text("Hi") + data("[]") +
                     finish("stop") + kDone) == Json::parse(R"([{"type":"text","text":"Hi"}])"));
    CHECK(converted(kRole + data("a") + data("b") + data("c") + text("Hi"))
              .ends_with(
                  failed("api_error",
                         "three events of the upstream's stream in a row are no JSON objects")));
    CHECK(content_of(kRole + "data:\n\ndata: \n\ndata:\n\n" + text("Hi") + kDone)[0]["text"] ==
          "Hi");
}

TEST_CASE("protocol: only the first choice of a stream is the answer", "[protocol][conversion]") {
    CHECK(
        content_of(
            data(
                R"({"id":"c","choices":[{"index":1,"delta":{"content":"no"}},{"index":0,"delta":{"content":"yes"}}]})") +
            data(R"({"id":"c","choices":[{"index":1,"delta":{},"finish_reason":"length"}]})") +
            finish("stop") + kDone) == Json::parse(R"([{"type":"text","text":"yes"}])"));
}

TEST_CASE("protocol: a stream with too many calls is an error", "[protocol][conversion]") {
    const AnswerPlan plan = plan_of_caller();
    ConvertedStream stream(Wire::OpenAi, Wire::Anthropic, plan);
    for (int i = 0; i <= 4096; ++i) stream.feed(call(i, "c" + std::to_string(i), "f", "{}"));
    CHECK(stream.finish().ends_with(
        failed("api_error", "the upstream's answer has more than 4096 tool calls")));
}
