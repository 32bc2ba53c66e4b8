// Where many Decisions for one request went: each platform's share, and how many were refused.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "decision/decision.h"

namespace aigw::decision {

class Distribution {
public:
    void add(const Decision& decision);

    std::uint64_t decisions() const { return decisions_; }
    std::uint64_t refused() const { return refused_; }
    // How many went to each platform, by name; those that were candidates and got none are there.
    const std::map<std::string, std::uint64_t, std::less<>>& platforms() const {
        return platforms_;
    }

private:
    std::uint64_t decisions_ = 0;
    std::uint64_t refused_ = 0;
    std::map<std::string, std::uint64_t, std::less<>> platforms_;
};

// A line for each platform, with its share in percent.
std::string render_text(const Distribution& distribution);

}  // namespace aigw::decision
