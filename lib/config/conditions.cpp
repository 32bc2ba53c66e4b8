#include "config/conditions.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/text.h"
#include "config/json_value.h"

namespace aigw::config {
namespace {

using matching::ConditionOptions;
using matching::Operator;
using matching::Source;

constexpr std::string_view kConditionsExample =
    R"(write it like match = [[{ source = "header", key = "X-Channel-Code", value = "vip" }]])";

std::optional<Source> find_source(std::string_view word) {
    for (const Source source : matching::kSources)
        if (name_of(source) == word) return source;
    return std::nullopt;
}

// One element of a list, as a text: numbers and booleans compare by how JSON writes them.
std::string text_of(const Value& value) {
    const std::string* text = value.string();
    return text != nullptr ? *text : json_of(value);
}

// "a, b" and "[\"a\", \"b\"]", as a predecessor wrote lists.
std::vector<std::string> list_in(std::string_view text) {
    std::vector<std::string> values;
    if (text.starts_with('[')) {
        const auto json = nlohmann::json::parse(text, nullptr, false);
        if (json.is_array()) {
            for (const auto& element : json)
                values.push_back(element.is_string() ? element.get<std::string>() : element.dump());
            return values;
        }
    }
    for (const std::string_view part : split(text, ',')) values.emplace_back(trim(part));
    return values;
}

std::vector<std::string> read_values(TableReader& condition, Operator op) {
    std::vector<std::string> values;
    const Value* value = condition.any("value");
    if (value == nullptr) return values;
    const bool is_list = op == Operator::In || op == Operator::NotIn;
    if (const Array* array = value->array()) {
        for (const Value& element : *array) values.push_back(text_of(element));
    } else if (const std::string* text = value->string(); text != nullptr && is_list) {
        values = list_in(*text);
    } else if (value->table() == nullptr) {
        values.push_back(text_of(*value));
    } else {
        condition.wrong_type(*value, join_path(condition.path(), "value"),
                             "a string, a number or an array", R"(write it like value = "vip")");
    }
    return values;
}

std::optional<ConditionOptions> read_condition(TableReader& reader, const Value& value,
                                               const std::string& path) {
    if (value.table() == nullptr) {
        reader.wrong_type(value, path, "a table", kConditionsExample);
        return std::nullopt;
    }
    TableReader condition(*value.table(), path, value.at, reader.context());
    std::string source = "header";
    std::string op = "eq";
    ConditionOptions options;
    condition.text("source", source);
    condition.text("key", options.key);
    condition.text("op", op);
    const auto known_source = find_source(source);
    const auto known_op = matching::find_operator(op);
    options.values = read_values(condition, known_op.value_or(Operator::Eq));
    condition.finish();
    if (!known_source) {
        condition.error(value.at, path + ".source is " + json_string(source),
                        "it is one of: header, query, body, path, method, ip, key, user, tenant");
        return std::nullopt;
    }
    if (!known_op) {
        const auto nearest = find_nearest(op, matching::operator_names());
        condition.error(value.at, path + ".op is " + json_string(op),
                        nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                                : "it is one of: eq, ne, in, not_in, prefix, suffix, contains, "
                                  "not_contains, regex, gt, gte, lt, lte, exists, glob");
        return std::nullopt;
    }
    options.source = *known_source;
    options.op = *known_op;
    if (const auto made = matching::Condition::make(options); !made) {
        condition.error(value.at, path + ": " + made.error().message, made.error().hint);
        return std::nullopt;
    }
    return options;
}

std::vector<ConditionOptions> read_list(TableReader& reader, const Array& list,
                                        const std::string& path) {
    std::vector<ConditionOptions> conditions;
    for (std::size_t i = 0; i < list.size(); ++i)
        if (auto condition = read_condition(reader, list[i], join_path(path, i)))
            conditions.push_back(std::move(*condition));
    return conditions;
}

// A value that must be equal, or with a star like it.
ConditionOptions like(Source source, std::string key, const std::string& value) {
    const bool has_star = value.find('*') != std::string::npos;
    return {.source = source,
            .key = std::move(key),
            .op = has_star ? Operator::Glob : Operator::Eq,
            .values = {value}};
}

void read_fields(TableReader& match, std::string_view name, Source source,
                 std::vector<ConditionOptions>& out) {
    const Value* value = match.any(name);
    if (value == nullptr) return;
    const std::string path = join_path(match.path(), name);
    const std::string example =
        "write it like " + std::string(name) + " = { \"NAME\" = \"value\" }";
    if (value->table() == nullptr) return match.wrong_type(*value, path, "a table", example);
    for (const Entry& entry : value->table()->entries) {
        const std::string text = text_of(entry.value);
        if (entry.value.array() != nullptr || entry.value.table() != nullptr || text.empty()) {
            match.wrong_type(entry.value, join_path(path, entry.key), "a string or a number",
                             example);
            continue;
        }
        ConditionOptions condition = like(source, entry.key, text);
        if (const auto made = matching::Condition::make(condition); !made) {
            match.error(entry.at, path + ": " + made.error().message, made.error().hint);
            continue;
        }
        match.record(join_path(path, entry.key), entry.value);
        out.push_back(std::move(condition));
    }
}

}  // namespace

matching::ConditionLists read_conditions(TableReader& reader) {
    matching::ConditionLists lists;
    const Value* value = reader.any("match");
    if (value == nullptr) return lists;
    const std::string path = join_path(reader.path(), "match");
    if (value->array() == nullptr) {
        reader.wrong_type(*value, path, "an array", kConditionsExample);
        return lists;
    }
    const Array& outer = *value->array();
    if (outer.empty()) reader.error(value->at, path + " is empty", std::string(kConditionsExample));
    if (!outer.empty() && outer.front().table() != nullptr) {
        lists.push_back(read_list(reader, outer, path));
        return lists;
    }
    for (std::size_t i = 0; i < outer.size(); ++i) {
        const std::string name = join_path(path, i);
        if (outer[i].array() == nullptr) {
            reader.wrong_type(outer[i], name, "an array", kConditionsExample);
        } else if (outer[i].array()->empty()) {
            reader.error(outer[i].at, name + " is empty", std::string(kConditionsExample));
        } else {
            lists.push_back(read_list(reader, *outer[i].array(), name));
        }
    }
    return lists;
}

void read_route_conditions(TableReader& match, std::vector<ConditionOptions>& out) {
    for (const Source source : {Source::Path, Source::Method}) {
        std::string text;
        match.text(name_of(source), text);
        if (!text.empty()) out.push_back(like(source, {}, text));
    }
    for (const Source source : {Source::Header, Source::Query, Source::Body})
        read_fields(match, name_of(source), source, out);
}

}  // namespace aigw::config
