// How a caller names what both protocols have: the paths of what was lost are those of its own
// body.
#pragma once

#include <string_view>

#include "base/operation.h"

namespace aigw::protocol {

struct CallerFields {
    std::string_view stop;
    std::string_view user;
    std::string_view thinking;
    std::string_view effort;
    std::string_view format;
    std::string_view parallel_calls;
};

constexpr CallerFields caller_fields(Protocol protocol) {
    if (protocol == Protocol::Anthropic) {
        return {.stop = "stop_sequences",
                .user = "metadata.user_id",
                .thinking = "thinking",
                .effort = "output_config.effort",
                .format = "output_config.format",
                .parallel_calls = "tool_choice.disable_parallel_tool_use"};
    }
    return {.stop = "stop",
            .user = "user",
            .thinking = "reasoning_effort",
            .effort = "reasoning_effort",
            .format = "response_format",
            .parallel_calls = "parallel_tool_calls"};
}

}  // namespace aigw::protocol
