#include "policy/params.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/text.h"
#include "protocol/object_scanner.h"

namespace aigw::policy {
namespace {

// What the gateway routes, counts and relays by.
constexpr std::array<std::string_view, 8> kSteering = {
    "model", "messages", "input", "prompt", "contents", "system", "stream", "stream_options"};
// How long an answer may be, in the words of all callers.
constexpr std::array<std::string_view, 3> kOutputFields = {"max_completion_tokens", "max_tokens",
                                                           "max_output_tokens"};

std::optional<double> parse_number(std::string_view json) {
    double number = 0;
    const auto [end, code] = std::from_chars(json.begin(), json.end(), number);
    if (code != std::errc() || end != json.end()) return std::nullopt;
    return number;
}

std::string number_text(double number) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return {digits.data(), end};
}

// A key as it is written, without its quotes: one with escapes is none that anybody configures.
std::string_view bare(std::string_view key) {
    return key.size() < 2 ? key : key.substr(1, key.size() - 2);
}

}  // namespace

Result<void> check_field(std::string_view name) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_' || c == '-';
    };
    if (name.empty() || !std::ranges::all_of(name, is_plain))
        return Error{ErrorCode::Config, "is " + json_string(name) + ", which is no field's name",
                     "name a field of the request's top level, such as \"temperature\""};
    if (std::ranges::find(kSteering, name) != kSteering.end())
        return Error{ErrorCode::Config,
                     "is " + json_string(name) + ", which the gateway itself goes by",
                     "name another field; a route's `model` replaces the model"};
    return {};
}

std::string_view name_of(ParamAction action) {
    switch (action) {
        case ParamAction::Rename:
            return "rename";
        case ParamAction::Default:
            return "default";
        case ParamAction::Clamp:
            return "clamp";
        case ParamAction::Drop:
            return "drop";
        case ParamAction::Set:
            return "set";
    }
    return "";
}

ParamEditor::ParamEditor(std::string_view body) {
    protocol::ObjectScanner scanner(body);
    first_key_ = scanner.first_key();
    while (const auto field = scanner.next()) {
        fields_.push_back({.name = std::string(bare(field->key.of(body))),
                           .value = std::string(field->value.of(body)),
                           .key_place = field->key,
                           .value_place = field->value});
    }
}

ParamEditor::Field* ParamEditor::find(std::string_view name) {
    const auto found = std::ranges::find_if(
        fields_, [&](const Field& field) { return !field.is_dropped && field.name == name; });
    return found == fields_.end() ? nullptr : &*found;
}

const ParamEditor::Field* ParamEditor::find(std::string_view name) const {
    return const_cast<ParamEditor*>(this)->find(name);
}

void ParamEditor::apply(const ParamOptions& options, std::string_view reason) {
    for (const auto& [from, to] : options.rename) rename(from, to, reason);
    for (const auto& [name, value] : options.defaults)
        if (find(name) == nullptr) set(name, value, ParamAction::Default, reason);
    for (const Clamp& each : options.clamp) clamp(each, reason);
    for (const std::string& name : options.drop) drop(name, reason);
    for (const auto& [name, value] : options.set) set(name, value, ParamAction::Set, reason);
}

// Where the new name is taken, the caller has said it both ways: the new one stands.
void ParamEditor::rename(std::string_view from, std::string_view to, std::string_view reason) {
    Field* field = find(from);
    if (field == nullptr) return;
    if (find(to) != nullptr) return drop(from, reason);
    field->name = to;
    field->is_renamed = true;
    changes_.push_back({std::string(to), ParamAction::Rename, json_string(from), json_string(to),
                        std::string(reason)});
}

void ParamEditor::clamp(const Clamp& clamp, std::string_view reason) {
    Field* field = find(clamp.field);
    if (field == nullptr) return;
    const auto number = parse_number(field->value);
    if (!number) return;
    double within = *number;
    if (clamp.min) within = std::max(within, *clamp.min);
    if (clamp.max) within = std::min(within, *clamp.max);
    if (within != *number) set(clamp.field, number_text(within), ParamAction::Clamp, reason);
}

void ParamEditor::drop(std::string_view name, std::string_view reason) {
    Field* field = find(name);
    if (field == nullptr) return;
    changes_.push_back(
        {std::string(name), ParamAction::Drop, field->value, {}, std::string(reason)});
    field->is_dropped = true;
}

void ParamEditor::set(std::string_view name, std::string_view value, ParamAction action,
                      std::string_view reason) {
    Field* field = find(name);
    if (field != nullptr && field->value == value) return;
    changes_.push_back({std::string(name), action, field != nullptr ? field->value : std::string(),
                        std::string(value), std::string(reason)});
    if (field == nullptr) field = &fields_.emplace_back(Field{.name = std::string(name)});
    field->value = value;
    field->is_changed = true;
}

void ParamEditor::limit_output(std::int64_t most, std::string_view otherwise,
                               std::string_view reason) {
    bool is_said = false;
    for (const std::string_view name : kOutputFields) {
        const Field* field = find(name);
        if (field == nullptr || field->value == "null") continue;
        is_said = true;
        clamp({.field = std::string(name), .min = {}, .max = static_cast<double>(most)}, reason);
    }
    if (!is_said) set(otherwise, std::to_string(most), ParamAction::Default, reason);
}

std::optional<std::int64_t> ParamEditor::max_output() const {
    for (const std::string_view name : kOutputFields) {
        const Field* field = find(name);
        if (field == nullptr) continue;
        const auto number = parse_uint(field->value);
        if (number) return static_cast<std::int64_t>(std::min<std::uint64_t>(*number, INT64_MAX));
    }
    return std::nullopt;
}

// What was not in the body, as it is written behind the last field that stays.
std::string ParamEditor::added(bool is_first) const {
    std::string text;
    for (const Field& field : fields_) {
        if (field.key_place || field.is_dropped) continue;
        text.append(is_first && text.empty() ? "" : ",");
        append_json_string(text, field.name);
        text.append(":").append(field.value);
    }
    return text;
}

// A dropped field takes what stands up to the next one with it; behind the last one that stays,
// what stands before it.
std::vector<protocol::Edit> ParamEditor::edits() const {
    std::vector<protocol::Edit> edits;
    std::size_t in_body = 0;  // how many fields the body had
    std::size_t kept = 0;     // one behind the last of them that stays
    for (; in_body < fields_.size() && fields_[in_body].key_place; ++in_body)
        if (!fields_[in_body].is_dropped) kept = in_body + 1;
    for (std::size_t i = 0; i < kept; ++i) {
        const Field& field = fields_[i];
        if (field.is_dropped) {
            const std::size_t next = fields_[i + 1].key_place->begin;
            if (!edits.empty() && edits.back().end == field.key_place->begin &&
                edits.back().text.empty()) {
                edits.back().end = next;
            } else {
                edits.push_back({field.key_place->begin, next, ""});
            }
            continue;
        }
        if (field.is_renamed)
            edits.push_back(
                {field.key_place->begin, field.key_place->end, json_string(field.name)});
        if (field.is_changed)
            edits.push_back({field.value_place.begin, field.value_place.end, field.value});
    }
    const std::size_t begin = kept == 0 ? first_key_ : fields_[kept - 1].value_place.end;
    const std::size_t end = in_body == kept ? begin : fields_[in_body - 1].value_place.end;
    std::string text = added(kept == 0);
    if (begin != end || !text.empty()) edits.push_back({begin, end, std::move(text)});
    return edits;
}

}  // namespace aigw::policy
