// How Anthropic words what is wrong with a field: the path, a colon, and the complaint.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::anthropic {

using Verdict = std::optional<Refusal>;

// "messages.0" and "role" give "messages.0.role"; an empty path gives "role".
std::string join(std::string_view path, std::string_view name);
std::string join(std::string_view path, std::size_t index);

Refusal invalid(std::string message);
Refusal invalid_at(std::string_view path, std::string_view message);

// The members of `object` against `rules`; `required` are names, by blanks.
Verdict refuse_members(const Json& object, std::string_view path, std::span<const FieldRule> rules,
                       std::string_view required);

// `choices` are values, by blanks: "Input should be 'a', 'b' or 'c'".
Verdict refuse_choice(std::string_view value, std::string_view path, std::string_view choices);
// "'a', 'b' or 'c'"
std::string listed(std::string_view words);

}  // namespace aigw::simulated::anthropic
