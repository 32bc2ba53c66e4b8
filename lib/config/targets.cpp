#include "config/targets.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::config {
namespace {

using routing::TargetKind;
using routing::TargetOptions;

TargetOptions parse_target(const std::string& text) {
    if (!text.starts_with(kGroupPrefix)) return {TargetKind::Platform, text};
    return {TargetKind::Group, text.substr(kGroupPrefix.size())};
}

}  // namespace

void add_target(TableReader& reader, const Value& value, const std::string& text,
                const std::string& path, std::vector<TargetOptions>& out, Draft& draft) {
    TargetOptions target = parse_target(text);
    if (target.name.empty()) {
        reader.error(value.at, path + " names nothing", "name a platform, or \"group:NAME\"");
        return;
    }
    if (std::ranges::find(out, target) != out.end()) {
        reader.error(value.at, path + " says " + json_string(text) + " again",
                     "each is tried once");
        return;
    }
    draft.uses.push_back({target, path, value.at});
    out.push_back(std::move(target));
}

void read_targets(TableReader& reader, std::vector<TargetOptions>& to, Draft& draft) {
    constexpr std::string_view kExample =
        R"(write it like to = "platform", "group:NAME", or a list of them in order)";
    const Value* value = reader.any("to");
    if (value == nullptr) return;
    const std::string path = join_path(reader.path(), "to");
    if (const std::string* text = value->string())
        return add_target(reader, *value, *text, path, to, draft);
    if (value->array() == nullptr)
        return reader.wrong_type(*value, path, "a string or an array of strings", kExample);
    if (value->array()->empty()) reader.error(value->at, path + " is empty", std::string(kExample));
    for (std::size_t i = 0; i < value->array()->size(); ++i) {
        const Value& element = (*value->array())[i];
        const std::string name = join_path(path, i);
        if (const std::string* text = element.string()) {
            add_target(reader, element, *text, name, to, draft);
        } else {
            reader.wrong_type(element, name, "a string", kExample);
        }
    }
}

}  // namespace aigw::config
