// POST /v1/chat/completions, /v1/responses, /v1/messages, /v1/completions, /v1/embeddings and their
// older paths: an exchange each.
#include "sidecar/exchange/client_address.h"
#include "sidecar/exchange/exchange.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

// "qwen-max" of "/v1/engines/qwen-max/completions"; empty on paths without an engine.
std::string_view engine_of(std::string_view path) {
    constexpr std::string_view kStem = "/v1/engines/";
    if (!path.starts_with(kStem)) return {};
    path.remove_prefix(kStem.size());
    return path.substr(0, path.find('/'));
}

HandlerResult relay(engine::Call& call, exchange::Pipeline& pipeline, const Route& route,
                    Operation operation, Protocol protocol = Protocol::OpenAi) {
    std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify_caller(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    std::string id = make_request_id(call.loop().now(), call.loop().random());
    exchange::Caller caller{.principal = *principal,
                            .route = route.path,
                            .default_model = engine_of(call.head().path),
                            .address = exchange::client_address(call, *assembly),
                            .protocol = protocol};
    auto exchange = std::make_unique<exchange::Exchange>(
        call, pipeline, std::move(assembly), std::move(caller), operation, std::move(id));
    co_return co_await exchange::Exchange::run(std::move(exchange));
}

// What the path means that a location makes of the caller's; chat where it is none of ours.
struct Meaning {
    Operation operation = Operation::Chat;
    Protocol protocol = Protocol::OpenAi;
};

Meaning meaning_of(std::string_view path, const engine::RequestHead& head) {
    if (path.ends_with("/messages/count_tokens"))
        return {Operation::CountTokens, Protocol::Anthropic};
    if (path.ends_with("/messages")) return {Operation::Chat, Protocol::Anthropic};
    if (path.ends_with("/responses")) return {Operation::Chat, Protocol::Responses};
    if (path.ends_with("/embeddings")) return {Operation::Embeddings, Protocol::OpenAi};
    const bool is_chat = path.ends_with("/chat/completions");
    if (path.ends_with("/completions") && !is_chat)
        return {Operation::Completions, Protocol::OpenAi};
    const bool is_anthropic = head.find("anthropic-version").has_value();
    return {Operation::Chat, is_anthropic ? Protocol::Anthropic : Protocol::OpenAi};
}

}  // namespace

// A path of a location has no row of its own: its metrics go under one name.
HandlerResult location(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    const decision::Snapshot& snapshot = pipeline.at(call.loop()).assembly->snapshot;
    const routing::Route* found = snapshot.router().find_location(call.head().path);
    const std::string path = found != nullptr ? found->rewritten(call.head().path) : std::string();
    const Meaning meaning = meaning_of(path, call.head());
    return relay(call, pipeline, route, meaning.operation, meaning.protocol);
}

HandlerResult chat_completions(engine::Call& call, exchange::Pipeline& pipeline,
                               const Route& route) {
    return relay(call, pipeline, route, Operation::Chat);
}

HandlerResult responses(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return relay(call, pipeline, route, Operation::Chat, Protocol::Responses);
}

HandlerResult messages(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return relay(call, pipeline, route, Operation::Chat, Protocol::Anthropic);
}

HandlerResult count_tokens(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return relay(call, pipeline, route, Operation::CountTokens, Protocol::Anthropic);
}

HandlerResult completions(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return relay(call, pipeline, route, Operation::Completions);
}

HandlerResult embeddings(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return relay(call, pipeline, route, Operation::Embeddings);
}

}  // namespace aigw::sidecar
