#include <algorithm>
#include <array>

#include "base/text.h"
#include "protocol/answer_schema.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_turns.h"
#include "protocol/body_errors.h"
#include "protocol/json_writer.h"
#include "protocol/openai_fields.h"
#include "protocol/tool_schema.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kJsonTool = "aigw_json_output";
constexpr std::string_view kJsonToolDescription =
    "Gives the final answer. The arguments are the answer.";
constexpr std::string_view kAnyObject = R"({"type":"object","additionalProperties":true})";
constexpr std::int64_t kSmallestBudget = 1024;
constexpr std::int64_t kRoomForAnswer = 4096;  // beside a budget, where the caller set no limit

// Fields of Anthropic's own that a caller may send beside OpenAI's; they go as they are.
constexpr std::array<std::string_view, 7> kOwnFields = {
    "thinking",    "output_config", "cache_control", "context_management",
    "mcp_servers", "container",     "speed"};

// ---- Identity --------------------------------------------------------------------------------

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool looks_like_mail(std::string_view text) {
    const std::size_t at = text.find('@');
    return at != std::string_view::npos && at > 0 && text.find('.', at) != std::string_view::npos;
}

bool looks_like_phone(std::string_view text) {
    constexpr std::ptrdiff_t kFewestDigits = 7;
    return std::ranges::count_if(text, is_digit) >= kFewestDigits &&
           text.find_first_not_of("+0123456789 ()-./") == std::string_view::npos;
}

// ---- The writer ------------------------------------------------------------------------------

class Writer {
public:
    Writer(ChatRequest& request, RequestConversion& to) : request_(request), to_(to) {}

    Result<std::string> run() {
        TRY(check());
        turns_ = TRY(arrange_turns(request_, to_));
        choose_format();
        TRY(choose_tools());
        choose_thinking();
        settle_forced_call();
        const bool may_continue = to_.traits.prefill && !is_thinking();
        settle_last_turn(turns_, may_continue ? Prefill::Yes : Prefill::No, to_);
        limit_cache_marks(turns_, request_.tools, to_);
        return write();
    }

private:
    enum class Thinking : std::uint8_t { Unsaid, Off, Budget, Adaptive, Own };
    enum class Format : std::uint8_t { Text, Schema, Tool };

    void drop(std::string_view field) { to_.losses.add(LossKind::Dropped, field); }
    void approximate(std::string_view field) { to_.losses.add(LossKind::Approximated, field); }

    // ---- What can't be said at all -----------------------------------------------------------

    Result<void> check() {
        JsonTree tree;
        if (const ExtraField* n = request_.find_extra("n")) {
            const auto value = tree.parse(n->json);
            if (!value || value->integer() != 1)
                return invalid_field("n", "must be 1: this model gives one answer to a request");
        }
        if (request_.find_extra("audio") != nullptr)
            return invalid_field("audio", "can't be asked for: this model does not speak");
        if (const ExtraField* modalities = request_.find_extra("modalities")) {
            const auto value = tree.parse(modalities->json);
            const bool is_text =
                value && value->is_array() &&
                std::ranges::all_of(*value, [](const JsonValue& name) { return name.is("text"); });
            if (!is_text)
                return invalid_field("modalities", "must be text alone: this model does not speak");
        }
        return {};
    }

    // ---- The answer's format -----------------------------------------------------------------

    void choose_format() {
        const ResponseFormat& asked = request_.format;
        if (asked.kind == ResponseFormat::Kind::Text || has_own("output_config")) return;
        if (asked.kind == ResponseFormat::Kind::JsonSchema && to_.traits.structured_output) {
            if (auto schema = make_answer_schema(asked.schema)) {
                format_ = Format::Schema;
                if (schema->is_approximated) approximate(request_.names.format);
                answer_schema_ = std::move(schema->json);
                return;
            }
        }
        format_ = Format::Tool;
        to_.plan.json_tool = kJsonTool;
        if (asked.kind == ResponseFormat::Kind::JsonObject) {
            answer_schema_ = kAnyObject;
        } else if (is_object_schema(asked.schema)) {
            answer_schema_ = asked.schema;
        } else {
            to_.plan.is_json_wrapped = true;
            answer_schema_ = R"({"type":"object","properties":{"value":)" + asked.schema +
                             R"(},"required":["value"],"additionalProperties":false})";
        }
    }

    // ---- Tools -------------------------------------------------------------------------------

