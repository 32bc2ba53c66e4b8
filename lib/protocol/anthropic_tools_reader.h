// `tools` and `tool_choice` of Anthropic's Messages, read into neutral ones.
//
// Errors: invalid_request, `param` the path.
// Source: docs.anthropic.com/en/api/messages; the conversion contract, section 6.3.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "protocol/chat_request.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

// A `cache_control`; none where it is absent or null.
Result<std::optional<CacheMark>> read_anthropic_mark(JsonValue object, std::string_view path);

Result<std::vector<Tool>> read_anthropic_tools(JsonValue list);

// `disable_parallel_tool_use` stands inside the choice.
Result<void> read_anthropic_tool_choice(JsonValue value, ChatRequest& request);

// Follows the blocks of a conversation that add a tool to the list or take one away.
class ToolChanges {
public:
    // `tools` outlives this.
    explicit ToolChanges(std::vector<Tool>& tools);

    // Of a `tool_addition` or `tool_removal`. False: it speaks of what the list does not have.
    Result<bool> follow(JsonValue block, const Place& place);
    // Tools that were removed are gone only then.
    void finish();

private:
    struct Entry {
        std::size_t index = 0;
        bool is_listed = true;
    };

    std::vector<Tool>& tools_;
    std::unordered_map<std::string, Entry> by_name_;
};

}  // namespace aigw::protocol
