#include "config/reader.h"

#include <algorithm>

#include "base/text.h"
#include "base/time.h"
#include "config/references.h"

namespace aigw::config {
namespace {

using std::chrono::milliseconds;

std::string shortened(std::string_view text) {
    constexpr std::size_t kMost = 60;
    if (text.size() <= kMost) return json_string(text);
    return json_string(std::string(text.substr(0, kMost)) + "…");
}

std::string list_of(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names)
        text += (text.empty() ? "" : ", ") + std::string(name);
    return text;
}

std::string hint_to_write(std::string_view key, std::string_view example) {
    return "write it like " + render_key(key) + " = " + std::string(example);
}

bool is_masked(std::string_view text) {
    return text.find("***") != std::string_view::npos;
}

bool is_visible(char c) {
    return c > ' ' && c < 0x7F;
}

}  // namespace

TableReader::TableReader(const Table& table, std::string path, FilePosition at,
                         const Context& context)
    : table_(table), path_(std::move(path)), at_(std::move(at)), context_(context) {}

const Value* TableReader::take(std::string_view key) {
    if (std::ranges::find(known_, key) == known_.end()) known_.push_back(key);
    const Entry* entry = table_.find(key);
    if (entry == nullptr) return nullptr;
    context_.provenance.record(name_of(key), entry->at, entry->value.written);
    return entry->value.is_unusable() ? nullptr : &entry->value;
}

const Value* TableReader::any(std::string_view key) {
    return take(key);
}

void TableReader::record(const std::string& path, const Value& value) {
    context_.provenance.record(path, value.at, value.written);
}

void TableReader::error(const FilePosition& at, std::string message, std::string hint) {
    context_.report.error(at, std::move(message), std::move(hint));
}

void TableReader::wrong_type(const Value& value, const std::string& name, std::string_view expected,
                             std::string_view example) {
    if (value.is_unusable()) return;
    error(value.at,
          name + " is " + std::string(type_name(value)) + ", expected " + std::string(expected),
          std::string(example));
}

const Value* TableReader::take_string(std::string_view key, std::string_view example) {
    const Value* value = take(key);
    if (value == nullptr || value->string() != nullptr) return value;
    wrong_type(*value, name_of(key), "a string", hint_to_write(key, example));
    return nullptr;
}

void TableReader::text(std::string_view key, std::string& out, TextCheck check) {
    const Value* value = take_string(key, "\"…\"");
    if (value == nullptr) return;
    if (check != nullptr) {
        if (const auto checked = check(*value->string()); !checked)
            return error(value->at, name_of(key) + " " + checked.error().message,
                         checked.error().hint);
    }
    out = *value->string();
}

void TableReader::texts(std::string_view key, std::vector<std::string>& out, TextCheck check) {
    const Value* value = take(key);
    if (value == nullptr) return;
    const std::string example = hint_to_write(key, "[\"…\"]");
    if (value->array() == nullptr)
        return wrong_type(*value, name_of(key), "an array of strings", example);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < value->array()->size(); ++i) {
        const Value& element = (*value->array())[i];
        const std::string name = join_path(name_of(key), i);
        record(name, element);
        const std::string* text = element.string();
        if (text == nullptr) {
            wrong_type(element, name, "a string", example);
        } else if (text->empty()) {
            error(element.at, name + " is empty", "remove it, or fill it in");
        } else if (const auto checked = check ? check(*text) : Result<void>(); !checked) {
            error(element.at, name + " " + checked.error().message, checked.error().hint);
        } else if (std::ranges::find(texts, *text) != texts.end()) {
            error(element.at, name_of(key) + " has " + shortened(*text) + " twice",
                  "keep one of them");
        } else {
            texts.push_back(*text);
        }
    }
    out = std::move(texts);
}

void TableReader::boolean(std::string_view key, bool& out) {
    const Value* value = take(key);
    if (value == nullptr) return;
    const bool* boolean = std::get_if<bool>(&value->data);
    if (boolean == nullptr)
        return wrong_type(*value, name_of(key), "true or false", hint_to_write(key, "true"));
    out = *boolean;
}

