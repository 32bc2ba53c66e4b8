#include "config/json_value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/text.h"

namespace aigw::config {
namespace {

std::string number_of(double number) {
    if (!std::isfinite(number)) return {};
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

std::string list_of(const Array& array) {
    std::string text = "[";
    for (const Value& element : array) {
        const std::string one = json_of(element);
        if (one.empty()) return {};
        text.append(text.size() > 1 ? "," : "").append(one);
    }
    return text + "]";
}

std::string object_of(const Table& table) {
    std::string text = "{";
    for (const Entry& entry : table.entries) {
        const std::string one = json_of(entry.value);
        if (one.empty()) return {};
        text.append(text.size() > 1 ? "," : "");
        append_json_string(text, entry.key);
        text.append(":").append(one);
    }
    return text + "}";
}

}  // namespace

std::string json_of(const Value& value) {
    if (const std::string* text = value.string()) return json_string(*text);
    if (const Array* array = value.array()) return list_of(*array);
    if (const Table* table = value.table()) return object_of(*table);
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
    if (const auto* number = std::get_if<double>(&value.data)) return number_of(*number);
    if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
    return {};
}

}  // namespace aigw::config
