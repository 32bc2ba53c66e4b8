#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "protocol/answer_end.h"
#include "protocol/answer_ids.h"
#include "protocol/anthropic_answer.h"
#include "protocol/anthropic_stream.h"
#include "protocol/call_arguments.h"
#include "protocol/error_envelope.h"
#include "protocol/json_writer.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

enum class Block : std::uint8_t { None, Thinking, Text, Refusal, Call };

// An event that waits for the open call's end; of a call with all that has come of it.
struct Held {
    ChatEventKind kind = ChatEventKind::End;
    std::string text{};
    std::string id{};
    std::string name{};
    std::uint32_t call = 0;
    bool is_custom = false;
    bool is_ended = false;
};

class AnthropicStreamWriter final : public ChatStreamWriter {
public:
    AnthropicStreamWriter(const AnswerPlan& plan, std::string_view request_id)
        : plan_(plan), request_id_(request_id) {}

    std::string take_output() override { return std::exchange(out_, {}); }
    bool is_over() const override { return is_over_; }
    std::string_view keep_alive() const override {
        return has_begun_ ? anthropic_ping() : std::string_view{};
    }

    void take(const ChatEvent& event) override {
        if (is_over_) return;
        switch (event.kind) {
            case ChatEventKind::Start:
                return start(event);
            case ChatEventKind::Text:
            case ChatEventKind::Thinking:
            case ChatEventKind::Signature:
            case ChatEventKind::Redacted:
            case ChatEventKind::Call:
            case ChatEventKind::PartEnd:
            case ChatEventKind::Refusal:
                return write_or_hold(event);
            case ChatEventKind::Arguments:
                return take_arguments(event);
            case ChatEventKind::CallEnd:
                return take_call_end(event.call);
            case ChatEventKind::Annotation:
            case ChatEventKind::Logprobs:
            case ChatEventKind::Vendor:
                return;  // they have no equivalent
            case ChatEventKind::UsageSeen:
                usage_ = *event.usage;
                return;
            case ChatEventKind::StopSeen:
                stop_ = *event.stop;
                return;
            case ChatEventKind::End:
                return end();
            case ChatEventKind::Failed:
                return fail(*event.error);
        }
    }

private:
    // ---- Events of the wire ----

    void start(const ChatEvent& event) {
        has_begun_ = true;
        if (event.usage != nullptr) usage_ = *event.usage;
        out_.append("event: message_start\ndata: ");
        JsonWriter json(out_);
        json.begin_object();
        json.field("type", "message_start");
        json.key("message");
        json.begin_object();
        json.field("id", anthropic_answer_id(event.id, plan_));
        json.field("type", "message");
        json.field("role", "assistant");
        json.field("model", plan_.model.empty() ? event.name : std::string_view(plan_.model));
        json.raw_field("content", "[]");
        json.null_field("stop_reason");
        json.null_field("stop_sequence");
        json.key("usage");
        append_anthropic_usage(json, usage_ ? *usage_ : Usage{.input_tokens = plan_.input_tokens});
        json.end_object();
        json.end_object();
        out_.append("\n\n");
    }

    // `content_block`: its members after the type.
    void begin_block(Block block, std::string_view type, std::string_view members) {
        open_ = block;
        out_.append("event: content_block_start\n");
        out_.append(R"(data: {"type":"content_block_start","index":)");
        out_.append(std::to_string(next_index_)).append(R"(,"content_block":{"type":")");
        out_.append(type).append("\",").append(members).append("}}\n\n");
    }

    void write_delta(std::string_view type, std::string_view name, std::string_view text) {
        out_.append("event: content_block_delta\n");
        out_.append(R"(data: {"type":"content_block_delta","index":)");
        out_.append(std::to_string(next_index_)).append(R"(,"delta":{"type":")");
        out_.append(type).append("\",\"").append(name).append("\":");
        append_json_string(out_, text);
        out_.append("}}\n\n");
    }

    void close_block() {
        if (open_ == Block::None) return;
        open_ = Block::None;
        out_.append("event: content_block_stop\n");
        out_.append(R"(data: {"type":"content_block_stop","index":)");
        out_.append(std::to_string(next_index_++)).append("}\n\n");
    }

