// GET /v1/models and /v1/models/{id}: what the caller may use, as the configuration names it.
#include <algorithm>

#include "identity/identifier.h"
#include "protocol/models_list.h"
#include "sidecar/handlers/handlers.h"

namespace aigw::sidecar {
namespace {

bool may_use(const Principal& principal, const protocol::ModelCard& card) {
    return principal.models.empty() ||
           identity::check_scope(principal, Operation::Models, card.id).has_value();
}

}  // namespace

HandlerResult list_models(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    const std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    const auto allowed = identity::check_scope(**principal, Operation::Models, "");
    if (!allowed) co_return refuse(allowed.error(), call, pipeline, route.path);
    std::vector<protocol::ModelCard> cards;
    std::copy_if(assembly->models.begin(), assembly->models.end(), std::back_inserter(cards),
                 [&](const protocol::ModelCard& card) { return may_use(**principal, card); });
    const bool is_anthropic = protocol_of(call.head()) == Protocol::Anthropic;
    co_return json_reply(200, is_anthropic
                                  ? protocol::render_anthropic_models(cards, assembly->loaded_at)
                                  : protocol::render_models(cards, assembly->loaded_at));
}

HandlerResult get_model(engine::Call& call, exchange::Pipeline& pipeline, const Route& route) {
    const std::shared_ptr<const assembly::Assembly> assembly = pipeline.at(call.loop()).assembly;
    const auto principal = identify(call, *assembly);
    if (!principal) co_return refuse(principal.error(), call, pipeline, route.path);
    const auto allowed = identity::check_scope(**principal, Operation::Models, "");
    if (!allowed) co_return refuse(allowed.error(), call, pipeline, route.path);
    const std::string_view id = call.head().path.substr(route.path.size() - 1);
    const auto found = std::find_if(assembly->models.begin(), assembly->models.end(),
                                    [&](const protocol::ModelCard& card) {
                                        return card.id == id && may_use(**principal, card);
                                    });
    if (found == assembly->models.end()) {
        const Error error{
            .code = ErrorCode::NotFound,
            .message = "the model \"" + std::string(id.substr(0, 100)) + "\" is not listed here",
            .hint = "GET /v1/models lists those that are",
            .wire_code = "model_not_found",
            .param = "model"};
        co_return refuse(error, call, pipeline, route.path);
    }
    const bool is_anthropic = protocol_of(call.head()) == Protocol::Anthropic;
    co_return json_reply(200, is_anthropic
                                  ? protocol::render_anthropic_model(*found, assembly->loaded_at)
                                  : protocol::render_model(*found, assembly->loaded_at));
}

}  // namespace aigw::sidecar
