#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/annotations.h"
#include "protocol/answer_ids.h"
#include "protocol/anthropic_answer.h"
#include "protocol/anthropic_stream.h"
#include "protocol/call_arguments.h"
#include "protocol/json_stream_parser.h"
#include "protocol/json_writer.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

enum class BlockKind : std::uint8_t { Text, Thinking, Redacted, Call, Vendor };

// A block that has begun.
struct Block {
    std::int64_t index = 0;
    BlockKind kind = BlockKind::Text;
    std::uint32_t call = 0;                // of a call: its number
    std::string type{};                    // of a vendor's own
    std::string json{};                    // of a vendor's own: the block as it began
    std::string input{};                   // of a call, a vendor's own: what the block holds itself
    std::string signature{};               // of thinking
    std::size_t begin = 0;                 // of a text: characters before it
    std::vector<WebCitation> citations{};  // of a text
    bool has_arguments = false;            // a call's have come
    ObjectProgress progress{};             // of a call's arguments
    std::size_t held = 0;                  // bytes of it that are counted as held back
};

BlockKind kind_of(JsonValue type) {
    if (type.is("text")) return BlockKind::Text;
    if (type.is("thinking")) return BlockKind::Thinking;
    if (type.is("redacted_thinking")) return BlockKind::Redacted;
    if (type.is("tool_use")) return BlockKind::Call;
    return BlockKind::Vendor;
}

// The block with the input that came in pieces after it.
std::string with_input(const std::string& block, const std::string& input) {
    JsonTree block_tree;
    JsonTree input_tree;
    const auto root = block_tree.parse(block);
    const auto value = input_tree.parse(input);
    if (!root || !value) return block;
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    for (const JsonValue& member : *root) {
        if (!member.has_key("input")) json.raw_field(member.key(), member.raw());
    }
    json.key("input");
    json.raw("");
    append_compact(out, input);
    json.end_object();
    return out;
}

class AnthropicStreamParser final : public JsonStreamParser {
public:
    bool is_over() const override { return is_over_; }

private:
    void close(const Error& error, ChatSink& sink) override {
        if (!has_stop_) return fail(error, sink);
        end(sink);
    }

    void take(const JsonEvent& event, ChatSink& sink) override {
        if (event.is_done) return;
        if (const auto error = find_anthropic_stream_error(event)) return fail(*error, sink);
        event_type_.clear();
        event.root["type"].append_text(event_type_);
        const std::string_view type = event_type_.empty() ? event.type : event_type_;
        if (type == "content_block_delta") {
            take_delta(event.root, sink);
        } else if (type == "content_block_start") {
            begin_block(event.root, sink);
        } else if (type == "content_block_stop") {
            end_block(event.root["index"].integer().value_or(0), sink);
        } else if (type == "message_start") {
            begin(event.root["message"], sink);
        } else if (type == "message_delta") {
            take_message_delta(event.root, sink);
        } else if (type == "message_stop") {
            end(sink);
        }
    }

    void begin(JsonValue message, ChatSink& sink) {
        usage_.merge(message["usage"]);
        if (is_started_) return;
        is_started_ = true;
        id_ = message["id"].text();
        const std::string model = message["model"].text();
        const std::string tier = message["usage"]["service_tier"].text();
        const auto usage = usage_.usage();
        sink.take({.kind = ChatEventKind::Start,
                   .id = id_,
                   .name = model,
                   .service_tier = tier,
                   .usage = usage ? &*usage : nullptr});
    }

    void take_message_delta(JsonValue root, ChatSink& sink) {
        begin({}, sink);
        const JsonValue delta = root["delta"];
        has_stop_ = has_stop_ || delta["stop_reason"].is_string();
        merge_anthropic_stop(delta, stop_);
        usage_.merge(root["usage"]);
        if (const auto usage = usage_.usage())
            sink.take({.kind = ChatEventKind::UsageSeen, .usage = &*usage});
    }

    // ---- Blocks ----

