// What every request of a gateway shares: the assembly in force, the counters, metrics, log.
//
// Threads: one LoopState per loop, touched on that loop only; a reload posts the new assembly to
//          each of them. The cells are shared by all loops and lock by themselves.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "decision/observed.h"
#include "limits/cells.h"
#include "protocol/request_facts.h"
#include "routing/health.h"
#include "routing/tickets.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/counting/counting.h"
#include "sidecar/engine/loop.h"
#include "sidecar/log/log.h"
#include "sidecar/metrics/metrics.h"

namespace aigw::exchange {

struct LoopState {
    std::shared_ptr<const assembly::Assembly> assembly{};
    counting::CounterCache counters{};  // the assembly's
    protocol::FactsReader facts{};
    metrics::LoopMetrics* metrics = nullptr;
};

class Pipeline {
public:
    Pipeline(engine::LoopSet& loops, const std::shared_ptr<const assembly::Assembly>& assembly,
             log::Log& log);

    LoopState& at(const engine::Loop& loop);
    engine::LoopSet& loops() { return loops_; }
    // Requests that begin after it see the new assembly; those under way keep theirs. Thread-safe.
    void replace(const std::shared_ptr<const assembly::Assembly>& assembly);

    limits::Cells& cells() { return cells_; }
    routing::Health& health() { return health_; }
    // Of keys of platforms that have several: only their rest is known.
    routing::Health& keys() { return keys_; }
    routing::Tickets& tickets() { return tickets_; }
    const decision::Observed& observed() const { return observed_; }
    metrics::Metrics& metrics() { return metrics_; }
    log::Log& log() { return log_; }
    counting::Counting& counting() { return counting_; }

    std::atomic<bool> is_draining{false};

private:
    engine::LoopSet& loops_;
    log::Log& log_;
    limits::Cells cells_;
    routing::Health health_;
    routing::Health keys_;
    routing::Tickets tickets_;
    decision::ObservedLive observed_{cells_, health_, tickets_};
    metrics::Metrics metrics_;
    std::vector<std::unique_ptr<LoopState>> states_;
    counting::Counting counting_;  // the last: its pool ends before what is above
};

}  // namespace aigw::exchange
