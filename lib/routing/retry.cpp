#include "routing/retry.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"

namespace aigw::routing {
namespace {

using std::chrono::milliseconds;

constexpr std::array kRetryableRefusals{401, 402, 403, 408, 429};
constexpr int kFirstServerError = 500;
constexpr int kServerErrors = 100;

bool is_server_error(int status) {
    return status >= kFirstServerError && status < kFirstServerError + kServerErrors;
}

bool is_retryable_refusal(int status) {
    return std::ranges::find(kRetryableRefusals, status) != kRetryableRefusals.end();
}

int parse_status(std::string_view word) {
    int status = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
    return error == std::errc() && end == word.data() + word.size() && word.size() == 3 ? status
                                                                                        : 0;
}

}  // namespace

Result<RetryOn> RetryOn::parse(std::string_view word) {
    RetryOn on;
    const int status = parse_status(word);
    if (word == "connect") {
        on.connect_ = true;
    } else if (word == "timeout") {
        on.timeout_ = true;
    } else if (word == "5xx") {
        on.server_errors_.set();
    } else if (is_server_error(status)) {
        on.server_errors_.set(static_cast<std::size_t>(status - kFirstServerError));
    } else if (is_retryable_refusal(status)) {
        on.refusals_.set(static_cast<std::size_t>(std::ranges::find(kRetryableRefusals, status) -
                                                  kRetryableRefusals.begin()));
    } else if (status >= 400 && status < kFirstServerError) {
        return Error{ErrorCode::Config, "names " + std::string(word),
                     "a vendor that refuses a request would refuse it again"};
    } else {
        return Error{
            ErrorCode::Config, "names " + json_string(word),
            "one of connect, timeout, 401, 402, 403, 408, 429, 5xx, or a status from 500 to 599"};
    }
    return on;
}

RetryOn RetryOn::defaults() {
    RetryOn on;
    on.connect_ = true;
    on.refusals_.set();
    on.server_errors_.set();
    return on;
}

void RetryOn::add(const RetryOn& other) {
    connect_ = connect_ || other.connect_;
    timeout_ = timeout_ || other.timeout_;
    refusals_ |= other.refusals_;
    server_errors_ |= other.server_errors_;
}

bool RetryOn::has(const Failure& failure) const {
    switch (failure.kind) {
        case FailureKind::Connect:
        case FailureKind::Broken:
            return connect_;
        case FailureKind::Timeout:
            return timeout_;
        case FailureKind::Status:
            break;
    }
    if (is_server_error(failure.status))
        return server_errors_.test(static_cast<std::size_t>(failure.status - kFirstServerError));
    const auto found = std::ranges::find(kRetryableRefusals, failure.status);
    return found != kRetryableRefusals.end() &&
           refusals_.test(static_cast<std::size_t>(found - kRetryableRefusals.begin()));
}

std::vector<std::string> RetryOn::words() const {
    std::vector<std::string> words;
    if (connect_) words.emplace_back("connect");
    if (timeout_) words.emplace_back("timeout");
    for (std::size_t i = 0; i < kRetryableRefusals.size(); ++i)
        if (refusals_.test(i)) words.push_back(std::to_string(kRetryableRefusals[i]));
    if (server_errors_.all()) {
        words.emplace_back("5xx");
        return words;
    }
    for (std::size_t i = 0; i < server_errors_.size(); ++i)
        if (server_errors_.test(i))
            words.push_back(std::to_string(kFirstServerError + static_cast<int>(i)));
    return words;
}

bool is_about_the_key(const Failure& failure) {
    return failure.kind == FailureKind::Status && failure.status >= 401 && failure.status <= 403;
}

bool asks_for_rest(const RetryOptions& options, const Failure& failure) {
    return options.honour_retry_after && failure.retry_after &&
           *failure.retry_after > options.longest_pause;
}

std::optional<milliseconds> pause_before_retry(const RetryOptions& options, const Failure& failure,
                                               std::uint32_t calls, std::uint64_t random) {
    if (calls >= options.attempts || is_about_the_key(failure) || !options.on.has(failure) ||
        asks_for_rest(options, failure))
        return std::nullopt;
    milliseconds whole = options.shortest_pause;
    for (std::uint32_t i = 1; i < calls && whole < options.longest_pause; ++i) whole *= 2;
    whole = std::min(whole, options.longest_pause);
    const auto half = static_cast<std::uint64_t>(whole.count()) / 2;
    const milliseconds pause = whole - milliseconds(random % (half + 1));
    if (!options.honour_retry_after || !failure.retry_after) return pause;
    return std::max(pause, *failure.retry_after);
}

}  // namespace aigw::routing
