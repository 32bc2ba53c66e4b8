#include "policy/output_gauge.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "tokens/utf8.h"

namespace aigw::policy {

using tokens::AnswerTally;
using tokens::AnswerTokens;
using tokens::ScriptCount;
using Kind = TextPlace::Kind;

namespace {

constexpr std::int64_t kMostTokens = std::int64_t{1} << 40;  // no answer is longer
constexpr std::size_t kBytesPerToken = 4;                    // where nothing can be counted
// A piece of the vocabulary that does not end is judged as it stands: nothing waits longer.
constexpr std::size_t kMostWaiting = 512;
// Of a text so much is kept to be counted again; it ends well before what may still change.
constexpr std::size_t kTail = 1024;
// Around the end of a token is looked for a better one, where the last piece of a text that was cut
// makes other tokens than it did in the whole, or NFC has changed it.
constexpr std::size_t kBefore = 64;
constexpr std::size_t kBehind = 16;
constexpr std::size_t kMostLooks = 256;

bool is_boundary(std::string_view text, std::size_t at) {
    return at >= text.size() || !tokens::continues(text[at]);
}

}  // namespace

OutputGauge::OutputGauge(std::int64_t max_tokens, Measure measure)
    : max_tokens_(std::clamp(max_tokens, std::int64_t{0}, kMostTokens)), measure_(measure) {}

// ---- What comes ------------------------------------------------------------------------------

void OutputGauge::add(TextPlace place, std::string_view text) {
    if (cut_ || text.empty()) return;
    if (!name_.empty()) return cut_before(taken_ - name_.size());
    if (open_ && open_->place != place) close();
    if (cut_) return;
    if (!open_) begin(place);
    append(text);
    decide();
    if (open_ && open_->stream) shorten_tail();
}

void OutputGauge::begin(TextPlace place) {
    open_.emplace(Open{.place = place, .begin = taken_});
    if (measure_.counter != nullptr) open_->stream.emplace(*measure_.counter);
}

void OutputGauge::append(std::string_view text) {
    const std::size_t before = taken_ - open_->begin;
    taken_ += text.size();
    if (!open_->stream) {
        open_->anchor = {.bytes = before, .tokens = before};
        open_->tail = text;
        return;
    }
    open_->stream->feed(text);
    open_->tail.append(text);
    if (!is_exact()) open_->scripts.add(text);
}

// The tail begins so far before what may be cut that a text that is cut there has the same pieces
// up to the tail.
void OutputGauge::shorten_tail() {
    Open& open = *open_;
    if (open.tail.size() < kTail) return;
    if (open.next_anchor.bytes == open.anchor.bytes) open.next_anchor = settled_in_open();
    const std::size_t left = open.anchor.bytes + open.tail.size() - open.next_anchor.bytes;
    if (open.tail.size() < 2 * kTail || left < kTail / 2) return;
    const std::size_t given_up = open.next_anchor.bytes - open.anchor.bytes;
    if (!is_exact()) open.before_tail.add(std::string_view(open.tail).substr(0, given_up));
    open.tail.erase(0, given_up);
    open.anchor = open.next_anchor;
}

void OutputGauge::add_whole(TextPlace place, std::string_view text) {
    close();
    if (cut_ || text.empty()) return;
    const std::size_t tokens = count(text);
    const ScriptCount scripts = scripts_of(text);
    if (total_of(place, tokens, scripts) > max_tokens_) return cut_before(taken_);
    taken_ += text.size();
    certain_ = taken_;
    settle(place, tokens, scripts);
}

void OutputGauge::add_name(std::uint32_t call, std::string_view name) {
    const TextPlace place{.kind = Kind::Name, .number = call};
    close();
    if (cut_ || name.empty()) return;
    const std::size_t tokens = count(name);
    const ScriptCount scripts = scripts_of(name);
    if (total_of(place, tokens, scripts) > max_tokens_) return cut_before(taken_);
    taken_ += name.size();
    name_ = name;
    if (total_of(place, tokens + 1, scripts) <= max_tokens_) accept_name();
}

void OutputGauge::add_call(std::uint32_t call, std::string_view name, std::string_view arguments) {
    close();
    if (cut_) return;
    const AnswerTally before = output_;
    const std::size_t begin = taken_;
    add_whole({.kind = Kind::Name, .number = call}, name);
    add_whole({.kind = Kind::Arguments, .number = call}, arguments);
    if (!cut_) return;
    output_ = before;
    taken_ = begin;
    cut_before(begin);
}

void OutputGauge::accept_name() {
    if (name_.empty()) return;
    certain_ = taken_;
    settle({.kind = Kind::Name}, count(name_), scripts_of(name_));
    name_.clear();
}

void OutputGauge::close() {
    accept_name();
    if (!open_) return;
    if (open_->stream) open_->stream->finish();
    const std::size_t tokens = open_tokens();
    if (!fits(tokens)) return cut_open();
    certain_ = taken_;
    settle(open_->place, tokens, open_->scripts);
    open_.reset();
}

// ---- Whether it fits -------------------------------------------------------------------------

// Each token has a byte: as long as all that may still change fits by its bytes, nothing that
// follows can push it out.
void OutputGauge::decide() {
    const std::size_t size = taken_ - open_->begin;
    if (fits(open_->stream ? open_->stream->most() : size)) {
        certain_ = taken_;
        return;
    }
    const Mark settled = settled_in_open();
    const std::size_t least = settled.tokens + (settled.bytes < size ? 1 : 0);
    if (!fits(least)) return cut_open();
    certain_ = std::max(certain_, open_->begin + settled.bytes);
    if (taken_ - certain_ <= kMostWaiting) return;
    if (!fits(open_tokens())) return cut_open();
    certain_ = taken_;
}

OutputGauge::Mark OutputGauge::settled_in_open() const {
    const std::size_t size = taken_ - open_->begin;
    if (!open_->stream) return {.bytes = size, .tokens = size};
    const auto settled = open_->stream->settled();
    return {.bytes = settled.bytes, .tokens = settled.tokens};
}

std::size_t OutputGauge::open_tokens() {
    return open_->stream ? open_->stream->total() : taken_ - open_->begin;
}

bool OutputGauge::fits(std::size_t open_tokens) const {
    return total_of(open_->place, open_tokens, open_->scripts) <= max_tokens_;
}

// ---- Counts ----------------------------------------------------------------------------------

namespace {

AnswerTally added(AnswerTally tally, std::size_t tokens, const ScriptCount& scripts,
                  const tokens::ScriptFactors& factors) {
    tally.tokens += static_cast<std::int64_t>(tokens);
    if (scripts.bytes() == 0) return tally;
    const auto bytes = static_cast<double>(scripts.bytes());
    tally.bytes += bytes;
    tally.weighted_bytes += bytes * scripts.factor(factors).factor;
    return tally;
}

}  // namespace

// Without a counter what is called tokens are bytes, up to here.
std::int64_t OutputGauge::scaled(const AnswerTally& tally) const {
    constexpr auto kBytes = static_cast<std::int64_t>(kBytesPerToken);
    if (measure_.counter != nullptr) return tally.scaled(measure_.model);
    return (tally.tokens + kBytes - 1) / kBytes;
}

std::int64_t OutputGauge::total_of(const TextPlace& place, std::size_t tokens,
                                   const ScriptCount& scripts) const {
    const bool is_thought = place.kind == Kind::Thinking;
    const AnswerTally& grows = is_thought ? reasoning_ : output_;
    const AnswerTally& stays = is_thought ? output_ : reasoning_;
    return scaled(added(grows, tokens, scripts, measure_.model.factors)) + scaled(stays);
}

void OutputGauge::settle(const TextPlace& place, std::size_t tokens, const ScriptCount& scripts) {
    AnswerTally& tally = place.kind == Kind::Thinking ? reasoning_ : output_;
    tally = added(tally, tokens, scripts, measure_.model.factors);
}

std::size_t OutputGauge::count(std::string_view text) const {
    return measure_.counter != nullptr ? measure_.counter->count(text) : text.size();
}

ScriptCount OutputGauge::scripts_of(std::string_view text) const {
    ScriptCount scripts;
    if (measure_.counter != nullptr && !is_exact()) scripts.add(text);
    return scripts;
}

AnswerTokens OutputGauge::tokens() {
    AnswerTally output = output_;
    AnswerTally reasoning = reasoning_;
    if (!name_.empty())
        output = added(output, count(name_), scripts_of(name_), measure_.model.factors);
    if (open_) {
        AnswerTally& tally = open_->place.kind == Kind::Thinking ? reasoning : output;
        tally = added(tally, open_tokens(), open_->scripts, measure_.model.factors);
    }
    return {.output = scaled(output), .reasoning = scaled(reasoning)};
}

// ---- Where it is cut -------------------------------------------------------------------------

void OutputGauge::cut_before(std::size_t place) {
    name_.clear();
    certain_ = place;
    cut_ = place;
}

void OutputGauge::cut_open() {
    const Open& open = *open_;
    const std::size_t end = find_end();
    const std::string_view kept = std::string_view(open.tail).substr(0, end);
    ScriptCount scripts = open.before_tail;
    if (measure_.counter != nullptr && !is_exact()) scripts.add(kept);
    settle(open.place, open.anchor.tokens + count(kept), scripts);
    const std::size_t place = open.begin + open.anchor.bytes + end;
    open_.reset();
    cut_before(place);
}

// In the tail: no earlier than what is certain, which may have gone out.
std::size_t OutputGauge::find_end() const {
    const std::string_view tail = open_->tail;
    const std::size_t tail_begin = open_->begin + open_->anchor.bytes;
    const std::size_t least = std::max(certain_, tail_begin) - tail_begin;
    if (!open_->stream) return find_end_of_bytes(least);
    const std::size_t guess = find_end_of_tokens(least);
    if (total_with(guess) == max_tokens_) return guess;
    std::size_t best = least;
    std::int64_t best_total = -1;
    std::size_t looks = 0;
    for (std::size_t at = std::max(least, guess - std::min(guess, kBefore));
         at <= tail.size() && at <= std::max(best, guess) + kBehind && looks < kMostLooks; ++at) {
        if (!is_boundary(tail, at)) continue;
        ++looks;
        const std::int64_t total = total_with(at);
        if (total > max_tokens_ || total < best_total) continue;
        best = at;
        best_total = total;
    }
    return best;
}

std::size_t OutputGauge::find_end_of_bytes(std::size_t least) const {
    std::size_t fitting = least;
    std::size_t end = open_->tail.size();
    while (fitting < end) {
        const std::size_t middle = end - (end - fitting) / 2;
        if (total_with(middle) <= max_tokens_) {
            fitting = middle;
        } else {
            end = middle - 1;
        }
    }
    return std::max(least, tokens::character_boundary(open_->tail, fitting));
}

// The end of the last token that is allowed, as all of the text is cut into tokens.
std::size_t OutputGauge::find_end_of_tokens(std::size_t least) const {
    const Open& open = *open_;
    const std::size_t most = most_tokens() - std::min(most_tokens(), open.anchor.tokens);
    // Behind so many there is none; what follows them tells how the last ones are cut.
    const std::size_t last = measure_.counter->count_at_most(open.tail, most).cut + kMostWaiting;
    const auto text =
        std::string_view(open.tail).substr(0, tokens::character_boundary(open.tail, last));
    ScriptCount scripts = open.before_tail;
    std::size_t counted = 0;
    std::size_t end = least;
    std::size_t tokens = open.anchor.tokens;
    for (const tokens::Token& token : measure_.counter->encode(text)) {
        ++tokens;
        if (!is_boundary(text, token.end)) continue;
        if (!is_exact()) scripts.add(text.substr(counted, token.end - counted));
        counted = token.end;
        if (token.end <= least) continue;
        if (total_of(open.place, tokens, scripts) > max_tokens_) break;
        end = token.end;
    }
    return end;
}

// More than these, of the vocabulary's own, are over the limit whatever factor they have.
std::size_t OutputGauge::most_tokens() const {
    std::int64_t least_factor = 10'000;
    if (!is_exact()) {
        const auto lowest =
            std::ranges::min_element(measure_.model.factors, {}, &tokens::ScriptFactor::hundredths);
        least_factor = std::int64_t{lowest->hundredths} * measure_.model.scale_hundredths;
    }
    const std::int64_t most = max_tokens_ * 10'000 / std::max<std::int64_t>(1, least_factor) + 2;
    return static_cast<std::size_t>(std::max<std::int64_t>(0, most));
}

std::int64_t OutputGauge::total_with(std::size_t tail_bytes) const {
    const std::string_view kept = std::string_view(open_->tail).substr(0, tail_bytes);
    ScriptCount scripts = open_->before_tail;
    if (measure_.counter != nullptr && !is_exact()) scripts.add(kept);
    return total_of(open_->place, open_->anchor.tokens + count(kept), scripts);
}

}  // namespace aigw::policy
