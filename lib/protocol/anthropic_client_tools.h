// Tools whose schema Anthropic's models know by heart, and that the caller runs itself: what
// another vendor's model must be told about them.
//
// Source: docs.anthropic.com, tool use: bash, text editor and memory tools; the conversion
// contract,
//         section 6.3.
#pragma once

#include <string_view>

namespace aigw::protocol {

struct ClientTool {
    std::string_view type_prefix;  // of "bash_20250124"
    std::string_view description;
    std::string_view parameters;  // JSON Schema
};

// nullptr: the vendor runs it, or nobody knows it.
const ClientTool* find_client_tool(std::string_view type);

}  // namespace aigw::protocol
