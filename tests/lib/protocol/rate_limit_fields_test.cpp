#include "protocol/rate_limit_fields.h"

#include <catch2/catch.hpp>

using namespace aigw;
using protocol::translate_rate_limit;

namespace {

const TimePoint kNow = *parse_time("2026-11-20T10:00:00.250Z");

// "name: value", or empty where nothing is said.
std::string translate(std::string_view name, std::string_view value, Protocol caller) {
    const auto field = translate_rate_limit(name, value, caller, kNow);
    return field ? field->first + ": " + field->second : "";
}

}  // namespace

TEST_CASE("rate limits: each protocol's fields in the words of the other", "[protocol]") {
    struct Row {
        const char* name;
        const char* value;
        Protocol caller;
        const char* said;
    };
    const Row rows[] = {
        {"x-ratelimit-limit-requests", "5000", Protocol::Anthropic,
         "anthropic-ratelimit-requests-limit: 5000"},
        {"X-RateLimit-Remaining-Tokens", "799250", Protocol::Anthropic,
         "anthropic-ratelimit-tokens-remaining: 799250"},
        {"x-ratelimit-reset-requests", "12ms", Protocol::Anthropic,
         "anthropic-ratelimit-requests-reset: 2026-11-20T10:00:01Z"},
        {"x-ratelimit-reset-tokens", "6m0s", Protocol::Anthropic,
         "anthropic-ratelimit-tokens-reset: 2026-11-20T10:06:01Z"},
        {"x-ratelimit-reset-tokens", "1h0m1.5s", Protocol::Anthropic,
         "anthropic-ratelimit-tokens-reset: 2026-11-20T11:00:02Z"},
        {"x-ratelimit-reset-tokens", "30", Protocol::Anthropic,
         "anthropic-ratelimit-tokens-reset: 2026-11-20T10:00:31Z"},
        {"x-ratelimit-reset-tokens", "soon", Protocol::Anthropic, ""},
        {"x-ratelimit-reset-tokens", "", Protocol::Anthropic, ""},
        {"x-ratelimit-reset-tokens", "-1s", Protocol::Anthropic, ""},
        {"x-ratelimit-reset-tokens", "5x", Protocol::Anthropic, ""},
        {"x-ratelimit-reset-tokens", "99999999999h", Protocol::Anthropic, ""},
        {"x-ratelimit-limit-images", "5", Protocol::Anthropic, ""},
        {"x-ratelimit-limit", "5", Protocol::Anthropic, ""},
        {"anthropic-ratelimit-requests-limit", "4000", Protocol::OpenAi,
         "x-ratelimit-limit-requests: 4000"},
        {"anthropic-ratelimit-tokens-remaining", "0", Protocol::Responses,
         "x-ratelimit-remaining-tokens: 0"},
        {"anthropic-ratelimit-requests-reset", "2026-11-20T10:00:01Z", Protocol::OpenAi,
         "x-ratelimit-reset-requests: 750ms"},
        {"anthropic-ratelimit-requests-reset", "2026-11-20T10:06:00Z", Protocol::OpenAi,
         "x-ratelimit-reset-requests: 6m0s"},
        {"anthropic-ratelimit-requests-reset", "2026-11-20T12:00:00Z", Protocol::OpenAi,
         "x-ratelimit-reset-requests: 2h0m0s"},
        {"anthropic-ratelimit-requests-reset", "2026-11-20T09:00:00Z", Protocol::OpenAi,
         "x-ratelimit-reset-requests: 0ms"},
        {"anthropic-ratelimit-requests-reset", "1s", Protocol::OpenAi, ""},
        {"anthropic-ratelimit-input-tokens-limit", "5", Protocol::OpenAi, ""},
        {"x-ratelimit-reset-tokens", "6m0s", Protocol::OpenAi, "x-ratelimit-reset-tokens: 6m0s"},
        {"content-type", "application/json", Protocol::OpenAi, ""},
        {"retry-after", "3", Protocol::Anthropic, ""},
    };
    for (const Row& row : rows) {
        CAPTURE(row.name, row.value);
        CHECK(translate(row.name, row.value, row.caller) == row.said);
    }
}
