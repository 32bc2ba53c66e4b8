#include "sidecar/simulated/openai_responses.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/openai_responses_rules.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::openai {
namespace {

// The request as the body of a chat completion, as far as `compose` reads it.

Json brief_part(const Json& part) {
    if (text_field(part, "type") == "input_image") return {{"type", "image_url"}};
    const char* name = text_field(part, "type") == "refusal" ? "refusal" : "text";
    return {{"type", "text"}, {"text", text_field(part, name)}};
}

Json brief_content(const Json& content) {
    if (content.is_string()) return content;
    Json parts = Json::array();
    for (const Json& part : content) parts.push_back(brief_part(part));
    return parts;
}

Json brief_item(const Json& item) {
    const std::string_view type = item_type(item);
    if (type == "message") {
        return {{"role", item["role"]}, {"content", brief_content(item["content"])}};
    }
    if (type.ends_with("_output")) {
        return {{"role", "tool"}, {"content", brief_content(item["output"])}};
    }
    // What the assistant did counts as tokens, and has no text.
    return {{"role", "assistant"}, {"content", ""}, {"tool_calls", Json::array({item})}};
}

Json brief_tools(const Json& tools) {
    Json brief = Json::array();
    for (const Json& tool : tools) {
        const auto type = tool["type"].get<std::string>();
        if (type != "function" && type != "custom") continue;
        brief.push_back({{"type", type}, {type, tool}});
    }
    return brief;
}

Json brief_choice(const Json& choice) {
    if (choice.is_string()) return choice;
    const auto type = choice["type"].get<std::string>();
    if (type == "allowed_tools") return {{"type", type}, {type, choice}};
    return {{"type", type}, {type, {{"name", text_field(choice, "name")}}}};
}

Json brief_of(const Json& body) {
    Json messages = Json::array();
    if (const Json* instructions = find_field(body, "instructions")) {
        messages.push_back({{"role", "system"}, {"content", *instructions}});
    }
    const Json& input = body["input"];
    if (input.is_string()) {
        messages.push_back({{"role", "user"}, {"content", input}});
    } else {
        for (const Json& item : input) {
            if (item_type(item) != "reasoning") messages.push_back(brief_item(item));
        }
    }
    Json brief = {{"messages", std::move(messages)}};
    if (const Json* tools = find_field(body, "tools")) brief["tools"] = brief_tools(*tools);
    if (const Json* choice = find_field(body, "tool_choice")) {
        brief["tool_choice"] = brief_choice(*choice);
    }
    const Json* text = find_field(body, "text");
    const Json* format = text == nullptr ? nullptr : find_field(*text, "format");
    if (format != nullptr) {
        brief["response_format"] = {{"type", text_field(*format, "type")},
                                    {"json_schema", *format}};
    }
    return brief;
}

bool includes(const Json& body, std::string_view value) {
    const Json* include = find_field(body, "include");
    return include != nullptr &&
           std::find(include->begin(), include->end(), value) != include->end();
}

class ResponseReply {
public:
    ResponseReply(const Json& body, const Model& model, const Json& brief, const Occasion& occasion)
        : body_(body),
          model_(model),
          occasion_(occasion),
          seed_(seed_of_chat(body, occasion.seed)),
          random_(hash_of("ids", seed_)) {
        id_ = "resp_" + make_id(48, random_);
        const ChatAnswer answer = compose(order(brief), seed_);
        choice_ = answer.choices.front();
        tokens_ = answer.tokens;
        if (!choice_.thoughts.empty()) add_reasoning();
        if (!choice_.content.empty() || choice_.tool_calls.empty()) add_message();
        for (const ToolCall& call : choice_.tool_calls) add_call(call);
        if (is_cut() && !output_.empty() && output_.back().contains("status")) {
            output_.back()["status"] = "incomplete";
        }
    }

    Plan plan() const {
        Random jitter(hash_of("pace", seed_));
        Plan plan;
        plan.delay = occasion_.pace.first_token(jitter);
        if (is_true(body_, "stream")) {
            plan.headers = {{"content-type", "text/event-stream; charset=utf-8"}};
            plan.framing = Framing::Chunked;
            plan.pieces = render_events();
        } else {
            plan.headers = {{"content-type", "application/json"}};
            plan.delay += occasion_.pace.tokens(tokens_.completion, jitter);
            plan.pieces.push_back({Wait(0), render_final().dump()});
        }
        return plan;
    }

private:
    ChatOrder order(const Json& brief) const {
        const std::string_view effort = effort_of_response(body_, model_);
        const Json* parallel = find_field(body_, "parallel_tool_calls");
        return {.body = brief,
                .prompt = read_prompt(brief),
                .model = text_field(body_, "model"),
                .max_tokens = integer_field(body_, "max_output_tokens"),
                .is_thinking = !effort.empty() && effort != "none",
                .may_call_in_parallel = parallel == nullptr || parallel->get<bool>()};
    }

    bool is_cut() const { return choice_.finish_reason == "length"; }

    std::string next_id(const char* prefix) { return prefix + make_id(48, random_); }

