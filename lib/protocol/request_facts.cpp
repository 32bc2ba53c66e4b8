#include "protocol/request_facts.h"

#include <simdjson.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <charconv>
#include <functional>
#include <limits>
#include <vector>

#include "base/text.h"
#include "protocol/json_syntax.h"
#include "protocol/object_scanner.h"
#include "protocol/wording_reader.h"

namespace aigw::protocol {
namespace {

namespace dom = simdjson::dom;

static_assert(PaddedBody::kPadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kMaxDepth = 128;
constexpr std::size_t kMaxKeys = 1000;
constexpr std::size_t kMaxModelBytes = 256;
constexpr std::size_t kFirstCapacity = std::size_t{16} << 10;
// A parser needs about 14 times the body; what a large body made it take is given back.
constexpr std::size_t kKeptCapacity = std::size_t{1} << 20;
// Finding the place of a syntax error costs a second, slower walk.
constexpr std::size_t kMaxLocated = std::size_t{64} << 10;
constexpr std::int64_t kBytesPerToken = 4;
constexpr std::int64_t kTokensPerMessage = 4;
constexpr std::int64_t kMaxCount = std::numeric_limits<std::int32_t>::max();

// ---- Refusals --------------------------------------------------------------------------------

Error not_json(std::string message) {
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = std::move(message),
                 .wire_code = "invalid_json"};
}

Error invalid(std::string param, std::string_view problem) {
    std::string message = param + " " + std::string(problem);
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = std::move(message),
                 .wire_code = "invalid_value",
                 .param = std::move(param)};
}

Error invalid_body(std::string message, std::string param = {}) {
    return Error{.code = ErrorCode::InvalidRequest,
                 .message = std::move(message),
                 .wire_code = "invalid_value",
                 .param = std::move(param)};
}

std::string_view kind_of(const dom::element& value) {
    switch (value.type()) {
        case dom::element_type::ARRAY:
            return "an array";
        case dom::element_type::OBJECT:
            return "an object";
        case dom::element_type::INT64:
        case dom::element_type::UINT64:
        case dom::element_type::DOUBLE:
            return "a number";
        case dom::element_type::STRING:
            return "a string";
        case dom::element_type::BOOL:
            return "a boolean";
        case dom::element_type::NULL_VALUE:
            return "null";
    }
    return "";
}

Error wrong_kind(std::string param, std::string_view wanted, const dom::element& value) {
    return invalid(std::move(param),
                   "must be " + std::string(wanted) + ", not " + std::string(kind_of(value)));
}

Error missing(std::string param, std::string hint) {
    Error error = invalid(std::move(param), "is missing");
    error.hint = std::move(hint);
    return error;
}

std::string at_index(std::string_view array, std::size_t index) {
    return std::string(array) + "[" + std::to_string(index) + "]";
}

Error unreadable(simdjson::error_code code, std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        return not_json("the request body is empty, a JSON object is expected");
    }
    if (code == simdjson::UTF8_ERROR) return not_json("the request body is not valid UTF-8");
    if (code == simdjson::DEPTH_ERROR) {
        return invalid_body("the request body is nested more than " + std::to_string(kMaxDepth) +
                            " levels deep");
    }
    if (code == simdjson::MEMALLOC || code == simdjson::CAPACITY) {
        return Error{.code = ErrorCode::Overloaded,
                     .message = "no memory is left to read the request"};
    }
    std::string message = "the request body is not valid JSON";
    if (body.size() <= kMaxLocated) {
        if (const auto place = find_syntax_error(body)) message += ": see " + *place;
    }
    return not_json(std::move(message));
}

// ---- Top-level fields ------------------------------------------------------------------------

enum class Name : std::uint8_t {
    Model,
    Messages,
    Input,
    Prompt,
    Stream,
    StreamOptions,
    MaxTokens,
    MaxCompletionTokens,
    N,
    Tools,
    Functions,
    ResponseFormat,
    Modalities,
    ReasoningEffort,
    EnableThinking,
    Thinking,
    System,
    OutputConfig,
    MaxOutputTokens,
    Instructions,
    Text,
    Reasoning,
    Background,
};
constexpr std::array<std::string_view, 23> kNames = {"model",
                                                     "messages",
                                                     "input",
                                                     "prompt",
                                                     "stream",
                                                     "stream_options",
                                                     "max_tokens",
                                                     "max_completion_tokens",
                                                     "n",
                                                     "tools",
                                                     "functions",
                                                     "response_format",
                                                     "modalities",
                                                     "reasoning_effort",
                                                     "enable_thinking",
                                                     "thinking",
                                                     "system",
                                                     "output_config",
                                                     "max_output_tokens",
                                                     "instructions",
                                                     "text",
                                                     "reasoning",
                                                     "background"};

