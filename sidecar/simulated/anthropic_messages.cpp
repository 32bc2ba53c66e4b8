#include "sidecar/simulated/anthropic_messages.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "sidecar/simulated/anthropic_blocks.h"
#include "sidecar/simulated/anthropic_thinking.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::size_t kMaxMessages = 100'000;
constexpr int kMaxMarks = 4;

std::string message_path(std::size_t message) {
    return "messages." + std::to_string(message);
}

// Each message for itself.

Verdict refuse_system(const Json& body, const Terms& terms) {
    const Json* system = find_field(body, "system");
    if (system == nullptr) return std::nullopt;
    if (!system->is_array()) return invalid_at("system", "Input should be a valid list");
    for (std::size_t i = 0; i < system->size(); ++i) {
        if (auto refusal = refuse_block((*system)[i], join("system", i), Place::System, terms)) {
            return refusal;
        }
    }
    return std::nullopt;
}

Verdict refuse_role(std::string_view role, const Terms& terms) {
    if (role == "user" || role == "assistant") return std::nullopt;
    if (role == "system" && terms.model.has_late_system) return std::nullopt;
    if (role == "system") {
        return invalid(
            "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` "
            "parameter, not \"system\" as an input message role.");
    }
    return invalid("messages: Unexpected role \"" + std::string(role) +
                   "\". Allowed roles are \"user\" or \"assistant\".");
}

Place place_of(std::string_view role) {
    if (role == "assistant") return Place::Assistant;
    return role == "system" ? Place::System : Place::User;
}

Verdict refuse_message(const Json& message, std::size_t index, const Terms& terms) {
    constexpr std::array kMembers = {
        FieldRule{"role", FieldType::String},
        FieldRule{"content"},
    };
    const std::string at = message_path(index);
    if (auto refusal = refuse_members(message, at, kMembers, "role content")) return refusal;
    const std::string_view role = text_field(message, "role");
    if (auto refusal = refuse_role(role, terms)) return refusal;
    const Json& content = message["content"];
    const std::string content_at = join(at, "content");
    if (!content.is_array()) return invalid_at(content_at, "Input should be a valid list");
    for (std::size_t i = 0; i < content.size(); ++i) {
        if (auto refusal = refuse_block(content[i], join(content_at, i), place_of(role), terms)) {
            return refusal;
        }
    }
    return std::nullopt;
}

Verdict refuse_emptiness(const Json& messages) {
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const bool is_final_assistant =
            i + 1 == messages.size() && text_field(messages[i], "role") == "assistant";
        if (!messages[i]["content"].empty() || is_final_assistant) continue;
        return invalid_at(message_path(i),
                          "all messages must have non-empty content except for the optional final "
                          "assistant message");
    }
    return std::nullopt;
}

// Calls and their results.

std::vector<const Block*> blocks_of(const Turn& turn, std::string_view type) {
    std::vector<const Block*> found;
    for (const Block& block : turn.blocks) {
        if (block.type() == type) found.push_back(&block);
    }
    return found;
}

std::string_view id_of(const Block& call) {
    return text_field(*call.json, "id");
}

std::string_view answered_id(const Block& result) {
    return text_field(*result.json, "tool_use_id");
}

class Calls {
public:
    // A turn against the one before it.
    Verdict refuse(const Turn& turn) {
        if (auto refusal = refuse_results(turn)) return refusal;
        if (auto refusal = refuse_unanswered(&turn)) return refusal;
        open_.clear();
        for (const Block* call : blocks_of(turn, "tool_use")) {
            if (!seen_.emplace(id_of(*call)).second) {
                return invalid_at(call->path(), "`tool_use` ids must be unique");
            }
            open_.push_back(call);
        }
        return std::nullopt;
    }

    Verdict refuse_end() const { return refuse_unanswered(nullptr); }

private:
    Verdict refuse_results(const Turn& turn) const {
        std::set<std::string_view> answered;
        for (const Block* result : blocks_of(turn, "tool_result")) {
            const std::string_view id = answered_id(*result);
            const bool is_asked = std::any_of(
                open_.begin(), open_.end(), [&](const Block* call) { return id_of(*call) == id; });
            if (!is_asked) {
                return invalid_at(
                    result->path(),
                    "unexpected `tool_use_id` found in `tool_result` blocks: " + std::string(id) +
                        ". Each `tool_result` block must have a corresponding `tool_use` block in "
                        "the previous message.");
            }
            if (answered.insert(id).second) continue;
            return invalid_at(result->path(),
                              "each tool_use must have a single result. Found multiple "
                              "`tool_result` blocks with id: " +
                                  std::string(id));
        }
        return std::nullopt;
    }

