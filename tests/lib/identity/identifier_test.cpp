#include "identity/identifier.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::identity;

namespace {

Options two_keys() {
    return {.static_keys = {{.name = "ci",
                             .key = Secret("sk-ci-secret", "${CI_KEY}"),
                             .tenant = "acme",
                             .scopes = {"chat"},
                             .models = {"qwen-*", "gpt-4o"}},
                            {.name = "ops", .key = Secret("sk-ops-secret", "")}}};
}

}  // namespace

TEST_CASE("identity: a static key stands for its principal", "[identity]") {
    const StaticKeys keys = StaticKeys::make(two_keys());
    const Principal* ci = keys.find("sk-ci-secret");
    REQUIRE(ci != nullptr);
    CHECK(*ci == Principal{.kind = PrincipalKind::StaticKey,
                           .key = "ci",
                           .tenant = "acme",
                           .scopes = {"chat"},
                           .models = {"qwen-*", "gpt-4o"}});
    for (const char* other : {"", "sk-ci-secre", "sk-ci-secret ", "SK-CI-SECRET", "ci"}) {
        DYNAMIC_SECTION("\"" << other << "\" is not a key") {
            CHECK(keys.find(other) == nullptr);
        }
    }
}

TEST_CASE("identity: an empty key is nobody's, and of two equal keys the first counts",
          "[identity]") {
    const StaticKeys none = StaticKeys::make({.static_keys = {{.name = "empty"}}});
    CHECK(none.empty());
    CHECK(none.find("") == nullptr);
    const StaticKeys same =
        StaticKeys::make({.static_keys = {{.name = "first", .key = Secret("k", "")},
                                          {.name = "second", .key = Secret("k", "")}}});
    REQUIRE(same.find("k") != nullptr);
    CHECK(same.find("k")->key == "first");
}

TEST_CASE("identity: a principal stays where it is when its owner moves", "[identity]") {
    StaticKeys keys = StaticKeys::make(two_keys());
    const Principal* before = keys.find("sk-ops-secret");
    const StaticKeys moved = std::move(keys);
    CHECK(moved.find("sk-ops-secret") == before);
}

TEST_CASE("identity: with keys configured, one of them is required", "[identity]") {
    const Identifier identifier = Identifier::make(two_keys());
    CHECK(identifier.requires_key());
    const auto known = identifier.identify({.authorization = "Bearer sk-ops-secret"});
    REQUIRE(known);
    CHECK((*known)->key == "ops");

    struct Case {
        const char* name;
        Credentials presented;
        const char* wire_code;
        const char* message;
    };
    const Case cases[] = {
        {"no key",
         {},
         "api_key_required",
         "no API key was presented: send `Authorization: Bearer KEY` or `x-api-key: KEY`"},
        {"an unknown key",
         {.x_api_key = "sk-guess"},
         "invalid_api_key",
         "the presented API key is not known here: check the key and the address it was sent to"},
        {"not a bearer token",
         {.authorization = "Basic sk-guess"},
         "invalid_api_key_format",
         "the Authorization header is not a bearer token: send `Authorization: Bearer KEY`"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto principal = identifier.identify(c.presented);
            REQUIRE_FALSE(principal);
            CHECK(principal.error().code == ErrorCode::Unauthenticated);
            CHECK(principal.error().wire_code == c.wire_code);
            CHECK(render_line(principal.error()) == c.message);
        }
    }
}

TEST_CASE("identity: without keys every caller is local and an admin", "[identity]") {
    const Identifier identifier = Identifier::make({});
    CHECK_FALSE(identifier.requires_key());
    const Credentials presented[] = {
        {}, {.authorization = "Bearer anything"}, {.authorization = "Basic x"}};
    for (const Credentials& credentials : presented) {
        const auto principal = identifier.identify(credentials);
        REQUIRE(principal);
        CHECK(**principal == Principal{.kind = PrincipalKind::Local, .role = Role::Admin});
    }
}

TEST_CASE("identity: a key may call what its scopes and models allow", "[identity]") {
    const Principal ci{.kind = PrincipalKind::StaticKey,
                       .key = "ci",
                       .scopes = {"chat", "models"},
                       .models = {"qwen-*", "gpt-4o"}};
    struct Case {
        const char* name;
        Principal principal;
        Operation operation;
        std::string model;
        const char* message;  // "": allowed
    };
    const Case cases[] = {
        {"a model by glob", ci, Operation::Chat, "qwen-max", ""},
        {"a model by name", ci, Operation::Chat, "gpt-4o", ""},
        {"an operation without a model", ci, Operation::Models, "", ""},
        {"no restrictions", local_principal(), Operation::Embeddings, "anything", ""},
        {"another model", ci, Operation::Chat, "gpt-4o-mini",
         "key \"ci\" may not use model \"gpt-4o-mini\": it may use qwen-*, gpt-4o"},
        {"another operation", ci, Operation::Embeddings, "qwen-max",
         "key \"ci\" may not call embeddings on model \"qwen-max\": it may call chat, models"},
        {"another operation, no model",
         {.key = "x", .scopes = {"chat"}},
         Operation::Models,
         "",
         "key \"x\" may not call models: it may call chat"},
        {"a principal without a key",
         {.kind = PrincipalKind::Anonymous, .models = {"qwen-*"}},
         Operation::Chat,
         "gpt-4o",
         "the anonymous principal may not use model \"gpt-4o\": it may use qwen-*"},
        {"a name that does not belong into a terminal", ci, Operation::Chat,
         "\x1b[31m\"" + std::string(200, 'x'),
         "key \"ci\" may not use model "
         "\"\\u001b[31m\\\""
         "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
         "xxxxx"
         "\": it may use qwen-*, gpt-4o"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto allowed = check_scope(c.principal, c.operation, c.model);
            CHECK((allowed ? "" : render_line(allowed.error())) == c.message);
            if (!allowed) CHECK(allowed.error().code == ErrorCode::Forbidden);
        }
    }
}
