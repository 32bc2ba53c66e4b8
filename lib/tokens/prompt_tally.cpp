#include "tokens/prompt_tally.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace aigw::tokens {
namespace {

constexpr std::int32_t kSamples = 4;               // texts past the bound that are looked at
constexpr std::size_t kSampledBytes = 1U << 20;    // shorter ones are not worth it
constexpr double kUsualTokensPerByte = 1.0 / 3.6;  // English, Chinese and code alike

double weak_error() {
    return margin_of(Exactness::Weak);
}

}  // namespace

PromptTally::PromptTally(const ModelCounter& model, Counter& counter, const CountOptions& options)
    : model_(model),
      counter_(counter),
      bytes_left_(options.max_exact_bytes),
      samples_left_(kSamples) {
    assert(counter.vocabulary().encoding() == model.encoding);
}

double PromptTally::count(std::string_view text) {
    if (text.size() > bytes_left_) return count_beyond(text);
    bytes_left_ -= text.size();
    const auto tokens = static_cast<double>(counter_.count(text));
    counted_bytes_ += static_cast<double>(text.size());
    counted_tokens_ += tokens;
    return tokens;
}

double PromptTally::count_beyond(std::string_view text) {
    is_sampled_ = true;
    bytes_left_ = 0;
    const auto bytes = static_cast<double>(text.size());
    if (text.size() < kSampledBytes || samples_left_ == 0) {
        const double rate =
            counted_bytes_ > 0 ? counted_tokens_ / counted_bytes_ : kUsualTokensPerByte;
        return bytes * rate;
    }
    samples_left_ -= 1;
    const auto tokens = static_cast<double>(counter_.estimate(text, 0).count);
    counted_bytes_ += bytes;
    counted_tokens_ += tokens;
    return tokens;
}

PromptTally::Measured PromptTally::measure(std::string_view text) {
    if (text.empty()) return {};
    const double tokens = count(text);
    const double sampled_error = is_sampled_ ? margin_of(Exactness::Factor) : 0;
    if (model_.is_exact()) return {tokens, sampled_error};
    const TextFactor factor = factor_of(model_.factors, text);
    return {tokens * factor.factor * model_.scale_hundredths / 100,
            std::max(factor.error_percent, sampled_error)};
}

void PromptTally::add(PromptPart part, double tokens, double error_percent) {
    tokens_[static_cast<std::size_t>(part)] += tokens;
    error_ += tokens * error_percent;
}

void PromptTally::add_run(PromptPart part, std::string_view text, std::int64_t overhead) {
    const Measured measured = measure(text);
    const double around = std::min(static_cast<double>(overhead), measured.tokens);
    add(PromptPart::Overhead, around, measured.error_percent);
    add(part, measured.tokens - around, measured.error_percent);
}

void PromptTally::add_fixed(PromptPart part, std::int64_t tokens) {
    add(part, static_cast<double>(tokens), 0);
}

void PromptTally::add_guess(PromptPart part, std::int64_t tokens) {
    note_guess();
    add(part, static_cast<double>(tokens), weak_error());
}

void PromptTally::add_media(const MediaTokens& media) {
    has_media_ = true;
    if (media.is_exact) {
        add_fixed(PromptPart::Media, media.tokens);
        note_guess();  // what the template puts around them is not published
    } else {
        add_guess(PromptPart::Media, media.tokens);
    }
}

// The mean of the errors, and no less than that of the best that was said of the prompt.
std::int32_t PromptTally::margin() const {
    const double total = std::accumulate(tokens_.begin(), tokens_.end(), 0.0);
    const auto mean = static_cast<std::int32_t>(std::ceil(error_ / std::max(1.0, total)));
    const Exactness least = std::max(at_best_, Exactness::Calibrated);
    return std::clamp(mean, margin_of(least), margin_of(Exactness::Weak));
}

PromptCount PromptTally::finish() const {
    const auto rounded = [&](PromptPart part) {
        return static_cast<std::int64_t>(std::llround(tokens_[static_cast<std::size_t>(part)]));
    };
    PromptCount count{.parts = {.system = rounded(PromptPart::System),
                                .messages = rounded(PromptPart::Messages),
                                .tools = rounded(PromptPart::Tools),
                                .media = rounded(PromptPart::Media),
                                .format = rounded(PromptPart::Format),
                                .overhead = rounded(PromptPart::Overhead)},
                      .counter = model_.name()};
    count.tokens = count.parts.sum();
    count.estimate = count.tokens;
    count.has_media = has_media_;
    count.is_sampled = is_sampled_;
    count.is_exact = model_.is_exact() && at_best_ == Exactness::Exact && !is_sampled_;
    if (!count.is_exact) count.margin_percent = margin();
    return count;
}

}  // namespace aigw::tokens
