#include "sidecar/simulated/openai_completions.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/chat_stream.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/openai_words.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::int64_t kDefaultMaxTokens = 16;

constexpr std::array kCompletionFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"prompt"},
    FieldRule{"best_of", FieldType::Integer, 1, 20},
    FieldRule{"echo", FieldType::Boolean},
    FieldRule{"frequency_penalty", FieldType::Number, -2, 2},
    FieldRule{"logit_bias", FieldType::Object},
    FieldRule{"logprobs", FieldType::Integer, 0, 5},
    FieldRule{"max_tokens", FieldType::Integer, 0},
    FieldRule{"n", FieldType::Integer, 1, 128},
    FieldRule{"presence_penalty", FieldType::Number, -2, 2},
    FieldRule{"seed", FieldType::Integer},
    FieldRule{"stop"},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stream_options", FieldType::Object},
    FieldRule{"suffix", FieldType::String},
    FieldRule{"temperature", FieldType::Number, 0, 2},
    FieldRule{"top_p", FieldType::Number, 0, 1},
    FieldRule{"user", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

bool is_prompt(const Json& prompt) {
    if (prompt.is_string()) return true;
    const auto is_tokens = [](const Json& list) {
        return list.is_array() && !list.empty() &&
               std::all_of(list.begin(), list.end(),
                           [](const Json& token) { return token.is_number_unsigned(); });
    };
    if (!prompt.is_array() || prompt.empty()) return false;
    return is_tokens(prompt) || std::all_of(prompt.begin(), prompt.end(), is_tokens) ||
           std::all_of(prompt.begin(), prompt.end(),
                       [](const Json& text) { return text.is_string(); });
}

std::int64_t max_tokens_of(const Json& body) {
    return integer_field(body, "max_tokens").value_or(kDefaultMaxTokens);
}

Verdict refuse_prompts(const Json& body, const Model& model) {
    const Json* prompt = find_field(body, "prompt");
    if (prompt == nullptr) return missing("prompt");
    if (!is_prompt(*prompt)) {
        return wrong_type("prompt",
                          "one of a string, array of strings, array of integers or array of "
                          "integer arrays",
                          *prompt);
    }
    for (const EmbeddingInput& input : read_inputs(*prompt)) {
        const std::int64_t total = input.tokens + max_tokens_of(body);
        if (total <= model.context) continue;
        return invalid("", "context_length_exceeded",
                       "This model's maximum context length is " + std::to_string(model.context) +
                           " tokens, however you requested " + std::to_string(total) + " tokens (" +
                           std::to_string(input.tokens) + " in your prompt; " +
                           std::to_string(max_tokens_of(body)) +
                           " for the completion). Please reduce your prompt; or completion "
                           "length.");
    }
    return std::nullopt;
}

Verdict refuse_best_of(const Json& body) {
    const auto best_of = integer_field(body, "best_of");
    if (!best_of) return std::nullopt;
    if (*best_of < integer_field(body, "n").value_or(1)) {
        return invalid("best_of", "",
                       "You requested that the server return more choices than it "
                       "will generate (HINT: you must set 'n' (currently " +
                           std::to_string(integer_field(body, "n").value_or(1)) +
                           ") to be at most 'best_of' (currently " + std::to_string(*best_of) +
                           ")).");
    }
    if (*best_of == 1 || !is_true(body, "stream")) return std::nullopt;
    return invalid("stream", "", "Cannot stream results with 'best_of' greater than 1.");
}

// One choice for every prompt and number.
class CompletionReply {
public:
    CompletionReply(const Json& body, const Occasion& occasion)
        : body_(body), occasion_(occasion), seed_(seed_of_chat(body, occasion.seed)) {
        Random random(hash_of("id", seed_));
        id_ = "cmpl-" + make_id(29, random);
        for (const EmbeddingInput& input : read_inputs(body["prompt"])) add_prompt(input);
    }

    Plan plan() const {
        Random jitter(hash_of("pace", seed_));
        Plan plan;
        plan.delay = occasion_.pace.first_token(jitter);
        if (is_true(body_, "stream")) {
            plan.headers = {{"content-type", "text/event-stream; charset=utf-8"}};
            plan.framing = Framing::Chunked;
            plan.pieces = render_frames();
        } else {
            plan.headers = {{"content-type", "application/json"}};
            plan.delay += occasion_.pace.tokens(tokens_.completion, jitter);
            plan.pieces.push_back({Wait(0), render_whole().dump()});
        }
        return plan;
    }

private:
    void add_prompt(const EmbeddingInput& input) {
        Json brief = {{"messages", Json::array({{{"role", "user"}, {"content", input.text}}})}};
        if (const Json* stop = find_field(body_, "stop")) brief["stop"] = *stop;
        const ChatOrder order{.body = brief,
                              .prompt = read_prompt(brief),
                              .model = text_field(body_, "model"),
                              .choices = integer_field(body_, "n").value_or(1),
                              .max_tokens = max_tokens_of(body_)};
        ChatAnswer answer = compose(order, hash_of(input.text, seed_));
        tokens_.prompt += input.tokens;
        tokens_.completion += answer.tokens.completion;
        for (Choice& choice : answer.choices) {
            if (is_true(body_, "echo")) choice.content.insert(0, input.text);
            choices_.push_back(std::move(choice));
        }
    }

    Json head() const {
        return {{"id", id_},
                {"object", "text_completion"},
                {"created", occasion_.created()},
                {"model", text_field(body_, "model")}};
    }

    Json render_usage() const {
        return {{"prompt_tokens", tokens_.prompt},
                {"completion_tokens", tokens_.completion},
                {"total_tokens", tokens_.total()}};
    }

    static Json render_choice(std::string_view text, std::size_t index, Json finish_reason) {
        return {{"text", text},
                {"index", index},
                {"logprobs", nullptr},
                {"finish_reason", std::move(finish_reason)}};
    }

    Json render_whole() const {
        Json reply = head();
        reply["choices"] = Json::array();
        for (std::size_t i = 0; i < choices_.size(); ++i) {
            reply["choices"].push_back(
                render_choice(choices_[i].content, i, choices_[i].finish_reason));
        }
        reply["usage"] = render_usage();
        if (is_true(body_, "x_echo")) reply["x_echo"] = unknown_fields(body_, kCompletionFields);
        return reply;
    }

    std::vector<Piece> render_frames() const {
        const Json* options = find_field(body_, "stream_options");
        const bool has_usage = options != nullptr && is_true(*options, "include_usage");
        Random jitter(hash_of("stream", seed_));
        std::vector<Piece> pieces;
        const auto add = [&](Json choices, Json usage, Wait wait) {
            Json frame = head();
            frame["choices"] = std::move(choices);
            if (has_usage) frame["usage"] = std::move(usage);
            pieces.push_back({wait, sse_frame(frame.dump())});
        };
        for (std::size_t i = 0; i < choices_.size(); ++i) {
            for (const std::string_view token : split_tokens(choices_[i].content)) {
                const Wait wait = pieces.empty() ? Wait(0) : occasion_.pace.tokens(1, jitter);
                add(Json::array({render_choice(token, i, nullptr)}), nullptr, wait);
            }
            add(Json::array({render_choice("", i, choices_[i].finish_reason)}), nullptr, Wait(0));
        }
        if (has_usage) add(Json::array(), render_usage(), Wait(0));
        pieces.push_back({Wait(0), sse_frame("[DONE]")});
        return pieces;
    }

    const Json& body_;
    const Occasion& occasion_;
    std::uint64_t seed_;
    std::string id_{};
    std::vector<Choice> choices_{};
    TokenCounts tokens_{};
};

}  // namespace

std::variant<Refusal, Plan> make_completion(const Json& body, const Occasion& occasion) {
    if (auto refusal = refuse_model(body, Use::Completions)) return *std::move(refusal);
    const auto model = find_model(text_field(body, "model"));
    if (auto refusal = refuse_fields(body, kCompletionFields)) return *std::move(refusal);
    if (auto refusal = refuse_stream_options(body, *model)) return *std::move(refusal);
    if (auto refusal = refuse_prompts(body, *model)) return *std::move(refusal);
    if (auto refusal = refuse_best_of(body)) return *std::move(refusal);
    return CompletionReply(body, occasion).plan();
}

}  // namespace aigw::simulated::openai