    Block* find_block(std::int64_t index) {
        const auto found = std::ranges::find(blocks_, index, &Block::index);
        return found == blocks_.end() ? nullptr : &*found;
    }

    void begin_block(JsonValue root, ChatSink& sink) {
        begin({}, sink);
        const JsonValue content = root["content_block"];
        const std::int64_t index = root["index"].integer().value_or(0);
        end_block(index, sink);  // nothing, unless its stop has been forgotten
        if (is_over_ || blocks_.size() == kMaxCalls) return;
        Block& block = blocks_.emplace_back(
            Block{.index = index, .kind = kind_of(content["type"]), .begin = characters_});
        switch (block.kind) {
            case BlockKind::Text:
                give_text(content["text"], sink);
                return take_citations(content["citations"], block, sink);
            case BlockKind::Thinking:
                block.signature = content["signature"].text();
                return give(ChatEventKind::Thinking, content["thinking"], sink);
            case BlockKind::Redacted:
                return give(ChatEventKind::Redacted, content["data"], sink);
            case BlockKind::Call:
                return begin_call(content, block, sink);
            case BlockKind::Vendor:
                block.type = content["type"].text();
                if (content.is_object()) append_compact(block.json, content.raw());
                return hold(block.json.size(), block, sink);
        }
    }

    // Counted over calls, not over blocks.
    void begin_call(JsonValue content, Block& block, ChatSink& sink) {
        if (next_call_ == kMaxCalls) return fail(too_many_calls(), sink);
        block.call = next_call_++;
        const JsonValue input = content["input"];
        if (input.is_object() && input.size() > 0) append_compact(block.input, input.raw());
        std::string id = content["id"].text();
        std::string name = content["name"].text();
        if (id.empty()) id = made_call_id(id_, block.call);
        if (name.empty()) name = made_call_name(block.call);
        sink.take({.kind = ChatEventKind::Call, .id = id, .name = name, .call = block.call});
    }

    void take_delta(JsonValue root, ChatSink& sink) {
        begin({}, sink);
        const JsonValue delta = root["delta"];
        const JsonValue type = delta["type"];
        Block* block = find_block(root["index"].integer().value_or(0));
        // A text whose block's start has not come is a text all the same.
        const auto is_in = [&](BlockKind kind) { return block == nullptr || block->kind == kind; };
        if (type.is("text_delta")) {
            if (is_in(BlockKind::Text)) give_text(delta["text"], sink);
        } else if (type.is("thinking_delta")) {
            if (is_in(BlockKind::Thinking)) give(ChatEventKind::Thinking, delta["thinking"], sink);
        } else if (block == nullptr) {
            return;
        } else if (type.is("input_json_delta")) {
            take_input(delta["partial_json"], *block, sink);
        } else if (type.is("signature_delta") && block->kind == BlockKind::Thinking) {
            const std::size_t before = block->signature.size();
            delta["signature"].append_text(block->signature);
            hold(block->signature.size() - before, *block, sink);
        } else if (type.is("citations_delta") && block->kind == BlockKind::Text) {
            take_citation(delta["citation"], *block, sink);
        }
    }

    void give(ChatEventKind kind, JsonValue text, ChatSink& sink) {
        text_.clear();
        text.append_text(text_);
        if (!text_.empty()) sink.take({.kind = kind, .text = text_});
    }

    void give_text(JsonValue text, ChatSink& sink) {
        give(ChatEventKind::Text, text, sink);
        characters_ += count_characters(text_);
    }

    void take_input(JsonValue piece, Block& block, ChatSink& sink) {
        text_.clear();
        piece.append_text(text_);
        if (text_.empty()) return;
        if (block.kind == BlockKind::Call) {
            take_arguments(block, sink);
        } else if (block.kind == BlockKind::Vendor) {
            block.input.append(text_);
            hold(text_.size(), block, sink);
        }
    }

