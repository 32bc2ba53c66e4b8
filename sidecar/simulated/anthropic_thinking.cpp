#include "sidecar/simulated/anthropic_thinking.h"

#include <array>
#include <nlohmann/json.hpp>

#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::int64_t kSmallestBudget = 1024;
constexpr std::string_view kBindingBeta = "thinking-binding-controls-2026-08-01";

constexpr std::array kAdaptive = {
    FieldRule{"type", FieldType::String},
    FieldRule{"display", FieldType::String},
    FieldRule{"block_binding", FieldType::Object},
};
constexpr std::array kEnabled = {
    FieldRule{"type", FieldType::String},
    FieldRule{"budget_tokens", FieldType::Integer, kSmallestBudget},
    FieldRule{"display", FieldType::String},
    FieldRule{"block_binding", FieldType::Object},
};
constexpr std::array kBare = {
    FieldRule{"type", FieldType::String},
    FieldRule{"block_binding", FieldType::Object},
};

struct Kind {
    std::string_view type;
    std::span<const FieldRule> members;
    std::string_view required;
};

constexpr std::array kKinds = {
    Kind{"adaptive", kAdaptive, "type"},
    Kind{"between_tools", kAdaptive, "type"},
    Kind{"disabled", kBare, "type"},
    Kind{"enabled", kEnabled, "type budget_tokens"},
};

Verdict refuse_shape(const Json& thinking, const Terms& terms) {
    if (!thinking.is_object()) return invalid_at("thinking", "Input should be a valid dictionary");
    const std::string_view type = text_field(thinking, "type");
    if (type.empty()) return invalid_at("thinking.type", "Field required");
    for (const Kind& kind : kKinds) {
        if (kind.type != type) continue;
        const std::string at = join("thinking", type);
        if (auto refusal = refuse_members(thinking, at, kind.members, kind.required)) {
            return refusal;
        }
        if (find_field(thinking, "block_binding") != nullptr && !terms.has_beta(kBindingBeta)) {
            return invalid_at(join(at, "block_binding"), "Extra inputs are not permitted");
        }
        if (find_field(thinking, "display") == nullptr) return std::nullopt;
        return refuse_choice(text_field(thinking, "display"), join(at, "display"),
                             "summarized omitted");
    }
    return invalid_at("thinking", "Input tag '" + std::string(type) +
                                      "' found using 'type' does not match any of the expected "
                                      "tags: 'adaptive', 'between_tools', 'disabled', 'enabled'");
}

Verdict refuse_type(std::string_view type, const Model& model) {
    const bool is_never_on = model.thinking.empty() && type == "disabled";
    if (is_never_on || model.allows_thinking(type)) return std::nullopt;
    if (type == "adaptive") return invalid("adaptive thinking is not supported on this model");
    std::string message =
        "\"thinking.type." + std::string(type) + "\" is not supported for this model.";
    if (type == "enabled" && model.allows_thinking("adaptive")) {
        message +=
            " Use \"thinking.type.adaptive\" and \"output_config.effort\" to control thinking "
            "behavior.";
    }
    return invalid(message);
}

Verdict refuse_budget(const Json& body, const ThinkingOrder& order) {
    const auto limit = integer_field(body, "max_tokens");
    if (!order.budget || !limit || *order.budget < *limit) return std::nullopt;
    return invalid(
        "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
        "documentation at " +
        std::string(kThinkingPage) + "#max-tokens-and-context-window-size");
}

std::string_view effort_of(const Json& body) {
    const Json* config = find_field(body, "output_config");
    return config == nullptr ? std::string_view() : text_field(*config, "effort");
}

Verdict refuse_effort(const Json& body, const ThinkingOrder& order, const Model& model) {
    const std::string_view effort = effort_of(body);
    if (effort.empty()) return std::nullopt;
    constexpr std::string_view kAll = "low medium high xhigh max";
    if (auto refusal = refuse_choice(effort, "output_config.effort", kAll)) return refusal;
    if (model.efforts.empty()) {
        return invalid("This model does not support the effort parameter.");
    }
    if (!model.allows_effort(effort)) {
        return invalid("This model does not support effort level '" + std::string(effort) +
                       "'. Supported levels: " + listed(model.efforts) + ".");
    }
    // Who must think hard cannot be told not to.
    const bool is_beyond_high = effort == "xhigh" || effort == "max";
    const bool is_held_back = order.type == "disabled" || order.type == "between_tools";
    if (!order.is_asked || !is_held_back || !is_beyond_high) return std::nullopt;
    if (model.default_thinking == "disabled") return std::nullopt;
    return invalid("\"thinking.type." + std::string(order.type) +
                   "\" is not supported with effort level '" + std::string(effort) + "'.");
}

