// Everything that changes while the gateway runs, as `decide` may see it: reads only.
//
// Why:     one interface, so that the same `decide` serves live counters, a caller's private set of
//          counters, and records of the past.
// Shape:   values are kept by name, outside any snapshot; a reload keeps them.
// Threads: implementations may be read from any thread.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"
#include "limits/cells.h"
#include "routing/health.h"

namespace aigw::decision {

class Observed {
public:
    virtual ~Observed() = default;

    // How the claim's window stands at `now`; counts nothing.
    virtual limits::Reading read(const limits::Claim& claim, TimePoint now) const = 0;
    // Until when a platform is left alone because it failed; nullopt: it may be called.
    virtual std::optional<TimePoint> open_until(std::string_view platform, TimePoint now) const = 0;
};

// The live counters and what is known of the platforms' health.
class ObservedLive final : public Observed {
public:
    // Borrows both.
    ObservedLive(const limits::Cells& cells, const routing::Health& health)
        : cells_(cells), health_(health) {}

    limits::Reading read(const limits::Claim& claim, TimePoint now) const override {
        return cells_.read(claim, now);
    }
    std::optional<TimePoint> open_until(std::string_view platform, TimePoint now) const override {
        return health_.open_until(platform, now);
    }

private:
    const limits::Cells& cells_;
    const routing::Health& health_;
};

// Nothing was counted and nothing failed: what a command sees that looks at a configuration alone.
class ObservedNothing final : public Observed {
public:
    limits::Reading read(const limits::Claim&, TimePoint) const override { return {}; }
    std::optional<TimePoint> open_until(std::string_view, TimePoint) const override {
        return std::nullopt;
    }
};

}  // namespace aigw::decision
