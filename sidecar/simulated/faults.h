// The named ways in which a simulated vendor goes wrong.
//
// A fault turns the plan of a healthy answer into the plan of a broken one; it never looks at the
// request. Where a fault speaks of a stream and the answer is none, its whole body is treated
// alike.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated {

enum class FaultKind : std::uint8_t {
    Status,
    Quota,
    HtmlError,
    EmptyError,
    SlowHeaders,
    SlowBody,
    CutStream,
    CutBody,
    StallStream,
    Garbage,
    BadChunk,
    ErrorEvent,
    NoDone,
    Never,
    Close,
    OkErrorBody,
    HugeHeaders,
    Flap,
    SplitBytes,
    KeepAlive,
    CrlfStream,
};

struct FaultRow {
    std::string_view name;
    FaultKind kind;
    int status;  // of Status; else 0
    std::string_view description;
};

std::span<const FaultRow> fault_rows();
// By name; the prefix "status-" may be left out. An unknown name gets a hint.
Result<const FaultRow*> parse_fault(std::string_view name);

// A fault for a part of all requests.
struct FaultShare {
    const FaultRow* fault = nullptr;
    std::uint32_t per_million = 1'000'000;
    friend bool operator==(const FaultShare&, const FaultShare&) = default;
};

// "NAME" or "NAME:P%", 0 < P <= 100, as `--fail` has it.
Result<FaultShare> parse_fault_share(std::string_view text);

// `healthy` is what the vendor would have done; `now` is for the times that some failures tell.
// Flap is the caller's to count: here it fails.
Plan apply_fault(const FaultRow& fault, Plan healthy, const SimulatedVendor& vendor,
                 const http::Request& request, TimePoint now);

}  // namespace aigw::simulated
