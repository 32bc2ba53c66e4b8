// The simulated DashScope, in its OpenAI-compatible mode: chat completions, embeddings, models.
//
// It differs from OpenAI where the vendor does: a request id in every error, no rate-limit headers,
// `reasoning_content`, other optional members, `index` in tool calls.
// Source: Alibaba Cloud Model Studio, "OpenAI compatible" pages and error codes.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/chat_completions.h"
#include "sidecar/simulated/dashscope_rules.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated::dashscope {
namespace {

constexpr std::string_view kMount = "/compatible-mode/v1";

std::string request_id(std::uint64_t seed) {
    Random random(hash_of("request-id", seed));
    return make_uuid(random);
}

http::Headers common_headers(std::uint64_t seed) {
    Random random(hash_of("headers", seed));
    const std::string cost = std::to_string(30 + random.below(500));
    return {{"content-type", "application/json"},    {"x-request-id", request_id(seed)},
            {"x-dashscope-call-gateway", "true"},    {"req-cost-time", cost},
            {"x-envoy-upstream-service-time", cost}, {"server", "istio-envoy"}};
}

Plan whole(int status, std::string body, std::uint64_t seed) {
    Plan plan;
    plan.status = status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), std::move(body)});
    return plan;
}

Json render_error(const Refusal& refusal, std::uint64_t seed) {
    return {{"error",
             {{"message", refusal.message},
              {"type", refusal.type},
              {"param", nullptr},
              {"code", refusal.code.empty() ? Json(nullptr) : Json(refusal.code)}}},
            {"request_id", request_id(seed)}};
}

Plan refused(const Refusal& refusal, std::uint64_t seed) {
    return whole(refusal.status,
                 render_error(refusal, seed).dump(-1, ' ', false, Json::error_handler_t::replace),
                 seed);
}

// Chat.

Json render_usage(const TokenCounts& tokens) {
    Json usage = {{"prompt_tokens", tokens.prompt},
                  {"completion_tokens", tokens.completion},
                  {"total_tokens", tokens.total()},
                  {"prompt_tokens_details", {{"cached_tokens", tokens.cached}}}};
    if (tokens.image > 0) {
        usage["prompt_tokens_details"]["text_tokens"] = tokens.prompt - tokens.image;
        usage["prompt_tokens_details"]["image_tokens"] = tokens.image;
    }
    if (tokens.reasoning > 0) {
        usage["completion_tokens_details"] = {{"reasoning_tokens", tokens.reasoning}};
    }
    return usage;
}

ChatOrder order_of(const Json& body, const Model& model) {
    return {.body = body,
            .prompt = read_prompt(body),
            .model = text_field(body, "model"),
            .choices = integer_field(body, "n").value_or(1),
            .max_answer_tokens = integer_field(body, "max_tokens"),
            .max_tokens = integer_field(body, "max_completion_tokens"),
            .max_thinking_tokens = integer_field(body, "thinking_budget"),
            .is_thinking = is_thinking(body, model),
            .may_call_in_parallel = is_true(body, "parallel_tool_calls")};
}

class ChatReply final : public ChatCompletion {
public:
    ChatReply(const Json& body, const Model& model, const Occasion& occasion)
        : ChatCompletion(order_of(body, model), occasion, chat_fields()),
          id_("chatcmpl-" + request_id(seed())) {}

private:
    http::Headers headers() const override { return common_headers(seed()); }
    std::string_view stream_type() const override { return "text/event-stream;charset=UTF-8"; }

    Json head(Part part) const override {
        return {{"id", id_},
                {"object", part == Part::Whole ? "chat.completion" : "chat.completion.chunk"},
                {"created", occasion().created()},
                {"model", text_field(body(), "model")},
                {"system_fingerprint", nullptr}};
    }

    Json usage(const TokenCounts& tokens) const override { return render_usage(tokens); }

    static Json render_message(const Choice& choice) {
        Json message = {{"role", "assistant"}, {"content", choice.content}};
        if (!choice.thoughts.empty()) message["reasoning_content"] = choice.thoughts;
        for (const ToolCall& call : choice.tool_calls) {
            Json& calls = message["tool_calls"];
            Json indexed = {{"index", calls.size()}};
            indexed.update(render_function_call(call));
            calls.push_back(std::move(indexed));
        }
        return message;
    }

    Json choice(std::size_t index, const Choice& choice) const override {
        return {{"index", index},
                {"finish_reason", choice.finish_reason},
                {"logprobs", nullptr},
                {"message", render_message(choice)}};
    }

    // The first fragment has id, type and name; the id of the others is empty, as the vendor's.
    static void add_call(std::vector<Delta>& deltas, const ToolCall& call, std::size_t index) {
        const std::string at =
            "{\"content\":null,\"tool_calls\":[{\"index\":" + std::to_string(index) +
            ",\"type\":\"function\",\"id\":";
        deltas.push_back({.json = at + json_string(call.id) + ",\"function\":{\"name\":" +
                                  json_string(call.name) + ",\"arguments\":\"\"}}]}",
                          .tokens = count_tokens(call.name)});
        add_tokens(deltas, call.arguments, at + "\"\",\"function\":{\"arguments\":", "}}]}");
    }

    std::vector<Delta> deltas(const Choice& choice) const override {
        std::vector<Delta> deltas;
        deltas.push_back({.json = R"({"role":"assistant","content":""})"});
        add_tokens(deltas, choice.thoughts, R"({"content":null,"reasoning_content":)", "}");
        add_tokens(deltas, choice.content, R"({"content":)", "}");
        for (std::size_t i = 0; i < choice.tool_calls.size(); ++i) {
            add_call(deltas, choice.tool_calls[i], i);
        }
        deltas.push_back({.json = R"({"content":""})", .finish_reason = choice.finish_reason});
        return deltas;
    }

