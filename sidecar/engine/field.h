// Header fields that the gateway knows by name, as small numbers: read once by the parser, compared
// as numbers from there on.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace aigw::engine {

enum class Field : std::uint8_t {
    Other,  // none of these
    Accept,
    AcceptEncoding,
    Authorization,
    CacheControl,
    Connection,
    ContentEncoding,
    ContentLength,
    ContentType,
    Cookie,
    Date,
    Expect,
    Forwarded,
    Host,
    KeepAlive,
    OpenAiOrganization,
    OpenAiProject,
    Origin,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyConnection,
    RetryAfter,
    Server,
    SetCookie,
    Te,
    Trailer,
    TransferEncoding,
    Upgrade,
    UserAgent,
    Via,
    XApiKey,
    XApiKeyId,
    XForwardedFor,
    XForwardedHost,
    XForwardedProto,
    XInternalSecret,
    XRealIp,
    XRequestId,
    XTenantApiKey,
    XTenantId,
    XUserId,
};
inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::XUserId) + 1;

// Which field a name is, in any case of letters; `name` is a token (RFC 9110, section 5.6.2).
Field field_of(std::string_view name);

// A set of fields, for questions that are asked of each field of a message.
class FieldSet {
public:
    constexpr FieldSet(std::initializer_list<Field> fields) {
        for (const Field field : fields) bits_ |= bit(field);
    }
    constexpr bool has(Field field) const { return (bits_ & bit(field)) != 0; }

private:
    static_assert(kFieldCount <= 64);
    static constexpr std::uint64_t bit(Field field) {
        return std::uint64_t{1} << static_cast<unsigned>(field);
    }
    std::uint64_t bits_ = 0;
};

}  // namespace aigw::engine
