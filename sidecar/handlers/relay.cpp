// POST /v1/chat/completions, /v1/responses, /v1/messages, /v1/completions, /v1/embeddings and their
// older paths: an exchange each.
#include <cassert>

#include "sidecar/exchange/client_address.h"
#include "sidecar/exchange/exchange.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {

HandlerResult relay(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    assert(route.relays);
    const Relayed asked = *route.relays;
    std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify_caller(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    const std::string_view path = call.head().path;
    const auto located = locate(assembly->snapshot.router(), path, false);
    const std::string_view model = model_of_path(path);
    std::string id = make_request_id(call.loop().now(), call.loop().random());
    exchange::Caller caller{.principal = *principal,
                            .route = route.path,
                            .default_model = model.empty() && located ? located->model : model,
                            .upstream_path = located ? located->upstream_path : std::string(),
                            .address = exchange::client_address(call, *assembly),
                            .protocol = asked.protocol};
    auto exchange = std::make_unique<exchange::Exchange>(
        call, pipeline, std::move(assembly), std::move(caller), asked.operation, std::move(id));
    co_return co_await exchange::Exchange::run(std::move(exchange));
}

}  // namespace aigw::sidecar
