#include "identity/identifier.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::identity {
namespace {

constexpr std::size_t kLongestNameShown = 100;

Error unauthenticated(std::string message, std::string hint, std::string wire_code) {
    Error error{ErrorCode::Unauthenticated, std::move(message), std::move(hint)};
    error.wire_code = std::move(wire_code);
    return error;
}

// "key \"ci\"", or what the principal is where no key stands for it.
std::string subject_of(const Principal& principal) {
    const std::string kind(name_of(principal.kind));
    if (principal.key.empty()) return "the " + kind + " principal";
    return "key \"" + principal.key + "\"";
}

std::string shown(std::string_view model) {
    return json_string(model.substr(0, kLongestNameShown));
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool holds(const std::vector<std::string>& scopes, Operation operation) {
    return scopes.empty() || std::ranges::find(scopes, name_of(operation)) != scopes.end();
}

bool holds(const std::vector<std::string>& globs, std::string_view model) {
    return globs.empty() || std::ranges::any_of(globs, [&](const std::string& glob) {
               return matches_glob(glob, model);
           });
}

Error outside_scopes(const Principal& principal, Operation operation, std::string_view model) {
    const std::string on_model = model.empty() ? "" : " on model " + shown(model);
    return Error{
        ErrorCode::Forbidden,
        subject_of(principal) + " may not call " + std::string(name_of(operation)) + on_model,
        "it may call " + joined(principal.scopes)};
}

Error outside_models(const Principal& principal, std::string_view model) {
    return Error{ErrorCode::Forbidden, subject_of(principal) + " may not use model " + shown(model),
                 "it may use " + joined(principal.models)};
}

}  // namespace

Principal local_principal() {
    return Principal{.kind = PrincipalKind::Local, .role = Role::Admin};
}

Identifier::Identifier(StaticKeys keys) : keys_(std::move(keys)), local_(local_principal()) {}

Identifier Identifier::make(const Options& options) {
    return Identifier(StaticKeys::make(options));
}

Result<const Principal*> Identifier::identify(const Credentials& credentials) const {
    if (!requires_key()) return &local_;
    const std::optional<std::string_view> key = TRY(read_credentials(credentials));
    if (!key) return no_credential_error();
    const Principal* principal = keys_.find(*key);
    if (principal == nullptr) {
        return unauthenticated("the presented API key is not known here",
                               "check the key and the address it was sent to", "invalid_api_key");
    }
    return principal;
}

Error no_credential_error() {
    return unauthenticated("no API key was presented",
                           "send `Authorization: Bearer KEY` or `x-api-key: KEY`",
                           "api_key_required");
}

Result<void> check_scope(const Principal& principal, Operation operation, std::string_view model) {
    // Who may chat may count what it would take.
    if (operation == Operation::CountTokens) operation = Operation::Chat;
    if (!holds(principal.scopes, operation)) return outside_scopes(principal, operation, model);
    if (!model.empty() && !holds(principal.models, model)) {
        return outside_models(principal, model);
    }
    return {};
}

}  // namespace aigw::identity
