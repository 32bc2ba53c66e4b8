// Every route of the data plane: one table of method, path, handler, who may call, and what for.
//
// The mounts, the 404 and 405 answers, and the metric labels all come from it.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "sidecar/engine/server.h"
#include "sidecar/exchange/pipeline.h"

namespace aigw::sidecar {

enum class Access : std::uint8_t {
    Anyone,  // probes and scrapers
    Client,  // a key, where keys are configured
};

struct Route {
    std::string_view method;
    std::string_view path;  // * takes one segment, at the end also several
    Access access;
    engine::Task<engine::Reply> (*handle)(engine::Call& call, exchange::Pipeline& pipeline,
                                          const Route& route);
    std::string_view summary;
};

std::span<const Route> routes();

// The method of the route with that path; empty when there is none.
std::string_view method_of_route(std::string_view path);

// The one handler of a server: finds the route and runs it. The pipeline outlives it.
engine::Handler make_handler(exchange::Pipeline& pipeline);

}  // namespace aigw::sidecar
