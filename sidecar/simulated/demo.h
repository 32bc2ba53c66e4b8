// A gateway that needs no key and no network: simulated vendors in this process, and every platform
// pointed at them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "config/config.h"

namespace aigw::simulated {

class Demo {
public:
    // Listens on a free port of this machine until destroyed.
    static Result<std::unique_ptr<Demo>> start(std::uint64_t seed);
    ~Demo();

    // Every platform keeps its name, models and limits, and calls the simulated vendor instead of
    // its own. Without any platform, one of each simulated vendor is added.
    void apply(config::Config& config) const;

private:
    Demo();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace aigw::simulated