    Result<void> choose_tools() {
        TRY(check_names());
        TRY(choose_call());
        filter_allowed();
        std::erase_if(request_.tools, [&](const Tool& tool) {
            if (tool.kind != ToolKind::Vendor) return false;
            to_.losses.add(LossKind::Dropped, tool.place);
            return true;
        });
        declare_history();
        if (request_.tools.empty() && format_ != Format::Tool) choice_ = {};
        if (format_ == Format::Tool) ask_for_json_tool();
        if (is_forced() && !to_.traits.forced_calls) {
            approximate(format_ == Format::Tool ? request_.names.format : "tool_choice");
            choice_.mode = ToolChoice::Mode::Auto;
            if (format_ == Format::Tool) instruct_json_tool();
        }
        return {};
    }

    Result<void> check_names() const {
        std::vector<std::string_view> names;
        for (const Tool& tool : request_.tools) names.push_back(tool.name);
        std::ranges::sort(names);
        const auto twice = std::ranges::adjacent_find(names);
        if (twice == names.end() || twice->empty()) return {};
        return invalid_field("tools", "has two tools of the name " + std::string(*twice));
    }

    bool has_tool(std::string_view name) const {
        return std::ranges::find(request_.tools, name, &Tool::name) != request_.tools.end();
    }

    Result<void> choose_call() {
        choice_ = request_.tool_choice;
        const bool is_named = choice_.mode == ToolChoice::Mode::Named;
        if (!is_named && choice_.mode != ToolChoice::Mode::Required) return {};
        if (request_.tools.empty())
            return invalid_field("tool_choice", "asks for a call, but there are no tools");
        if (is_named && !has_tool(choice_.name))
            return invalid_field("tool_choice", "names a tool that is not among the tools");
        return {};
    }

    void filter_allowed() {
        const auto& allowed = request_.tool_choice.allowed;
        if (allowed.empty()) return;
        std::erase_if(request_.tools, [&](const Tool& tool) {
            return std::ranges::find(allowed, tool.name) == allowed.end();
        });
        to_.losses.add(LossKind::Rewritten, "tools");
    }

    // Calls in the history need their tools: what the caller has left out is made up, and may not
    // be called.
    void declare_history() {
        if (!request_.tools.empty()) return;
        for (const Message& message : turns_.messages) {
            for (const Part& part : message.parts) {
                const auto* call = part.as<CallPart>();
                if (call == nullptr || has_tool(call->name)) continue;
                request_.tools.push_back(
                    {.name = call->name, .parameters = R"({"type":"object"})"});
            }
        }
        if (request_.tools.empty()) return;
        to_.losses.add(LossKind::Repaired, "tools");
        choice_ = {.mode = ToolChoice::Mode::None};
    }

    // With tools of the caller's own the model must stay free to call them.
    void ask_for_json_tool() {
        const bool has_own_tools =
            !request_.tools.empty() && choice_.mode != ToolChoice::Mode::None;
        if (!has_own_tools) {
            choice_ = {.mode = ToolChoice::Mode::Named, .name = std::string(kJsonTool)};
        } else if (choice_.mode == ToolChoice::Mode::Unset ||
                   choice_.mode == ToolChoice::Mode::Auto) {
            choice_.mode = ToolChoice::Mode::Auto;
            approximate(request_.names.format);
            instruct_json_tool();
        }
    }

    void instruct_json_tool() {
        turns_.system.push_back(
            text_part("When you give your final answer, give it by calling the tool " +
                      std::string(kJsonTool) + "; write no other text with it."));
    }

    bool is_forced() const {
        return choice_.mode == ToolChoice::Mode::Required ||
               choice_.mode == ToolChoice::Mode::Named;
    }

    // ---- Thinking ----------------------------------------------------------------------------

    bool is_thinking() const {
        return thinking_ == Thinking::Budget || thinking_ == Thinking::Adaptive ||
               thinking_ == Thinking::Own;
    }
    bool is_adaptive_model() const {
        return to_.traits.thinking == ModelTraits::Thinking::Adaptive ||
               to_.traits.thinking == ModelTraits::Thinking::Both;
    }

    void choose_thinking() {
        choose_limit();
        if (const ExtraField* own = request_.find_extra("thinking")) {
            JsonTree tree;
            const auto value = tree.parse(own->json);
            const bool is_off = value && (*value)["type"].is("disabled");
            thinking_ = is_off ? Thinking::Unsaid : Thinking::Own;
            return;
        }
        const Reasoning& asked = request_.reasoning;
        const bool is_off = asked.mode == Reasoning::Mode::Disabled || asked.effort == Effort::None;
        if (asked.mode == Reasoning::Mode::Unset && !asked.effort) return;
        if (to_.traits.thinking == ModelTraits::Thinking::None) {
            if (!is_off) drop(request_.names.effort);
        } else if (is_off) {
            switch_off();
        } else if (is_adaptive_model()) {
            thinking_ = Thinking::Adaptive;
            effort_ = nearest(asked.effort.value_or(effort_of_budget(asked)));
        } else {
            choose_budget(asked);
        }
    }

