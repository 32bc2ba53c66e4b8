// Adds up a prompt: texts through the model's counter, and what stands around them.
//
// Shape:   every amount belongs to a part, and carries the error that it may have; the count's
//          margin is their mean, weighted by tokens.
// Cost:    texts are counted up to a number of bytes; what is over it is estimated: the first long
//          texts from samples, the rest by the tokens per byte so far.
// Threads: one tally per thread.
// Source:  lib/tokens/prompt_count.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tokens/counter.h"
#include "tokens/image_tokens.h"
#include "tokens/model_counter.h"
#include "tokens/prompt_count.h"

namespace aigw::tokens {

enum class PromptPart : std::uint8_t { System, Messages, Tools, Media, Format, Overhead };

class PromptTally {
public:
    // Borrows both.
    PromptTally(const ModelCounter& model, Counter& counter, const CountOptions& options);

    const ModelCounter& model() const { return model_; }

    void add_text(PromptPart part, std::string_view text) { add_run(part, text, 0); }
    // A text whose first tokens, `overhead` at most, are the template's.
    void add_run(PromptPart part, std::string_view text, std::int64_t overhead);
    // What the template is known to have.
    void add_fixed(PromptPart part, std::int64_t tokens);
    // By a rule that nobody has published: the prompt is an estimate.
    void add_guess(PromptPart part, std::int64_t tokens);
    void add_media(const MediaTokens& media);
    // The prompt is an estimate of that class at best, though no amount is in doubt.
    void note_guess(Exactness at_best = Exactness::Calibrated) {
        at_best_ = std::max(at_best_, at_best);
    }

    PromptCount finish() const;

private:
    struct Measured {
        double tokens = 0;
        double error_percent = 0;
    };
    Measured measure(std::string_view text);
    std::int32_t margin() const;
    double count(std::string_view text);
    double count_beyond(std::string_view text);
    void add(PromptPart part, double tokens, double error_percent);

    const ModelCounter& model_;
    Counter& counter_;
    std::size_t bytes_left_;
    std::int32_t samples_left_;
    double counted_bytes_ = 0;
    double counted_tokens_ = 0;
    std::array<double, 6> tokens_{};  // by PromptPart
    double error_ = 0;                // tokens x percent
    Exactness at_best_ = Exactness::Exact;
    bool has_media_ = false;
    bool is_sampled_ = false;
};

}  // namespace aigw::tokens
