// What a caller presents: the key, wherever it was put.
//
// Headers: `Authorization: Bearer KEY`, `x-api-key: KEY` and `X-Tenant-API-Key: KEY` carry the same
//          keys. The same key in several of them is one key; two different ones are refused, not
//          guessed at.
// Errors:  invalid_request for two different keys; unauthenticated (invalid_api_key_format) for an
//          Authorization that is not a bearer token. A key is never repeated in a message.
// Source:  RFC 6750, section 2.1; contracts of the project ("Who answers where").
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"

namespace aigw::identity {

// The values of the headers that may carry a key; absent where the request has no such header.
struct Credentials {
    std::optional<std::string_view> authorization{};
    std::optional<std::string_view> x_api_key{};
    std::optional<std::string_view> x_tenant_api_key{};
};

// The presented key, or nullopt when there is none. Borrows from the headers. An empty `x-api-key`
// or `x-tenant-api-key` counts as absent.
Result<std::optional<std::string_view>> read_credentials(const Credentials& credentials);

}  // namespace aigw::identity
