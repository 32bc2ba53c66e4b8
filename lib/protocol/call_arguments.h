// Arguments of calls: always a JSON object, whatever a model or a server made of them.
//
// Source:  the conversion contract, sections 3.3 and 7.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/json_tree.h"

namespace aigw::protocol {

// The object as it stands in `text`; "{}" for a blank text and null; what is no object is put into
// one, as `_raw_arguments`, so that the call and its result stay paired.
std::string arguments_object(std::string_view text);
// The same of a field that should be a text and may be the object itself.
std::string arguments_object(JsonValue arguments);

// A custom tool's input as the arguments of a function: {"input":"…"}.
std::string custom_input(std::string_view input);

// Tells where an object ends that comes in pieces. Nothing is checked inside of it.
class ObjectProgress {
public:
    enum class State : std::uint8_t { Before, Inside, Complete, NoObject };

    // The part of `piece` that belongs to the object: without blanks before it, without anything
    // behind it. Of a text that does not begin as an object: all of it.
    std::string_view take(std::string_view piece);
    State state() const { return state_; }

private:
    // How many bytes of `piece` are the object's.
    std::size_t scan(std::string_view piece);

    State state_ = State::Before;
    std::uint32_t depth_ = 0;
    bool is_in_string_ = false;
    bool is_escaped_ = false;
};

}  // namespace aigw::protocol
