#include "providers/vendor_failures.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "http/date.h"
#include "protocol/error_meaning.h"

namespace aigw::providers {
namespace {

using protocol::VendorError;

constexpr int kBadRequest = 400;
constexpr int kFirstServerError = 500;
// Longer than any vendor's window; a header that says more is a mistake.
constexpr std::chrono::milliseconds kLongestDelay = std::chrono::hours(24);

// A caller's mistake keeps the vendor's own status; what the gateway or the vendor is to blame for
// gets our row's, except that a broken vendor's 5xx stays what it is.
int own_status(ErrorCode code, int status) {
    switch (code) {
        case ErrorCode::InvalidRequest:
        case ErrorCode::UpstreamInvalid:
            return status >= kBadRequest && status != error_row(code).http ? status : 0;
        default:
            return 0;
    }
}

std::optional<std::chrono::milliseconds> read_delay(std::optional<std::string_view> field,
                                                    double milliseconds_per_unit) {
    if (!field) return std::nullopt;
    const std::string_view text = trim(*field);
    // Whole and decimal numbers.
    const std::size_t point = text.find('.');
    const auto whole = parse_uint(text.substr(0, point));
    const std::string_view digits =
        point == std::string_view::npos ? std::string_view("0") : text.substr(point + 1, 6);
    const auto fraction = parse_uint(digits);
    if (!whole || !fraction || *whole > 86'400'000) return std::nullopt;
    const double value =
        static_cast<double>(*whole) +
        static_cast<double>(*fraction) / std::pow(10.0, static_cast<double>(digits.size()));
    const auto delay = std::chrono::milliseconds(
        static_cast<std::int64_t>(std::ceil(value * milliseconds_per_unit)));
    return std::min(delay, kLongestDelay);
}

std::string status_text(int status, const VendorError& said) {
    std::string text = "HTTP " + std::to_string(status);
    if (!said.code.empty()) text += " " + protocol::mask_secrets(said.code.substr(0, 80));
    return text;
}

}  // namespace

std::optional<ErrorCode> find_meaning(std::span<const Meaning> meanings, std::string_view name) {
    const auto row = std::ranges::find_if(
        meanings, [&](const Meaning& meaning) { return matches_glob(meaning.name, name); });
    return row == meanings.end() ? std::nullopt : std::optional(row->code);
}

std::optional<std::chrono::milliseconds> retry_after(const http::Headers& headers) {
    if (const auto exact = read_delay(headers.find("retry-after-ms"), 1)) return exact;
    const auto field = headers.find("retry-after");
    if (const auto delay = read_delay(field, 1000)) return delay;
    // A date is read by the clock of the vendor who wrote it.
    const auto until = field ? http::parse_date(trim(*field)) : std::nullopt;
    const auto sent = headers.find("date");
    const auto now = sent ? http::parse_date(trim(*sent)) : std::nullopt;
    if (!until || !now) return std::nullopt;
    return std::clamp<std::chrono::milliseconds>(*until - *now, std::chrono::milliseconds(0),
                                                 kLongestDelay);
}

Error make_failure(ErrorCode code, int status, VendorError said, const http::Headers& headers) {
    if (said.message.empty())
        said.message = "upstream answered HTTP " + std::to_string(status) + " without a reason";
    const std::string where = status_text(status, said);
    Error error = protocol::vendor_failure(code, std::move(said));
    if (code == ErrorCode::UpstreamCredentials) error.message += " (" + where + ")";
    error.status = own_status(code, status);
    if (code == ErrorCode::RateLimited || code == ErrorCode::Overloaded)
        error.retry_after = retry_after(headers);
    return error;
}

bool is_json_object(std::string_view body) {
    const std::size_t first = body.find_first_not_of(" \t\r\n");
    return first != std::string_view::npos && body[first] == '{';
}

// A page or a sentence from something in between is quoted, with where it came from.
VendorError read_words(const http::Response& reply) {
    VendorError said = protocol::read_vendor_error(reply.body);
    const bool is_json = is_json_object(reply.body) || reply.body.starts_with('[');
    if (!is_json && !said.message.empty()) {
        said.message =
            "upstream answered HTTP " + std::to_string(reply.status) + ": " + said.message;
    }
    return said;
}

Result<protocol::JsonValue> parse_reply(protocol::JsonTree& tree, std::string_view body) {
    auto root = tree.parse(body);
    if (root && root->is_object()) return *root;
    return Error{ErrorCode::UpstreamInvalid, "the upstream's answer is not a whole JSON object"};
}

}  // namespace aigw::providers
