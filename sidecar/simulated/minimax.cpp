// The simulated MiniMax: chat on its own path, on OpenAI's and on Anthropic's; models.
//
// It differs from OpenAI where the vendor does: failures under HTTP 200, thoughts inside the
// content unless they are split off, `base_resp` in every whole answer, and on its own path a
// stream that ends with the whole answer instead of `[DONE]`. Source: MiniMax's chat,
// OpenAI-compatible and Anthropic-compatible pages and its error codes.

#include <array>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "base/text.h"
#include "sidecar/simulated/chat_completions.h"
#include "sidecar/simulated/door.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/minimax_messages.h"
#include "sidecar/simulated/minimax_rules.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::minimax {
namespace {

constexpr std::string_view kMount = "/minimax";
constexpr std::string_view kAnthropic = "/minimax/anthropic/";

bool is_anthropic(const http::Request& request) {
    return path_of(request).starts_with(kAnthropic);
}

// Chat.

enum class Path : std::uint8_t { Own, OpenAi };

ChatOrder order_of(const Json& body, const Model& model) {
    auto limit = integer_field(body, "max_completion_tokens");
    if (!limit) limit = integer_field(body, "max_tokens");
    return {.body = body,
            .prompt = read_prompt(body),
            .model = text_field(body, "model"),
            .max_tokens = limit.value_or(model.default_max_tokens),
            .is_thinking = is_thinking(body, model),
            .may_call_in_parallel = true};
}

class ChatReply final : public ChatCompletion {
public:
    ChatReply(const Json& body, const Model& model, Path path, const Occasion& occasion)
        : ChatCompletion(order_of(body, model), occasion, chat_fields()), path_(path) {}

private:
    static constexpr std::string_view kThinkBegin = "<think>\n";
    static constexpr std::string_view kThinkEnd = "\n</think>\n\n";

    http::Headers headers() const override { return common_headers(seed()); }
    std::string_view stream_type() const override { return "text/event-stream; charset=utf-8"; }

    Json head(Part part) const override {
        return {{"id", trace_id(seed())},
                {"object", part == Part::Whole ? "chat.completion" : "chat.completion.chunk"},
                {"created", occasion().created()},
                {"model", text_field(body(), "model")}};
    }

    Json usage(const TokenCounts& tokens) const override {
        return {{"total_tokens", tokens.total()},
                {"total_characters", 0},
                {"prompt_tokens", tokens.prompt},
                {"completion_tokens", tokens.completion},
                {"prompt_tokens_details", {{"cached_tokens", tokens.cached}}},
                {"completion_tokens_details", {{"reasoning_tokens", tokens.reasoning}}}};
    }

    Json tail() const override {
        return {{"input_sensitive", false},
                {"output_sensitive", false},
                {"input_sensitive_type", 0},
                {"output_sensitive_type", 0},
                {"base_resp", {{"status_code", 0}, {"status_msg", ""}}}};
    }

    bool splits_reasoning() const { return is_true(body(), "reasoning_split"); }

    Json render_message(const Choice& choice) const {
        const bool is_inline = !choice.thoughts.empty() && !splits_reasoning();
        std::string content = choice.content;
        if (is_inline) {
            content = std::string(kThinkBegin) + choice.thoughts + std::string(kThinkEnd) + content;
        }
        Json message = {{"role", "assistant"}, {"content", std::move(content)}};
        if (!choice.thoughts.empty() && !is_inline) {
            const Json detail = {{"type", "reasoning.text"}, {"text", choice.thoughts}};
            message["reasoning_details"] = Json::array({detail});
        }
        for (const ToolCall& call : choice.tool_calls) {
            message["tool_calls"].push_back(render_function_call(call));
        }
        return message;
    }

    Json choice(std::size_t index, const Choice& choice) const override {
        return {{"index", index},
                {"finish_reason", choice.finish_reason},
                {"message", render_message(choice)}};
    }

    void add_thoughts(std::vector<Delta>& deltas, const std::string& thoughts) const {
        if (thoughts.empty()) return;
        if (splits_reasoning()) {
            add_tokens(
                deltas, thoughts,
                R"({"role":"assistant","reasoning_details":[{"type":"reasoning.text","text":)",
                "}]}");
            return;
        }
        const std::string at = R"({"role":"assistant","content":)";
        deltas.push_back({.json = at + json_string(kThinkBegin) + "}"});
        add_tokens(deltas, thoughts, at, "}");
        deltas.push_back({.json = at + json_string(kThinkEnd) + "}"});
    }

    static void add_call(std::vector<Delta>& deltas, const ToolCall& call, std::size_t index) {
        const std::string at =
            R"({"role":"assistant","tool_calls":[{"index":)" + std::to_string(index);
        deltas.push_back({.json = at + ",\"id\":" + json_string(call.id) +
                                  R"(,"type":"function","function":{"name":)" +
                                  json_string(call.name) + R"(,"arguments":""}}]})",
                          .tokens = count_tokens(call.name)});
        add_tokens(deltas, call.arguments, at + R"(,"function":{"arguments":)", "}}]}");
    }

    std::vector<Delta> deltas(const Choice& choice) const override {
        const std::string at = R"({"role":"assistant","content":)";
        std::vector<Delta> deltas = {{.json = at + R"(""})"}};
        add_thoughts(deltas, choice.thoughts);
        add_tokens(deltas, choice.content, at, "}");
        for (std::size_t i = 0; i < choice.tool_calls.size(); ++i) {
            add_call(deltas, choice.tool_calls[i], i);
        }
        deltas.push_back({.json = at + R"(""})", .finish_reason = choice.finish_reason});
        return deltas;
    }

