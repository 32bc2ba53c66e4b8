#include "policy/capped_body.h"

#include <cstdint>
#include <utility>

#include "policy/capped_choice.h"
#include "protocol/anthropic_answer.h"
#include "protocol/json_tree.h"
#include "protocol/json_writer.h"
#include "protocol/openai_answer.h"
#include "protocol/responses_answer.h"

namespace aigw::policy {
namespace {

using protocol::JsonTree;
using protocol::JsonValue;
using protocol::JsonWriter;
using Kind = TextPlace::Kind;

Usage usage_of(const Usage& said, const tokens::AnswerTokens& counted) {
    Usage used = said;
    used.output_tokens = counted.output;
    used.reasoning_tokens = counted.reasoning;
    used.is_estimated = true;
    return used;
}

// ---- OpenAI's choices ------------------------------------------------------------------------

std::optional<CutBody> cut_choices(JsonValue root, const OutputCap& cap, const Measure& measure,
                                   const Usage& said) {
    const JsonValue choices = root["choices"];
    if (!choices.is_array()) return std::nullopt;
    std::string list;
    JsonWriter json(list);
    json.begin_array();
    tokens::AnswerTokens counted;
    bool is_cut = false;
    std::string buffer;
    for (const JsonValue& choice : choices) {
        OutputGauge gauge(cap.max_tokens, measure);
        count_choice(choice, gauge, buffer);
        gauge.close();
        const tokens::AnswerTokens own = gauge.tokens();
        counted.output += own.output;
        counted.reasoning += own.reasoning;
        is_cut = is_cut || gauge.cut();
        if (gauge.cut()) {
            append_cut_choice(
                json, choice,
                {.keep = *gauge.cut(), .notice = cap.notice, .finish_reason = "length"});
        } else {
            json.raw(choice.raw());
        }
    }
    json.end_array();
    if (!is_cut) return std::nullopt;
    CutBody cut{.usage = usage_of(said, counted)};
    JsonWriter whole(cut.body);
    whole.begin_object();
    for (const JsonValue& member : root) {
        if (member.has_key("usage")) continue;
        whole.raw_field(member.key(),
                        member.has_key("choices") ? std::string_view(list) : member.raw());
    }
    whole.key("usage");
    protocol::append_openai_usage(whole, cut.usage);
    whole.end_object();
    return cut;
}

// ---- Lists of blocks and items ---------------------------------------------------------------

// One answer's texts, written as far as they fit.
class PartCutter {
public:
    PartCutter(const OutputCap& cap, const Measure& measure)
        : cap_(cap), gauge_(cap.max_tokens, measure) {}

    bool is_cut() const { return gauge_.cut().has_value(); }
    tokens::AnswerTokens tokens() { return gauge_.tokens(); }
    void close() { gauge_.close(); }

    // What fits of the next text.
    std::string take(Kind kind, std::string text) {
        const std::size_t begin = gauge_.taken();
        gauge_.add({.kind = kind, .number = next_++}, text);
        gauge_.close();
        if (gauge_.cut()) text.resize(*gauge_.cut() > begin ? *gauge_.cut() - begin : 0);
        return text;
    }

    // The object with another text in it; what is said of the whole text is gone.
    static void append_with(JsonWriter& json, JsonValue object, std::string_view key,
                            std::string_view text) {
        json.begin_object();
        for (const JsonValue& member : object) {
            const std::string name = member.key();
            const bool is_of_all =
                name == "annotations" || name == "citations" || name == "logprobs";
            if (is_of_all) {
                json.raw_field(name, "[]");
            } else if (name == key) {
                json.field(key, text);
            } else if (name == "status") {
                json.field(name, "incomplete");
            } else {
                json.raw_field(name, member.raw());
            }
        }
        json.end_object();
    }

protected:
    const OutputCap& cap_;
    OutputGauge gauge_;
    std::uint32_t next_ = 0;
};

// Anthropic's content.
class BlockCutter final : public PartCutter {
public:
    using PartCutter::PartCutter;

    std::string run(JsonValue content) {
        std::string list;
        JsonWriter json(list);
        json.begin_array();
        for (const JsonValue& block : content) {
            take_block(json, block);
            if (is_cut()) break;
        }
        if (!cap_.notice.empty() && is_cut() && !has_notice_) {
            json.begin_object();
            json.field("type", "text");
            json.field("text", cap_.notice);
            json.end_object();
        }
        json.end_array();
        return list;
    }

private:
    void take_block(JsonWriter& json, JsonValue block) {
        const JsonValue type = block["type"];
        if (type.is("text")) return take_text(json, block);
        if (type.is("thinking")) return take_thinking(json, block);
        if (type.is("tool_use")) return take_call(json, block);
        json.raw(block.raw());
    }

    void take_text(JsonWriter& json, JsonValue block) {
        std::string text = take(Kind::Text, block["text"].text());
        if (!is_cut()) return json.raw(block.raw());
        if (text.empty()) return;
        has_notice_ = true;
        append_with(json, block, "text", text.append(cap_.notice));
    }

    void take_thinking(JsonWriter& json, JsonValue block) {
        const std::string text = take(Kind::Thinking, block["thinking"].text());
        if (!is_cut()) return json.raw(block.raw());
        if (text.empty()) return;
        json.begin_object();
        json.field("type", "thinking");
        json.field("thinking", text);
        json.field("signature", "");
        json.end_object();
    }

    void take_call(JsonWriter& json, JsonValue block) {
        std::string input;
        protocol::append_compact(input, block["input"].is_object() ? block["input"].raw() : "{}");
        gauge_.add_call(next_++, block["name"].text(), input);
        if (!is_cut()) json.raw(block.raw());
    }

