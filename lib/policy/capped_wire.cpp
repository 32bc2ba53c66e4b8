#include "policy/capped_wire.h"

#include <algorithm>
#include <utility>

#include "policy/capped_chunks.h"
#include "policy/capped_message.h"
#include "policy/capped_response.h"

namespace aigw::policy {

namespace {

// More are counted together: nobody asks for so many.
constexpr std::size_t kMostAnswers = 128;

}  // namespace

CappedWire::Answer& CappedWire::answer_of(std::int64_t index) {
    const auto found = std::ranges::find(answers_, index, &Answer::index);
    if (found != answers_.end()) return *found;
    if (answers_.size() == kMostAnswers) return answers_.back();
    return answers_.emplace_back(
        Answer{.index = index, .gauge = OutputGauge(cap_.max_tokens, measure_)});
}

void CappedWire::count_end() {
    for (Answer& answer : answers_) answer.gauge.close();
}

CappedWire::Fate CappedWire::fate_of(std::span<const Stretch> stretches) const {
    Fate fate = Fate::Pass;
    for (const Stretch& stretch : stretches) {
        const Answer& answer = answers_[stretch.answer];
        const auto cut = answer.gauge.cut();
        if (answer.is_cut || (cut && stretch.end > *cut)) {
            fate = Fate::Change;
        } else if (stretch.end > answer.gauge.certain()) {
            return Fate::Wait;
        }
    }
    return fate;
}

bool CappedWire::is_each_done() const {
    return std::ranges::all_of(answers_, &Answer::is_done);
}

void CappedWire::note_cut(Answer& answer) {
    answer.is_cut = true;
    answer.is_done = true;
    is_cut_ = true;
}

std::size_t CappedWire::left_of(const Stretch& stretch) const {
    const std::size_t cut = answers_[stretch.answer].gauge.cut().value_or(stretch.end);
    return std::min(cut, stretch.end) - std::min(cut, stretch.begin);
}

tokens::AnswerTokens CappedWire::tokens() {
    tokens::AnswerTokens sum;
    for (Answer& answer : answers_) {
        const tokens::AnswerTokens counted = answer.gauge.tokens();
        sum.output += counted.output;
        sum.reasoning += counted.reasoning;
    }
    return sum;
}

std::unique_ptr<CappedWire> make_capped_wire(const CappedCall& call, const OutputCap& cap,
                                             const Measure& measure) {
    switch (call.protocol) {
        case Protocol::OpenAi:
            return make_capped_chunks(call, cap, measure);
        case Protocol::Anthropic:
            return make_capped_message(cap, measure);
        case Protocol::Responses:
            return make_capped_response(cap, measure);
    }
    return make_capped_chunks(call, cap, measure);
}

}  // namespace aigw::policy
