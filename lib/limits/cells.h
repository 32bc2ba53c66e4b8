// The counters behind the limits: one window per limit and subject.
//
// Shape:   `read` observes, `reserve` takes from several windows at once, all or nothing. Counters
//          are kept by the limit's id and the subject's name, not by anything of a snapshot, so a
//          reload keeps them.
// Windows: 60 buckets; a bucket counts until all of it has left, so that no stretch of the window's
//          length ever holds more than the limit, and room returns at most one bucket late. Days
//          and months are of the calendar; what is in flight counts until its grant ends.
// Time:    always an argument. A clock that steps back a little counts into the newest bucket; one
//          that steps back by more than the window finds the window empty, as after a restart.
// Threads: all functions may be called from any thread; the mutexes are held for well under a
//          microsecond, and never across a call out.
// Memory:  a cell is made when a subject is first counted, and dropped some time after its last
//          count has left; the work is spread over later calls. Reserving from a known cell
//          allocates nothing, but for the ring of its older buckets, once.
// Source:  contracts of the project ("Who observes, who decides, who reserves").
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "base/money.h"
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
    std::uint64_t cost = 1;
    Period period = kMinute;
    Mode mode = Mode::Enforce;  // Monitor: counted, never refused
    Quantity quantity = Quantity::Requests;
    Currency currency{};  // of money
};
// Of one request; a claim of tokens or of money is given its cost by whoever knows it.
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

// What a call has used when it ends.
struct Used {
    std::uint64_t tokens = 0;
    // What it cost; nothing where that is not known, and the estimate stands. Limits of another
    // currency count nothing of it.
    std::optional<Money> money{};
};

// The most claims one call may make at once: 8 of a platform and its model (each of four kinds),
// and 16 [[limits]]. A Grant holds them inline, 32 bytes each; an exchange has two Grants.
inline constexpr std::size_t kMaxClaims = 24;

class Cells;
struct Cell;
struct Shard;

// What a reservation holds. `release` takes the counts back, as if the call had never been made;
// `settle` puts what a call has used in place of what was reserved for it; `keep`, or destruction
// without any, leaves what was counted to run out with its window: a served request stays counted.
// What is in flight is given back whichever way a Grant ends.
// A Grant must not outlive the Cells that gave it.
class [[nodiscard]] Grant {
public:
    Grant() = default;
    Grant(Grant&& other) noexcept;
    Grant& operator=(Grant&& other) noexcept;
    ~Grant() { keep(); }

    void release();
    void settle(const Used& used, TimePoint now);
    void keep();
    // The first `count` of what it holds, which it then holds no more.
    Grant take_first(std::size_t count);
    // How many counts it still holds.
    std::size_t size() const { return size_; }

private:
    friend class Cells;
    struct Held {
        Cell* cell = nullptr;
        std::int64_t tick = 0;
        std::uint64_t cost = 0;
        std::uint8_t shard = 0;
        Quantity quantity = Quantity::Requests;
        Currency currency{};
    };
    static_assert(sizeof(Held) == 32);

    static std::uint64_t used_of(const Held& held, const Used& used);
    void take_back(const Held& held, std::uint64_t count);

    std::array<Held, kMaxClaims> held_;
    std::uint32_t size_ = 0;
    Shard* shards_ = nullptr;
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
    // What they occupy, without the allocator's own bookkeeping. Looks at each of them.
    std::size_t bytes() const;

private:
    std::unique_ptr<Shard[]> shards_;
};

}  // namespace aigw::limits
