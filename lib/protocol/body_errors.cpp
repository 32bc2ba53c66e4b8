#include "protocol/body_errors.h"

namespace aigw::protocol {

Error invalid_field(std::string_view path, std::string_view problem) {
    Error error{.code = ErrorCode::InvalidRequest, .message = std::string(path)};
    error.message.append(" ").append(problem);
    error.wire_code = "invalid_value";
    error.param = path;
    return error;
}

Error wrong_kind(std::string_view path, std::string_view wanted, JsonValue found) {
    if (!found.is_given())
        return invalid_field(path, "is missing: it must be " + std::string(wanted));
    return invalid_field(
        path, "must be " + std::string(wanted) + ", not " + std::string(name_of(found.kind())));
}

}  // namespace aigw::protocol