struct Field {
    dom::element value{};
    ByteRange place{};
    bool is_there = false;
};

// The fields that are read, each at its name's place. Null and absent mean the same.
class Fields {
public:
    void put(std::string_view key, const dom::element& value, ByteRange place) {
        for (std::size_t i = 0; i < kNames.size(); ++i) {
            if (kNames[i] != key) continue;
            fields_[i] = {value, place, true};
            return;
        }
    }
    const Field* find(Name name) const {
        const Field& field = fields_[static_cast<std::size_t>(name)];
        return field.is_there && !field.value.is_null() ? &field : nullptr;
    }
    const Field* find_or_null(Name name) const {
        const Field& field = fields_[static_cast<std::size_t>(name)];
        return field.is_there ? &field : nullptr;
    }

private:
    std::array<Field, kNames.size()> fields_{};
};

std::string name_text(Name name) {
    return std::string(kNames[static_cast<std::size_t>(name)]);
}

bool is_text(const dom::element& value, std::string_view text) {
    std::string_view found;
    return value.get(found) == simdjson::SUCCESS && found == text;
}

Result<bool> read_flag(const Fields& fields, Name name) {
    const Field* field = fields.find(name);
    if (field == nullptr) return false;
    bool flag = false;
    if (field->value.get(flag) != simdjson::SUCCESS)
        return wrong_kind(name_text(name), "true or false", field->value);
    return flag;
}

Result<std::optional<std::int64_t>> read_count(const Fields& fields, Name name,
                                               std::int64_t least = 1) {
    const Field* field = fields.find(name);
    if (field == nullptr) return std::optional<std::int64_t>();
    if (!field->value.is_number()) return wrong_kind(name_text(name), "an integer", field->value);
    std::int64_t count = 0;
    if (field->value.get(count) != simdjson::SUCCESS || count < least || count > kMaxCount) {
        return invalid(name_text(name), "must be an integer from " + std::to_string(least) +
                                            " to " + std::to_string(kMaxCount));
    }
    return std::optional(count);
}

// ---- Text and needs --------------------------------------------------------------------------

// What a walk over the messages gathers.
struct Tally {
    std::int64_t text_bytes = 0;
    std::int64_t tokens = 0;
    std::size_t messages = 0;
    Needs needs{};
    bool has_developer = false;
    bool has_late_system = false;
    bool has_parts = false;
    bool has_auto_detail = false;
    bool has_thoughts = false;
    bool is_plain = true;  // all messages so far
    std::vector<PlainTurn>* plain_turns = nullptr;

    void add_text(std::string_view text) { text_bytes += static_cast<std::int64_t>(text.size()); }
    std::int64_t total() const {
        return tokens + (text_bytes + kBytesPerToken - 1) / kBytesPerToken;
    }
};

// Of all protocols: their names do not collide.
void note_part(std::string_view type, Tally& tally) {
    if (type == "image_url" || type == "video_url" || type == "video" || type == "image" ||
        type == "input_image") {
        tally.needs.add(Need::Vision);
    } else if (type == "input_audio") {
        tally.needs.add(Need::Audio);
    } else if (type == "file" || type == "document" || type == "input_file") {
        tally.needs.add(Need::Files);
    }
}

bool has_auto_detail(const dom::element& image) {
    dom::element detail;
    return image.is_object() && image["detail"].get(detail) == simdjson::SUCCESS &&
           is_text(detail, "auto");
}

// Not a template, so that contents inside contents end somewhere.
Result<void> read_nested(const dom::element& content, const std::function<std::string()>& path,
                         Tally& tally);

