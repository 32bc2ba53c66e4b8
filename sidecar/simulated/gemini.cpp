// The simulated Gemini: content generated whole and streamed, tokens counted, models.
//
// Source: Google's reference of the Gemini API (v1beta), its error model, and the bodies that the
//         service gives.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/gemini_models.h"
#include "sidecar/simulated/gemini_names.h"
#include "sidecar/simulated/gemini_prompt.h"
#include "sidecar/simulated/gemini_reply.h"
#include "sidecar/simulated/gemini_rules.h"
#include "sidecar/simulated/hash.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::string_view kMount = "/gemini/v1beta";
constexpr std::string_view kModelPath = "/gemini/v1beta/models/";

http::Headers common_headers(std::uint64_t seed) {
    Random random(hash_of("headers", seed));
    return {{"content-type", "application/json; charset=UTF-8"},
            {"vary", "Origin, X-Origin, Referer"},
            {"server", "scaffolding on HTTPServer2"},
            {"server-timing", "gfet4t7; dur=" + std::to_string(40 + random.below(600))}};
}

Plan whole(int status, const Json& body, std::uint64_t seed) {
    Plan plan;
    plan.status = status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), body.dump(2, ' ', false, Json::error_handler_t::replace)});
    return plan;
}

// "gemini-3.8-flash:generateContent" has both.
struct Target {
    std::string_view model;
    std::string_view method;
};

Target target_of(std::string_view rest) {
    const auto colon = rest.rfind(':');
    if (colon == std::string_view::npos) return {rest, ""};
    return {rest.substr(0, colon), rest.substr(colon + 1)};
}

// A stream without alt=sse is an array, its errors included.
bool is_array_stream(const http::Request& request) {
    return path_of(request).ends_with(":streamGenerateContent") &&
           query_value(request.target, "alt") != "sse";
}

Json enveloped(const http::Request& request, Json error) {
    return is_array_stream(request) ? Json::array({std::move(error)}) : error;
}

Plan refuse(const http::Request& request, const Refusal& refusal, std::uint64_t seed) {
    return whole(refusal.status, enveloped(request, render_error(refusal)), seed);
}

// Content.

Form form_of(std::string_view method, const http::Request& request) {
    if (method == "generateContent") return Form::Whole;
    return is_array_stream(request) ? Form::Array : Form::Events;
}

Plan answer_content(const Asked& asked, const Target& target, const Occasion& occasion) {
    const auto model = find_model(target.model);
    const Json body = with_camel_case(asked.body);
    const std::uint64_t seed = occasion.request_seed;
    if (auto refusal = refuse_request(body, *model)) return refuse(asked.request, *refusal, seed);
    Plan plan = answer_request(body, *model, form_of(target.method, asked.request), occasion);
    http::Headers headers = common_headers(seed);
    for (const http::Header& field : plan.headers) headers.set(field.name, field.value);
    plan.headers = std::move(headers);
    return plan;
}

Plan answer_count(const Asked& asked, const Target& target, const Occasion& occasion) {
    const auto model = find_model(target.model);
    const Json body = with_camel_case(asked.body);
    const std::uint64_t seed = occasion.request_seed;
    if (auto refusal = refuse_count(body, *model)) return refuse(asked.request, *refusal, seed);
    const PromptTokens tokens = count_prompt(body);
    return whole(200,
                 {{"totalTokens", tokens.total()}, {"promptTokensDetails", render_details(tokens)}},
                 seed);
}

Plan answer_model_method(const Asked& asked, const Occasion& occasion) {
    const Target target = target_of(asked.rest);
    const std::uint64_t seed = occasion.request_seed;
    constexpr std::array<std::string_view, 3> kMethods = {"generateContent",
                                                          "streamGenerateContent", "countTokens"};
    if (std::find(kMethods.begin(), kMethods.end(), target.method) == kMethods.end()) {
        return refuse(asked.request, {404, "Method not found.", "NOT_FOUND", "", ""}, seed);
    }
    if (auto refusal = refuse_model(target.model, target.method)) {
        return refuse(asked.request, *refusal, seed);
    }
    const std::string_view alt = query_value(asked.request.target, "alt");
    if (!alt.empty() && alt != "sse" && alt != "json") {
        return refuse(asked.request,
                      invalid("Invalid value \"" + std::string(alt) + "\" for parameter alt."),
                      seed);
    }
    return target.method == "countTokens" ? answer_count(asked, target, occasion)
                                          : answer_content(asked, target, occasion);
}

