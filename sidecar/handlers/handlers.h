// One function per route: read, admit, act, render. The work is done in the rooms below.
#pragma once

#include "sidecar/engine/server.h"
#include "sidecar/exchange/pipeline.h"
#include "sidecar/routes.h"

namespace aigw::sidecar {

using HandlerResult = engine::Task<engine::Reply>;

// An exchange for whatever the route relays.
HandlerResult relay(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult calculate(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult batch_calculate(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult list_models(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult get_model(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult health(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult health_live(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult health_ready(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);
HandlerResult metrics_text(engine::Call& call, exchange::Pipeline& pipeline, const Route& route);

// Who calls. Errors: those of identity::Identifier.
Result<const Principal*> identify(const engine::Call& call, const assembly::Assembly& assembly);
// The same for calls of models: who presents no key may be served in a namespace without one.
Result<const Principal*> identify_caller(const engine::Call& call,
                                         const assembly::Assembly& assembly);
// What the caller speaks, by the path and by what only one kind of SDK sends.
Protocol protocol_of(const engine::RequestHead& head);
// An error in the caller's envelope, counted and logged as a finished request.
engine::Reply refuse(const Error& error, engine::Call& call, exchange::Pipeline& pipeline,
                     std::string_view route);
engine::Reply json_reply(int status, std::string body);

}  // namespace aigw::sidecar
