#include "sidecar/simulated/chat.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/prose.h"
#include "sidecar/simulated/schema.h"

namespace aigw::simulated {
namespace {

constexpr std::int64_t kTokensPerImage = 85;
constexpr std::int64_t kTokensPerMessage = 3;
constexpr std::int64_t kSmallestCachedPrompt = 1024;
constexpr std::int64_t kCacheStep = 128;
constexpr std::size_t kMaxCalls = 8;
constexpr std::size_t kShownToolResult = 80;

struct Tool {
    std::string_view name;
    const Json* schema;  // nullptr: none given
    bool is_custom;
};

std::vector<Tool> read_functions(const Json& body) {
    std::vector<Tool> tools;
    for (const Json& function : body["functions"]) {
        tools.push_back({text_field(function, "name"), find_field(function, "parameters"), false});
    }
    return tools;
}

std::vector<Tool> read_tools(const Json& body) {
    std::vector<Tool> tools;
    if (const Json* listed = find_field(body, "tools")) {
        for (const Json& tool : *listed) {
            const bool is_custom = text_field(tool, "type") == "custom";
            const Json& inner = tool[is_custom ? "custom" : "function"];
            tools.push_back(
                {text_field(inner, "name"), find_field(inner, "parameters"), is_custom});
        }
    }
    return tools;
}

// What `tool_choice` leaves of the tools, and whether one must be called.
struct ToolOrder {
    std::vector<Tool> tools{};
    bool is_forced = false;
};

bool uses_functions(const ChatOrder& order) {
    return order.takes_functions && find_field(order.body, "functions") != nullptr;
}

ToolOrder read_tool_order(const Json& body, bool is_of_functions) {
    ToolOrder order{is_of_functions ? read_functions(body) : read_tools(body), false};
    const Json* choice = find_field(body, is_of_functions ? "function_call" : "tool_choice");
    if (choice == nullptr) return order;
    if (choice->is_string()) {
        if (*choice == "none") order.tools.clear();
        order.is_forced = *choice == "required";
        return order;
    }
    const std::string_view type = text_field(*choice, "type");
    const Json* named = is_of_functions ? choice : find_field(*choice, type);
    if (type == "allowed_tools") {
        order.is_forced = named != nullptr && text_field(*named, "mode") == "required";
        return order;
    }
    const std::string_view name =
        named == nullptr ? std::string_view() : text_field(*named, "name");
    std::erase_if(order.tools, [&](const Tool& tool) { return tool.name != name; });
    order.is_forced = true;
    return order;
}

// The tools that the user named, once per time that they are named, in that order.
std::vector<Tool> find_named_tools(const std::vector<Tool>& tools, std::string_view user_text) {
    struct Mention {
        std::size_t at;
        Tool tool;
    };
    const std::string text = to_lower(user_text);
    std::vector<Mention> mentions;
    for (const Tool& tool : tools) {
        const std::string name = to_lower(tool.name);
        for (std::size_t at = text.find(name);
             at != std::string::npos && mentions.size() < kMaxCalls;
             at = text.find(name, at + name.size())) {
            mentions.push_back({at, tool});
        }
    }
    std::stable_sort(mentions.begin(), mentions.end(),
                     [](const Mention& a, const Mention& b) { return a.at < b.at; });
    std::vector<Tool> named;
    for (const Mention& mention : mentions) named.push_back(mention.tool);
    return named;
}

std::vector<Tool> choose_tools(const ChatOrder& order, const ToolOrder& tool_order) {
    if (order.prompt.last_role != "user") return {};
    std::vector<Tool> chosen = find_named_tools(tool_order.tools, order.prompt.last_user);
    if (chosen.empty() && tool_order.is_forced && !tool_order.tools.empty()) {
        chosen.push_back(tool_order.tools.front());
    }
    const bool may_be_many = order.may_call_in_parallel && !uses_functions(order);
    if (!may_be_many && chosen.size() > 1) chosen.resize(1);
    return chosen;
}

ToolCall make_call(const Tool& tool, const Prompt& prompt, Random& random) {
    ToolCall call{"call_" + make_id(24, random), std::string(tool.name), "", tool.is_custom};
    if (tool.is_custom) {
        call.arguments = opening_of(prompt.last_user);
    } else if (tool.schema == nullptr) {
        call.arguments = "{}";
    } else {
        call.arguments = make_example(*tool.schema, find_names(prompt.last_user), random).dump();
    }
    return call;
}

// The text of a JSON answer, or nothing when text was asked for.
std::optional<std::string> make_json_answer(const ChatOrder& order, Random& random) {
    const Json* format = find_field(order.body, "response_format");
    if (format == nullptr) return std::nullopt;
    if (text_field(*format, "type") == "json_object") {
        return Json{{"answer", opening_of(order.prompt.last_user)}, {"confidence", 1}}.dump();
    }
    if (text_field(*format, "type") != "json_schema") return std::nullopt;
    const Json* schema = find_field((*format)["json_schema"], "schema");
    if (schema == nullptr) return "{}";
    return make_example(*schema, find_names(order.prompt.last_user), random).dump();
}

// N of a model named "sim-tokens-N".
std::optional<std::int64_t> ordered_tokens(std::string_view model) {
    constexpr std::string_view kPrefix = "sim-tokens-";
    constexpr std::uint64_t kMost = 100'000;
    if (!model.starts_with(kPrefix)) return std::nullopt;
    const auto count = parse_uint(model.substr(kPrefix.size()));
    if (!count) return std::nullopt;
    return static_cast<std::int64_t>(std::min(*count, kMost));
}

std::string make_content(const ChatOrder& order, Random& random) {
    if (auto json = make_json_answer(order, random)) return *std::move(json);
    if (const auto count = ordered_tokens(order.model)) return make_tokens(*count, random);
    if (order.prompt.last_role != "tool") {
        return make_answer(order.prompt.last_user, order.prompt.image_count, random);
    }
    const bool is_chinese = tongue_of(order.prompt.last_user) == Tongue::Chinese;
    const std::string result(cut_text(order.prompt.tool_result, kShownToolResult));
    return (is_chinese ? "工具回答：" : "The tool answered: ") + result + "\n" +
           make_answer(order.prompt.last_user, order.prompt.image_count, random);
}

// Cuts at the first stop sequence, which is not part of the answer.
void apply_stop(const Json& body, Choice& choice) {
    const Json* stop = find_field(body, "stop");
    if (stop == nullptr) return;
    const auto cut_at = [&](const Json& sequence) {
        if (!sequence.is_string() || sequence.get_ref<const std::string&>().empty()) return;
        const auto& text = sequence.get_ref<const std::string&>();
        const std::size_t at = choice.content.find(text);
        if (at == std::string::npos) return;
        choice.content.resize(at);
        choice.stop_sequence = text;
    };
    if (!stop->is_array()) return cut_at(*stop);
    for (const Json& sequence : *stop) cut_at(sequence);
}

// Cuts a text to at most `budget` tokens and takes what is left from it; false when it was cut.
bool spend(std::string& text, std::int64_t& budget) {
    const auto tokens = split_tokens(text);
    const auto count = static_cast<std::int64_t>(tokens.size());
    if (count <= budget) {
        budget -= count;
        return true;
    }
    std::size_t length = 0;
    for (std::int64_t i = 0; i < budget; ++i) length += tokens[static_cast<std::size_t>(i)].size();
    text.resize(length);
    budget = 0;
    return false;
}

void apply_limits(const ChatOrder& order, Choice& choice) {
    constexpr std::int64_t kEndless = std::int64_t{1} << 40;
    std::int64_t thinking = order.max_thinking_tokens.value_or(kEndless);
    spend(choice.thoughts, thinking);
    std::int64_t total = order.max_tokens.value_or(kEndless);
    bool is_whole = spend(choice.thoughts, total);
    std::int64_t budget = std::min(total, order.max_answer_tokens.value_or(kEndless));
    is_whole = spend(choice.content, budget) && is_whole;
    for (ToolCall& call : choice.tool_calls) is_whole = spend(call.arguments, budget) && is_whole;
    if (!is_whole) choice.finish_reason = "length";
}

Choice compose_choice(const ChatOrder& order, Random random) {
    Choice choice;
    if (order.is_thinking) choice.thoughts = make_thoughts(order.prompt.last_user, random);
    const ToolOrder tool_order = read_tool_order(order.body, uses_functions(order));
    for (const Tool& tool : choose_tools(order, tool_order)) {
        choice.tool_calls.push_back(make_call(tool, order.prompt, random));
    }
    if (choice.tool_calls.empty()) {
        choice.content = make_content(order, random);
        apply_stop(order.body, choice);
    } else {
        choice.is_function_call = uses_functions(order);
        choice.finish_reason = choice.is_function_call ? "function_call" : "tool_calls";
        if (order.talks_before_calls && !tool_order.is_forced) {
            choice.content = "I will use " + choice.tool_calls.front().name + ".";
        }
    }
    apply_limits(order, choice);
    return choice;
}

std::int64_t count_calls(const Choice& choice) {
    std::int64_t count = 0;
    for (const ToolCall& call : choice.tool_calls) {
        count += count_tokens(call.name) + count_tokens(call.arguments);
    }
    return count;
}

std::int64_t count_cached(std::int64_t prompt) {
    return prompt < kSmallestCachedPrompt ? 0 : prompt / 2 / kCacheStep * kCacheStep;
}

void add_message(const Json& message, Prompt& prompt) {
    const Json* content = find_field(message, "content");
    const std::string text = content == nullptr ? std::string() : text_of_content(*content);
    prompt.tokens += kTokensPerMessage + count_tokens(text);
    prompt.last_role = text_field(message, "role");
    if (prompt.last_role == "user") prompt.last_user = text;
    if (prompt.last_role == "function") prompt.last_role = "tool";  // the deprecated form
    if (prompt.last_role == "tool") prompt.tool_result = text;
    if (const Json* calls = find_field(message, "tool_calls")) {
        prompt.tokens += count_tokens(calls->dump());
    }
    if (content == nullptr || !content->is_array()) return;
    prompt.image_count += static_cast<std::uint64_t>(
        std::count_if(content->begin(), content->end(),
                      [](const Json& part) { return text_field(part, "type") == "image_url"; }));
}

}  // namespace

std::string text_of_content(const Json& content) {
    if (content.is_string()) return content.get<std::string>();
    std::string text;
    if (!content.is_array()) return text;
    for (const Json& part : content) {
        const std::string_view piece = text_field(part, "text");
        if (!text.empty() && !piece.empty()) text += "\n";
        text += piece;
    }
    return text;
}

Prompt read_prompt(const Json& body) {
    Prompt prompt;
    for (const Json& message : body["messages"]) add_message(message, prompt);
    if (const Json* tools = find_field(body, "tools")) prompt.tokens += count_tokens(tools->dump());
    prompt.tokens += static_cast<std::int64_t>(prompt.image_count) * kTokensPerImage;
    return prompt;
}

bool mentions_json(const Json& body) {
    return std::any_of(body["messages"].begin(), body["messages"].end(), [](const Json& message) {
        const Json* content = find_field(message, "content");
        return content != nullptr &&
               to_lower(text_of_content(*content)).find("json") != std::string::npos;
    });
}

ChatAnswer compose(const ChatOrder& order, std::uint64_t seed) {
    ChatAnswer answer;
    answer.tokens.prompt = order.prompt.tokens;
    answer.tokens.cached = count_cached(order.prompt.tokens);
    answer.tokens.image = static_cast<std::int64_t>(order.prompt.image_count) * kTokensPerImage;
    for (std::int64_t i = 0; i < order.choices; ++i) {
        Choice choice = compose_choice(order, Random(seed + static_cast<std::uint64_t>(i)));
        const std::int64_t reasoning = count_tokens(choice.thoughts);
        answer.tokens.reasoning += reasoning;
        answer.tokens.completion += reasoning + count_tokens(choice.content) + count_calls(choice);
        answer.choices.push_back(std::move(choice));
    }
    return answer;
}

std::uint64_t seed_of_chat(const Json& body, std::uint64_t seed) {
    Json same = body;
    same.erase("stream");
    same.erase("stream_options");
    return hash_of(same.dump(-1, ' ', false, Json::error_handler_t::replace), seed);
}

}  // namespace aigw::simulated
