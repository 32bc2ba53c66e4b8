#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/caller_fields.h"
#include "protocol/history.h"
#include "protocol/json_writer.h"
#include "protocol/openai_extras.h"
#include "protocol/openai_messages_writer.h"
#include "protocol/openai_reasoning.h"
#include "protocol/openai_request.h"
#include "protocol/openai_tools_writer.h"
#include "protocol/strict_schema.h"
#include "protocol/tool_names.h"

namespace aigw::protocol {
namespace {

constexpr std::size_t kMaxId = 40;
constexpr std::size_t kMaxUser = 64;
constexpr std::string_view kFormatName = "structured_output";

// ---- JSON as the answer ----------------------------------------------------------------------

std::string compact(std::string_view json) {
    std::string out;
    append_compact(out, json);
    return out;
}

bool is_strict(const ResponseFormat& format) {
    if (format.is_strict) return *format.is_strict;
    // Anthropic's callers give no name, and mean what the schema says wherever that can be held to.
    if (!format.name.empty()) return false;
    JsonTree tree;
    const auto schema = tree.parse(format.schema);
    return schema && meets_strict_rules(*schema);
}

void write_schema_format(const ResponseFormat& format, JsonWriter& json) {
    json.key("response_format");
    json.begin_object();
    json.field("type", "json_schema");
    json.key("json_schema");
    json.begin_object();
    json.field("name", format.name.empty() ? kFormatName : format.name);
    if (!format.description.empty()) json.field("description", format.description);
    json.raw_field("schema", compact(format.schema));
    if (format.is_strict || format.name.empty()) json.boolean_field("strict", is_strict(format));
    json.end_object();
    json.end_object();
}

bool takes_format(ResponseFormat::Kind kind, const ModelTraits& traits) {
    switch (kind) {
        case ResponseFormat::Kind::Text:
            return true;
        case ResponseFormat::Kind::JsonObject:
            return traits.json_object;
        case ResponseFormat::Kind::JsonSchema:
            return traits.json_schema;
    }
    return true;
}

// A server that can't be held to the form is asked for it in words, which several servers want to
// read beside `json_object`, too.
void ask_in_words(ChatRequest& request, RequestConversion& to) {
    ResponseFormat& format = request.format;
    if (takes_format(format.kind, to.traits)) return;
    to.losses.add(LossKind::Approximated, caller_fields(request.protocol).format);
    std::string words = "Answer with one JSON object and nothing else.";
    if (format.kind == ResponseFormat::Kind::JsonSchema)
        words = "Answer with JSON that matches this JSON Schema, and nothing else:\n" +
                compact(format.schema);
    const bool has_system =
        !request.messages.empty() && request.messages.front().role == Role::System;
    if (!has_system)
        request.messages.insert(request.messages.begin(), Message{.role = Role::System});
    request.messages.front().parts.push_back(text_part(std::move(words)));
    format = {.kind = to.traits.json_object ? ResponseFormat::Kind::JsonObject
                                            : ResponseFormat::Kind::Text};
}

// ---- Cache -----------------------------------------------------------------------------------

// A mark for the whole prompt stands behind its last part.
void place_whole_mark(ChatRequest& request) {
    if (!request.cache) return;
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
        if (message->role == Role::Assistant || message->parts.empty()) continue;
        if (!message->parts.back().cache) message->parts.back().cache = request.cache;
        return;
    }
}

std::string_view name_of_tier(ServiceTier tier) {
    switch (tier) {
        case ServiceTier::Unset:
        case ServiceTier::Auto:
            return "";
        case ServiceTier::Standard:
            return "default";
        case ServiceTier::Flex:
            return "flex";
        case ServiceTier::Scale:
            return "scale";
        case ServiceTier::Priority:
            return "priority";
        case ServiceTier::Fast:
            return "fast";
    }
    return "";
}

// ---- The body --------------------------------------------------------------------------------

class RequestWriter {
public:
    RequestWriter(ChatRequest& request, RequestConversion& to)
        : request_(request), to_(to), fields_(caller_fields(request.protocol)), json_(body_) {}

    Result<std::string> run() {
        TRY(prepare());
        ToolPlan tools = TRY(plan_openai_tools(request_, to_));
        ReasoningChoice reasoning = choose_reasoning(request_, !tools.tools.empty(), to_);
        reconcile(tools, reasoning, to_);
        json_.begin_object();
        json_.field("model", to_.model);
        json_.key("messages");
        TRY(write_openai_messages(request_, to_, json_));
        write_openai_tools(tools, request_, to_, json_);
        write_limit();
        write_sampling();
        write_stop();
        write_format();
        write_openai_reasoning(reasoning, request_, to_.traits, json_);
        if (to_.traits.reasoning_split) json_.boolean_field("reasoning_split", true);
        write_user();
        write_tier();
        write_stream();
        TRY(write_openai_extras(request_, to_, json_));
        json_.end_object();
        return std::move(body_);
    }

private:
    Result<void> prepare() {
        rename_tools(request_, to_);
        TRY(repair_history(
            request_,
            {.max_id = kMaxId, .restricts_ids = false, .sha256_hex = to_.options.sha256_hex},
            to_.losses));
        place_system_messages(request_, to_);
        ask_in_words(request_, to_);
        if (to_.traits.cache_marks != ModelTraits::CacheMarks::None) place_whole_mark(request_);
        return {};
    }

