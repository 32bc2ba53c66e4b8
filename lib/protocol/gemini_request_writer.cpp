#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/gemini_fields.h"
#include "protocol/gemini_request.h"
#include "protocol/gemini_thinking.h"
#include "protocol/gemini_turns.h"
#include "protocol/json_tree.h"
#include "protocol/json_writer.h"
#include "protocol/openai_extras.h"
#include "protocol/openai_tools_writer.h"
#include "protocol/strict_schema.h"
#include "protocol/tool_names.h"

namespace aigw::protocol {
namespace {

std::string compact(std::string_view json) {
    std::string out;
    append_compact(out, json);
    return out;
}

// "TEXT", "IMAGE": OpenAI's `modalities` where they ask for more than text; empty where they don't.
std::string image_modalities(std::string_view asked) {
    JsonTree tree;
    const auto list = tree.parse(asked);
    if (!list || !list->is_array()) return {};
    const auto is_known = [](const JsonValue& name) { return name.is("text") || name.is("image"); };
    const auto is_image = [](const JsonValue& name) { return name.is("image"); };
    if (!std::ranges::all_of(*list, is_known) || std::ranges::none_of(*list, is_image)) return {};
    const bool has_text = !std::ranges::all_of(*list, is_image);
    return has_text ? R"(["TEXT","IMAGE"])" : R"(["IMAGE"])";
}

class Writer {
public:
    Writer(ChatRequest& request, RequestConversion& to) : request_(request), to_(to) {}

    Result<std::string> run() {
        rename_tools(request_, to_);
        tools_ = TRY(plan_openai_tools(request_, to_));
        take_own_fields();
        ask_in_words();
        const GeminiTurns turns = TRY(arrange_gemini_turns(request_, to_));
        json_.begin_object();
        TRY(write_gemini_turns(json_, turns, to_));
        write_tools();
        write_choice();
        write_config();
        write_own_fields();
        write_tier();
        TRY(drop_rest());
        json_.end_object();
        return std::move(body_);
    }

private:
    void drop(std::string_view field) { to_.losses.add(LossKind::Dropped, field); }

    // ---- Fields of Gemini's own --------------------------------------------------------------

    void take_own_fields() {
        fields_ = take_gemini_fields(request_.extras);
        std::erase_if(request_.extras, [&](const ExtraField& extra) {
            if (extra.name == "web_search_options") {
                searches_ = tools_.tools.empty();
                return searches_;
            }
            if (extra.name != "modalities") return false;
            std::string modalities = image_modalities(extra.json);
            if (modalities.empty()) return false;
            if (!has_own("responseModalities"))
                fields_.push_back({.name = "responseModalities",
                                   .is_config = true,
                                   .json = std::move(modalities)});
            return true;
        });
    }

    bool has_own(std::string_view name) const {
        return std::ranges::find(fields_, name, &GeminiField::name) != fields_.end();
    }

    void write_own_fields() {
        for (const GeminiField& field : fields_) {
            if (!field.is_config) json_.raw_field(field.name, field.json);
        }
    }

    // What is left has no name here.
    Result<void> drop_rest() {
        if (!request_.user.empty()) drop(request_.names.user);
        return drop_openai_extras(request_, to_);
    }

    // ---- JSON as the answer ------------------------------------------------------------------

    // Beside tools elder models can't be held to a form: they are asked for it.
    void ask_in_words() {
        ResponseFormat& format = request_.format;
        const bool can_be_held = to_.traits.format_with_tools || tools_.tools.empty();
        if (format.kind == ResponseFormat::Kind::Text || can_be_held) return;
        to_.losses.add(LossKind::Approximated, request_.names.format);
        std::string words = "When you give your final answer, give one JSON object";
        if (format.kind == ResponseFormat::Kind::JsonSchema)
            words.append(" that fits this JSON Schema: ").append(compact(format.schema));
        words.append(". Write no other text with it.");
        if (request_.messages.front().role != Role::System)
            request_.messages.insert(request_.messages.begin(), Message{.role = Role::System});
        request_.messages.front().parts.push_back(text_part(std::move(words)));
        format = {};
    }

    void write_format(JsonWriter& json) const {
        const ResponseFormat& format = request_.format;
        if (format.kind == ResponseFormat::Kind::Text) return;
        json.field("responseMimeType", "application/json");
        if (format.kind == ResponseFormat::Kind::JsonSchema)
            json.raw_field("responseJsonSchema", compact(format.schema));
    }

    // ---- Tools -------------------------------------------------------------------------------

    void write_tools() {
        if (tools_.tools.empty() && !searches_) return;
        json_.key("tools");
        json_.begin_array();
        json_.begin_object();
        if (searches_) {
            json_.raw_field("googleSearch", "{}");
        } else {
            json_.key("functionDeclarations");
            json_.begin_array();
            for (const Tool& tool : tools_.tools) write_tool(tool);
            json_.end_array();
        }
        json_.end_object();
        json_.end_array();
    }

