#include "protocol/answer_end.h"
#include "protocol/answer_ids.h"
#include "protocol/anthropic_answer.h"
#include "protocol/anthropic_reply.h"
#include "protocol/call_arguments.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

class Writer {
public:
    Writer(const ChatReply& reply, const AnswerPlan& plan) : reply_(reply), plan_(plan) {}

    std::string run() {
        json_.begin_object();
        json_.field("id", anthropic_answer_id(reply_.id, plan_));
        json_.field("type", "message");
        json_.field("role", "assistant");
        json_.field("model", plan_.model.empty() ? reply_.model : plan_.model);
        json_.key("content");
        json_.begin_array();
        for (const Part& part : reply_.parts) write_part(part);
        if (!is_blank(reply_.refusal)) write_text(reply_.refusal);
        json_.end_array();
        append_anthropic_stop(json_, settled_stop(reply_.stop, has_calls(reply_)), plan_);
        json_.key("usage");
        append_anthropic_usage(json_, usage_of(reply_, plan_));
        json_.end_object();
        return std::move(out_);
    }

private:
    // Blocks of a vendor that speaks another protocol mean nothing here.
    void write_part(const Part& part) {
        if (const auto* text = part.as<TextPart>()) {
            if (!is_blank(text->text)) write_text(text->text);
        } else if (const auto* thinking = part.as<ThinkingPart>()) {
            write_thinking(*thinking);
        } else if (const auto* redacted = part.as<RedactedThinkingPart>()) {
            write_redacted(*redacted);
        } else if (const auto* call = part.as<CallPart>()) {
            write_call(*call);
        }
    }

    void write_text(std::string_view text) {
        json_.begin_object();
        json_.field("type", "text");
        json_.field("text", text);
        json_.end_object();
    }

    // Callers expect a signature; an empty one says that there is none.
    void write_thinking(const ThinkingPart& thinking) {
        if (plan_.hides_thinking) return;
        json_.begin_object();
        json_.field("type", "thinking");
        json_.field("thinking", thinking.text);
        json_.field("signature", thinking.signature);
        json_.end_object();
    }

    void write_redacted(const RedactedThinkingPart& redacted) {
        if (plan_.hides_thinking) return;
        json_.begin_object();
        json_.field("type", "redacted_thinking");
        json_.field("data", redacted.data);
        json_.end_object();
    }

    void write_call(const CallPart& call) {
        json_.begin_object();
        json_.field("type", "tool_use");
        json_.field("id", anthropic_call_id(call.id, plan_));
        json_.field("name", call.name);
        json_.raw_field("input", call.is_custom ? custom_input(call.arguments)
                                                : arguments_object(call.arguments));
        json_.end_object();
    }

    const ChatReply& reply_;
    const AnswerPlan& plan_;
    std::string out_;
    JsonWriter json_{out_};
};

}  // namespace

std::string write_anthropic_reply(const ChatReply& reply, const AnswerPlan& plan) {
    return Writer(reply, plan).run();
}

}  // namespace aigw::protocol
