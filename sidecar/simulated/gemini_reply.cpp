#include "sidecar/simulated/gemini_reply.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/gemini_metadata.h"
#include "sidecar/simulated/gemini_prompt.h"
#include "sidecar/simulated/gemini_rules.h"
#include "sidecar/simulated/gemini_thoughts.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/triggers.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::size_t kTokensPerChunk = 4;
constexpr std::int64_t kToolUseTokens = 64;  // of what a tool of the vendor's brought

constexpr std::array<std::string_view, 7> kBlockReasons = {
    "SAFETY",       "OTHER",       "BLOCKLIST", "PROHIBITED_CONTENT",
    "IMAGE_SAFETY", "MODEL_ARMOR", "JAILBREAK"};
constexpr std::array<std::string_view, 10> kFinishReasons = {"SAFETY",
                                                             "RECITATION",
                                                             "LANGUAGE",
                                                             "OTHER",
                                                             "SPII",
                                                             "BLOCKLIST",
                                                             "PROHIBITED_CONTENT",
                                                             "MALFORMED_FUNCTION_CALL",
                                                             "UNEXPECTED_TOOL_CALL",
                                                             "TOO_MANY_TOOL_CALLS"};

// The reason that a prompt asks for, as the vendor has it; "" for none.
std::string_view known_reason(std::string_view asked, std::span<const std::string_view> reasons) {
    if (asked.empty()) return "";
    return std::find(reasons.begin(), reasons.end(), asked) == reasons.end() ? "OTHER" : asked;
}

bool is_about_calls(std::string_view reason) {
    return reason.ends_with("_CALL") || reason.ends_with("_CALLS");
}

// A step of a stream.
struct Chunk {
    Json part{};  // null: none
    std::int64_t thought_tokens = 0;
    std::int64_t tokens = 0;
};

struct Candidate {
    Json parts = Json::array();
    std::vector<Chunk> chunks{};
    std::string_view finish_reason = "STOP";
    std::string text{};
};

// The pieces of a text, each of a few tokens.
std::vector<std::pair<std::string, std::int64_t>> split_chunks(std::string_view text) {
    std::vector<std::pair<std::string, std::int64_t>> pieces;
    for (const std::string_view token : split_tokens(text)) {
        if (pieces.empty() || pieces.back().second == kTokensPerChunk) pieces.emplace_back();
        pieces.back().first += token;
        ++pieces.back().second;
    }
    return pieces;
}

class Reply {
public:
    Reply(const Json& body, const Model& model, const Occasion& occasion)
        : body_(body),
          config_(body.value("generationConfig", Json::object())),
          model_(model),
          occasion_(occasion),
          brief_(brief_of(body)),
          prompt_(read_prompt(brief_)),
          seed_(seed_of_chat(body, hash_of(model.id, occasion.seed))),
          tokens_(count_prompt(body)) {
        prompt_.tokens = tokens_.total();
        Random random(hash_of("id", seed_));
        id_ = make_id(22, random);
        block_reason_ = known_reason(find_block_reason(prompt_.last_user), kBlockReasons);
        if (block_reason_.empty()) compose_candidates();
    }

    Plan plan(Form form) const {
        Random jitter(hash_of("pace", seed_));
        Plan plan;
        plan.headers = {{"content-type", form == Form::Events ? "text/event-stream"
                                                              : "application/json; charset=UTF-8"},
                        {"x-gemini-service-tier", tier()}};
        plan.delay = occasion_.pace.first_token(jitter);
        if (form == Form::Whole) {
            plan.delay += occasion_.pace.tokens(answer_.tokens.completion, jitter);
            plan.pieces.push_back({Wait(0), render(render_whole())});
            return plan;
        }
        plan.framing = Framing::Chunked;
        plan.pieces = framed(render_chunks(jitter), form);
        return plan;
    }

private:
    ChatOrder order() const {
        const ThinkingOrder thinking = read_thinking(body_, model_);
        return {.body = brief_,
                .prompt = prompt_,
                .model = model_.id,
                .choices = integer_field(config_, "candidateCount").value_or(1),
                .max_tokens = integer_field(config_, "maxOutputTokens"),
                .max_thinking_tokens = thinking.budget,
                .is_thinking = thinking.is_on,
                .may_call_in_parallel = true};
    }

    void compose_candidates() {
        answer_ = compose(order(), seed_);
        const auto reason = known_reason(find_finish_reason(prompt_.last_user), kFinishReasons);
        if (!reason.empty()) stop(reason);
        for (const Choice& choice : answer_.choices) candidates_.push_back(make_candidate(choice));
        if (!reason.empty()) {
            for (Candidate& candidate : candidates_) candidate.finish_reason = reason;
        }
    }

    // The answer breaks off: in its text, or before a call.
    void stop(std::string_view reason) {
        for (Choice& choice : answer_.choices) {
            const auto pieces = split_chunks(choice.content);
            const bool has_text = !is_about_calls(reason) && !pieces.empty();
            choice.content = has_text ? pieces.front().first : "";
            choice.tool_calls.clear();
        }
        answer_.tokens.completion = answer_.tokens.reasoning;
        for (const Choice& choice : answer_.choices) {
            answer_.tokens.completion += count_tokens(choice.content);
        }
    }

