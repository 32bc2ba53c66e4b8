// The simulated Doubao (Volcengine Ark): chat completions and embeddings.
//
// It differs from OpenAI where the vendor does: `thinking` and `reasoning_content`, string codes
// with dots and a request id in every refusal, no rate-limit headers, usage in every chunk when
// asked. Source: Ark's chat reference, its table of error codes, and the types of its SDKs.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "base/text.h"
#include "sidecar/simulated/chat_completions.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/doubao_embeddings.h"
#include "sidecar/simulated/doubao_rules.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/triggers.h"

namespace aigw::simulated::doubao {
namespace {

constexpr std::string_view kMount = "/doubao/api/v3";

std::string request_id(std::uint64_t seed) {
    Random random(hash_of("request-id", seed));
    return "0217" + make_hex(50, random);
}

// A client's own id comes back beside the vendor's.
http::Headers common_headers(const http::Request& request, std::uint64_t seed) {
    http::Headers headers = {{"content-type", "application/json"},
                             {"x-request-id", request_id(seed)}};
    if (const auto id = request.headers.find("x-client-request-id")) {
        headers.add("x-client-request-id", *id);
    }
    return headers;
}

Json render_error(const Refusal& refusal, std::uint64_t seed) {
    return {{"error",
             {{"code", refusal.code},
              {"message", refusal.message + " Request id: " + request_id(seed)},
              {"param", refusal.param},
              {"type", refusal.type}}}};
}

Plan refuse(const http::Request& request, const Refusal& refusal, std::uint64_t seed) {
    Plan plan;
    plan.status = refusal.status;
    plan.headers = common_headers(request, seed);
    plan.pieces.push_back(
        {Wait(0),
         render_error(refusal, seed).dump(-1, ' ', false, Json::error_handler_t::replace)});
    return plan;
}

// Chat.

ChatOrder order_of(const Json& body, const Model& model) {
    const Json* parallel = find_field(body, "parallel_tool_calls");
    return {.body = body,
            .prompt = read_prompt(body),
            .model = text_field(body, "model"),
            .max_answer_tokens = integer_field(body, "max_tokens"),
            .max_tokens = integer_field(body, "max_completion_tokens"),
            .is_thinking = is_thinking(body, model),
            .may_call_in_parallel = parallel == nullptr || parallel->get<bool>()};
}

class ChatReply final : public ChatCompletion {
public:
    ChatReply(const Asked& asked, const Model& model, const Occasion& occasion)
        : ChatCompletion(order_of(asked.body, model), occasion, chat_fields()),
          request_(asked.request),
          id_(request_id(seed())),
          is_stopped_(!find_finish_reason(read_prompt(asked.body).last_user).empty()) {}

private:
    http::Headers headers() const override { return common_headers(request_, seed()); }
    std::string_view stream_type() const override { return "text/event-stream; charset=utf-8"; }

    Json head(Part part) const override {
        const bool is_whole = part == Part::Whole;
        Json head = {{"id", id_},
                     {"object", is_whole ? "chat.completion" : "chat.completion.chunk"},
                     {"created", occasion().created()},
                     {"model", text_field(body(), "model")}};
        if (is_whole) head["service_tier"] = tier();
        return head;
    }

    // "auto" and "flex" are served as "default".
    std::string_view tier() const {
        return text_field(body(), "service_tier") == "fast" ? "fast" : "default";
    }

    Json usage(const TokenCounts& tokens) const override {
        return {{"prompt_tokens", tokens.prompt},
                {"completion_tokens", tokens.completion},
                {"total_tokens", tokens.total()},
                {"prompt_tokens_details", {{"cached_tokens", tokens.cached}}},
                {"completion_tokens_details", {{"reasoning_tokens", tokens.reasoning}}}};
    }

    Json logprobs(std::string_view text) const {
        if (!is_true(body(), "logprobs")) return Json(nullptr);
        const std::int64_t top = integer_field(body(), "top_logprobs").value_or(0);
        return {{"content", render_logprobs(text, top, seed())}};
    }

