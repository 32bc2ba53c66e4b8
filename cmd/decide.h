// A Decision for a request that nobody has sent, and the request that its platform would be sent:
// what route-test, price and dry runs ask for.
//
// Errors:  usage for options that do not fit together, a path that nothing is decided for, or a
// file
//          that cannot be read; invalid_request when the request's body is none.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/operation.h"
#include "base/principal.h"
#include "base/result.h"
#include "base/time.h"
#include "cmd/program.h"
#include "cmd/request_body.h"
#include "config/config.h"
#include "config/provenance.h"
#include "decision/decision.h"
#include "decision/distribution.h"
#include "http/message.h"
#include "protocol/request_facts.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/exchange/shown_request.h"
#include "tokens/prompt_count.h"

namespace aigw::cmd {

struct QuestionOptions {
    std::string model{};    // overrides the request's
    std::string request{};  // file, or "-"; empty: a chat of no words
    std::string body{};     // in place of a file
    std::string path{};     // decides operation and protocol; empty: /v1/chat/completions
    std::string as{};       // as find_principal() reads it; empty: local
    std::string at{};       // RFC 3339; empty: now
    bool streams = false;
    std::optional<std::int64_t> max_tokens{};
    std::uint32_t repeat = 1;
    http::Headers headers{{"content-type", "application/json"}};  // the caller's
    std::string client_ip{};                                      // empty: it has none
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
    // What the platform that is asked first would be sent, or the one of that name. usage: no
    // candidate has it.
    Result<exchange::Shown> show_upstream(const config::Provenance& provenance,
                                          const std::string& platform) const;
    // That the question has none, so that what would be sent was made for one of "…".
    bool has_made_up_body() const { return !body_; }

private:
    Question() = default;
    Result<protocol::RequestFacts> read_body(const QuestionOptions& options, Program& program);
    decision::Selection match(const protocol::RequestFacts& facts, TimePoint at) const;
    Result<void> count_input(decision::Selection& selection);
    void decide(const decision::Selection& selection, std::uint32_t repeat);
    exchange::Shown show(const protocol::RequestFacts& facts, const protocol::OwnedPaddedBody& body,
                         const config::Provenance& provenance, std::string_view platform) const;

    std::shared_ptr<const assembly::Assembly> assembly_{};
    Principal principal_{};
    std::string path_{};
    std::string upstream_path_{};  // that a location makes of it
    Operation operation_ = Operation::Chat;
    Protocol protocol_ = Protocol::OpenAi;
    BodyChanges changes_{};  // the model is that of the path where the options name none
    http::Headers headers_{};
    std::optional<protocol::OwnedPaddedBody> body_{};
    protocol::FactsReader reader_{};
    tokens::PromptCount input_count_{};
    decision::Decision decision_{};
    decision::Distribution distribution_{};
};

}  // namespace aigw::cmd
