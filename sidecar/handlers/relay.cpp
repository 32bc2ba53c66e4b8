// POST /v1/chat/completions, /v1/responses, /v1/messages, /v1/completions, /v1/embeddings and their
// older paths: an exchange each.
#include <cassert>

#include "sidecar/exchange/client_address.h"
#include "sidecar/exchange/exchange.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

// Of a body that names none: the path's, or that of the location which the path belongs to.
std::string_view default_model(std::string_view path, const routing::Router& router) {
    const std::string_view model = model_of_path(path);
    if (!model.empty() || !router.has_locations()) return model;
    const routing::Route* location = router.find_location(path);
    return location != nullptr ? std::string_view(location->upstream_model) : model;
}

std::string upstream_path(const engine::RequestHead& head, const routing::Router& router) {
    const auto located = locate(router, head.path, false);
    return located ? located->upstream_path : std::string();
}

}  // namespace

HandlerResult relay(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    assert(route.relays);
    const Relayed asked = *route.relays;
    std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify_caller(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    std::string id = make_request_id(call.loop().now(), call.loop().random());
    exchange::Caller caller{
        .principal = *principal,
        .route = route.path,
        .default_model = default_model(call.head().path, assembly->snapshot.router()),
        .upstream_path = upstream_path(call.head(), assembly->snapshot.router()),
        .address = exchange::client_address(call, *assembly),
        .protocol = asked.protocol};
    auto exchange = std::make_unique<exchange::Exchange>(
        call, pipeline, std::move(assembly), std::move(caller), asked.operation, std::move(id));
    co_return co_await exchange::Exchange::run(std::move(exchange));
}

}  // namespace aigw::sidecar
