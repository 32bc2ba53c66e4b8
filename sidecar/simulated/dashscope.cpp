// The simulated DashScope, in its OpenAI-compatible mode: chat completions, embeddings, models.
//
// It differs from OpenAI where the vendor does: a request id in every error, no rate-limit headers,
// `reasoning_content`, other optional members, `index` in tool calls.
// Source: Alibaba Cloud Model Studio, "OpenAI compatible" pages and error codes.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/chat_stream.h"
#include "sidecar/simulated/dashscope_rules.h"
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

class ChatReply {
public:
    ChatReply(const Json& body, const Model& model, const Occasion& occasion)
        : body_(body), occasion_(occasion), seed_(seed_of_chat(body, occasion.seed)) {
        answer_ = compose(order(model), seed_);
        id_ = "chatcmpl-" + request_id(seed_);
    }

    Plan plan() const {
        Random jitter(hash_of("pace", seed_));
        Plan plan;
        plan.headers = common_headers(seed_);
        plan.delay = occasion_.pace.first_token(jitter);
        if (is_true(body_, "stream")) {
            plan.headers.set("content-type", "text/event-stream;charset=UTF-8");
            plan.framing = Framing::Chunked;
            plan.pieces = render_chunks();
        } else {
            plan.delay += occasion_.pace.tokens(answer_.tokens.completion, jitter);
            plan.pieces.push_back({Wait(0), render_whole()});
        }
        return plan;
    }

private:
    ChatOrder order(const Model& model) const {
        return {.body = body_,
                .prompt = read_prompt(body_),
                .model = text_field(body_, "model"),
                .choices = integer_field(body_, "n").value_or(1),
                .max_answer_tokens = integer_field(body_, "max_tokens"),
                .max_tokens = integer_field(body_, "max_completion_tokens"),
                .max_thinking_tokens = integer_field(body_, "thinking_budget"),
                .is_thinking = is_thinking(body_, model),
                .may_call_in_parallel = is_true(body_, "parallel_tool_calls")};
    }

    Json head(const char* object) const {
        return {{"id", id_},
                {"object", object},
                {"created", occasion_.created()},
                {"model", text_field(body_, "model")},
                {"system_fingerprint", nullptr}};
    }

    static Json render_message(const Choice& choice) {
        Json message = {{"role", "assistant"}, {"content", choice.content}};
        if (!choice.thoughts.empty()) message["reasoning_content"] = choice.thoughts;
        for (const ToolCall& call : choice.tool_calls) {
            Json& calls = message["tool_calls"];
            calls.push_back({{"index", calls.size()},
                             {"id", call.id},
                             {"type", "function"},
                             {"function", {{"name", call.name}, {"arguments", call.arguments}}}});
        }
        return message;
    }

    std::string render_whole() const {
        Json reply = head("chat.completion");
        Json choices = Json::array();
        for (const Choice& choice : answer_.choices) {
            choices.push_back({{"index", choices.size()},
                               {"finish_reason", choice.finish_reason},
                               {"logprobs", nullptr},
                               {"message", render_message(choice)}});
        }
        reply["choices"] = std::move(choices);
        reply["usage"] = render_usage(answer_.tokens);
        if (is_true(body_, "x_echo")) {
            reply["x_echo"] = unknown_fields(body_, chat_fields());
        }
        return reply.dump();
    }

    // The first fragment has id, type and name; the id of the others is empty, as the vendor's.
    static void add_call(std::vector<Delta>& deltas, const ToolCall& call, std::size_t index) {
        const std::string at =
            "{\"content\":null,\"tool_calls\":[{\"index\":" + std::to_string(index) +
            ",\"type\":\"function\",\"id\":";
        deltas.push_back({.json = at + json_string(call.id) + ",\"function\":{\"name\":" +
                                  json_string(call.name) + ",\"arguments\":\"\"}}]}",
                          .tokens = count_tokens(call.name)});
        for (const std::string_view piece : split_tokens(call.arguments)) {
            deltas.push_back(
                {.json = at + "\"\",\"function\":{\"arguments\":" + json_string(piece) + "}}]}",
                 .tokens = 1});
        }
    }

    static std::vector<Delta> render_deltas(const Choice& choice) {
        std::vector<Delta> deltas;
        deltas.push_back({.json = R"({"role":"assistant","content":""})"});
        for (const std::string_view token : split_tokens(choice.thoughts)) {
            deltas.push_back(
                {.json = "{\"content\":null,\"reasoning_content\":" + json_string(token) + "}",
                 .tokens = 1});
        }
        for (const std::string_view token : split_tokens(choice.content)) {
            deltas.push_back({.json = "{\"content\":" + json_string(token) + "}", .tokens = 1});
        }
        for (std::size_t i = 0; i < choice.tool_calls.size(); ++i) {
            add_call(deltas, choice.tool_calls[i], i);
        }
        deltas.push_back({.json = R"({"content":""})", .finish_reason = choice.finish_reason});
        return deltas;
    }

