#include "decision/refusals.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "identity/identifier.h"
#include "limits/limit.h"

namespace aigw::decision {
namespace {

using std::chrono::milliseconds;

// The name is the caller's: escaped, and cut where it is no name any more.
std::string quoted_model(const Decision& decision) {
    constexpr std::size_t kLongestName = 80;
    return json_string(decision.facts.model.substr(0, kLongestName));
}

// A call that alone is over a limit never passes it.
bool passes_before(const LimitReading& a, const LimitReading& b) {
    const auto key = [](const LimitReading& reading) {
        return std::pair(reading.claim.cost > reading.limit->max, reading.reading.retry_after);
    };
    return key(a) < key(b);
}

// The limit that a caller waits for longest, of those that refuse; nullptr when none does.
const LimitReading* find_slowest(std::span<const LimitReading> readings) {
    const LimitReading* slowest = nullptr;
    for (const LimitReading& each : readings) {
        if (each.verdict != LimitVerdict::Reject) continue;
        if (slowest == nullptr || passes_before(*slowest, each)) slowest = &each;
    }
    return slowest;
}

// What refuses is one of a policy's, and policies refuse as they did before.
bool refuses_as_before(const Decision& decision, const LimitReading& reading) {
    return decision.snapshot->refuses_as_before() &&
           reading.limit->by == limits::Subject::Namespace;
}

constexpr const char* kViolation = "policy_violation";

Error caller_limit_error(const Decision& decision) {
    const LimitReading* slowest = find_slowest(decision.caller_limits());
    assert(slowest != nullptr);
    return limit_error(decision, *slowest, slowest->reading.retry_after);
}

const PolicyReading& first_against(const Decision& decision) {
    const auto found =
        std::ranges::find(decision.policies, policy::Verdict::Reject, &PolicyReading::verdict);
    assert(found != decision.policies.end());
    return *found;
}

Error input_too_long_error(const Decision& decision, const policy::Policy& policy) {
    const policy::RequestTokensRule& rule = *policy.request_tokens();
    const auto counted = decision.facts.input_tokens;
    if (rule.max_input > 0 && counted > rule.max_input)
        return Error{.code = ErrorCode::TooLarge,
                     .message = "Input token limit exceeded: the request has " +
                                std::to_string(counted) + " tokens, and policy " +
                                json_string(policy.name()) + " allows " +
                                std::to_string(rule.max_input),
                     .hint = "send less",
                     .wire_code = "input_too_long"};
    return Error{.code = ErrorCode::TooLarge,
                 .message = "Output token limit exceeded: the request asks for an answer of " +
                            std::to_string(decision.facts.max_output.value_or(0)) +
                            " tokens, and policy " + json_string(policy.name()) + " allows " +
                            std::to_string(rule.max_output),
                 .hint = "ask for a shorter answer",
                 .wire_code = "output_too_long"};
}

Error policy_error(const Decision& decision) {
    const policy::Policy& policy = first_against(decision).policy();
    const std::string who = "policy " + json_string(policy.name());
    Error error{.code = ErrorCode::Forbidden,
                .message = who + " does not allow this request",
                .hint = "change the request, or ask whoever runs this gateway",
                .wire_code = kViolation};
    if (policy.type() == policy::Type::RequestTokens)
        error = input_too_long_error(decision, policy);
    if (policy.type() == policy::Type::Models)
        error.message = who + " does not allow model " + quoted_model(decision);
    if (policy.type() == policy::Type::Time) {
        error.message = who + " does not allow calls at this time";
        error.hint = "come back later";
    }
    if (decision.snapshot->refuses_as_before()) {
        error.code = ErrorCode::Forbidden;
        error.wire_code = kViolation;
    }
    return error;
}

Error namespace_not_found_error() {
    return Error{.code = ErrorCode::NotFound,
                 .message = "the request belongs to no namespace here",
                 .hint = "send what tells its namespace, such as a header X-Channel-Code",
                 .wire_code = "namespace_not_found"};
}

Error namespace_disabled_error(const Decision& decision) {
    return Error{
        .code = ErrorCode::Forbidden,
        .message = "namespace " + json_string(decision.placement.name()) + " is switched off",
        .hint = "ask whoever runs this gateway",
        .wire_code = "namespace_disabled"};
}

// Platforms may be private: the caller learns the limit's name and when to come back, no more.
Error platform_limit_error(const Decision& decision) {
    const LimitReading* first_to_pass = nullptr;
    for (const Candidate& candidate : decision.candidates) {
        if (candidate.reason != Reason::LimitReached) continue;
        const LimitReading* slowest = find_slowest(decision.limits_of(candidate));
        assert(slowest != nullptr);
        if (first_to_pass == nullptr || passes_before(*slowest, *first_to_pass))
            first_to_pass = slowest;
    }
    assert(first_to_pass != nullptr);
    if (first_to_pass->claim.cost > first_to_pass->limit->max) {
        return Error{
            .code = ErrorCode::RateLimited,
            .message = "the call may use " +
                       limits::amount_text(*first_to_pass->limit, first_to_pass->claim.cost) +
                       ", more than any platform for model " + quoted_model(decision) +
                       " may be asked for",
            .hint = "send less, or ask for a shorter answer",
            .limit = first_to_pass->limit->name};
    }
    return Error{
        .code = ErrorCode::RateLimited,
        .message = "every platform for model " + quoted_model(decision) + " is at its limit",
        .hint = "try again in " + render_seconds(first_to_pass->reading.retry_after),
        .limit = first_to_pass->limit->name,
        .retry_after = first_to_pass->reading.retry_after};
}

Error all_open_error(const Decision& decision) {
    TimePoint earliest = TimePoint::max();
    for (const Candidate& candidate : decision.candidates) {
        if (candidate.reason == Reason::CircuitOpen) {
            earliest = std::min(earliest, candidate.open_until);
        }
    }
    const auto wait = std::chrono::ceil<milliseconds>(
        std::max(earliest - decision.at, std::chrono::microseconds(0)));
    return Error{.code = ErrorCode::NoPlatform,
                 .message = "no platform for model " + quoted_model(decision) +
                            " can be called, all have failed lately",
                 .hint = "try again in " + render_seconds(wait),
                 .retry_after = wait};
}

Error all_switched_off_error(const Decision& decision) {
    const bool is_any_draining = std::any_of(
        decision.candidates.begin(), decision.candidates.end(),
        [](const Candidate& candidate) { return candidate.reason == Reason::Draining; });
    return Error{.code = ErrorCode::NoPlatform,
                 .message = "every platform for model " + quoted_model(decision) + " is " +
                            (is_any_draining ? "switched off or being drained" : "switched off"),
                 .hint = "ask for another model"};
}

Error model_not_found_error(const Decision& decision) {
    return Error{.code = ErrorCode::NotFound,
                 .message = "model " + quoted_model(decision) + " does not exist here",
                 .hint =
                     "GET /v1/models lists the models, and `aigw route-test -m MODEL` shows how "
                     "one is routed",
                 .wire_code = "model_not_found",
                 .param = "model"};
}

Error not_served_error(const Decision& decision) {
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = "no platform for model " + quoted_model(decision) + " serves " +
                            std::string(name_of(decision.facts.operation)),
                 .hint = "ask for another model, or route this one to a platform that does",
                 .param = "model"};
}

// Several models may lack several things: what each of them lacks is what has to go.
Error lacks_need_error(const Decision& decision) {
    protocol::Needs missing;
    bool is_first = true;
    for (const Candidate& candidate : decision.candidates) {
        if (candidate.reason != Reason::LacksNeed) continue;
        const protocol::Needs shared = is_first ? candidate.missing : missing & candidate.missing;
        missing = shared.empty() ? candidate.missing : shared;
        is_first = false;
    }
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = "model " + quoted_model(decision) + " does not serve " +
                            protocol::names_of(missing) + ", which the request needs",
                 .hint = "ask for a model that does, or leave it out of the request",
                 .wire_code = "unsupported_value",
                 .param = "model"};
}

