// Every route of the data plane: one table of method, path, handler, who may call, and what for.
//
// The mounts, the 404 and 405 answers, and the metric labels all come from it, and what commands
// know of a path.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/operation.h"
#include "routing/router.h"
#include "sidecar/engine/server.h"
#include "sidecar/exchange/pipeline.h"

namespace aigw::sidecar {

enum class Access : std::uint8_t {
    Anyone,  // probes and scrapers
    Client,  // a key, where keys are configured
};

// What a body asks for that is relayed to a platform, and in whose words.
struct Relayed {
    Operation operation = Operation::Chat;
    Protocol protocol = Protocol::OpenAi;
    friend bool operator==(const Relayed&, const Relayed&) = default;
};

struct Route {
    std::string_view method;
    std::string_view path;  // * takes one segment, at the end also several
    Access access;
    engine::Task<engine::Reply> (*handle)(engine::Call& call, exchange::Pipeline& pipeline,
                                          const Route& route);
    std::optional<Relayed> relays;  // nullopt: it is answered here
    std::string_view summary;
};

std::span<const Route> routes();

// The route that takes such a request; nullptr: none does. HEAD is taken by those of GET.
const Route* find_route(std::string_view method, std::string_view path);
// The model that a path names ("qwen-max" in "/v1/engines/qwen-max/completions"); empty: none.
std::string_view model_of_path(std::string_view path);
// The method of the route with that path; empty when there is none.
std::string_view method_of_route(std::string_view path);

// What a path of a location asks for: what its rewritten path is here, else a chat, in Anthropic's
// words where the caller has an `anthropic-version`. nullopt: no location takes it.
struct LocatedPath {
    Relayed relays{};
    std::string upstream_path{};  // the rewritten one, where it is no route of ours; else empty
    std::string_view model{};     // the location's, for a body that names none
};
std::optional<LocatedPath> locate(const routing::Router& router, std::string_view path,
                                  bool is_anthropic);

// The one handler of a server: finds the route and runs it. The pipeline outlives it.
engine::Handler make_handler(exchange::Pipeline& pipeline);

}  // namespace aigw::sidecar
