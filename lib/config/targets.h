// Where calls go, as routes, locations, groups and policies say it: "platform", "group:NAME", or a
// list of them in order.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/reader.h"
#include "config/sections.h"

namespace aigw::config {

inline constexpr std::string_view kGroupPrefix = "group:";

// One element of `to` or `members`, remembered as a use of that name.
void add_target(TableReader& reader, const Value& value, const std::string& text,
                const std::string& path, std::vector<routing::TargetOptions>& out, Draft& draft);
// The key `to`.
void read_targets(TableReader& reader, std::vector<routing::TargetOptions>& to, Draft& draft);

}  // namespace aigw::config
