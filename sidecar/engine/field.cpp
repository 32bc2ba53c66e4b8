#include "sidecar/engine/field.h"

#include <cstring>

namespace aigw::engine {
namespace {

struct Row {
    std::string_view name;
    Field field;
};

constexpr std::array kRows{
    Row{"accept", Field::Accept},
    Row{"accept-encoding", Field::AcceptEncoding},
    Row{"authorization", Field::Authorization},
    Row{"cache-control", Field::CacheControl},
    Row{"connection", Field::Connection},
    Row{"content-encoding", Field::ContentEncoding},
    Row{"content-length", Field::ContentLength},
    Row{"content-type", Field::ContentType},
    Row{"cookie", Field::Cookie},
    Row{"date", Field::Date},
    Row{"expect", Field::Expect},
    Row{"forwarded", Field::Forwarded},
    Row{"host", Field::Host},
    Row{"keep-alive", Field::KeepAlive},
    Row{"openai-organization", Field::OpenAiOrganization},
    Row{"openai-project", Field::OpenAiProject},
    Row{"origin", Field::Origin},
    Row{"proxy-authenticate", Field::ProxyAuthenticate},
    Row{"proxy-authorization", Field::ProxyAuthorization},
    Row{"proxy-connection", Field::ProxyConnection},
    Row{"retry-after", Field::RetryAfter},
    Row{"server", Field::Server},
    Row{"set-cookie", Field::SetCookie},
    Row{"te", Field::Te},
    Row{"trailer", Field::Trailer},
    Row{"transfer-encoding", Field::TransferEncoding},
    Row{"upgrade", Field::Upgrade},
    Row{"user-agent", Field::UserAgent},
    Row{"via", Field::Via},
    Row{"x-api-key", Field::XApiKey},
    Row{"x-api-key-id", Field::XApiKeyId},
    Row{"x-forwarded-for", Field::XForwardedFor},
    Row{"x-forwarded-host", Field::XForwardedHost},
    Row{"x-forwarded-proto", Field::XForwardedProto},
    Row{"x-internal-secret", Field::XInternalSecret},
    Row{"x-real-ip", Field::XRealIp},
    Row{"x-request-id", Field::XRequestId},
    Row{"x-tenant-api-key", Field::XTenantApiKey},
    Row{"x-tenant-id", Field::XTenantId},
    Row{"x-user-id", Field::XUserId},
};
static_assert(kRows.size() + 1 == kFieldCount);

constexpr std::size_t kSlots = 128;

// Length, first, middle and last letter tell the names above apart.
constexpr std::size_t slot_of(std::string_view name) {
    const auto letter = [&](std::size_t i) { return static_cast<unsigned char>(name[i]) | 0x20U; };
    const std::size_t size = name.size();
    return (size + letter(0) * 5 + letter(size / 2) * 9 + letter(size - 1) * 19) % kSlots;
}

constexpr auto kTable = [] {
    std::array<Row, kSlots> table{};
    for (const Row& row : kRows) table[slot_of(row.name)] = row;
    return table;
}();

constexpr bool has_every_row() {
    for (const Row& row : kRows) {
        if (kTable[slot_of(row.name)].field != row.field) return false;
    }
    return true;
}
static_assert(has_every_row(), "two names fall into one slot: change slot_of");

// Of tokens, one bit apart from letters of the other case is enough: what differs in it from '-' or
// a lower-case letter otherwise is no token.
bool is_same(std::string_view token, std::string_view lower) {
    constexpr std::uint64_t kCase = 0x2020202020202020U;
    if (token.size() != lower.size()) return false;
    std::size_t at = 0;
    for (; at + 8 <= token.size(); at += 8) {
        std::uint64_t a = 0;
        std::uint64_t b = 0;
        std::memcpy(&a, token.data() + at, 8);
        std::memcpy(&b, lower.data() + at, 8);
        if ((a | kCase) != b) return false;
    }
    for (; at < token.size(); ++at) {
        if ((static_cast<unsigned char>(token[at]) | 0x20U) !=
            static_cast<unsigned char>(lower[at]))
            return false;
    }
    return true;
}

}  // namespace

Field field_of(std::string_view name) {
    if (name.empty()) return Field::Other;
    const Row& row = kTable[slot_of(name)];
    return is_same(name, row.name) ? row.field : Field::Other;
}

}  // namespace aigw::engine
