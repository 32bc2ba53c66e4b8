// Whom a command acts as: --as KEY|user:ID|tenant:ID.
//
// Rules:   a configured key is named by its name, or by its value. `user:ID` and `tenant:ID` are
//          callers without a key, as one who has signed in: of kind jwt, role user. Nobody named:
//          whoever runs the program, of kind local, whom no limits of a caller concern.
// Errors:  usage. What was given may be a secret, so it is never repeated.
#pragma once

#include <string>
#include <string_view>

#include "base/principal.h"
#include "base/result.h"
#include "identity/options.h"

namespace CLI {
class App;
}

namespace aigw::cmd {

inline constexpr std::string_view kAsUser = "user:";
inline constexpr std::string_view kAsTenant = "tenant:";
inline constexpr std::string_view kAsAnonymous = "anonymous";

// --as
void add_as_option(CLI::App& command, std::string& as);
Result<Principal> find_principal(const std::string& as, const identity::Options& auth);

}  // namespace aigw::cmd
