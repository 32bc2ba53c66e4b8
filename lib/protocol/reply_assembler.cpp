#include "protocol/reply_assembler.h"

#include <algorithm>
#include <utility>

#include "protocol/call_arguments.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {

void ReplyAssembler::take(const ChatEvent& event) {
    switch (event.kind) {
        case ChatEventKind::Start:
            return start(event);
        case ChatEventKind::Text:
            open_part<TextPart>().text.append(event.text);
            return;
        case ChatEventKind::Thinking:
            open_part<ThinkingPart>().text.append(event.text);
            return;
        case ChatEventKind::Signature:
            open_part<ThinkingPart>().signature = event.text;
            is_open_ = false;
            return;
        case ChatEventKind::Redacted:
            reply_.parts.push_back({.value = RedactedThinkingPart{std::string(event.text)}});
            is_open_ = false;
            return;
        case ChatEventKind::Call:
            return begin_call(event);
        case ChatEventKind::Arguments:
            if (CallPart* call = find_call(event.call)) call->arguments.append(event.text);
            return;
        case ChatEventKind::CallEnd:
        case ChatEventKind::PartEnd:
            is_open_ = false;
            return;
        case ChatEventKind::Refusal:
            reply_.refusal.append(event.text);
            return;
        case ChatEventKind::Annotation:
            reply_.annotations.emplace_back(event.text);
            return;
        case ChatEventKind::Logprobs:
            if (!reply_.logprobs.empty()) reply_.logprobs.push_back(',');
            reply_.logprobs.append(event.text);
            return;
        case ChatEventKind::Vendor:
            reply_.parts.push_back({.value = VendorPart{.type = std::string(event.name),
                                                        .json = std::string(event.text)}});
            is_open_ = false;
            return;
        case ChatEventKind::UsageSeen:
            reply_.usage = *event.usage;
            return;
        case ChatEventKind::StopSeen:
            reply_.stop = *event.stop;
            return;
        case ChatEventKind::End:
            is_ended_ = true;
            return;
        case ChatEventKind::Failed:
            failure_ = *event.error;
            return;
    }
}

// What a call has in pieces may not be an object: whole answers promise one.
Result<ChatReply> ReplyAssembler::reply() && {
    if (failure_) return *std::move(failure_);
    if (!is_ended_) return truncated_stream();
    for (Part& part : reply_.parts) {
        auto* call = part.as<CallPart>();
        if (call != nullptr && !call->is_custom)
            call->arguments = arguments_object(call->arguments);
    }
    return std::move(reply_);
}

void ReplyAssembler::start(const ChatEvent& event) {
    reply_.id = event.id;
    reply_.model = event.name;
    reply_.service_tier = event.service_tier;
    if (event.usage != nullptr) reply_.usage = *event.usage;
}

// The last part, if it is such a one and goes on; else a new one.
template <class T>
T& ReplyAssembler::open_part() {
    if (!is_open_ || !reply_.parts.back().is<T>()) reply_.parts.push_back({.value = T{}});
    is_open_ = true;
    return *reply_.parts.back().as<T>();
}

void ReplyAssembler::begin_call(const ChatEvent& event) {
    calls_.push_back({.number = event.call, .part = reply_.parts.size()});
    reply_.parts.push_back({.value = CallPart{.id = std::string(event.id),
                                              .name = std::string(event.name),
                                              .is_custom = event.is_custom,
                                              .signature = std::string(event.signature)}});
    is_open_ = false;
}

CallPart* ReplyAssembler::find_call(std::uint32_t number) {
    const auto found = std::find_if(calls_.rbegin(), calls_.rend(),
                                    [&](const Call& call) { return call.number == number; });
    return found == calls_.rend() ? nullptr : reply_.parts[found->part].as<CallPart>();
}

}  // namespace aigw::protocol
