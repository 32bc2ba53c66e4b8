// The simulated Anthropic: messages, their tokens counted, models.
//
// Source: Anthropic's API reference and the bodies and headers that its service gives.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/anthropic_models.h"
#include "sidecar/simulated/anthropic_prompt.h"
#include "sidecar/simulated/anthropic_reply.h"
#include "sidecar/simulated/anthropic_rules.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::string_view kMount = "/anthropic";
constexpr std::size_t kMaxBodyBytes = 32U * 1024 * 1024;

std::string request_id(std::uint64_t seed) {
    Random random(hash_of("request-id", seed));
    return "req_011C" + make_id(20, random);
}

// The four windows that every answer tells of.
struct Window {
    std::string_view name;
    std::uint64_t limit;
    std::uint64_t step;  // what is left is a multiple of it
};

constexpr std::array kWindows = {
    Window{"requests", 4000, 1},
    Window{"tokens", 2'400'000, 1000},
    Window{"input-tokens", 2'000'000, 1000},
    Window{"output-tokens", 400'000, 1000},
};

void add_windows(http::Headers& headers, bool is_empty, std::uint64_t seed, TimePoint now) {
    Random random(hash_of("limits", seed));
    const std::string reset = render_time(std::chrono::floor<std::chrono::seconds>(now) +
                                          std::chrono::seconds(is_empty ? 2 : 1));
    for (const Window& window : kWindows) {
        const std::uint64_t used = (1 + random.below(20)) * window.step;
        const std::string name = "anthropic-ratelimit-" + std::string(window.name);
        headers.add(name + "-limit", std::to_string(window.limit));
        headers.add(name + "-remaining", std::to_string(is_empty ? 0 : window.limit - used));
        headers.add(name + "-reset", reset);
    }
}

http::Headers common_headers(std::uint64_t seed) {
    return {{"content-type", "application/json"},
            {"request-id", request_id(seed)},
            {"anthropic-organization-id", "00000000-0000-4000-9000-000000000000"}};
}

Plan whole(int status, const Json& body, std::uint64_t seed) {
    Plan plan;
    plan.status = status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), body.dump(-1, ' ', false, Json::error_handler_t::replace)});
    return plan;
}

Json render_error(const Refusal& refusal, std::uint64_t seed) {
    return {{"type", "error"},
            {"error", {{"type", refusal.type}, {"message", refusal.message}}},
            {"request_id", request_id(seed)}};
}

Plan refused(const Refusal& refusal, std::uint64_t seed) {
    Plan plan = whole(refusal.status, render_error(refusal, seed), seed);
    const bool may_pass = refusal.status >= 500 || refusal.status == 408 || refusal.status == 409 ||
                          refusal.status == 429;
    plan.headers.add("x-should-retry", may_pass ? "true" : "false");
    return plan;
}

// Messages.

// What both operations check, and the terms that they then work by.
struct Checked {
    Verdict refusal{};
    std::optional<Model> model{};
    Json body{};  // with blocks
};

Checked check(const Json& asked, Purpose purpose, const http::Request& request) {
    if (auto refusal = refuse_fields(asked, purpose)) return {.refusal = std::move(refusal)};
    if (auto refusal = refuse_model(asked)) return {.refusal = std::move(refusal)};
    Checked checked{.model = find_model(text_field(asked, "model")), .body = with_blocks(asked)};
    checked.refusal =
        refuse_message_request(checked.body, purpose, read_terms(request, *checked.model));
    return checked;
}

Plan answer_messages(const Asked& asked, const Occasion& occasion) {
    const Checked checked = check(asked.body, Purpose::Answer, asked.request);
    if (checked.refusal) return refused(*checked.refusal, occasion.request_seed);
    Plan plan = answer_message(asked.body, checked.body, read_terms(asked.request, *checked.model),
                               occasion);
    http::Headers headers = common_headers(occasion.request_seed);
    add_windows(headers, false, occasion.request_seed, occasion.now);
    for (const http::Header& field : plan.headers) headers.set(field.name, field.value);
    plan.headers = std::move(headers);
    return plan;
}