    Candidate make_candidate(const Choice& choice) const {
        Candidate candidate;
        candidate.finish_reason = choice.finish_reason == "length" ? "MAX_TOKENS" : "STOP";
        add_thoughts(choice, candidate);
        add_text(choice, candidate);
        add_calls(choice, candidate);
        if (candidate.chunks.empty()) candidate.chunks.emplace_back();
        return candidate;
    }

    void add_thoughts(const Choice& choice, Candidate& candidate) const {
        if (choice.thoughts.empty()) return;
        if (!read_thinking(body_, model_).is_shown) {
            candidate.chunks.push_back({.thought_tokens = count_tokens(choice.thoughts)});
            return;
        }
        candidate.parts.push_back({{"text", choice.thoughts}, {"thought", true}});
        for (const auto& [text, tokens] : split_chunks(choice.thoughts)) {
            candidate.chunks.push_back(
                {.part = {{"text", text}, {"thought", true}}, .thought_tokens = tokens});
        }
    }

    // A stream sends the signature after the text, on a part of its own.
    void add_text(const Choice& choice, Candidate& candidate) const {
        if (choice.content.empty()) return;
        candidate.text = text_of(choice.content);
        Json part = {{"text", candidate.text}};
        const bool is_signed = model_.needs_signatures && !choice.thoughts.empty();
        if (is_signed) part["thoughtSignature"] = sign_text();
        candidate.parts.push_back(std::move(part));
        for (const auto& [text, tokens] : split_chunks(candidate.text)) {
            candidate.chunks.push_back({.part = {{"text", text}}, .tokens = tokens});
        }
        if (!is_signed) return;
        candidate.chunks.push_back({.part = {{"text", ""}, {"thoughtSignature", sign_text()}}});
    }

    // An enum's value is no JSON.
    std::string text_of(const std::string& content) const {
        if (text_field(config_, "responseMimeType") != "text/x.enum") return content;
        const Json value = Json::parse(content, nullptr, false);
        return value.is_string() ? value.get<std::string>() : content;
    }

    // Calls come whole. One that the limit has cut does not come.
    void add_calls(const Choice& choice, Candidate& candidate) const {
        Random random(hash_of("calls", seed_));
        bool is_first = true;
        for (const ToolCall& call : choice.tool_calls) {
            const Json args = Json::parse(call.arguments, nullptr, false);
            if (args.is_discarded()) continue;
            Json inner = Json::object();
            if (model_.has_call_ids) inner["id"] = make_id(8, random);
            inner["name"] = call.name;
            // A schema that asks for no object gets none.
            inner["args"] = args.is_object() ? args : Json::object();
            Json part = {{"functionCall", std::move(inner)}};
            const bool is_signed = model_.needs_signatures || !choice.thoughts.empty();
            if (is_first && is_signed) part["thoughtSignature"] = sign_call(part["functionCall"]);
            is_first = false;
            candidate.parts.push_back(part);
            candidate.chunks.push_back(
                {.part = std::move(part),
                 .tokens = count_tokens(call.name) + count_tokens(call.arguments)});
        }
    }

    std::string_view tier() const {
        const std::string_view asked = text_field(body_, "serviceTier");
        return asked.empty() || asked == "unspecified" ? "standard" : asked;
    }

    // Of the vendor's tools; functions are the caller's.
    bool uses_tool(std::string_view name) const {
        const Json* tools = find_field(body_, "tools");
        const bool has_calls =
            std::any_of(answer_.choices.begin(), answer_.choices.end(),
                        [](const Choice& choice) { return !choice.tool_calls.empty(); });
        return tools != nullptr && !has_calls &&
               std::any_of(tools->begin(), tools->end(),
                           [&](const Json& tool) { return find_field(tool, name) != nullptr; });
    }

    std::int64_t tool_use_tokens() const {
        constexpr std::array<std::string_view, 3> kTools = {"googleSearch", "codeExecution",
                                                            "urlContext"};
        const auto used = std::count_if(kTools.begin(), kTools.end(),
                                        [&](std::string_view name) { return uses_tool(name); });
        return kToolUseTokens * used;
    }

    Json usage(std::int64_t tokens, std::int64_t thought_tokens) const {
        return render_usage({.prompt = tokens_,
                             .cached = answer_.tokens.cached,
                             .candidates = tokens,
                             .thoughts = thought_tokens,
                             .tool_use = tool_use_tokens()});
    }

    Json finished(Json answer, Json counted) const {
        answer["usageMetadata"] = std::move(counted);
        answer["modelVersion"] = model_.id;
        answer["responseId"] = id_;
        if (is_true(body_, "x_echo")) answer["x_echo"] = unknown_fields(body_, request_fields());
        return answer;
    }

