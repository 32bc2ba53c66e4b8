// Tickets of balanced groups: whose turn it is.
//
// Shape:   kept by the group's name, outside any snapshot, so that a reload goes on where the
//          configuration before it stopped. Numbers count up from 0; no two requests get the same.
// Threads: all functions may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>

namespace aigw::routing {

class Tickets {
public:
    std::uint64_t take(std::string_view group);
    // The one that take() would give next.
    std::uint64_t peek(std::string_view group) const;

private:
    using Counter = std::atomic<std::uint64_t>;
    Counter& at(std::string_view group);

    mutable std::shared_mutex mutex_;  // guards the map; counters stay where they are for good
    std::map<std::string, std::unique_ptr<Counter>, std::less<>> counters_;
};

}  // namespace aigw::routing
