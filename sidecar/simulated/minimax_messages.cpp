#include "sidecar/simulated/minimax_messages.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "sidecar/simulated/anthropic_prompt.h"
#include "sidecar/simulated/anthropic_reply.h"
#include "sidecar/simulated/anthropic_rules.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/minimax_rules.h"

namespace aigw::simulated::minimax {
namespace {

// The vendor's model as Anthropic's rules want it described.
anthropic::Model described(const Model& model) {
    anthropic::Model row{.id = model.id,
                         .name = model.id,
                         .created_at = "",
                         .context = model.context,
                         .max_output = model.context,
                         .thinking = "",
                         .default_thinking = "disabled",
                         .display = anthropic::Display::Summarized,
                         .efforts = "",
                         .sampling = anthropic::Sampling::Full,
                         .takes_forced_tools = true,
                         .has_structured_output = false,
                         .has_late_system = false,
                         .has_prefill = true,
                         .binding = anthropic::Binding::None,
                         .max_tool_name = 64,
                         .smallest_cached = 1024};
    if (model.thinking == Thinking::Never) return row;
    const bool may_be_off = model.thinking == Thinking::Switched;
    row.thinking = may_be_off ? "adaptive enabled disabled" : "adaptive enabled";
    row.default_thinking = "adaptive";
    return row;
}

Json without_ignored(Json asked) {
    for (const char* name : {"top_k", "stop_sequences", "service_tier", "mcp_servers", "container",
                             "context_management"}) {
        asked.erase(name);
    }
    return asked;
}

Verdict refuse_temperature(const Json& asked) {
    const Json* temperature = find_field(asked, "temperature");
    if (temperature == nullptr || temperature->get<double>() > 0) return std::nullopt;
    return invalid("temperature must be in (0, 1], got " + temperature->dump());
}

Verdict refuse_media(const Json& body) {
    for (const anthropic::Turn& turn : anthropic::read_turns(body)) {
        for (const char* type : {"image", "document"}) {
            if (turn.has(type)) return invalid(std::string(type) + " is not supported");
        }
    }
    return std::nullopt;
}

Verdict refuse_message(const Json& asked, const Json& body, const anthropic::Terms& terms) {
    if (auto refusal = refuse_temperature(asked)) return refusal;
    auto refusal = anthropic::refuse_message_request(body, anthropic::Purpose::Answer, terms);
    if (refusal) return refusal;
    if (auto media = refuse_media(body)) return media;
    const Json brief = anthropic::brief_of(body, anthropic::read_turns(body));
    return refuse_sensitive(read_prompt(brief).last_user);
}

}  // namespace

std::variant<Refusal, Plan> make_message(const Json& asked, const http::Request& request,
                                         const Occasion& occasion) {
    const Json kept = without_ignored(asked);
    auto refusal = anthropic::refuse_fields(kept, anthropic::Purpose::Answer);
    if (refusal) return *std::move(refusal);
    refusal = refuse_model(kept);
    if (refusal) return *std::move(refusal);
    const anthropic::Model model = described(*find_model(text_field(kept, "model")));
    const anthropic::Terms terms = anthropic::read_terms(request, model);
    const Json body = anthropic::with_blocks(kept);
    refusal = refuse_message(kept, body, terms);
    if (refusal) return *std::move(refusal);
    return anthropic::answer_message(kept, body, terms, occasion);
}

}  // namespace aigw::simulated::minimax