Error price_missing_error(const Decision& decision) {
    return Error{.code = ErrorCode::Forbidden,
                 .message = "model " + quoted_model(decision) +
                            " has no price, and this gateway refuses what it cannot price",
                 .hint =
                     "ask for another model, or set `pricing.missing` to \"unpriced\" or "
                     "\"worst-case\"",
                 .wire_code = "model_not_priced",
                 .param = "model"};
}

}  // namespace

ErrorCode code_of(const Decision& decision) {
    switch (decision.refusal) {
        case Refusal::None:
        case Refusal::Forbidden:
        case Refusal::NamespaceDisabled:
        case Refusal::PriceMissing:
            return ErrorCode::Forbidden;
        case Refusal::Unauthenticated:
            return ErrorCode::Unauthenticated;
        case Refusal::NamespaceNotFound:
        case Refusal::ModelNotFound:
            return ErrorCode::NotFound;
        case Refusal::Policy:
            return policy_error(decision).code;
        case Refusal::CallerLimit:
            return caller_limit_error(decision).code;
        case Refusal::PlatformLimit:
            return ErrorCode::RateLimited;
        case Refusal::NotServed:
        case Refusal::LacksNeed:
            return ErrorCode::InvalidRequest;
        case Refusal::AllOpen:
        case Refusal::AllSwitchedOff:
            return ErrorCode::NoPlatform;
    }
    return ErrorCode::Internal;
}

Error limit_error(const Decision& decision, const LimitReading& reading, milliseconds retry_after) {
    Error error = limits::refusal_error(*reading.limit, reading.claim.key.subject,
                                        reading.claim.cost, retry_after);
    if (!refuses_as_before(decision, reading)) return error;
    error.code = ErrorCode::Forbidden;
    error.wire_code = kViolation;
    return error;
}

Error error(const Decision& decision) {
    switch (decision.refusal) {
        case Refusal::None:
            break;
        case Refusal::Forbidden: {
            auto permitted = identity::check_scope(*decision.principal, decision.facts.operation,
                                                   decision.facts.model);
            assert(!permitted);
            return std::move(permitted).error();
        }
        case Refusal::NamespaceNotFound:
            return namespace_not_found_error();
        case Refusal::NamespaceDisabled:
            return namespace_disabled_error(decision);
        case Refusal::Unauthenticated:
            return identity::no_credential_error();
        case Refusal::Policy:
            return policy_error(decision);
        case Refusal::ModelNotFound:
            return model_not_found_error(decision);
        case Refusal::CallerLimit:
            return caller_limit_error(decision);
        case Refusal::NotServed:
            return not_served_error(decision);
        case Refusal::LacksNeed:
            return lacks_need_error(decision);
        case Refusal::PlatformLimit:
            return platform_limit_error(decision);
        case Refusal::PriceMissing:
            return price_missing_error(decision);
        case Refusal::AllOpen:
            return all_open_error(decision);
        case Refusal::AllSwitchedOff:
            return all_switched_off_error(decision);
    }
    assert(false && "an allowed call has no error");
    return Error{};
}

}  // namespace aigw::decision
