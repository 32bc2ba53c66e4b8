#include "limits/cells.h"

#include <algorithm>
#include <atomic>
#include <cassert>
#include <limits>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "limits/window.h"

namespace aigw::limits {
namespace {

constexpr std::size_t kShards = 64;
constexpr unsigned kShardBits = 6;
static_assert(kShards == std::size_t{1} << kShardBits);
constexpr std::size_t kCacheLine = 64;
constexpr std::uint32_t kCallsPerSweep = 8;

std::uint64_t mix(std::uint64_t value) {  // splitmix64's finalizer
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
    return value ^ (value >> 31);
}

// What a cell is kept under: a CellKey that owns its subject.
struct OwnedKey {
    std::uint64_t limit_id;
    std::string subject;
    std::uint64_t hash;
};

struct KeyHash {
    using is_transparent = void;
    template <class Key>
    std::size_t operator()(const Key& key) const noexcept {
        return key.hash;
    }
};

struct KeyEqual {
    using is_transparent = void;
    template <class A, class B>
    bool operator()(const A& a, const B& b) const noexcept {
        return a.hash == b.hash && a.limit_id == b.limit_id && a.subject == b.subject;
    }
};

std::uint32_t clamped(std::uint64_t count) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

std::size_t shard_of(const CellKey& key) {
    return key.hash >> (64 - kShardBits);
}

}  // namespace

struct Cell {
    Window window{};
    // Grants that refer to this cell; it is not dropped while there are any. Taken under the
    // shard's mutex, given back without.
    std::atomic<std::uint32_t> pins = 0;
};

// Guarded by its mutex: `order` holds every node of `cells` once.
struct alignas(kCacheLine) Shard {
    using Map = std::unordered_map<OwnedKey, Cell, KeyHash, KeyEqual>;

    Cell& cell_for(const CellKey& key, TimePoint now);
    void sweep_one(TimePoint now);

