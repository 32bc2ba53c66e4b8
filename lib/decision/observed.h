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

namespace aigw::decision {

class Observed {
public:
    virtual ~Observed() = default;

    // How the claim's window stands at `now`; counts nothing.
    virtual limits::Reading read(const limits::Claim& claim, TimePoint now) const = 0;
    // Until when a platform is left alone because it failed; nullopt: it may be called.
    virtual std::optional<TimePoint> open_until(std::string_view platform, TimePoint now) const = 0;
};

// The live counters. No platform's circuit is ever open.
class ObservedCells final : public Observed {
public:
    // Borrows the cells.
    explicit ObservedCells(const limits::Cells& cells) : cells_(cells) {}

    limits::Reading read(const limits::Claim& claim, TimePoint now) const override {
        return cells_.read(claim, now);
    }
    std::optional<TimePoint> open_until(std::string_view, TimePoint) const override {
        return std::nullopt;
    }

private:
    const limits::Cells& cells_;
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
