// How OpenAI words what is wrong with a field.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::openai {

using Verdict = std::optional<Refusal>;

Refusal invalid(std::string param, std::string code, std::string message);
Refusal missing(const std::string& param);
Refusal wrong_type(const std::string& param, const std::string& expected, const Json& value);
Refusal unsupported_choice(const std::string& param, std::string_view value,
                           const std::vector<std::string_view>& values);
Refusal unsupported_parameter(const std::string& param);

// "a string", "an object", …
std::string named_type(const Json& value);
// "'low', 'medium', and 'high'"
std::string listed(const std::vector<std::string_view>& values);

// The fields of `body` against `rules`; those that no rule knows may be there with "x_echo".
Verdict refuse_fields(const Json& body, std::span<const FieldRule> rules);

}  // namespace aigw::simulated::openai
