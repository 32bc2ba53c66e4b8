// Everything that one answer needs beside the request.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "sidecar/simulated/pace.h"

namespace aigw::simulated {

struct Occasion {
    std::uint64_t seed = 0;          // the vendor's
    std::uint64_t request_seed = 0;  // of this very request
    TimePoint now{};
    Pace pace{};

    // `now` in seconds of the Unix epoch.
    std::int64_t created() const {
        return std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    }
};

}  // namespace aigw::simulated
