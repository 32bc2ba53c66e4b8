// The scanner of objects: of valid JSON it sees the fields that a parser sees, of any other text
// ranges that lie within it.

#include <simdjson.h>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/object_scanner.h"
#include "tests/fuzz/target.h"

namespace {

namespace dom = simdjson::dom;
using aigw::protocol::ByteRange;
using aigw::protocol::ObjectScanner;

std::vector<ObjectScanner::Field> scan(std::string_view text) {
    std::vector<ObjectScanner::Field> fields;
    ObjectScanner scanner(text);
    std::size_t at = scanner.first_key();
    while (const auto field = scanner.next()) {
        const bool is_in_order = at <= field->key.begin && field->key.begin + 2 <= field->key.end &&
                                 field->key.end < field->value.begin &&
                                 field->value.begin < field->value.end &&
                                 field->value.end <= text.size();
        aigw::fuzz::must_hold(is_in_order, "ranges lie within the text, one after the other");
        const std::string_view key = field->key.of(text);
        aigw::fuzz::must_hold(key.front() == '"' && key.back() == '"', "a key has its quotes");
        at = field->value.end;
        fields.push_back(*field);
    }
    aigw::fuzz::must_hold(!scanner.next(), "a scan that ended stays so");
    aigw::fuzz::must_hold(scanner.is_complete() == aigw::protocol::is_whole_object(text),
                          "whether an object is whole has one answer");
    return fields;
}

// As the parser prints it; nothing for what it does not parse.
std::optional<std::string> minified(dom::parser& parser, std::string_view json) {
    dom::element element;
    if (parser.parse(json.data(), json.size()).get(element) != simdjson::SUCCESS) return {};
    return simdjson::minify(element);
}

void check_against_parser(std::string_view text, const std::vector<ObjectScanner::Field>& fields,
                          const dom::object& object) {
    static dom::parser field_parser;
    aigw::fuzz::must_hold(aigw::protocol::is_whole_object(text), "a valid object is whole");
    std::map<std::string_view, ByteRange> last;  // of keys without escapes
    std::size_t index = 0;
    for (const auto& [key, value] : object) {
        aigw::fuzz::must_hold(index < fields.size(), "no field is missed");
        const ObjectScanner::Field& field = fields[index++];
        const std::string_view written = field.key.of(text);
        dom::element parsed_key;
        std::string_view unescaped;
        const auto failure = field_parser.parse(written.data(), written.size()).get(parsed_key);
        aigw::fuzz::must_hold(
            failure == simdjson::SUCCESS && parsed_key.get(unescaped) == simdjson::SUCCESS,
            "a key's range is a string");
        aigw::fuzz::must_hold(unescaped == key, "a key is the parser's");
        aigw::fuzz::must_hold(
            minified(field_parser, field.value.of(text)) == simdjson::minify(value),
            "a value is the parser's");
        if (written.find('\\') == std::string_view::npos)
            last[written.substr(1, written.size() - 2)] = field.value;
    }
    aigw::fuzz::must_hold(index == fields.size(), "no field is invented");
    for (const auto& [key, value] : last) {
        aigw::fuzz::must_hold(aigw::protocol::find_field(text, key) == value,
                              "a field is found by its name, the last one of several");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto fields = scan(text);
    static dom::parser parser;
    dom::object object;
    if (parser.parse(text.data(), text.size()).get(object) != simdjson::SUCCESS) return 0;
    check_against_parser(text, fields, object);
    return 0;
}