Result<void> read_part(const dom::element& value, const auto& path, Tally& tally) {
    dom::object part;
    if (value.get(part) != simdjson::SUCCESS) return wrong_kind(path(), "an object", value);
    std::string_view type;
    bool has_type = false;
    for (const auto& [key, member] : part) {
        if (key == "type") {
            if (member.get(type) != simdjson::SUCCESS)
                return wrong_kind(path() + ".type", "a string", member);
            has_type = true;
        } else if (key == "text") {
            std::string_view text;
            if (member.get(text) != simdjson::SUCCESS)
                return wrong_kind(path() + ".text", "a string", member);
            tally.add_text(text);
        } else if (key == "content") {
            // What a tool gave back.
            TRY(read_nested(member, [&] { return path() + ".content"; }, tally));
        } else if (key == "input" && member.is_object()) {
            tally.add_text(simdjson::to_string(member));
        } else if (key == "image_url") {
            tally.has_auto_detail = tally.has_auto_detail || has_auto_detail(member);
        }
    }
    if (!has_type) {
        return missing(path() + ".type", "say what the part is, such as \"text\"");
    }
    note_part(type, tally);
    return {};
}

Result<void> read_content(const dom::element& content, const auto& path, Tally& tally) {
    std::string_view text;
    if (content.get(text) == simdjson::SUCCESS) {
        tally.add_text(text);
        return {};
    }
    if (content.is_null()) return {};
    dom::array parts;
    if (content.get(parts) != simdjson::SUCCESS)
        return wrong_kind(path(), "a string, an array of parts or null", content);
    tally.has_parts = true;
    std::size_t index = 0;
    for (const dom::element part : parts) {
        TRY(read_part(part, [&] { return at_index(path(), index); }, tally));
        ++index;
    }
    return {};
}

Result<void> read_nested(const dom::element& content, const std::function<std::string()>& path,
                         Tally& tally) {
    return read_content(content, path, tally);
}

// The calls an assistant made are input of the next turn: their names and arguments are text.
void add_tool_calls(const dom::element& value, Tally& tally) {
    dom::array calls;
    if (value.get(calls) != simdjson::SUCCESS) return;
    for (const dom::element call : calls) {
        for (const char* field : {"/function/name", "/function/arguments"}) {
            std::string_view text;
            if (call.is_object() && call.at_pointer(field).get(text) == simdjson::SUCCESS)
                tally.add_text(text);
        }
    }
}

void note_role(const dom::element& role, Tally& tally) {
    if (is_text(role, "developer")) tally.has_developer = true;
    if (tally.messages > 0 && is_text(role, "system")) tally.has_late_system = true;
}

std::optional<PlainTurn::Role> plain_role(std::string_view role) {
    if (role == "user") return PlainTurn::Role::User;
    if (role == "assistant") return PlainTurn::Role::Assistant;
    if (role == "system" || role == "developer") return PlainTurn::Role::System;
    return std::nullopt;
}

// Of a message with these two fields, and `others` beside them.
void note_plain_turn(const dom::element& role, const dom::element& content, std::size_t others,
                     Tally& tally) {
    std::string_view name;
    std::string_view text;
    const bool are_texts = role.get(name) == simdjson::SUCCESS &&
                           content.get(text) == simdjson::SUCCESS && others == 0;
    const auto known = are_texts ? plain_role(name) : std::nullopt;
    tally.is_plain = tally.is_plain && known;
    if (tally.is_plain && tally.plain_turns != nullptr)
        tally.plain_turns->push_back({*known, text});
}

Result<void> read_message(const dom::element& value, const auto& path, Tally& tally) {
    dom::object message;
    if (value.get(message) != simdjson::SUCCESS) return wrong_kind(path(), "an object", value);
    bool has_role = false;
    dom::element role;
    dom::element content;
    bool has_content = false;
    std::size_t fields = 0;
    for (const auto& [key, member] : message) {
        ++fields;
        if (key == "role") {
            if (!member.is_string()) return wrong_kind(path() + ".role", "a string", member);
            note_role(member, tally);
            role = member;
            has_role = true;
        } else if (key == "content") {
            content = member;
            has_content = true;
            TRY(read_content(member, [&] { return path() + ".content"; }, tally));
        } else if (key == "tool_calls") {
            add_tool_calls(member, tally);
        } else if (key == "reasoning_content") {
            tally.has_thoughts = tally.has_thoughts || !member.is_null();
        }
    }
    if (!has_role) {
        return missing(path() + ".role", "say who speaks, such as \"user\"");
    }
    if (has_content) {
        note_plain_turn(role, content, fields - 2, tally);
    } else {
        tally.is_plain = false;
    }
    tally.tokens += kTokensPerMessage;
    ++tally.messages;
    return {};
}

