#include "sidecar/simulated/anthropic_rules.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/anthropic_blocks.h"
#include "sidecar/simulated/anthropic_messages.h"
#include "sidecar/simulated/anthropic_prompt.h"
#include "sidecar/simulated/anthropic_thinking.h"
#include "sidecar/simulated/anthropic_tools.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::array kFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"max_tokens", FieldType::Integer, 0},
    FieldRule{"messages", FieldType::Array},
    FieldRule{"system"},
    FieldRule{"stream", FieldType::Boolean},
    FieldRule{"stop_sequences", FieldType::Array},
    FieldRule{"temperature", FieldType::Number, 0, 1},
    FieldRule{"top_p", FieldType::Number, 0, 1},
    FieldRule{"top_k", FieldType::Integer, 0},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"tool_choice", FieldType::Object},
    FieldRule{"thinking", FieldType::Object},
    FieldRule{"output_config", FieldType::Object},
    FieldRule{"metadata", FieldType::Object},
    FieldRule{"service_tier", FieldType::String},
    FieldRule{"cache_control", FieldType::Object},
    FieldRule{"container"},
    FieldRule{"inference_geo", FieldType::String},
    FieldRule{"fallbacks", FieldType::Array},
    FieldRule{"mcp_servers", FieldType::Array},
    FieldRule{"context_management", FieldType::Object},
    FieldRule{"speed", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

// Columns: a field, and the beginning of the betas one of which it takes.
struct BetaField {
    std::string_view field;
    std::string_view beta;
};

constexpr std::array kBetaFields = {
    BetaField{"fallbacks", "server-side-fallback-"},
    BetaField{"mcp_servers", "mcp-client-"},
    BetaField{"context_management", "context-management-"},
    BetaField{"speed", "fast-mode-"},
};

constexpr std::array<std::string_view, 11> kNotCounted = {
    "max_tokens",   "stream",   "stop_sequences", "temperature",   "top_p",     "top_k",
    "service_tier", "metadata", "container",      "inference_geo", "fallbacks",
};

Refusal extra_input(std::string_view field) {
    return invalid_at(field, "Extra inputs are not permitted");
}

bool has_beta_beginning(const Terms& terms, std::string_view beginning) {
    return std::any_of(terms.betas.begin(), terms.betas.end(),
                       [&](const std::string& id) { return id.starts_with(beginning); });
}

Verdict refuse_beta_fields(const Json& body, Purpose, const Terms& terms) {
    for (const BetaField& row : kBetaFields) {
        if (find_field(body, row.field) == nullptr || has_beta_beginning(terms, row.beta)) continue;
        return extra_input(row.field);
    }
    return std::nullopt;
}

Verdict refuse_max_tokens(const Json& body, Purpose, const Terms& terms) {
    const auto limit = integer_field(body, "max_tokens");
    if (!limit || *limit <= terms.model.max_output) return std::nullopt;
    return invalid_at("max_tokens",
                      std::to_string(*limit) + " > " + std::to_string(terms.model.max_output) +
                          ", which is the maximum allowed number of output tokens for " +
                          std::string(text_field(body, "model")));
}

// Sampling.

bool is_number(const Json& body, const char* name, double number) {
    const Json* given = find_field(body, name);
    return given != nullptr && std::abs(given->get<double>() - number) < 1e-9;
}

Verdict refuse_sampling_with_thoughts(const Json& body) {
    const std::string page = ". Please consult our documentation at " + std::string(kThinkingPage);
    if (find_field(body, "temperature") != nullptr && !is_number(body, "temperature", 1)) {
        return invalid(
            "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode" +
            page);
    }
    const Json* top_p = find_field(body, "top_p");
    if (top_p != nullptr && top_p->get<double>() < 0.95) {
        return invalid(
            "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in "
            "adaptive mode" +
            page);
    }
    if (find_field(body, "top_k") == nullptr) return std::nullopt;
    return invalid("`top_k` must be unset when thinking is enabled or in adaptive mode" + page);
}

Verdict refuse_sampling(const Json& body, Purpose, const Terms& terms) {
    const bool has_temperature = find_field(body, "temperature") != nullptr;
    const bool has_top_p = find_field(body, "top_p") != nullptr;
    if (terms.is_strict_version) {
        for (const char* name : {"temperature", "top_p", "top_k"}) {
            if (find_field(body, name) != nullptr) return extra_input(name);
        }
    }
    if (terms.model.sampling == Sampling::None) {
        for (const char* name : {"temperature", "top_p", "top_k"}) {
            const bool is_harmless = std::string_view(name) != "top_k" && is_number(body, name, 1);
            if (find_field(body, name) == nullptr || is_harmless) continue;
            return invalid("`" + std::string(name) + "` is deprecated for this model.");
        }
    }
    if (terms.model.sampling == Sampling::OneOf && has_temperature && has_top_p) {
        return invalid(
            "`temperature` and `top_p` cannot both be specified for this model. Please "
            "use only one.");
    }
    const ThinkingOrder order = read_thinking(body, terms.model);
    return order.is_asked && order.is_on(true) ? refuse_sampling_with_thoughts(body) : std::nullopt;
}

// Small fields.

Verdict refuse_stop_sequences(const Json& body, Purpose, const Terms&) {
    const Json* sequences = find_field(body, "stop_sequences");
    if (sequences == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < sequences->size(); ++i) {
        const Json& sequence = (*sequences)[i];
        if (!sequence.is_string()) {
            return invalid_at(join("stop_sequences", i), "Input should be a valid string");
        }
        if (trim(sequence.get_ref<const std::string&>()).empty()) {
            return invalid_at("stop_sequences", "each stop sequence must contain non-whitespace");
        }
    }
    return std::nullopt;
}

bool looks_like_email(std::string_view text) {
    const auto at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos &&
           text.find(' ') == std::string_view::npos;
}

bool looks_like_phone(std::string_view text) {
    const auto digits =
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    return text.starts_with('+') && digits >= 8 && digits <= 15 &&
           text.find_first_not_of("+0123456789 ()-.") == std::string_view::npos;
}

Verdict refuse_metadata(const Json& body, Purpose, const Terms&) {
    constexpr std::array kMembers = {FieldRule{"user_id", FieldType::String}};
    constexpr std::size_t kLongest = 256;
    const Json* metadata = find_field(body, "metadata");
    if (metadata == nullptr) return std::nullopt;
    if (auto refusal = refuse_members(*metadata, "metadata", kMembers, "")) return refusal;
    const std::string_view user = text_field(*metadata, "user_id");
    constexpr std::string_view kAt = "metadata.user_id";
    if (looks_like_email(user)) {
        return invalid_at(kAt, "user_id appears to contain an email address");
    }
    if (looks_like_phone(user)) {
        return invalid_at(kAt, "user_id appears to contain a phone number");
    }
    if (user.size() <= kLongest) return std::nullopt;
    return invalid_at(kAt, "String should have at most 256 characters");
}

Verdict refuse_service_tier(const Json& body, Purpose, const Terms&) {
    if (find_field(body, "service_tier") == nullptr) return std::nullopt;
    return refuse_choice(text_field(body, "service_tier"), "service_tier", "auto standard_only");
}

Verdict refuse_top_mark(const Json& body, Purpose, const Terms&) {
    return refuse_cache_control(body, "");
}

// The parts that have files of their own.

Verdict check_contents(const Json& body, Purpose, const Terms& terms) {
    return refuse_contents(body, terms);
}

Verdict check_tools(const Json& body, Purpose, const Terms& terms) {
    return refuse_tools(body, terms);
}

Verdict check_output_config(const Json& body, Purpose, const Terms& terms) {
    return refuse_output_config(body, terms);
}

Verdict check_thinking(const Json& body, Purpose, const Terms& terms) {
    return refuse_thinking(body, terms);
}

Verdict check_marks(const Json& body, Purpose, const Terms&) {
    return refuse_marks(body);
}

Verdict check_order(const Json& body, Purpose, const Terms& terms) {
    return refuse_order(body, read_turns(body), terms);
}

Verdict refuse_context(const Json& body, Purpose purpose, const Terms& terms) {
    if (purpose == Purpose::Count) return std::nullopt;
    const std::int64_t tokens = count_prompt(body, read_turns(body)).total();
    if (tokens <= terms.model.context) return std::nullopt;
    return invalid("prompt is too long: " + std::to_string(tokens) + " tokens > " +
                   std::to_string(terms.model.context) + " maximum");
}

using Check = Verdict (*)(const Json&, Purpose, const Terms&);

// In the order in which the vendor looks.
constexpr std::array<Check, 14> kChecks = {
    refuse_beta_fields,  refuse_sampling,   refuse_stop_sequences, refuse_metadata,
    refuse_service_tier, refuse_top_mark,   check_contents,        check_tools,
    check_output_config, refuse_max_tokens, check_thinking,        check_marks,
    check_order,         refuse_context,
};

bool is_counted(std::string_view name) {
    return std::find(kNotCounted.begin(), kNotCounted.end(), name) == kNotCounted.end();
}

}  // namespace

Verdict refuse_fields(const Json& body, Purpose purpose) {
    std::vector<FieldRule> rules;
    for (const FieldRule& rule : kFields) {
        if (purpose == Purpose::Answer || is_counted(rule.name)) rules.push_back(rule);
    }
    const std::string_view required =
        purpose == Purpose::Answer ? "model messages max_tokens" : "model messages";
    // Whoever asks for the echo of unknown fields may send them.
    return refuse_members(is_true(body, "x_echo") ? known_fields(body, rules) : body, "", rules,
                          required);
}

Verdict refuse_model(const Json& body) {
    const std::string_view id = text_field(body, "model");
    if (find_model(id)) return std::nullopt;
    return Refusal{
        .status = 404, .message = "model: " + std::string(id), .type = "not_found_error"};
}

Verdict refuse_message_request(const Json& body, Purpose purpose, const Terms& terms) {
    for (const Check check : kChecks) {
        if (auto refusal = check(body, purpose, terms)) return refusal;
    }
    return std::nullopt;
}

Json unknown_message_fields(const Json& body) {
    return unknown_fields(body, kFields);
}

}  // namespace aigw::simulated::anthropic
