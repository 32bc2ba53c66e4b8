// Probes. The body of /health is the union of what the probes of older gateways
// compare.
#include "base/text.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {

namespace {

engine::Reply alive(const engine::Call& call, const config::HealthOptions& options) {
    const TimePoint now = call.loop().now();
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    return json_reply(200, R"({"status":)" + json_string(options.status_word) +
                               R"(,"service":"ai-gateway","version":")" AIGW_VERSION
                               R"(","timestamp":)" +
                               std::to_string(seconds) + R"(,"time":")" + render_time(now) + "\"}");
}

}  // namespace

HandlerResult health(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    const config::HealthOptions& options = pipeline.at(call.loop()).assembly->config.health;
    if (options.enabled) co_return alive(call, options);
    co_return refuse(Error{ErrorCode::NotFound, "this probe is switched off",
                           "ask /health/live or /health/ready"},
                     call, pipeline, route.path);
}

HandlerResult health_live(engine::Call& call, exchange::Pipeline& pipeline, const Route&) {
    co_return alive(call, pipeline.at(call.loop()).assembly->config.health);
}

// False as soon as the gateway drains: a balancer must stop sending before the listener closes.
HandlerResult health_ready(engine::Call&, exchange::Pipeline& pipeline, const Route&) {
    if (pipeline.is_draining) co_return json_reply(503, R"({"status":"draining"})");
    co_return json_reply(200, R"({"status":"ready"})");
}

}  // namespace aigw::sidecar