Result<void> read_messages(const Fields& fields, Tally& tally) {
    const Field* field = fields.find(Name::Messages);
    if (field == nullptr) return missing("messages", "send an array with at least one message");
    dom::array messages;
    if (field->value.get(messages) != simdjson::SUCCESS)
        return wrong_kind("messages", "an array", field->value);
    std::size_t index = 0;
    for (const dom::element message : messages) {
        TRY(read_message(message, [&] { return at_index("messages", index); }, tally));
        ++index;
    }
    if (index == 0) return invalid("messages", "must hold at least one message");
    return {};
}

Result<void> read_definitions(const Fields& fields, Name name, Tally& tally) {
    const Field* field = fields.find(name);
    if (field == nullptr) return {};
    dom::array definitions;
    if (field->value.get(definitions) != simdjson::SUCCESS)
        return wrong_kind(name_text(name), "an array", field->value);
    std::size_t count = 0;
    for (const dom::element definition : definitions) {
        if (!definition.is_object())
            return wrong_kind(at_index(name_text(name), count), "an object", definition);
        ++count;
    }
    if (count == 0) return {};
    tally.needs.add(Need::Tools);
    tally.text_bytes += static_cast<std::int64_t>(field->place.size());
    return {};
}

// Anthropic's prompt, beside the messages.
Result<void> read_system(const Fields& fields, Tally& tally) {
    const Field* field = fields.find(Name::System);
    if (field == nullptr) return {};
    return read_content(field->value, [] { return std::string("system"); }, tally);
}

// "json_schema" as the type of the object inside.
bool is_schema_format(const Field* field, std::string_view member) {
    dom::element format;
    dom::element type;
    return field != nullptr && field->value.is_object() &&
           field->value[member].get(format) == simdjson::SUCCESS && format.is_object() &&
           format["type"].get(type) == simdjson::SUCCESS && is_text(type, "json_schema");
}

Result<void> read_response_format(const Fields& fields, Tally& tally) {
    const Field* field = fields.find(Name::ResponseFormat);
    if (field == nullptr) return {};
    dom::object format;
    if (field->value.get(format) != simdjson::SUCCESS)
        return wrong_kind("response_format", "an object", field->value);
    dom::element type;
    if (format.at_key("type").get(type) == simdjson::SUCCESS && is_text(type, "json_schema"))
        tally.needs.add(Need::JsonSchema);
    return {};
}

// Audio answers and thinking: fields that only some vendors know, so their shape is the vendor's
// affair.
void note_wishes(const Fields& fields, Tally& tally) {
    dom::array modalities;
    if (const Field* field = fields.find(Name::Modalities);
        field != nullptr && field->value.get(modalities) == simdjson::SUCCESS) {
        for (const dom::element modality : modalities) {
            if (is_text(modality, "audio")) tally.needs.add(Need::Audio);
        }
    }
    const Field* effort = fields.find(Name::ReasoningEffort);
    const Field* enabled = fields.find(Name::EnableThinking);
    const Field* thinking = fields.find(Name::Thinking);
    bool is_enabled = false;
    dom::element type;
    const bool wants_effort = effort != nullptr && !is_text(effort->value, "none");
    const bool is_switched_on =
        enabled != nullptr && enabled->value.get(is_enabled) == simdjson::SUCCESS && is_enabled;
    const Field* reasoning = fields.find(Name::Reasoning);
    dom::element level;
    const bool reasons = reasoning != nullptr && reasoning->value.is_object() &&
                         reasoning->value["effort"].get(level) == simdjson::SUCCESS &&
                         !level.is_null() && !is_text(level, "none");
    const bool thinks = thinking != nullptr && thinking->value.is_object() &&
                        thinking->value["type"].get(type) == simdjson::SUCCESS &&
                        !is_text(type, "disabled");
    if (wants_effort || is_switched_on || thinks || reasons) tally.needs.add(Need::Reasoning);
}

// ---- Responses -------------------------------------------------------------------------------

// One item of `input`: a message, a call, its output, reasoning.
Result<void> read_item(const dom::element& value, const auto& path, Tally& tally) {
    dom::object item;
    if (value.get(item) != simdjson::SUCCESS) return wrong_kind(path(), "an object", value);
    for (const auto& [key, member] : item) {
        if (key == "content" || key == "output") {
            TRY(read_content(member, [&] { return path() + "." + std::string(key); }, tally));
        } else if (key == "name" || key == "arguments" || key == "input") {
            std::string_view text;
            if (member.get(text) == simdjson::SUCCESS) tally.add_text(text);
        }
    }
    tally.tokens += kTokensPerMessage;
    return {};
}

