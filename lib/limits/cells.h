// The counters behind the limits: one sliding window per limit and subject.
//
// Shape:   `read` observes, `reserve` takes from several windows at once, all or nothing. Counters
//          are kept by the limit's id and the subject's name, not by anything of a snapshot, so a
//          reload keeps them.
// Windows: 60 s in 60 buckets; a bucket counts until all of it has left, so that no window of 60 s
//          ever holds more than the limit, and room returns at most one bucket late.
// Time:    always an argument. A clock that steps back a little counts into the newest bucket; one
//          that steps back by more than the window finds the window empty, as after a restart.
// Threads: all functions may be called from any thread; the mutexes are held for well under a
//          microsecond, and never across a call out.
// Memory:  a cell is made when a subject is first counted, and dropped some time after its last
//          count has left; the work is spread over later calls. Reserving from a known cell
//          allocates nothing.
// Source:  contracts of the project ("Who observes, who decides, who reserves").
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string_view>

#include "base/time.h"
#include "limits/limit.h"

namespace aigw::limits {

// Names a cell; borrows the subject.
struct CellKey {
    std::uint64_t limit_id = 0;
    std::string_view subject{};
    std::uint64_t hash = 0;
};
CellKey cell_key(const Limit& limit, std::string_view subject);

// What a call wants of one cell.
struct Claim {
    CellKey key{};
    std::uint64_t max = 0;
    std::uint32_t cost = 1;
    Mode mode = Mode::Enforce;  // Monitor: counted, never refused
    Kind kind = Kind::Rpm;
};
// Of one request; a claim of tokens is given its cost by whoever knows it.
Claim claim(const Limit& limit, std::string_view subject);

// How a window stands for a claim that has not been counted.
struct Reading {
    std::uint64_t used = 0;
    std::chrono::milliseconds retry_after{};  // 0: there is room
    friend bool operator==(const Reading&, const Reading&) = default;
};

// Which claim failed, and how its window stands. Nothing was counted.
struct Refusal {
    std::size_t claim = 0;  // index into the span that was given to reserve
    std::uint64_t used = 0;
    std::uint64_t max = 0;
    std::chrono::milliseconds retry_after{};
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// The most claims one call may make at once.
inline constexpr std::size_t kMaxClaims = 18;

class Cells;
struct Cell;
struct Shard;

// What a reservation holds. `release` takes the counts back, as if the call had never been made;
// `settle` puts what a call has used in place of the tokens that were reserved for it; `keep`, or
// destruction without any, leaves all to run out with their window: a served request stays counted.
// A Grant must not outlive the Cells that gave it.
class [[nodiscard]] Grant {
public:
    Grant() = default;
    Grant(Grant&& other) noexcept;
    Grant& operator=(Grant&& other) noexcept;
    ~Grant() { keep(); }

    void release();
    void settle(std::uint64_t tokens, TimePoint now);
    void keep();
    // The first `count` of what it holds, which it then holds no more.
    Grant take_first(std::size_t count);
    // How many counts it still holds.
    std::size_t size() const { return size_; }

private:
    friend class Cells;
    struct Held {
        Shard* shard = nullptr;
        Cell* cell = nullptr;
        std::int64_t tick = 0;
        std::uint32_t cost = 0;
        Kind kind = Kind::Rpm;
    };

    std::array<Held, kMaxClaims> held_;
    std::size_t size_ = 0;
};

class Cells {
public:
    Cells();
    ~Cells();
    Cells(const Cells&) = delete;
    Cells& operator=(const Cells&) = delete;

    Reading read(const Claim& claim, TimePoint now) const;
    // Counts every claim, or none and says which one failed first. At most kMaxClaims claims.
    [[nodiscard]] std::expected<Grant, Refusal> reserve(std::span<const Claim> claims,
                                                        TimePoint now);
    // How many cells there are; for metrics and tests.
    std::size_t size() const;

private:
    std::unique_ptr<Shard[]> shards_;
};

}  // namespace aigw::limits