// Models.

Json render_model(const Model& model) {
    Json rendered = {
        {"name", "models/" + std::string(model.id)},
        {"version", "001"},
        {"displayName", model.name},
        {"description", "Simulated."},
        {"inputTokenLimit", model.input_limit},
        {"outputTokenLimit", model.output_limit},
        {"supportedGenerationMethods", Json::array({"generateContent", "countTokens"})},
        {"temperature", 1},
        {"topP", 0.95},
        {"topK", 64},
        {"maxTemperature", 2}};
    if (model.thinks()) rendered["thinking"] = true;
    return rendered;
}

// A page of the list; a token is the number of the model that it begins with.
Plan answer_models(const Asked& asked, const Occasion& occasion) {
    constexpr std::uint64_t kMostModels = 1000;
    const std::string_view target = asked.request.target;
    const std::uint64_t seed = occasion.request_seed;
    const std::string_view size = query_value(target, "pageSize");
    const std::uint64_t limit = std::min(parse_uint(size).value_or(0), kMostModels);
    if (!size.empty() && !parse_uint(size)) {
        return refuse(asked.request, invalid("Invalid value for pageSize."), seed);
    }
    const std::string_view token = query_value(target, "pageToken");
    const auto all = models();
    const auto begin = token.empty() ? 0 : parse_uint(token).value_or(all.size());
    if (begin >= all.size()) {
        return refuse(asked.request, invalid("Invalid page token."), seed);
    }
    const std::size_t count = std::min<std::size_t>(limit == 0 ? 50 : limit, all.size() - begin);
    Json list = Json::array();
    for (const Model& model : all.subspan(begin, count)) list.push_back(render_model(model));
    Json reply = {{"models", std::move(list)}};
    if (begin + count < all.size()) reply["nextPageToken"] = std::to_string(begin + count);
    return whole(200, reply, seed);
}

Plan answer_model(const Asked& asked, const Occasion& occasion) {
    const std::uint64_t seed = occasion.request_seed;
    if (auto refusal = refuse_model(asked.rest, "GetModel")) {
        return refuse(asked.request, *refusal, seed);
    }
    return whole(200, render_model(*find_model(asked.rest)), seed);
}

// The door.

std::string_view key_in(const http::Request& request) {
    const auto field = request.headers.find("x-goog-api-key");
    return field ? trim(*field) : query_value(request.target, "key");
}

Refusal wrong_key() {
    return {400, "API key not valid. Please pass a valid API key.", "INVALID_ARGUMENT", "",
            "API_KEY_INVALID"};
}

constexpr std::array kFailures = {
    FailureRow{400, false, "Request contains an invalid argument.", "INVALID_ARGUMENT", ""},
    FailureRow{403, false, "The caller does not have permission", "PERMISSION_DENIED", ""},
    FailureRow{404, false,
               "models/gemini-gone is not found for API version v1beta, or is not supported for "
               "generateContent. Call ListModels to see the list of available models and their "
               "supported methods.",
               "NOT_FOUND", ""},
    FailureRow{408, false, "The request timed out.", "DEADLINE_EXCEEDED", ""},
    FailureRow{409, false, "The operation was aborted.", "ABORTED", ""},
    FailureRow{413, false, "Request payload size exceeds the limit: 104857600 bytes.",
               "INVALID_ARGUMENT", ""},
    FailureRow{422, false, "Request contains an invalid argument.", "INVALID_ARGUMENT", ""},
    FailureRow{429, false, "You exceeded your current quota. Please retry in 2s.",
               "RESOURCE_EXHAUSTED", ""},
    FailureRow{429, true,
               "You exceeded your current quota, please check your plan and billing details.",
               "RESOURCE_EXHAUSTED", ""},
    FailureRow{500, false,
               "An internal error has occurred. Please retry or report in "
               "https://developers.generativeai.google/guide/troubleshooting",
               "INTERNAL", ""},
    FailureRow{502, false, "Bad gateway.", "UNAVAILABLE", ""},
    FailureRow{503, false, "The model is overloaded. Please try again later.", "UNAVAILABLE", ""},
    FailureRow{504, false, "Deadline expired before operation could complete.", "DEADLINE_EXCEEDED",
               ""},
};

