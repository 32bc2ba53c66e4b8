// The request that a platform would be sent, to be looked at: made by the very code that makes it
// for `serve`, and without any key.
//
// Secrets: keys never become a part of it: what stands for them is "***". The same stands for
// values
//          of a platform's headers whose names announce a secret, or which the configuration took
//          from elsewhere by a reference; and for all of these wherever else they are found.
// Errors:  what can't be said to a platform is told with its name, as `serve` would try the next.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "config/provenance.h"
#include "decision/decision.h"
#include "http/message.h"
#include "sidecar/assembly/assembly.h"

namespace aigw::exchange {

struct ShownRequest {
    std::string platform{};
    std::string method{};
    std::string url{};
    http::Headers headers{};  // in the order of the wire, framing included
    std::string body{};
    std::string warnings{};      // what a conversion lost, as X-Aigw-Warnings says it
    std::string key_field{};     // the header that holds the key; empty: none does
    std::string key_variable{};  // the environment's variable that holds it; empty: none is known
};

struct PassedOver {
    std::string platform{};
    Error error{};
};

struct Shown {
    std::optional<ShownRequest> request{};
    std::string why_none{};                 // where there is none
    std::vector<PassedOver> passed_over{};  // to whom it can't be said, before the one shown
};

// What is decided already, and what the upstream request is made of. All is borrowed.
struct ShowInput {
    const assembly::Assembly& assembly;
    const config::Provenance& provenance;
    const decision::Decision& decision;
    const protocol::RequestFacts& facts;  // of `body`
    std::string_view body{};
    const http::Headers& headers;  // the caller's
    std::string_view path{};       // as Asked has it
    std::string_view platform{};   // of this candidate, be it in or out; empty: the first in order
};
Shown show_request(const ShowInput& input);

}  // namespace aigw::exchange
