// When a call that failed is made again at the same platform, and after what pause.
//
// Rules:   at the same platform for the failures that `on` names, after a pause that doubles,
// within
//          `attempts` and the platform's retry budget. A refused key is not asked again, and
//          neither is a vendor that wants to be left alone for longer than the longest pause.
// Pure:    randomness and time are passed in.
// Source:  gateway.toml(5), `retry`; RFC 9110, section 10.2.3 (Retry-After).
#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aigw::routing {

enum class FailureKind : std::uint8_t {
    Connect,  // no connection, or one that ended before a byte of an answer
    Timeout,  // connected, and nothing came in time
    Broken,   // an answer that is not HTTP, or not whole
    Status,   // an answer with an error status
};

// What is known of one failed call.
struct Failure {
    FailureKind kind = FailureKind::Connect;
    int status = 0;  // of Status
    std::optional<std::chrono::milliseconds> retry_after{};
};

// The failures after which the same platform is called again.
class RetryOn {
public:
    // "connect", "timeout", "5xx", or one status: 401, 402, 403, 408, 429, 500 to 599.
    static Result<RetryOn> parse(std::string_view word);
    static RetryOn defaults();  // connect, 401, 402, 403, 408, 429, 5xx

    void add(const RetryOn& other);
    bool has(const Failure& failure) const;
    // The words that parse() reads: connect, timeout, then statuses ascending.
    std::vector<std::string> words() const;
    friend bool operator==(const RetryOn&, const RetryOn&) = default;

private:
    bool connect_ = false;
    bool timeout_ = false;
    std::bitset<5> refusals_{};         // 401, 402, 403, 408, 429
    std::bitset<100> server_errors_{};  // 500 to 599
};

struct RetryOptions {
    std::uint32_t attempts = 2;  // calls of one platform for one request, the first included
    RetryOn on = RetryOn::defaults();
    std::chrono::milliseconds shortest_pause{200};
    std::chrono::milliseconds longest_pause{2'000};
    std::uint32_t budget_percent = 20;  // of a platform's calls that may be retries
    bool honour_retry_after = true;
    friend bool operator==(const RetryOptions&, const RetryOptions&) = default;
};

// True when the vendor refused the gateway's own key or account.
bool is_about_the_key(const Failure& failure);

// True when the vendor wants to be left alone for longer than one would pause.
bool asks_for_rest(const RetryOptions& options, const Failure& failure);

// How long to pause before calling the same platform again, when `calls` have failed there so far;
// nullopt: not here. `random` is any number: the pause lies between half of what has doubled and
// all of it, so that callers who failed together do not come back together.
std::optional<std::chrono::milliseconds> pause_before_retry(const RetryOptions& options,
                                                            const Failure& failure,
                                                            std::uint32_t calls,
                                                            std::uint64_t random);

}  // namespace aigw::routing
