#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "protocol/annotations.h"
#include "protocol/answer_end.h"
#include "protocol/answer_ids.h"
#include "protocol/error_envelope.h"
#include "protocol/openai_answer.h"
#include "protocol/responses_answer.h"
#include "protocol/responses_reasoning.h"
#include "protocol/responses_stream.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

using Kind = ResponseItem::Kind;

// ---- Events of the wire ------------------------------------------------------------------------

// Where in the answer an event belongs.
struct Spot {
    const ResponseItem& item;
    std::size_t output = 0;
};

class Events {
public:
    std::string take() { return std::exchange(out_, {}); }
    void append(std::string_view event) { out_.append(event); }
    std::int64_t number() const { return next_; }

    // One event; `write` adds its members.
    template <class Write>
    void write(std::string_view type, Write write) {
        out_.append("event: ").append(type).append("\ndata: ");
        JsonWriter json(out_);
        json.begin_object();
        json.field("type", type);
        json.integer_field("sequence_number", next_++);
        write(json);
        json.end_object();
        out_.append("\n\n");
    }

    template <class Write>
    void write_at(std::string_view type, const Spot& spot, Write write) {
        this->write(type, [&](JsonWriter& json) {
            json.field("item_id", spot.item.id);
            json.integer_field("output_index", static_cast<std::int64_t>(spot.output));
            write(json);
        });
    }

private:
    std::string out_;
    std::int64_t next_ = 0;
};

// ---- One item: how it begins, goes on and ends
// ---------------------------------------------------

std::string_view kind_of_arguments(const CallPart& call) {
    return call.is_custom ? "response.custom_tool_call_input" : "response.function_call_arguments";
}

std::string_view kind_of_text(const ResponseText& text) {
    return text.is_refusal ? "response.refusal" : "response.output_text";
}

void write_begin(Events& events, const Spot& spot) {
    events.write("response.output_item.added", [&](JsonWriter& json) {
        json.integer_field("output_index", static_cast<std::int64_t>(spot.output));
        json.key("item");
        append_begun_item(json, spot.item);
    });
}

void write_end(Events& events, const Spot& spot, ItemStatus status) {
    events.write("response.output_item.done", [&](JsonWriter& json) {
        json.integer_field("output_index", static_cast<std::int64_t>(spot.output));
        json.key("item");
        append_response_item(json, spot.item, status);
    });
}

void write_summary_part(Events& events, const Spot& spot, std::string_view type,
                        std::string_view thoughts) {
    events.write_at(type, spot, [&](JsonWriter& json) {
        json.integer_field("summary_index", 0);
        json.key("part");
        append_summary(json, thoughts);
    });
}

// `name` is that of the text: "delta" or "text".
void write_summary_text(Events& events, const Spot& spot, std::string_view type,
                        std::string_view name, std::string_view text) {
    events.write_at(type, spot, [&](JsonWriter& json) {
        json.integer_field("summary_index", 0);
        json.field(name, text);
    });
}

void write_summary_end(Events& events, const Spot& spot) {
    if (spot.item.thoughts.empty()) return;
    write_summary_text(events, spot, "response.reasoning_summary_text.done", "text",
                       spot.item.thoughts);
    write_summary_part(events, spot, "response.reasoning_summary_part.done", spot.item.thoughts);
}

std::int64_t last_text_of(const Spot& spot) {
    return static_cast<std::int64_t>(spot.item.texts.size()) - 1;
}

void write_text_part(Events& events, const Spot& spot, std::string_view type,
                     const ResponseText& text) {
    events.write_at(type, spot, [&](JsonWriter& json) {
        json.integer_field("content_index", last_text_of(spot));
        json.key("part");
        append_response_text(json, text);
    });
}

// `name` is that of the text: "delta", "text" or "refusal".
void write_text(Events& events, const Spot& spot, std::string_view type, std::string_view name,
                std::string_view text) {
    events.write_at(type, spot, [&](JsonWriter& json) {
        json.integer_field("content_index", last_text_of(spot));
        json.field(name, text);
        if (!spot.item.texts.back().is_refusal) json.raw_field("logprobs", "[]");
    });
}

