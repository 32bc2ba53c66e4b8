#include "policy/capped_message.h"

#include <optional>
#include <string_view>
#include <utility>

#include "protocol/anthropic_answer.h"
#include "protocol/json_writer.h"

namespace aigw::policy {
namespace {

using protocol::JsonValue;
using protocol::JsonWriter;
using Kind = TextPlace::Kind;

// Where a delta, or a block that begins, has its text.
struct TextField {
    std::string_view key{};
    Kind kind = Kind::Text;
};

std::optional<TextField> field_of_delta(JsonValue delta) {
    const JsonValue type = delta["type"];
    if (type.is("text_delta")) return TextField{"text", Kind::Text};
    if (type.is("thinking_delta")) return TextField{"thinking", Kind::Thinking};
    if (type.is("input_json_delta")) return TextField{"partial_json", Kind::Arguments};
    return std::nullopt;
}

std::optional<TextField> field_of_block(JsonValue block) {
    const JsonValue type = block["type"];
    if (type.is("text")) return TextField{"text", Kind::Text};
    if (type.is("thinking")) return TextField{"thinking", Kind::Thinking};
    if (type.is("tool_use")) return TextField{"name", Kind::Name};
    return std::nullopt;
}

// The object with one member that holds another text.
void append_with(JsonWriter& json, JsonValue object, std::string_view key, std::string_view text) {
    json.begin_object();
    for (const JsonValue& member : object) {
        if (member.has_key(key)) {
            json.field(key, text);
        } else {
            json.raw_field(member.key(), member.raw());
        }
    }
    json.end_object();
}

void begin_event(std::string& out, std::string_view type) {
    out.append("event: ").append(type).append("\ndata: ");
}

class CappedMessage final : public CappedWire {
public:
    CappedMessage(const OutputCap& cap, const Measure& measure) : CappedWire(cap, measure) {}

    void count(JsonValue event, std::vector<Stretch>& stretches) override {
        Answer& answer = answer_of(0);
        const std::size_t begin = answer.gauge.taken();
        const JsonValue type = event["type"];
        std::size_t bytes = 0;
        if (type.is("content_block_delta")) {
            bytes = count_delta(event, answer.gauge);
        } else if (type.is("content_block_start")) {
            bytes = count_block(event, answer.gauge);
        } else if (!type.is("ping")) {
            answer.gauge.close();
        }
        stretches.push_back({.begin = begin, .end = begin + bytes});
    }

    void note_passed(JsonValue event) override {
        const JsonValue type = event["type"];
        if (type.is("content_block_delta")) return;
        if (type.is("content_block_start")) return note_begun(event);
        if (type.is("content_block_stop")) is_open_ = false;
    }

    void change(JsonValue event, std::span<const Stretch> stretches, std::string& out) override {
        const std::size_t left = left_of(stretches.front());
        if (left > 0) write_rest(event, left, out);
        note_cut(answers_.front());
        if (!cap_.notice.empty()) write_notice(out);
    }

    void finish(const Usage& usage, std::string& out) override {
        end_block(out);
        begin_event(out, "message_delta");
        JsonWriter json(out);
        json.begin_object();
        json.field("type", "message_delta");
        json.raw_field("delta", R"({"stop_reason":"max_tokens","stop_sequence":null})");
        json.key("usage");
        protocol::append_anthropic_usage(json, usage);
        json.end_object();
        out.append("\n\n");
        begin_event(out, "message_stop");
        out.append("{\"type\":\"message_stop\"}\n\n");
    }

private:
    std::size_t count_delta(JsonValue event, OutputGauge& gauge) {
        const JsonValue delta = event["delta"];
        const auto field = field_of_delta(delta);
        if (!field || (field->kind == Kind::Arguments && !is_counting_call_)) return 0;
        buffer_.clear();
        delta[field->key].append_text(buffer_);
        gauge.add({.kind = field->kind, .number = number_}, buffer_);
        return buffer_.size();
    }

    std::size_t count_block(JsonValue event, OutputGauge& gauge) {
        const JsonValue block = event["content_block"];
        const auto field = field_of_block(block);
        gauge.close();
        number_ = static_cast<std::uint32_t>(event["index"].integer().value_or(0));
        is_counting_call_ = field && field->kind == Kind::Name;
        if (!field) return 0;
        buffer_.clear();
        block[field->key].append_text(buffer_);
        if (field->kind == Kind::Name) {
            gauge.add_name(number_, buffer_);
        } else {
            gauge.add({.kind = field->kind, .number = number_}, buffer_);
        }
        return buffer_.size();
    }

    void note_begun(JsonValue event) {
        is_open_ = true;
        is_text_ = event["content_block"]["type"].is("text");
        index_ = event["index"].integer().value_or(0);
    }

    // What is left of a name is nothing.
    void write_rest(JsonValue event, std::size_t left, std::string& out) {
        const bool is_delta = event["type"].is("content_block_delta");
        const std::string_view holder = is_delta ? "delta" : "content_block";
        const JsonValue inside = event[holder];
        const auto field = is_delta ? field_of_delta(inside) : field_of_block(inside);
        if (!field || field->kind == Kind::Name) return;
        const std::string text = inside[field->key].text();
        begin_event(out, event["type"].text());
        JsonWriter json(out);
        json.begin_object();
        for (const JsonValue& member : event) {
            json.key(member.key());
            if (member.has_key(holder)) {
                append_with(json, inside, field->key, std::string_view(text).substr(0, left));
            } else {
                json.raw(member.raw());
            }
        }
        json.end_object();
        out.append("\n\n");
        if (!is_delta) note_begun(event);
    }

    void write_notice(std::string& out) {
        if (!is_open_ || !is_text_) {
            end_block(out);
            ++index_;
            begin_event(out, "content_block_start");
            out.append(R"({"type":"content_block_start","index":)").append(std::to_string(index_));
            out.append(R"(,"content_block":{"type":"text","text":""}})").append("\n\n");
            is_open_ = true;
        }
        begin_event(out, "content_block_delta");
        out.append(R"({"type":"content_block_delta","index":)").append(std::to_string(index_));
        out.append(R"(,"delta":)");
        JsonWriter json(out);
        json.begin_object();
        json.field("type", "text_delta");
        json.field("text", cap_.notice);
        json.end_object();
        out.append("}\n\n");
    }

    void end_block(std::string& out) {
        if (!is_open_) return;
        is_open_ = false;
        begin_event(out, "content_block_stop");
        out.append(R"({"type":"content_block_stop","index":)").append(std::to_string(index_));
        out.append("}\n\n");
    }

    // ---- Of what has been counted ----
    std::uint32_t number_ = 0;  // of the block
    bool is_counting_call_ = false;
    std::string buffer_;

    // ---- Of what has gone out ----
    std::int64_t index_ = -1;  // of the last block
    bool is_open_ = false;
    bool is_text_ = false;
};

}  // namespace

std::unique_ptr<CappedWire> make_capped_message(const OutputCap& cap, const Measure& measure) {
    return std::make_unique<CappedMessage>(cap, measure);
}

}  // namespace aigw::policy
