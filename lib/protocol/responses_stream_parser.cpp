#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "protocol/annotations.h"
#include "protocol/answer_ids.h"
#include "protocol/call_arguments.h"
#include "protocol/json_stream_parser.h"
#include "protocol/reply_usage.h"
#include "protocol/responses_output.h"
#include "protocol/responses_reasoning.h"
#include "protocol/responses_stream.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kPrefix = "response.";

// An item that has begun.
struct Item {
    std::int64_t output = 0;  // the vendor's number
    std::uint32_t call = 0;
    bool is_call = false;
    bool is_custom = false;
    bool has_text = false;       // pieces of it have come
    std::int64_t part = -1;      // of a message: the one that is being written
    std::size_t part_begin = 0;  // characters of the answer before it
    bool is_ended = false;
    ObjectProgress progress{};  // of a function's arguments
    std::string held{};         // those that are no object: they wait, to be put into one
};

class ResponsesStreamParser final : public JsonStreamParser {
public:
    explicit ResponsesStreamParser(VendorMeaning own) : own_(std::move(own)) {}

    bool is_over() const override { return is_over_; }

private:
    void close(const Error& error, ChatSink& sink) override { fail(error, sink); }

    void take(const JsonEvent& event, ChatSink& sink) override {
        if (event.is_done) return;  // the answer's end is an event of its own
        const std::string type = event.root["type"].text();
        if (type == "error" || (type.empty() && event.root["error"].is_given()))
            return take_error(event, sink);
        if (!type.starts_with(kPrefix)) return;
        begin(event.root["response"], sink);
        take_named(std::string_view(type).substr(kPrefix.size()), event.root, sink);
    }

    void take_named(std::string_view type, JsonValue root, ChatSink& sink) {
        if (type == "output_text.delta") return take_text(root, sink);
        if (type == "refusal.delta") return take_refusal(root, sink);
        if (type == "reasoning_summary_text.delta" || type == "reasoning_text.delta")
            return give(ChatEventKind::Thinking, root, sink);
        if (type == "reasoning_summary_part.added") return begin_summary(root, sink);
        if (type.ends_with("_arguments.delta") || type == "custom_tool_call_input.delta")
            return take_arguments(root, sink);
        if (type == "output_text.annotation.added") return take_annotation(root, sink);
        if (type == "output_item.added") return begin_item(root, sink);
        if (type == "output_item.done") return end_item(root, sink);
        if (type == "completed" || type == "incomplete") return end(root["response"], sink);
        if (type == "failed") return take_failure(root["response"], sink);
    }

    void begin(JsonValue response, ChatSink& sink) {
        if (is_started_) return;
        is_started_ = true;
        id_ = response["id"].text();
        const std::string model = response["model"].text();
        const std::string tier = response["service_tier"].text();
        sink.take({.kind = ChatEventKind::Start, .id = id_, .name = model, .service_tier = tier});
    }

    // ---- Items ----

    Item* find(JsonValue root) {
        const std::int64_t output = root["output_index"].integer().value_or(-1);
        const auto found = std::find_if(items_.rbegin(), items_.rend(), [&](const Item& item) {
            return item.output == output && !item.is_ended;
        });
        return found == items_.rend() ? nullptr : &*found;
    }

    void begin_item(JsonValue root, ChatSink& sink) {
        if (items_.size() == kMaxCalls) return fail(too_many_calls(), sink);
        const JsonValue item = root["item"];
        Item begun{.output = root["output_index"].integer().value_or(-1)};
        begun.is_custom = item["type"].is("custom_tool_call");
        begun.is_call = begun.is_custom || item["type"].is("function_call");
        if (begun.is_call) announce(item, begun, sink);
        items_.push_back(std::move(begun));
    }

