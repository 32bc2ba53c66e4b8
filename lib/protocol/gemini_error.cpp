#include "protocol/gemini_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <utility>

#include "protocol/error_meaning.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {
namespace {

using std::chrono::milliseconds;

constexpr int kFirstError = 400;

// How Google's front end says it where the details are missing.
constexpr std::array<std::string_view, 2> kBadKey = {"api key not valid", "api key expired"};

JsonValue error_of(JsonValue root) {
    if (root.is_array()) return root.size() > 0 ? (*root.begin())["error"] : JsonValue();
    return root["error"];
}

// "17s", "0.5s".
std::optional<milliseconds> parse_delay(std::string_view text) {
    constexpr double kMostSeconds = 86'400;
    constexpr double kMillisecondsPerSecond = 1'000;
    if (!text.ends_with('s')) return std::nullopt;
    text.remove_suffix(1);
    double seconds = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    const bool is_whole = error == std::errc() && end == text.data() + text.size();
    if (!is_whole || !(seconds >= 0)) return std::nullopt;
    return milliseconds(static_cast<std::int64_t>(
        std::ceil(std::min(seconds, kMostSeconds) * kMillisecondsPerSecond)));
}

bool is_about_a_day(JsonValue detail) {
    const JsonValue violations = detail["violations"];
    return violations.is_array() && std::ranges::any_of(violations, [](const JsonValue& violation) {
               return violation["quotaId"].text().find("PerDay") != std::string::npos;
           });
}

// The reason that a key is no good; empty: it is not about the key.
std::string reason_about_the_key(JsonValue details, std::string_view message) {
    if (details.is_array()) {
        for (const JsonValue& detail : details) {
            std::string reason = detail["reason"].text();
            if (reason.starts_with("API_KEY_")) return reason;
        }
    }
    const bool is_said = std::ranges::any_of(
        kBadKey, [&](std::string_view words) { return mentions(message, words); });
    return is_said ? "API_KEY_INVALID" : "";
}

ErrorCode code_of(const VendorError& said, int status) {
    if (status < kFirstError || said.code == "FAILED_PRECONDITION") return code_of_words(said);
    const ErrorCode code = code_of_status(status);
    return code == ErrorCode::InvalidRequest && is_context_overflow(said)
               ? ErrorCode::ContextTooLong
               : code;
}

}  // namespace

GeminiError read_gemini_error(std::string_view body, int status) {
    GeminiError out{.said = read_vendor_error(body)};
    JsonTree tree;
    const auto root = tree.parse(body);
    const JsonValue error = root ? error_of(*root) : JsonValue();
    if (error["status"].is_string()) out.said.code = error["status"].text();
    const JsonValue details = error["details"];
    if (details.is_array()) {
        for (const JsonValue& detail : details) {
            if (const auto delay = parse_delay(detail["retryDelay"].text()))
                out.retry_after = delay;
            out.is_daily = out.is_daily || is_about_a_day(detail);
        }
    }
    out.code = code_of(out.said, status);
    if (std::string reason = reason_about_the_key(details, out.said.message); !reason.empty()) {
        out.code = ErrorCode::UpstreamCredentials;
        out.said.code = std::move(reason);
    }
    return out;
}

}  // namespace aigw::protocol
