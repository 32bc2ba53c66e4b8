// The conversation of a Messages request as the model reads it: neighbours of one role are one
// turn, and every content is a list of blocks.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

// A block and where it stands in the request: messages.MESSAGE.content.INDEX.
struct Block {
    const Json* json = nullptr;
    std::size_t message = 0;
    std::size_t index = 0;

    std::string_view type() const;
    std::string path() const;  // "messages.0.content.1"
};

struct Turn {
    std::string_view role{};
    std::size_t message = 0;  // of its first
    std::vector<Block> blocks{};

    bool has(std::string_view type) const;
};

// The body with every string that stands for a text block written as one; an empty string is no
// block. What is no string or list is left as it is.
Json with_blocks(const Json& body);

// Views into `body`, which with_blocks made and whose messages are lists of objects.
std::vector<Turn> read_turns(const Json& body);

}  // namespace aigw::simulated::anthropic
