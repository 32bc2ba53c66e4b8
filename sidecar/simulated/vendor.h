// A simulated vendor: the vendor's own wire, refusals included, without the vendor.
//
// It refuses what the vendor refuses, in the vendor's words and shape, so that a gateway which
// translates carelessly fails here and not in production. What it accepts it answers with text
// derived from the prompt.
//
// Repeats: the same seed and the same request give the same text, ids and numbers; only `created`
//          follows `now`. A stream carries what the plain answer to the same request holds.
// Keys:    any `sk-…` is good, except `sk-invalid…`.
// Models:  the vendor's own table, plus every `sim-…` name; `sim-tokens-N` answers N tokens.
// Threads: const after construction; one vendor serves every loop.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "http/message.h"
#include "sidecar/simulated/pace.h"
#include "sidecar/simulated/plan.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated {

class SimulatedVendor {
public:
    virtual ~SimulatedVendor() = default;

    // `request.target` begins with the vendor's mount. Never fails: a refusal is a plan too.
    virtual Plan answer(const http::Request& request, TimePoint now) const = 0;
    // The vendor's own words for a failure, as a whole reply.
    virtual Plan fail(const http::Request& request, const Failure& failure) const = 0;
    // The frame with which a failure shows after the stream that answers `request` has begun.
    virtual std::string error_event(const http::Request& request) const = 0;

    // The model that a request names and the key that it has, known to the vendor or not; "" for
    // none.
    virtual std::string model_of(const http::Request& request) const;
    virtual std::string key_of(const http::Request& request) const;
};

struct VendorOptions {
    std::uint64_t seed = 1;
    Pace pace{};
};

std::unique_ptr<SimulatedVendor> make_openai(const VendorOptions& options);
std::unique_ptr<SimulatedVendor> make_dashscope(const VendorOptions& options);
std::unique_ptr<SimulatedVendor> make_doubao(const VendorOptions& options);
std::unique_ptr<SimulatedVendor> make_gemini(const VendorOptions& options);
std::unique_ptr<SimulatedVendor> make_minimax(const VendorOptions& options);
std::unique_ptr<SimulatedVendor> make_anthropic(const VendorOptions& options);

struct VendorRow {
    std::string_view name;
    std::string_view mount;  // all of the vendor's paths are under it
    std::string_view base;   // where the base URL of a platform points
    std::unique_ptr<SimulatedVendor> (*make)(const VendorOptions&);
};

// Every vendor there is; the longest mount that fits a request's path has it.
std::span<const VendorRow> vendor_rows();

}  // namespace aigw::simulated
