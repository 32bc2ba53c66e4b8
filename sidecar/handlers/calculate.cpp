// POST /calculate and /batch-calculate: how many tokens texts and chats have, without any call.
//
// Shape:   {text, model_name} or {model, messages, …} gives {token_count, model, success, exact,
//          counter}; {texts, model_name} gives {token_counts, total_tokens, …}. `count: "content"`
//          counts a chat's texts alone, joined with line breaks, as the older token counter did.
// Errors:  400 {detail} for a model that nobody knows, missing fields and wrong types; what is
//          refused before (the key) comes in OpenAI's envelope.
// Source:  the older token counter's API.
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "identity/identifier.h"
#include "sidecar/handlers/handlers.h"
#include "tokens/prompt.h"

namespace aigw::sidecar {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostTexts = 1000;

// What a request asks for, read and found right.
struct CountRequest {
    std::string model{};
    std::vector<std::string> texts{};
    bool is_chat = false;  // the body's messages; no texts
    tokens::CountMode mode = tokens::CountMode::Prompt;
};

Error refused(std::string message) {
    return {ErrorCode::InvalidRequest, std::move(message)};
}

// The first of the names that is there; it must be a string.
Result<std::string> read_string(const Json& body, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        const auto found = body.find(name);
        if (found == body.end() || found->is_null()) continue;
        if (!found->is_string()) return refused(std::string(name) + " must be a string");
        return found->get<std::string>();
    }
    return refused(std::string(*names.begin()) + " is missing");
}

Result<Json> parse_body(std::string_view bytes) {
    Json body = Json::parse(bytes, nullptr, false);
    if (!body.is_object()) return refused("the request body must be a JSON object");
    return body;
}

Result<CountRequest> read_single(const Json& body) {
    CountRequest request;
    request.model = TRY(read_string(body, {"model_name", "model"}));
    if (body.contains("text")) {
        request.texts.push_back(TRY(read_string(body, {"text"})));
        return request;
    }
    const auto messages = body.find("messages");
    if (messages == body.end()) return refused("text or messages is missing");
    if (!messages->is_array() || messages->empty())
        return refused("messages must be an array of messages");
    request.is_chat = true;
    if (!body.contains("count")) return request;
    const std::string mode = TRY(read_string(body, {"count"}));
    if (mode != "content" && mode != "prompt")
        return refused("count must be \"prompt\" or \"content\"");
    if (mode == "content") request.mode = tokens::CountMode::Contents;
    return request;
}

Result<CountRequest> read_batch(const Json& body) {
    CountRequest request;
    request.model = TRY(read_string(body, {"model_name", "model"}));
    const auto texts = body.find("texts");
    if (texts == body.end()) return refused("texts is missing");
    if (!texts->is_array()) return refused("texts must be an array of strings");
    if (texts->size() > kMostTexts)
        return refused("texts has more than " + std::to_string(kMostTexts) + " elements");
    for (const Json& text : *texts) {
        if (!text.is_string()) return refused("texts must be an array of strings");
        request.texts.push_back(text.get<std::string>());
    }
    return request;
}

// Known is what has a counter of its own, or a way to a platform.
Result<tokens::ModelCounter> find_counter(const std::string& model,
                                          const assembly::Assembly& assembly) {
    const auto match = assembly.snapshot.router().find(model);
    const bool is_routed = match && !match->platforms.empty();
    if (!is_routed && !assembly.counters.knows(model))
        return refused("the model " + json_string(model.substr(0, 100)) + " is not known");
    return assembly.counters.find(model);
}

struct Counts {
    std::vector<std::int64_t> tokens{};
    bool is_exact = true;
    std::string counter{};

    void add(const tokens::PromptCount& count) {
        tokens.push_back(count.tokens);
        is_exact = is_exact && count.is_exact;
        counter = count.counter;
    }
};

Result<Counts> count(const CountRequest& request, std::string_view body,
                     const tokens::ModelCounter& model, const tokens::CountOptions& options,
                     tokens::Counters& counters) {
    tokens::Counter& counter = *TRY(counters.find(model.encoding));
    Counts counts;
    for (const std::string& text : request.texts)
        counts.add(tokens::count_text(text, model, counter, options));
    if (request.is_chat) {
        const auto prompt = TRY(tokens::read_prompt(body, Protocol::OpenAi, Operation::Chat));
        counts.add(tokens::count_prompt(prompt, model, counter, options));
    }
    return counts;
}

engine::Reply refuse_calculation(const Error& error) {
    const Json body{{"detail", error.message}};
    return json_reply(error.http_status(),
                      body.dump(-1, ' ', false, Json::error_handler_t::replace));
}

using Read = Result<CountRequest> (*)(const Json& body);
using Render = void (*)(const Counts& counts, Json& reply);

engine::Task<Result<Json>> answer(engine::Call& call, exchange::Pipeline& pipeline, Read read,
                                  Render render) {
    const auto assembly = pipeline.at(call.loop()).assembly;
    CO_TRY(const std::string_view body, co_await call.body());
    CO_TRY(const Json parsed, parse_body(body));
    CO_TRY(const CountRequest request, read(parsed));
    CO_TRY(const tokens::ModelCounter model, find_counter(request.model, *assembly));
    const tokens::CountOptions options{.mode = request.mode,
                                       .max_exact_bytes = assembly->config.tokens.max_exact_bytes};
    Counts counts;
    CO_CHECK(co_await pipeline.counting().run(
        call.loop(), body.size(), model.encoding, [&](tokens::Counters& counters) -> Result<void> {
            counts = TRY(count(request, body, model, options, counters));
            return {};
        }));
    Json reply = Json::object();
    render(counts, reply);
    reply["model"] = request.model;
    reply["success"] = true;
    reply["exact"] = counts.is_exact;
    reply["counter"] = counts.counter;
    co_return reply;
}

HandlerResult calculate_as(engine::Call& call, exchange::Pipeline& pipeline, const Route& route,
                           Read read, Render render) {
    const std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    auto reply = co_await answer(call, pipeline, read, render);
    if (!reply && reply.error().code == ErrorCode::InvalidRequest)
        co_return refuse_calculation(reply.error());
    if (!reply) co_return refuse(reply.error(), call, pipeline, route.path);
    co_return json_reply(200, reply->dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace

HandlerResult calculate(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return calculate_as(call, pipeline, route, &read_single, [](const Counts& counts, Json& reply) {
        reply["token_count"] = counts.tokens.front();
    });
}

HandlerResult batch_calculate(engine::Call& call, exchange::Pipeline& pipeline,
                              const Route& route) {
    return calculate_as(call, pipeline, route, &read_batch, [](const Counts& counts, Json& reply) {
        std::int64_t total = 0;
        for (const std::int64_t tokens : counts.tokens) total += tokens;
        reply["token_counts"] = counts.tokens;
        reply["total_tokens"] = total;
    });
}

}  // namespace aigw::sidecar
