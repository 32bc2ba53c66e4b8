// A Decision as words: JSON for programs, a page for people.
//
// JSON:    keys and their order are stable; money and prices are decimal strings, money with eight
//          digits after the point; times are RFC 3339 UTC; what does not apply is absent.
//          Beyond what every Decision has: `answers` where several are asked for; `mode` of a limit
//          that only monitors, whose verdict is then "would_reject" instead of "reject"; `basis`
//          ("worst_case") of a price that is not the model's own; `assumed_max_output` of one whose
//          request bounds no answer; `warnings` holds "unpriced:MODEL" when a candidate that is in
//          has no price.
// Text:    the same facts as a page; the same width on every terminal.
// Source:  the project's Decision; aigw-route-test(1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "decision/decision.h"
#include "decision/distribution.h"

namespace aigw::decision {

enum class JsonStyle : std::uint8_t { Compact, Indented };
enum class Colour : bool { No, Yes };

// `path` is the request's, as the caller sent it; empty: there was none.
std::string render_json(const Decision& decision, std::string_view path = {},
                        JsonStyle style = JsonStyle::Compact);
// The same with `repeat`: {"decisions": 3, "refused": 0, "platforms": {"a": 2, "b": 1}}.
std::string render_json(const Decision& decision, const Distribution& distribution,
                        std::string_view path, JsonStyle style);

std::string render_text(const Decision& decision, Colour colour = Colour::No);

// The value at a dotted path of a rendered Decision ("limits.0.verdict"), or of one of the short
// names: `platform` (the first eligible candidate), `price` (its total), `namespace`, `rule` (the
// pattern that matched; its kind where a route has none). A text is given bare, anything else as
// JSON. not_found names the part of the path that is not there; invalid_request: `json` is none.
Result<std::string> read_field(std::string_view json, std::string_view path);

}  // namespace aigw::decision
