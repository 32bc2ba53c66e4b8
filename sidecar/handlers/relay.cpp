// POST /v1/chat/completions and /v1/embeddings: an exchange each.
#include "sidecar/exchange/exchange.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

HandlerResult relay(engine::Call& call, exchange::Pipeline& pipeline, const Route& route,
                    Operation operation) {
    std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    std::string id = make_request_id(call.loop().now(), call.loop().random());
    auto exchange = std::make_unique<exchange::Exchange>(call, pipeline, std::move(assembly),
                                                         exchange::Caller{*principal, route.path},
                                                         operation, std::move(id));
    co_return co_await exchange::Exchange::run(std::move(exchange));
}

}  // namespace

HandlerResult chat_completions(engine::Call& call, exchange::Pipeline& pipeline,
                               const Route& route) {
    return relay(call, pipeline, route, Operation::Chat);
}

HandlerResult embeddings(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    return relay(call, pipeline, route, Operation::Embeddings);
}

}  // namespace aigw::sidecar
