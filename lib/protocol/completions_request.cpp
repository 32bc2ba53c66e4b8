#include "protocol/completions_request.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/body_errors.h"
#include "protocol/request_fields.h"

namespace aigw::protocol {
namespace {

constexpr std::int64_t kDefaultLimit = 16;  // the protocol's own

Result<std::string> read_prompt(JsonValue prompt) {
    if (prompt.is_string()) return prompt.text();
    if (!prompt.is_array()) return wrong_kind("prompt", "a string", prompt);
    if (prompt.size() == 0) return invalid_field("prompt", "must hold one text");
    const JsonValue first = *prompt.begin();
    if (!first.is_string())
        return invalid_field("prompt", "must be a text: this model has another vocabulary");
    if (prompt.size() > 1)
        return invalid_field("prompt", "must hold one text: this model gives one answer");
    return first.text();
}

// The fields that are read or have been named as lost; all others are extras.
constexpr std::array<std::string_view, 15> kRead = {
    "model",   "prompt",         "max_tokens", "temperature",       "top_p",  "top_k", "stop",
    "stream",  "stream_options", "user",       "safety_identifier", "suffix", "echo",  "best_of",
    "logprobs"};

void read_extras(JsonValue body, ChatRequest& request) {
    for (const JsonValue& member : body) {
        if (!member.is_given()) continue;
        const bool is_read =
            std::ranges::any_of(kRead, [&](std::string_view name) { return member.has_key(name); });
        if (!is_read) request.extras.push_back({member.key(), std::string(member.raw())});
    }
}

Result<void> read_lost(JsonValue body, Losses& losses) {
    const JsonValue suffix = body["suffix"];
    if (suffix.is_given() && !suffix.is("")) {
        return invalid_field("suffix", "can't be said to this model: it writes on from the prompt");
    }
    if (body["echo"].is_true()) losses.add(LossKind::Dropped, "echo");
    const JsonValue best_of = body["best_of"];
    if (best_of.is_given() && best_of.integer() != 1) losses.add(LossKind::Dropped, "best_of");
    // A number here, and another shape in the answer.
    if (body["logprobs"].is_given()) losses.add(LossKind::Dropped, "logprobs");
    return {};
}

}  // namespace

Result<ChatRequest> read_completions_request(JsonValue body, Losses& losses) {
    ChatRequest request;
    request.model = body["model"].text();
    std::string prompt = TRY(read_prompt(body["prompt"]));
    const Place place{.list = Place::List::Prompt};
    Message message{.role = Role::User, .place = place};
    message.parts.push_back(text_part(std::move(prompt), place));
    request.messages.push_back(std::move(message));
    const auto limit = TRY(read_limit(body["max_tokens"], "max_tokens"));
    request.max_tokens = limit.value_or(kDefaultLimit);
    TRY(read_sampling(body, request));
    TRY(read_stop(body["stop"], request));
    request.is_stream = body["stream"].is_true();
    request.wants_usage = body["stream_options"]["include_usage"].is_true();
    read_user(body, request);
    TRY(read_lost(body, losses));
    read_extras(body, request);
    return request;
}

}  // namespace aigw::protocol
