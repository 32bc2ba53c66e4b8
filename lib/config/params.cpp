#include "config/params.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "config/json_value.h"

namespace aigw::config {
namespace {

// Says what is wrong with a field's name; true when nothing is.
bool check_name(TableReader& reader, const FilePosition& at, const std::string& path,
                std::string_view name) {
    const auto checked = policy::check_field(name);
    if (!checked) reader.error(at, path + " " + checked.error().message, checked.error().hint);
    return checked.has_value();
}

// The entries of a table whose keys are fields.
template <class Take>
void for_each_field(TableReader& reader, std::string_view key, std::string_view example,
                    const Take& take) {
    const Value* value = reader.any(key);
    if (value == nullptr) return;
    const std::string path = join_path(reader.path(), key);
    if (value->table() == nullptr) return reader.wrong_type(*value, path, "a table", example);
    for (const Entry& entry : value->table()->entries) {
        if (entry.value.is_unusable()) continue;
        if (!check_name(reader, entry.at, path, entry.key)) continue;
        reader.record(join_path(path, entry.key), entry.value);
        take(entry, join_path(path, entry.key));
    }
}

void read_rename(TableReader& reader, policy::ParamOptions& out) {
    constexpr std::string_view kExample =
        R"(write it like rename = { max_completion_tokens = "max_tokens" })";
    for_each_field(reader, "rename", kExample, [&](const Entry& entry, const std::string& path) {
        const std::string* to = entry.value.string();
        if (to == nullptr) return reader.wrong_type(entry.value, path, "a string", kExample);
        if (check_name(reader, entry.value.at, path, *to)) out.rename.emplace_back(entry.key, *to);
    });
}

void read_values(TableReader& reader, std::string_view key,
                 std::vector<std::pair<std::string, std::string>>& out) {
    const std::string example = "write it like " + std::string(key) + " = { temperature = 0.7 }";
    for_each_field(reader, key, example, [&](const Entry& entry, const std::string& path) {
        std::string json = json_of(entry.value);
        if (json.empty())
            return reader.error(entry.value.at, path + " is nothing that JSON has", example);
        out.emplace_back(entry.key, std::move(json));
    });
}

std::optional<double> number_of(const Value& value) {
    if (const auto* whole = std::get_if<std::int64_t>(&value.data))
        return static_cast<double>(*whole);
    if (const auto* number = std::get_if<double>(&value.data)) return *number;
    return std::nullopt;
}

// A number is the most; { min = 0, max = 1 } are both.
void read_clamp(TableReader& reader, policy::ParamOptions& out) {
    constexpr std::string_view kExample =
        "write it like clamp = { max_tokens = 4096, temperature = { min = 0, max = 1 } }";
    for_each_field(reader, "clamp", kExample, [&](const Entry& entry, const std::string& path) {
        policy::Clamp clamp{.field = entry.key};
        if (const auto most = number_of(entry.value)) {
            clamp.max = most;
        } else if (const Table* table = entry.value.table()) {
            for (const Entry& end : table->entries) {
                const auto number = number_of(end.value);
                if (!number || (end.key != "min" && end.key != "max"))
                    return reader.error(end.at, join_path(path, end.key) + " is no end of a range",
                                        std::string(kExample));
                (end.key == "min" ? clamp.min : clamp.max) = number;
            }
            if (clamp.min && clamp.max && *clamp.min > *clamp.max)
                return reader.error(entry.at, path + " has a min above its max",
                                    std::string(kExample));
        } else {
            return reader.wrong_type(entry.value, path, "a number or a table", kExample);
        }
        out.clamp.push_back(std::move(clamp));
    });
}

}  // namespace

void read_params(TableReader& reader, policy::ParamOptions& out) {
    read_rename(reader, out);
    read_values(reader, "default", out.defaults);
    read_clamp(reader, out);
    reader.texts("drop", out.drop, policy::check_field);
    read_values(reader, "set", out.set);
}

}  // namespace aigw::config
