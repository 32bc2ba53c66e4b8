// Probes and metrics. The body of /health is the union of what the probes of older gateways
// compare.
#include "base/text.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {

HandlerResult health(engine::Call& call, exchange::Pipeline&, const Route&) {
    const TimePoint now = call.loop().now();
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    co_return json_reply(200,
                         R"({"status":"healthy","service":"ai-gateway","version":")" AIGW_VERSION
                         R"(","timestamp":)" +
                             std::to_string(seconds) + R"(,"time":")" + render_time(now) + "\"}");
}

// False as soon as the gateway drains: a balancer must stop sending before the listener closes.
HandlerResult health_ready(engine::Call&, exchange::Pipeline& pipeline, const Route&) {
    if (pipeline.is_draining) co_return json_reply(503, R"({"status":"draining"})");
    co_return json_reply(200, R"({"status":"ready"})");
}

HandlerResult metrics_text(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    const std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    if (!assembly->config.metrics.enabled) {
        co_return refuse(
            Error{ErrorCode::NotFound, "metrics are switched off", "set metrics.enabled = true"},
            call, pipeline, route.path);
    }
    if (assembly->config.metrics.require_admin) {
        const auto principal = identify(call, *assembly);
        if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
        if ((*principal)->role != Role::Admin) {
            co_return refuse(Error{ErrorCode::Forbidden, "metrics are for administrators here"},
                             call, pipeline, route.path);
        }
    }
    engine::Reply reply;
    reply.headers.add("content-type", "text/plain; version=0.0.4; charset=utf-8");
    reply.body = pipeline.metrics().render();
    co_return reply;
}

}  // namespace aigw::sidecar