    // Only results that stand before everything else of the turn count.
    Verdict refuse_unanswered(const Turn* turn) const {
        std::set<std::string_view> answered;
        if (turn != nullptr) {
            for (const Block& block : turn->blocks) {
                if (block.type() != "tool_result") break;
                answered.insert(answered_id(block));
            }
        }
        std::string missing;
        for (const Block* call : open_) {
            if (answered.contains(id_of(*call))) continue;
            missing.append(missing.empty() ? "" : ", ").append(id_of(*call));
        }
        if (missing.empty()) return std::nullopt;
        return invalid_at(
            message_path(open_.front()->message),
            "`tool_use` ids were found without `tool_result` blocks immediately after: " + missing +
                ". Each `tool_use` block must have a corresponding `tool_result` block in the next "
                "message.");
    }

    std::vector<const Block*> open_{};
    std::set<std::string_view> seen_{};
};

Verdict refuse_calls(std::span<const Turn> turns) {
    Calls calls;
    for (const Turn& turn : turns) {
        if (auto refusal = calls.refuse(turn)) return refusal;
    }
    return calls.refuse_end();
}

Verdict refuse_missing_tools(const Json& body, std::span<const Turn> turns) {
    const Json* tools = find_field(body, "tools");
    if (tools != nullptr && !tools->empty()) return std::nullopt;
    const bool has_calls = std::any_of(turns.begin(), turns.end(), [](const Turn& turn) {
        return turn.has("tool_use") || turn.has("tool_result");
    });
    if (!has_calls) return std::nullopt;
    return invalid("Requests which include `tool_use` or `tool_result` blocks must define tools.");
}

// Thoughts.

bool is_thought(const Block& block) {
    return block.type() == "thinking" || block.type() == "redacted_thinking";
}

Verdict refuse_thoughts_of(const Turn& turn, bool is_last, bool is_thinking) {
    const bool has_thoughts = std::any_of(turn.blocks.begin(), turn.blocks.end(), is_thought);
    if (!has_thoughts) return std::nullopt;
    const Block& first = turn.blocks.front();
    if (!is_thought(first)) {
        return invalid_at(first.path() + ".type",
                          "If an assistant message contains any thinking blocks, the first block "
                          "must be `thinking` or `redacted_thinking`. Found `" +
                              std::string(first.type()) + "`.");
    }
    if (is_thought(turn.blocks.back())) {
        return invalid_at(message_path(turn.blocks.back().message),
                          "The final block in an assistant message cannot be `" +
                              std::string(turn.blocks.back().type()) + "`.");
    }
    if (!is_last || is_thinking) return std::nullopt;
    return invalid_at(first.path(),
                      "When thinking is disabled, an `assistant` message in the final position "
                      "cannot contain `thinking`. To use thinking blocks, enable `thinking` in "
                      "your request.");
}

// With a budget, a model that has called tools goes on from the thoughts that made it call them.
Verdict refuse_thoughtless_calls(std::span<const Turn> turns) {
    for (std::size_t i = turns.size(); i-- > 0;) {
        if (turns[i].role != "assistant") continue;
        const bool goes_on = i + 1 == turns.size() || turns[i + 1].has("tool_result");
        if (!goes_on || turns[i].blocks.empty()) return std::nullopt;
        const Block& first = turns[i].blocks.front();
        if (is_thought(first)) return std::nullopt;
        return invalid_at(
            first.path() + ".type",
            "Expected `thinking` or `redacted_thinking`, but found `" + std::string(first.type()) +
                "`. When `thinking` is enabled, a final `assistant` message must start with a "
                "thinking block (preceeding the lastmost set of `tool_use` and `tool_result` "
                "blocks). We recommend you include thinking blocks from previous turns. To avoid "
                "this requirement, disable `thinking`. Please consult our documentation at " +
                std::string(kThinkingPage));
    }
    return std::nullopt;
}

Verdict refuse_thoughts(const Json& body, std::span<const Turn> turns, const Terms& terms) {
    const ThinkingOrder order = read_thinking(body, terms.model);
    Signer signer(body, terms);
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const bool is_last = i + 1 == turns.size();
        if (auto refusal = refuse_thoughts_of(turns[i], is_last, order.is_on(true))) {
            return refusal;
        }
        for (const Block& block : turns[i].blocks) {
            if (!is_thought(block)) continue;
            if (auto refusal = signer.refuse_block(block)) return refusal;
        }
        signer.add(turns[i]);
    }
    return order.type == "enabled" ? refuse_thoughtless_calls(turns) : std::nullopt;
}

