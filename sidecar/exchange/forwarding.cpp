#include "sidecar/exchange/forwarding.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sidecar/engine/http_parser.h"

namespace aigw::exchange {
namespace {

// Hop-by-hop fields, framing, and what the caller tells the gateway alone. Answers are read by the
// gateway, so an upstream is never asked for a compressed one.
constexpr std::array<std::string_view, 27> kNotUpstream{"host",
                                                        "connection",
                                                        "keep-alive",
                                                        "proxy-connection",
                                                        "proxy-authorization",
                                                        "te",
                                                        "trailer",
                                                        "transfer-encoding",
                                                        "upgrade",
                                                        "content-length",
                                                        "expect",
                                                        "accept-encoding",
                                                        "authorization",
                                                        "x-api-key",
                                                        "x-tenant-api-key",
                                                        "x-internal-secret",
                                                        "cookie",
                                                        "forwarded",
                                                        "x-forwarded-for",
                                                        "x-forwarded-host",
                                                        "x-forwarded-proto",
                                                        "x-real-ip",
                                                        "x-request-id",
                                                        "x-user-id",
                                                        "x-tenant-id",
                                                        "x-api-key-id",
                                                        "via"};

constexpr std::array<std::string_view, 12> kNotDownstream{
    "connection",     "keep-alive",        "proxy-connection", "proxy-authenticate",
    "trailer",        "transfer-encoding", "upgrade",          "date",
    "content-length", "set-cookie",        "x-request-id",     "server"};

constexpr std::size_t kAnswerHeaders = 6;  // room for those that the gateway adds

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
    return std::any_of(names.begin(), names.end(), [&](std::string_view other) {
        return name.size() == other.size() && equals_ignoring_case(name, other);
    });
}

// Whether a Connection field names it; there may be several.
class HopFields {
public:
    explicit HopFields(std::span<const engine::FieldView> fields) {
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (fields[i].name.size() != 10 || !equals_ignoring_case(fields[i].name, "connection"))
                continue;
            connections_ = fields.subspan(i);
            break;
        }
    }
    bool has(std::string_view name) const {
        return !connections_.empty() &&
               std::ranges::any_of(connections_, [&](const engine::FieldView& field) {
                   return field.name.size() == 10 &&
                          equals_ignoring_case(field.name, "connection") &&
                          engine::has_token(field.value, name);
               });
    }

private:
    std::span<const engine::FieldView> connections_;  // the first of them, and what follows it
};

}  // namespace

void append_forwarded(std::string& out, const engine::RequestHead& head,
                      std::span<const std::string> own) {
    const HopFields hops(head.fields);
    for (const engine::FieldView& field : head.fields) {
        const bool is_own = std::any_of(own.begin(), own.end(), [&](const std::string& name) {
            return equals_ignoring_case(field.name, name);
        });
        if (is_own || is_one_of(field.name, kNotUpstream) ||
            starts_with_ignoring_case(field.name, "x-aigw-") || hops.has(field.name))
            continue;
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
}

http::Headers forwarded(const engine::ResponseHead& head) {
    http::Headers headers;
    headers.reserve(head.fields.size() + kAnswerHeaders);
    const HopFields hops(head.fields);
    for (const engine::FieldView& field : head.fields) {
        if (is_one_of(field.name, kNotDownstream) ||
            starts_with_ignoring_case(field.name, "x-aigw-") || hops.has(field.name))
            continue;
        headers.add(std::string(field.name), std::string(field.value));
    }
    return headers;
}

}  // namespace aigw::exchange
