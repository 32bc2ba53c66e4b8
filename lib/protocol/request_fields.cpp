#include "protocol/request_fields.h"

#include <array>

#include "protocol/body_errors.h"

namespace aigw::protocol {
namespace {

constexpr double kMaxTemperature = 2;

struct TierRow {
    std::string_view name;
    ServiceTier tier;
};
constexpr std::array kTiers = {
    TierRow{"auto", ServiceTier::Auto},         TierRow{"default", ServiceTier::Standard},
    TierRow{"flex", ServiceTier::Flex},         TierRow{"scale", ServiceTier::Scale},
    TierRow{"priority", ServiceTier::Priority}, TierRow{"fast", ServiceTier::Fast},
};

}  // namespace

Result<std::optional<std::int64_t>> read_limit(JsonValue value, std::string_view path) {
    if (!value.is_given()) return std::optional<std::int64_t>();
    const auto limit = value.integer();
    if (!limit) return wrong_kind(path, "a whole number", value);
    if (*limit < 1) return invalid_field(path, "must be at least 1");
    return limit;
}

Result<std::optional<Number>> read_number(JsonValue value, std::string_view path, double max) {
    if (!value.is_given()) return std::optional<Number>();
    const auto number = value.number();
    if (!number) return wrong_kind(path, "a number", value);
    if (*number < 0 || *number > max) {
        return invalid_field(path,
                             "must be between 0 and " + std::to_string(static_cast<int>(max)));
    }
    return std::optional(Number{*number, std::string(value.raw())});
}

Result<void> read_sampling(JsonValue body, ChatRequest& request) {
    request.temperature = TRY(read_number(body["temperature"], "temperature", kMaxTemperature));
    request.top_p = TRY(read_number(body["top_p"], "top_p", 1));
    if (const JsonValue top_k = body["top_k"]; top_k.is_number())
        request.top_k = Number{top_k.number().value_or(0), std::string(top_k.raw())};
    return {};
}

Result<void> read_stop(JsonValue stop, ChatRequest& request) {
    if (!stop.is_given()) return {};
    if (stop.is_string()) {
        request.is_stop_list = false;
        request.stop.push_back(stop.text());
        return {};
    }
    if (!stop.is_array()) return wrong_kind("stop", "a string or an array of strings", stop);
    for (const JsonValue& sequence : stop) {
        const std::string path = "stop[" + std::to_string(request.stop.size()) + "]";
        if (!sequence.is_string()) return wrong_kind(path, "a string", sequence);
        request.stop.push_back(sequence.text());
    }
    return {};
}

Result<std::optional<bool>> read_flag(JsonValue value, std::string_view path) {
    if (!value.is_given()) return std::optional<bool>();
    const auto flag = value.boolean();
    if (!flag) return wrong_kind(path, "a boolean", value);
    return flag;
}

Result<ToolChoice::Mode> read_choice_mode(JsonValue mode, std::string_view path) {
    if (mode.is("auto")) return ToolChoice::Mode::Auto;
    if (mode.is("none")) return ToolChoice::Mode::None;
    if (mode.is("required")) return ToolChoice::Mode::Required;
    return invalid_field(path, "must be one of none, auto, required, or name a tool");
}

Result<void> read_schema(JsonValue schema, const std::string& path, std::string& out) {
    if (!schema.is_given()) return {};
    if (!schema.is_object()) return wrong_kind(path, "an object", schema);
    out = schema.raw();
    return {};
}

Result<void> read_function(JsonValue function, const std::string& path, Tool& tool) {
    if (!function.is_object()) return wrong_kind(path, "an object", function);
    if (!function["name"].is_string())
        return wrong_kind(path + ".name", "a string", function["name"]);
    tool.name = function["name"].text();
    tool.description = function["description"].text();
    tool.is_strict = function["strict"].boolean();
    return read_schema(function["parameters"], path + ".parameters", tool.parameters);
}

Result<void> read_effort(JsonValue value, std::string_view path, Reasoning& reasoning) {
    if (!value.is_given()) return {};
    reasoning.effort = value.is_string() ? find_effort(value.text()) : std::nullopt;
    if (reasoning.effort) return {};
    return invalid_field(path, "must be one of none, minimal, low, medium, high, xhigh, max");
}

ServiceTier read_tier(JsonValue value) {
    for (const TierRow& row : kTiers) {
        if (value.is(row.name)) return row.tier;
    }
    return ServiceTier::Unset;
}

void read_user(JsonValue body, ChatRequest& request) {
    struct Row {
        std::string_view name;
        JsonValue value;
    };
    const Row rows[] = {{"safety_identifier", body["safety_identifier"]},
                        {"user", body["user"]},
                        {"metadata.user_id", body["metadata"]["user_id"]}};
    for (const Row& row : rows) {
        if (!row.value.is_string()) continue;
        request.user = row.value.text();
        request.names.user = row.name;
        return;
    }
}

}  // namespace aigw::protocol
