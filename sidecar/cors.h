// Cross-origin calls: which pages of other sites may read the gateway's answers.
//
// Rules:   with origins configured, OPTIONS is answered with 204 and no handler sees it; an answer
// to
//          a listed origin names that origin, `*` any. Credentials of the browser (cookies) are
//          never allowed: callers present keys, which scripts send themselves.
// Source:  gateway.toml(5), `cors`; the Fetch standard, "CORS protocol".
#pragma once

#include "config/config.h"
#include "http/message.h"
#include "sidecar/engine/http_message.h"

namespace aigw::sidecar {

// True when the call is a preflight, or any other OPTIONS, that CORS answers.
bool is_preflight(const config::CorsOptions& options, const engine::RequestHead& head);
engine::Reply answer_preflight(const config::CorsOptions& options, const engine::RequestHead& head);
// True when the answer to this call needs add_cors_headers.
bool is_cross_origin(const config::CorsOptions& options, const engine::RequestHead& head);
void add_cors_headers(const config::CorsOptions& options, const engine::RequestHead& head,
                      http::Headers& headers);

}  // namespace aigw::sidecar