    void switch_off() {
        if (!is_adaptive_model()) return;
        if (to_.traits.thinking_can_be_off) {
            thinking_ = Thinking::Off;
        } else {
            approximate(request_.names.effort);
        }
    }

    std::optional<Effort> nearest(Effort wanted) const {
        if (to_.traits.efforts.empty()) return std::nullopt;
        return nearest_effort(to_.traits.efforts, wanted == Effort::Minimal ? Effort::Low : wanted);
    }

    static Effort effort_of_budget(const Reasoning& asked) {
        if (asked.mode != Reasoning::Mode::Budget) return Effort::High;
        if (asked.budget <= budget_of(Effort::Low)) return Effort::Low;
        if (asked.budget <= budget_of(Effort::Medium)) return Effort::Medium;
        return asked.budget <= budget_of(Effort::High) ? Effort::High : Effort::Xhigh;
    }

    static std::int64_t budget_of(Effort effort) {
        switch (effort) {
            case Effort::None:
                return 0;
            case Effort::Minimal:
            case Effort::Low:
                return kSmallestBudget;
            case Effort::Medium:
                return 8192;
            case Effort::High:
                return 24576;
            case Effort::Xhigh:
                return 32768;
            case Effort::Max:
                return 63999;
        }
        return 0;
    }

    // At least 1,024 and below max_tokens.
    void choose_budget(const Reasoning& asked) {
        std::int64_t budget = asked.mode == Reasoning::Mode::Budget
                                  ? std::max(asked.budget, kSmallestBudget)
                                  : budget_of(asked.effort.value_or(Effort::High));
        if (!request_.max_tokens) {
            max_tokens_ = budget + kRoomForAnswer;
            if (to_.traits.max_output > 0)
                max_tokens_ = std::min(max_tokens_, to_.traits.max_output);
        }
        const std::int64_t most = max_tokens_ - kSmallestBudget;
        if (most < kSmallestBudget || continues_calls_without_thinking(turns_)) {
            drop(request_.names.effort);
            if (!request_.max_tokens) choose_limit();
            return;
        }
        if (budget > most) {
            budget = most;
            if (request_.max_tokens) to_.losses.add(LossKind::Clamped, request_.names.effort);
        }
        thinking_ = Thinking::Budget;
        budget_ = budget;
    }

    void choose_limit() {
        max_tokens_ =
            std::max<std::int64_t>(1, request_.max_tokens.value_or(to_.options.default_max_tokens));
        const std::int64_t most = to_.traits.max_output;
        if (most == 0 || max_tokens_ <= most) return;
        max_tokens_ = most;
        if (request_.max_tokens) to_.losses.add(LossKind::Clamped, request_.names.max_tokens);
    }

    // A forced call and thinking exclude each other: the call wins where thinking can be off.
    void settle_forced_call() {
        if (!is_forced() || thinking_ == Thinking::Off) return;
        const bool thinks = is_thinking() || to_.traits.thinks_by_default;
        if (!thinks) return;
        const bool was_asked = is_thinking();
        if (thinking_ == Thinking::Own || !to_.traits.thinking_can_be_off) {
            choice_.mode = ToolChoice::Mode::Auto;
            approximate(format_ == Format::Tool ? request_.names.format : "tool_choice");
            if (format_ == Format::Tool) instruct_json_tool();
            return;
        }
        if (was_asked) drop(request_.names.effort);
        thinking_ = to_.traits.thinks_by_default ? Thinking::Off : Thinking::Unsaid;
        effort_.reset();
    }

    // ---- Writing -----------------------------------------------------------------------------

    bool has_own(std::string_view field) const { return request_.find_extra(field) != nullptr; }

    std::string write() {
        std::string body;
        JsonWriter json(body);
        json.begin_object();
        json.field("model", to_.model);
        json.integer_field("max_tokens", max_tokens_);
        write_turns(json, turns_);
        write_tools(json);
        write_choice(json);
        write_thinking(json);
        write_output_config(json);
        write_sampling(json);
        write_stop(json);
        write_identity(json);
        write_tier(json);
        write_extras(json);
        if (request_.is_stream) json.boolean_field("stream", true);
        json.end_object();
        return body;
    }