// Of a message: the last of its texts.
void write_text_end(Events& events, const Spot& spot) {
    const ResponseText& text = spot.item.texts.back();
    const std::string type = std::string(kind_of_text(text)) + ".done";
    write_text(events, spot, type, text.is_refusal ? "refusal" : "text", text.text);
    write_text_part(events, spot, "response.content_part.done", text);
}

void write_arguments(Events& events, const Spot& spot, std::string_view piece) {
    const std::string type = std::string(kind_of_arguments(spot.item.call)) + ".delta";
    events.write_at(type, spot, [&](JsonWriter& json) { json.field("delta", piece); });
}

void write_arguments_end(Events& events, const Spot& spot) {
    const CallPart& call = spot.item.call;
    const std::string type = std::string(kind_of_arguments(call)) + ".done";
    events.write_at(type, spot, [&](JsonWriter& json) {
        if (!call.is_custom) json.field("name", call.name);
        json.field(call.is_custom ? "input" : "arguments", call.arguments);
    });
}

// ---- The answer --------------------------------------------------------------------------------

class ResponsesStreamWriter final : public ChatStreamWriter {
public:
    explicit ResponsesStreamWriter(const AnswerPlan& plan) : frame_{.plan = plan} {}

    std::string take_output() override { return events_.take(); }
    bool is_over() const override { return is_over_; }

