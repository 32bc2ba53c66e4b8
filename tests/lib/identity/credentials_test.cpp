#include "identity/credentials.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::identity;

TEST_CASE("identity: a key is read from any header that carries keys", "[identity]") {
    struct Case {
        const char* name;
        Credentials presented;
        std::optional<std::string_view> key;
    };
    const Case cases[] = {
        {"nothing", {}, std::nullopt},
        {"a bearer token", {.authorization = "Bearer sk-1"}, "sk-1"},
        {"the scheme in another case", {.authorization = "bearer sk-1"}, "sk-1"},
        {"blanks around it", {.authorization = "  Bearer   sk-1 "}, "sk-1"},
        {"x-api-key", {.x_api_key = "sk-1"}, "sk-1"},
        {"X-Tenant-API-Key", {.x_tenant_api_key = " sk-1 "}, "sk-1"},
        {"the same key everywhere",
         {.authorization = "Bearer sk-1", .x_api_key = "sk-1", .x_tenant_api_key = "sk-1"},
         "sk-1"},
        {"an empty x-api-key is none", {.x_api_key = ""}, std::nullopt},
        {"an empty x-api-key beside a token",
         {.authorization = "Bearer sk-1", .x_api_key = " "},
         "sk-1"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto key = read_credentials(c.presented);
            REQUIRE(key);
            CHECK(*key == c.key);
        }
    }
}

TEST_CASE("identity: credentials that cannot be read are refused without being repeated",
          "[identity]") {
    struct Case {
        const char* name;
        Credentials presented;
        ErrorCode code;
        const char* wire_code;
        const char* message;
    };
    constexpr const char* kNotBearer =
        "the Authorization header is not a bearer token: send `Authorization: Bearer KEY`";
    const Case cases[] = {
        {"another scheme",
         {.authorization = "Basic c2stMQ=="},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"a bare key",
         {.authorization = "sk-1"},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"a scheme without a key",
         {.authorization = "Bearer "},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"a scheme that only begins so",
         {.authorization = "Bearersk-1"},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"two words",
         {.authorization = "Bearer sk-1 sk-2"},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"an empty header",
         {.authorization = ""},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"a broken token beside a key",
         {.authorization = "Basic c2stMQ==", .x_api_key = "sk-1"},
         ErrorCode::Unauthenticated,
         "invalid_api_key_format",
         kNotBearer},
        {"two different keys",
         {.authorization = "Bearer sk-1", .x_api_key = "sk-2"},
         ErrorCode::InvalidRequest,
         "",
         "Authorization and x-api-key present two different keys: send one key, in one header"},
        {"two different keys beside each other",
         {.x_api_key = "sk-1", .x_tenant_api_key = "sk-2"},
         ErrorCode::InvalidRequest,
         "",
         "x-api-key and X-Tenant-API-Key present two different keys: send one key, in one header"},
        {"the third differs",
         {.authorization = "Bearer sk-1", .x_api_key = "sk-1", .x_tenant_api_key = "sk-2"},
         ErrorCode::InvalidRequest,
         "",
         "Authorization and X-Tenant-API-Key present two different keys: send one key, in one "
         "header"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto key = read_credentials(c.presented);
            REQUIRE_FALSE(key);
            CHECK(key.error().code == c.code);
            CHECK(key.error().wire_code == c.wire_code);
            CHECK(render_line(key.error()) == c.message);
            CHECK(render_line(key.error()).find("sk-") == std::string::npos);
        }
    }
}
