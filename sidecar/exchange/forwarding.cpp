#include "sidecar/exchange/forwarding.h"

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "sidecar/engine/http_parser.h"

namespace aigw::exchange {
namespace {

using engine::Field;
using engine::FieldSet;

// Hop-by-hop fields, framing, and what the caller tells the gateway alone. Answers are read by the
// gateway, so an upstream is never asked for a compressed one.
constexpr FieldSet kNotUpstream{
    Field::Host,
    Field::Connection,
    Field::KeepAlive,
    Field::ProxyConnection,
    Field::ProxyAuthorization,
    Field::Te,
    Field::Trailer,
    Field::TransferEncoding,
    Field::Upgrade,
    Field::ContentLength,
    Field::Expect,
    Field::AcceptEncoding,
    Field::Authorization,
    Field::XApiKey,
    Field::XTenantApiKey,
    Field::OpenAiOrganization,  // whose account: the platform's, and a wrong one refuses its key
    Field::OpenAiProject,
    Field::XInternalSecret,
    Field::Cookie,
    Field::Forwarded,
    Field::XForwardedFor,
    Field::XForwardedHost,
    Field::XForwardedProto,
    Field::XRealIp,
    Field::XRequestId,
    Field::XUserId,
    Field::XTenantId,
    Field::XApiKeyId,
    Field::Via,
};

constexpr FieldSet kNotDownstream{
    Field::Connection,    Field::KeepAlive, Field::ProxyConnection,  Field::ProxyAuthenticate,
    Field::Trailer,       Field::Upgrade,   Field::TransferEncoding, Field::Date,
    Field::ContentLength, Field::SetCookie, Field::XRequestId,       Field::Server,
};

constexpr std::size_t kAnswerFields = 512;  // bytes, those that the gateway adds included

// What Connection fields name (RFC 9110, section 7.6.1); there may be several. The two usual words
// name nothing.
class HopFields {
public:
    explicit HopFields(std::span<const engine::FieldView> fields) : fields_(fields) {
        is_any_ = std::ranges::any_of(fields, [](const engine::FieldView& field) {
            return field.field == Field::Connection &&
                   !equals_ignoring_case(field.value, "keep-alive") &&
                   !equals_ignoring_case(field.value, "close");
        });
    }
    bool has(std::string_view name) const {
        return is_any_ && std::ranges::any_of(fields_, [&](const engine::FieldView& field) {
                   return field.field == Field::Connection && engine::has_token(field.value, name);
               });
    }

private:
    std::span<const engine::FieldView> fields_;
    bool is_any_ = false;
};

// True for a field that ends here: of the set, between two peers only, or of a gateway's own
// names, which no caller may speak in.
bool stays(const engine::FieldView& field, const FieldSet& set, const HopFields& hops) {
    if (set.has(field.field) || hops.has(field.name)) return true;
    if (field.field != Field::Other) return false;
    return starts_with_ignoring_case(field.name, "x-aigw-") ||
           starts_with_ignoring_case(field.name, "x-token-limit-") ||
           equals_ignoring_case(field.name, "x-namespace-id");
}

}  // namespace

void append_forwarded(std::string& out, const engine::RequestHead& head,
                      std::span<const std::string> own) {
    const HopFields hops(head.fields);
    for (const engine::FieldView& field : head.fields) {
        if (stays(field, kNotUpstream, hops)) continue;
        const bool is_own = std::any_of(own.begin(), own.end(), [&](const std::string& name) {
            return equals_ignoring_case(field.name, name);
        });
        if (is_own) continue;
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
}

http::Headers forwarded(const engine::ResponseHead& head) {
    http::Headers headers;
    headers.reserve(kAnswerFields);
    const HopFields hops(head.fields);
    for (const engine::FieldView& field : head.fields) {
        if (!stays(field, kNotDownstream, hops)) headers.add(field.name, field.value);
    }
    return headers;
}

}  // namespace aigw::exchange
