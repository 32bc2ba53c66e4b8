// A whole answer that passes and is too long, cut in its own protocol.
//
// Shape:   as its stream would be cut; of what is left, what nobody has heard of stays as it is.
// Each
//          of several choices may be as long as the cap; the usage is of all that is left.
// Calls:   what is left of a call's arguments is no object any more: in a protocol that wants one
//          (Anthropic's) the call is left out, and not counted.
// Errors:  none: a body that is no answer of its protocol has no texts, and is not cut.
// Source:  platform.openai.com/docs/api-reference/chat/object, /completions, /responses/object;
//          docs.anthropic.com/en/api/messages.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/operation.h"
#include "base/usage.h"
#include "policy/output_cap.h"
#include "policy/output_gauge.h"

namespace aigw::policy {

struct CutBody {
    std::string body{};
    Usage usage{};
};

// nullopt: it fits. `said` is the vendor's usage, or what is known of its input.
std::optional<CutBody> cut_body(std::string_view body, Protocol protocol, const OutputCap& cap,
                                const Measure& measure, const Usage& said);

}  // namespace aigw::policy
