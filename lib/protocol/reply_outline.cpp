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

// MiniMax says with a good status, too, how it went.
bool has_failed(std::string_view base_resp) {
    const auto code = find_field(base_resp, "status_code");
    return code && is_set(code->of(base_resp));
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
        if (key == "\"base_resp\"") outline.has_failed = has_failed(value());
        if (key == "\"choices\"" || key == "\"data\"") outline.has_answer = true;
    }
    outline.is_whole = scanner.is_complete();
    return outline;
}

}  // namespace aigw::protocol