    std::string id_;
};

Plan answer_chat(const Asked& asked, const Occasion& occasion) {
    const Json& body = asked.body;
    if (auto refusal = refuse_model(body, Use::Chat)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_chat(body, *model)) {
        return refused(*refusal, occasion.request_seed);
    }
    return ChatReply(body, *model, occasion).plan();
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
    const auto inputs = read_inputs(body["input"]);
    const std::int64_t tokens = tokens_of(inputs);
    Json reply = {
        {"object", "list"},
        {"model", text_field(body, "model")},
        {"id", request_id(occasion.request_seed)},
        {"data", render_embeddings(inputs, dimensions_of(body, *model), VectorForm::Numbers, seed)},
        {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
    if (is_true(body, "x_echo")) {
        reply["x_echo"] = unknown_fields(body, embedding_fields());
    }
    Random jitter(hash_of("pace", occasion.request_seed));
    Plan plan = whole(200, reply.dump(), occasion.request_seed);
    plan.delay = occasion.pace.first_token(jitter);
    return plan;
}

// Models.

Json render_model(std::string_view id) {
    return {{"id", id}, {"object", "model"}, {"created", 1760000000}, {"owned_by", "system"}};
}

Plan answer_models(const Asked&, const Occasion& occasion) {
    Json data = Json::array();
    for (const Model& model : models()) data.push_back(render_model(model.id));
    return whole(200, Json{{"object", "list"}, {"data", std::move(data)}}.dump(),
                 occasion.request_seed);
}

Plan answer_model(const Asked& asked, const Occasion& occasion) {
    if (find_model(asked.rest)) {
        return whole(200, render_model(asked.rest).dump(), occasion.request_seed);
    }
    return refused({404,
                    "The model `" + std::string(asked.rest) +
                        "` does not exist or you do not have access to it.",
                    "invalid_request_error", "", "model_not_found"},
                   occasion.request_seed);
}

// The door.

std::optional<Refusal> refuse_key(const http::Request& request) {
    const auto key = bearer_key(request);
    if (!key) {
        return Refusal{401,
                       "You didn't provide an API key. You need to provide your API key in an "
                       "Authorization header using Bearer auth (i.e. Authorization: Bearer "
                       "YOUR_KEY).",
                       "invalid_request_error", "", "invalid_api_key"};
    }
    if (is_good_key(*key)) return std::nullopt;
    return Refusal{401, "Incorrect API key provided.", "invalid_request_error", "",
                   "invalid_api_key"};
}

std::optional<Refusal> refuse_payload(const http::Request& request, const Json& body) {
    if (!has_json_content_type(request)) {
        return Refusal{400, "Content-Type must be application/json.", "invalid_request_error", "",
                       "invalid_request_error"};
    }
    if (body.is_object()) return std::nullopt;
    return Refusal{400, "Request body format invalid.", "invalid_request_error", "",
                   "invalid_request_error"};
}

constexpr std::array kFailures = {
    FailureRow{400, false, "<400> InternalError.Algo.InvalidParameter: The request is not valid.",
               "invalid_request_error", "invalid_parameter_error"},
    FailureRow{401, false, "Incorrect API key provided.", "invalid_request_error",
               "invalid_api_key"},
    FailureRow{403, false, "Access denied.", "access_denied", "access_denied"},
    FailureRow{404, false, "The model `qwen-gone` does not exist or you do not have access to it.",
               "invalid_request_error", "model_not_found"},
    FailureRow{408, false, "Request timed out, please try again later.", "internal_error",
               "RequestTimeOut"},
    FailureRow{409, false, "The request conflicts with another one.", "invalid_request_error",
               "conflict"},
    FailureRow{422, false, "The request could not be processed.", "invalid_request_error",
               "invalid_parameter_error"},
    FailureRow{429, false, "You exceeded your current requests list.", "limit_requests",
               "limit_requests"},
    FailureRow{429, true, "Free allocated quota exceeded.", "insufficient_quota",
               "insufficient_quota"},
    FailureRow{500, false,
               "An internal error has occured, please try again later or contact "
               "service support.",
               "internal_error", "internal_error"},
    FailureRow{502, false, "Bad gateway.", "internal_error", "internal_error"},
    FailureRow{503, false, "Model service is not available, please try again later.",
               "internal_error", "ModelUnavailable"},
    FailureRow{504, false, "The model service took too long to answer.", "internal_error",
               "internal_error"},
};

Refusal words_of(const Failure& failure) {
    return find_failure(kFailures, failure);
}

constexpr std::array kRoutes = {
    Route{"POST", "/chat/completions", &answer_chat},
    Route{"POST", "/embeddings", &answer_embeddings},
    Route{"GET", "/models", &answer_models},
    Route{"GET", "/models/", &answer_model},
};

class DashScope final : public Door {
public:
    explicit DashScope(const VendorOptions& options)
        : Door(options, kMount, kRoutes), seed_(options.seed) {}

    Plan fail(const http::Request& request, const Failure& failure) const override {
        return dashscope::refused(words_of(failure), seed_of(request));
    }

    std::string error_event(const http::Request&) const override {
        return sse_frame(render_error(words_of({.status = 500}), seed_).dump());
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
        return dashscope::refused(refusal, seed);
    }

    // The gateway in front of the vendor has no words of its own.
    Plan unknown_path(const http::Request&, std::uint64_t seed) const override {
        return whole(404, "", seed);
    }

private:
    std::uint64_t seed_;
};

}  // namespace
}  // namespace aigw::simulated::dashscope

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_dashscope(
    const VendorOptions& options) {
    return std::make_unique<dashscope::DashScope>(options);
}
