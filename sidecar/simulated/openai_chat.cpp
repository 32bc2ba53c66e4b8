#include "sidecar/simulated/openai_chat.h"

#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sidecar/simulated/chat_completions.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/openai_envelope.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::openai {
namespace {

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

}  // namespace

Plan answer_chat(const Asked& asked, const Occasion& occasion) {
    const Json& body = asked.body;
    if (auto refusal = refuse_model(body, Use::Chat)) {
        return refused(*refusal, occasion.request_seed);
    }
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_chat(body, *model)) return refused(*refusal, occasion.request_seed);
    return ChatReply(body, *model, occasion).plan();
}

}  // namespace aigw::simulated::openai