    void take(const ChatEvent& event) override {
        if (is_over_) return;
        switch (event.kind) {
            case ChatEventKind::Start:
                return start(event);
            case ChatEventKind::Text:
                return take_text(event.text, false);
            case ChatEventKind::Refusal:
                is_refused_in_words_ = true;
                return take_text(event.text, true);
            case ChatEventKind::Annotation:
                return take_annotation(event.text);
            case ChatEventKind::Thinking:
                return take_thinking(event.text);
            case ChatEventKind::Signature:
                return take_signature(event.text);
            case ChatEventKind::Redacted:
                return take_redacted(event.text);
            case ChatEventKind::Call:
                return begin_call(event);
            case ChatEventKind::Arguments:
                return take_arguments(event);
            case ChatEventKind::CallEnd:
                if (Open* call = find_call(event.call)) call->is_ended = true;
                return;
            case ChatEventKind::PartEnd:
                return end_thinking();
            case ChatEventKind::Logprobs:  // nobody asks for them: they are named as lost
            case ChatEventKind::Vendor:    // it has no equivalent
                return;
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
    // An item that has begun and has not been closed.
    struct Open {
        std::size_t output = 0;
        std::uint32_t call = 0;
        bool is_ended = false;  // nothing more comes of it
    };

    Spot spot(std::size_t output) const { return {items_[output], output}; }
    bool is_last(Kind kind) const { return !items_.empty() && items_.back().kind == kind; }

    void start(const ChatEvent& event) {
        if (event.usage != nullptr) usage_ = *event.usage;
        frame_.id = responses_answer_id(event.id, frame_.plan);
        frame_.model = event.name;
        frame_.service_tier = event.service_tier;
        for (const std::string_view type : {"response.created", "response.in_progress"}) {
            events_.write(type, [&](JsonWriter& json) {
                json.key("response");
                append_begun_response(json, frame_);
            });
        }
    }

    // Counts what is kept of the answer; false when it is too much.
    bool hold(std::size_t bytes) {
        held_ += bytes;
        if (held_ > kMaxHeldBytes) fail(too_much_held());
        return !is_over_;
    }

    // ---- Items ----

    ResponseItem& begin(ResponseItem item, std::string_view prefix, std::uint32_t call = 0) {
        close_ended();
        item.id = responses_item_id(prefix, frame_.id, items_.size());
        open_.push_back({.output = items_.size(), .call = call});
        return items_.emplace_back(std::move(item));
    }

    void announce() { write_begin(events_, spot(items_.size() - 1)); }

    // Another item begins: only calls whose arguments are still to come go on beside it.
    void close_ended() {
        std::erase_if(open_, [&](const Open& open) {
            if (items_[open.output].kind == Kind::Call && !open.is_ended) return false;
            close(open, ItemStatus::Completed);
            return true;
        });
    }

    void close(const Open& open, ItemStatus status) {
        const Spot place = spot(open.output);
        switch (place.item.kind) {
            case Kind::Reasoning:
                write_summary_end(events_, place);
                break;
            case Kind::Message:
                write_text_end(events_, place);
                break;
            case Kind::Call:
                if (place.item.call.arguments.empty() && !place.item.call.is_custom)
                    add_arguments(open.output, "{}");
                write_arguments_end(events_, place);
                break;
        }
        write_end(events_, place, status);
    }

    // ---- Texts ----

    void take_text(std::string_view text, bool is_refusal) {
        if (text.empty() || !hold(text.size())) return;
        content_bytes_ += text.size();
        if (!is_last(Kind::Message)) {
            begin({.kind = Kind::Message}, "msg_");
            announce();
        }
        begin_text(is_refusal);
        const Spot place = spot(items_.size() - 1);
        items_.back().texts.back().text.append(text);
        if (!is_refusal) characters_ += count_characters(text);
        const std::string type = std::string(kind_of_text(items_.back().texts.back())) + ".delta";
        write_text(events_, place, type, "delta", text);
    }

    // The message's last text is of that kind from here on.
    void begin_text(bool is_refusal) {
        std::vector<ResponseText>& texts = items_.back().texts;
        if (!texts.empty() && texts.back().is_refusal == is_refusal) return;
        const Spot place = spot(items_.size() - 1);
        if (!texts.empty()) write_text_end(events_, place);
        texts.push_back({.is_refusal = is_refusal, .begin = characters_});
        write_text_part(events_, place, "response.content_part.added", texts.back());
        if (is_refusal) return;
        for (const std::string& annotation : std::exchange(annotations_, {}))
            annotate(annotation, texts.back());
    }

    // One that does not say where it begins is of the text at hand, or of the next.
    void take_annotation(std::string_view json) {
        if (!hold(json.size())) return;
        const auto begin = begin_of_annotation(json);
        const bool has_text = is_last(Kind::Message) && !items_.back().texts.back().is_refusal;
        const bool is_early = begin ? *begin >= characters_ : !has_text;
        ResponseText* text = is_early ? nullptr : find_text(items_, begin);
        if (text == nullptr) {
            annotations_.emplace_back(json);
        } else {
            annotate(json, *text);
        }
    }

    // A text that has been closed has it in the whole answer only.
    void annotate(std::string_view json, ResponseText& text) {
        const std::string annotation = flat_annotation(json, text.begin);
        const bool is_open = !open_.empty() && is_last(Kind::Message) &&
                             open_.back().output + 1 == items_.size() &&
                             &text == &items_.back().texts.back();
        if (is_open) write_annotation(annotation, text.annotations.size());
        text.annotations.push_back(annotation);
    }

    void write_annotation(std::string_view annotation, std::size_t index) {
        const Spot place = spot(items_.size() - 1);
        events_.write_at("response.output_text.annotation.added", place, [&](JsonWriter& json) {
            json.integer_field("content_index", last_text_of(place));
            json.integer_field("annotation_index", static_cast<std::int64_t>(index));
            json.raw_field("annotation", annotation);
        });
    }

    // What waits for a text that never came is the last one's.
    void place_annotations() {
        ResponseText* last = find_text(items_, std::nullopt);
        for (const std::string& annotation : std::exchange(annotations_, {})) {
            if (last != nullptr) annotate(annotation, *last);
        }
    }

    // ---- Thoughts ----

    bool is_thinking() const {
        return is_last(Kind::Reasoning) && !open_.empty() && !open_.back().is_ended;
    }

    void end_thinking() {
        if (is_thinking()) open_.back().is_ended = true;
    }

    void take_thinking(std::string_view text) {
        content_bytes_ += text.size();
        if (frame_.plan.hides_thinking || text.empty() || !hold(text.size())) return;
        if (!is_thinking()) {
            begin({.kind = Kind::Reasoning}, "rs_");
            announce();
        }
        const Spot place = spot(items_.size() - 1);
        if (items_.back().thoughts.empty())
            write_summary_part(events_, place, "response.reasoning_summary_part.added", {});
        items_.back().thoughts.append(text);
        write_summary_text(events_, place, "response.reasoning_summary_text.delta", "delta", text);
    }

    void take_signature(std::string_view signature) {
        if (frame_.plan.hides_thinking || signature.empty() || !hold(signature.size())) return;
        if (!is_thinking()) {
            begin({.kind = Kind::Reasoning}, "rs_");
            announce();
        }
        items_.back().sealed = seal_signature(signature);
        end_thinking();
    }

    void take_redacted(std::string_view data) {
        if (frame_.plan.hides_thinking || !hold(data.size())) return;
        begin({.kind = Kind::Reasoning}, "rs_").sealed = seal_redacted(data);
        announce();
        end_thinking();
    }

    // ---- Calls ----

    Open* find_call(std::uint32_t number) {
        const auto found = std::find_if(open_.rbegin(), open_.rend(), [&](const Open& open) {
            return items_[open.output].kind == Kind::Call && open.call == number;
        });
        return found == open_.rend() ? nullptr : &*found;
    }

    void begin_call(const ChatEvent& event) {
        if (!hold(event.id.size() + event.name.size() + event.signature.size())) return;
        has_calls_ = true;
        begin({.kind = Kind::Call,
               .call = {.id = std::string(event.id),
                        .name = std::string(event.name),
                        .is_custom = event.is_custom,
                        .signature = std::string(event.signature)}},
              event.is_custom ? "ctc_" : "fc_", event.call);
        announce();
    }

    void take_arguments(const ChatEvent& event) {
        const Open* call = find_call(event.call);
        if (call == nullptr || call->is_ended || event.text.empty()) return;
        if (!hold(event.text.size())) return;
        content_bytes_ += event.text.size();
        add_arguments(call->output, event.text);
    }

    void add_arguments(std::size_t output, std::string_view piece) {
        items_[output].call.arguments.append(piece);
        write_arguments(events_, spot(output), piece);
    }

    // ---- Ends ----

    void end() {
        place_annotations();
        stop_ = settled_stop(std::move(stop_), has_calls_);
        if (!is_refused_in_words_) take_text(refusal_text(stop_, {}), true);
        if (is_over_) return;
        const ResponseEnd end = end_of(stop_, is_refused_in_words_);
        for (const Open& open : std::exchange(open_, {})) {
            const bool is_cut = !end.incomplete.empty() && open.output + 1 == items_.size();
            close(open, is_cut ? ItemStatus::Incomplete : ItemStatus::Completed);
        }
        const Usage usage = usage_ ? *usage_ : estimated_usage(frame_.plan, content_bytes_);
        events_.write("response." + std::string(end.status), [&](JsonWriter& json) {
            json.key("response");
            append_response(json, frame_, end, items_, usage);
        });
        is_over_ = true;
    }

    void fail(const Error& error) {
        events_.append(render_responses_error(error, events_.number()));
        is_over_ = true;
    }

    ResponseFrame frame_;
    Events events_;
    std::vector<ResponseItem> items_;
    std::vector<Open> open_;                // in the order in which they began
    std::vector<std::string> annotations_;  // of a text that may follow
    Stop stop_;
    std::optional<Usage> usage_;
    std::size_t content_bytes_ = 0;
    std::size_t characters_ = 0;  // of text so far
    std::size_t held_ = 0;
    bool has_calls_ = false;
    bool is_refused_in_words_ = false;
    bool is_over_ = false;
};

}  // namespace

std::unique_ptr<ChatStreamWriter> make_responses_stream_writer(const AnswerPlan& plan) {
    return std::make_unique<ResponsesStreamWriter>(plan);
}

}  // namespace aigw::protocol
