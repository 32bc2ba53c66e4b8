// What the simulated vendors received, for tests that look behind a gateway's back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>

#include "http/message.h"

namespace aigw::simulated {

enum class Outcome : std::uint8_t { Open, Done, Aborted };

// Threads: safe from every loop; one mutex, held for no I/O.
class RequestLog {
public:
    // `kept`: how many requests are remembered; all are counted.
    explicit RequestLog(std::size_t kept) : kept_(kept) {}

    // The number by which the request's end is told.
    std::uint64_t begin(const http::Request& request, int status);
    // Aborted: the client went away before it had the whole answer. Unknown numbers are ignored.
    void end(std::uint64_t number, Outcome outcome);
    void clear();

    // {"count":…,"open":…,"aborted":…,"requests":[{"number","method","target","headers":[[n,v]…],
    // "body","status","outcome"}…]}
    std::string render() const;

private:
    struct Entry {
        std::uint64_t number = 0;
        http::Request request{};
        int status = 0;
        Outcome outcome = Outcome::Open;
    };

    mutable std::mutex mutex_;  // guards all below: count_ >= open_ + aborted_
    std::size_t kept_;
    std::uint64_t first_ = 0;  // numbers before it were forgotten by clear()
    std::uint64_t next_ = 0;
    std::uint64_t open_ = 0;
    std::uint64_t aborted_ = 0;
    std::deque<Entry> entries_;
};

}  // namespace aigw::simulated