// The ends, and what stands alone.

Verdict refuse_ends(std::span<const Turn> turns, const Terms& terms) {
    if (turns.front().role != "user") {
        return invalid("messages: first message must use the \"user\" role");
    }
    const Turn& last = turns.back();
    if (last.role != "assistant") return std::nullopt;
    if (!terms.model.has_prefill) {
        return invalid(
            "This model does not support assistant message prefill. The conversation "
            "must end with a user message.");
    }
    if (last.blocks.empty() || last.blocks.back().type() != "text") return std::nullopt;
    const std::string_view text = text_field(*last.blocks.back().json, "text");
    if (trim(text).ends_with(text.back())) return std::nullopt;
    return invalid("messages: final assistant content cannot end with trailing whitespace");
}

Verdict refuse_late_system(std::span<const Turn> turns) {
    for (std::size_t i = 0; i + 1 < turns.size(); ++i) {
        if (turns[i].role != "system" || turns[i + 1].role == "assistant") continue;
        return invalid_at(message_path(turns[i].message),
                          "a `system` message must be the last one or directly precede an "
                          "`assistant` message");
    }
    return std::nullopt;
}

Verdict refuse_lone_documents(std::span<const Turn> turns) {
    for (const Turn& turn : turns) {
        if (!turn.has("document") || turn.has("text")) continue;
        return invalid_at(message_path(turn.message),
                          "a message with `document` blocks must also contain a `text` block");
    }
    return std::nullopt;
}

// Marks for the cache, in the order in which they take effect.

class Marks {
public:
    Verdict refuse(const Json& holder, const std::string& path) {
        const Json* mark = find_field(holder, "cache_control");
        if (mark == nullptr) return std::nullopt;
        ++count_;
        const bool is_long = text_field(*mark, "ttl") == "1h";
        if (is_long && has_short_) {
            return invalid_at(
                path + ".cache_control.ttl",
                "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control "
                "block. Note that blocks are processed in the following order: `tools`, `system`, "
                "`messages`.");
        }
        has_short_ = has_short_ || !is_long;
        return std::nullopt;
    }

    Verdict refuse_all(const Json& list, const std::string& path) {
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (auto refusal = refuse(list[i], join(path, i))) return refusal;
        }
        return std::nullopt;
    }

    Verdict refuse_count() const {
        if (count_ <= kMaxMarks) return std::nullopt;
        return invalid("A maximum of 4 blocks with cache_control may be provided. Found " +
                       std::to_string(count_) + ".");
    }

private:
    int count_ = 0;
    bool has_short_ = false;
};

}  // namespace

Verdict refuse_contents(const Json& body, const Terms& terms) {
    if (auto refusal = refuse_system(body, terms)) return refusal;
    const Json& messages = body["messages"];
    if (messages.empty()) return invalid("messages: at least one message is required");
    if (messages.size() > kMaxMessages) {
        return invalid_at("messages",
                          "List should have at most 100000 items after validation, not " +
                              std::to_string(messages.size()));
    }
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (auto refusal = refuse_message(messages[i], i, terms)) return refusal;
    }
    return refuse_emptiness(messages);
}

Verdict refuse_order(const Json& body, std::span<const Turn> turns, const Terms& terms) {
    if (auto refusal = refuse_ends(turns, terms)) return refusal;
    if (auto refusal = refuse_late_system(turns)) return refusal;
    if (auto refusal = refuse_missing_tools(body, turns)) return refusal;
    if (auto refusal = refuse_calls(turns)) return refusal;
    if (auto refusal = refuse_lone_documents(turns)) return refusal;
    return refuse_thoughts(body, turns, terms);
}

Verdict refuse_marks(const Json& body) {
    Marks marks;
    for (const char* name : {"tools", "system"}) {
        const Json* list = find_field(body, name);
        if (list == nullptr) continue;
        if (auto refusal = marks.refuse_all(*list, name)) return refusal;
    }
    const Json& messages = body["messages"];
    for (std::size_t i = 0; i < messages.size(); ++i) {
        if (auto refusal = marks.refuse_all(messages[i]["content"], message_path(i) + ".content")) {
            return refusal;
        }
    }
    if (auto refusal = marks.refuse(body, "")) return refusal;
    return marks.refuse_count();
}

}  // namespace aigw::simulated::anthropic
