// Listening sockets that another program opened for this one: a service manager, so that calls wait
// while the gateway restarts.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace aigw::engine {

// The addresses of the sockets as configuration writes them: "127.0.0.1:8080", "[::1]:8080",
// "unix:/path".
Result<std::vector<std::string>> addresses_of(std::span<const int> descriptors);

// Makes a socket fit for an event loop: it neither blocks nor survives an exec.
void adopt(int descriptor);

}  // namespace aigw::engine
