#include "sidecar/routes.h"

#include <algorithm>
#include <array>
#include <string>

#include "sidecar/cors.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

constexpr std::nullopt_t kNothing = std::nullopt;
constexpr Relayed kChat{Operation::Chat, Protocol::OpenAi};
constexpr Relayed kMessages{Operation::Chat, Protocol::Anthropic};
constexpr Relayed kResponses{Operation::Chat, Protocol::Responses};
constexpr Relayed kTokens{Operation::CountTokens, Protocol::Anthropic};
constexpr Relayed kVectors{Operation::Embeddings, Protocol::OpenAi};
constexpr Relayed kText{Operation::Completions, Protocol::OpenAi};

// clang-format off
constexpr std::array kRoutes = {
    Route{"POST", "/v1/chat/completions",           Access::Client, &relay,           kChat,      "Chat, whole or streamed"},
    Route{"POST", "/v1/responses",                  Access::Client, &relay,           kResponses, "Chat in the form of OpenAI's Responses, whole or streamed"},
    Route{"POST", "/v1/messages",                   Access::Client, &relay,           kMessages,  "Chat as Anthropic's SDKs ask for it, whole or streamed"},
    Route{"POST", "/v1/messages/count_tokens",      Access::Client, &relay,           kTokens,    "How many tokens such a chat's input has"},
    Route{"POST", "/v1/embeddings",                 Access::Client, &relay,           kVectors,   "Embedding vectors"},
    Route{"POST", "/v1/completions",                Access::Client, &relay,           kText,      "Text that goes on from a prompt"},
    Route{"POST", "/calculate",                     Access::Client, &calculate,       kNothing,   "How many tokens a text or a chat has"},
    Route{"POST", "/batch-calculate",               Access::Client, &batch_calculate, kNothing,   "How many tokens each of several texts has"},
    Route{"GET",  "/v1/models",                     Access::Client, &list_models,     kNothing,   "The models that the caller may use"},
    Route{"GET",  "/v1/models/*",                   Access::Client, &get_model,       kNothing,   "One model"},
    Route{"POST", "/v1/engines/*/chat/completions", Access::Client, &relay,           kChat,      "Chat; the path may name the model"},
    Route{"POST", "/v1/engines/*/completions",      Access::Client, &relay,           kText,      "Completions; the path may name the model"},
    Route{"POST", "/api/v1/chat/completions",       Access::Client, &relay,           kChat,      "The same as /v1/chat/completions"},
    Route{"POST", "/api/v1/chat",                   Access::Client, &relay,           kChat,      "The same as /v1/chat/completions"},
    Route{"POST", "/api/v1/completions",            Access::Client, &relay,           kText,      "The same as /v1/completions"},
    Route{"GET",  "/api/v1/models",                 Access::Client, &list_models,     kNothing,   "The same as /v1/models"},
    Route{"GET",  "/",                              Access::Anyone, &health,          kNothing,   "The same as /health"},
    Route{"GET",  "/health",                        Access::Anyone, &health,          kNothing,   "The process answers"},
    Route{"GET",  "/health/live",                   Access::Anyone, &health_live,     kNothing,   "The process answers"},
    Route{"GET",  "/health/ready",                  Access::Anyone, &health_ready,    kNothing,   "New requests are welcome; 503 while draining"},
    Route{"GET",  "/metrics",                       Access::Anyone, &metrics_text,    kNothing,   "Prometheus metrics"},
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

// Any other path that a location takes: it has no row of its own, and its metrics go under one
// name.
constexpr Route location_route(Relayed relays) {
    return {"POST", "location", Access::Client, &relay, relays, "A path of [[locations]]"};
}
constexpr std::array kLocationRoutes = {location_route(kChat),      location_route(kMessages),
                                        location_route(kResponses), location_route(kTokens),
                                        location_route(kVectors),   location_route(kText)};

const Route* find_location_route(const engine::Call& call, exchange::Pipeline& pipeline) {
    const engine::RequestHead& head = call.head();
    if (head.method != "POST") return nullptr;
    const auto located = locate(pipeline.at(call.loop()).assembly->snapshot.router(), head.path,
                                head.find("anthropic-version").has_value());
    if (!located) return nullptr;
    return std::ranges::find(kLocationRoutes, std::optional(located->relays), &Route::relays);
}

engine::Task<engine::Reply> dispatch(engine::Call& call, exchange::Pipeline& pipeline) {
    const Route* route = find_route(call.head().method, call.head().path);
    if (route == nullptr) route = find_location_route(call, pipeline);
    return route == nullptr ? no_route(call, pipeline) : route->handle(call, pipeline, *route);
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

const Route* find_route(std::string_view method, std::string_view path) {
    const auto route = std::find_if(kRoutes.begin(), kRoutes.end(), [&](const Route& row) {
        return matches_path(row, path) && matches_method(row, method);
    });
    return route == kRoutes.end() ? nullptr : &*route;
}

std::string_view model_of_path(std::string_view path) {
    constexpr std::string_view kStem = "/v1/engines/";
    if (!path.starts_with(kStem)) return {};
    path.remove_prefix(kStem.size());
    return path.substr(0, path.find('/'));
}

std::string_view method_of_route(std::string_view path) {
    const auto row = std::ranges::find(kRoutes, path, &Route::path);
    return row == kRoutes.end() ? std::string_view() : row->method;
}

std::optional<LocatedPath> locate(const routing::Router& router, std::string_view path,
                                  bool is_anthropic) {
    if (!router.has_locations()) return std::nullopt;
    const routing::Route* location = router.find_location(path);
    if (location == nullptr) return std::nullopt;
    LocatedPath located{.relays = is_anthropic ? kMessages : kChat,
                        .model = location->upstream_model};
    std::string rewritten = location->rewritten(path);
    const Route* meant = find_route("POST", rewritten);
    if (meant != nullptr && meant->relays) {
        located.relays = *meant->relays;
    } else if (!location->rewrite.from.empty()) {
        located.upstream_path = std::move(rewritten);
    }
    return located;
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