    // ---- What comes while a call is open waits for its end ----

    void write_or_hold(const ChatEvent& event) {
        if (open_ != Block::Call) {
            write(event.kind, event.text, event);
        } else {
            hold(event);
        }
    }

    void hold(const ChatEvent& event) {
        const bool goes_on = event.kind == ChatEventKind::Text && !held_.empty() &&
                             held_.back().kind == ChatEventKind::Text;
        if (goes_on) {
            held_.back().text.append(event.text);
        } else {
            held_.push_back({.kind = event.kind,
                             .text = std::string(event.text),
                             .id = std::string(event.id),
                             .name = std::string(event.name),
                             .call = event.call,
                             .is_custom = event.is_custom});
        }
        count_held(sizeof(Held) + event.text.size() + event.id.size() + event.name.size());
    }

    void count_held(std::size_t bytes) {
        held_bytes_ += bytes;
        if (held_bytes_ > kMaxHeldBytes) fail(too_much_held());
    }

    Held* find_held(std::uint32_t call) {
        const auto found = std::find_if(held_.rbegin(), held_.rend(), [&](const Held& held) {
            return held.kind == ChatEventKind::Call && held.call == call;
        });
        return found == held_.rend() ? nullptr : &*found;
    }

    // The open call has ended: what has waited goes out, up to the next call that has not.
    void write_held() {
        std::size_t done = 0;
        while (done < held_.size() && open_ != Block::Call) {
            const Held held = std::move(held_[done++]);
            const ChatEvent event{.kind = held.kind,
                                  .text = held.text,
                                  .id = held.id,
                                  .name = held.name,
                                  .call = held.call,
                                  .is_custom = held.is_custom};
            if (held.kind != ChatEventKind::Call) {
                write(held.kind, held.text, event);
                continue;
            }
            begin_call(event);
            write_arguments(held.text);
            if (held.is_ended) end_call();
        }
        held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(done));
        if (held_.empty()) held_bytes_ = blanks_.size();
    }

    // ---- Content ----

    void write(ChatEventKind kind, std::string_view text, const ChatEvent& event) {
        switch (kind) {
            case ChatEventKind::Text:
                return write_text(Block::Text, text);
            case ChatEventKind::Refusal:
                return write_text(Block::Refusal, text);
            case ChatEventKind::Thinking:
                return write_thinking(text);
            case ChatEventKind::Signature:
                return write_signature(text);
            case ChatEventKind::Redacted:
                return write_redacted(text);
            case ChatEventKind::Call:
                return begin_call(event);
            case ChatEventKind::PartEnd:
                close_block();
                return drop_blanks();
            case ChatEventKind::Start:
            case ChatEventKind::Arguments:
            case ChatEventKind::CallEnd:
            case ChatEventKind::Annotation:
            case ChatEventKind::Logprobs:
            case ChatEventKind::Vendor:
            case ChatEventKind::UsageSeen:
            case ChatEventKind::StopSeen:
            case ChatEventKind::End:
            case ChatEventKind::Failed:
                return;  // these never wait
        }
    }

    // Blanks wait until something visible follows: a block of blanks is refused when it comes back.
    void write_text(Block block, std::string_view text) {
        content_bytes_ += text.size();
        if (open_ == block) return write_delta("text_delta", "text", text);
        if (blanks_block_ != block) drop_blanks();
        blanks_block_ = block;
        if (is_blank(text)) {
            blanks_.append(text);
            return count_held(text.size());
        }
        close_block();
        begin_block(block, "text", R"("text":"")");
        if (blanks_.empty()) return write_delta("text_delta", "text", text);
        write_delta("text_delta", "text", blanks_ + std::string(text));
        drop_blanks();
    }

    void drop_blanks() {
        held_bytes_ -= blanks_.size();
        blanks_.clear();
    }

    void open_thinking() {
        if (open_ == Block::Thinking) return;
        close_block();
        begin_block(Block::Thinking, "thinking", R"("thinking":"","signature":"")");
    }

    void write_thinking(std::string_view text) {
        content_bytes_ += text.size();
        if (plan_.hides_thinking) return;
        open_thinking();
        write_delta("thinking_delta", "thinking", text);
    }

    // Only what the vendor signed has one.
    void write_signature(std::string_view signature) {
        if (plan_.hides_thinking) return;
        open_thinking();
        write_delta("signature_delta", "signature", signature);
        close_block();
    }

    void write_redacted(std::string_view data) {
        if (plan_.hides_thinking) return;
        close_block();
        std::string member = R"("data":)";
        append_json_string(member, data);
        begin_block(Block::Thinking, "redacted_thinking", member);
        close_block();
    }

    // ---- Calls ----

    void begin_call(const ChatEvent& event) {
        close_block();
        has_calls_ = true;
        open_call_ = event.call;
        is_custom_ = event.is_custom;
        std::string members = R"("id":)";
        append_json_string(members, anthropic_call_id(event.id, plan_));
        members.append(R"(,"name":)");
        append_json_string(members, event.name);
        begin_block(Block::Call, "tool_use", members.append(R"(,"input":{})"));
    }

    void take_arguments(const ChatEvent& event) {
        content_bytes_ += event.text.size();
        if (open_ == Block::Call && open_call_ == event.call) return write_arguments(event.text);
        Held* held = find_held(event.call);
        if (held == nullptr || held->is_ended) return;
        held->text.append(event.text);
        count_held(event.text.size());
    }

    // A custom tool's input is put into an object when it is whole.
    void write_arguments(std::string_view piece) {
        if (piece.empty()) return;
        if (!is_custom_) return write_delta("input_json_delta", "partial_json", piece);
        custom_input_.append(piece);
        count_held(piece.size());
    }

    void take_call_end(std::uint32_t call) {
        if (open_ == Block::Call && open_call_ == call) {
            end_call();
            write_held();
        } else if (Held* held = find_held(call)) {
            held->is_ended = true;
        }
    }

    void end_call() {
        if (is_custom_)
            write_delta("input_json_delta", "partial_json", custom_input(custom_input_));
        custom_input_.clear();
        close_block();
    }

    // ---- Ends ----

    void end() {
        while (open_ == Block::Call && !is_over_) {
            end_call();
            write_held();
        }
        close_block();
        out_.append("event: message_delta\ndata: ");
        JsonWriter json(out_);
        json.begin_object();
        json.field("type", "message_delta");
        json.key("delta");
        json.begin_object();
        append_anthropic_stop(json, settled_stop(std::move(stop_), has_calls_), plan_);
        json.end_object();
        json.key("usage");
        append_anthropic_usage(json, usage_ ? *usage_ : estimated_usage(plan_, content_bytes_));
        json.end_object();
        out_.append("\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
        is_over_ = true;
    }

    void fail(const Error& error) {
        if (is_over_) return;
        out_.append(render_stream_error(error, Envelope::Anthropic, request_id_));
        is_over_ = true;
    }

    const AnswerPlan& plan_;
    const std::string request_id_;
    std::string out_;
    Block open_ = Block::None;
    std::size_t next_index_ = 0;  // of the open block, else of the next one
    std::uint32_t open_call_ = 0;
    bool is_custom_ = false;  // the open call
    std::string custom_input_;
    std::string blanks_;  // of a text that may follow
    Block blanks_block_ = Block::None;
    std::vector<Held> held_;
    std::size_t held_bytes_ = 0;
    Stop stop_;
    std::optional<Usage> usage_;
    std::size_t content_bytes_ = 0;
    bool has_calls_ = false;
    bool has_begun_ = false;
    bool is_over_ = false;
};

}  // namespace

std::unique_ptr<ChatStreamWriter> make_anthropic_stream_writer(const AnswerPlan& plan,
                                                               std::string_view request_id) {
    return std::make_unique<AnthropicStreamWriter>(plan, request_id);
}

std::string_view anthropic_ping() {
    return "event: ping\ndata: {\"type\":\"ping\"}\n\n";
}

}  // namespace aigw::protocol