Result<void> read_items(const Fields& fields, Tally& tally) {
    if (const Field* field = fields.find(Name::Instructions)) {
        std::string_view text;
        if (field->value.get(text) != simdjson::SUCCESS)
            return wrong_kind("instructions", "a string", field->value);
        tally.add_text(text);
    }
    const Field* field = fields.find(Name::Input);
    if (field == nullptr) return missing("input", "send a text, or an array of items");
    std::string_view text;
    if (field->value.get(text) == simdjson::SUCCESS) {
        tally.add_text(text);
        return {};
    }
    dom::array items;
    if (field->value.get(items) != simdjson::SUCCESS)
        return wrong_kind("input", "a string or an array of items", field->value);
    std::size_t index = 0;
    for (const dom::element item : items) {
        TRY(read_item(item, [&] { return at_index("input", index); }, tally));
        ++index;
    }
    if (index == 0) return invalid("input", "must hold at least one item");
    return {};
}

// ---- Embeddings ------------------------------------------------------------------------------

Result<void> read_token_ids(const dom::array& ids, const auto& path, Tally& tally) {
    std::size_t index = 0;
    for (const dom::element id : ids) {
        std::int64_t number = 0;
        if (id.get(number) != simdjson::SUCCESS || number < 0) {
            return invalid(at_index(path(), index), "must be a token id, as the others are");
        }
        ++index;
    }
    if (index == 0) return invalid(path(), "must hold at least one token id");
    tally.tokens += static_cast<std::int64_t>(index);
    return {};
}

constexpr std::string_view kInputForms =
    "a string, an array of strings, an array of token ids or an array of such arrays";

Result<void> read_input_item(const dom::element& item, Name name, std::size_t index, Tally& tally) {
    std::string_view text;
    dom::array ids;
    if (item.get(text) == simdjson::SUCCESS) {
        tally.add_text(text);
        return {};
    }
    if (item.get(ids) == simdjson::SUCCESS)
        return read_token_ids(ids, [&] { return at_index(name_text(name), index); }, tally);
    return wrong_kind(at_index(name_text(name), index), "a string or an array of token ids", item);
}

// Of embeddings and, in the same forms, of completions.
Result<void> read_input(const Fields& fields, Name name, Tally& tally) {
    const Field* field = fields.find(name);
    if (field == nullptr) {
        return missing(name_text(name), name == Name::Prompt
                                            ? "send the text to go on from"
                                            : "send the text to embed, or an array of texts");
    }
    std::string_view text;
    if (field->value.get(text) == simdjson::SUCCESS) {
        tally.add_text(text);
        return {};
    }
    dom::array items;
    if (field->value.get(items) != simdjson::SUCCESS)
        return wrong_kind(name_text(name), kInputForms, field->value);
    if (items.begin() == items.end())
        return invalid(name_text(name), "must hold at least one item");
    const dom::element first = *items.begin();
    if (first.is_number()) return read_token_ids(items, [&] { return name_text(name); }, tally);
    std::size_t index = 0;
    for (const dom::element item : items) {
        if (item.type() != first.type())
            return wrong_kind(at_index(name_text(name), index), kind_of(first), item);
        TRY(read_input_item(item, name, index, tally));
        ++index;
    }
    return {};
}

// ---- Values by path --------------------------------------------------------------------------

template <class Number>
bool look_at_number(Number number, const FactsReader::Look& look) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    return look(std::string_view(digits.data(), end));
}

bool look_at(const dom::element& value, const FactsReader::Look& look) {
    switch (value.type()) {
        case dom::element_type::STRING:
            return look(value.get_string().value_unsafe());
        case dom::element_type::INT64:
            return look_at_number(value.get_int64().value_unsafe(), look);
        case dom::element_type::UINT64:
            return look_at_number(value.get_uint64().value_unsafe(), look);
        case dom::element_type::DOUBLE:
            return look_at_number(value.get_double().value_unsafe(), look);
        case dom::element_type::BOOL:
            return look(std::string_view(value.get_bool().value_unsafe() ? "true" : "false"));
        case dom::element_type::ARRAY:
        case dom::element_type::OBJECT:
        case dom::element_type::NULL_VALUE:
            return look(std::nullopt);
    }
    return false;
}

