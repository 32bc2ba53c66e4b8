// How Gemini words what is wrong with a request, and the envelope of Google's APIs.
//
// Shape:   a Refusal's `type` is the status ("INVALID_ARGUMENT"), `param` the field of a violation,
//          `code` the reason of an ErrorInfo.
// Source:  Google's error model (google.rpc.Status and its details), and the sentences of the
//          service.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::gemini {

using Verdict = std::optional<Refusal>;

// 400 INVALID_ARGUMENT.
Refusal invalid(std::string message);
// What the parser of the request says: with a violation of the field `at`, "" being the body.
Refusal violation(const std::string& at, const std::string& problem);
// What the service says of a field that parses: "* GenerateContentRequest.AT: PROBLEM\n".
Refusal unfit(const std::string& at, const std::string& problem);

// "contents[0]" and "inlineData" give "contents[0].inline_data".
std::string join(const std::string& at, std::string_view name);
std::string join(const std::string& at, std::size_t index);

// The members of `value` against `rules`, whose names are in camelCase.
Verdict refuse_members(const Json& value, const std::string& at, std::span<const FieldRule> rules);
// `choices` are values, by blanks; `type` is the enum's name in the API. No value is a good one.
Verdict refuse_enum(const Json& holder, std::string_view name, const std::string& at,
                    std::string_view type, std::string_view choices);

Json render_error(const Refusal& refusal);

}  // namespace aigw::simulated::gemini
