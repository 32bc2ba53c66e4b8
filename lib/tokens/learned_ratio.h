// What vendors' own counts teach about ours.
//
// Shape:   for each platform and model, the mean of what the vendor billed over what was estimated;
//          each answer weighs as much as the next, until there are kWindow of them, and older ones
//          fade from there on. Estimates are multiplied with it.
// Learned: from requests of at least kLeastTokens, without media, that were no exact counts. A
//          ratio is clamped to 0.5 and 3, and believed after kLeastAnswers.
// Off:     where counts must be reproducible nothing is learned or corrected.
// Keys:    at most `max_keys`; the one that learned longest ago makes room for a new one.
// Threads: safe from any; observing takes a short lock, and so does asking. What is read is a
//          snapshot.
// Source:  the `usage` of answers, which is what vendors bill.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tokens/prompt_count.h"

namespace aigw::tokens {

// A running mean: a value, two words.
class LearnedRatio {
public:
    static constexpr std::int64_t kLeastTokens = 200;
    static constexpr std::uint32_t kLeastAnswers = 5;
    static constexpr std::uint32_t kWindow = 300;

    // Both in tokens; `used` is all input of whatever class. Small ones teach nothing.
    void observe(std::int64_t used, std::int64_t estimated);

    // 1 until there are enough answers.
    double ratio() const { return is_believed() ? mean_ : 1.0; }
    std::uint32_t answers() const { return answers_; }  // at most kWindow
    bool is_believed() const { return answers_ >= kLeastAnswers; }

private:
    double mean_ = 1;
    std::uint32_t answers_ = 0;
};

// The estimate times the ratio; exact counts and those with a ratio that is not yet believed stay.
PromptCount corrected(PromptCount count, const LearnedRatio& learned);

struct LearnedOptions {
    bool is_on = true;
    std::size_t max_keys = 1024;
};

class LearnedRatios {
public:
    struct Entry {
        std::string platform{};
        std::string model{};
        LearnedRatio learned{};
    };

    explicit LearnedRatios(LearnedOptions options = {}) : options_(options) {}

    // `count` is the one that was made for the request, `used` what the vendor says of its input.
    void observe(std::string_view platform, std::string_view model, const PromptCount& count,
                 std::int64_t used);
    LearnedRatio find(std::string_view platform, std::string_view model) const;
    // By platform, then model.
    std::vector<Entry> entries() const;

private:
    using Key = std::pair<std::string, std::string>;
    using KeyView = std::pair<std::string_view, std::string_view>;
    struct Less {
        using is_transparent = void;
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            return KeyView(a.first, a.second) < KeyView(b.first, b.second);
        }
    };
    struct Cell {
        LearnedRatio learned{};
        std::uint64_t last = 0;  // the observation that it learned from
    };
    using Cells = std::map<Key, Cell, Less>;

    Cell& cell_of(KeyView key);  // with the lock held
    void make_room();

    LearnedOptions options_;
    mutable std::mutex mutex_;
    Cells cells_;                     // guarded; never more than max_keys
    std::uint64_t observations_ = 0;  // guarded
};

}  // namespace aigw::tokens
