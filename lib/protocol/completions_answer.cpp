#include "protocol/completions_answer.h"

#include <optional>
#include <utility>

#include "base/text.h"
#include "protocol/answer_end.h"
#include "protocol/error_envelope.h"
#include "protocol/json_writer.h"
#include "protocol/openai_answer.h"

namespace aigw::protocol {
namespace {

// An answer's members before its choices.
void append_head(JsonWriter& json, std::string_view id, std::string_view model,
                 const AnswerPlan& plan) {
    json.field("id", "cmpl-" + std::string(id.empty() ? std::string_view(plan.fallback_id) : id));
    json.field("object", "text_completion");
    json.integer_field("created", plan.created);
    json.field("model", plan.model.empty() ? model : std::string_view(plan.model));
}

// `finish`: empty while the answer goes on.
void append_choice(JsonWriter& json, std::string_view text, std::string_view finish) {
    json.begin_object();
    json.field("text", text);
    json.integer_field("index", 0);
    json.null_field("logprobs");
    if (finish.empty()) {
        json.null_field("finish_reason");
    } else {
        json.field("finish_reason", finish);
    }
    json.end_object();
}

class CompletionStreamWriter final : public ChatStreamWriter {
public:
    explicit CompletionStreamWriter(const AnswerPlan& plan) : plan_(plan) {}

    std::string take_output() override { return std::exchange(out_, {}); }
    bool is_over() const override { return is_over_; }

    void take(const ChatEvent& event) override {
        if (is_over_) return;
        switch (event.kind) {
            case ChatEventKind::Start:
                return start(event);
            case ChatEventKind::Text:
            case ChatEventKind::Refusal:
                return write_text(event.text);
            case ChatEventKind::Thinking:
                content_bytes_ += event.text.size();
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
                out_.append(render_stream_error(*event.error, Envelope::OpenAi, {}));
                is_over_ = true;
                return;
            case ChatEventKind::Signature:
            case ChatEventKind::Redacted:
            case ChatEventKind::Call:
            case ChatEventKind::Arguments:
            case ChatEventKind::CallEnd:
            case ChatEventKind::PartEnd:
            case ChatEventKind::Annotation:
            case ChatEventKind::Logprobs:
            case ChatEventKind::Vendor:
                return;  // they have no place in a text
        }
    }

private:
    void start(const ChatEvent& event) {
        if (event.usage != nullptr) usage_ = *event.usage;
        JsonWriter json(head_);
        json.begin_object();
        append_head(json, event.id, event.name, plan_);
        json.key("choices");
        head_.insert(0, "data: ");
    }

    void write_text(std::string_view text) {
        content_bytes_ += text.size();
        if (!text.empty()) write_chunk(text, {});
    }

    void write_chunk(std::string_view text, std::string_view finish) {
        out_.append(head_).append("[");
        JsonWriter json(out_);
        append_choice(json, text, finish);
        out_.append("]");
        if (plan_.wants_usage) out_.append(R"(,"usage":null)");
        out_.append("}\n\n");
    }

    void end() {
        const Stop stop = settled_stop(std::move(stop_), false);
        write_chunk({}, finish_reason(stop, plan_));
        if (plan_.wants_usage) {
            out_.append(head_).append(R"([],"usage":)");
            JsonWriter json(out_);
            append_openai_usage(json, usage_ ? *usage_ : estimated_usage(plan_, content_bytes_));
            out_.append("}\n\n");
        }
        out_.append("data: [DONE]\n\n");
        is_over_ = true;
    }

    const AnswerPlan& plan_;
    std::string out_;
    std::string head_;  // of every chunk, up to its choices
    Stop stop_;
    std::optional<Usage> usage_;
    std::size_t content_bytes_ = 0;
    bool is_over_ = false;
};

}  // namespace

std::string write_completion(const ChatReply& reply, const AnswerPlan& plan) {
    std::string text;
    for (const Part& part : reply.parts) {
        if (const auto* words = part.as<TextPart>()) text.append(words->text);
    }
    text.append(reply.refusal);
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    append_head(json, reply.id, reply.model, plan);
    json.key("choices");
    json.begin_array();
    append_choice(json, text, finish_reason(settled_stop(reply.stop, false), plan));
    json.end_array();
    json.key("usage");
    append_openai_usage(json, usage_of(reply, plan));
    json.end_object();
    return out;
}

std::unique_ptr<ChatStreamWriter> make_completion_stream_writer(const AnswerPlan& plan) {
    return std::make_unique<CompletionStreamWriter>(plan);
}

}  // namespace aigw::protocol
