#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/anthropic_messages_reader.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_tools_reader.h"
#include "protocol/body_errors.h"

namespace aigw::protocol {
namespace {

// ---- Numbers ---------------------------------------------------------------------------------

Result<std::optional<std::int64_t>> read_max_tokens(JsonValue value, MaxTokens need) {
    if (!value.is_given() && need == MaxTokens::Optional) return std::optional<std::int64_t>();
    const auto limit = value.integer();
    if (!limit) return wrong_kind("max_tokens", "a whole number", value);
    if (*limit < 0) return invalid_field("max_tokens", "must be at least 0");
    return limit;
}

Result<std::optional<Number>> read_share(JsonValue value, std::string_view path) {
    if (!value.is_given()) return std::optional<Number>();
    const auto number = value.number();
    if (!number) return wrong_kind(path, "a number", value);
    if (*number < 0 || *number > 1) return invalid_field(path, "must be between 0 and 1");
    return std::optional(Number{*number, std::string(value.raw())});
}

Result<std::optional<Number>> read_count(JsonValue value, std::string_view path) {
    if (!value.is_given()) return std::optional<Number>();
    const auto count = value.integer();
    if (!count || *count < 0) return invalid_field(path, "must be a whole number of at least 0");
    return std::optional(Number{static_cast<double>(*count), std::string(value.raw())});
}

// ---- What the answer is to be ----------------------------------------------------------------

Result<void> read_stop(JsonValue list, std::vector<std::string>& stop) {
    if (!list.is_given()) return {};
    if (!list.is_array()) return wrong_kind("stop_sequences", "an array of strings", list);
    for (const JsonValue& sequence : list) {
        if (!sequence.is_string())
            return wrong_kind("stop_sequences[" + std::to_string(stop.size()) + "]", "a string",
                              sequence);
        stop.push_back(sequence.text());
    }
    return {};
}

Result<void> read_thinking(JsonValue value, Reasoning& reasoning) {
    if (!value.is_given()) return {};
    if (!value.is_object()) return wrong_kind("thinking", "an object", value);
    reasoning.display = value["display"].text();
    const JsonValue type = value["type"];
    if (type.is("disabled")) {
        reasoning.mode = Reasoning::Mode::Disabled;
    } else if (type.is("adaptive") || type.is("between_tools")) {
        reasoning.mode = Reasoning::Mode::Adaptive;
    } else if (type.is("enabled")) {
        const auto budget = value["budget_tokens"].integer();
        if (!budget || *budget < 1)
            return invalid_field("thinking.budget_tokens", "must be a whole number of at least 1");
        reasoning.mode = Reasoning::Mode::Budget;
        reasoning.budget = *budget;
    } else {
        return invalid_field("thinking.type", "must be one of enabled, adaptive, disabled");
    }
    return {};
}

Result<void> read_format(JsonValue value, const std::string& path, ResponseFormat& format) {
    if (!value.is_given()) return {};
    if (!value.is_object()) return wrong_kind(path, "an object", value);
    if (!value["type"].is("json_schema"))
        return invalid_field(path + ".type", "must be json_schema");
    if (!value["schema"].is_object())
        return wrong_kind(path + ".schema", "an object", value["schema"]);
    format.kind = ResponseFormat::Kind::JsonSchema;
    append_compact(format.schema, value["schema"].raw());
    return {};
}

Result<void> read_output(JsonValue body, ChatRequest& request) {
    const JsonValue config = body["output_config"];
    if (config.is_given() && !config.is_object())
        return wrong_kind("output_config", "an object", config);
    if (const JsonValue effort = config["effort"]; effort.is_given()) {
        request.reasoning.effort = effort.is_string() ? find_effort(effort.text()) : std::nullopt;
        if (!request.reasoning.effort)
            return invalid_field("output_config.effort",
                                 "must be one of low, medium, high, xhigh, max");
    }
    if (config["format"].is_given())
        return read_format(config["format"], "output_config.format", request.format);
    if (body["output_format"].is_given()) request.names.format = "output_format";  // a beta's
    return read_format(body["output_format"], "output_format", request.format);
}

Result<void> read_tier(JsonValue value, ServiceTier& tier) {
    if (!value.is_given()) return {};
    if (!value.is("auto") && !value.is("standard_only"))
        return invalid_field("service_tier", "must be one of auto, standard_only");
    tier = value.is("auto") ? ServiceTier::Auto : ServiceTier::Standard;
    return {};
}

Result<void> read_user(JsonValue metadata, std::string& user) {
    if (!metadata.is_given()) return {};
    if (!metadata.is_object()) return wrong_kind("metadata", "an object", metadata);
    const JsonValue id = metadata["user_id"];
    if (id.is_given() && !id.is_string()) return wrong_kind("metadata.user_id", "a string", id);
    user = id.text();
    return {};
}

constexpr std::array<std::string_view, 17> kRead = {
    "model",         "messages", "system",       "max_tokens",     "tools",    "tool_choice",
    "temperature",   "top_p",    "top_k",        "stop_sequences", "thinking", "output_config",
    "output_format", "metadata", "service_tier", "cache_control",  "stream"};

// Fields that only this protocol's vendor knows; whatever else a body has is ignored.
constexpr std::array<std::string_view, 7> kExtras = {
    "mcp_servers", "container", "context_management", "inference_geo", "speed",
    "fallbacks",   "betas"};

bool is_among(std::span<const std::string_view> names, JsonValue member) {
    return std::ranges::any_of(names, [&](std::string_view name) { return member.has_key(name); });
}

void read_extras(JsonValue body, ChatRequest& request, Losses& losses) {
    for (const JsonValue& member : body) {
        if (!member.is_given() || is_among(kRead, member)) continue;
        if (is_among(kExtras, member)) {
            request.extras.push_back({member.key(), std::string(member.raw())});
        } else {
            losses.ignore(member.key());
        }
    }
}

constexpr FieldNames kNames{.stop = "stop_sequences",
                            .effort = "output_config.effort",
                            .format = "output_config.format",
                            .user = "metadata.user_id",
                            .thinking = "thinking",
                            .parallel_calls = "tool_choice.disable_parallel_tool_use"};

Result<void> read_conversation(JsonValue body, ChatRequest& request) {
    request.tools = TRY(read_anthropic_tools(body["tools"]));
    ToolChanges changes(request.tools);
    TRY(read_anthropic_system(body["system"], request.messages, changes));
    TRY(read_anthropic_messages(body["messages"], request.messages, changes));
    changes.finish();
    return read_anthropic_tool_choice(body["tool_choice"], request);
}

Result<void> read_sampling(JsonValue body, ChatRequest& request) {
    request.temperature = TRY(read_share(body["temperature"], "temperature"));
    request.top_p = TRY(read_share(body["top_p"], "top_p"));
    request.top_k = TRY(read_count(body["top_k"], "top_k"));
    return read_stop(body["stop_sequences"], request.stop);
}

}  // namespace

Result<ChatRequest> read_anthropic_request(JsonValue body, MaxTokens max_tokens, Losses& losses) {
    if (!body.is_object()) {
        return Error{
            .code = ErrorCode::InvalidRequest,
            .message = "the body must be an object, not " + std::string(name_of(body.kind())),
            .wire_code = "invalid_value"};
    }
    ChatRequest request{.names = kNames, .protocol = Protocol::Anthropic};
    if (body["model"].is_given() && !body["model"].is_string())
        return wrong_kind("model", "a string", body["model"]);
    request.model = body["model"].text();
    request.max_tokens = TRY(read_max_tokens(body["max_tokens"], max_tokens));
    TRY(read_conversation(body, request));
    TRY(read_sampling(body, request));
    TRY(read_thinking(body["thinking"], request.reasoning));
    TRY(read_output(body, request));
    TRY(read_user(body["metadata"], request.user));
    TRY(read_tier(body["service_tier"], request.service_tier));
    request.cache = TRY(read_anthropic_mark(body, ""));
    if (const JsonValue stream = body["stream"]; stream.is_given() && !stream.boolean())
        return wrong_kind("stream", "a boolean", stream);
    request.is_stream = body["stream"].is_true();
    request.wants_usage = request.is_stream;  // every stream of this protocol ends with it
    read_extras(body, request, losses);
    return request;
}

}  // namespace aigw::protocol
