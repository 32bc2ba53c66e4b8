// What a test says was counted and failed, instead of live counters; it remembers what was asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "decision/observed.h"

namespace aigw::fakes {

class Observed final : public decision::Observed {
public:
    void set_used(const limits::Limit& limit, const std::string& subject, std::uint64_t used,
                  std::chrono::milliseconds retry_after = {}) {
        readings_[{limit.id, subject}] = {used, retry_after};
    }
    void open(const std::string& platform, TimePoint until) { open_until_[platform] = until; }
    void set_back(const std::string& platform, TimePoint since) { back_since_[platform] = since; }

    void set_in_flight(const std::string& platform, std::uint32_t calls) {
        in_flight_[platform] = calls;
    }
    void set_ticket(const std::string& group, std::uint64_t ticket) { tickets_[group] = ticket; }

    limits::Reading read(const limits::Claim& claim, TimePoint) const override {
        const std::pair key(claim.key.limit_id, std::string(claim.key.subject));
        ++reads_[key];
        const auto found = readings_.find(key);
        return found == readings_.end() ? limits::Reading{} : found->second;
    }
    std::optional<TimePoint> open_until(std::string_view platform, TimePoint) const override {
        const auto found = open_until_.find(std::string(platform));
        return found == open_until_.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<TimePoint> back_since(std::string_view platform) const override {
        const auto found = back_since_.find(std::string(platform));
        return found == back_since_.end() ? std::nullopt : std::optional(found->second);
    }

    std::uint32_t in_flight(std::string_view platform) const override {
        const auto found = in_flight_.find(std::string(platform));
        return found == in_flight_.end() ? 0 : found->second;
    }
    std::uint64_t next_ticket(std::string_view group) const override {
        const auto found = tickets_.find(std::string(group));
        return found == tickets_.end() ? 0 : found->second;
    }

    // How often each cell was read.
    using Cell = std::pair<std::uint64_t, std::string>;
    const std::map<Cell, int>& reads() const { return reads_; }

private:
    std::map<Cell, limits::Reading> readings_;
    std::map<std::string, TimePoint> open_until_;
    std::map<std::string, TimePoint> back_since_;
    std::map<std::string, std::uint32_t> in_flight_;
    std::map<std::string, std::uint64_t> tickets_;
    mutable std::map<Cell, int> reads_;
};

}  // namespace aigw::fakes