// Wrong keys and bills that are not paid have no status of their own.
Refusal words_of(const Failure& failure) {
    if (failure.status == 401) return wrong_key();
    if (failure.status == 402) {
        return {400, "User location or billing account is not enabled for the API use.",
                "FAILED_PRECONDITION", "", ""};
    }
    return find_failure(kFailures, failure);
}

// What a 429 tells beside its message; a day's quota comes back at midnight.
Json render_quota(bool is_of_day) {
    const char* id = is_of_day ? "GenerateRequestsPerDayPerProjectPerModel"
                               : "GenerateRequestsPerMinutePerProjectPerModel";
    Json details = Json::array();
    const Json violation = {{"quotaId", id}};
    details.push_back({{"@type", "type.googleapis.com/google.rpc.QuotaFailure"},
                       {"violations", Json::array({violation})}});
    if (!is_of_day) {
        details.push_back(
            {{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", "2s"}});
    }
    return details;
}

constexpr std::array kRoutes = {
    Route{"POST", "/models/", &answer_model_method},
    Route{"GET", "/models", &answer_models},
    Route{"GET", "/models/", &answer_model},
};

class Gemini final : public Door {
public:
    explicit Gemini(const VendorOptions& options) : Door(options, kMount, kRoutes) {}

    Plan fail(const http::Request& request, const Failure& failure) const override {
        Json error = render_error(words_of(failure));
        if (failure.status == 429) error["error"]["details"] = render_quota(failure.is_quota);
        const int status = error["error"]["code"].get<int>();
        return whole(status, enveloped(request, std::move(error)), seed_of(request));
    }

    std::string error_event(const http::Request& request) const override {
        const std::string error = render_error(words_of({.status = 503})).dump();
        return is_array_stream(request) ? ",\r\n" + error + "\n]\n" : "data: " + error + "\r\n\r\n";
    }

    std::string model_of(const http::Request& request) const override {
        const std::string_view path = path_of(request);
        if (!path.starts_with(kModelPath)) return "";
        return std::string(target_of(path.substr(kModelPath.size())).model);
    }

    std::string key_of(const http::Request& request) const override {
        return std::string(key_in(request));
    }

protected:
    Verdict refuse_head(const http::Request& request) const override {
        const std::string_view key = key_in(request);
        if (!key.empty()) return is_good_key(key) ? std::nullopt : Verdict(wrong_key());
        if (request.headers.find("authorization")) {
            return Refusal{401,
                           "Request had invalid authentication credentials. Expected OAuth 2 "
                           "access token, login cookie or other valid authentication credential.",
                           "UNAUTHENTICATED", "", "ACCESS_TOKEN_TYPE_UNSUPPORTED"};
        }
        return Refusal{403,
                       "Method doesn't allow unregistered callers (callers without established "
                       "identity). Please use API Key or other form of API consumer identity to "
                       "call this API.",
                       "PERMISSION_DENIED", "", ""};
    }

    Verdict refuse_body(const http::Request& request, const Json& body) const override {
        if (!has_json_content_type(request) || body.is_discarded()) {
            return invalid("Invalid JSON payload received. Unexpected token.");
        }
        if (body.is_object()) return std::nullopt;
        return invalid("Invalid JSON payload received. The root element must be a message.");
    }

    Plan refused(const http::Request& request, const Refusal& refusal,
                 std::uint64_t seed) const override {
        return refuse(request, refusal, seed);
    }

    Plan unknown_path(const http::Request& request, std::uint64_t seed) const override {
        return refuse(request, {404, "Method not found.", "NOT_FOUND", "", ""}, seed);
    }
};

}  // namespace
}  // namespace aigw::simulated::gemini

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_gemini(
    const VendorOptions& options) {
    return std::make_unique<gemini::Gemini>(options);
}
