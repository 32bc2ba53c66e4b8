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

std::size_t shard_of(const CellKey& key) {
    return key.hash >> (64 - kShardBits);
}

}  // namespace

struct Cell {
    explicit Cell(Period period) : window(period) {}

    Window window;
    // Grants that refer to this cell; it is not dropped while there are any. Taken under the
    // shard's mutex, given back without.
    std::atomic<std::uint32_t> pins = 0;
};

// Guarded by its mutex: `order` holds every node of `cells` once.
struct alignas(kCacheLine) Shard {
    using Map = std::unordered_map<OwnedKey, Cell, KeyHash, KeyEqual>;

    Cell& cell_for(const Claim& claim, TimePoint now);
    void sweep_one(TimePoint now);

    mutable std::mutex mutex;
    Map cells;
    std::vector<Map::value_type*> order;  // in which the sweep goes round
    std::size_t hand = 0;                 // where it stands
    std::uint32_t calls = 0;
};

Cell& Shard::cell_for(const Claim& claim, TimePoint now) {
    const CellKey& key = claim.key;
    if (++calls % kCallsPerSweep == 0) sweep_one(now);
    if (const auto known = cells.find(key); known != cells.end()) return known->second;
    // Two looked at for one that is added: the idle ones go faster than new ones come.
    sweep_one(now);
    sweep_one(now);
    const auto added =
        cells.try_emplace(OwnedKey{key.limit_id, std::string(key.subject), key.hash}, claim.period)
            .first;
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
    return {.key = cell_key(limit, subject),
            .max = limit.max,
            .period = limit.period,
            .mode = limit.mode,
            .quantity = limit.quantity(),
            .currency = limit.currency};
}

Grant::Grant(Grant&& other) noexcept
    : size_(std::exchange(other.size_, 0)), shards_(other.shards_) {
    std::copy_n(other.held_.begin(), size_, held_.begin());
}

Grant& Grant::operator=(Grant&& other) noexcept {
    if (this == &other) return *this;
    keep();
    size_ = std::exchange(other.size_, 0);
    shards_ = other.shards_;
    std::copy_n(other.held_.begin(), size_, held_.begin());
    return *this;
}

void Grant::take_back(const Held& held, std::uint64_t count) {
    const std::lock_guard lock(shards_[held.shard].mutex);
    held.cell->window.remove(held.tick, count);
}

void Grant::release() {
    for (Held& held : std::span(held_).first(size_)) {
        take_back(held, held.cost);
        held.quantity = Quantity::Requests;  // nothing is left to give back
    }
    keep();
}

// Of what a claim counts; as much as was reserved, where nothing else is known.
std::uint64_t Grant::used_of(const Held& held, const Used& used) {
    switch (held.quantity) {
        case Quantity::Requests:
        case Quantity::InFlight:
            return held.cost;
        case Quantity::Tokens:
            return used.tokens;
        case Quantity::Money:
            break;
    }
    if (!used.money) return held.cost;
    if (used.money->currency() != held.currency || used.money->units() < 0) return 0;
    constexpr Int128 kMost = std::numeric_limits<std::uint64_t>::max();
    return static_cast<std::uint64_t>(std::min(used.money->units(), kMost));
}

// Less than was reserved leaves where it was counted, more counts from now on.
void Grant::settle(const Used& used, TimePoint now) {
    for (const Held& held : std::span(held_).first(size_)) {
        const std::uint64_t count = used_of(held, used);
        if (count == held.cost) continue;
        if (count < held.cost) {
            take_back(held, held.cost - count);
            continue;
        }
        const std::lock_guard lock(shards_[held.shard].mutex);
        held.cell->window.advance(now);
        held.cell->window.add(count - held.cost);
    }
    keep();
}

Grant Grant::take_first(std::size_t count) {
    Grant first;
    first.shards_ = shards_;
    first.size_ = static_cast<std::uint32_t>(std::min<std::size_t>(count, size_));
    std::copy_n(held_.begin(), first.size_, first.held_.begin());
    std::copy(held_.begin() + first.size_, held_.begin() + size_, held_.begin());
    size_ -= first.size_;
    return first;
}

void Grant::keep() {
    for (const Held& held : std::span(held_).first(size_)) {
        if (held.quantity == Quantity::InFlight) take_back(held, held.cost);
        held.cell->pins.fetch_sub(1, std::memory_order_release);
    }
    size_ = 0;
}

Cells::Cells() : shards_(std::make_unique<Shard[]>(kShards)) {}
Cells::~Cells() = default;

Reading Cells::read(const Claim& claim, TimePoint now) const {
    const Shard& shard = shards_[shard_of(claim.key)];
    const std::lock_guard lock(shard.mutex);
    const auto known = shard.cells.find(claim.key);
    if (known == shard.cells.end())
        return {0, Window(claim.period).wait(claim.max, claim.cost, now)};
    const Window& window = known->second.window;
    const std::uint64_t used = window.used(now);
    const bool has_room = claim.cost <= claim.max && used <= claim.max - claim.cost;
    using std::chrono::milliseconds;
    return {used, has_room ? milliseconds(0) : window.wait(claim.max, claim.cost, now)};
}

std::expected<Grant, Refusal> Cells::reserve(std::span<const Claim> claims, TimePoint now) {
    assert(claims.size() <= kMaxClaims);
    const ShardLocks locks(shards_.get(), claims);
    Grant grant;
    grant.shards_ = shards_.get();
    for (std::size_t i = 0; i < claims.size(); ++i) {
        const Claim& claim = claims[i];
        const std::size_t shard = shard_of(claim.key);
        Cell& cell = shards_[shard].cell_for(claim, now);
        const std::int64_t tick = cell.window.advance(now);
        if (claim.mode == Mode::Enforce && !cell.window.has_room(claim.max, claim.cost)) {
            const Refusal refusal{i, cell.window.used(), claim.max,
                                  cell.window.wait(claim.max, claim.cost, now)};
            for (Grant::Held& taken : std::span(grant.held_).first(grant.size_)) {
                taken.cell->window.remove(taken.tick, taken.cost);
                taken.quantity = Quantity::Requests;  // its shard is locked: nothing to give back
            }
            return std::unexpected(refusal);
        }
        cell.window.add(claim.cost);
        cell.pins.fetch_add(1, std::memory_order_relaxed);
        grant.held_[grant.size_++] = {&cell,          tick,
                                      claim.cost,     static_cast<std::uint8_t>(shard),
                                      claim.quantity, claim.currency};
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

std::size_t Cells::bytes() const {
    // A node is the pointer to the next one and its value.
    constexpr std::size_t kNode = sizeof(void*) + sizeof(Shard::Map::value_type);
    const std::size_t in_place = std::string().capacity();
    std::size_t bytes = kShards * sizeof(Shard);
    for (std::size_t i = 0; i < kShards; ++i) {
        const Shard& shard = shards_[i];
        const std::lock_guard lock(shard.mutex);
        bytes += shard.cells.bucket_count() * sizeof(void*);
        bytes += shard.order.capacity() * sizeof(Shard::Map::value_type*);
        for (const auto& [key, cell] : shard.cells) {
            bytes += kNode + cell.window.allocated_bytes();
            if (key.subject.capacity() > in_place) bytes += key.subject.capacity() + 1;
        }
    }
    return bytes;
}

}  // namespace aigw::limits
