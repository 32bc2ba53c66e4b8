// What ends a converted stream before its end.
//
// Codes:   those of the contract's section 9, found by the vendor's words: in a stream there is no
//          status. The gateway's credentials are its own affair: what is said about them is not
//          passed on.
// Source:  docs.anthropic.com/en/api/errors, platform.openai.com/docs/guides/error-codes; the
//          conversion contract, section 9.
#pragma once

#include <optional>

#include "base/error.h"
#include "protocol/error_meaning.h"
#include "protocol/json_events.h"

namespace aigw::protocol {

// The error that a stream's event says, if it is one: a chunk with `error` or a failed `base_resp`
// in it, or an event of that name. An OpenAI-like vendor's own type and code are kept, others'
// are not OpenAI's. `own`, which may be empty, is asked first.
std::optional<Error> find_openai_stream_error(const JsonEvent& event, const VendorMeaning& own);
std::optional<Error> find_anthropic_stream_error(const JsonEvent& event);
std::optional<Error> find_gemini_stream_error(const JsonEvent& event);

Error truncated_stream();
// Over kMaxHeldBytes.
Error too_much_held();
// Over kMaxCalls.
Error too_many_calls();

}  // namespace aigw::protocol
