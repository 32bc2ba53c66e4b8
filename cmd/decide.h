// A Decision for a request that nobody has sent: what route-test, price and dry runs ask for.
//
// Errors:  usage for options that do not fit together or a file that cannot be read;
//          invalid_request when the request's body is none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/principal.h"
#include "base/result.h"
#include "base/time.h"
#include "cmd/program.h"
#include "config/config.h"
#include "decision/decision.h"
#include "decision/distribution.h"
#include "protocol/request_facts.h"
#include "sidecar/assembly/assembly.h"
#include "tokens/prompt_count.h"

namespace aigw::cmd {

struct QuestionOptions {
    std::string model{};    // overrides the request's
    std::string request{};  // file, or "-"; empty: a chat of no words
    std::string body{};     // in place of a file
    std::string path{};     // decides the operation; empty: /v1/chat/completions
    std::string as{};       // a configured key, by name or by value; empty: local
    std::string at{};       // RFC 3339; empty: now
    bool streams = false;
    std::optional<std::int64_t> max_tokens{};
    std::uint32_t repeat = 1;
};

// Owns all that the Decision in it refers to.
class Question {
public:
    static Result<std::unique_ptr<Question>> ask(const QuestionOptions& options,
                                                 const config::Config& config, Program& program);

    const decision::Decision& decision() const { return decision_; }
    // Where it and those after it went: `repeat` decisions for calls that come one by one.
    const decision::Distribution& distribution() const { return distribution_; }
    const std::string& path() const { return path_; }

private:
    Question() = default;
    Result<void> count_input(decision::Selection& selection);
    void decide(const decision::Selection& selection, std::uint32_t repeat);

    std::shared_ptr<const assembly::Assembly> assembly_{};
    Principal principal_{};
    std::string model_{};
    std::string path_{};
    std::optional<protocol::OwnedPaddedBody> body_{};
    protocol::FactsReader reader_{};
    tokens::PromptCount input_count_{};
    decision::Decision decision_{};
    decision::Distribution distribution_{};
};

}  // namespace aigw::cmd
