// Counts what an answer says while it passes, for vendors who don't.
#pragma once

#include "base/usage.h"
#include "protocol/chat_events.h"

namespace aigw::protocol {

class OutputMeter {
public:
    virtual ~OutputMeter() = default;
    virtual void add(const ChatEvent& event) = 0;
    // Puts the counts so far in place of the usage's output and reasoning tokens.
    virtual void fill(Usage& usage) = 0;
};

}  // namespace aigw::protocol
