#include "decision/warm_up.h"

#include <algorithm>

#include "routing/slow_start.h"

namespace aigw::decision {
namespace {

// Looks after members of a balanced group that are just back from failing.
class WarmUp {
public:
    WarmUp(const Selection& selection, const Observed& observed)
        : selection_(selection), observed_(observed) {}

    std::optional<Warming> apply(std::uint64_t ticket, std::span<PlatformIndex> places) const {
        const auto may_be_called = [this](PlatformIndex index) { return is_called(index); };
        const auto first = std::ranges::find_if(places, may_be_called);
        if (first == places.end()) return std::nullopt;
        const Warming warming{.platform = *first, .warmth = warmth_of(*first)};
        if (warming.warmth == routing::kFullWarmth) return std::nullopt;
        if (routing::takes_turn(warming.warmth, ticket)) return warming;
        const auto next = std::find_if(first + 1, places.end(), [this](PlatformIndex index) {
            return is_called(index) && warmth_of(index) == routing::kFullWarmth;
        });
        if (next != places.end()) std::rotate(first, first + 1, next + 1);
        return warming;
    }

private:
    const Platform& platform(PlatformIndex index) const {
        return selection_.snapshot->platform(index);
    }

    bool is_called(PlatformIndex index) const {
        const Platform& it = platform(index);
        return it.is_enabled && !it.is_draining && !observed_.open_until(it.name, selection_.at);
    }

    std::uint32_t warmth_of(PlatformIndex index) const {
        const Platform& it = platform(index);
        if (it.slow_start.count() == 0) return routing::kFullWarmth;
        return routing::warmth_at(selection_.at, observed_.back_since(it.name), it.slow_start);
    }

    const Selection& selection_;
    const Observed& observed_;
};

}  // namespace

bool warms_up(const Snapshot& snapshot, const routing::Balance& group) {
    if (group.algorithm() == routing::Algorithm::Failover) return false;
    return std::ranges::any_of(group.members(), [&](const routing::Member& member) {
        return snapshot.platform(member.platform).slow_start.count() > 0;
    });
}

std::optional<Warming> warm_up(const Selection& selection, const Observed& observed,
                               std::uint64_t ticket, std::span<PlatformIndex> places) {
    return WarmUp(selection, observed).apply(ticket, places);
}

}  // namespace aigw::decision
