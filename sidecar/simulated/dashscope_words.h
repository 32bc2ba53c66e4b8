// How DashScope words what is wrong with a field.
//
// Source: Model Studio's error codes and the error bodies that its service gives.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::dashscope {

using Verdict = std::optional<Refusal>;

// A refusal by the model service behind the front.
Refusal by_algorithm(const std::string& message);
// A refusal by the front itself.
Refusal by_front(std::string message, std::string code = "invalid_parameter_error");

// The fields of `body` against `rules`; those that no rule knows are let pass.
Verdict refuse_fields(const Json& body, std::span<const FieldRule> rules);

}  // namespace aigw::simulated::dashscope
