#include "sidecar/gateway.h"

#include <algorithm>
#include <future>
#include <thread>

#include "config/listeners.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/engine/inherited.h"
#include "sidecar/engine/server.h"
#include "sidecar/exchange/pipeline.h"
#include "sidecar/log/log.h"
#include "sidecar/probing/prober.h"
#include "sidecar/routes.h"

namespace aigw::sidecar {
namespace {

// While draining: for requests that are on their way, and for errors instead of replies.
constexpr std::chrono::milliseconds kLastCall{500};
constexpr std::chrono::milliseconds kLastWords{1'000};

TimePoint wall_clock() {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

engine::TlsFiles tls_files(const config::TlsOptions& options) {
    return {.cert = options.cert, .key = options.key, .client_ca = options.client_ca};
}

engine::ServerOptions server_options(const config::ServerOptions& options) {
    return {.listen = options.listen,
            .header_timeout = options.timeouts.header,
            .body_timeout = options.timeouts.body,
            .idle_timeout = options.timeouts.idle,
            .write_timeout = options.timeouts.write,
            .max_body_bytes = options.max_body,
            .max_buffered_bytes = options.max_buffered,
            .max_connections = options.max_connections,
            .tls = tls_files(options.tls)};
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
          pipeline(loops, assembly, log),
          prober(loops, pipeline) {}
    ~Parts() {
        prober.stop();
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
    probing::Prober prober;
    std::unique_ptr<engine::Server> server;
};

Gateway::Gateway() = default;
Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::start(config::Config config, GatewayOptions options) {
    if (!options.inherited_listeners.empty())
        config.server.listen = TRY(engine::addresses_of(options.inherited_listeners));
    TRY(config::check_listeners(config));
    engine::ServerOptions listening = server_options(config.server);
    listening.inherited = options.inherited_listeners;
    auto assembly = TRY(assembly::assemble(std::move(config), wall_clock()));
    std::unique_ptr<Gateway> gateway(new Gateway());
    gateway->parts_ = std::make_unique<Parts>(assembly->config, options, assembly);
    Parts& parts = *gateway->parts_;
    parts.server = TRY(
        engine::Server::listen(std::move(listening), parts.loops, make_handler(parts.pipeline)));
    parts.prober.follow(parts.assembly);
    return gateway;
}

const std::vector<std::string>& Gateway::addresses() const {
    return parts_->server->addresses();
}
bool Gateway::is_tls() const {
    return parts_->server->is_tls();
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
    const engine::TlsFiles tls = tls_files(config.server.tls);
    auto assembly = TRY(assembly::assemble(std::move(config), wall_clock()));
    TRY(parts_->server->read_certificates(tls));
    parts_->assembly = std::move(assembly);
    parts_->pipeline.replace(parts_->assembly);
    parts_->prober.follow(parts_->assembly);
    parts_->log.info("configuration reloaded",
                     {{"platforms", static_cast<std::int64_t>(platforms())},
                      {"models", static_cast<std::int64_t>(models())}});
    return {};
}

bool Gateway::responds(std::chrono::milliseconds patience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    std::vector<std::future<void>> answers;
    for (std::size_t i = 0; i < parts_->loops.size(); ++i) {
        const auto answer = std::make_shared<std::promise<void>>();
        answers.push_back(answer->get_future());
        parts_->loops.at(i).post([answer] { answer->set_value(); });
    }
    return std::all_of(answers.begin(), answers.end(), [&](const std::future<void>& answer) {
        return answer.wait_until(until) == std::future_status::ready;
    });
}

bool Gateway::drain() {
    Parts& parts = *parts_;
    engine::Server& server = *parts.server;
    const std::chrono::milliseconds timeout = parts.assembly->config.server.drain_timeout;
    const auto wait_for_end = [&server](std::chrono::milliseconds patience) {
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!server.is_drained() && std::chrono::steady_clock::now() < until)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
    };
    parts.pipeline.is_draining = true;
    parts.prober.stop();
    server.drain(std::min(timeout, kLastCall));
    wait_for_end(timeout);
    const bool is_cut = server.busy_connections() > 0;
    if (is_cut) {
        server.interrupt();
        wait_for_end(kLastWords);
    }
    return !is_cut;
}

}  // namespace aigw::sidecar
