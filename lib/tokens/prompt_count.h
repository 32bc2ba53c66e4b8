// How many tokens a model will find in a prompt: its texts, and what the vendor's template, tools
// and pictures add.
//
// Shape:   `tokens` is the best guess, and `is_exact` says whether it is more than one: the
//          vocabulary is the model's own, and all that stands around the texts is published.
//          `parts` add up to it. `margin_percent` is how far off it may be, by the classes' errors:
//          refuse on a limit only what surely_exceeds() it, and reserve with_margin().
// Units:   tokens, percent.
// Cost:    that of counting the texts, at most CountOptions::max_exact_bytes and four samples of
//          1 MiB. Base64 never reaches the tokenizer. Prompts over 64 KiB belong on a pool, not on
//          an event loop.
// Threads: pure, given a Counter of one's own.
// Source:  what the vendors document: see lib/tokens/data/model_rows.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/chat_request.h"
#include "protocol/request_facts.h"
#include "tokens/counter.h"
#include "tokens/model_counter.h"
#include "tokens/prompt.h"

namespace aigw::tokens {

// Contents: the texts joined with line breaks, calls as name and arguments, nothing around them.
enum class CountMode : std::uint8_t { Prompt, Contents };

struct CountOptions {
    CountMode mode = CountMode::Prompt;
    std::size_t max_exact_bytes = 4U << 20;  // of text; beyond it counts are estimates
};

struct PromptParts {
    std::int64_t system = 0;
    std::int64_t messages = 0;
    std::int64_t tools = 0;
    std::int64_t media = 0;
    std::int64_t format = 0;
    std::int64_t overhead = 0;  // roles, marks, a default system message

    std::int64_t sum() const { return system + messages + tools + media + format + overhead; }
    friend bool operator==(const PromptParts&, const PromptParts&) = default;
};

struct PromptCount {
    std::int64_t tokens = 0;
    std::int64_t estimate = 0;  // before what was learned corrected it
    bool is_exact = false;
    bool has_media = false;
    bool is_sampled = false;  // longer than what is counted whole
    std::int32_t margin_percent = 0;
    PromptParts parts{};    // of the estimate
    std::string counter{};  // "o200k_base x 1.20 (claude)"

    // What to set aside for it.
    std::int64_t with_margin() const;
    // More than `limit`, even if the count is too high by its margin.
    bool surely_exceeds(std::int64_t limit) const;
    friend bool operator==(const PromptCount&, const PromptCount&) = default;
};

// `counter` is one of the model's encoding.
PromptCount count_prompt(const Prompt& prompt, const ModelCounter& model, Counter& counter,
                         const CountOptions& options = {});
PromptCount count_prompt(const protocol::ChatRequest& chat, const ModelCounter& model,
                         Counter& counter, const CountOptions& options = {});
// A chat that is nothing but texts, with no value made of it: as count_prompt() would count it.
// nullopt: its model's template joins texts to more than they are.
std::optional<PromptCount> count_plain(std::span<const protocol::PlainTurn> turns,
                                       const ModelCounter& model, Counter& counter,
                                       const CountOptions& options = {});
// A text alone, with nothing around it.
PromptCount count_text(std::string_view text, const ModelCounter& model, Counter& counter,
                       const CountOptions& options = {});

}  // namespace aigw::tokens
