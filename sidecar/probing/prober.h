// Active probes: the platforms that have a `health.path` are asked for it again and again, so that
// one that is down is left alone before a call finds it out, and one that is up again gets calls
// before the time that it was to be left alone is over.
//
// Cost:    nothing at the vendor: a GET of a path of its own, with the platform's key, never a
//          model call; one at a time for each platform, however many loops there are.
// Meaning: 2xx: it is well. No answer, half of one, or 5xx: it failed, as a call fails. Any other
//          answer is a refusal: the vendor is up, which counts neither way.
// Pace:    every `health.every`, a tenth more or less; the first at any moment of that time, so
//          that many gateways that start together do not ask together.
// Threads: follow() and stop() from one thread; each probe runs on a loop of its own.
// Owner:   the gateway. It stops the loops before it goes, and the prober before the loops.
// Source:  gateway.toml(5), `health`.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "sidecar/assembly/assembly.h"
#include "sidecar/engine/loop.h"
#include "sidecar/exchange/pipeline.h"

namespace aigw::probing {

enum class Outcome : std::uint8_t { Healthy, Failed, Refused };

std::string_view name_of(Outcome outcome);  // "healthy", "failed", "refused"
// What an answer of that status says; 0: none came, or not all of it.
Outcome outcome_of(int status);

class PlatformProbe;

class Prober {
public:
    // Borrows them; probes nothing yet.
    Prober(engine::LoopSet& loops, exchange::Pipeline& pipeline);
    ~Prober();  // stops

    // From here on probes the platforms of that configuration, and those of none before it.
    void follow(const std::shared_ptr<const assembly::Assembly>& assembly);
    // What is under way ends without an outcome.
    void stop();

private:
    engine::LoopSet& loops_;
    exchange::Pipeline& pipeline_;
    std::vector<std::shared_ptr<PlatformProbe>> probes_;
};

}  // namespace aigw::probing