Plan answer_count(const Asked& asked, const Occasion& occasion) {
    const Checked checked = check(asked.body, Purpose::Count, asked.request);
    if (checked.refusal) return refused(*checked.refusal, occasion.request_seed);
    const std::int64_t tokens = count_prompt(checked.body, read_turns(checked.body)).total();
    return whole(200, {{"input_tokens", tokens}}, occasion.request_seed);
}

// Models.

Json supported(bool is_supported) {
    return {{"supported", is_supported}};
}

Json render_capabilities(const Model& model) {
    Json thinking = supported(!model.thinking.empty());
    thinking["types"] = {{"adaptive", supported(model.allows_thinking("adaptive"))},
                         {"enabled", supported(model.allows_thinking("enabled"))}};
    Json effort = supported(!model.efforts.empty());
    for (const std::string_view level : split("low medium high xhigh max", ' ')) {
        effort[std::string(level)] = supported(model.allows_effort(level));
    }
    return {{"batch", supported(true)},
            {"citations", supported(true)},
            {"effort", std::move(effort)},
            {"image_input", supported(true)},
            {"pdf_input", supported(true)},
            {"structured_outputs", supported(model.has_structured_output)},
            {"thinking", std::move(thinking)}};
}

Json render_model(const Model& model) {
    return {{"type", "model"},
            {"id", model.id},
            {"display_name", model.name},
            {"created_at", model.created_at},
            {"max_input_tokens", model.context},
            {"max_tokens", model.max_output},
            {"capabilities", render_capabilities(model)}};
}

// A page of the list: what `after_id`, `before_id` and `limit` leave of it.
Plan answer_models(const Asked& asked, const Occasion& occasion) {
    constexpr std::uint64_t kMostModels = 1000;
    const std::string_view target = asked.request.target;
    std::uint64_t limit = 20;
    const std::string_view asked_limit = query_value(target, "limit");
    if (!asked_limit.empty()) {
        const auto parsed = parse_uint(asked_limit);
        if (!parsed || *parsed < 1 || *parsed > kMostModels) {
            return refused(invalid_at("limit", "Input should be between 1 and 1000"),
                           occasion.request_seed);
        }
        limit = *parsed;
    }
    const auto all = models();
    const auto position = [&](std::string_view id) {
        return std::find_if(all.begin(), all.end(), [&](const Model& m) { return m.id == id; });
    };
    auto begin = all.begin();
    auto end = all.end();
    const std::string_view before = query_value(target, "before_id");
    const std::string_view after = query_value(target, "after_id");
    if (!after.empty() && position(after) != all.end()) begin = position(after) + 1;
    if (!before.empty()) end = position(before);
    const auto most = static_cast<std::ptrdiff_t>(limit);
    const bool has_more = end - begin > most;
    // A page before an id ends right before it.
    if (has_more && !before.empty()) begin = end - most;
    if (has_more && before.empty()) end = begin + most;
    Json data = Json::array();
    for (auto model = begin; model < end; ++model) data.push_back(render_model(*model));
    const Json first = data.empty() ? Json() : data.front()["id"];
    const Json last = data.empty() ? Json() : data.back()["id"];
    return whole(
        200,
        {{"data", std::move(data)}, {"has_more", has_more}, {"first_id", first}, {"last_id", last}},
        occasion.request_seed);
}

Plan answer_model(const Asked& asked, const Occasion& occasion) {
    if (const auto model = find_model(asked.rest)) {
        return whole(200, render_model(*model), occasion.request_seed);
    }
    return refused(
        {.status = 404, .message = "model: " + std::string(asked.rest), .type = "not_found_error"},
        occasion.request_seed);
}

// The door.

Verdict refuse_key(const http::Request& request) {
    const auto key = api_key(request);
    constexpr const char* kType = "authentication_error";
    if (!key) return Refusal{401, "x-api-key header is required", kType, "", ""};
    if (is_good_key(*key)) return std::nullopt;
    const bool is_bearer = !request.headers.find("x-api-key");
    return Refusal{401, is_bearer ? "Invalid bearer token" : "invalid x-api-key", kType, "", ""};
}