    Json render_blocked() const {
        Json feedback = {{"blockReason", block_reason_}};
        Json ratings = render_ratings(body_, Harm::Blocked);
        if (!ratings.empty()) feedback["safetyRatings"] = std::move(ratings);
        return finished({{"promptFeedback", std::move(feedback)}}, usage(0, 0));
    }

    static Json render_content(const Json& parts) {
        Json content = Json::object();
        if (!parts.empty()) content["parts"] = parts;
        content["role"] = "model";
        return content;
    }

    // What the last chunk of a candidate has besides.
    void add_end(const Candidate& candidate, Json& rendered) const {
        rendered["finishReason"] = candidate.finish_reason;
        if (is_about_calls(candidate.finish_reason)) {
            rendered["finishMessage"] = "Malformed function call: call(";
        }
        const bool is_blocked = candidate.finish_reason == "SAFETY";
        Json ratings = render_ratings(body_, is_blocked ? Harm::Blocked : Harm::Negligible);
        if (!ratings.empty()) rendered["safetyRatings"] = std::move(ratings);
        if (!uses_tool("googleSearch")) return;
        rendered["groundingMetadata"] =
            render_grounding(opening_of(prompt_.last_user), candidate.text);
    }

    void add_likelihood(std::string_view text, Json& rendered) const {
        if (!is_true(config_, "responseLogprobs") || text.empty()) return;
        add_logprobs(text, integer_field(config_, "logprobs").value_or(0), seed_, rendered);
    }

    Json render_whole() const {
        if (!block_reason_.empty()) return render_blocked();
        Json candidates = Json::array();
        for (const Candidate& candidate : candidates_) {
            Json rendered = {{"content", render_content(candidate.parts)}};
            add_end(candidate, rendered);
            rendered["index"] = candidates.size();
            add_likelihood(candidate.text, rendered);
            candidates.push_back(std::move(rendered));
        }
        const TokenCounts& tokens = answer_.tokens;
        return finished({{"candidates", std::move(candidates)}},
                        usage(tokens.completion - tokens.reasoning, tokens.reasoning));
    }

    Json render_chunk(std::size_t index, std::size_t at) const {
        const Candidate& candidate = candidates_[index];
        const Json& part = candidate.chunks[at].part;
        Json rendered = {
            {"content", render_content(part.is_null() ? Json::array() : Json::array({part}))}};
        if (at + 1 == candidate.chunks.size()) add_end(candidate, rendered);
        rendered["index"] = index;
        if (!is_true(part, "thought")) add_likelihood(text_field(part, "text"), rendered);
        return {{"candidates", Json::array({std::move(rendered)})}};
    }

    // Candidates take turns.
    std::vector<Piece> render_chunks(Random& jitter) const {
        if (!block_reason_.empty()) return {{Wait(0), render(render_blocked())}};
        std::vector<Piece> pieces;
        std::int64_t tokens = 0;
        std::int64_t thought_tokens = 0;
        std::size_t rounds = 0;
        for (const Candidate& candidate : candidates_) {
            rounds = std::max(rounds, candidate.chunks.size());
        }
        for (std::size_t at = 0; at < rounds; ++at) {
            for (std::size_t index = 0; index < candidates_.size(); ++index) {
                if (at >= candidates_[index].chunks.size()) continue;
                const Chunk& chunk = candidates_[index].chunks[at];
                tokens += chunk.tokens;
                thought_tokens += chunk.thought_tokens;
                // The head has waited for the first token; candidates are written side by side.
                const bool is_free = pieces.empty() || index > 0;
                const Wait wait =
                    is_free ? Wait(0)
                            : occasion_.pace.tokens(chunk.tokens + chunk.thought_tokens, jitter);
                pieces.push_back({wait, render(finished(render_chunk(index, at),
                                                        usage(tokens, thought_tokens)))});
            }
        }
        return pieces;
    }

    static std::vector<Piece> framed(std::vector<Piece> pieces, Form form) {
        for (std::size_t i = 0; i < pieces.size(); ++i) {
            std::string& bytes = pieces[i].bytes;
            if (form == Form::Events) {
                bytes = "data: " + bytes + "\r\n\r\n";
                continue;
            }
            bytes.insert(0, i == 0 ? "[" : ",\r\n");
            if (i + 1 == pieces.size()) bytes += "\n]\n";
        }
        return pieces;
    }

    static std::string render(const Json& answer) {
        return answer.dump(-1, ' ', false, Json::error_handler_t::replace);
    }

    const Json& body_;
    Json config_;  // generationConfig
    const Model& model_;
    const Occasion& occasion_;
    Json brief_;
    Prompt prompt_;
    std::uint64_t seed_;
    PromptTokens tokens_;
    std::string id_{};
    std::string_view block_reason_{};
    ChatAnswer answer_{};
    std::vector<Candidate> candidates_{};
};

}  // namespace

Plan answer_request(const Json& body, const Model& model, Form form, const Occasion& occasion) {
    return Reply(body, model, occasion).plan(form);
}

}  // namespace aigw::simulated::gemini
