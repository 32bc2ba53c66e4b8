// Whence a call came, as limits and the log have it: behind trusted proxies the address they name.
#pragma once

#include <string>

#include "sidecar/assembly/assembly.h"
#include "sidecar/engine/server.h"

namespace aigw::exchange {

// Empty for a command of this process.
std::string client_address(const engine::Call& call, const assembly::Assembly& assembly);

}  // namespace aigw::exchange
