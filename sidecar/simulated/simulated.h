// The simulated vendors on the engine: what `aigw mock` and `serve --demo` put behind a listener.
//
// Beside the vendors' own paths, for tests:
//   GET    /__sim/requests   what came in: {"count","open","aborted","requests":[…]}, newest last
//   DELETE /__sim/requests   forgets it
#pragma once

#include "sidecar/engine/server.h"
#include "sidecar/simulated/simulator.h"

namespace aigw::simulated {

// The handler owns everything that it needs; it may serve several servers and loops at once.
engine::Handler make_handler(const Options& options);

}  // namespace aigw::simulated