    void write_tool(const Tool& tool) {
        json_.begin_object();
        json_.field("name", tool.name);
        if (!tool.description.empty()) json_.field("description", tool.description);
        if (!tool.parameters.empty()) {
            JsonTree tree;
            const auto schema = tree.parse(tool.parameters);
            std::string parameters;
            append_tool_schema(parameters, schema ? *schema : JsonValue());
            json_.raw_field("parametersJsonSchema", parameters);
        }
        json_.end_object();
        if (tool.is_strict.value_or(false)) drop(path_of(tool.place) + ".strict");
    }

    void write_choice() {
        if (tools_.tools.empty()) return;
        if (request_.parallel_calls == false && tools_.choice.mode != ToolChoice::Mode::None)
            drop(request_.names.parallel_calls);
        const std::string_view mode = name_of_mode(tools_.choice.mode);
        if (mode.empty()) return;
        json_.key("toolConfig");
        json_.begin_object();
        json_.key("functionCallingConfig");
        json_.begin_object();
        json_.field("mode", mode);
        if (tools_.choice.mode == ToolChoice::Mode::Named) {
            json_.key("allowedFunctionNames");
            json_.begin_array();
            json_.string(tools_.choice.name);
            json_.end_array();
        }
        json_.end_object();
        json_.end_object();
    }

    static std::string_view name_of_mode(ToolChoice::Mode mode) {
        switch (mode) {
            case ToolChoice::Mode::Unset:
            case ToolChoice::Mode::Auto:
                return "";
            case ToolChoice::Mode::None:
                return "NONE";
            case ToolChoice::Mode::Required:
            case ToolChoice::Mode::Named:
                return "ANY";
        }
        return "";
    }

    // ---- How to answer -----------------------------------------------------------------------

    void write_config() {
        std::string config;
        JsonWriter json(config);
        json.begin_object();
        write_limit(json);
        write_sampling(json);
        write_stop(json);
        write_format(json);
        if (!has_own("thinkingConfig"))
            write_gemini_thinking(json, choose_gemini_thinking(request_, to_));
        for (const GeminiField& field : fields_) {
            if (field.is_config) json.raw_field(field.name, field.json);
        }
        json.end_object();
        if (config != "{}") json_.raw_field("generationConfig", config);
    }

    void write_limit(JsonWriter& json) {
        if (!request_.max_tokens || *request_.max_tokens < 1) return;
        std::int64_t limit = *request_.max_tokens;
        if (to_.traits.max_output > 0 && limit > to_.traits.max_output) {
            limit = to_.traits.max_output;
            to_.losses.add(LossKind::Clamped, request_.names.max_tokens);
        }
        json.integer_field("maxOutputTokens", limit);
    }

    void write_sampling(JsonWriter& json) {
        write_number(json, "temperature", "temperature", request_.temperature,
                     to_.traits.takes_sampling);
        write_number(json, "topP", "top_p", request_.top_p, to_.traits.takes_sampling);
        if (!request_.top_k) return;
        if (to_.traits.takes_top_k) {
            json.raw_field("topK", request_.top_k->text);
        } else {
            drop("top_k");
        }
    }

    void write_number(JsonWriter& json, std::string_view name, std::string_view asked_name,
                      const std::optional<Number>& number, bool is_taken) {
        if (!number) return;
        if (is_taken) {
            json.raw_field(name, number->text);
        } else if (number->value != 1) {
            drop(asked_name);
        }
    }

    // Anthropic refuses blank sequences, OpenAI's callers stop at line ends.
    void write_stop(JsonWriter& json) {
        const bool refuses_blanks = request_.protocol == Protocol::Anthropic;
        std::erase_if(request_.stop, [&](const std::string& sequence) {
            return refuses_blanks ? is_blank(sequence) : sequence.empty();
        });
        if (request_.stop.empty()) return;
        const std::size_t sent = std::min(request_.stop.size(), to_.traits.max_stops);
        if (sent < request_.stop.size()) drop(request_.names.stop);
        json.key("stopSequences");
        json.begin_array();
        for (std::size_t i = 0; i < sent; ++i) json.string(request_.stop[i]);
        json.end_array();
    }

    void write_tier() {
        switch (request_.service_tier) {
            case ServiceTier::Unset:
            case ServiceTier::Auto:
                return;
            case ServiceTier::Standard:
                json_.field("serviceTier", "standard");
                return;
            case ServiceTier::Flex:
                json_.field("serviceTier", "flex");
                return;
            case ServiceTier::Fast:
                to_.losses.add(LossKind::Approximated, "service_tier");
                json_.field("serviceTier", "priority");
                return;
            case ServiceTier::Priority:
                json_.field("serviceTier", "priority");
                return;
            case ServiceTier::Scale:
                drop("service_tier");
                return;
        }
    }

    ChatRequest& request_;
    RequestConversion& to_;
    ToolPlan tools_{};
    std::vector<GeminiField> fields_;
    bool searches_ = false;  // the web, by the vendor's own tool
    std::string body_;
    JsonWriter json_{body_};
};

}  // namespace

Result<std::string> write_gemini_request(ChatRequest request, RequestConversion& to) {
    return Writer(request, to).run();
}

}  // namespace aigw::protocol