    static Json render_message(const Choice& choice) {
        Json message = {{"role", "assistant"}, {"content", choice.content}};
        if (!choice.thoughts.empty()) message["reasoning_content"] = choice.thoughts;
        for (const ToolCall& call : choice.tool_calls) {
            message["tool_calls"].push_back(render_function_call(call));
        }
        return message;
    }

    std::string_view finish_reason_of(const Choice& choice) const {
        return is_stopped_ ? "content_filter" : choice.finish_reason;
    }

    Json choice(std::size_t index, const Choice& choice) const override {
        Json rendered = {{"index", index}, {"finish_reason", finish_reason_of(choice)}};
        if (is_stopped_) rendered["moderation_hit_type"] = "violence";
        rendered["logprobs"] = logprobs(choice.content);
        rendered["message"] = render_message(choice);
        return rendered;
    }

    static void add_call(std::vector<Delta>& deltas, const ToolCall& call, std::size_t index) {
        const std::string at =
            R"({"role":"assistant","content":"","tool_calls":[{"index":)" + std::to_string(index);
        deltas.push_back({.json = at + ",\"id\":" + json_string(call.id) +
                                  R"(,"type":"function","function":{"name":)" +
                                  json_string(call.name) + R"(,"arguments":""}}]})",
                          .tokens = count_tokens(call.name)});
        add_tokens(deltas, call.arguments, at + R"(,"function":{"arguments":)", "}}]}");
    }

    std::vector<Delta> deltas(const Choice& choice) const override {
        const std::string at = R"({"role":"assistant","content":)";
        std::vector<Delta> deltas = {{.json = at + R"(""})"}};
        add_tokens(deltas, choice.thoughts, at + R"("","reasoning_content":)", "}");
        const std::size_t before = deltas.size();
        add_tokens(deltas, choice.content, at, "}");
        if (is_true(body(), "logprobs")) {
            const auto tokens = split_tokens(choice.content);
            for (std::size_t i = 0; i < tokens.size(); ++i) {
                deltas[before + i].extra = ",\"logprobs\":" + logprobs(tokens[i]).dump();
            }
        }
        for (std::size_t i = 0; i < choice.tool_calls.size(); ++i) {
            add_call(deltas, choice.tool_calls[i], i);
        }
        deltas.push_back({.json = at + R"(""})",
                          .finish_reason = finish_reason_of(choice),
                          .extra = is_stopped_ ? R"(,"moderation_hit_type":"violence")" : ""});
        return deltas;
    }

    void adjust(StreamShape& shape) const override {
        shape.has_logprobs = false;
        shape.has_null_usage = false;
        if (!is_stream_option("chunk_include_usage")) return;
        shape.running_usage = [this](std::int64_t tokens) {
            TokenCounts counts = answer().tokens;
            counts.completion = tokens;
            counts.reasoning = std::min(counts.reasoning, tokens);
            return usage(counts).dump();
        };
    }