    bool has_notice_ = false;
};

std::optional<CutBody> cut_message(JsonValue root, const OutputCap& cap, const Measure& measure,
                                   const Usage& said) {
    if (!root["content"].is_array()) return std::nullopt;
    BlockCutter cutter(cap, measure);
    const std::string list = cutter.run(root["content"]);
    if (!cutter.is_cut()) return std::nullopt;
    CutBody cut{.usage = usage_of(said, cutter.tokens())};
    JsonWriter json(cut.body);
    json.begin_object();
    for (const JsonValue& member : root) {
        const std::string key = member.key();
        if (key == "stop_reason" || key == "stop_sequence" || key == "usage") continue;
        json.raw_field(key, key == "content" ? std::string_view(list) : member.raw());
    }
    json.field("stop_reason", "max_tokens");
    json.null_field("stop_sequence");
    json.key("usage");
    protocol::append_anthropic_usage(json, cut.usage);
    json.end_object();
    return cut;
}

// The output of Responses.
class ItemCutter final : public PartCutter {
public:
    using PartCutter::PartCutter;

    std::string run(JsonValue output) {
        std::string list;
        JsonWriter json(list);
        json.begin_array();
        for (const JsonValue& item : output) {
            take_item(json, item);
            if (is_cut()) break;
        }
        if (!cap_.notice.empty() && is_cut() && !has_notice_) write_notice(json, output.size());
        json.end_array();
        return list;
    }

private:
    void take_item(JsonWriter& json, JsonValue item) {
        const JsonValue type = item["type"];
        if (type.is("message")) return take_parts(json, item, "content", Kind::Text);
        if (type.is("reasoning")) return take_parts(json, item, "summary", Kind::Thinking);
        if (type.is("function_call")) return take_call(json, item, "arguments");
        if (type.is("custom_tool_call")) return take_call(json, item, "input");
        json.raw(item.raw());
    }

    // An item whose parts have texts; those behind the cut are gone.
    void take_parts(JsonWriter& json, JsonValue item, std::string_view key, Kind kind) {
        std::string parts;
        JsonWriter list(parts);
        list.begin_array();
        bool has_any = false;
        for (const JsonValue& part : item[key]) {
            const bool is_refusal = part["refusal"].is_string();
            const std::string_view field = is_refusal ? "refusal" : "text";
            std::string text = take(is_refusal ? Kind::Refusal : kind, part[field].text());
            if (!is_cut()) {
                list.raw(part.raw());
                has_any = true;
                continue;
            }
            const bool takes_notice = kind == Kind::Text && !is_refusal;
            if (!text.empty()) {
                if (takes_notice) text.append(cap_.notice);
                has_notice_ = has_notice_ || takes_notice;
                append_with(list, part, field, text);
                has_any = true;
            }
            break;
        }
        list.end_array();
        if (!is_cut()) return json.raw(item.raw());
        if (has_any) append_parts(json, item, key, parts);
    }

    static void append_parts(JsonWriter& json, JsonValue item, std::string_view key,
                             std::string_view parts) {
        json.begin_object();
        for (const JsonValue& member : item) {
            const std::string name = member.key();
            if (name == "encrypted_content") continue;  // it is of all thoughts
            if (name == "status") {
                json.field(name, "incomplete");
            } else {
                json.raw_field(name, name == key ? parts : member.raw());
            }
        }
        json.end_object();
    }

    void take_call(JsonWriter& json, JsonValue item, std::string_view key) {
        gauge_.add_name(next_++, item["name"].text());
        if (is_cut()) return;
        const std::string arguments = take(Kind::Arguments, item[key].text());
        if (!is_cut()) return json.raw(item.raw());
        if (!arguments.empty()) append_with(json, item, key, arguments);
    }

    void write_notice(JsonWriter& json, std::size_t position) const {
        protocol::ResponseItem item{.id = "msg_notice_" + std::to_string(position)};
        item.texts.push_back({.text = cap_.notice});
        protocol::append_response_item(json, item, protocol::ItemStatus::Incomplete);
    }

    bool has_notice_ = false;
};

std::optional<CutBody> cut_response(JsonValue root, const OutputCap& cap, const Measure& measure,
                                    const Usage& said) {
    if (!root["output"].is_array()) return std::nullopt;
    ItemCutter cutter(cap, measure);
    const std::string list = cutter.run(root["output"]);
    if (!cutter.is_cut()) return std::nullopt;
    CutBody cut{.usage = usage_of(said, cutter.tokens())};
    JsonWriter json(cut.body);
    json.begin_object();
    for (const JsonValue& member : root) {
        const std::string key = member.key();
        const bool is_new = key == "status" || key == "incomplete_details" || key == "usage";
        if (is_new || key == "output_text") continue;
        json.raw_field(key, key == "output" ? std::string_view(list) : member.raw());
    }
    json.field("status", "incomplete");
    json.raw_field("incomplete_details", R"({"reason":"max_output_tokens"})");
    json.key("usage");
    protocol::append_responses_usage(json, cut.usage);
    json.end_object();
    return cut;
}

}  // namespace

std::optional<CutBody> cut_body(std::string_view body, Protocol protocol, const OutputCap& cap,
                                const Measure& measure, const Usage& said) {
    JsonTree tree;
    const auto root = tree.parse(body);
    if (!root) return std::nullopt;
    switch (protocol) {
        case Protocol::OpenAi:
            return cut_choices(*root, cap, measure, said);
        case Protocol::Anthropic:
            return cut_message(*root, cap, measure, said);
        case Protocol::Responses:
            return cut_response(*root, cap, measure, said);
    }
    return std::nullopt;
}

}  // namespace aigw::policy
