#include "sidecar/simulated/door.h"

#include <nlohmann/json.hpp>

#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"

namespace aigw::simulated {
namespace {

bool fits(const Route& route, std::string_view path) {
    return route.path.ends_with('/') ? path.starts_with(route.path) : path == route.path;
}

}  // namespace

Plan Door::answer(const http::Request& request, TimePoint now) const {
    const Occasion occasion{options_.seed, seed_of(request), now, options_.pace};
    const std::uint64_t seed = occasion.request_seed;
    if (auto refusal = refuse_head(request)) return refused(request, *refusal, seed);
    const std::string_view path = path_of(request).substr(mount_.size());
    const Route* found = nullptr;
    bool is_path = false;
    for (const Route& route : routes_) {
        if (!fits(route, path)) continue;
        is_path = true;
        if (route.method == request.method) found = &route;
    }
    if (found == nullptr) {
        return is_path ? wrong_method(request, seed) : unknown_path(request, seed);
    }
    const std::string_view rest = path.substr(found->path.size());
    if (request.method != "POST") return found->answer({request, Json(), rest}, occasion);
    const Json body = Json::parse(request.body, nullptr, false);
    if (auto refusal = refuse_body(request, body)) return refused(request, *refusal, seed);
    return found->answer({request, body, rest}, occasion);
}

std::uint64_t Door::seed_of(const http::Request& request) const {
    return hash_of(request.body, hash_of(request.target, options_.seed));
}

Plan Door::wrong_method(const http::Request& request, std::uint64_t seed) const {
    return unknown_path(request, seed);
}

}  // namespace aigw::simulated