    std::vector<Piece> render_chunks() const {
        StreamShape shape;
        shape.head = head("chat.completion.chunk").dump();
        shape.head = shape.head.substr(1, shape.head.size() - 2);
        const Json* options = find_field(body_, "stream_options");
        if (options != nullptr && is_true(*options, "include_usage")) {
            shape.usage = render_usage(answer_.tokens).dump();
        }
        if (is_true(body_, "x_echo")) {
            shape.first_extra = ",\"x_echo\":" + unknown_fields(body_, chat_fields()).dump();
        }
        std::vector<std::vector<Delta>> choices;
        for (const Choice& choice : answer_.choices) choices.push_back(render_deltas(choice));
        return render_stream(shape, choices, occasion_.pace, Random(hash_of("stream", seed_)));
    }

    const Json& body_;
    const Occasion& occasion_;
    std::uint64_t seed_;
    ChatAnswer answer_{};
    std::string id_{};
};

Plan answer_chat(const Json& body, const Occasion& occasion) {
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

Plan answer_embeddings(const Json& body, const Occasion& occasion) {
    if (auto refusal = refuse_model(body, Use::Embeddings)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_embeddings(body, *model)) {
        return refused(*refusal, occasion.request_seed);
    }
    const std::uint64_t seed = hash_of(model->id, occasion.seed);
    const std::size_t dimensions = dimensions_of(body, *model);
    Json data = Json::array();
    std::int64_t tokens = 0;
    for (const EmbeddingInput& input : read_inputs(body["input"])) {
        tokens += input.tokens;
        Json numbers = Json::array();
        for (const float component : embed(input.text, dimensions, seed)) {
            numbers.push_back(static_cast<double>(component));
        }
        data.push_back(
            {{"object", "embedding"}, {"index", data.size()}, {"embedding", std::move(numbers)}});
    }
    Json reply = {{"object", "list"},
                  {"model", text_field(body, "model")},
                  {"id", request_id(occasion.request_seed)},
                  {"data", std::move(data)},
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

Plan answer_models(const Occasion& occasion) {
    Json data = Json::array();
    for (const Model& model : models()) data.push_back(render_model(model.id));
    return whole(200, Json{{"object", "list"}, {"data", std::move(data)}}.dump(),
                 occasion.request_seed);
}

Plan answer_model(std::string_view id, const Occasion& occasion) {
    if (find_model(id)) {
        return whole(200, render_model(id).dump(), occasion.request_seed);
    }
    return refused(
        {404, "The model `" + std::string(id) + "` does not exist or you do not have access to it.",
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

std::optional<Refusal> refuse_body(const http::Request& request, const Json& body) {
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

class DashScope final : public SimulatedVendor {
public:
    explicit DashScope(const VendorOptions& options) : options_(options) {}

    Plan answer(const http::Request& request, TimePoint now) const override {
        const Occasion occasion{options_.seed, seed_of(request), now, options_.pace};
        if (auto refusal = refuse_key(request)) return refused(*refusal, occasion.request_seed);
        const std::string_view path = path_of(request).substr(kMount.size());
        if (path == "/chat/completions") return post(request, occasion, answer_chat);
        if (path == "/embeddings") return post(request, occasion, answer_embeddings);
        constexpr std::string_view kModels = "/models";
        if (path == kModels && request.method == "GET") return answer_models(occasion);
        if (path.starts_with("/models/") && request.method == "GET") {
            return answer_model(path.substr(kModels.size() + 1), occasion);
        }
        return unknown_path(occasion);
    }

    Plan fail(const http::Request& request, const Failure& failure) const override {
        return refused(words_of(failure), seed_of(request));
    }

    std::string error_event(const http::Request&) const override {
        return sse_frame(render_error(words_of({.status = 500}), options_.seed).dump());
    }

private:
    using Operation = Plan (*)(const Json&, const Occasion&);

    std::uint64_t seed_of(const http::Request& request) const {
        return hash_of(request.body, hash_of(request.target, options_.seed));
    }

    // The gateway in front of the vendor has no words of its own.
    static Plan unknown_path(const Occasion& occasion) {
        return whole(404, "", occasion.request_seed);
    }

    static Plan post(const http::Request& request, const Occasion& occasion, Operation operation) {
        if (request.method != "POST") return unknown_path(occasion);
        const Json body = Json::parse(request.body, nullptr, false);
        if (auto refusal = refuse_body(request, body)) {
            return refused(*refusal, occasion.request_seed);
        }
        return operation(body, occasion);
    }

    VendorOptions options_;
};

}  // namespace
}  // namespace aigw::simulated::dashscope

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_dashscope(
    const VendorOptions& options) {
    return std::make_unique<dashscope::DashScope>(options);
}
