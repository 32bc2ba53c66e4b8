// A chat answer as server-sent events: frames of one `data:` line, choices interleaved, a pace.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "sidecar/simulated/pace.h"
#include "sidecar/simulated/plan.h"

namespace aigw::simulated {

// One step of one choice.
struct Delta {
    std::string json{};                // the value of "delta"
    std::string logprobs = "null";     // JSON
    std::string_view finish_reason{};  // empty: null
    std::int64_t tokens = 0;           // what the pace charges for it
};

struct StreamShape {
    std::string head{};         // members before "choices": `"id":"…","model":"…"`
    std::string first_extra{};  // members that only the first chunk has: `,"x_echo":{…}`
    std::string usage{};        // the last chunk's usage as JSON; empty: not asked for, no key
    bool has_obfuscation = false;
};

// Every frame a piece of its own, `data: [DONE]` included. `choices[i]` are the deltas of index i.
std::vector<Piece> render_stream(const StreamShape& shape,
                                 const std::vector<std::vector<Delta>>& choices, const Pace& pace,
                                 Random random);

std::string sse_frame(std::string_view json);

}  // namespace aigw::simulated
