// Counting tokens where requests are served: short texts on the loop, long ones on a pool.
//
// Shape:   a vocabulary is mapped by the pool when it is first needed; from then on what is no
//          longer than kShortBytes is counted where it is, in microseconds.
// Learned: the ratios of vendors' counts to ours, which correct estimates; kept over reloads.
// Errors:  overloaded when too many long texts wait; not_found or config when a vocabulary can't
//          be used, said once in the log. Those who ask have an estimate to go on with.
// Threads: run() and count() on the loop's thread; everything else from any.
// Source:  contracts of the project ("One engine": long token counts have a pool of their own).
#pragma once

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/operation.h"
#include "base/result.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/worker_pool.h"
#include "sidecar/log/log.h"
#include "tokens/counters.h"
#include "tokens/learned_ratio.h"
#include "tokens/prompt_count.h"
#include "tokens/vocabularies.h"

namespace aigw::counting {

// What is to be counted; the body lives until the answer is there.
struct Question {
    std::string_view body{};
    Protocol protocol = Protocol::OpenAi;
    Operation operation = Operation::Chat;
    tokens::ModelCounter model{};
    tokens::CountOptions options{};
};

Result<tokens::PromptCount> count_body(const Question& question, tokens::Counters& counters);

// The counters of the models that a loop was asked for: finding one looks through a table.
class CounterCache {
public:
    const tokens::ModelCounter& find(const tokens::ModelCounters& counters, std::string_view model);

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    static constexpr std::size_t kMost = 256;
    std::unordered_map<std::string, tokens::ModelCounter, Hash, std::equal_to<>> known_;
};

class Counting {
public:
    static constexpr std::size_t kShortBytes = 4096;

    Counting(std::size_t loops, std::vector<std::filesystem::path> vocabulary_folders,
             log::Log& log);

    using Work = std::function<Result<void>(tokens::Counters&)>;
    // Runs the work with counters of the thread that it runs on: here when there are few bytes and
    // the vocabulary is at hand, else on the pool. It may refer to what the caller holds.
    engine::Task<Result<void>> run(engine::Loop& loop, std::size_t bytes, tokens::Encoding encoding,
                                   Work work);
    engine::Task<Result<tokens::PromptCount>> count(engine::Loop& loop, Question question);
    // The counters of the loop, where the vocabulary is at hand; else nullptr.
    tokens::Counter* find_here(const engine::Loop& loop, tokens::Encoding encoding);

    // A vendor that has not said what a stream used: the next ones are counted on their way.
    bool is_silent(std::string_view platform, std::string_view model) const;
    void note_usage(std::string_view platform, std::string_view model, bool is_told);

    tokens::LearnedRatios& learned() { return learned_; }

private:
    Result<void> run_with(tokens::Counters& counters, tokens::Encoding encoding, const Work& work);

    static constexpr std::size_t kMostSilent = 1024;

    log::Log& log_;
    mutable std::mutex silent_mutex_;
    std::set<std::pair<std::string, std::string>> silent_;  // guarded; platform and model
    std::atomic<bool> has_silent_{false};                   // spares the lock where none is
    std::atomic<bool> has_complained_{false};
    tokens::Vocabularies vocabularies_;
    tokens::LearnedRatios learned_;
    std::vector<tokens::Counters> by_loop_;
    std::vector<tokens::Counters> by_worker_;
    engine::WorkerPool pool_;
};

}  // namespace aigw::counting
