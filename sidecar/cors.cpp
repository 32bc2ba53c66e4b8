#include "sidecar/cors.h"

#include <algorithm>

namespace aigw::sidecar {
namespace {

constexpr const char* kMethods = "GET, POST, PUT, DELETE, OPTIONS";
constexpr std::string_view kFields = "Content-Type, Authorization, X-Requested-With";
constexpr const char* kExposed =
    "X-Request-Id, Request-Id, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, "
    "X-RateLimit-Reset, X-RateLimit-Limit-Requests, X-RateLimit-Remaining-Requests, "
    "X-RateLimit-Reset-Requests, X-RateLimit-Limit-Tokens, X-RateLimit-Remaining-Tokens, "
    "X-RateLimit-Reset-Tokens, Anthropic-RateLimit-Requests-Limit, "
    "Anthropic-RateLimit-Requests-Remaining, Anthropic-RateLimit-Requests-Reset, "
    "Anthropic-RateLimit-Tokens-Limit, Anthropic-RateLimit-Tokens-Remaining, "
    "Anthropic-RateLimit-Tokens-Reset";
constexpr const char* kSecondsToRemember = "600";

bool allows_all(const config::CorsOptions& options) {
    return std::ranges::find(options.origins, "*") != options.origins.end();
}

}  // namespace

bool is_preflight(const config::CorsOptions& options, const engine::RequestHead& head) {
    return !options.origins.empty() && head.method == "OPTIONS";
}

bool is_cross_origin(const config::CorsOptions& options, const engine::RequestHead& head) {
    return !options.origins.empty() && head.find(engine::Field::Origin).has_value();
}

void add_cors_headers(const config::CorsOptions& options, const engine::RequestHead& head,
                      http::Headers& headers) {
    headers.remove("access-control-allow-origin");  // an upstream's own is none of the page's
    headers.remove("access-control-allow-credentials");
    if (allows_all(options)) {
        headers.add("access-control-allow-origin", "*");
    } else {
        headers.add("vary", "Origin");
        const std::string origin(head.find(engine::Field::Origin).value_or(""));
        if (std::ranges::find(options.origins, origin) == options.origins.end()) return;
        headers.add("access-control-allow-origin", origin);
    }
    headers.add("access-control-expose-headers", kExposed);
}

engine::Reply answer_preflight(const config::CorsOptions& options,
                               const engine::RequestHead& head) {
    engine::Reply reply{.status = 204};
    add_cors_headers(options, head, reply.headers);
    if (!reply.headers.find("access-control-allow-origin")) return reply;
    // SDKs send fields of their own; what is asked for is allowed, since no cookie is.
    const auto asked = head.find("access-control-request-headers");
    reply.headers.add("access-control-allow-methods", kMethods);
    reply.headers.add("access-control-allow-headers", std::string(asked.value_or(kFields)));
    reply.headers.add("access-control-max-age", kSecondsToRemember);
    return reply;
}

}  // namespace aigw::sidecar
