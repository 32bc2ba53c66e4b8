#include <nlohmann/json.hpp>

#include "base/text.h"
#include "decision/render.h"

namespace aigw::decision {
namespace {

using Json = nlohmann::ordered_json;

// What there is instead, so that the next try hits.
std::string describe(const Json& value, std::string_view reached) {
    const std::string place = reached.empty() ? "it" : "\"" + std::string(reached) + "\"";
    if (value.is_array()) return place + " has " + std::to_string(value.size()) + " elements";
    if (!value.is_object()) return place + " is a plain value";
    std::string names;
    for (const auto& item : value.items()) names += (names.empty() ? "" : ", ") + item.key();
    return place + " has " + names;
}

Error no_field(std::string_view name, std::string hint) {
    return Error{ErrorCode::NotFound, "the decision has no field \"" + std::string(name) + "\"",
                 std::move(hint)};
}

const Json* find_child(const Json& parent, std::string_view name) {
    if (parent.is_object()) {
        const auto found = parent.find(name);
        return found == parent.end() ? nullptr : &*found;
    }
    const auto index = parse_uint(name);
    if (!parent.is_array() || !index || *index >= parent.size()) return nullptr;
    return &parent[*index];
}

std::string as_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

Result<std::string> read_path(const Json& decision, std::string_view path) {
    const Json* value = &decision;
    std::string_view reached;
    for (const std::string_view name : split(path, '.')) {
        const Json* child = find_child(*value, name);
        if (child == nullptr) return no_field(path, describe(*value, reached));
        value = child;
        reached = path.substr(0, static_cast<std::size_t>(name.data() + name.size() - path.data()));
    }
    return as_text(*value);
}

const Json* find_first_eligible(const Json& decision) {
    const Json* candidates = find_child(decision, "candidates");
    if (candidates == nullptr || !candidates->is_array()) return nullptr;
    for (const Json& candidate : *candidates) {
        const Json* eligible = find_child(candidate, "eligible");
        if (eligible != nullptr && *eligible == true) return &candidate;
    }
    return nullptr;
}

// What a short name stands for: a path below the decision or below its first eligible candidate,
// and why there may be none.
Result<std::string> read_short(const Json& from, std::string_view short_name, std::string_view path,
                               std::string_view why_absent) {
    auto value = read_path(from, path);
    return value ? std::move(value) : no_field(short_name, std::string(why_absent));
}

Result<std::string> read_of_candidate(const Json& decision, std::string_view short_name,
                                      std::string_view path) {
    const Json* candidate = find_first_eligible(decision);
    if (candidate == nullptr) return no_field(short_name, "no candidate is eligible");
    return read_short(*candidate, short_name, path,
                      "the first eligible candidate has no " + std::string(short_name));
}

}  // namespace

Result<std::string> read_field(std::string_view json, std::string_view path) {
    const Json decision = Json::parse(json, nullptr, false);
    if (!decision.is_object()) {
        return Error{ErrorCode::InvalidRequest, "a decision must be a JSON object",
                     "give what `aigw route-test --json` prints"};
    }
    if (path == "platform") return read_of_candidate(decision, path, "platform");
    if (path == "price") return read_of_candidate(decision, path, "price.total");
    if (path == "namespace") return read_short(decision, path, "namespace.name", "none applied");
    if (path == "rule") {
        auto pattern = read_path(decision, "rule.match");
        if (pattern) return pattern;
        return read_short(decision, path, "rule.kind", "no route took the model");
    }
    return read_path(decision, path);
}

}  // namespace aigw::decision
