// Words in a prompt by which a test brings about an end that a simulated model has no other reason
// to come to.
//
// SIM_BLOCK_REASON:   the vendor declines the prompt.
// SIM_FINISH_REASON:  the vendor stops the answer.
// REASON is a word of capitals and '_'; a vendor that tells reasons apart repeats it, the others
// have one word for all.
#pragma once

#include <string_view>

namespace aigw::simulated {

// The reason, or "" when the prompt has no such word.
std::string_view find_block_reason(std::string_view prompt);
std::string_view find_finish_reason(std::string_view prompt);

}  // namespace aigw::simulated
