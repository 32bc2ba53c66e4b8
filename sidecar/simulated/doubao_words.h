// How Doubao words what is wrong with a field.
//
// Source: Ark's table of error codes; the sentences are those of its service.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::doubao {

using Verdict = std::optional<Refusal>;

// A 400 with a code of the table.
Refusal bad_request(std::string code, std::string param, std::string message);
Refusal missing(const std::string& param);
// `problem` is what comes behind "is not valid: ".
Refusal invalid(const std::string& param, const std::string& problem);
// What no list of the vendor has, or what the model lacks.
Refusal unsupported(const std::string& param, std::string_view model);
// 404: no such model, and one that is for something else.
Refusal unknown_model(std::string_view id);
Refusal wrong_use(std::string_view id);
// `choices` are values, by blanks.
Verdict refuse_choice(const std::string& param, std::string_view value, std::string_view choices);

// The members of `object` against `rules`; `at` is "" for the body, else "messages.0".
Verdict refuse_members(const Json& object, const std::string& at, std::span<const FieldRule> rules,
                       std::string_view model);

}  // namespace aigw::simulated::doubao