    void add_reasoning() {
        const std::string id = next_id("rs_");
        const Json* reasoning = find_field(body_, "reasoning");
        const bool is_summarized =
            reasoning != nullptr && find_field(*reasoning, "summary") != nullptr;
        Json summary = Json::array();
        if (is_summarized) {
            summary.push_back({{"type", "summary_text"}, {"text", choice_.thoughts}});
        }
        Json item = {{"id", id}, {"type", "reasoning"}, {"summary", std::move(summary)}};
        if (includes(body_, "reasoning.encrypted_content")) {
            item["encrypted_content"] = encrypted_content(model_.id, id);
        }
        output_.push_back(std::move(item));
    }

    static Json text_part(const std::string& text) {
        return {{"type", "output_text"},
                {"annotations", Json::array()},
                {"logprobs", Json::array()},
                {"text", text}};
    }

    void add_message() {
        // A limit may leave no room for it.
        if (is_cut() && choice_.content.empty()) return;
        output_.push_back({{"id", next_id("msg_")},
                           {"type", "message"},
                           {"status", "completed"},
                           {"role", "assistant"},
                           {"content", Json::array({text_part(choice_.content)})}});
    }

    void add_call(const ToolCall& call) {
        if (call.is_custom) {
            output_.push_back({{"id", next_id("ctc_")},
                               {"type", "custom_tool_call"},
                               {"status", "completed"},
                               {"call_id", call.id},
                               {"name", call.name},
                               {"input", call.arguments}});
            return;
        }
        output_.push_back({{"id", next_id("fc_")},
                           {"type", "function_call"},
                           {"status", "completed"},
                           {"call_id", call.id},
                           {"name", call.name},
                           {"arguments", call.arguments}});
    }

    // A member of the request, or what the vendor takes for it.
    Json asked(const char* name, const Json& otherwise) const {
        const Json* given = find_field(body_, name);
        return given == nullptr ? otherwise : *given;
    }

    Json render_reasoning() const {
        const std::string_view effort = effort_of_response(body_, model_);
        const Json* reasoning = find_field(body_, "reasoning");
        const Json* summary = reasoning == nullptr ? nullptr : find_field(*reasoning, "summary");
        return {{"effort", effort.empty() ? Json(nullptr) : Json(effort)},
                {"summary", summary == nullptr ? Json(nullptr) : *summary}};
    }

    Json render_text() const {
        Json text = {{"format", {{"type", "text"}}}, {"verbosity", "medium"}};
        const Json* given = find_field(body_, "text");
        if (given == nullptr) return text;
        for (const auto& [name, value] : given->items()) text[name] = value;
        return text;
    }

    Json render_head(const char* status) const {
        Json response = {{"id", id_},
                         {"object", "response"},
                         {"created_at", occasion_.created()},
                         {"status", status},
                         {"background", false},
                         {"completed_at", nullptr},
                         {"error", nullptr},
                         {"incomplete_details", nullptr},
                         {"instructions", asked("instructions", nullptr)},
                         {"max_output_tokens", asked("max_output_tokens", nullptr)},
                         {"max_tool_calls", asked("max_tool_calls", nullptr)},
                         {"model", text_field(body_, "model")},
                         {"output", Json::array()},
                         {"parallel_tool_calls", asked("parallel_tool_calls", true)},
                         {"previous_response_id", nullptr},
                         {"prompt_cache_key", asked("prompt_cache_key", nullptr)},
                         {"reasoning", render_reasoning()},
                         {"safety_identifier", asked("safety_identifier", nullptr)},
                         {"service_tier", "default"},
                         {"store", asked("store", true)},
                         {"temperature", asked("temperature", 1.0)},
                         {"text", render_text()},
                         {"tool_choice", asked("tool_choice", "auto")},
                         {"tools", asked("tools", Json::array())},
                         {"top_logprobs", asked("top_logprobs", 0)},
                         {"top_p", asked("top_p", 1.0)},
                         {"truncation", asked("truncation", "disabled")},
                         {"usage", nullptr},
                         {"user", asked("user", nullptr)},
                         {"metadata", asked("metadata", Json::object())}};
        if (is_true(body_, "x_echo")) response["x_echo"] = unknown_response_fields(body_);
        return response;
    }

    Json render_final() const {
        Json response = render_head(is_cut() ? "incomplete" : "completed");
        if (is_cut()) {
            response["incomplete_details"] = {{"reason", "max_output_tokens"}};
        } else {
            response["completed_at"] = occasion_.created();
        }
        for (const Json& item : output_) response["output"].push_back(item);
        response["usage"] = {{"input_tokens", tokens_.prompt},
                             {"input_tokens_details",
                              {{"cached_tokens", tokens_.cached}, {"cache_write_tokens", 0}}},
                             {"output_tokens", tokens_.completion},
                             {"output_tokens_details", {{"reasoning_tokens", tokens_.reasoning}}},
                             {"total_tokens", tokens_.total()}};
        return response;
    }

    std::vector<Piece> render_events() const;

