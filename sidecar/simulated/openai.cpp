// The simulated OpenAI: chat completions, embeddings, models; responses and the older completions
// stand in files of their own.
//
// Source: OpenAI's API reference; chunk order and members as its service streams them.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <variant>

#include "base/text.h"
#include "sidecar/simulated/chat_completions.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/openai_completions.h"
#include "sidecar/simulated/openai_responses.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::string_view kMount = "/v1";

Json nullable(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

std::string render_error(const Refusal& refusal) {
    return Json{{"error",
                 {{"message", refusal.message},
                  {"type", refusal.type},
                  {"param", nullable(refusal.param)},
                  {"code", nullable(refusal.code)}}}}
        .dump(2, ' ', false, Json::error_handler_t::replace);
}

http::Headers common_headers(std::uint64_t seed) {
    Random random(hash_of("headers", seed));
    const std::uint64_t requests = 5000 - 1 - random.below(20);
    const std::uint64_t tokens = 800'000 - random.below(2000);
    return {{"content-type", "application/json"},
            {"openai-organization", "org-simulated"},
            {"openai-processing-ms", std::to_string(20 + random.below(400))},
            {"openai-version", "2020-10-01"},
            {"x-ratelimit-limit-requests", "5000"},
            {"x-ratelimit-limit-tokens", "800000"},
            {"x-ratelimit-remaining-requests", std::to_string(requests)},
            {"x-ratelimit-remaining-tokens", std::to_string(tokens)},
            {"x-ratelimit-reset-requests", std::to_string((5000 - requests) * 12) + "ms"},
            {"x-ratelimit-reset-tokens", std::to_string((800'000 - tokens) / 14) + "ms"},
            {"x-request-id", "req_" + make_id(32, random)}};
}

Plan whole(int status, std::string body, std::uint64_t seed) {
    Plan plan;
    plan.status = status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), std::move(body)});
    return plan;
}

Plan refused(const Refusal& refusal, std::uint64_t seed) {
    return whole(refusal.status, render_error(refusal), seed);
}

// Chat.

Json render_usage(const TokenCounts& tokens) {
    return {{"prompt_tokens", tokens.prompt},
            {"completion_tokens", tokens.completion},
            {"total_tokens", tokens.total()},
            {"prompt_tokens_details",
             {{"cached_tokens", tokens.cached}, {"cache_write_tokens", 0}, {"audio_tokens", 0}}},
            {"completion_tokens_details",
             {{"reasoning_tokens", tokens.reasoning},
              {"audio_tokens", 0},
              {"accepted_prediction_tokens", 0},
              {"rejected_prediction_tokens", 0}}}};
}

Json render_call(const ToolCall& call) {
    if (!call.is_custom) return render_function_call(call);
    return {{"id", call.id},
            {"type", "custom"},
            {"custom", {{"name", call.name}, {"input", call.arguments}}}};
}

ChatOrder order_of(const Json& body, const Model& model) {
    auto limit = integer_field(body, "max_completion_tokens");
    if (!limit) limit = integer_field(body, "max_tokens");
    const Json* parallel = find_field(body, "parallel_tool_calls");
    return {.body = body,
            .prompt = read_prompt(body),
            .model = text_field(body, "model"),
            .choices = integer_field(body, "n").value_or(1),
            .max_tokens = limit,
            .is_thinking = is_thinking(body, model),
            .may_call_in_parallel = parallel == nullptr || parallel->get<bool>(),
            .takes_functions = true};
}

class ChatReply final : public ChatCompletion {
public:
    ChatReply(const Json& body, const Model& model, const Occasion& occasion)
        : ChatCompletion(order_of(body, model), occasion, chat_fields()) {
        Random random(hash_of("id", seed()));
        id_ = "chatcmpl-" + make_id(29, random);
        fingerprint_ = "fp_" + make_uuid(random).substr(0, 8);
    }

private:
    http::Headers headers() const override { return common_headers(seed()); }
    std::string_view stream_type() const override { return "text/event-stream; charset=utf-8"; }

    Json head(Part part) const override {
        const bool is_whole = part == Part::Whole;
        Json head = {{"id", id_},
                     {"object", is_whole ? "chat.completion" : "chat.completion.chunk"},
                     {"created", occasion().created()},
                     {"model", text_field(body(), "model")}};
        if (!is_whole) head.update(tail());
        return head;
    }

    Json tail() const override {
        return {{"service_tier", "default"}, {"system_fingerprint", fingerprint_}};
    }

    Json usage(const TokenCounts& tokens) const override { return render_usage(tokens); }

    Json logprobs(std::string_view text) const {
        if (!is_true(body(), "logprobs")) return Json(nullptr);
        const std::int64_t top = integer_field(body(), "top_logprobs").value_or(0);
        return {{"content", render_logprobs(text, top, seed())}, {"refusal", nullptr}};
    }

    static Json render_message(const Choice& choice) {
        Json message = {{"role", "assistant"},
                        {"content", choice.tool_calls.empty() ? Json(choice.content) : Json()},
                        {"refusal", nullptr},
                        {"annotations", Json::array()}};
        if (choice.tool_calls.empty()) return message;
        if (choice.is_function_call) {
            const ToolCall& call = choice.tool_calls.front();
            message["function_call"] = {{"name", call.name}, {"arguments", call.arguments}};
            return message;
        }
        Json calls = Json::array();
        for (const ToolCall& call : choice.tool_calls) calls.push_back(render_call(call));
        message["tool_calls"] = std::move(calls);
        return message;
    }

    Json choice(std::size_t index, const Choice& choice) const override {
        return {{"index", index},
                {"message", render_message(choice)},
                {"logprobs", logprobs(choice.content)},
                {"finish_reason", choice.finish_reason}};
    }

    static void add_call(std::vector<Delta>& deltas, const ToolCall& call, std::size_t index) {
        const std::string kind = call.is_custom ? "custom" : "function";
        const std::string input = call.is_custom ? "input" : "arguments";
        const std::string at = "{\"tool_calls\":[{\"index\":" + std::to_string(index);
        deltas.push_back({.json = at + ",\"id\":" + json_string(call.id) + ",\"type\":\"" + kind +
                                  "\",\"" + kind + "\":{\"name\":" + json_string(call.name) +
                                  ",\"" + input + "\":\"\"}}]}",
                          .tokens = count_tokens(call.name)});
        add_tokens(deltas, call.arguments, at + ",\"" + kind + "\":{\"" + input + "\":", "}}]}");
    }

    static void add_function_call(std::vector<Delta>& deltas, const ToolCall& call) {
        const std::string at = "{\"function_call\":{";
        deltas.push_back(
            {.json = at + "\"name\":" + json_string(call.name) + ",\"arguments\":\"\"}}",
             .tokens = count_tokens(call.name)});
        add_tokens(deltas, call.arguments, at + "\"arguments\":", "}}");
    }

    std::vector<Delta> deltas(const Choice& choice) const override {
        std::vector<Delta> deltas;
        const bool has_calls = !choice.tool_calls.empty();
        deltas.push_back({.json = std::string(R"({"role":"assistant","content":)") +
                                  (has_calls ? "null" : "\"\"") + R"(,"refusal":null})"});
        for (const std::string_view token : split_tokens(choice.content)) {
            deltas.push_back({.json = "{\"content\":" + json_string(token) + "}",
                              .logprobs = logprobs(token).dump(),
                              .tokens = 1});
        }
        for (std::size_t i = 0; i < choice.tool_calls.size(); ++i) {
            if (choice.is_function_call) {
                add_function_call(deltas, choice.tool_calls[i]);
            } else {
                add_call(deltas, choice.tool_calls[i], i);
            }
        }
        deltas.push_back({.json = "{}", .finish_reason = choice.finish_reason});
        return deltas;
    }

    void adjust(StreamShape& shape) const override {
        const Json* options = find_field(body(), "stream_options");
        const Json* obfuscation =
            options == nullptr ? nullptr : find_field(*options, "include_obfuscation");
        shape.has_obfuscation = obfuscation == nullptr || *obfuscation != false;
    }

    std::string id_{};
    std::string fingerprint_{};
};

Plan answer_chat(const Asked& asked, const Occasion& occasion) {
    const Json& body = asked.body;
    if (auto refusal = refuse_model(body, Use::Chat)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_chat(body, *model)) return refused(*refusal, occasion.request_seed);
    return ChatReply(body, *model, occasion).plan();
}

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
