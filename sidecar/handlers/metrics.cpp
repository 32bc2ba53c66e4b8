// GET /metrics: what has been counted, and how things stand now.
#include <atomic>
#include <mutex>

#include "sidecar/engine/upstream.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

using SharedAssembly = std::shared_ptr<const assembly::Assembly>;

// Filled by all loops, each of which knows its own connections only.
struct Seen {
    explicit Seen(std::size_t platforms, std::size_t loops) : states(platforms), missing(loops) {}
    std::mutex mutex;  // guards states
    std::vector<metrics::PlatformState> states;
    std::atomic<std::size_t> missing;  // loops that have not looked yet
};

void look(engine::Loop& loop, const assembly::Assembly& assembly, Seen& seen) {
    {
        const std::lock_guard lock(seen.mutex);
        for (std::size_t i = 0; i < seen.states.size(); ++i) {
            const auto* pool = loop.upstreams().find_pool(assembly.platforms[i].base);
            if (pool == nullptr) continue;
            seen.states[i].idle_connections += pool->idle();
            seen.states[i].busy_connections += pool->busy();
        }
    }
    --seen.missing;
}

// A loop that is slow to answer is left out: a scrape must not wait for what it is to find out.
engine::Task<std::vector<metrics::PlatformState>> look_at_platforms(engine::Loop& here,
                                                                    exchange::Pipeline& pipeline,
                                                                    SharedAssembly assembly) {
    constexpr std::chrono::milliseconds kStep{1};
    constexpr std::chrono::milliseconds kPatience{200};
    engine::LoopSet& loops = pipeline.loops();
    const auto seen = std::make_shared<Seen>(assembly->platforms.size(), loops.size());
    look(here, *assembly, *seen);
    for (std::size_t i = 0; i < loops.size(); ++i) {
        engine::Loop& loop = loops.at(i);
        if (&loop != &here) loop.post([&loop, assembly, seen] { look(loop, *assembly, *seen); });
    }
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (seen->missing > 0 && std::chrono::steady_clock::now() < until)
        co_await here.sleep(kStep);
    const std::lock_guard lock(seen->mutex);
    std::vector<metrics::PlatformState> states = seen->states;
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i].name = assembly->snapshot.platform(static_cast<std::uint16_t>(i)).name;
        states[i].is_left_alone =
            pipeline.health().open_until(states[i].name, here.now()).has_value();
    }
    co_return states;
}

}  // namespace

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
    const std::vector<metrics::PlatformState> platforms =
        co_await look_at_platforms(call.loop(), pipeline, assembly);
    reply.body = assembly->config.metrics.exports("s1")
                     ? pipeline.metrics().render(platforms, method_of_route)
                     : pipeline.metrics().render(platforms);
    co_return reply;
}

}  // namespace aigw::sidecar
