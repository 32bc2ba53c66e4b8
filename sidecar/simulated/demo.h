// The simulated vendors of `aigw serve --demo`: on a port of their own, in the place of the real
// ones.
//
// Threads: start, apply and destroy from one thread; the vendors run on a loop of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"

namespace aigw::simulated {

class Demo {
public:
    // Listens on any free port of this machine.
    static Result<std::unique_ptr<Demo>> start(std::uint64_t seed);
    ~Demo();
    Demo(const Demo&) = delete;
    Demo& operator=(const Demo&) = delete;

    // Turns every platform to the simulated vendor of its provider; where there is no platform,
    // adds one named "demo" that takes every model.
    void apply(config::Config& config) const;

private:
    explicit Demo(std::uint64_t seed) : loops_(1, seed) {}
    std::string url_of(std::string_view provider) const;

    engine::LoopSet loops_;
    std::unique_ptr<engine::Server> server_{};
};

}  // namespace aigw::simulated
