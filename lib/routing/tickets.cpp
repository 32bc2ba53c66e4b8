#include "routing/tickets.h"

namespace aigw::routing {

std::uint64_t Tickets::take(std::string_view group) {
    return at(group).fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Tickets::peek(std::string_view group) const {
    const std::shared_lock lock(mutex_);
    const auto found = counters_.find(group);
    return found == counters_.end() ? 0 : found->second->load(std::memory_order_relaxed);
}

Tickets::Counter& Tickets::at(std::string_view group) {
    {
        const std::shared_lock lock(mutex_);
        const auto found = counters_.find(group);
        if (found != counters_.end()) return *found->second;
    }
    const std::unique_lock lock(mutex_);
    auto& counter = counters_[std::string(group)];
    if (!counter) counter = std::make_unique<Counter>(0);
    return *counter;
}

}  // namespace aigw::routing
