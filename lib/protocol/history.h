// A conversation put in order: every call has one result, directly after it; nothing else stands
// between.
//
// Does:    neighbours of one role become one message, their parts concatenated. Results stand first
//          in the user's turn after their calls, in the order of the calls. A call without result
//          gets one that says so; a result without call becomes user text; of two results the last
//          counts; an id that comes again in a later turn gets "_2" behind it, or the next number
//          that makes it one of a kind. Ids that the upstream would refuse are rewritten, the same
//          way on both sides.
// Errors:  invalid_request when the conversation ends with calls: there is nothing to answer.
// Pure:    made-up ids derive from positions and texts, so that any process makes the same.
// Cost:    linear in the number of parts.
// Source:  the conversion contract, sections 3.4 and 6.2.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/losses.h"

namespace aigw::protocol {

// What stands for a result that the caller never sent; `is_error` is true of it.
constexpr std::string_view kMissingResult = "Tool result missing.";

struct HistoryRules {
    std::size_t max_id = 0;     // characters; 0: any length
    bool restricts_ids = true;  // only [A-Za-z0-9_-] in them
    std::string (*sha256_hex)(std::string_view) = nullptr;
};

Result<void> repair_history(ChatRequest& request, const HistoryRules& rules, Losses& losses);

// Neighbours of one role become one message. System messages stay as they are.
void merge_neighbours(std::vector<Message>& messages);

// The id as the rules want it: characters that they refuse become `_`, what is over `max_id` is cut
// off, and eight digits of the original's hash stand behind what was changed, so that two ids stay
// two.
std::string safe_id(std::string_view id, const HistoryRules& rules);

}  // namespace aigw::protocol
