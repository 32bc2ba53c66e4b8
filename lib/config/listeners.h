// Addresses to listen on: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `unix:/run/aigw.sock`.
#pragma once

#include <string_view>

#include "base/result.h"
#include "config/config.h"

namespace aigw::config {

// Errors: no port, a bad port, a host that is neither an address nor a name, a relative socket
// path.
Result<void> check_address(std::string_view address);

// True for addresses that only this machine can reach: 127.0.0.0/8, ::1, "localhost", Unix sockets.
bool is_local_address(std::string_view address);

// A gateway without any key serves its own machine only. Called by `serve`, with the addresses it
// will really listen on in `config.server.listen`.
Result<void> check_listeners(const Config& config);

}  // namespace aigw::config