    void write_tools(JsonWriter& json) {
        if (request_.tools.empty() && format_ != Format::Tool) return;
        json.key("tools");
        json.begin_array();
        for (const Tool& tool : request_.tools) write_tool(json, tool);
        if (format_ == Format::Tool) {
            json.begin_object();
            json.field("name", kJsonTool);
            json.field("description", kJsonToolDescription);
            json.raw_field("input_schema", answer_schema_);
            json.end_object();
        }
        json.end_array();
    }

    void write_tool(JsonWriter& json, const Tool& tool) {
        json.begin_object();
        json.field("name", tool.name);
        if (tool.kind == ToolKind::Custom) {
            write_custom(json, tool);
        } else {
            write_function(json, tool);
        }
        if (tool.cache) {
            json.key("cache_control");
            json.begin_object();
            json.field("type", "ephemeral");
            if (!tool.cache->ttl.empty()) json.field("ttl", tool.cache->ttl);
            json.end_object();
        }
        json.end_object();
    }

    // Free text goes in as the one property of an object.
    void write_custom(JsonWriter& json, const Tool& tool) {
        to_.plan.custom_tools.push_back(tool.name);
        std::string description = tool.description;
        if (!tool.grammar.empty()) {
            approximate(path_of(tool.place));
            if (!description.empty()) description.append("\n\n");
            description.append("`input` has this format: ");
            append_compact(description, tool.grammar);
        }
        if (!description.empty()) json.field("description", description);
        json.raw_field(
            "input_schema",
            R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})");
    }

    void write_function(JsonWriter& json, const Tool& tool) {
        ToolSchema schema = make_object_schema(tool.parameters);
        std::string description = tool.description;
        if (!schema.alternatives.empty()) {
            approximate(path_of(tool.place));
            if (!description.empty()) description.append("\n\n");
            description.append("The arguments must fit ").append(schema.alternatives);
        }
        if (!description.empty()) json.field("description", description);
        json.raw_field("input_schema", schema.json);
        if (!tool.is_strict.value_or(false)) return;
        if (to_.traits.structured_output) {
            json.boolean_field("strict", true);
        } else {
            drop(path_of(tool.place) + ".strict");
        }
    }

    void write_choice(JsonWriter& json) {
        const bool has_tools = !request_.tools.empty() || format_ == Format::Tool;
        if (!has_tools) return;
        using Mode = ToolChoice::Mode;
        const bool is_single = request_.parallel_calls == false && choice_.mode != Mode::None;
        const bool is_said = choice_.mode != Mode::Unset && choice_.mode != Mode::Auto;
        if (!is_said && !is_single) return;
        json.key("tool_choice");
        json.begin_object();
        json.field("type", type_of(choice_.mode));
        if (choice_.mode == Mode::Named) json.field("name", choice_.name);
        if (is_single) json.boolean_field("disable_parallel_tool_use", true);
        json.end_object();
    }

    static std::string_view type_of(ToolChoice::Mode mode) {
        switch (mode) {
            case ToolChoice::Mode::Unset:
            case ToolChoice::Mode::Auto:
                return "auto";
            case ToolChoice::Mode::None:
                return "none";
            case ToolChoice::Mode::Required:
                return "any";
            case ToolChoice::Mode::Named:
                return "tool";
        }
        return "auto";
    }

    void write_thinking(JsonWriter& json) const {
        if (thinking_ == Thinking::Unsaid || thinking_ == Thinking::Own) return;
        json.key("thinking");
        json.begin_object();
        if (thinking_ == Thinking::Off) json.field("type", "disabled");
        if (thinking_ == Thinking::Budget) {
            json.field("type", "enabled");
            json.integer_field("budget_tokens", budget_);
        }
        if (thinking_ == Thinking::Adaptive) {
            json.field("type", "adaptive");
            // Hidden by default, and then there would be no reasoning to show.
            const std::string& display = request_.reasoning.display;
            json.field("display", display.empty() ? std::string_view("summarized") : display);
        }
        json.end_object();
    }

    void write_output_config(JsonWriter& json) const {
        if (has_own("output_config") || (!effort_ && format_ != Format::Schema)) return;
        json.key("output_config");
        json.begin_object();
        if (effort_) json.field("effort", name_of(*effort_));
        if (format_ == Format::Schema) {
            json.key("format");
            json.begin_object();
            json.field("type", "json_schema");
            json.raw_field("schema", answer_schema_);
            json.end_object();
        }
        json.end_object();
    }

    void write_sampling(JsonWriter& json) {
        const bool is_fixed = to_.traits.sampling == ModelTraits::Sampling::None;
        const bool has_temperature = write_temperature(json, is_fixed);
        write_top_p(json, is_fixed, has_temperature);
        if (!request_.top_k) return;
        if (is_fixed || is_thinking()) {
            drop("top_k");
        } else {
            json.raw_field("top_k", request_.top_k->text);
        }
    }

    bool write_temperature(JsonWriter& json, bool is_fixed) {
        if (!request_.temperature) return false;
        const double value = request_.temperature->value;
        if (is_fixed || is_thinking()) {
            if (value != 1) drop("temperature");
            return false;
        }
        if (value > 1) to_.losses.add(LossKind::Clamped, "temperature");
        json.raw_field("temperature",
                       value > 1 ? std::string_view("1") : request_.temperature->text);
        return true;
    }

    void write_top_p(JsonWriter& json, bool is_fixed, bool has_temperature) {
        constexpr double kLeastWhileThinking = 0.95;
        if (!request_.top_p) return;
        const double value = request_.top_p->value;
        const bool is_second =
            to_.traits.sampling == ModelTraits::Sampling::OneOf && has_temperature;
        const bool is_too_low = is_thinking() && value < kLeastWhileThinking;
        if (!is_fixed && !is_second && !is_too_low) {
            json.raw_field("top_p", request_.top_p->text);
        } else if (value != 1) {
            drop("top_p");
        }
    }

    void write_stop(JsonWriter& json) {
        std::vector<std::string_view> kept;
        for (std::size_t i = 0; i < request_.stop.size(); ++i) {
            if (!is_blank(request_.stop[i])) {
                kept.push_back(request_.stop[i]);
                continue;
            }
            const std::string field(request_.names.stop);
            drop(request_.is_stop_list ? field + "[" + std::to_string(i) + "]" : field);
        }
        if (kept.empty()) return;
        json.key("stop_sequences");
        json.begin_array();
        for (const std::string_view sequence : kept) json.string(sequence);
        json.end_array();
    }

    // Anthropic refuses addresses and numbers of people here.
    void write_identity(JsonWriter& json) {
        constexpr std::size_t kLongest = 256;
        constexpr std::size_t kDigits = 32;
        if (request_.user.empty()) return;
        std::string user = request_.user;
        if (looks_like_mail(user) || looks_like_phone(user) || user.size() > kLongest) {
            user = "u_" + to_.options.sha256_hex(user).substr(0, kDigits);
            to_.losses.add(LossKind::Rewritten, request_.names.user);
        }
        json.key("metadata");
        json.begin_object();
        json.field("user_id", user);
        json.end_object();
    }

    void write_tier(JsonWriter& json) {
        switch (request_.service_tier) {
            case ServiceTier::Unset:
            case ServiceTier::Auto:
                break;
            case ServiceTier::Standard:
                json.field("service_tier", "standard_only");
                break;
            case ServiceTier::Priority:
            case ServiceTier::Fast:
                approximate("service_tier");
                json.field("service_tier", "auto");
                break;
            case ServiceTier::Flex:
            case ServiceTier::Scale:
                drop("service_tier");
                break;
        }
    }

    void write_extras(JsonWriter& json) {
        for (const ExtraField& extra : request_.extras) {
            if (std::ranges::find(kOwnFields, extra.name) != kOwnFields.end()) {
                json.raw_field(extra.name, extra.json);
            } else if (extra.name == "betas") {
                add_betas(extra.json);
            } else if (!is_openai_field(extra.name)) {
                to_.losses.ignore(extra.said_path());
            } else if (would_be_missed(extra) && !is_used_up(extra)) {
                drop(extra.said_path());
            }
        }
    }

    // Metadata that named the user, and nothing else.
    bool is_used_up(const ExtraField& extra) const {
        if (extra.name != "metadata" || request_.names.user != "metadata.user_id") return false;
        JsonTree tree;
        const auto value = tree.parse(extra.json);
        return value && value->size() == 1;
    }

    // SDKs give them in the body, the wire has them in a header.
    void add_betas(std::string_view list) {
        JsonTree tree;
        const auto value = tree.parse(list);
        if (!value || !value->is_array()) return;
        for (const JsonValue& name : *value) {
            if (!to_.betas.empty()) to_.betas.push_back(',');
            name.append_text(to_.betas);
        }
    }

    ChatRequest& request_;
    RequestConversion& to_;
    AnthropicTurns turns_{};
    ToolChoice choice_{};
    Format format_ = Format::Text;
    std::string answer_schema_{};
    Thinking thinking_ = Thinking::Unsaid;
    std::int64_t max_tokens_ = 0;
    std::int64_t budget_ = 0;
    std::optional<Effort> effort_{};
};

}  // namespace

Result<std::string> write_anthropic_request(ChatRequest request, RequestConversion& to) {
    return Writer(request, to).run();
}

}  // namespace aigw::protocol