    void adjust(StreamShape& shape) const override {
        shape.has_logprobs = false;
        shape.has_null_usage = false;
        if (path_ != Path::Own) return;
        shape.usage.clear();
        shape.last = render_whole();
    }

    Path path_;
};

Plan answer_chat(const Asked& asked, Path path, const Occasion& occasion) {
    auto refusal = refuse_model(asked.body);
    if (refusal) return refuse(*refusal, false, occasion.request_seed);
    const auto model = find_model(text_field(asked.body, "model"));
    refusal = refuse_chat(asked.body, *model);
    if (refusal) return refuse(*refusal, false, occasion.request_seed);
    return ChatReply(asked.body, *model, path, occasion).plan();
}

Plan answer_own_chat(const Asked& asked, const Occasion& occasion) {
    return answer_chat(asked, Path::Own, occasion);
}

Plan answer_openai_chat(const Asked& asked, const Occasion& occasion) {
    return answer_chat(asked, Path::OpenAi, occasion);
}

Plan answer_messages(const Asked& asked, const Occasion& occasion) {
    auto outcome = make_message(asked.body, asked.request, occasion);
    const std::uint64_t seed = occasion.request_seed;
    if (const auto* refusal = std::get_if<Refusal>(&outcome)) return refuse(*refusal, true, seed);
    Plan plan = std::get<Plan>(std::move(outcome));
    plan.headers.add("trace-id", trace_id(seed));
    return plan;
}

// Models.

Plan answer_models(const Asked&, const Occasion& occasion) {
    Json data = Json::array();
    for (const Model& model : models()) {
        data.push_back({{"id", model.id},
                        {"object", "model"},
                        {"created", 1760000000},
                        {"owned_by", "minimax"}});
    }
    Plan plan;
    plan.headers = common_headers(occasion.request_seed);
    plan.pieces.push_back({Wait(0), Json{{"object", "list"}, {"data", std::move(data)}}.dump()});
    return plan;
}

// The door.

struct FailureCode {
    int status;
    bool is_quota;
    Code code;
};

constexpr std::array kFailures = {
    FailureCode{400, false, Code::InvalidParams},   FailureCode{401, false, Code::InvalidKey},
    FailureCode{402, false, Code::NoBalance},       FailureCode{403, false, Code::NotInPlan},
    FailureCode{404, false, Code::InvalidParams},   FailureCode{408, false, Code::Timeout},
    FailureCode{409, false, Code::ConnectionLimit}, FailureCode{413, false, Code::TokenLimit},
    FailureCode{422, false, Code::InvalidParams},   FailureCode{429, false, Code::RateLimit},
    FailureCode{429, true, Code::PlanLimit},        FailureCode{502, false, Code::Internal},
    FailureCode{503, false, Code::System},          FailureCode{504, false, Code::Timeout},
    FailureCode{529, false, Code::System},
};

Code code_of(const Failure& failure) {
    for (const FailureCode& row : kFailures) {
        if (row.status == failure.status && row.is_quota == failure.is_quota) return row.code;
    }
    return Code::Unknown;
}

constexpr std::array kRoutes = {
    Route{"POST", "/v1/text/chatcompletion_v2", &answer_own_chat},
    Route{"POST", "/v1/chat/completions", &answer_openai_chat},
    Route{"GET", "/v1/models", &answer_models},
    Route{"POST", "/anthropic/v1/messages", &answer_messages},
};

class MiniMax final : public Door {
public:
    explicit MiniMax(const VendorOptions& options) : Door(options, kMount, kRoutes) {}

    Plan fail(const http::Request& request, const Failure& failure) const override {
        const bool is_compatible = is_anthropic(request);
        Refusal refusal = refusal_of(code_of(failure));
        // Where statuses count it is the one that was asked for.
        refusal.status = failure.status;
        Plan plan = refuse(refusal, is_compatible, seed_of(request));
        if (plan.status == 429 && !failure.is_quota) plan.headers.add("retry-after", "2");
        return plan;
    }

    std::string error_event(const http::Request& request) const override {
        if (is_anthropic(request)) {
            return render_event(render_anthropic_error(refusal_of(Code::System), seed_of(request)));
        }
        return sse_frame(render_base_resp(refusal_of(Code::Unknown)).dump());
    }

protected:
    Verdict refuse_head(const http::Request& request) const override {
        const auto key = is_anthropic(request) ? api_key(request) : bearer_key(request);
        if (!key) return refusal_of(Code::NotAuthorized);
        return is_good_key(*key) ? std::nullopt : Verdict(refusal_of(Code::InvalidKey));
    }

    Verdict refuse_body(const http::Request& request, const Json& body) const override {
        if (has_json_content_type(request) && body.is_object()) return std::nullopt;
        return at_front(400, "The request body is not a JSON object.");
    }

    Plan refused(const http::Request& request, const Refusal& refusal,
                 std::uint64_t seed) const override {
        return refuse(refusal, is_anthropic(request), seed);
    }

    Plan unknown_path(const http::Request& request, std::uint64_t seed) const override {
        return refuse(at_front(404, "404 page not found"), is_anthropic(request), seed);
    }
};

}  // namespace
}  // namespace aigw::simulated::minimax

std::unique_ptr<aigw::simulated::SimulatedVendor> aigw::simulated::make_minimax(
    const VendorOptions& options) {
    return std::make_unique<minimax::MiniMax>(options);
}