// As deep as the path is long, which a configuration gives and no caller.
class PathWalk {
public:
    explicit PathWalk(const FactsReader::Look& look) : look_(look) {}

    bool any(const dom::element& value, std::span<const std::string> path) const {
        if (path.empty()) return look_at(value, look_);
        dom::object object;
        if (value.get(object) == simdjson::SUCCESS) return any(object, path);
        dom::array array;
        return value.get(array) == simdjson::SUCCESS && any(array, path);
    }

    bool any(const dom::object& object, std::span<const std::string> path) const {
        const bool is_any = path.front() == "*";
        for (const auto& [key, member] : object)
            if ((is_any || key == path.front()) && any(member, path.subspan(1))) return true;
        return false;
    }

private:
    bool any(const dom::array& array, std::span<const std::string> path) const {
        const bool is_any = path.front() == "*";
        const auto wanted = parse_uint(path.front());
        std::uint64_t i = 0;
        for (const dom::element& element : array)
            if ((is_any || wanted == i++) && any(element, path.subspan(1))) return true;
        return false;
    }

    const FactsReader::Look& look_;
};

}  // namespace

// ---- The reader ------------------------------------------------------------------------------

class FactsReader::Parser {
public:
    Result<RequestFacts> read(Operation operation, std::string_view body,
                              std::string_view default_model, Protocol protocol) {
        release_large_memory();
        root_.reset();
        const dom::object root = TRY(parse(body));
        root_ = root;
        RequestFacts facts;
        facts.operation = operation;
        const Fields fields = TRY(read_fields(root, body, facts));
        facts.model = default_model;
        TRY(read_model(fields, body, facts));
        facts.protocol = protocol;
        Tally tally;
        plain_turns_.clear();
        const bool may_be_plain = operation == Operation::Chat && protocol == Protocol::OpenAi;
        if (may_be_plain && !has_more_to_read(fields)) tally.plain_turns = &plain_turns_;
        TRY(read_prompt(fields, body, facts, tally));
        if (!tally.is_plain) plain_turns_.clear();
        note_messages(tally, facts.wording);
        facts.input_tokens = tally.total();
        facts.needs = tally.needs;
        return facts;
    }

    std::span<const PlainTurn> plain_turns() const { return plain_turns_; }
    bool any_value(std::span<const std::string> path, const Look& look) const {
        return root_ && !path.empty() && PathWalk(look).any(*root_, path);
    }

private:
    // What a model reads beside the messages.
    static bool has_more_to_read(const Fields& fields) {
        for (const Name name : {Name::Tools, Name::Functions, Name::ResponseFormat,
                                Name::Modalities, Name::EnableThinking, Name::Thinking}) {
            if (fields.find(name) != nullptr) return true;
        }
        return false;
    }

    static void note_messages(const Tally& tally, ChatWording& wording) {
        wording.has_developer = tally.has_developer;
        wording.has_late_system = tally.has_late_system;
        wording.has_parts = tally.has_parts;
        wording.has_auto_detail = tally.has_auto_detail;
        wording.has_thoughts = tally.has_thoughts;
    }

    Result<void> read_prompt(const Fields& fields, std::string_view body, RequestFacts& facts,
                             Tally& tally) {
        if (facts.operation == Operation::Embeddings) return read_input(fields, Name::Input, tally);
        if (facts.operation == Operation::Completions) {
            TRY(read_input(fields, Name::Prompt, tally));
            return read_answer_options(fields, body, facts);
        }
        TRY(read_definitions(fields, Name::Tools, tally));
        switch (facts.protocol) {
            case Protocol::OpenAi:
                TRY(read_messages(fields, tally));
                TRY(read_definitions(fields, Name::Functions, tally));
                TRY(read_response_format(fields, tally));
                TRY(read_answer_options(fields, body, facts));
                break;
            case Protocol::Anthropic:
                TRY(read_system(fields, tally));
                TRY(read_messages(fields, tally));
                TRY(read_anthropic_options(fields, facts));
                if (is_schema_format(fields.find(Name::OutputConfig), "format"))
                    tally.needs.add(Need::JsonSchema);
                break;
            case Protocol::Responses:
                TRY(read_items(fields, tally));
                TRY(read_responses_options(fields, facts));
                if (is_schema_format(fields.find(Name::Text), "format"))
                    tally.needs.add(Need::JsonSchema);
                break;
        }
        note_wishes(fields, tally);
        return {};
    }

