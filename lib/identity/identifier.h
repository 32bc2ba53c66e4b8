// Who calls, and what they may do.
//
// Rules:   with keys configured, a key is required and must be one of them. Without any, every
//          caller is `local` (role admin, no limits of a key) and what it presents is not looked
//          at; `serve` refuses to listen beyond this machine in that state.
// Errors:  unauthenticated (api_key_required, invalid_api_key, invalid_api_key_format), forbidden
//          naming the key and what it may not do. A presented key is never repeated in a message.
// Threads: never changes after construction; share it by const reference.
// Source:  contracts of the project ("Who answers where").
#pragma once

#include <string_view>

#include "base/operation.h"
#include "base/principal.h"
#include "base/result.h"
#include "identity/credentials.h"
#include "identity/options.h"
#include "identity/static_keys.h"

namespace aigw::identity {

class Identifier {
public:
    static Identifier make(const Options& options);

    // The principal is owned by the Identifier.
    Result<const Principal*> identify(const Credentials& credentials) const;
    // True when a caller must present a key.
    bool requires_key() const { return !keys_.empty(); }
    // Who presents none where that is allowed.
    const Principal* anonymous() const { return &anonymous_; }

private:
    explicit Identifier(StaticKeys keys);

    StaticKeys keys_;
    Principal local_;
    Principal anonymous_;
};

// The principal of commands on this machine and of gateways without keys.
Principal local_principal();

// Of a caller who presents no key and needs one.
Error no_credential_error();

// Refuses an operation outside the principal's scopes, and a model outside its globs. An empty
// model (operations without one) is not checked.
Result<void> check_scope(const Principal& principal, Operation operation, std::string_view model);

}  // namespace aigw::identity
