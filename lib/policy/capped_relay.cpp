#include "policy/capped_relay.h"

#include <utility>

#include "protocol/sse.h"

namespace aigw::policy {

using protocol::EventFramer;
using protocol::JsonValue;
using Fate = CappedWire::Fate;
using Frame = EventFramer::Frame;

namespace {

constexpr std::string_view kDone = "[DONE]";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Of lines that nobody has counted.
Frame frame_of(std::string_view bytes) {
    return {.bytes = bytes, .lines = 0, .found = 0, .is_whole_look = false};
}

}  // namespace

CappedRelay::CappedRelay(std::unique_ptr<protocol::StreamRelay> relay,
                         std::unique_ptr<CappedWire> wire, std::int64_t input_tokens,
                         Truncation& truncation)
    : relay_(std::move(relay)),
      wire_(std::move(wire)),
      input_tokens_(input_tokens),
      truncation_(truncation) {}

std::string_view CappedRelay::feed(std::string_view bytes) {
    if (is_over()) return {};
    if (taken_ > 0) {
        tail_.erase(0, taken_);
        taken_ = 0;
    }
    if (!tail_.empty()) {
        tail_.append(bytes);
        return relay(tail_, taken_);
    }
    std::size_t taken = 0;
    const std::string_view out = relay(bytes, taken);
    tail_.assign(bytes.substr(taken));
    return out;
}

// Events that pass and follow one another are given on as one view; where all of them do, so is
// what the relay gives.
std::string_view CappedRelay::relay(std::string_view window, std::size_t& taken) {
    out_.clear();
    std::size_t run = 0;  // from here to `taken` everything passes
    taken = 0;
    framer_.open(window);
    while (!is_over()) {
        const auto frame = framer_.next();
        if (!frame) break;
        const bool is_passing = waiting_.empty() && passes(*frame);
        if (is_passing) {
            taken += frame->bytes.size();
            if (!wire_->is_over()) continue;
        }
        give(window.substr(run, taken - run));
        if (!is_passing) {
            if (!waiting_.empty()) stretches_.clear();
            take(*frame);
            taken += frame->bytes.size();
        }
        run = taken;
        if (wire_->is_over()) end();
    }
    // What is longer than any event is the relay's to judge.
    if (!is_over() && window.size() - taken > protocol::kMaxEventBytes) {
        settle_rest();
        taken = window.size();
    }
    if (out_.empty() && !usage_) {
        const std::string_view rest = window.substr(run, taken - run);
        if (is_over()) taken = window.size();
        return rest.empty() ? rest : pass(rest);
    }
    give(window.substr(run, taken - run));
    if (is_over()) taken = window.size();
    return out_;
}

// True when the event goes out as it came; else it has been counted, and `stretches_` are its.
bool CappedRelay::passes(const Frame& frame) {
    stretches_.clear();
    const Event event = read(frame);
    if (event.is_done) return !wire_->is_cut();
    if (!event.root) return true;
    wire_->count(*event.root, stretches_);
    if (wire_->fate_of(stretches_) != Fate::Pass) return false;
    wire_->note_passed(*event.root);
    return true;
}

// What is no event with an object says nothing; `[DONE]` says that all is said.
CappedRelay::Event CappedRelay::read(Frame frame) {
    if (frame.bytes.starts_with(kByteOrderMark)) frame.bytes.remove_prefix(kByteOrderMark.size());
    const auto data = protocol::data_of(frame, joined_);
    if (!data || data->empty()) return {};
    if (*data == kDone) {
        wire_->count_end();
        return {.is_done = true};
    }
    const auto root = tree_.parse(*data);
    if (!root || !root->is_object()) return {};
    return {.root = *root};
}

// An event that waits, or is changed.
void CappedRelay::take(const Frame& frame) {
    if (stretches_.empty()) {
        const Event event = read(frame);
        if (event.root) wire_->count(*event.root, stretches_);
    }
    waiting_.push_back({.bytes = std::string(frame.bytes), .stretches = stretches_});
    drain();
}

void CappedRelay::drain() {
    while (!waiting_.empty() && !is_over()) {
        const Waiting& first = waiting_.front();
        const Fate fate = wire_->fate_of(first.stretches);
        if (fate == Fate::Wait) return;
        const Event event = read(frame_of(first.bytes));
        if (event.is_done && wire_->is_cut()) return end();
        if (fate == Fate::Change) {
            change(*event.root, first.stretches);
        } else {
            if (event.root) wire_->note_passed(*event.root);
            give(first.bytes);
        }
        waiting_.pop_front();
        if (wire_->is_over()) end();
    }
}

void CappedRelay::change(JsonValue event, std::span<const CappedWire::Stretch> stretches) {
    flush();
    wire_->change(event, stretches, out_);
    truncation_.is_cut = true;
}

void CappedRelay::give(std::string_view bytes) {
    if (!bytes.empty() && !relay_->is_over()) out_.append(pass(bytes));
}

std::string_view CappedRelay::pass(std::string_view bytes) {
    awaits_line_feed_ = bytes.ends_with('\r');
    return relay_->feed(bytes);
}

// The relay may keep an event back for the second half of its line end, which will not come.
void CappedRelay::flush() {
    if (std::exchange(awaits_line_feed_, false)) give("\n");
}

// All answers have ended, and one of them here.
void CappedRelay::end() {
    if (usage_) return;
    flush();
    Usage used = relay_->usage().value_or(Usage{.input_tokens = input_tokens_});
    const tokens::AnswerTokens counted = wire_->tokens();
    used.output_tokens = counted.output;
    used.reasoning_tokens = counted.reasoning;
    used.is_estimated = true;
    wire_->finish(used, out_);
    usage_ = used;
    waiting_.clear();
}

std::string_view CappedRelay::finish() {
    return close([this] { return relay_->finish(); });
}

std::string_view CappedRelay::interrupt(Error error) {
    return close([&] { return relay_->interrupt(std::move(error)); });
}

// Of what is left, an event that lacks nothing but its blank line is judged like all others.
template <class Last>
std::string_view CappedRelay::close(Last last) {
    if (is_over()) return {};
    out_.clear();
    const std::string rest = tail_.substr(taken_);
    tail_.clear();
    taken_ = 0;
    settle_rest();
    if (!is_over()) judge_last(rest);
    if (!is_over() && wire_->is_cut() && wire_->is_each_done()) end();
    if (!usage_) out_.append(last());
    return out_;
}

void CappedRelay::judge_last(std::string rest) {
    const std::string given = rest;
    while (rest.ends_with('\n') || rest.ends_with('\r')) rest.pop_back();
    rest.append("\n\n");
    stretches_.clear();
    const Event event = read(frame_of(rest));
    if (event.is_done && wire_->is_cut()) return end();
    if (event.root) {
        wire_->count(*event.root, stretches_);
        wire_->count_end();
        if (wire_->fate_of(stretches_) == Fate::Change) {
            change(*event.root, stretches_);
            if (wire_->is_over()) end();
            return;
        }
        wire_->note_passed(*event.root);
    }
    if (!given.empty()) out_.append(relay_->feed(given));
}

// Nothing more comes of what waits.
void CappedRelay::settle_rest() {
    wire_->count_end();
    drain();
}

std::optional<Usage> CappedRelay::usage() const {
    return usage_ ? usage_ : relay_->usage();
}

}  // namespace aigw::policy
