#include "protocol/reply_outline.h"

#include "base/text.h"
#include "protocol/object_scanner.h"

namespace aigw::protocol {
namespace {

// `error` says something when a caller's SDK would raise on it.
bool is_set(std::string_view value) {
    return value != "null" && value != "false" && value != "\"\"" && value != "0" &&
           trim(value.substr(1)) != "}" && trim(value.substr(1)) != "]";
}

}  // namespace

ReplyOutline outline_of(std::string_view json) {
    ReplyOutline outline;
    ObjectScanner scanner(json);
    outline.is_object = scanner.first_key() > 0;
    while (const auto field = scanner.next()) {
        const std::string_view key = field->key.of(json);
        const auto value = [&] { return field->value.of(json); };
        if (key == "\"usage\"") outline.usage = field->value;
        if (key == "\"error\"") outline.has_error = is_set(value());
        if (key == "\"code\"") outline.has_code = is_set(value());
        if (key == "\"message\"") outline.has_message = is_set(value());
        if (key == "\"choices\"" || key == "\"data\"") outline.has_answer = true;
    }
    outline.is_whole = scanner.is_complete();
    return outline;
}

}  // namespace aigw::protocol
