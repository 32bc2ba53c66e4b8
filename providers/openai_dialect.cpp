#include "providers/openai_dialect.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"
#include "http/date.h"

namespace aigw::providers {
namespace {

using protocol::Edit;
using protocol::RequestFacts;
using protocol::VendorError;

constexpr int kBadRequest = 400;
constexpr int kFirstServerError = 500;
// Longer than any vendor's window; a header that says more is a mistake.
constexpr std::chrono::milliseconds kLongestDelay = std::chrono::hours(24);

// ---- Addresses -------------------------------------------------------------------------------

bool is_version(std::string_view segment) {
    return segment.size() >= 2 && segment.front() == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

bool ends_with_version(std::string_view path) {
    return is_version(path.substr(path.rfind('/') + 1));
}

// The part of `root` that `path` does not end with already: "/compatible-mode" needs only "/v1" of
// "/compatible-mode/v1".
std::string_view missing_part(std::string_view path, std::string_view root) {
    for (std::size_t cut = root.rfind('/'); cut != std::string_view::npos && cut > 0;
         cut = root.rfind('/', cut - 1)) {
        if (path.ends_with(root.substr(0, cut))) return root.substr(cut);
    }
    return root;
}

// ---- Edits -----------------------------------------------------------------------------------

Edit ask_usage(const RequestFacts& facts) {
    if (!facts.stream_options) {
        return {facts.first_key, facts.first_key, R"("stream_options":{"include_usage":true},)"};
    }
    const protocol::StreamOptionsPlace& place = *facts.stream_options;
    if (place.include_usage) return {place.include_usage->begin, place.include_usage->end, "true"};
    if (place.has_fields) {
        const std::size_t inside = place.value.begin + 1;
        return {inside, inside, R"("include_usage":true,)"};
    }
    return {place.value.begin, place.value.end, R"({"include_usage":true})"};
}

// ---- Errors ----------------------------------------------------------------------------------

bool mentions(std::string_view text, std::string_view words) {
    return to_lower(text).find(words) != std::string::npos;
}

bool is_context_overflow(const VendorError& said) {
    return said.code == "context_length_exceeded" ||
           mentions(said.message, "maximum context length") ||
           mentions(said.message, "prompt is too long") ||
           mentions(said.message, "exceeds the context") ||
           mentions(said.message, "range of input length");
}

ErrorCode code_of_status(int status) {
    switch (status) {
        case 401:
        case 402:
        case 403:
            return ErrorCode::UpstreamCredentials;
        case 404:
            return ErrorCode::NotFound;
        case 408:
        case 504:
            return ErrorCode::UpstreamTimeout;
        case 409:
            return ErrorCode::Conflict;
        case 413:
            return ErrorCode::TooLarge;
        case 429:
            return ErrorCode::RateLimited;
        case 503:
        case 529:
            return ErrorCode::Overloaded;
        default:
            break;
    }
    const bool is_callers = status >= kBadRequest && status < kFirstServerError;
    return is_callers ? ErrorCode::InvalidRequest : ErrorCode::UpstreamInvalid;
}

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

std::string status_text(int status, const VendorError& said) {
    std::string text = "HTTP " + std::to_string(status);
    if (!said.code.empty()) text += " " + protocol::mask_secrets(said.code.substr(0, 80));
    return text;
}

// The vendor's words about the gateway's own key are for its operator; the caller's key is fine.
Error credentials_refused(int status, const VendorError& said) {
    return Error{
        ErrorCode::UpstreamCredentials,
        "the upstream refused the gateway's credentials (" + status_text(status, said) + ")"};
}

Error make_error(ErrorCode code, int status, VendorError said, const http::Headers& headers) {
    if (code == ErrorCode::UpstreamCredentials) return credentials_refused(status, said);
    Error error{.code = code, .message = std::move(said.message)};
    if (error.message.empty()) {
        error.message = "upstream answered HTTP " + std::to_string(status) + " without a reason";
    }
    error.status = own_status(code, status);
    // DashScope's word for a throttle is OpenAI's for an empty account, on which SDKs give up.
    if (code == ErrorCode::RateLimited && said.code == "insufficient_quota") said = {};
    error.wire_code = std::move(said.code);
    error.wire_type = std::move(said.type);
    error.param = std::move(said.param);
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

// With a good status only the words are left to say what went wrong.
ErrorCode code_of_words(const VendorError& said) {
    struct Row {
        std::string_view word;
        ErrorCode code;
    };
    constexpr Row kRows[] = {
        {"invalid_request_error", ErrorCode::InvalidRequest},
        {"rate_limit_error", ErrorCode::RateLimited},
        {"rate_limit_exceeded", ErrorCode::RateLimited},
        {"authentication_error", ErrorCode::UpstreamCredentials},
        {"invalid_api_key", ErrorCode::UpstreamCredentials},
        {"permission_error", ErrorCode::UpstreamCredentials},
        {"overloaded_error", ErrorCode::Overloaded},
    };
    const auto status = parse_uint(said.code);
    if (status && *status >= kBadRequest && *status < 600)
        return code_of_status(static_cast<int>(*status));
    if (is_context_overflow(said)) return ErrorCode::ContextTooLong;
    for (const Row& row : kRows) {
        if (said.code == row.word || said.type == row.word) return row.code;
    }
    return ErrorCode::UpstreamInvalid;
}

}  // namespace

http::Headers OpenAiDialect::headers(
    const Secret& key, std::span<const std::pair<std::string, std::string>> extra) const {
    http::Headers headers;
    if (!key.empty()) headers.add("authorization", "Bearer " + key.reveal());
    for (const auto& [name, value] : extra) headers.remove(name);
    for (const auto& [name, value] : extra) headers.add(name, value);
    return headers;
}

std::string_view OpenAiDialect::path(Operation operation) const {
    switch (operation) {
        case Operation::Chat:
            return "/chat/completions";
        case Operation::Completions:
            return "/completions";
        case Operation::Embeddings:
            return "/embeddings";
        case Operation::Models:
            return "/models";
        case Operation::CountTokens:
            break;
    }
    return "";
}

std::string OpenAiDialect::target(const http::Url& base, Operation operation) const {
    const std::size_t question = base.target.find('?');
    std::string target = base.target.substr(0, question);
    while (target.ends_with('/')) target.pop_back();
    if (!ends_with_version(target)) target += missing_part(target, api_root());
    target += path(operation);
    if (question != std::string::npos) target += base.target.substr(question);
    return target;
}

Result<void> OpenAiDialect::edit(const RequestFacts& facts, std::string_view upstream_model,
                                 std::vector<Edit>& edits) const {
    const auto first = static_cast<std::ptrdiff_t>(edits.size());
    const std::string_view model = upstream_model.empty() ? facts.model : upstream_model;
    if (facts.model_place.size() == 0) {
        edits.push_back(
            {facts.first_key, facts.first_key, "\"model\":" + json_string(model) + ","});
    } else if (model != facts.model) {
        edits.push_back({facts.model_place.begin, facts.model_place.end, json_string(model)});
    }
    if (facts.stream && !facts.asks_usage) edits.push_back(ask_usage(facts));
    std::sort(edits.begin() + first, edits.end(),
              [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    return {};
}

Error OpenAiDialect::decode_error(const http::Response& reply) const {
    VendorError said = read_words(reply);
    ErrorCode code = code_of(reply.status, said).value_or(code_of_status(reply.status));
    if (code == ErrorCode::InvalidRequest && is_context_overflow(said))
        code = ErrorCode::ContextTooLong;
    return make_error(code, reply.status, std::move(said), reply.headers);
}

Result<void> OpenAiDialect::check_reply(const http::Response& reply) const {
    if (reply.status >= kBadRequest) return decode_error(reply);
    if (!is_json_object(reply.body)) {
        return make_error(ErrorCode::UpstreamInvalid, reply.status, read_words(reply),
                          reply.headers);
    }
    auto said = protocol::find_vendor_error(reply.body);
    if (!said) return {};
    const ErrorCode code = code_of(reply.status, *said).value_or(code_of_words(*said));
    return make_error(code, reply.status, *std::move(said), reply.headers);
}

}  // namespace aigw::providers
