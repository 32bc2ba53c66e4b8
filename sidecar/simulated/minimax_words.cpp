#include "sidecar/simulated/minimax_words.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"

namespace aigw::simulated::minimax {
namespace {

// The last two columns are for /anthropic.
struct CodeRow {
    Code code;
    const char* message;
    int status;
    const char* type;
};

constexpr const char* kInvalid = "invalid_request_error";
constexpr const char* kRate = "rate_limit_error";

constexpr std::array kCodes = {
    CodeRow{Code::Unknown, "unknown error", 500, "api_error"},
    CodeRow{Code::Timeout, "request timeout", 500, "api_error"},
    CodeRow{Code::RateLimit, "rate limit", 429, kRate},
    CodeRow{Code::NotAuthorized,
            "login fail: Please carry the API secret key in the 'Authorization' field of the "
            "request header",
            401, "authentication_error"},
    CodeRow{Code::NoBalance, "insufficient balance", 402, "insufficient_balance_error"},
    CodeRow{Code::Internal, "internal error", 500, "api_error"},
    CodeRow{Code::InputSensitive, "input new_sensitive", 400, kInvalid},
    CodeRow{Code::OutputSensitive, "output new_sensitive", 400, kInvalid},
    CodeRow{Code::System, "system error", 529, "overloaded_error"},
    CodeRow{Code::TokenLimit, "token limit", 429, kRate},
    CodeRow{Code::ConnectionLimit, "conn limit", 429, kRate},
    CodeRow{Code::InvisibleCharacters, "invisible character ratio limit", 400, kInvalid},
    CodeRow{Code::InvalidParams, "invalid params", 400, kInvalid},
    CodeRow{Code::GrowthTooFast, "rate growth limit", 429, kRate},
    CodeRow{Code::InvalidKey, "invalid api key", 401, "authentication_error"},
    CodeRow{Code::PlanLimit, "usage limit exceeded", 429, kRate},
    CodeRow{Code::NotInPlan, "your current token plan does not support the model", 403,
            "permission_error"},
};

std::string text_of(Code code) {
    return std::to_string(static_cast<unsigned>(code));
}

Refusal refusal_of_row(const CodeRow& row) {
    return {row.status, row.message, row.type, "", text_of(row.code)};
}

Json render_front_error(const Refusal& refusal) {
    return {{"error",
             {{"message", refusal.message},
              {"type", refusal.type},
              {"param", nullptr},
              {"code", nullptr}}}};
}

}  // namespace

Refusal refusal_of(Code code) {
    const auto row = std::find_if(kCodes.begin(), kCodes.end(),
                                  [&](const CodeRow& one) { return one.code == code; });
    return refusal_of_row(row == kCodes.end() ? kCodes.front() : *row);
}

Refusal invalid(const std::string& problem) {
    Refusal refusal = refusal_of(Code::InvalidParams);
    refusal.message += ", " + problem;
    return refusal;
}

std::optional<Refusal> find_code(std::string_view number) {
    for (const CodeRow& row : kCodes) {
        if (text_of(row.code) == number) return refusal_of_row(row);
    }
    return std::nullopt;
}

Refusal at_front(int status, std::string message) {
    return {.status = status, .message = std::move(message)};
}

Json render_base_resp(const Refusal& refusal) {
    return {
        {"base_resp",
         {{"status_code", parse_uint(refusal.code).value_or(0)}, {"status_msg", refusal.message}}}};
}

Json render_anthropic_error(const Refusal& refusal, std::uint64_t seed) {
    const std::string code = refusal.code.empty() ? "" : " (" + refusal.code + ")";
    return {{"type", "error"},
            {"error", {{"type", refusal.type}, {"message", refusal.message + code}}},
            {"request_id", trace_id(seed)}};
}

Plan refuse(const Refusal& refusal, bool is_anthropic, std::uint64_t seed) {
    const bool has_code = !refusal.code.empty();
    const Json body = is_anthropic ? render_anthropic_error(refusal, seed)
                      : has_code   ? render_base_resp(refusal)
                                   : render_front_error(refusal);
    Plan plan;
    plan.status = has_code && !is_anthropic ? 200 : refusal.status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), body.dump(-1, ' ', false, Json::error_handler_t::replace)});
    return plan;
}

std::string trace_id(std::uint64_t seed) {
    Random random(hash_of("trace", seed));
    return "04" + make_hex(30, random);
}

http::Headers common_headers(std::uint64_t seed) {
    return {{"content-type", "application/json"}, {"trace-id", trace_id(seed)}};
}

}  // namespace aigw::simulated::minimax
