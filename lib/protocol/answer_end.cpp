#include "protocol/answer_end.h"

#include <algorithm>

namespace aigw::protocol {
namespace {

std::size_t content_bytes(const Part& part) {
    if (const auto* text = part.as<TextPart>()) return text->text.size();
    if (const auto* thinking = part.as<ThinkingPart>()) return thinking->text.size();
    if (const auto* call = part.as<CallPart>()) return call->arguments.size();
    return 0;
}

}  // namespace

Stop settled_stop(Stop stop, bool has_calls) {
    switch (stop.reason) {
        case StopReason::Unset:
        case StopReason::EndTurn:
        case StopReason::StopSequence:
            return has_calls ? Stop{.reason = StopReason::ToolCalls} : stop;
        case StopReason::ToolCalls:
            return has_calls ? stop : Stop{.reason = StopReason::EndTurn};
        case StopReason::MaxTokens:
        case StopReason::ContextWindow:
        case StopReason::Refusal:
        case StopReason::Pause:
            return stop;
    }
    return stop;
}

Usage estimated_usage(const AnswerPlan& plan, std::size_t content_bytes) {
    constexpr std::size_t kBytesPerToken = 4;
    return {.input_tokens = plan.input_tokens,
            .output_tokens =
                static_cast<std::int64_t>((content_bytes + kBytesPerToken - 1) / kBytesPerToken),
            .is_estimated = true};
}

std::size_t content_bytes(const ChatReply& reply) {
    std::size_t bytes = reply.refusal.size();
    for (const Part& part : reply.parts) bytes += content_bytes(part);
    return bytes;
}

Usage usage_of(const ChatReply& reply, const AnswerPlan& plan) {
    if (reply.usage) return *reply.usage;
    return estimated_usage(plan, content_bytes(reply));
}

bool has_calls(const ChatReply& reply) {
    return std::ranges::any_of(reply.parts, [](const Part& part) { return part.is<CallPart>(); });
}

}  // namespace aigw::protocol