    void announce(JsonValue item, Item& begun, ChatSink& sink) {
        begun.call = calls_++;
        std::string id = item["call_id"].text();
        std::string name = item["name"].text();
        if (id.empty()) id = made_call_id(id_, begun.call);
        if (name.empty()) name = made_call_name(begun.call);
        sink.take({.kind = ChatEventKind::Call,
                   .id = id,
                   .name = name,
                   .call = begun.call,
                   .is_custom = begun.is_custom});
    }

    // What came whole and not in pieces is given here.
    void end_item(JsonValue root, ChatSink& sink) {
        const std::int64_t output = root["output_index"].integer().value_or(-1);
        const bool has_begun = std::ranges::find(items_, output, &Item::output) != items_.end();
        if (!has_begun) begin_item(root, sink);
        Item* item = is_over_ ? nullptr : find(root);
        if (item == nullptr) return;
        const JsonValue whole = root["item"];
        if (item->is_call) return end_call(whole, *item, sink);
        item->is_ended = true;
        if (whole["type"].is("reasoning")) {
            end_reasoning(whole, *item, sink);
        } else if (!item->has_text) {
            give_whole(whole, sink);
        }
        sink.take({.kind = ChatEventKind::PartEnd});
    }

    // What is sealed comes with the whole item only.
    static void end_reasoning(JsonValue whole, const Item& item, ChatSink& sink) {
        const auto part = read_reasoning_item(whole);
        if (!part) return;
        if (const auto* redacted = part->as<RedactedThinkingPart>())
            return sink.take({.kind = ChatEventKind::Redacted, .text = redacted->data});
        const ThinkingPart& thinking = *part->as<ThinkingPart>();
        if (!item.has_text) give_text(ChatEventKind::Thinking, thinking.text, sink);
        give_text(ChatEventKind::Signature, thinking.signature, sink);
    }

    void end_call(JsonValue whole, Item& item, ChatSink& sink) {
        if (!item.has_text) {
            const std::string arguments = whole[item.is_custom ? "input" : "arguments"].text();
            give_arguments(item, arguments, sink);
        }
        if (!is_over_) finish_call(item, sink);
    }

    void give_arguments(Item& item, std::string_view piece, ChatSink& sink) {
        if (!item.is_custom) {
            piece = item.progress.take(piece);
            if (item.progress.state() == ObjectProgress::State::NoObject) {
                item.held.append(piece);
                hold(piece.size(), sink);
                return;
            }
        }
        if (!piece.empty())
            sink.take({.kind = ChatEventKind::Arguments, .text = piece, .call = item.call});
    }

    static void finish_call(Item& item, ChatSink& sink) {
        item.is_ended = true;
        if (!item.held.empty()) {
            const std::string object = arguments_object(item.held);
            sink.take({.kind = ChatEventKind::Arguments, .text = object, .call = item.call});
        }
        sink.take({.kind = ChatEventKind::CallEnd, .call = item.call});
    }

    void give_whole(JsonValue item, ChatSink& sink) {
        if (!item.is_object()) return;
        const JsonValue type = item["type"];
        if (type.is("message")) {
            for (const JsonValue& part : item["content"]) give_part(part, sink);
        } else {
            std::string json;
            append_compact(json, item.raw());
            const std::string name = type.text();
            sink.take({.kind = ChatEventKind::Vendor, .text = json, .name = name});
        }
    }

    void give_part(JsonValue part, ChatSink& sink) {
        const std::string text = part["text"].text();
        const std::size_t begin = characters_;
        characters_ += count_characters(text);
        give_text(ChatEventKind::Text, text, sink);
        for (const JsonValue& annotation : part["annotations"])
            give_text(ChatEventKind::Annotation, nested_annotation(annotation, begin), sink);
        give_refusal(part["refusal"].text(), sink);
    }

    // ---- Pieces ----

    static void give_text(ChatEventKind kind, const std::string& text, ChatSink& sink) {
        if (!text.empty()) sink.take({.kind = kind, .text = text});
    }

    void give(ChatEventKind kind, JsonValue root, ChatSink& sink) {
        if (Item* item = find(root)) item->has_text = true;
        give_text(kind, root["delta"].text(), sink);
    }

