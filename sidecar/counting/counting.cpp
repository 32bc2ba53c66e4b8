#include "sidecar/counting/counting.h"

#include <utility>

#include "tokens/prompt.h"

namespace aigw::counting {
namespace {

// One thread counts some megabytes in a tenth of a second: more would take the loops' cores.
constexpr std::size_t kWorkers = 1;
constexpr std::size_t kMostWaiting = 256;

}  // namespace

Result<tokens::PromptCount> count_body(const Question& question, tokens::Counters& counters) {
    tokens::Counter& counter = *TRY(counters.find(question.model.encoding));
    const tokens::Prompt prompt =
        TRY(tokens::read_prompt(question.body, question.protocol, question.operation));
    return tokens::count_prompt(prompt, question.model, counter, question.options);
}

// Callers may ask for any number of names: those that are many are forgotten together.
const tokens::ModelCounter& CounterCache::find(const tokens::ModelCounters& counters,
                                               std::string_view model) {
    if (const auto known = known_.find(model); known != known_.end()) return known->second;
    if (known_.size() == kMost) known_.clear();
    return known_.emplace(model, counters.find(model)).first->second;
}

Counting::Counting(std::size_t loops, std::vector<std::filesystem::path> vocabulary_folders,
                   log::Log& log)
    : log_(log), vocabularies_(std::move(vocabulary_folders)), pool_(kWorkers, kMostWaiting) {
    for (std::size_t i = 0; i < loops; ++i) by_loop_.emplace_back(vocabularies_);
    for (std::size_t i = 0; i < kWorkers; ++i) by_worker_.emplace_back(vocabularies_);
}

Result<void> Counting::run_with(tokens::Counters& counters, tokens::Encoding encoding,
                                const Work& work) {
    if (auto found = counters.find(encoding); !found) {
        if (!has_complained_.exchange(true)) {
            log_.warn("tokens can't be counted, only estimated",
                      {{"error", found.error().message}, {"hint", found.error().hint}});
        }
        // Where the files were looked for is for the log, not for callers.
        return Error{ErrorCode::Internal, "tokens can't be counted: the vocabulary is missing here",
                     "the gateway's log says what it looked for"};
    }
    return work(counters);
}

engine::Task<Result<void>> Counting::run(engine::Loop& loop, std::size_t bytes,
                                         tokens::Encoding encoding, Work work) {
    if (bytes <= kShortBytes && vocabularies_.is_ready(encoding))
        co_return run_with(by_loop_[loop.index()], encoding, work);
    Result<void> outcome = Error{ErrorCode::Overloaded, "too many long texts are being counted",
                                 "try again in a moment"};
    co_await pool_.run(
        loop, [&](std::size_t worker) { outcome = run_with(by_worker_[worker], encoding, work); });
    co_return outcome;
}

engine::Task<Result<tokens::PromptCount>> Counting::count(engine::Loop& loop, Question question) {
    tokens::PromptCount count;
    CO_CHECK(co_await run(loop, question.body.size(), question.model.encoding,
                          [&](tokens::Counters& counters) -> Result<void> {
                              count = TRY(count_body(question, counters));
                              return {};
                          }));
    co_return count;
}

tokens::Counter* Counting::find_here(const engine::Loop& loop, tokens::Encoding encoding) {
    if (!vocabularies_.is_ready(encoding)) return nullptr;
    auto found = by_loop_[loop.index()].find(encoding);
    return found ? *found : nullptr;
}

bool Counting::is_silent(std::string_view platform, std::string_view model) const {
    if (!has_silent_.load(std::memory_order_relaxed)) return false;
    const std::lock_guard lock(silent_mutex_);
    return silent_.contains({std::string(platform), std::string(model)});
}

void Counting::note_usage(std::string_view platform, std::string_view model, bool is_told) {
    if (is_told && !has_silent_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(silent_mutex_);
    std::pair key{std::string(platform), std::string(model)};
    if (is_told) {
        silent_.erase(key);
    } else if (silent_.size() < kMostSilent) {
        silent_.insert(std::move(key));
    }
    has_silent_.store(!silent_.empty(), std::memory_order_relaxed);
}

}  // namespace aigw::counting
