#include <chrono>

#include "decision/decision.h"
#include "identity/credentials.h"
#include "identity/identifier.h"
#include "protocol/error_envelope.h"
#include "sidecar/exchange/client_address.h"
#include "sidecar/exchange/request_view.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {

Result<const Principal*> identify(const engine::Call& call, const assembly::Assembly& assembly) {
    if (call.principal() != nullptr) return call.principal();
    const engine::RequestHead& head = call.head();
    return assembly.identifier.identify(
        {.authorization = head.find(engine::Field::Authorization),
         .x_api_key = head.find(engine::Field::XApiKey),
         .x_tenant_api_key = head.find(engine::Field::XTenantApiKey)});
}

Result<const Principal*> identify_caller(const engine::Call& call,
                                         const assembly::Assembly& assembly) {
    auto principal = identify(call, assembly);
    if (principal || principal.error().wire_code != "api_key_required") return principal;
    const exchange::RequestView view(call.head(), nullptr, {});
    const std::string address = exchange::client_address(call, assembly);
    if (!decision::may_be_anonymous(assembly.snapshot, view.request(), address)) return principal;
    return assembly.identifier.anonymous();
}

Protocol protocol_of(const engine::RequestHead& head) {
    const bool is_anthropic =
        head.path.starts_with("/v1/messages") || head.find("anthropic-version").has_value();
    return is_anthropic ? Protocol::Anthropic : Protocol::OpenAi;
}

engine::Reply json_reply(int status, std::string body) {
    constexpr std::size_t kUsualFields = 256;
    engine::Reply reply{.status = status};
    reply.headers.reserve(kUsualFields);
    reply.headers.add("content-type", "application/json");
    reply.body = std::move(body);
    return reply;
}

engine::Reply refuse(const Error& error, engine::Call& call, exchange::Pipeline& pipeline,
                     std::string_view route) {
    const std::string id = make_request_id(call.loop().now(), call.loop().random());
    const Protocol protocol = protocol_of(call.head());
    auto rendered = protocol::render_error(error, protocol::envelope_of(protocol), id);
    const auto duration = std::chrono::steady_clock::now() - call.started();
    const exchange::LoopState& state = pipeline.at(call.loop());
    state.metrics->finished({.route = route, .status = rendered.status, .duration = duration});
    const std::string address = exchange::client_address(call, *state.assembly);
    pipeline.log().info("request refused", {{"id", id},
                                            {"route", route},
                                            {"client_ip", std::string_view(address)},
                                            {"status", std::int64_t{rendered.status}},
                                            {"error", error.message}});
    engine::Reply reply = json_reply(rendered.status, std::move(rendered.body));
    reply.headers.add("X-Request-Id", id);
    if (protocol == Protocol::Anthropic) reply.headers.add("request-id", id);
    if (rendered.status == 401) reply.headers.add("www-authenticate", "Bearer");
    return reply;
}

}  // namespace aigw::sidecar