    void take_text(JsonValue root, ChatSink& sink) {
        const std::int64_t part = root["content_index"].integer().value_or(0);
        Item* item = find(root);
        if (item != nullptr && item->part != part) {
            item->part = part;
            item->part_begin = characters_;
        }
        if (item != nullptr) item->has_text = true;
        const std::string text = root["delta"].text();
        characters_ += count_characters(text);
        give_text(ChatEventKind::Text, text, sink);
    }

    // Each part of a summary is a paragraph.
    void begin_summary(JsonValue root, ChatSink& sink) {
        const Item* item = find(root);
        if (item != nullptr && item->has_text) give_text(ChatEventKind::Thinking, "\n\n", sink);
    }

    void take_refusal(JsonValue root, ChatSink& sink) {
        if (Item* item = find(root)) item->has_text = true;
        give_refusal(root["delta"].text(), sink);
    }

    void give_refusal(const std::string& words, ChatSink& sink) {
        refusal_.append(words);
        if (hold(words.size(), sink)) give_text(ChatEventKind::Refusal, words, sink);
    }

    // Counts what is kept; false when it is too much.
    bool hold(std::size_t bytes, ChatSink& sink) {
        held_ += bytes;
        if (held_ > kMaxHeldBytes && !is_over_) fail(too_much_held(), sink);
        return !is_over_;
    }

    void take_arguments(JsonValue root, ChatSink& sink) {
        Item* item = find(root);
        const std::string piece = root["delta"].text();
        if (item == nullptr || !item->is_call || piece.empty()) return;
        item->has_text = true;
        give_arguments(*item, piece, sink);
    }

    void take_annotation(JsonValue root, ChatSink& sink) {
        const JsonValue annotation = root["annotation"];
        const Item* item = find(root);
        const std::size_t begin = item == nullptr ? 0 : item->part_begin;
        if (annotation.is_object())
            give_text(ChatEventKind::Annotation, nested_annotation(annotation, begin), sink);
    }

    // ---- Ends ----

    void end(JsonValue response, ChatSink& sink) {
        is_over_ = true;
        for (Item& item : items_) {
            if (item.is_call && !item.is_ended) finish_call(item, sink);
        }
        if (const auto usage = read_usage_object(response["usage"].raw()))
            sink.take({.kind = ChatEventKind::UsageSeen, .usage = &*usage});
        const Stop stop = read_responses_stop(response, refusal_);
        sink.take({.kind = ChatEventKind::StopSeen, .stop = &stop});
        sink.take({.kind = ChatEventKind::End});
    }

    void take_failure(JsonValue response, ChatSink& sink) {
        const JsonEvent event{.type = "error", .data = response["error"].raw(), .root = response};
        take_error(event, sink);
    }

    void take_error(const JsonEvent& event, ChatSink& sink) {
        const JsonValue inside = event.root["error"];
        const JsonEvent named{.type = "error",
                              .data = inside.is_object() ? inside.raw() : event.data,
                              .root = event.root};
        auto error = find_openai_stream_error(named, own_);
        if (!error) return fail(truncated_stream(), sink);
        if (error->wire_type == "error") error->wire_type.clear();
        fail(*error, sink);
    }

    void fail(const Error& error, ChatSink& sink) override {
        is_over_ = true;
        sink.take({.kind = ChatEventKind::Failed, .error = &error});
    }

    std::vector<Item> items_;
    std::string id_;
    std::string refusal_;
    std::uint32_t calls_ = 0;
    std::size_t characters_ = 0;  // of text so far
    std::size_t held_ = 0;
    bool is_started_ = false;
    VendorMeaning own_;
    bool is_over_ = false;
};

}  // namespace

std::unique_ptr<ChatStreamParser> make_responses_stream_parser(VendorMeaning own) {
    return std::make_unique<ResponsesStreamParser>(std::move(own));
}

}  // namespace aigw::protocol