bool TableReader::read_integer(std::string_view key, std::int64_t& out, std::int64_t least,
                               std::int64_t most) {
    const Value* value = take(key);
    if (value == nullptr) return false;
    const auto* number = std::get_if<std::int64_t>(&value->data);
    if (number == nullptr) {
        wrong_type(*value, name_of(key), "a whole number",
                   hint_to_write(key, std::to_string(std::max(least, std::int64_t{1}))));
        return false;
    }
    if (*number < least || *number > most) {
        error(value->at, name_of(key) + " is " + std::to_string(*number),
              "it lies between " + std::to_string(least) + " and " + std::to_string(most));
        return false;
    }
    out = *number;
    return true;
}

void TableReader::duration(std::string_view key, milliseconds& out, milliseconds least,
                           milliseconds most) {
    const Value* value = take_string(key, "\"10s\"");
    if (value == nullptr) return;
    const auto parsed = parse_duration(*value->string());
    if (!parsed)
        return error(value->at, name_of(key) + ": " + parsed.error().message, parsed.error().hint);
    if (*parsed < least || *parsed > most)
        return error(value->at, name_of(key) + " is " + shortened(*value->string()),
                     "it lies between \"" + render_duration(least) + "\" and \"" +
                         render_duration(most) + "\"");
    out = *parsed;
}

void TableReader::size(std::string_view key, std::uint64_t& out, std::uint64_t least,
                       std::uint64_t most) {
    const Value* value = take_string(key, "\"" + render_size(out) + "\"");
    if (value == nullptr) return;
    const auto parsed = parse_size(*value->string());
    if (!parsed)
        return error(value->at, name_of(key) + ": " + parsed.error().message, parsed.error().hint);
    if (*parsed < least || *parsed > most)
        return error(
            value->at, name_of(key) + " is " + shortened(*value->string()),
            "it lies between \"" + render_size(least) + "\" and \"" + render_size(most) + "\"");
    out = *parsed;
}

void TableReader::decimal(std::string_view key, Decimal& out, const Decimal& most) {
    const Value* value = take(key);
    if (value == nullptr) return;
    if (value->string() == nullptr)
        return wrong_type(*value, name_of(key), "a string, since money is never a binary fraction",
                          hint_to_write(key, "\"0.9\""));
    const auto parsed = Decimal::parse(*value->string());
    if (!parsed)
        return error(value->at, name_of(key) + ": " + parsed.error().message, parsed.error().hint);
    // Compared as products with one scale: a decimal has no order of its own.
    const auto scaled = [](const Decimal& d) {
        Int128 units = d.mantissa();
        for (int scale = d.scale(); scale < 18; ++scale) units *= 10;
        return units;
    };
    if (parsed->is_negative() || scaled(*parsed) > scaled(most))
        return error(value->at, name_of(key) + " is " + shortened(*value->string()),
                     "it lies between \"0\" and \"" + most.text() + "\"");
    out = *parsed;
}

void TableReader::secret(std::string_view key, Secret& out) {
    const Value* value = take_string(key, "\"${NAME}\"");
    if (value == nullptr) return;
    const std::string& text = *value->string();
    const std::string name = name_of(key);
    const std::string from =
        value->written.empty() ? "" : " (from " + mask_reference(value->written) + ")";
    if (text.empty()) {
        return error(value->at, name + " is empty" + from, "give it a value, or remove the line");
    }
    if (is_masked(text)) {
        return error(value->at,
                     name + " is the mask that stands for a secret in printed files" + from,
                     "write \"${NAME}\" or \"file:/path\"");
    }
    if (!std::ranges::all_of(text, is_visible)) {
        return error(value->at,
                     name + " holds a blank, a control character or a letter beyond ASCII" + from,
                     "it travels in a header");
    }
    if (value->written.empty()) {
        context_.report.warning(value->at, name + " stands in the clear",
                                "write \"${NAME}\" or \"file:/path\"");
    }
    out = Secret(text, value->written.empty() ? "" : mask_reference(value->written));
}

std::optional<std::size_t> TableReader::word(std::string_view key,
                                             std::span<const std::string_view> words) {
    const std::size_t index = read_choice(key, words);
    if (index == words.size()) return std::nullopt;
    return index;
}