// The same value whatever the order of the keys, and without its mark.
std::uint64_t hash_unmarked(const Json& value, std::uint64_t seed) {
    Json bare = value;
    if (bare.is_object()) bare.erase("cache_control");
    // The plain type sorts the keys.
    const nlohmann::json sorted = bare;
    return hash_of(sorted.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), seed);
}

bool is_drop_asked(const Json& body) {
    const Json* thinking = find_field(body, "thinking");
    const Json* binding = thinking == nullptr ? nullptr : find_field(*thinking, "block_binding");
    return binding != nullptr && text_field(*binding, "prefix_mismatch_behavior") == "drop_block";
}

constexpr std::size_t kSealBytes = 32;  // of each part

}  // namespace

bool ThinkingOrder::is_on(bool is_after_result) const {
    if (type == "between_tools") return is_after_result;
    return type == "adaptive" || type == "enabled";
}

ThinkingOrder read_thinking(const Json& body, const Model& model) {
    ThinkingOrder order{.type = model.default_thinking, .display = model.display};
    const Json* thinking = find_field(body, "thinking");
    if (thinking == nullptr) return order;
    order.is_asked = true;
    order.type = text_field(*thinking, "type");
    order.budget = integer_field(*thinking, "budget_tokens");
    const std::string_view display = text_field(*thinking, "display");
    if (!display.empty()) {
        order.display = display == "omitted" ? Display::Omitted : Display::Summarized;
    }
    return order;
}

bool forces_tools(const Json& body) {
    const Json* choice = find_field(body, "tool_choice");
    const std::string_view type =
        choice == nullptr ? std::string_view() : text_field(*choice, "type");
    return type == "any" || type == "tool";
}

Verdict refuse_thinking(const Json& body, const Terms& terms) {
    if (const Json* thinking = find_field(body, "thinking")) {
        if (auto refusal = refuse_shape(*thinking, terms)) return refusal;
        if (auto refusal = refuse_type(text_field(*thinking, "type"), terms.model)) return refusal;
    }
    const ThinkingOrder order = read_thinking(body, terms.model);
    if (auto refusal = refuse_budget(body, order)) return refusal;
    if (auto refusal = refuse_effort(body, order, terms.model)) return refusal;
    // A default gives way to a forced call, a wish does not.
    if (order.is_asked && order.is_on(true) && forces_tools(body)) {
        return invalid("Thinking may not be enabled when tool_choice forces tool use.");
    }
    return std::nullopt;
}

Signer::Signer(const Json& body, const Terms& terms)
    : terms_(terms),
      before_(terms.model.binding == Binding::Account ? terms.account : 0),
      may_mismatch_(terms.model.binding == Binding::None || is_drop_asked(body)) {
    for (const char* name : {"system", "tools"}) {
        const Json* list = find_field(body, name);
        if (list == nullptr) continue;
        for (const Json& item : *list) before_ = hash_unmarked(item, before_ + 1);
    }
}

void Signer::add(const Turn& turn) {
    before_ = hash_of(turn.role, before_);
    for (const Block& block : turn.blocks) before_ = hash_unmarked(*block.json, before_ + 1);
}

std::string Signer::seal(std::string_view kind, std::string_view text) const {
    Random own(hash_of(text, hash_of(terms_.model.id, hash_of(kind, 1))));
    Random before(hash_of(kind, before_));
    return make_id(kSealBytes, own) + make_id(kSealBytes, before);
}

std::string Signer::sign(std::string_view text) const {
    return "EqQB" + seal("thinking", text);
}

std::string Signer::redact() const {
    return "EmwK" + seal("redacted_thinking", "");
}

Verdict Signer::refuse_block(const Block& block) const {
    const bool is_redacted = block.type() == "redacted_thinking";
    const std::string_view given = text_field(*block.json, is_redacted ? "data" : "signature");
    const std::string expected = is_redacted ? redact() : sign(text_field(*block.json, "thinking"));
    if (given == expected) return std::nullopt;
    const std::string problem = is_redacted ? "Invalid `data` in `redacted_thinking` block"
                                            : "Invalid `signature` in `thinking` block";
    const std::size_t own = expected.size() - kSealBytes;
    if (given.size() != expected.size() || given.substr(0, own) != expected.substr(0, own)) {
        return invalid_at(block.path(), problem);
    }
    if (may_mismatch_) return std::nullopt;
    return invalid_at(block.path(), problem + ". The block is bound to a different conversation.");
}

}  // namespace aigw::simulated::anthropic
