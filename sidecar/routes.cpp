#include "sidecar/routes.h"

#include <algorithm>
#include <array>
#include <string>

#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

// clang-format off
constexpr std::array kRoutes = {
    Route{"POST", "/v1/chat/completions", Access::Client, &chat_completions, "Chat, whole or streamed"},
    Route{"POST", "/v1/embeddings",       Access::Client, &embeddings,       "Embedding vectors"},
    Route{"GET",  "/v1/models",           Access::Client, &list_models,      "The models that the caller may use"},
    Route{"GET",  "/v1/models/*",         Access::Client, &get_model,        "One model"},
    Route{"GET",  "/",                    Access::Anyone, &health,           "The same as /health"},
    Route{"GET",  "/health",              Access::Anyone, &health,           "The process answers"},
    Route{"GET",  "/health/live",         Access::Anyone, &health,           "The process answers"},
    Route{"GET",  "/health/ready",        Access::Anyone, &health_ready,     "New requests are welcome; 503 while draining"},
    Route{"GET",  "/metrics",             Access::Anyone, &metrics_text,     "Prometheus metrics"},
};
// clang-format on

bool matches_path(const Route& route, std::string_view path) {
    if (!route.path.ends_with("/*")) return route.path == path;
    const std::string_view stem = route.path.substr(0, route.path.size() - 1);
    return path.size() > stem.size() && path.starts_with(stem);
}

// HEAD is GET without its body: the engine leaves the body out.
bool matches_method(const Route& route, std::string_view method) {
    return route.method == method || (method == "HEAD" && route.method == "GET");
}

engine::Task<engine::Reply> no_route(engine::Call& call, exchange::Pipeline& pipeline) {
    const std::string path(call.head().path.substr(0, 200));
    std::string allowed;
    for (const Route& route : kRoutes) {
        if (!matches_path(route, call.head().path)) continue;
        allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
    }
    if (allowed.empty()) {
        co_return refuse(
            Error{ErrorCode::NotFound, "there is no " + path + " here", "the paths begin with /v1"},
            call, pipeline, "other");
    }
    const std::string method(call.head().method.substr(0, 20));
    engine::Reply reply = refuse(
        Error{ErrorCode::MethodNotAllowed, path + " does not take " + method, "use " + allowed},
        call, pipeline, "other");
    reply.headers.add("allow", allowed);
    co_return reply;
}

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

engine::Handler make_handler(exchange::Pipeline& pipeline) {
    return [&pipeline](engine::Call& call) {
        const auto route = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& row) {
            return matches_path(row, call.head().path) && matches_method(row, call.head().method);
        });
        return route == kRoutes.end() ? no_route(call, pipeline)
                                      : route->handle(call, pipeline, *route);
    };
}

}  // namespace aigw::sidecar