    mutable std::mutex mutex;
    Map cells;
    std::vector<Map::value_type*> order;  // in which the sweep goes round
    std::size_t hand = 0;                 // where it stands
    std::uint32_t calls = 0;
};

Cell& Shard::cell_for(const CellKey& key, TimePoint now) {
    if (++calls % kCallsPerSweep == 0) sweep_one(now);
    if (const auto known = cells.find(key); known != cells.end()) return known->second;
    // Two looked at for one that is added: the idle ones go faster than new ones come.
    sweep_one(now);
    sweep_one(now);
    const auto added =
        cells.try_emplace(OwnedKey{key.limit_id, std::string(key.subject), key.hash}).first;
    order.push_back(&*added);
    return added->second;
}

void Shard::sweep_one(TimePoint now) {
    if (order.empty()) return;
    if (hand >= order.size()) hand = 0;
    Map::value_type* node = order[hand];
    const Cell& cell = node->second;
    if (cell.pins.load(std::memory_order_acquire) != 0 || !cell.window.is_idle(now)) {
        ++hand;
        return;
    }
    order[hand] = order.back();
    order.pop_back();
    cells.erase(cells.find(node->first));
}

namespace {

// Locks the shards of all claims, in ascending order, each once.
class ShardLocks {
public:
    ShardLocks(Shard* shards, std::span<const Claim> claims) : shards_(shards) {
        for (const Claim& claim : claims) indexes_[size_++] = shard_of(claim.key);
        const auto end = indexes_.begin() + static_cast<std::ptrdiff_t>(size_);
        std::sort(indexes_.begin(), end);
        size_ = static_cast<std::size_t>(std::unique(indexes_.begin(), end) - indexes_.begin());
        for (std::size_t i = 0; i < size_; ++i) shards_[indexes_[i]].mutex.lock();
    }
    ~ShardLocks() {
        for (std::size_t i = size_; i-- > 0;) shards_[indexes_[i]].mutex.unlock();
    }
    ShardLocks(const ShardLocks&) = delete;
    ShardLocks& operator=(const ShardLocks&) = delete;

private:
    Shard* shards_;
    std::array<std::size_t, kMaxClaims> indexes_;
    std::size_t size_ = 0;
};

}  // namespace

CellKey cell_key(const Limit& limit, std::string_view subject) {
    const std::uint64_t hash = std::hash<std::string_view>()(subject);
    return {limit.id, subject, mix(limit.id ^ mix(hash))};
}

Claim claim(const Limit& limit, std::string_view subject) {
    return {
        .key = cell_key(limit, subject), .max = limit.max, .mode = limit.mode, .kind = limit.kind};
}

Grant::Grant(Grant&& other) noexcept : size_(std::exchange(other.size_, 0)) {
    std::copy_n(other.held_.begin(), size_, held_.begin());
}

Grant& Grant::operator=(Grant&& other) noexcept {
    if (this == &other) return *this;
    keep();
    size_ = std::exchange(other.size_, 0);
    std::copy_n(other.held_.begin(), size_, held_.begin());
    return *this;
}

void Grant::release() {
    for (std::size_t i = 0; i < size_; ++i) {
        const std::lock_guard lock(held_[i].shard->mutex);
        held_[i].cell->window.remove(held_[i].tick, held_[i].cost);
    }
    keep();
}

// Less than was reserved leaves where it was counted, more counts from now on.
void Grant::settle(std::uint64_t tokens, TimePoint now) {
    for (const Held& held : std::span(held_).first(size_)) {
        if (held.kind != Kind::Tpm || tokens == held.cost) continue;
        const std::lock_guard lock(held.shard->mutex);
        Window& window = held.cell->window;
        if (tokens < held.cost) {
            window.remove(held.tick, held.cost - static_cast<std::uint32_t>(tokens));
        } else {
            window.advance(now);
            window.add(clamped(tokens - held.cost));
        }
    }
    keep();
}

Grant Grant::take_first(std::size_t count) {
    Grant first;
    first.size_ = std::min(count, size_);
    std::copy_n(held_.begin(), first.size_, first.held_.begin());
    std::copy(held_.begin() + static_cast<std::ptrdiff_t>(first.size_),
              held_.begin() + static_cast<std::ptrdiff_t>(size_), held_.begin());
    size_ -= first.size_;
    return first;
}

void Grant::keep() {
    for (std::size_t i = 0; i < size_; ++i) {
        held_[i].cell->pins.fetch_sub(1, std::memory_order_release);
    }
    size_ = 0;
}

Cells::Cells() : shards_(std::make_unique<Shard[]>(kShards)) {}
Cells::~Cells() = default;

Reading Cells::read(const Claim& claim, TimePoint now) const {
    const Shard& shard = shards_[shard_of(claim.key)];
    Window window;  // empty, where there is no cell
    {
        const std::lock_guard lock(shard.mutex);
        const auto known = shard.cells.find(claim.key);
        if (known != shard.cells.end()) window = known->second.window;
    }
    window.advance(now);
    return {window.used(), window.wait(claim.max, claim.cost, now)};
}

std::expected<Grant, Refusal> Cells::reserve(std::span<const Claim> claims, TimePoint now) {
    assert(claims.size() <= kMaxClaims);
    const ShardLocks locks(shards_.get(), claims);
    Grant grant;
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const Claim& claim = claims[i];
        Shard& shard = shards_[shard_of(claim.key)];
        Cell& cell = shard.cell_for(claim.key, now);
        const std::int64_t tick = cell.window.advance(now);
        if (claim.mode == Mode::Enforce && !cell.window.has_room(claim.max, claim.cost)) {
            const Refusal refusal{i, cell.window.used(), claim.max,
                                  cell.window.wait(claim.max, claim.cost, now)};
            for (std::size_t taken = 0; taken < grant.size_; ++taken) {
                grant.held_[taken].cell->window.remove(grant.held_[taken].tick,
                                                       grant.held_[taken].cost);
            }
            return std::unexpected(refusal);
        }
        cell.window.add(claim.cost);
        cell.pins.fetch_add(1, std::memory_order_relaxed);
        grant.held_[grant.size_++] = {&shard, &cell, tick, claim.cost, claim.kind};
    }
    return grant;
}

std::size_t Cells::size() const {
    std::size_t size = 0;
    for (std::size_t i = 0; i < kShards; ++i) {
        const std::lock_guard lock(shards_[i].mutex);
        size += shards_[i].cells.size();
    }
    return size;
}

}  // namespace aigw::limits