    const Json& body_;
    const Model& model_;
    const Occasion& occasion_;
    std::uint64_t seed_;
    Random random_;
    std::string id_{};
    Choice choice_{};
    TokenCounts tokens_{};
    std::vector<Json> output_{};
};

// The events of one response, numbered.
class ResponseEvents {
public:
    ResponseEvents(const Pace& pace, std::uint64_t seed, bool has_padding)
        : stream_(pace, seed), padding_(hash_of("padding", seed)), has_padding_(has_padding) {}

    void add(const char* type, Json members, std::int64_t tokens = 0) {
        Json event = {{"type", type}, {"sequence_number", next_++}};
        for (auto& [name, value] : members.items()) event[name] = std::move(value);
        stream_.add(event, tokens);
    }

    void add_item(const Json& item, std::size_t index) {
        const std::string_view type = text_field(item, "type");
        add("response.output_item.added", {{"output_index", index}, {"item", begun(item)}});
        if (type == "reasoning") add_summary(item, index);
        if (type == "message") add_text(item, index);
        if (type == "function_call") {
            add_input(item, index, "response.function_call_arguments", "arguments");
        }
        if (type == "custom_tool_call") {
            add_input(item, index, "response.custom_tool_call_input", "input");
        }
        add("response.output_item.done", {{"output_index", index}, {"item", item}});
    }

    std::vector<Piece> take() { return stream_.take(); }

private:
    // An item before anything is in it.
    static Json begun(Json item) {
        for (const char* list : {"content", "summary"}) {
            if (item.contains(list)) item[list] = Json::array();
        }
        for (const char* text : {"arguments", "input"}) {
            if (item.contains(text)) item[text] = "";
        }
        if (item.contains("status")) item["status"] = "in_progress";
        return item;
    }

    void add_deltas(const char* type, const Json& at, const std::string& text, bool has_logprobs) {
        for (const std::string_view token : split_tokens(text)) {
            Json members = at;
            members["delta"] = token;
            if (has_logprobs) members["logprobs"] = Json::array();
            if (has_padding_) members["obfuscation"] = make_id(1 + padding_.below(12), padding_);
            add(type, std::move(members), 1);
        }
    }

    static Json with(Json at, const char* name, Json value) {
        at[name] = std::move(value);
        return at;
    }

    void add_summary(const Json& item, std::size_t index) {
        for (std::size_t part = 0; part < item["summary"].size(); ++part) {
            const Json at = {
                {"item_id", item["id"]}, {"output_index", index}, {"summary_index", part}};
            const auto text = item["summary"][part]["text"].get<std::string>();
            const Json empty = {{"type", "summary_text"}, {"text", ""}};
            add("response.reasoning_summary_part.added", with(at, "part", empty));
            add_deltas("response.reasoning_summary_text.delta", at, text, false);
            add("response.reasoning_summary_text.done", with(at, "text", text));
            add("response.reasoning_summary_part.done", with(at, "part", item["summary"][part]));
        }
    }

    void add_text(const Json& item, std::size_t index) {
        const Json& part = item["content"][0];
        const auto text = part["text"].get<std::string>();
        const Json at = {{"item_id", item["id"]}, {"output_index", index}, {"content_index", 0}};
        add("response.content_part.added", with(at, "part", with(part, "text", "")));
        add_deltas("response.output_text.delta", at, text, true);
        add("response.output_text.done", with(with(at, "text", text), "logprobs", Json::array()));
        add("response.content_part.done", with(at, "part", part));
    }

    void add_input(const Json& item, std::size_t index, const std::string& event,
                   const char* name) {
        const Json at = {{"item_id", item["id"]}, {"output_index", index}};
        add_deltas((event + ".delta").c_str(), at, item[name].get<std::string>(), false);
        add((event + ".done").c_str(), with(at, name, item[name]));
    }

    EventStream stream_;
    Random padding_;
    bool has_padding_;
    std::int64_t next_ = 0;
};

std::vector<Piece> ResponseReply::render_events() const {
    const Json* options = find_field(body_, "stream_options");
    const Json* padding =
        options == nullptr ? nullptr : find_field(*options, "include_obfuscation");
    ResponseEvents events(occasion_.pace, hash_of("stream", seed_),
                          padding == nullptr || *padding != false);
    events.add("response.created", {{"response", render_head("in_progress")}});
    events.add("response.in_progress", {{"response", render_head("in_progress")}});
    for (std::size_t i = 0; i < output_.size(); ++i) events.add_item(output_[i], i);
    events.add(is_cut() ? "response.incomplete" : "response.completed",
               {{"response", render_final()}});
    return events.take();
}

}  // namespace

std::variant<Refusal, Plan> make_response(const Json& body, const Occasion& occasion) {
    if (auto refusal = refuse_response_request(body)) return *std::move(refusal);
    const auto model = find_model(text_field(body, "model"));
    const Json brief = brief_of(body);
    if (read_prompt(brief).tokens > model->context) {
        return invalid("input", "context_length_exceeded",
                       "Your input exceeds the context window of this model. Please adjust your "
                       "input and try again.");
    }
    return ResponseReply(body, *model, brief, occasion).plan();
}

}  // namespace aigw::simulated::openai
