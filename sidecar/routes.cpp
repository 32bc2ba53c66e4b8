#include "sidecar/routes.h"

#include <algorithm>
#include <array>
#include <string>

#include "sidecar/cors.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

// clang-format off
constexpr std::array kRoutes = {
    Route{"POST", "/v1/chat/completions",           Access::Client, &chat_completions, "Chat, whole or streamed"},
    Route{"POST", "/v1/responses",                  Access::Client, &responses,        "Chat in the form of OpenAI's Responses, whole or streamed"},
    Route{"POST", "/v1/messages",                   Access::Client, &messages,         "Chat as Anthropic's SDKs ask for it, whole or streamed"},
    Route{"POST", "/v1/messages/count_tokens",      Access::Client, &count_tokens,     "How many tokens such a chat's input has"},
    Route{"POST", "/v1/embeddings",                 Access::Client, &embeddings,       "Embedding vectors"},
    Route{"POST", "/v1/completions",                Access::Client, &completions,      "Text that goes on from a prompt"},
    Route{"POST", "/calculate",                     Access::Client, &calculate,        "How many tokens a text or a chat has"},
    Route{"POST", "/batch-calculate",               Access::Client, &batch_calculate,  "How many tokens each of several texts has"},
    Route{"GET",  "/v1/models",                     Access::Client, &list_models,      "The models that the caller may use"},
    Route{"GET",  "/v1/models/*",                   Access::Client, &get_model,        "One model"},
    Route{"POST", "/v1/engines/*/chat/completions", Access::Client, &chat_completions, "Chat; the path may name the model"},
    Route{"POST", "/v1/engines/*/completions",      Access::Client, &completions,      "Completions; the path may name the model"},
    Route{"POST", "/api/v1/chat/completions",       Access::Client, &chat_completions, "The same as /v1/chat/completions"},
    Route{"POST", "/api/v1/chat",                   Access::Client, &chat_completions, "The same as /v1/chat/completions"},
    Route{"POST", "/api/v1/completions",            Access::Client, &completions,      "The same as /v1/completions"},
    Route{"GET",  "/api/v1/models",                 Access::Client, &list_models,      "The same as /v1/models"},
    Route{"GET",  "/",                              Access::Anyone, &health,           "The same as /health"},
    Route{"GET",  "/health",                        Access::Anyone, &health,           "The process answers"},
    Route{"GET",  "/health/live",                   Access::Anyone, &health_live,      "The process answers"},
    Route{"GET",  "/health/ready",                  Access::Anyone, &health_ready,     "New requests are welcome; 503 while draining"},
    Route{"GET",  "/metrics",                       Access::Anyone, &metrics_text,     "Prometheus metrics"},
};
// clang-format on

bool matches_path(const Route& route, std::string_view path) {
    const std::size_t star = route.path.find('*');
    if (star == std::string_view::npos) return route.path == path;
    const std::string_view stem = route.path.substr(0, star);
    const std::string_view tail = route.path.substr(star + 1);
    if (path.size() <= stem.size() + tail.size() || !path.starts_with(stem) ||
        !path.ends_with(tail)) {
        return false;
    }
    const std::string_view taken =
        path.substr(stem.size(), path.size() - stem.size() - tail.size());
    return tail.empty() || taken.find('/') == std::string_view::npos;
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

// Any other path that a location takes.
constexpr Route kLocation = {"POST", "location", Access::Client, &location,
                             "A path of [[locations]]: chat, or what its rewritten path means"};

bool is_location(const engine::Call& call, exchange::Pipeline& pipeline) {
    if (call.head().method != kLocation.method) return false;
    const routing::Router& router = pipeline.at(call.loop()).assembly->snapshot.router();
    return router.has_locations() && router.find_location(call.head().path) != nullptr;
}

engine::Task<engine::Reply> dispatch(engine::Call& call, exchange::Pipeline& pipeline) {
    const auto route = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& row) {
        return matches_path(row, call.head().path) && matches_method(row, call.head().method);
    });
    if (route != kRoutes.end()) return route->handle(call, pipeline, *route);
    if (is_location(call, pipeline)) return kLocation.handle(call, pipeline, kLocation);
    return no_route(call, pipeline);
}

// Options are copied: a reload may replace them while the call waits.
engine::Task<engine::Reply> preflight(engine::Call& call, config::CorsOptions cors) {
    co_return answer_preflight(cors, call.head());
}

engine::Task<engine::Reply> answer_cross_origin(engine::Call& call, exchange::Pipeline& pipeline,
                                                config::CorsOptions cors) {
    engine::Reply reply = co_await dispatch(call, pipeline);
    add_cors_headers(cors, call.head(), reply.headers);
    co_return reply;
}

}  // namespace

std::span<const Route> routes() {
    return kRoutes;
}

std::string_view method_of_route(std::string_view path) {
    const auto row = std::ranges::find(kRoutes, path, &Route::path);
    return row == kRoutes.end() ? std::string_view() : row->method;
}

engine::Handler make_handler(exchange::Pipeline& pipeline) {
    return [&pipeline](engine::Call& call) {
        const config::CorsOptions& cors = pipeline.at(call.loop()).assembly->config.server.cors;
        if (is_preflight(cors, call.head())) return preflight(call, cors);
        if (is_cross_origin(cors, call.head())) return answer_cross_origin(call, pipeline, cors);
        return dispatch(call, pipeline);
    };
}

}  // namespace aigw::sidecar
