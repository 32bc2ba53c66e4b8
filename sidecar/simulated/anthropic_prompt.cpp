#include "sidecar/simulated/anthropic_prompt.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::int64_t kTokensPerImage = 1600;
constexpr std::int64_t kTokensPerDocument = 2000;  // whose text is not in the request
constexpr std::int64_t kTokensPerTurn = 3;

std::int64_t count_block(const Json& block);

std::int64_t count_list(const Json& content) {
    if (content.is_string()) return count_tokens(content.get_ref<const std::string&>());
    std::int64_t tokens = 0;
    for (const Json& block : content) tokens += count_block(block);
    return tokens;
}

std::int64_t count_document(const Json& block) {
    const Json* source = find_field(block, "source");
    if (source == nullptr) return 0;
    const Json* content = find_field(*source, "content");
    if (content != nullptr) return count_list(*content);
    if (text_field(*source, "type") != "text") return kTokensPerDocument;
    return count_tokens(text_field(*source, "data"));
}

std::int64_t count_block(const Json& block) {
    const std::string_view type = text_field(block, "type");
    if (type == "text") return count_tokens(text_field(block, "text"));
    if (type == "image") return kTokensPerImage;
    if (type == "document") return count_document(block);
    if (type == "tool_result" || type == "search_result") {
        const Json* content = find_field(block, "content");
        return content == nullptr ? 0 : count_list(*content);
    }
    if (type == "thinking") return count_tokens(text_field(block, "thinking"));
    if (type == "redacted_thinking") return 0;
    return count_tokens(block.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// The prompt from its beginning, and what the cache makes of it.
class Prefix {
public:
    void add(std::int64_t tokens, const Json* holder) {
        all_ += tokens;
        const Json* mark = holder == nullptr ? nullptr : find_field(*holder, "cache_control");
        if (mark != nullptr) set_mark(*mark);
    }

    void set_mark(const Json& mark) {
        marked_ = all_;
        is_long_ = text_field(mark, "ttl") == "1h";
    }

    // What follows has been said since the assistant's last turn.
    void begin_news() { known_ = all_; }

    PromptTokens tokens(std::int64_t smallest_cached) const {
        PromptTokens tokens{.fresh = all_ - marked_};
        if (marked_ == 0) return tokens;
        if (marked_ < smallest_cached) return {.fresh = all_};
        tokens.read = known_ >= smallest_cached ? std::min(known_, marked_) : 0;
        (is_long_ ? tokens.written_1h : tokens.written_5m) = marked_ - tokens.read;
        return tokens;
    }

private:
    std::int64_t all_ = 0;
    std::int64_t marked_ = 0;
    std::int64_t known_ = 0;
    bool is_long_ = false;
};

// Messages of a chat completion.

Json text_message(const char* role, std::string text) {
    return {{"role", role}, {"content", std::move(text)}};
}

Json brief_assistant(const Turn& turn) {
    std::string text;
    for (const Block& block : turn.blocks) text += text_field(*block.json, "text");
    return text_message("assistant", std::move(text));
}

// Results first, then what the user says to them.
void add_user(const Turn& turn, Json& messages) {
    Json parts = Json::array();
    for (const Block& block : turn.blocks) {
        const std::string_view type = block.type();
        if (type == "text") parts.push_back({{"type", "text"}, {"text", (*block.json)["text"]}});
        if (type == "image") parts.push_back({{"type", "image_url"}});
        if (type == "document") parts.push_back({{"type", "file"}});
        if (type != "tool_result") continue;
        const Json* content = find_field(*block.json, "content");
        messages.push_back(
            text_message("tool", content == nullptr ? "" : text_of_content(*content)));
    }
    if (!parts.empty()) messages.push_back({{"role", "user"}, {"content", std::move(parts)}});
}

// A tool that the client runs: its own, or one of the vendor's that only come with a name.
bool is_run_by_client(const Json& tool) {
    constexpr std::array<std::string_view, 4> kBeginnings = {"bash_", "computer_", "memory_",
                                                             "text_editor_"};
    const std::string_view type = text_field(tool, "type");
    return type.empty() || type == "custom" ||
           std::any_of(kBeginnings.begin(), kBeginnings.end(),
                       [&](std::string_view beginning) { return type.starts_with(beginning); });
}

Json brief_tools(const Json& tools) {
    Json brief = Json::array();
    for (const Json& tool : tools) {
        if (!is_run_by_client(tool)) continue;
        Json function = {{"name", tool["name"]}};
        if (const Json* schema = find_field(tool, "input_schema")) {
            function["parameters"] = *schema;
        }
        brief.push_back({{"type", "function"}, {"function", std::move(function)}});
    }
    return brief;
}

Json brief_choice(const Json& choice) {
    const std::string_view type = text_field(choice, "type");
    if (type == "any") return "required";
    if (type == "tool") return {{"type", "function"}, {"function", {{"name", choice["name"]}}}};
    return type;
}

}  // namespace

PromptTokens count_prompt(const Json& body, std::span<const Turn> turns,
                          std::int64_t smallest_cached) {
    Prefix prefix;
    if (const Json* tools = find_field(body, "tools")) {
        for (const Json& tool : *tools) {
            prefix.add(count_tokens(tool.dump(-1, ' ', false, Json::error_handler_t::replace)),
                       &tool);
        }
    }
    if (const Json* system = find_field(body, "system")) {
        for (const Json& block : *system) prefix.add(count_block(block), &block);
    }
    for (std::size_t i = 0; i < turns.size(); ++i) {
        const bool is_prefill = i + 1 == turns.size();
        if (turns[i].role == "assistant" && !is_prefill) prefix.begin_news();
        prefix.add(kTokensPerTurn, nullptr);
        for (const Block& block : turns[i].blocks) {
            prefix.add(count_block(*block.json), block.json);
        }
    }
    if (const Json* mark = find_field(body, "cache_control")) prefix.set_mark(*mark);
    return prefix.tokens(smallest_cached);
}

Json brief_of(const Json& body, std::span<const Turn> turns) {
    Json messages = Json::array();
    for (const Turn& turn : turns) {
        if (turn.role == "user") add_user(turn, messages);
        if (turn.role == "assistant") messages.push_back(brief_assistant(turn));
    }
    Json brief = {{"messages", std::move(messages)}};
    const Json* tools = find_field(body, "tools");
    if (tools != nullptr && !tools->empty()) brief["tools"] = brief_tools(*tools);
    if (const Json* choice = find_field(body, "tool_choice")) {
        if (text_field(*choice, "type") != "auto") brief["tool_choice"] = brief_choice(*choice);
    }
    if (const Json* stop = find_field(body, "stop_sequences")) brief["stop"] = *stop;
    const Json* config = find_field(body, "output_config");
    const Json* format = config == nullptr ? nullptr : find_field(*config, "format");
    if (format != nullptr) {
        brief["response_format"] = {{"type", "json_schema"},
                                    {"json_schema", {{"schema", (*format)["schema"]}}}};
    }
    return brief;
}

}  // namespace aigw::simulated::anthropic
