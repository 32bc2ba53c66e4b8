#include "protocol/answer_restorer.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

namespace {

AnswerPlan plan_of_caller() {
    return {.names = {{"long_1234", "long.name"}, {"raw_1234", "raw.text"}},
            .custom_tools = {"raw.text", "note"},
            .json_tool = "json"};
}

CallPart restored(CallPart call, AnswerPlan plan = plan_of_caller()) {
    ChatReply reply{.stop = {.reason = StopReason::ToolCalls}};
    reply.parts.push_back({.value = std::move(call)});
    restore_answer(reply, plan);
    CHECK(reply.stop.reason == StopReason::ToolCalls);
    return *reply.parts.front().as<CallPart>();
}

std::string json_text(const std::string& arguments, bool is_wrapped) {
    AnswerPlan plan = plan_of_caller();
    plan.is_json_wrapped = is_wrapped;
    ChatReply reply{.stop = {.reason = StopReason::ToolCalls}};
    reply.parts.push_back({.value = CallPart{.name = "json", .arguments = arguments}});
    restore_answer(reply, plan);
    CHECK(reply.stop.reason == StopReason::EndTurn);
    return reply.parts.front().as<TextPart>()->text;
}

// Writes down what it takes.
class Notes final : public ChatSink {
public:
    void take(const ChatEvent& event) override {
        if (!text.empty()) text += " | ";
        switch (event.kind) {
            case ChatEventKind::Call:
                text += "call " + std::to_string(event.call) + " " + std::string(event.name);
                if (event.is_custom) text += " custom";
                break;
            case ChatEventKind::Arguments:
                text += "arguments " + std::to_string(event.call) + " " + std::string(event.text);
                break;
            case ChatEventKind::CallEnd:
                text += "end " + std::to_string(event.call);
                break;
            case ChatEventKind::Text:
                text += "text " + std::string(event.text);
                break;
            case ChatEventKind::PartEnd:
                text += "part";
                break;
            case ChatEventKind::End:
                text += "over";
                break;
            case ChatEventKind::Failed:
                text += "failed " + event.error->message;
                break;
            default:
                text += "other";
        }
    }
    std::string text;
};

struct Feed {
    explicit Feed(AnswerPlan plan_of_test) : plan(std::move(plan_of_test)) {}
    void call(std::uint32_t number, std::string_view name) {
        restorer->take({.kind = ChatEventKind::Call, .id = "i", .name = name, .call = number});
    }
    void piece(std::uint32_t number, std::string_view text) {
        restorer->take({.kind = ChatEventKind::Arguments, .text = text, .call = number});
    }
    void end_call(std::uint32_t number) {
        restorer->take({.kind = ChatEventKind::CallEnd, .call = number});
    }
    void end() { restorer->take({.kind = ChatEventKind::End}); }

    AnswerPlan plan;
    Notes notes;
    std::unique_ptr<ChatSink> restorer = make_answer_restorer(plan, notes);
};

}  // namespace

TEST_CASE("protocol: a tool has the name that the caller gave it", "[protocol][conversion]") {
    CHECK(restored({.name = "long_1234", .arguments = "{}"}).name == "long.name");
    CHECK(restored({.name = "other", .arguments = "{}"}).name == "other");
    Feed feed(plan_of_caller());
    feed.call(0, "long_1234");
    feed.piece(0, "{\"x\":");
    feed.piece(0, "1}");
    feed.end_call(0);
    CHECK(feed.notes.text == "call 0 long.name | arguments 0 {\"x\": | arguments 0 1} | end 0");
}

TEST_CASE("protocol: a custom tool's call has its text", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* arguments;
        const char* want;
    };
    const Case cases[] = {
        {"its input", R"({"input":"a\n\"b\""})", "a\n\"b\""},
        {"no arguments", "{}", ""},
        {"another property", R"({"x":1})", R"({"x":1})"},
        {"cut off", R"({"input":"a)", R"({"input":"a)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const CallPart got = restored({.name = "note", .arguments = c.arguments});
            CHECK(got.is_custom);
            CHECK(got.arguments == c.want);
            Feed feed(plan_of_caller());
            feed.call(3, "raw_1234");
            for (const char& byte : std::string_view(c.arguments)) feed.piece(3, {&byte, 1});
            feed.end_call(3);
            const std::string piece =
                *c.want == '\0' ? "" : std::string(" | arguments 3 ") + c.want;
            CHECK(feed.notes.text == "call 3 raw.text custom" + piece + " | end 3");
        }
    }
}

TEST_CASE("E36: the JSON tool's arguments are the answer, whatever its properties are called",
          "[protocol][conversion]") {
    CHECK(json_text(R"({"value": 1, "values": [2]})", false) == R"({"value":1,"values":[2]})");
    CHECK(json_text("{}", false) == "{}");
    CHECK(json_text(R"({"value": [1, "a b"]})", true) == R"([1,"a b"])");
    CHECK(json_text(R"({"other": 1})", true) == R"({"other":1})");
    CHECK(json_text(R"({"value":)", true) == R"({"value":)");
}

TEST_CASE("protocol: the JSON tool's arguments stream as text", "[protocol][conversion]") {
    Feed feed(plan_of_caller());
    feed.call(0, "json");
    feed.piece(0, "{\"a\"");
    feed.piece(0, ":1}");
    feed.end_call(0);
    feed.end();
    CHECK(feed.notes.text == "text {\"a\" | text :1} | part | over");
}

TEST_CASE("protocol: wrapped JSON waits until it is whole", "[protocol][conversion]") {
    AnswerPlan plan = plan_of_caller();
    plan.is_json_wrapped = true;
    Feed feed(plan);
    feed.call(0, "json");
    feed.piece(0, "{\"value\"");
    feed.piece(0, ": [1, 2]}");
    CHECK(feed.notes.text.empty());
    feed.end();
    CHECK(feed.notes.text == "text [1,2] | part | over");
}

TEST_CASE("protocol: a JSON tool beside other calls leaves them", "[protocol][conversion]") {
    Feed feed(plan_of_caller());
    feed.call(0, "json");
    feed.end_call(0);
    feed.call(1, "f");
    feed.piece(1, "{}");
    feed.end_call(1);
    CHECK(feed.notes.text == "text {} | part | call 1 f | arguments 1 {} | end 1");
    ChatReply reply{.stop = {.reason = StopReason::ToolCalls}};
    reply.parts.push_back({.value = CallPart{.name = "json", .arguments = "{}"}});
    reply.parts.push_back({.value = CallPart{.name = "f", .arguments = "{}"}});
    restore_answer(reply, plan_of_caller());
    CHECK(reply.stop.reason == StopReason::ToolCalls);
}

TEST_CASE("E110: what a restorer holds back is bounded", "[protocol][conversion]") {
    Feed feed(plan_of_caller());
    feed.call(0, "note");
    const std::string large(1 << 20, 'x');
    for (int i = 0; i < 9; ++i) feed.piece(0, large);
    feed.end();
    CHECK(feed.notes.text ==
          "call 0 note custom | failed what has to be held back of the upstream's stream is over 8 "
          "MiB");
}