    // 0 asks for no answer at all: the prompt is only to be read.
    static Result<void> read_anthropic_options(const Fields& fields, RequestFacts& facts) {
        facts.stream = TRY(read_flag(fields, Name::Stream));
        facts.max_output = TRY(read_count(fields, Name::MaxTokens, 0));
        if (!facts.max_output && facts.operation != Operation::CountTokens)
            return missing("max_tokens", "say how many tokens the answer may have");
        return {};
    }

    static Result<void> read_responses_options(const Fields& fields, RequestFacts& facts) {
        facts.stream = TRY(read_flag(fields, Name::Stream));
        facts.max_output = TRY(read_count(fields, Name::MaxOutputTokens));
        const bool is_background = TRY(read_flag(fields, Name::Background));
        if (!is_background) return {};
        return invalid("background",
                       "can't be true here: nothing is kept between calls, so "
                       "nobody could fetch the answer");
    }

    void release_large_memory() {
        if (parser_.capacity() > kKeptCapacity) parser_ = dom::parser();
    }

    Result<dom::object> parse(std::string_view body) {
        dom::element root;
        simdjson::error_code code = parse_into(body, root);
        if (code == simdjson::NUMBER_ERROR) {
            std::string plain = without_large_numbers(body);
            plain.resize(body.size() + PaddedBody::kPadding);
            code = parse_into(std::string_view(plain).substr(0, body.size()), root);
        }
        if (code != simdjson::SUCCESS) return unreadable(code, body);
        dom::object object;
        if (root.get(object) != simdjson::SUCCESS) {
            return invalid_body("the request body must be a JSON object, not " +
                                std::string(kind_of(root)));
        }
        return object;
    }

    simdjson::error_code parse_into(std::string_view body, dom::element& root) {
        if (parser_.capacity() < body.size() || parser_.max_depth() != kMaxDepth) {
            const std::size_t capacity = std::max(std::bit_ceil(body.size()), kFirstCapacity);
            if (const auto code = parser_.allocate(capacity, kMaxDepth)) return code;
        }
        return parser_.parse(body.data(), body.size(), false).get(root);
    }

    Result<Fields> read_fields(const dom::object& root, std::string_view body,
                               RequestFacts& facts) {
        Fields fields;
        ObjectScanner scanner(body);
        facts.first_key = scanner.first_key();
        keys_.clear();
        for (const auto& [key, value] : root) {
            const auto place = scanner.next();
            assert(place);  // the text is valid: both walks see the same fields
            keys_.push_back(key);
            fields.put(key, value, place->value);
            if (facts.operation == Operation::Chat) note_field(key, value, facts.wording);
            if (keys_.size() > kMaxKeys) {
                return invalid_body("the request body has more than " + std::to_string(kMaxKeys) +
                                    " fields");
            }
        }
        TRY(check_unique("the request body has ", ""));
        return fields;
    }

    // Of two equal keys the gateway would read one and the vendor perhaps the other.
    Result<void> check_unique(std::string_view where, std::string_view parent) {
        if (keys_.size() > kFewKeys) {
            std::sort(keys_.begin(), keys_.end());
            const auto twin = std::adjacent_find(keys_.begin(), keys_.end());
            return twin == keys_.end() ? Result<void>() : comes_twice(where, parent, *twin);
        }
        for (std::size_t i = 1; i < keys_.size(); ++i) {
            for (std::size_t j = 0; j < i; ++j) {
                if (keys_[i] == keys_[j]) return comes_twice(where, parent, keys_[i]);
            }
        }
        return {};
    }

    static Error comes_twice(std::string_view where, std::string_view parent,
                             std::string_view key) {
        return invalid_body(
            std::string(where) + "the key " + json_string(key.substr(0, 64)) + " twice",
            std::string(parent) + std::string(key.substr(0, 64)));
    }

    Result<void> read_model(const Fields& fields, std::string_view body, RequestFacts& facts) {
        const Field* field = fields.find(Name::Model);
        if (field == nullptr && !facts.model.empty()) return {};
        if (field == nullptr) return missing("model", "GET /v1/models lists the names");
        std::string_view model;
        if (field->value.get(model) != simdjson::SUCCESS)
            return wrong_kind("model", "a string", field->value);
        if (model.empty()) return invalid("model", "must not be empty");
        if (model.size() > kMaxModelBytes) {
            return invalid("model",
                           "must have at most " + std::to_string(kMaxModelBytes) + " bytes");
        }
        facts.model_place = field->place;
        const std::string_view written =
            body.substr(field->place.begin + 1, field->place.size() - 2);
        if (written == model) {
            facts.model = written;
        } else {
            model_ = model;
            facts.model = model_;
        }
        return {};
    }

