#include "protocol/tool_names.h"

#include <algorithm>
#include <unordered_map>

namespace aigw::protocol {
namespace {

constexpr std::size_t kLongest = 64;
constexpr std::size_t kKept = 55;
constexpr std::size_t kHashDigits = 8;

bool is_name_character(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

bool is_good(std::string_view name) {
    return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, is_name_character);
}

class Renamer {
public:
    explicit Renamer(RequestConversion& to) : to_(to) {}

    void rename(std::string& name) {
        if (is_good(name) && name != to_.traits.refused_tool_name) return;
        const auto [entry, is_new] = sent_.try_emplace(name);
        if (is_new) {
            entry->second = openai_tool_name(name, to_.traits.refused_tool_name, to_.options);
            to_.plan.names.push_back({.sent = entry->second, .asked = name});
        }
        name = entry->second;
    }

private:
    RequestConversion& to_;
    std::unordered_map<std::string, std::string> sent_;
};

}  // namespace

std::string openai_tool_name(std::string_view name, std::string_view refused,
                             const ConversionOptions& options) {
    if (is_good(name) && name != refused) return std::string(name);
    std::string sent(name.substr(0, kKept));
    std::ranges::replace_if(sent, [](char c) { return !is_name_character(c); }, '_');
    return sent + "_" + options.sha256_hex(name).substr(0, kHashDigits);
}

void rename_tools(ChatRequest& request, RequestConversion& to) {
    Renamer renamer(to);
    for (Tool& tool : request.tools) {
        if (tool.kind != ToolKind::Vendor) renamer.rename(tool.name);
    }
    if (request.tool_choice.mode == ToolChoice::Mode::Named)
        renamer.rename(request.tool_choice.name);
    for (std::string& name : request.tool_choice.allowed) renamer.rename(name);
    for (Message& message : request.messages) {
        for (Part& part : message.parts) {
            if (auto* call = part.as<CallPart>()) renamer.rename(call->name);
        }
    }
}

}  // namespace aigw::protocol
