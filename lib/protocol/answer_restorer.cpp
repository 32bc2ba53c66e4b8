#include "protocol/answer_restorer.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/call_arguments.h"
#include "protocol/json_tree.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

std::string_view asked_name(std::string_view sent, const AnswerPlan& plan) {
    const auto found = std::ranges::find(plan.names, sent, &AnswerPlan::Rename::sent);
    return found == plan.names.end() ? sent : std::string_view(found->asked);
}

bool is_json_tool(std::string_view sent, const AnswerPlan& plan) {
    return !plan.json_tool.empty() && sent == plan.json_tool;
}

bool is_custom_tool(std::string_view sent, const AnswerPlan& plan) {
    const auto is_in_list = [&](std::string_view name) {
        return std::ranges::find(plan.custom_tools, name) != plan.custom_tools.end();
    };
    return is_in_list(sent) || is_in_list(asked_name(sent, plan));
}

// A custom tool's text out of its function's arguments; these, where there is none in them.
std::string input_of(const std::string& arguments) {
    JsonTree tree;
    const auto parsed = tree.parse(arguments);
    if (!parsed) return arguments;
    const JsonValue input = (*parsed)["input"];
    if (input.is_string()) return input.text();
    return parsed->size() == 0 ? std::string() : arguments;
}

// The JSON tool's arguments as the answer: compact, without what the gateway wrapped around it.
std::string json_of(const std::string& arguments, const AnswerPlan& plan) {
    if (arguments.empty()) return "{}";
    JsonTree tree;
    const auto parsed = tree.parse(arguments);
    if (!parsed) return arguments;
    const JsonValue value = plan.is_json_wrapped ? (*parsed)["value"] : *parsed;
    std::string out;
    append_compact(out, value.is_absent() ? parsed->raw() : value.raw());
    return out;
}

// What becomes of a call's arguments on their way.
enum class Way : std::uint8_t { Pass, Custom, Json, WrappedJson };

Way way_of(std::string_view sent, const AnswerPlan& plan) {
    if (is_json_tool(sent, plan)) return plan.is_json_wrapped ? Way::WrappedJson : Way::Json;
    return is_custom_tool(sent, plan) ? Way::Custom : Way::Pass;
}

class Restorer final : public ChatSink {
public:
    Restorer(const AnswerPlan& plan, ChatSink& next) : plan_(plan), next_(next) {}

    void take(const ChatEvent& event) override {
        if (is_over_) return;
        switch (event.kind) {
            case ChatEventKind::Call:
                return begin_call(event);
            case ChatEventKind::Arguments:
                return take_arguments(event);
            case ChatEventKind::CallEnd:
                return take_end(event);
            case ChatEventKind::End:
                for (Call& call : calls_) end_call(call);
                return next_.take(event);
            case ChatEventKind::Start:
            case ChatEventKind::Text:
            case ChatEventKind::Thinking:
            case ChatEventKind::Signature:
            case ChatEventKind::Redacted:
            case ChatEventKind::PartEnd:
            case ChatEventKind::Refusal:
            case ChatEventKind::Annotation:
            case ChatEventKind::Logprobs:
            case ChatEventKind::Vendor:
            case ChatEventKind::UsageSeen:
            case ChatEventKind::StopSeen:
            case ChatEventKind::Failed:
                return next_.take(event);
        }
    }

private:
    // One whose arguments do not simply pass.
    struct Call {
        std::uint32_t number = 0;
        Way way = Way::Pass;
        std::string held{};
        ObjectProgress progress{};
        bool has_text = false;
        bool is_ended = false;
    };

    Call* find_call(std::uint32_t number) {
        const auto found = std::ranges::find(calls_, number, &Call::number);
        return found == calls_.end() ? nullptr : &*found;
    }

    void begin_call(const ChatEvent& event) {
        const Way way = way_of(event.name, plan_);
        if (way != Way::Pass) calls_.push_back({.number = event.call, .way = way});
        if (way == Way::Json || way == Way::WrappedJson) return;
        ChatEvent restored = event;
        restored.name = asked_name(event.name, plan_);
        restored.is_custom = event.is_custom || way == Way::Custom;
        next_.take(restored);
    }

    void take_arguments(const ChatEvent& event) {
        Call* call = find_call(event.call);
        if (call == nullptr) return next_.take(event);
        if (call->is_ended) return;
        if (call->way != Way::Json) return hold(*call, event.text);
        give_text(*call, call->progress.take(event.text));
    }

    void hold(Call& call, std::string_view piece) {
        call.held.append(piece);
        held_ += piece.size();
        if (held_ <= kMaxHeldBytes) return;
        is_over_ = true;
        const Error error = too_much_held();
        next_.take({.kind = ChatEventKind::Failed, .error = &error});
    }

    void give_text(Call& call, std::string_view text) {
        if (text.empty()) return;
        call.has_text = true;
        next_.take({.kind = ChatEventKind::Text, .text = text});
    }

    void take_end(const ChatEvent& event) {
        if (Call* call = find_call(event.call)) return end_call(*call);
        next_.take(event);
    }

    void end_call(Call& call) {
        if (call.is_ended) return;
        call.is_ended = true;
        switch (call.way) {
            case Way::Pass:
                break;
            case Way::Custom:
                give_custom(call);
                break;
            case Way::WrappedJson:
                give_text(call, json_of(call.held, plan_));
                next_.take({.kind = ChatEventKind::PartEnd});
                break;
            case Way::Json:
                if (!call.has_text) give_text(call, "{}");
                next_.take({.kind = ChatEventKind::PartEnd});
                break;
        }
        held_ -= call.held.size();
        call.held.clear();
    }

    void give_custom(const Call& call) {
        const std::string input = input_of(call.held);
        if (!input.empty())
            next_.take({.kind = ChatEventKind::Arguments, .text = input, .call = call.number});
        next_.take({.kind = ChatEventKind::CallEnd, .call = call.number});
    }

    const AnswerPlan& plan_;
    ChatSink& next_;
    std::vector<Call> calls_;
    std::size_t held_ = 0;
    bool is_over_ = false;
};

}  // namespace

void restore_answer(ChatReply& reply, const AnswerPlan& plan) {
    bool has_json = false;
    bool has_others = false;
    for (Part& part : reply.parts) {
        auto* call = part.as<CallPart>();
        if (call == nullptr) continue;
        if (is_json_tool(call->name, plan)) {
            has_json = true;
            part.value = TextPart{json_of(call->arguments, plan)};
            continue;
        }
        has_others = true;
        if (is_custom_tool(call->name, plan) && !call->is_custom) {
            call->is_custom = true;
            call->arguments = input_of(call->arguments);
        }
        call->name = asked_name(call->name, plan);
    }
    const bool waits = reply.stop.reason == StopReason::ToolCalls;
    if (has_json && !has_others && waits) reply.stop.reason = StopReason::EndTurn;
}

std::unique_ptr<ChatSink> make_answer_restorer(const AnswerPlan& plan, ChatSink& next) {
    return std::make_unique<Restorer>(plan, next);
}

}  // namespace aigw::protocol
