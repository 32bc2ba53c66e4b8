#include "routing/balance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/inline_vector.h"

namespace aigw::routing {
namespace {

constexpr std::uint64_t kLongestCycle = 100'000;

std::uint64_t total_of(std::span<const Member> members) {
    std::uint64_t total = 0;
    for (const Member& member : members) total += member.weight;
    return total;
}

// Strictly between 0 and 1.
double unit_interval(std::uint64_t number) {
    return (static_cast<double>(number >> 11) + 0.5) * 0x1.0p-53;
}

// Each turn every member gains its weight; the richest is next and pays for all.
std::vector<std::uint16_t> smooth_cycle(std::span<const Member> members) {
    std::uint32_t divisor = 0;
    for (const Member& member : members) divisor = std::gcd(divisor, member.weight);
    const auto length = static_cast<std::int64_t>(total_of(members) / divisor);
    std::vector<std::int64_t> wealth(members.size(), 0);
    std::vector<std::uint16_t> cycle;
    for (std::int64_t turn = 0; turn < length; ++turn) {
        for (std::size_t i = 0; i < members.size(); ++i) wealth[i] += members[i].weight / divisor;
        const auto richest = std::ranges::max_element(wealth);
        *richest -= length;
        cycle.push_back(static_cast<std::uint16_t>(richest - wealth.begin()));
    }
    return cycle;
}

bool weighs(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::WeightedRandom:
        case Algorithm::WeightedRoundRobin:
        case Algorithm::LeastConnections:
            return true;
        case Algorithm::Failover:
        case Algorithm::RoundRobin:
        case Algorithm::Random:
            return false;
    }
    return false;
}

}  // namespace

std::string_view words_of(Algorithm algorithm) {
    switch (algorithm) {
        case Algorithm::Failover:
            return "failover";
        case Algorithm::RoundRobin:
            return "round-robin";
        case Algorithm::Random:
            return "random";
        case Algorithm::WeightedRandom:
            return "weighted random";
        case Algorithm::WeightedRoundRobin:
            return "smooth weighted";
        case Algorithm::LeastConnections:
            return "least connections";
    }
    return "";
}

std::string_view name_of(Sticky sticky) {
    switch (sticky) {
        case Sticky::No:
            return "";
        case Sticky::User:
            return "user";
        case Sticky::Key:
            return "key";
        case Sticky::Tenant:
            return "tenant";
        case Sticky::Ip:
            return "ip";
    }
    return "";
}

// FNV-1a (RFC 9923).
std::uint64_t hash_of(std::string_view text) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    return hash;
}

// The finalizer of splitmix64 (prng.di.unimi.it/splitmix64.c).
std::uint64_t mix(std::uint64_t number) {
    number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9U;
    number = (number ^ (number >> 27)) * 0x94d049bb133111ebU;
    return number ^ (number >> 31);
}

Result<Balance> Balance::make(const GroupOptions& group, std::vector<Member> members,
                              std::size_t first) {
    if (total_of(members) > kLongestCycle) {
        return Error{ErrorCode::Config,
                     group.at.text() + ": the weights of group \"" + group.name +
                         "\" add up to more than " + std::to_string(kLongestCycle),
                     "weights are relative: smaller ones say the same"};
    }
    Balance balance;
    balance.group_ = group.name;
    balance.algorithm_ = group.algorithm;
    balance.is_weighted_ = weighs(group.algorithm);
    balance.sticky_ = group.sticky;
    balance.first_ = first;
    balance.members_ = std::move(members);
    if (group.algorithm == Algorithm::WeightedRoundRobin)
        balance.cycle_ = smooth_cycle(balance.members_);
    return balance;
}

std::size_t Balance::turn(std::uint64_t ticket) const {
    if (!cycle_.empty()) return cycle_[ticket % cycle_.size()];
    std::uint64_t total = 0;
    for (const Member& member : members_) total += share(member);
    std::uint64_t point = ticket % total;
    std::size_t place = 0;
    while (point >= share(members_[place])) point -= share(members_[place++]);
    return place;
}

// The ticket is read as digits, of which each picks one of the members that are left.
void Balance::draw(std::uint64_t ticket, std::span<PlatformIndex> out) const {
    InlineVector<Member, 16> left{std::span(members_)};
    std::uint64_t total = 0;
    for (const Member& member : left) total += share(member);
    std::size_t count = left.size();
    const auto take = [&](std::size_t place) {
        out[left.size() - count] = left[place].platform;
        total -= share(left[place]);
        std::move(left.begin() + place + 1, left.begin() + count, left.begin() + place);
        --count;
    };
    if (!cycle_.empty()) {
        take(turn(ticket));
        ticket /= cycle_.size();
    }
    while (count > 0) {
        std::uint64_t point = ticket % total;
        ticket /= total;
        std::size_t place = 0;
        while (point >= share(left[place])) point -= share(left[place++]);
        take(place);
    }
}

// The fewest calls for its weight first; `out` has the order of those that are equal.
void Balance::order_by_load(std::span<const std::uint32_t> in_flight,
                            std::span<PlatformIndex> out) const {
    struct Load {
        std::uint64_t calls = 0;
        std::uint64_t weight = 1;
        std::size_t place = 0;
        PlatformIndex platform = 0;
    };
    InlineVector<Load, 16> loads;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto member = std::ranges::find(members_, out[i], &Member::platform);
        const auto index = static_cast<std::size_t>(member - members_.begin());
        loads.push_back({in_flight[index], member->weight, i, out[i]});
    }
    std::sort(loads.begin(), loads.end(), [](const Load& a, const Load& b) {
        const std::uint64_t left = a.calls * b.weight;
        const std::uint64_t right = b.calls * a.weight;
        return left != right ? left < right : a.place < b.place;
    });
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = loads[i].platform;
}

// Each member's score is drawn from an exponential distribution of its weight: the highest is any
// member's as often as its weight says (Mosko and others, "weighted distributed hash tables").
void Balance::order_for(std::string_view subject, std::span<PlatformIndex> out) const {
    struct Score {
        double value = 0;
        PlatformIndex platform = 0;
    };
    const std::uint64_t hash = hash_of(subject);
    InlineVector<Score, 16> scores;
    for (const Member& member : members_) {
        const double point = unit_interval(mix(hash ^ mix(member.hash)));
        scores.push_back({-static_cast<double>(member.weight) / std::log(point), member.platform});
    }
    std::sort(scores.begin(), scores.end(), [](const Score& a, const Score& b) {
        return a.value != b.value ? a.value > b.value : a.platform < b.platform;
    });
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = scores[i].platform;
}

void Balance::order(std::uint64_t ticket, std::span<const std::uint32_t> in_flight,
                    std::span<PlatformIndex> out) const {
    if (algorithm_ == Algorithm::Failover) {
        std::ranges::transform(members_, out.begin(), &Member::platform);
        return;
    }
    draw(ticket, out);
    if (reads_in_flight()) order_by_load(in_flight, out);
}

}  // namespace aigw::routing