    const http::Request& request_;
    std::string id_;
    bool is_stopped_;  // by moderation
};

Plan answer_on(Path path, const Asked& asked, const Occasion& occasion) {
    auto refusal = refuse_model(asked.body, path);
    if (refusal) return refuse(asked.request, *refusal, occasion.request_seed);
    const std::string_view id = text_field(asked.body, "model");
    const auto model = path == Path::Bots ? find_bot(id) : find_model(id);
    refusal = refuse_chat(asked.body, *model);
    if (refusal) return refuse(asked.request, *refusal, occasion.request_seed);
    return ChatReply(asked, *model, occasion).plan();
}

Plan answer_chat(const Asked& asked, const Occasion& occasion) {
    return answer_on(Path::Chat, asked, occasion);
}

Plan answer_bot(const Asked& asked, const Occasion& occasion) {
    return answer_on(Path::Bots, asked, occasion);
}

// Embeddings.

Plan answer_embeddings(const Asked& asked, const Occasion& occasion) {
    const std::uint64_t seed = occasion.request_seed;
    auto outcome = make_embeddings(asked.body, request_id(seed), occasion);
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) {
        return refuse(asked.request, *refusal, seed);
    }
    Random jitter(hash_of("pace", seed));
    Plan plan;
    plan.headers = common_headers(asked.request, seed);
    plan.delay = occasion.pace.first_token(jitter);
    plan.pieces.push_back({Wait(0), std::get<std::string>(std::move(outcome))});
    return plan;
}

// The door.

constexpr const char* kAuthentication = "AuthenticationError";

constexpr std::array kFailures = {
    FailureRow{400, false, "The request failed because a parameter is not valid.", "BadRequest",
               "InvalidParameter"},
    FailureRow{401, false, "The API key or AK/SK in the request is missing or invalid.",
               "Unauthorized", kAuthentication},
    FailureRow{403, false, "The request failed because you do not have access to the resource.",
               "Forbidden", "AccessDenied"},
    FailureRow{404, false,
               "The model or endpoint doubao-gone does not exist or you do not have access to it.",
               "NotFound", "InvalidEndpointOrModel.NotFound"},
    FailureRow{429, false,
               "The Requests Per Minute (RPM) limit of the associated endpoint for your account "
               "has been exceeded.",
               "TooManyRequests", "RateLimitExceeded.EndpointRPMExceeded"},
    FailureRow{429, true,
               "Your account has reached the set inference limit for this model, and the model "
               "service has been paused.",
               "TooManyRequests", "SetLimitExceeded"},
    FailureRow{500, false, "The service encountered an unexpected internal error.",
               "InternalServerError", "InternalServiceError"},
};

// Whoever is in arrears is told so in a 403.
constexpr FailureRow kOverdue = {403, false,
                                 "The request failed because your account has an overdue balance.",
                                 "Forbidden", "AccountOverdueError"};

Refusal words_of(const Failure& failure) {
    if (failure.status != 402) return find_failure(kFailures, failure);
    return {kOverdue.status, kOverdue.message, kOverdue.type, "", kOverdue.code};
}

constexpr std::array kRoutes = {
    Route{"POST", "/chat/completions", &answer_chat},
    Route{"POST", "/bots/chat/completions", &answer_bot},
    Route{"POST", "/embeddings", &answer_embeddings},
};

class Doubao final : public Door {
public:
    explicit Doubao(const VendorOptions& options) : Door(options, kMount, kRoutes) {}

    Plan fail(const http::Request& request, const Failure& failure) const override {
        Plan plan = refuse(request, words_of(failure), seed_of(request));
        if (failure.status == 429 && !failure.is_quota) plan.headers.add("retry-after", "2");
        return plan;
    }

    std::string error_event(const http::Request& request) const override {
        return sse_frame(render_error(words_of({.status = 500}), seed_of(request)).dump());
    }

protected:
    Verdict refuse_head(const http::Request& request) const override {
        const auto key = bearer_key(request);
        if (key && is_good_key(*key)) return std::nullopt;
        return Refusal{401,
                       key ? "The API key in the request is not valid."
                           : "The API key or AK/SK in the request is missing or invalid.",
                       "Unauthorized", "", kAuthentication};
    }

    Verdict refuse_body(const http::Request& request, const Json& body) const override {
        if (has_json_content_type(request) && body.is_object()) return std::nullopt;
        return bad_request("InvalidParameter", "",
                           "The request failed because its body is not a JSON object.");
    }

    Plan refused(const http::Request& request, const Refusal& refusal,
                 std::uint64_t seed) const override {
        return refuse(request, refusal, seed);
    }

    Plan unknown_path(const http::Request& request, std::uint64_t seed) const override {
        return refuse(request,
                      {404, "The requested path does not exist.", "NotFound", "", "NotFound.Path"},
                      seed);
    }
};

}  // namespace
}  // namespace aigw::simulated::doubao

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_doubao(
    const VendorOptions& options) {
    return std::make_unique<doubao::Doubao>(options);
}