Verdict refuse_payload(const http::Request& request, const Json& body) {
    if (request.body.size() > kMaxBodyBytes) {
        return Refusal{413, "Request exceeds the maximum size", "request_too_large", "", ""};
    }
    if (!has_json_content_type(request)) {
        return invalid_at("content-type", "header must be 'application/json'");
    }
    if (body.is_discarded()) return invalid("The request body is not valid JSON");
    if (!body.is_object()) return invalid("Input should be a valid dictionary");
    return std::nullopt;
}

constexpr std::array kFailures = {
    FailureRow{400, false, "messages: Input should be a valid list", "invalid_request_error", ""},
    FailureRow{401, false, "invalid x-api-key", "authentication_error", ""},
    FailureRow{402, false, "Your payment has failed. Please update your billing details.",
               "billing_error", ""},
    FailureRow{403, false, "Your API key does not have permission to use the specified resource.",
               "permission_error", ""},
    FailureRow{404, false, "model: claude-gone", "not_found_error", ""},
    FailureRow{408, false, "The request timed out.", "timeout_error", ""},
    FailureRow{409, false, "The request conflicts with another one.", "invalid_request_error", ""},
    FailureRow{413, false, "Request exceeds the maximum size", "request_too_large", ""},
    FailureRow{422, false, "The request could not be processed.", "invalid_request_error", ""},
    FailureRow{429, false,
               "This request would exceed your organization's rate limit of 4,000 requests per "
               "minute. Please reduce the number of requests, or try again later.",
               "rate_limit_error", ""},
    FailureRow{500, false, "Internal server error", "api_error", ""},
    FailureRow{502, false, "Bad gateway", "api_error", ""},
    FailureRow{503, false, "Service unavailable", "api_error", ""},
    FailureRow{504, false, "The request timed out.", "timeout_error", ""},
    FailureRow{529, false, "Overloaded", "overloaded_error", ""},
};

// Whoever has no money left is told so in a 400, not in a 429.
constexpr FailureRow kNoCredit = {400, true,
                                  "Your credit balance is too low to access the Anthropic API. "
                                  "Please go to Plans & Billing to upgrade or purchase credits.",
                                  "invalid_request_error", ""};

Refusal words_of(const Failure& failure) {
    if (failure.is_quota) {
        return {kNoCredit.status, kNoCredit.message, kNoCredit.type, "", ""};
    }
    return find_failure(kFailures, failure);
}

constexpr std::array kRoutes = {
    Route{"POST", "/v1/messages", &answer_messages},
    Route{"POST", "/v1/messages/count_tokens", &answer_count},
    Route{"GET", "/v1/models", &answer_models},
    Route{"GET", "/v1/models/", &answer_model},
};

class Anthropic final : public Door {
public:
    explicit Anthropic(const VendorOptions& options) : Door(options, kMount, kRoutes) {}

    Plan fail(const http::Request& request, const Failure& failure) const override {
        const std::uint64_t seed = seed_of(request);
        Plan plan = anthropic::refused(words_of(failure), seed);
        if (plan.status == 429) {
            add_windows(plan.headers, true, seed, failure.now);
            plan.headers.add("retry-after", "2");
        }
        if (plan.status == 529) plan.headers.add("retry-after", "1");
        return plan;
    }

    std::string error_event(const http::Request& request) const override {
        // In mid-stream the vendor is overloaded rather than broken.
        return render_event(render_error(words_of({.status = 529}), seed_of(request)));
    }

protected:
    Verdict refuse_head(const http::Request& request) const override {
        if (auto refusal = refuse_key(request)) return refusal;
        return refuse_headers(request);
    }

    Verdict refuse_body(const http::Request& request, const Json& body) const override {
        return refuse_payload(request, body);
    }

    Plan refused(const http::Request&, const Refusal& refusal, std::uint64_t seed) const override {
        return anthropic::refused(refusal, seed);
    }

    Plan unknown_path(const http::Request&, std::uint64_t seed) const override {
        return anthropic::refused({404, "Not Found", "not_found_error", "", ""}, seed);
    }

    Plan wrong_method(const http::Request&, std::uint64_t seed) const override {
        return anthropic::refused({405, "Method Not Allowed", "invalid_request_error", "", ""},
                                  seed);
    }
};

}  // namespace
}  // namespace aigw::simulated::anthropic

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_anthropic(
    const VendorOptions& options) {
    return std::make_unique<anthropic::Anthropic>(options);
}