std::optional<std::uint64_t> TableReader::word_set(std::string_view key,
                                                   std::span<const std::string_view> words) {
    if (!has(key)) return std::nullopt;
    std::vector<std::string> said;
    texts(key, said);
    std::uint64_t set = 0;
    for (const std::string& each : said) {
        const auto found = std::ranges::find(words, each);
        if (found == words.end()) {
            error(table_.find(key)->value.at, name_of(key) + " has " + shortened(each),
                  "its words are " + list_of(words));
            return std::nullopt;
        }
        set |= std::uint64_t{1} << (found - words.begin());
    }
    return set;
}

std::size_t TableReader::read_choice(std::string_view key,
                                     std::span<const std::string_view> names) {
    const Value* value = take_string(key, "\"" + std::string(names.front()) + "\"");
    if (value == nullptr) return names.size();
    const auto found = std::ranges::find(names, *value->string());
    if (found != names.end()) return static_cast<std::size_t>(found - names.begin());
    const auto nearest = find_nearest(*value->string(), names);
    error(value->at, name_of(key) + " is " + shortened(*value->string()),
          nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                  : "it is one of: " + list_of(names));
    return names.size();
}

void TableReader::table(std::string_view key, const ReadTable& read) {
    const Value* value = take(key);
    if (value == nullptr) return;
    if (value->table() == nullptr)
        return wrong_type(*value, name_of(key), "a table", hint_to_write(key, "{ … }"));
    TableReader reader(*value->table(), name_of(key), value->at, context_);
    read(reader);
    reader.finish();
}

void TableReader::array_of_tables(std::string_view key, const ReadTable& read) {
    const Value* value = take(key);
    if (value == nullptr) return;
    const std::string example = "write it like [[" + name_of(key) + "]]";
    if (value->array() == nullptr)
        return wrong_type(*value, name_of(key), "an array of tables", example);
    for (std::size_t i = 0; i < value->array()->size(); ++i) {
        const Value& element = (*value->array())[i];
        const std::string name = join_path(name_of(key), i);
        record(name, element);
        if (element.table() == nullptr) {
            wrong_type(element, name, "a table", example);
            continue;
        }
        TableReader reader(*element.table(), name, element.at, context_);
        read(reader);
        reader.finish();
    }
}

void TableReader::named_tables(std::string_view key, TextCheck check_name, const ReadNamed& read) {
    const Value* value = take(key);
    if (value == nullptr) return;
    const std::string example = "write it like [" + name_of(key) + ".NAME]";
    if (value->table() == nullptr) return wrong_type(*value, name_of(key), "a table", example);
    for (const Entry& entry : value->table()->entries) {
        const std::string name = join_path(name_of(key), entry.key);
        context_.provenance.record(name, entry.at);
        if (const auto checked = check_name(entry.key); !checked) {
            error(entry.at, name + " " + checked.error().message, checked.error().hint);
        } else if (entry.value.table() == nullptr) {
            wrong_type(entry.value, name, "a table", example);
        } else {
            TableReader reader(*entry.value.table(), name, entry.at, context_);
            read(entry.key, reader);
            reader.finish();
        }
    }
}

std::vector<std::pair<std::string, TextAt>> TableReader::named_texts(std::string_view key) {
    std::vector<std::pair<std::string, TextAt>> texts;
    const Value* value = take(key);
    if (value == nullptr) return texts;
    const std::string example = hint_to_write(key, "{ \"Name\" = \"value\" }");
    if (value->table() == nullptr) {
        wrong_type(*value, name_of(key), "a table", example);
        return texts;
    }
    for (const Entry& entry : value->table()->entries) {
        const std::string name = join_path(name_of(key), entry.key);
        context_.provenance.record(name, entry.at, entry.value.written);
        if (const std::string* text = entry.value.string()) {
            texts.emplace_back(entry.key, TextAt{*text, name, entry.at});
        } else {
            wrong_type(entry.value, name, "a string", example);
        }
    }
    return texts;
}

void TableReader::require(std::string_view key, std::string_view example) {
    if (has(key)) return;
    error(at_, path_ + " has no " + std::string(key), hint_to_write(key, example));
}

void TableReader::finish() {
    for (const Entry& entry : table_.entries) {
        if (std::ranges::find(known_, entry.key) != known_.end()) continue;
        const auto nearest = find_nearest(entry.key, known_);
        error(entry.at, "unknown key " + shortened(entry.key),
              nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                      : (path_.empty() ? "the file" : path_) + " knows " + list_of(known_));
    }
}

}  // namespace aigw::config