    Result<void> read_answer_options(const Fields& fields, std::string_view body,
                                     RequestFacts& facts) {
        facts.stream = TRY(read_flag(fields, Name::Stream));
        const auto max_tokens = TRY(read_count(fields, Name::MaxTokens));
        const auto max_completion = TRY(read_count(fields, Name::MaxCompletionTokens));
        facts.max_output = max_completion ? max_completion : max_tokens;
        facts.answers = TRY(read_count(fields, Name::N)).value_or(1);
        return read_stream_options(fields, body, facts);
    }

    Result<void> read_stream_options(const Fields& fields, std::string_view body,
                                     RequestFacts& facts) {
        const Field* field = fields.find_or_null(Name::StreamOptions);
        if (field == nullptr) return {};
        StreamOptionsPlace place;
        place.value = field->place;
        if (!field->value.is_null()) {
            dom::object options;
            if (field->value.get(options) != simdjson::SUCCESS)
                return wrong_kind("stream_options", "an object", field->value);
            TRY(read_include_usage(options, body, place, facts.asks_usage));
        }
        facts.stream_options = place;
        return {};
    }

    Result<void> read_include_usage(const dom::object& options, std::string_view body,
                                    StreamOptionsPlace& place, bool& asks_usage) {
        ObjectScanner scanner(place.value.of(body));
        keys_.clear();
        for (const auto& [key, value] : options) {
            const auto field = scanner.next();
            assert(field);
            keys_.push_back(key);
            if (keys_.size() > kMaxKeys) {
                return invalid("stream_options",
                               "has more than " + std::to_string(kMaxKeys) + " fields");
            }
            if (key != "include_usage") continue;
            if (!value.is_null() && value.get(asks_usage) != simdjson::SUCCESS)
                return wrong_kind("stream_options.include_usage", "true or false", value);
            place.include_usage = ByteRange{place.value.begin + field->value.begin,
                                            place.value.begin + field->value.end};
        }
        place.has_fields = !keys_.empty();
        return check_unique("stream_options has ", "stream_options.");
    }

    static constexpr std::size_t kFewKeys = 24;  // fewer are compared pairwise, faster than sorted

    dom::parser parser_;
    std::optional<dom::object> root_;  // of the last body
    std::vector<std::string_view> keys_;
    std::string model_;  // when the body writes it with escapes
    std::vector<PlainTurn> plain_turns_;
};

std::string_view name_of(Need need) {
    switch (need) {
        case Need::Tools:
            return "tools";
        case Need::Vision:
            return "vision";
        case Need::Audio:
            return "audio";
        case Need::Files:
            return "files";
        case Need::JsonSchema:
            return "json_schema";
        case Need::Reasoning:
            return "reasoning";
    }
    return "";
}

std::string names_of(const Needs& needs) {
    std::string text;
    for (const Need need : kNeeds) {
        if (!needs.has(need)) continue;
        text.append(text.empty() ? "" : ", ").append(name_of(need));
    }
    return text;
}

OwnedPaddedBody::OwnedPaddedBody(std::string_view bytes) : padded_(bytes), size_(bytes.size()) {
    padded_.resize(size_ + PaddedBody::kPadding);
}

FactsReader::FactsReader() : parser_(std::make_unique<Parser>()) {}
FactsReader::~FactsReader() = default;
FactsReader::FactsReader(FactsReader&&) noexcept = default;
FactsReader& FactsReader::operator=(FactsReader&&) noexcept = default;

std::span<const PlainTurn> FactsReader::plain_turns() const {
    return parser_->plain_turns();
}

bool FactsReader::any_value(std::span<const std::string> path, const Look& look) const {
    return parser_->any_value(path, look);
}

Result<RequestFacts> FactsReader::read(Operation operation, PaddedBody body,
                                       std::string_view default_model, Protocol protocol) {
    assert(operation != Operation::Models);
    return parser_->read(operation, body.bytes(), default_model, protocol);
}

}  // namespace aigw::protocol
