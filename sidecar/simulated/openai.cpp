// The simulated OpenAI: its door, embeddings, models; chat completions, responses and the older
// completions stand in files of their own.
//
// Source: OpenAI's API reference.

#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "sidecar/simulated/chat_stream.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/openai_chat.h"
#include "sidecar/simulated/openai_completions.h"
#include "sidecar/simulated/openai_envelope.h"
#include "sidecar/simulated/openai_responses.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::string_view kMount = "/v1";

// Responses and the older completions, with the headers that every answer has.

Plan with_headers(std::variant<Refusal, Plan> outcome, const Occasion& occasion) {
    const std::uint64_t seed = occasion.request_seed;
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refused(*refusal, seed);
    Plan plan = std::get<Plan>(std::move(outcome));
    http::Headers headers = common_headers(seed);
    for (const http::Header& field : plan.headers) headers.set(field.name, field.value);
    plan.headers = std::move(headers);
    return plan;
}

Plan answer_responses(const Asked& asked, const Occasion& occasion) {
    return with_headers(make_response(asked.body, occasion), occasion);
}

Plan answer_completions(const Asked& asked, const Occasion& occasion) {
    return with_headers(make_completion(asked.body, occasion), occasion);
}

// Embeddings.

Plan answer_embeddings(const Asked& asked, const Occasion& occasion) {
    const Json& body = asked.body;
    if (auto refusal = refuse_model(body, Use::Embeddings)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_embeddings(body, *model)) {
        return refused(*refusal, occasion.request_seed);
    }
    const std::uint64_t seed = hash_of(model->id, occasion.seed);
    const auto dimensions =
        static_cast<std::size_t>(integer_field(body, "dimensions").value_or(model->dimensions));
    const auto form =
        text_field(body, "encoding_format") == "base64" ? VectorForm::Base64 : VectorForm::Numbers;
    const auto inputs = read_inputs(body["input"]);
    const std::int64_t tokens = tokens_of(inputs);
    Json reply = {{"object", "list"},
                  {"data", render_embeddings(inputs, dimensions, form, seed)},
                  {"model", model->id},
                  {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
    if (is_true(body, "x_echo")) {
        reply["x_echo"] = unknown_fields(body, embedding_fields());
    }
    Random jitter(hash_of("pace", seed));
    Plan plan = whole(200, reply.dump(), occasion.request_seed);
    plan.delay = occasion.pace.first_token(jitter);
    return plan;
}

// Models.

Json render_model(const Model& model) {
    return {{"id", model.id},
            {"object", "model"},
            {"created", model.created},
            {"owned_by", "openai"},
            {"shutdown_date", nullable(std::string(model.shutdown_date))}};
}

Plan answer_models(const Asked&, const Occasion& occasion) {
    Json data = Json::array();
    for (const Model& model : models()) data.push_back(render_model(model));
    return whole(200, Json{{"object", "list"}, {"data", std::move(data)}}.dump(),
                 occasion.request_seed);
}

Plan answer_model(const Asked& asked, const Occasion& occasion) {
    if (const auto model = find_model(asked.rest)) {
        return whole(200, render_model(*model).dump(), occasion.request_seed);
    }
    return refused({404, "The model '" + std::string(asked.rest) + "' does not exist",
                    "invalid_request_error", "model", "model_not_found"},
                   occasion.request_seed);
}

// The door.

std::optional<Refusal> refuse_key(const http::Request& request) {
    const auto key = bearer_key(request);
    if (!key) {
        return Refusal{401,
                       "You didn't provide an API key. You need to provide your API key in an "
                       "Authorization header using Bearer auth (i.e. Authorization: Bearer "
                       "YOUR_KEY), or as the password field (with blank username) if you're "
                       "accessing the API from your browser and are prompted for a username and "
                       "password. You can obtain an API key from "
                       "https://platform.openai.com/account/api-keys.",
                       "invalid_request_error", "", ""};
    }
    if (is_good_key(*key)) return std::nullopt;
    return Refusal{401,
                   "Incorrect API key provided: " + masked_key(*key) +
                       ". You can find your API key at "
                       "https://platform.openai.com/account/api-keys.",
                   "invalid_request_error", "", "invalid_api_key"};
}

std::optional<Refusal> refuse_payload(const http::Request& request, const Json& body) {
    if (!has_json_content_type(request)) {
        const std::string type(*request.headers.find("content-type"));
        return Refusal{415,
                       "Unsupported content type: '" + type +
                           "'. This API method only accepts 'application/json' requests, but you "
                           "specified the header 'Content-Type: " +
                           type + "'. Please try again with a supported content type.",
                       "invalid_request_error", "", "unsupported_content_type"};
    }
    if (body.is_object()) return std::nullopt;
    return Refusal{400,
                   "We could not parse the JSON body of your request. (HINT: This likely means you "
                   "aren't using your HTTP library correctly. The OpenAI API expects a JSON "
                   "payload, but what was sent was not valid JSON. If you have trouble figuring "
                   "out how to fix this, please contact us through our help center at "
                   "help.openai.com.)",
                   "invalid_request_error", "", ""};
}

constexpr std::array kFailures = {
    FailureRow{400, false, "The request could not be understood.", "invalid_request_error",
               "invalid_value"},
    FailureRow{401, false,
               "Incorrect API key provided: sk-f****ault. You can find your API key at "
               "https://platform.openai.com/account/api-keys.",
               "invalid_request_error", "invalid_api_key"},
    FailureRow{403, false, "Country, region, or territory not supported", "request_forbidden",
               "unsupported_country_region_territory"},
    FailureRow{404, false, "The model `gpt-gone` does not exist or you do not have access to it.",
               "invalid_request_error", "model_not_found"},
    FailureRow{408, false, "Request timed out.", "timeout", "timeout"},
    FailureRow{409, false, "The request conflicts with another one.", "invalid_request_error",
               "conflict"},
    FailureRow{422, false, "The request could not be processed.", "invalid_request_error",
               "unprocessable_entity"},
    FailureRow{429, false,
               "Rate limit reached for requests per min (RPM): Limit 5000, Used 5000, Requested 1. "
               "Please try again in 2s.",
               "requests", "rate_limit_exceeded"},
    FailureRow{429, true,
               "You exceeded your current quota, please check your plan and billing details. For "
               "more information on this error, read the docs: "
               "https://platform.openai.com/docs/guides/error-codes/api-errors.",
               "insufficient_quota", "insufficient_quota"},
    FailureRow{500, false,
               "The server had an error while processing your request. Sorry about "
               "that!",
               "server_error", ""},
    FailureRow{502, false, "Bad gateway.", "server_error", ""},
    FailureRow{503, false,
               "That model is currently overloaded with other requests. Please try "
               "again later.",
               "server_error", "overloaded"},
    FailureRow{504, false, "The server took too long to answer.", "server_error", ""},
};

Refusal words_of(const Failure& failure) {
    return find_failure(kFailures, failure);
}

constexpr std::array kRoutes = {
    Route{"POST", "/chat/completions", &answer_chat},
    Route{"POST", "/embeddings", &answer_embeddings},
    Route{"POST", "/responses", &answer_responses},
    Route{"POST", "/completions", &answer_completions},
    Route{"GET", "/models", &answer_models},
    Route{"GET", "/models/", &answer_model},
};

class OpenAi final : public Door {
public:
    explicit OpenAi(const VendorOptions& options) : Door(options, kMount, kRoutes) {}

    Plan fail(const http::Request& request, const Failure& failure) const override {
        const std::uint64_t seed = seed_of(request);
        Plan plan = openai::refused(words_of(failure), seed);
        if (failure.status == 429 && !failure.is_quota) {
            plan.headers.set("x-ratelimit-remaining-requests", "0");
            plan.headers.set("x-ratelimit-reset-requests", "2s");
            plan.headers.add("retry-after", "2");
            plan.headers.add("retry-after-ms", "2000");
        }
        if (failure.status == 503) plan.headers.add("retry-after", "1");
        return plan;
    }

    std::string error_event(const http::Request& request) const override {
        const Refusal refusal = words_of({.status = 500});
        if (path_of(request).ends_with("/responses")) {
            return render_event({{"type", "error"},
                                 {"code", refusal.type},
                                 {"message", refusal.message},
                                 {"param", nullptr}});
        }
        return sse_frame(Json{{"error",
                               {{"message", refusal.message},
                                {"type", refusal.type},
                                {"param", nullptr},
                                {"code", nullptr}}}}
                             .dump());
    }

protected:
    std::optional<Refusal> refuse_head(const http::Request& request) const override {
        return refuse_key(request);
    }

    std::optional<Refusal> refuse_body(const http::Request& request,
                                       const Json& body) const override {
        return refuse_payload(request, body);
    }

    Plan refused(const http::Request&, const Refusal& refusal, std::uint64_t seed) const override {
        return openai::refused(refusal, seed);
    }

    Plan unknown_path(const http::Request& request, std::uint64_t seed) const override {
        return openai::refused(
            {404, "Invalid URL (" + request.method + " " + std::string(path_of(request)) + ")",
             "invalid_request_error", "", ""},
            seed);
    }

    Plan wrong_method(const http::Request& request, std::uint64_t seed) const override {
        return openai::refused(
            {405, "Not allowed to " + request.method + " on " + std::string(path_of(request)) + ".",
             "invalid_request_error", "", "method_not_supported"},
            seed);
    }
};

}  // namespace
}  // namespace aigw::simulated::openai

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_openai(
    const VendorOptions& options) {
    return std::make_unique<openai::OpenAi>(options);
}
