// A tool's JSON Schema as Anthropic takes it: an object at the root, without combinators there.
//
// Only the root is touched; $defs and everything below stay as they were, to the digit.
// Source: the conversion contract, section 3.5.
#pragma once

#include <string>
#include <string_view>

namespace aigw::protocol {

struct ToolSchema {
    std::string json{};
    std::string alternatives{};  // what the description must say instead; empty: nothing was lost
    friend bool operator==(const ToolSchema&, const ToolSchema&) = default;
};

// `schema` is JSON, or empty for none.
ToolSchema make_object_schema(std::string_view schema);

}  // namespace aigw::protocol
