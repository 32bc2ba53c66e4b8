// How long an answer may be: what a policy says of it, as those need it who keep to it.
//
// Units:   tokens of the answer as the model's vocabulary counts the text that its caller gets,
//          thoughts included. Each of several answers to one request (`n`) may be that long.
// Notice:  the gateway's words behind what was cut; nobody is charged for them, so that they count
//          neither here nor in the answer's usage.
#pragma once

#include <cstdint>
#include <string>

namespace aigw::policy {

struct OutputCap {
    std::int64_t max_tokens = 0;
    std::string notice{};  // empty: none
    friend bool operator==(const OutputCap&, const OutputCap&) = default;
};

}  // namespace aigw::policy