    bool lacks(std::string_view name) const { return has_name(to_.traits.missing_fields, name); }

    void write_limit() {
        if (!request_.max_tokens || *request_.max_tokens < 1) return;
        std::int64_t limit = *request_.max_tokens;
        if (to_.traits.max_output > 0 && limit > to_.traits.max_output) {
            limit = to_.traits.max_output;
            to_.losses.add(LossKind::Clamped, "max_tokens");
        }
        const bool is_whole = to_.traits.max_field == ModelTraits::MaxField::MaxCompletionTokens;
        json_.integer_field(is_whole ? "max_completion_tokens" : "max_tokens", limit);
    }

    void write_sampling() {
        write_bounded("temperature", request_.temperature, to_.traits.min_temperature,
                      to_.traits.max_temperature);
        write_bounded("top_p", request_.top_p, to_.traits.min_top_p, 1);
        if (!request_.top_k) return;
        if (to_.traits.takes_top_k) {
            json_.raw_field("top_k", request_.top_k->text);
        } else {
            to_.losses.add(LossKind::Dropped, "top_k");
        }
    }

    void write_bounded(std::string_view name, const std::optional<Number>& number, double min,
                       double max) {
        if (!number) return;
        if (!to_.traits.takes_sampling) {
            if (number->value != 1) to_.losses.add(LossKind::Dropped, name);
            return;
        }
        const double sent = std::clamp(number->value, min, max);
        if (sent == number->value) {
            json_.raw_field(name, number->text);
            return;
        }
        to_.losses.add(LossKind::Clamped, name);
        std::array<char, 32> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), sent).ptr;
        json_.raw_field(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
    }

    // Anthropic refuses blank sequences, OpenAI's callers stop at line ends.
    void drop_blank_stops() {
        const bool refuses_blanks = request_.protocol == Protocol::Anthropic;
        std::erase_if(request_.stop, [&](const std::string& sequence) {
            return refuses_blanks ? is_blank(sequence) : sequence.empty();
        });
    }

    void write_stop() {
        drop_blank_stops();
        if (request_.stop.empty()) return;
        const std::size_t sent =
            to_.traits.takes_stop ? std::min(request_.stop.size(), to_.traits.max_stops) : 0;
        if (sent < request_.stop.size()) to_.losses.add(LossKind::Dropped, fields_.stop);
        if (sent == 0) return;
        json_.key("stop");
        if (!request_.is_stop_list) {
            json_.string(request_.stop.front());
            return;
        }
        json_.begin_array();
        for (std::size_t i = 0; i < sent; ++i) json_.string(request_.stop[i]);
        json_.end_array();
    }

    void write_format() {
        switch (request_.format.kind) {
            case ResponseFormat::Kind::Text:
                return;
            case ResponseFormat::Kind::JsonObject:
                json_.raw_field("response_format", R"({"type":"json_object"})");
                return;
            case ResponseFormat::Kind::JsonSchema:
                write_schema_format(request_.format, json_);
                return;
        }
    }

    void write_user() {
        if (request_.user.empty()) return;
        if (lacks("user")) {
            to_.losses.add(LossKind::Dropped, fields_.user);
            return;
        }
        const bool is_short = request_.user.size() <= kMaxUser;
        json_.field("user", is_short ? request_.user : to_.options.sha256_hex(request_.user));
    }

    void write_tier() {
        const std::string_view tier = name_of_tier(request_.service_tier);
        if (tier.empty()) return;
        if (!lacks("service_tier")) {
            json_.field("service_tier", tier);
        } else if (request_.service_tier != ServiceTier::Standard) {
            to_.losses.add(LossKind::Dropped, "service_tier");
        }
    }

    // The usage is always asked for: who is billed by it must see it.
    void write_stream() {
        if (!request_.is_stream) return;
        json_.boolean_field("stream", true);
        json_.raw_field("stream_options", R"({"include_usage":true})");
    }

    ChatRequest& request_;
    RequestConversion& to_;
    const CallerFields fields_;
    std::string body_;
    JsonWriter json_;
};

}  // namespace

Result<std::string> write_openai_request(ChatRequest request, RequestConversion& to) {
    return RequestWriter(request, to).run();
}

}  // namespace aigw::protocol
