#include "protocol/gemini_answer.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "protocol/answer_ids.h"
#include "protocol/gemini_grounding.h"
#include "protocol/gemini_logprobs.h"
#include "protocol/gemini_signature.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

// ---- Why an answer stops ---------------------------------------------------------------------

struct ReasonName {
    std::string_view name;
    StopReason reason;
};
// What is not here says nothing that a caller could act on.
constexpr std::array kReasons = {
    ReasonName{"STOP", StopReason::EndTurn},
    ReasonName{"MAX_TOKENS", StopReason::MaxTokens},
    ReasonName{"SAFETY", StopReason::Refusal},
    ReasonName{"RECITATION", StopReason::Refusal},
    ReasonName{"BLOCKLIST", StopReason::Refusal},
    ReasonName{"PROHIBITED_CONTENT", StopReason::Refusal},
    ReasonName{"SPII", StopReason::Refusal},
    ReasonName{"IMAGE_SAFETY", StopReason::Refusal},
    ReasonName{"IMAGE_PROHIBITED_CONTENT", StopReason::Refusal},
    ReasonName{"IMAGE_RECITATION", StopReason::Refusal},
};
constexpr std::array<std::string_view, 3> kGarbledCall = {
    "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"};

// The vendor's words, else its reason in ours.
std::string explanation(JsonValue words, std::string_view what, JsonValue reason) {
    std::string text = words.text();
    if (text.empty()) text.append(what).append(" (").append(reason.text()).append(").");
    return text;
}

Stop stop_of(JsonValue candidate) {
    const JsonValue name = candidate["finishReason"];
    const auto* const known =
        std::ranges::find_if(kReasons, [&](const ReasonName& row) { return name.is(row.name); });
    if (known == kReasons.end()) return {};
    if (known->reason != StopReason::Refusal) return {.reason = known->reason};
    return {.reason = StopReason::Refusal,
            .explanation = explanation(candidate["finishMessage"], "The answer was stopped", name)};
}

Stop stop_of_blocked(JsonValue feedback) {
    return {.reason = StopReason::Refusal,
            .explanation = explanation(feedback["blockReasonMessage"], "The prompt was blocked",
                                       feedback["blockReason"])};
}

bool is_garbled_call(JsonValue candidate) {
    const JsonValue reason = candidate["finishReason"];
    return std::ranges::any_of(kGarbledCall,
                               [&](std::string_view name) { return reason.is(name); });
}

Error garbled_call(JsonValue candidate) {
    return {ErrorCode::UpstreamInvalid,
            "the model gave no answer but a tool call that is no good (" +
                candidate["finishReason"].text() + ")"};
}

// ---- Candidates ------------------------------------------------------------------------------

JsonValue answer_of(JsonValue response) {
    const JsonValue candidates = response["candidates"];
    if (!candidates.is_array()) return {};
    for (const JsonValue& candidate : candidates) {
        if (candidate["index"].integer().value_or(0) == 0) return candidate;
    }
    return {};
}

bool has_parts(JsonValue candidate) {
    const JsonValue parts = candidate["content"]["parts"];
    return parts.is_array() && parts.size() > 0;
}

// ---- Usage -----------------------------------------------------------------------------------

// Negative numbers count as absent, and so do such as no answer has: sums of the others fit.
std::optional<std::int64_t> count_of(JsonValue value) {
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    const auto number = value.integer();
    if (!number || *number < 0 || *number > kMost) return std::nullopt;
    return number;
}

// ---- A vendor's own parts --------------------------------------------------------------------

// What kind of part it is: its one member that is no remark about the others.
std::string type_of(JsonValue part) {
    constexpr std::array<std::string_view, 5> kRemarks = {
        "thought", "thoughtSignature", "videoMetadata", "mediaResolution", "partMetadata"};
    for (const JsonValue& member : part) {
        const bool is_remark = std::ranges::any_of(
            kRemarks, [&](std::string_view name) { return member.has_key(name); });
        if (!is_remark && member.is_given()) return member.key();
    }
    return {};
}

}  // namespace

std::optional<Usage> read_gemini_usage(JsonValue usage) {
    const auto prompt = count_of(usage["promptTokenCount"]);
    const auto candidates = count_of(usage["candidatesTokenCount"]);
    const auto total = count_of(usage["totalTokenCount"]);
    if (!prompt && !candidates && !total) return std::nullopt;
    const std::int64_t input =
        prompt.value_or(0) + count_of(usage["toolUsePromptTokenCount"]).value_or(0);
    Usage out;
    out.cached_input_tokens =
        std::min(count_of(usage["cachedContentTokenCount"]).value_or(0), input);
    out.input_tokens = input - out.cached_input_tokens;
    out.reasoning_tokens = count_of(usage["thoughtsTokenCount"]).value_or(0);
    out.output_tokens =
        std::max(candidates.value_or(0), total.value_or(0) - input - out.reasoning_tokens);
    return out;
}

