// Everything that changes while the gateway runs, as `decide` may see it: reads only.
//
// Why:     one interface, so that the same `decide` serves live counters, a caller's private set of
//          counters, and records of the past.
// Shape:   values are kept by name, outside any snapshot; a reload keeps them.
// Threads: implementations may be read from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.h"
#include "limits/cells.h"
#include "routing/health.h"
#include "routing/tickets.h"

namespace aigw::decision {

class Observed {
public:
    virtual ~Observed() = default;

    // How the claim's window stands at `now`; counts nothing.
    virtual limits::Reading read(const limits::Claim& claim, TimePoint now) const = 0;
    // Until when a platform is left alone because it failed; nullopt: it may be called.
    virtual std::optional<TimePoint> open_until(std::string_view platform, TimePoint now) const = 0;
    // Since when a platform is called again that was left alone for failing; nullopt: it was not.
    virtual std::optional<TimePoint> back_since(std::string_view platform) const = 0;
    // How many calls of a platform are under way.
    virtual std::uint32_t in_flight(std::string_view platform) const = 0;
    // The ticket that the next request of a balanced group will draw.
    virtual std::uint64_t next_ticket(std::string_view group) const = 0;
};

// The live counters, what is known of the platforms' health, and the groups' turns.
class ObservedLive final : public Observed {
public:
    // Borrows them.
    ObservedLive(const limits::Cells& cells, const routing::Health& health,
                 const routing::Tickets& tickets)
        : cells_(cells), health_(health), tickets_(tickets) {}

    limits::Reading read(const limits::Claim& claim, TimePoint now) const override {
        return cells_.read(claim, now);
    }
    std::optional<TimePoint> open_until(std::string_view platform, TimePoint now) const override {
        return health_.open_until(platform, now);
    }
    std::optional<TimePoint> back_since(std::string_view platform) const override {
        return health_.back_since(platform);
    }
    std::uint32_t in_flight(std::string_view platform) const override {
        return health_.in_flight(platform);
    }
    std::uint64_t next_ticket(std::string_view group) const override {
        return tickets_.peek(group);
    }

private:
    const limits::Cells& cells_;
    const routing::Health& health_;
    const routing::Tickets& tickets_;
};

// Nothing was counted and nothing failed: what a command sees that looks at a configuration alone.
class ObservedNothing final : public Observed {
public:
    limits::Reading read(const limits::Claim&, TimePoint) const override { return {}; }
    std::optional<TimePoint> open_until(std::string_view, TimePoint) const override {
        return std::nullopt;
    }
    std::optional<TimePoint> back_since(std::string_view) const override { return std::nullopt; }
    std::uint32_t in_flight(std::string_view) const override { return 0; }
    std::uint64_t next_ticket(std::string_view) const override { return 0; }
};

}  // namespace aigw::decision
