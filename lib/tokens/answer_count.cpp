#include "tokens/answer_count.h"

#include <cmath>

#include "tokens/prompt_count.h"

namespace aigw::tokens {

using protocol::ChatEvent;
using protocol::ChatEventKind;

AnswerTokens count_answer(const protocol::ChatReply& reply, const ModelCounter& model,
                          Counter& counter) {
    AnswerTokens tokens;
    const auto count = [&](std::string_view text) {
        return text.empty() ? 0 : count_text(text, model, counter).tokens;
    };
    tokens.output += count(reply.refusal);
    for (const protocol::Part& part : reply.parts) {
        if (const auto* text = part.as<protocol::TextPart>()) tokens.output += count(text->text);
        if (const auto* thinking = part.as<protocol::ThinkingPart>())
            tokens.reasoning += count(thinking->text);
        if (const auto* call = part.as<protocol::CallPart>())
            tokens.output += count(call->name) + count(call->arguments);
    }
    return tokens;
}

std::int64_t AnswerTally::scaled(const ModelCounter& model) const {
    if (model.is_exact() || bytes == 0) return tokens;
    const double factor = weighted_bytes / bytes * model.scale_hundredths / 100;
    return std::llround(static_cast<double>(tokens) * factor);
}

AnswerMeter::AnswerMeter(const ModelCounter& model, Counter& counter)
    : model_(model), counter_(counter) {}

void AnswerMeter::add(const ChatEvent& event) {
    switch (event.kind) {
        case ChatEventKind::Text:
        case ChatEventKind::Thinking:
        case ChatEventKind::Refusal:
            return take({event.kind, 0}, event.text);
        case ChatEventKind::Call:
            return take({event.kind, event.call}, event.name);
        case ChatEventKind::Arguments:
            return take({event.kind, event.call}, event.text);
        case ChatEventKind::PartEnd:
            return close();
        case ChatEventKind::Start:
        case ChatEventKind::Signature:
        case ChatEventKind::Redacted:
        case ChatEventKind::CallEnd:
        case ChatEventKind::Annotation:
        case ChatEventKind::Vendor:
        case ChatEventKind::Logprobs:
        case ChatEventKind::UsageSeen:
        case ChatEventKind::StopSeen:
        case ChatEventKind::End:
        case ChatEventKind::Failed:
            return;
    }
}

void AnswerMeter::take(Place place, std::string_view text) {
    if (place != place_) close();
    place_ = place;
    if (!stream_) stream_.emplace(counter_);
    stream_->feed(text);
    if (model_.is_exact()) return;
    AnswerTally& tally = tally_of(place);
    const auto bytes = static_cast<double>(text.size());
    tally.bytes += bytes;
    tally.weighted_bytes += bytes * factor_of(model_.factors, text).factor;
}

void AnswerMeter::close() {
    if (!stream_) return;
    tally_of(place_).tokens += static_cast<std::int64_t>(stream_->total());
    stream_.reset();
}

AnswerTally& AnswerMeter::tally_of(const Place& place) {
    return place.kind == ChatEventKind::Thinking ? reasoning_ : output_;
}

void AnswerMeter::fill(Usage& usage) {
    close();
    usage.output_tokens = output_.scaled(model_);
    usage.reasoning_tokens = reasoning_.scaled(model_);
}

}  // namespace aigw::tokens