void GeminiAnswer::take(JsonValue response, ChatSink& sink) {
    if (is_over_) return;
    const JsonValue candidate = answer_of(response);
    if (!has_begun_ && is_garbled_call(candidate) && !has_parts(candidate))
        return fail(garbled_call(candidate), sink);
    read_stop(response, candidate);
    const auto usage = read_gemini_usage(response["usageMetadata"]);
    if (usage) usage_ = usage;
    if (id_.empty()) id_ = response["responseId"].text();
    if (model_.empty()) model_ = response["modelVersion"].text();
    if (has_parts(candidate) || has_stop_) begin(sink);
    const std::string logprobs = read_gemini_logprobs(candidate["logprobsResult"]);
    if (!logprobs.empty()) {
        begin(sink);
        sink.take({.kind = ChatEventKind::Logprobs, .text = logprobs});
    }
    if (has_parts(candidate)) {
        for (const JsonValue& part : candidate["content"]["parts"]) take_part(part, sink);
    }
    take_grounding(candidate["groundingMetadata"], sink);
    if (usage && has_begun_ && !is_over_)
        sink.take({.kind = ChatEventKind::UsageSeen, .usage = &*usage});
}

void GeminiAnswer::read_stop(JsonValue response, JsonValue candidate) {
    const JsonValue feedback = response["promptFeedback"];
    if (candidate["finishReason"].is_string()) {
        stop_ = stop_of(candidate);
    } else if (feedback["blockReason"].is_string()) {
        stop_ = stop_of_blocked(feedback);
    } else {
        return;
    }
    has_stop_ = true;
}

// Not before there is something to say: until then another vendor may answer instead.
void GeminiAnswer::begin(ChatSink& sink) {
    if (has_begun_) return;
    has_begun_ = true;
    sink.take({.kind = ChatEventKind::Start,
               .id = id_,
               .name = model_,
               .usage = usage_ ? &*usage_ : nullptr});
}

void GeminiAnswer::take_part(JsonValue part, ChatSink& sink) {
    if (is_over_ || !part.is_object()) return;
    signature_.clear();
    part["thoughtSignature"].append_text(signature_);
    if (part["functionCall"].is_object()) {
        give_signature(sink);
        take_call(part["functionCall"], sink);
    } else if (part["text"].is_string()) {
        take_text(part, sink);
        give_signature(sink);
    } else {
        take_vendor_part(part, sink);
        give_signature(sink);
    }
}

void GeminiAnswer::take_text(JsonValue part, ChatSink& sink) {
    text_.clear();
    part["text"].append_text(text_);
    if (text_.empty()) return;
    const bool is_thought = part["thought"].is_true();
    last_ = is_thought ? Content::Thinking : Content::Text;
    if (!is_thought && answer_.size() + text_.size() <= kMaxHeldBytes) answer_.append(text_);
    sink.take({.kind = is_thought ? ChatEventKind::Thinking : ChatEventKind::Text, .text = text_});
}

// Behind a text it is a part of its own, behind thoughts the signature of these.
void GeminiAnswer::give_signature(ChatSink& sink) {
    if (signature_.empty()) return;
    if (last_ != Content::Thinking) sink.take({.kind = ChatEventKind::PartEnd});
    last_ = Content::Other;
    const std::string marked = marked_signature(signature_);
    sink.take({.kind = ChatEventKind::Signature, .text = marked});
}

void GeminiAnswer::take_call(JsonValue call, ChatSink& sink) {
    if (next_call_ == kMaxCalls) return fail(too_many_calls(), sink);
    last_ = Content::Other;
    const std::uint32_t number = next_call_++;
    std::string id = call["id"].text();
    std::string name = call["name"].text();
    if (id.empty()) id = made_call_id(id_, number);
    if (name.empty()) name = made_call_name(number);
    sink.take({.kind = ChatEventKind::Call,
               .id = id,
               .name = name,
               .signature = signature_,
               .call = number});
    const JsonValue arguments = call["args"];
    if (arguments.is_object() && arguments.size() > 0) {
        text_.clear();
        append_compact(text_, arguments.raw());
        sink.take({.kind = ChatEventKind::Arguments, .text = text_, .call = number});
    }
    sink.take({.kind = ChatEventKind::CallEnd, .call = number});
}

// Images, code that the vendor ran, kinds nobody has heard of. Drafts are no part of the answer.
void GeminiAnswer::take_vendor_part(JsonValue part, ChatSink& sink) {
    const std::string type = type_of(part);
    if (type.empty() || part["thought"].is_true()) return;
    last_ = Content::Other;
    text_.clear();
    append_compact(text_, part.raw());
    sink.take({.kind = ChatEventKind::Vendor, .text = text_, .name = type});
}

// It may come several times; what came last says all.
void GeminiAnswer::take_grounding(JsonValue grounding, ChatSink& sink) {
    if (is_over_ || !grounding["groundingSupports"].is_array()) return;
    grounding_ = grounding.raw();
    if (grounding_.size() > kMaxHeldBytes) fail(too_much_held(), sink);
}

void GeminiAnswer::end(ChatSink& sink) {
    if (is_over_) return;
    begin(sink);
    is_over_ = true;
    give_grounding(grounding_, answer_, sink);
    sink.take({.kind = ChatEventKind::StopSeen, .stop = &stop_});
    sink.take({.kind = ChatEventKind::End});
}

void GeminiAnswer::fail(const Error& error, ChatSink& sink) {
    if (is_over_) return;
    is_over_ = true;
    sink.take({.kind = ChatEventKind::Failed, .error = &error});
}

}  // namespace aigw::protocol
