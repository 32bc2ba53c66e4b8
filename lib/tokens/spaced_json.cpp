#include "tokens/spaced_json.h"

#include "base/text.h"

namespace aigw::tokens {
namespace {

using protocol::JsonKind;
using protocol::JsonValue;

void append_list(std::string& out, JsonValue list) {
    bool is_first = true;
    for (const JsonValue& value : list) {
        if (!is_first) out.append(", ");
        is_first = false;
        if (list.is_object()) {
            append_json_string(out, value.key());
            out.append(": ");
        }
        append_spaced(out, value);
    }
}

}  // namespace

void append_spaced(std::string& out, JsonValue value) {
    switch (value.kind()) {
        case JsonKind::Absent:
            return;
        case JsonKind::Null:
        case JsonKind::Boolean:
        case JsonKind::Number:
            out.append(value.raw());
            return;
        case JsonKind::String:
            append_json_string(out, value.text());
            return;
        case JsonKind::Array:
            out.push_back('[');
            append_list(out, value);
            out.push_back(']');
            return;
        case JsonKind::Object:
            out.push_back('{');
            append_list(out, value);
            out.push_back('}');
            return;
    }
}

}  // namespace aigw::tokens
