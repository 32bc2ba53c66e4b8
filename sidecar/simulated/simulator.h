// All simulated vendors behind one address, still without a socket: finds the vendor by path, and
// the fault by whatever asks for one.
//
// Faults:  the header `x-sim-fault: NAME`, else the model `sim-fault-NAME`, else the key
//          `sk-fault-NAME`, else the shares of the options, drawn from the seed and the request's
//          number.
// Threads: safe from every loop; only two counters change.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sidecar/simulated/faults.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated {

struct Options {
    std::uint64_t seed = 1;
    Pace pace{};
    std::string profile = "all";       // or the name of one vendor
    std::vector<FaultShare> faults{};  // for all requests
    std::size_t kept_requests = 64;    // how many the request log holds
};

// Errors: usage, for a profile nobody has heard of.
Result<void> check_profile(std::string_view profile);

class Simulator {
public:
    explicit Simulator(const Options& options);
    ~Simulator();
    Simulator(const Simulator&) = delete;
    Simulator& operator=(const Simulator&) = delete;

    Plan answer(const http::Request& request, TimePoint now);

private:
    struct Mounted;
    const Mounted* find_mounted(const http::Request& request) const;
    // The fault for this request; nullptr for none.
    Result<const FaultRow*> choose_fault(const http::Request& request,
                                         const SimulatedVendor& vendor,
                                         std::uint64_t ordinal) const;

    std::vector<Mounted> vendors_;
    std::vector<FaultShare> shares_;
    std::uint64_t seed_;
    std::atomic<std::uint64_t> requests_{0};
    std::atomic<std::uint64_t> flaps_{0};
};

}  // namespace aigw::simulated
