#include "protocol/error_envelope.h"
#include "base/text.h"
namespace aigw::protocol {
RenderedError render_error(const Error& e, Envelope, std::string_view) {
    std::string b = "{\"error\":{\"message\":" + json_string(render_line(e)) + ",\"type\":\"" + std::string(error_row(e.code).openai_type) + "\",\"param\":null,\"code\":\"" + std::string(error_row(e.code).openai_code) + "\"}}";
    return {e.http_status(), b};
}
}