    // What does not begin as an object waits, to be put into one.
    void take_arguments(Block& block, ChatSink& sink) {
        if (!block.has_arguments) block.input.clear();
        block.has_arguments = true;
        const std::string_view piece = block.progress.take(text_);
        if (piece.empty()) return;
        if (block.progress.state() != ObjectProgress::State::NoObject)
            return sink.take({.kind = ChatEventKind::Arguments, .text = piece, .call = block.call});
        block.input.append(piece);
        hold(piece.size(), block, sink);
    }

    void take_citations(JsonValue list, Block& block, ChatSink& sink) {
        if (!list.is_array()) return;
        for (const JsonValue& citation : list) take_citation(citation, block, sink);
    }

    void take_citation(JsonValue citation, Block& block, ChatSink& sink) {
        auto web = read_web_citation(citation);
        if (!web || is_over_) return;
        hold(web->url.size() + web->title.size(), block, sink);
        block.citations.push_back(*std::move(web));
    }

    void end_block(std::int64_t index, ChatSink& sink) {
        Block* const found = find_block(index);
        if (found == nullptr) return;
        const Block block = std::move(*found);
        blocks_.erase(blocks_.begin() + (found - blocks_.data()));
        held_ -= block.held;
        close(block, sink);
    }

    // What is known only when the block is whole.
    void close(const Block& block, ChatSink& sink) {
        switch (block.kind) {
            case BlockKind::Text:
                give_citations(block, sink);
                break;
            case BlockKind::Thinking:
                if (!block.signature.empty())
                    sink.take({.kind = ChatEventKind::Signature, .text = block.signature});
                break;
            case BlockKind::Redacted:
                break;
            case BlockKind::Call:
                close_call(block, sink);
                break;
            case BlockKind::Vendor:
                give_vendor_block(block, sink);
                break;
        }
        sink.take({.kind = ChatEventKind::PartEnd});
    }

    // The input that the block itself had, or what is no object.
    static void close_call(const Block& block, ChatSink& sink) {
        if (!block.input.empty()) {
            const std::string whole = arguments_object(block.input);
            sink.take({.kind = ChatEventKind::Arguments, .text = whole, .call = block.call});
        }
        sink.take({.kind = ChatEventKind::CallEnd, .call = block.call});
    }

    void give_citations(const Block& block, ChatSink& sink) {
        for (const WebCitation& citation : block.citations) {
            const std::string annotation = url_annotation(citation, block.begin, characters_);
            sink.take({.kind = ChatEventKind::Annotation, .text = annotation});
        }
    }

    static void give_vendor_block(const Block& block, ChatSink& sink) {
        if (block.json.empty()) return;
        const std::string json =
            block.input.empty() ? block.json : with_input(block.json, block.input);
        sink.take({.kind = ChatEventKind::Vendor, .text = json, .name = block.type});
    }

    // ---- Ends ----

    void hold(std::size_t bytes, Block& block, ChatSink& sink) {
        block.held += bytes;
        held_ += bytes;
        if (held_ > kMaxHeldBytes && !is_over_) fail(too_much_held(), sink);
    }

    void end(ChatSink& sink) {
        begin({}, sink);
        is_over_ = true;
        for (const Block& block : blocks_) close(block, sink);
        sink.take({.kind = ChatEventKind::StopSeen, .stop = &stop_});
        sink.take({.kind = ChatEventKind::End});
    }

    void fail(const Error& error, ChatSink& sink) override {
        is_over_ = true;
        sink.take({.kind = ChatEventKind::Failed, .error = &error});
    }

    AnthropicUsage usage_;
    Stop stop_;
    std::string id_;
    std::vector<Block> blocks_;
    std::uint32_t next_call_ = 0;
    std::size_t characters_ = 0;  // of text so far
    std::size_t held_ = 0;
    bool is_started_ = false;
    bool has_stop_ = false;
    bool is_over_ = false;
    std::string event_type_;  // of the event at hand; its memory is kept
    std::string text_;        // likewise
};

}  // namespace

std::unique_ptr<ChatStreamParser> make_anthropic_stream_parser() {
    return std::make_unique<AnthropicStreamParser>();
}

}  // namespace aigw::protocol
