#include "sidecar/gateway.h"

#include <thread>

#include "config/listeners.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/engine/server.h"
#include "sidecar/exchange/pipeline.h"
#include "sidecar/log/log.h"
#include "sidecar/routes.h"

namespace aigw::sidecar {
namespace {

TimePoint wall_clock() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

engine::ServerOptions server_options(const config::ServerOptions& options) {
    return {.listen = options.listen,
            .header_timeout = options.timeouts.header,
            .body_timeout = options.timeouts.body,
            .idle_timeout = options.timeouts.idle,
            .write_timeout = options.timeouts.write,
            .max_body_bytes = options.max_body,
            .max_buffered_bytes = options.max_buffered,
            .max_connections = options.max_connections};
}

}  // namespace

// In order of construction; destroyed the other way round, so that no loop runs when what it uses
// goes.
struct Gateway::Parts {
    Parts(const config::Config& config, const GatewayOptions& options,
          std::shared_ptr<const assembly::Assembly> first)
        : assembly(std::move(first)),
          log(config.log),
          loops(config.server.workers, options.seed),
          pipeline(loops, assembly, log) {}
    ~Parts() {
        if (server) server->stop();
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(2);
        while (server && server->open_connections() > 0 &&
               std::chrono::steady_clock::now() < patience) {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        loops.stop();
    }

    std::shared_ptr<const assembly::Assembly> assembly;
    log::Log log;
    engine::LoopSet loops;
    exchange::Pipeline pipeline;
    std::unique_ptr<engine::Server> server;
};

Gateway::Gateway() = default;
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::start(config::Config config, GatewayOptions options) {
    TRY(config::check_listeners(config));
    const config::ServerOptions listening = config.server;
    auto assembly = TRY(assembly::assemble(std::move(config), wall_clock()));
    std::unique_ptr<Gateway> gateway(new Gateway());
    gateway->parts_ = std::make_unique<Parts>(assembly->config, options, assembly);
    Parts& parts = *gateway->parts_;
    parts.server = TRY(engine::Server::listen(server_options(listening), parts.loops,
                                              make_handler(parts.pipeline)));
    return gateway;
}

const std::vector<std::string>& Gateway::addresses() const {
    return parts_->server->addresses();
}
std::size_t Gateway::models() const {
    return parts_->assembly->models.size();
}
std::size_t Gateway::platforms() const {
    return parts_->assembly->platforms.size();
}

Result<void> Gateway::reload(config::Config config) {
    config.server.listen = parts_->server->addresses();
    TRY(config::check_listeners(config));
    parts_->assembly = TRY(assembly::assemble(std::move(config), wall_clock()));
    parts_->pipeline.replace(parts_->assembly);
    parts_->log.info("configuration reloaded",
                     {{"platforms", static_cast<std::int64_t>(platforms())},
                      {"models", static_cast<std::int64_t>(models())}});
    return {};
}

bool Gateway::drain() {
    Parts& parts = *parts_;
    parts.pipeline.is_draining = true;
    parts.server->drain();
    const auto until =
        std::chrono::steady_clock::now() + parts.assembly->config.server.drain_timeout;
    while (parts.server->busy_connections() > 0 && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return parts.server->busy_connections() == 0;
}

}  // namespace aigw::sidecar
