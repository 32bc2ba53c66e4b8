#include "policy/sent_response.h"

#include <algorithm>
#include <utility>

#include "protocol/json_writer.h"

namespace aigw::policy {
namespace {

using protocol::ItemStatus;
using protocol::JsonTree;
using protocol::JsonValue;
using protocol::JsonWriter;
using protocol::ResponseItem;
using Kind = ResponseItem::Kind;

constexpr std::string_view kPrefix = "response.";

std::int64_t number_in(JsonValue event, std::string_view key) {
    return event[key].integer().value_or(0);
}

}  // namespace

// ---- What goes out as it came ----------------------------------------------------------------

void SentResponse::note(JsonValue event) {
    note_number(event);
    const std::string type = event["type"].text();
    if (!type.starts_with(kPrefix)) return;
    const std::string_view kind = std::string_view(type).substr(kPrefix.size());
    if (response_.empty() && event["response"].is_object()) response_ = event["response"].raw();
    if (kind == "output_item.added") return begin_item(event);
    if (kind == "output_item.done") return end_item(event);
    if (kind == "content_part.added" || kind == "reasoning_summary_part.added") {
        if (Item* item = find(event)) {
            const char* const part = kind.starts_with('c') ? "content_index" : "summary_index";
            begin_text(*item, number_in(event, part), event["part"]["type"].is("refusal"));
        }
        return;
    }
    if (kind == "content_part.done" || kind == "reasoning_summary_part.done") {
        if (Item* item = find(event)) item->is_part_open = false;
        return;
    }
    if (kind == "output_text.annotation.added") {
        Item* item = find(event);
        if (item != nullptr && !item->value.texts.empty())
            item->value.texts.back().annotations.emplace_back(event["annotation"].raw());
        return;
    }
    if (kind.ends_with(".delta")) note_delta(kind, event, event["delta"].text());
}

void SentResponse::note_number(JsonValue event) {
    next_number_ = event["sequence_number"].integer().value_or(next_number_) + 1;
}

SentResponse::Item* SentResponse::find(JsonValue event) {
    const std::int64_t output = number_in(event, "output_index");
    const auto found = std::ranges::find(items_, output, &Item::output);
    return found == items_.end() ? nullptr : &*found;
}

void SentResponse::begin_item(JsonValue event) {
    const JsonValue json = event["item"];
    const JsonValue type = json["type"];
    Item item{.output = number_in(event, "output_index"), .json = std::string(json.raw())};
    item.value.id = json["id"].text();
    const bool is_custom = type.is("custom_tool_call");
    if (type.is("message")) {
        item.is_known = true;
    } else if (type.is("reasoning")) {
        item.is_known = true;
        item.value.kind = Kind::Reasoning;
        item.value.sealed = json["encrypted_content"].text();
    } else if (is_custom || type.is("function_call")) {
        item.is_known = true;
        item.value.kind = Kind::Call;
        item.value.call = {
            .id = json["call_id"].text(), .name = json["name"].text(), .is_custom = is_custom};
    }
    items_.push_back(std::move(item));
}

void SentResponse::end_item(JsonValue event) {
    if (find(event) == nullptr) begin_item(event);
    Item& item = *find(event);
    item.is_open = false;
    item.json = event["item"].raw();
    item.value = {};
}

void SentResponse::begin_text(Item& item, std::int64_t part, bool is_refusal) {
    item.is_part_open = true;
    item.part = part;
    if (item.value.kind == Kind::Message) {
        item.value.texts.push_back({.is_refusal = is_refusal});
    } else if (item.value.kind == Kind::Reasoning && !item.value.thoughts.empty()) {
        item.value.thoughts.append("\n\n");  // each part of a summary is a paragraph
    }
}

void SentResponse::note_delta(std::string_view kind, JsonValue event, std::string_view text) {
    Item* item = find(event);
    if (item == nullptr || !item->is_open) return;
    ResponseItem& value = item->value;
    switch (value.kind) {
        case Kind::Message:
            if (kind != "output_text.delta" && kind != "refusal.delta") return;
            if (value.texts.empty())
                begin_text(*item, number_in(event, "content_index"), kind == "refusal.delta");
            value.texts.back().text.append(text);
            return;
        case Kind::Reasoning:
            value.thoughts.append(text);
            return;
        case Kind::Call:
            value.call.arguments.append(text);
            return;
    }
}

// ---- What goes out in its stead --------------------------------------------------------------

template <class Write>
void SentResponse::write(std::string_view type, std::string& out, Write write) {
    out.append("event: ").append(type).append("\ndata: ");
    JsonWriter json(out);
    json.begin_object();
    json.field("type", type);
    json.integer_field("sequence_number", next_number_++);
    write(json);
    json.end_object();
    out.append("\n\n");
}

template <class Write>
void SentResponse::write_at(std::string_view type, const Item& item, std::string& out,
                            Write write) {
    this->write(type, out, [&](JsonWriter& json) {
        json.field("item_id", item.value.id);
        json.integer_field("output_index", item.output);
        write(json);
    });
}

void SentResponse::write_delta(JsonValue event, std::string_view text, std::string& out) {
    const std::string type = event["type"].text();
    out.append("event: ").append(type).append("\ndata: ");
    JsonWriter json(out);
    json.begin_object();
    for (const JsonValue& member : event) {
        json.key(member.key());
        if (member.has_key("delta")) {
            json.string(text);
        } else if (member.has_key("logprobs")) {
            json.raw("[]");  // those that came are of all of it
        } else {
            json.raw(member.raw());
        }
    }
    json.end_object();
    out.append("\n\n");
    note_number(event);
    note_delta(std::string_view(type).substr(kPrefix.size()), event, text);
}

SentResponse::Item* SentResponse::open_message() {
    if (items_.empty()) return nullptr;
    Item& last = items_.back();
    const bool is_text = last.is_open && last.is_known && last.value.kind == Kind::Message &&
                         last.is_part_open && !last.value.texts.empty() &&
                         !last.value.texts.back().is_refusal;
    return is_text ? &last : nullptr;
}

void SentResponse::write_text(std::string_view text, std::string& out) {
    Item* message = open_message();
    if (message == nullptr) {
        for (Item& item : items_) write_end(item, out);
        const std::int64_t output = items_.empty() ? 0 : items_.back().output + 1;
        Item begun{.output = output, .is_known = true};
        begun.value.id = "msg_notice_" + std::to_string(output);
        message = &items_.emplace_back(std::move(begun));
        write("response.output_item.added", out, [&](JsonWriter& json) {
            json.integer_field("output_index", output);
            json.key("item");
            protocol::append_begun_item(json, message->value);
        });
        begin_text(*message, 0, false);
        write_at("response.content_part.added", *message, out, [&](JsonWriter& json) {
            json.integer_field("content_index", 0);
            json.key("part");
            protocol::append_response_text(json, message->value.texts.back());
        });
    }
    message->value.texts.back().text.append(text);
    write_at("response.output_text.delta", *message, out, [&](JsonWriter& json) {
        json.integer_field("content_index", message->part);
        json.field("delta", text);
        json.raw_field("logprobs", "[]");
    });
}

// ---- The end ---------------------------------------------------------------------------------

void SentResponse::finish(const Usage& usage, std::string& out) {
    for (Item& item : items_) write_end(item, out);
    write_response(usage, out);
}

// What is open has been cut, or would have gone on.
void SentResponse::write_end(Item& item, std::string& out) {
    if (!item.is_open) return;
    item.is_open = false;
    if (!item.is_known) return;
    switch (item.value.kind) {
        case Kind::Message:
            if (item.is_part_open) write_text_end(item, out);
            break;
        case Kind::Reasoning:
            if (item.is_part_open) write_summary_end(item, out);
            break;
        case Kind::Call:
            write_arguments_end(item, out);
            break;
    }
    item.json.clear();
    JsonWriter whole(item.json);
    protocol::append_response_item(whole, item.value, ItemStatus::Incomplete);
    write("response.output_item.done", out, [&](JsonWriter& json) {
        json.integer_field("output_index", item.output);
        json.raw_field("item", item.json);
    });
}

void SentResponse::write_text_end(const Item& item, std::string& out) {
    const protocol::ResponseText& text = item.value.texts.back();
    const std::string_view type =
        text.is_refusal ? "response.refusal.done" : "response.output_text.done";
    write_at(type, item, out, [&](JsonWriter& json) {
        json.integer_field("content_index", item.part);
        json.field(text.is_refusal ? "refusal" : "text", text.text);
        if (!text.is_refusal) json.raw_field("logprobs", "[]");
    });
    write_at("response.content_part.done", item, out, [&](JsonWriter& json) {
        json.integer_field("content_index", item.part);
        json.key("part");
        protocol::append_response_text(json, text);
    });
}

void SentResponse::write_summary_end(const Item& item, std::string& out) {
    // Of the part that is open: what came behind the last paragraph's end.
    const std::string& all = item.value.thoughts;
    const std::size_t end = item.part == 0 ? std::string::npos : all.rfind("\n\n");
    const auto text = std::string_view(all).substr(end == std::string::npos ? 0 : end + 2);
    write_at("response.reasoning_summary_text.done", item, out, [&](JsonWriter& json) {
        json.integer_field("summary_index", item.part);
        json.field("text", text);
    });
    write_at("response.reasoning_summary_part.done", item, out, [&](JsonWriter& json) {
        json.integer_field("summary_index", item.part);
        json.key("part");
        protocol::append_summary(json, text);
    });
}

void SentResponse::write_arguments_end(const Item& item, std::string& out) {
    const protocol::CallPart& call = item.value.call;
    const std::string_view type = call.is_custom ? "response.custom_tool_call_input.done"
                                                 : "response.function_call_arguments.done";
    write_at(type, item, out, [&](JsonWriter& json) {
        if (!call.is_custom) json.field("name", call.name);
        json.field(call.is_custom ? "input" : "arguments", call.arguments);
    });
}

void SentResponse::write_response(const Usage& usage, std::string& out) {
    JsonTree tree;
    const auto begun = tree.parse(response_);
    write("response.incomplete", out, [&](JsonWriter& json) {
        json.key("response");
        json.begin_object();
        if (begun) {
            for (const JsonValue& member : *begun) {
                const std::string key = member.key();
                const bool is_new = key == "status" || key == "incomplete_details" ||
                                    key == "output" || key == "usage";
                if (!is_new) json.raw_field(key, member.raw());
            }
        }
        json.field("status", "incomplete");
        json.raw_field("incomplete_details", R"({"reason":"max_output_tokens"})");
        json.key("output");
        json.begin_array();
        for (const Item& item : items_) {
            if (!item.json.empty()) json.raw(item.json);
        }
        json.end_array();
        json.key("usage");
        protocol::append_responses_usage(json, usage);
        json.end_object();
    });
}

}  // namespace aigw::policy
