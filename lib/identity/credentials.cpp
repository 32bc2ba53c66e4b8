#include "identity/credentials.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aigw::identity {
namespace {

constexpr std::string_view kScheme = "Bearer";

// One header's answer: where the key was found, for messages.
struct Presented {
    std::string_view header;
    std::string_view key;
};

Error not_a_bearer_token() {
    Error error{ErrorCode::Unauthenticated, "the Authorization header is not a bearer token",
                "send `Authorization: Bearer KEY`"};
    error.wire_code = "invalid_api_key_format";
    return error;
}

Error two_keys(const Presented& first, const Presented& second) {
    return Error{ErrorCode::InvalidRequest,
                 std::string(first.header) + " and " + std::string(second.header) +
                     " present two different keys",
                 "send one key, in one header"};
}

// "Bearer KEY"; the scheme compares without case (RFC 9110, section 11.1).
Result<std::string_view> read_bearer(std::string_view authorization) {
    const std::string_view value = trim(authorization);
    if (!starts_with_ignoring_case(value, kScheme)) return not_a_bearer_token();
    const std::string_view rest = value.substr(kScheme.size());
    const std::string_view key = trim(rest);
    const bool is_one_word =
        std::ranges::none_of(key, [](char c) { return c == ' ' || c == '\t'; });
    if (key.empty() || key.size() == rest.size() || !is_one_word) return not_a_bearer_token();
    return key;
}

}  // namespace

Result<std::optional<std::string_view>> read_credentials(const Credentials& credentials) {
    std::array<Presented, 3> found{};
    std::size_t size = 0;
    if (credentials.authorization) {
        found[size++] = {"Authorization", TRY(read_bearer(*credentials.authorization))};
    }
    const std::array plain = {
        Presented{"x-api-key", trim(credentials.x_api_key.value_or(""))},
        Presented{"X-Tenant-API-Key", trim(credentials.x_tenant_api_key.value_or(""))}};
    for (const Presented& one : plain) {
        if (!one.key.empty()) found[size++] = one;
    }
    for (std::size_t i = 1; i < size; ++i) {
        if (found[i].key != found[0].key) return two_keys(found[0], found[i]);
    }
    if (size == 0) return std::optional<std::string_view>();
    return std::optional(found[0].key);
}

}  // namespace aigw::identity
