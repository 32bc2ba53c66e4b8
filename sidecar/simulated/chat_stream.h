// A chat answer as server-sent events: frames of one `data:` line, choices interleaved, a pace.
#pragma once

#include <cstdint>
#include <functional>
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
    std::string extra{};               // members behind it: `,"moderation_hit_type":"violence"`
    std::int64_t tokens = 0;           // what the pace charges for it
};

struct StreamShape {
    std::string head{};          // members before "choices": `"id":"…","model":"…"`
    std::string first_extra{};   // members that only the first chunk has: `,"x_echo":{…}`
    std::string usage{};         // the last chunk's usage as JSON; empty: not asked for, no key
    bool has_null_usage = true;  // where usage is asked for, all other chunks have the key
    bool has_logprobs = true;    // the key, at least
    bool has_obfuscation = false;
    // Usage as JSON after so many tokens, for every chunk that has a choice; empty: none.
    std::function<std::string(std::int64_t tokens)> running_usage{};
    std::string last = "[DONE]";  // the data of the last frame
};

// Every frame a piece of its own, the last one included. `choices[i]` are the deltas of index i.
std::vector<Piece> render_stream(const StreamShape& shape,
                                 const std::vector<std::vector<Delta>>& choices, const Pace& pace,
                                 Random random);

std::string sse_frame(std::string_view json);

}  // namespace aigw::simulated
