#include "sidecar/simulated/chat_completions.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated {
namespace {

Json bytes_of(std::string_view token) {
    Json bytes = Json::array();
    for (const char c : token) bytes.push_back(static_cast<unsigned char>(c));
    return bytes;
}

// Of one token; the runners-up are made up.
Json render_logprob(std::string_view token, std::int64_t top, std::uint64_t seed) {
    Random random(hash_of(token, seed));
    const double logprob = -static_cast<double>(random.below(1000)) / 1000.0;
    Json entry = {{"token", token}, {"logprob", logprob}, {"bytes", bytes_of(token)}};
    Json others = Json::array();
    for (std::int64_t rank = 0; rank < top; ++rank) {
        const std::string other =
            rank == 0 ? std::string(token) : std::string(token) + std::to_string(rank);
        others.push_back({{"token", other},
                          {"logprob", logprob - static_cast<double>(rank)},
                          {"bytes", bytes_of(other)}});
    }
    entry["top_logprobs"] = std::move(others);
    return entry;
}

}  // namespace

ChatCompletion::ChatCompletion(const ChatOrder& order, const Occasion& occasion,
                               std::span<const FieldRule> fields)
    : body_(order.body),
      occasion_(occasion),
      fields_(fields),
      seed_(seed_of_chat(order.body, occasion.seed)),
      answer_(compose(order, seed_)) {}

Plan ChatCompletion::plan() const {
    Random jitter(hash_of("pace", seed_));
    Plan plan;
    plan.headers = headers();
    plan.delay = occasion_.pace.first_token(jitter);
    if (is_true(body_, "stream")) {
        plan.headers.set("content-type", stream_type());
        plan.framing = Framing::Chunked;
        plan.pieces = render_chunks();
    } else {
        plan.delay += occasion_.pace.tokens(answer_.tokens.completion, jitter);
        plan.pieces.push_back({Wait(0), render_whole()});
    }
    return plan;
}

bool ChatCompletion::is_stream_option(std::string_view name) const {
    const Json* options = find_field(body_, "stream_options");
    return options != nullptr && is_true(*options, name);
}

std::string ChatCompletion::render_whole() const {
    Json reply = head(Part::Whole);
    Json choices = Json::array();
    for (const Choice& one : answer_.choices) choices.push_back(choice(choices.size(), one));
    reply["choices"] = std::move(choices);
    reply["usage"] = usage(answer_.tokens);
    reply.update(tail());
    if (is_true(body_, "x_echo")) reply["x_echo"] = echo();
    return reply.dump();
}

Json ChatCompletion::tail() const {
    return Json::object();
}

void ChatCompletion::adjust(StreamShape&) const {}

std::vector<Piece> ChatCompletion::render_chunks() const {
    StreamShape shape;
    shape.head = head(Part::Chunk).dump();
    shape.head = shape.head.substr(1, shape.head.size() - 2);
    if (is_stream_option("include_usage")) shape.usage = usage(answer_.tokens).dump();
    if (is_true(body_, "x_echo")) shape.first_extra = ",\"x_echo\":" + echo().dump();
    adjust(shape);
    std::vector<std::vector<Delta>> choices;
    for (const Choice& one : answer_.choices) choices.push_back(deltas(one));
    return render_stream(shape, choices, occasion_.pace, Random(hash_of("stream", seed_)));
}

Json ChatCompletion::echo() const {
    return unknown_fields(body_, fields_);
}

Json render_function_call(const ToolCall& call) {
    return {{"id", call.id},
            {"type", "function"},
            {"function", {{"name", call.name}, {"arguments", call.arguments}}}};
}

void add_tokens(std::vector<Delta>& deltas, std::string_view text, std::string_view before,
                std::string_view behind) {
    for (const std::string_view token : split_tokens(text)) {
        std::string json(before);
        append_json_string(json, token);
        deltas.push_back({.json = json.append(behind), .tokens = 1});
    }
}

Json render_logprobs(std::string_view text, std::int64_t top, std::uint64_t seed) {
    Json content = Json::array();
    for (const std::string_view token : split_tokens(text)) {
        content.push_back(render_logprob(token, top, seed));
    }
    return content;
}

}  // namespace aigw::simulated
