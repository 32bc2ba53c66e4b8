// In which order the members of a balanced group are asked: the compiled form of a group's
// `algorithm` and weights.
//
// Pure:    what changes comes in: a ticket, which the caller draws for each request, and how many
//          calls each member has under way. The same ticket gives the same order.
// Exact:   with tickets that count up, of any number of requests as many go first to each member
//          as its turn says: `round_robin` by ticket modulo the members, `weighted_round_robin` by
//          a cycle that spreads each member's turns (smooth weighted). The random ones take any
//          number for a ticket.
// Rest:    behind the first follow the others, for fallback, drawn from what is left of the ticket
//          by their weights: a member that is out leaves its share to all the others.
// Sticky:  a subject's order depends on nothing but its text and the members' names and weights
//          (rendezvous hashing), so that a member that leaves moves its own subjects alone.
// Errors:  Config when weights add up to more than a cycle may hold.
// Source:  gateway.toml(5) GROUPS; the smooth cycle is that of nginx
//          (github.com/nginx/nginx/commit/52327e0627f49dbda1e8db695e63a4b0af4448b1).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "routing/options.h"

namespace aigw::routing {

// "round-robin", "smooth weighted" …, as a Decision says it.
std::string_view words_of(Algorithm algorithm);

// "user", "key" …; empty for No.
std::string_view name_of(Sticky sticky);
// Of a member's name: the same in every process.
std::uint64_t hash_of(std::string_view text);
// Every bit of the result depends on every bit of the number.
std::uint64_t mix(std::uint64_t number);

// One platform of a balanced group.
struct Member {
    PlatformIndex platform = 0;
    std::uint32_t weight = 1;
    std::uint64_t hash = 0;  // of its name; for sticky groups
    friend bool operator==(const Member&, const Member&) = default;
};

class Balance {
public:
    // `members` are those of the group that a route has not named before; `first` is where they
    // begin among the route's platforms.
    static Result<Balance> make(const GroupOptions& group, std::vector<Member> members,
                                std::size_t first);

    const std::string& group() const { return group_; }
    Algorithm algorithm() const { return algorithm_; }
    Sticky sticky() const { return sticky_; }
    std::span<const Member> members() const { return members_; }
    std::size_t first() const { return first_; }
    // Whether a ticket is any number, rather than one that counts up.
    bool is_random() const {
        return algorithm_ == Algorithm::Random || algorithm_ == Algorithm::WeightedRandom;
    }
    bool reads_in_flight() const { return algorithm_ == Algorithm::LeastConnections; }
    // The place in `members` whose turn a ticket is.
    std::size_t turn(std::uint64_t ticket) const;
    // All platforms in the order of that ticket; `out` has as many places as there are members.
    // `in_flight`: calls under way, by member, where the algorithm reads them.
    void order(std::uint64_t ticket, std::span<const std::uint32_t> in_flight,
               std::span<PlatformIndex> out) const;
    // The same for a sticky subject, which needs no ticket.
    void order_for(std::string_view subject, std::span<PlatformIndex> out) const;

private:
    void draw(std::uint64_t ticket, std::span<PlatformIndex> out) const;
    void order_by_load(std::span<const std::uint32_t> in_flight,
                       std::span<PlatformIndex> out) const;
    std::uint32_t share(const Member& member) const { return is_weighted_ ? member.weight : 1; }

    std::string group_;
    Algorithm algorithm_ = Algorithm::Failover;
    Sticky sticky_ = Sticky::No;
    bool is_weighted_ = false;
    std::size_t first_ = 0;
    std::vector<Member> members_;
    std::vector<std::uint16_t> cycle_;  // of WeightedRoundRobin: places in `members_`
};

}  // namespace aigw::routing
