#include <utility>
#include <vector>

#include "protocol/annotations.h"
#include "protocol/answer_end.h"
#include "protocol/answer_ids.h"
#include "protocol/openai_answer.h"
#include "protocol/responses_answer.h"
#include "protocol/responses_reasoning.h"
#include "protocol/responses_reply.h"

namespace aigw::protocol {
namespace {

using Kind = ResponseItem::Kind;

// The items of an answer.
class Output {
public:
    explicit Output(std::string_view answer_id) : answer_id_(answer_id) {}

    void add(const Part& part) {
        if (const auto* text = part.as<TextPart>()) {
            add_text(text->text);
        } else if (const auto* thinking = part.as<ThinkingPart>()) {
            add_thinking(*thinking);
        } else if (const auto* redacted = part.as<RedactedThinkingPart>()) {
            begin(Kind::Reasoning, "rs_").sealed = seal_redacted(redacted->data);
        } else if (const auto* call = part.as<CallPart>()) {
            begin(Kind::Call, call->is_custom ? "ctc_" : "fc_").call = *call;
        }
    }

    void add_refusal(std::string_view words) {
        if (words.empty()) return;
        message().texts.push_back({.is_refusal = true, .text = std::string(words)});
    }

    // One that does not say where it begins is the last text's.
    void annotate(const std::vector<std::string>& annotations) {
        for (const std::string& annotation : annotations) {
            ResponseText* text = find_text(items_, begin_of_annotation(annotation));
            if (text != nullptr)
                text->annotations.push_back(flat_annotation(annotation, text->begin));
        }
    }

    const std::vector<ResponseItem>& items() const { return items_; }

private:
    ResponseItem& begin(Kind kind, std::string_view prefix) {
        const std::string id = responses_item_id(prefix, answer_id_, items_.size());
        return items_.emplace_back(ResponseItem{.kind = kind, .id = id});
    }

    ResponseItem& message() {
        const bool goes_on = !items_.empty() && items_.back().kind == Kind::Message;
        return goes_on ? items_.back() : begin(Kind::Message, "msg_");
    }

    void add_text(std::string_view text) {
        if (text.empty()) return;
        ResponseItem& item = message();
        if (item.texts.empty()) item.texts.push_back({.begin = characters_});
        item.texts.front().text.append(text);
        characters_ += count_characters(text);
    }

    void add_thinking(const ThinkingPart& thinking) {
        if (thinking.text.empty() && thinking.signature.empty()) return;
        ResponseItem& item = begin(Kind::Reasoning, "rs_");
        item.thoughts = thinking.text;
        if (!thinking.signature.empty()) item.sealed = seal_signature(thinking.signature);
    }

    std::string_view answer_id_;
    std::vector<ResponseItem> items_;
    std::size_t characters_ = 0;  // of text so far
};

}  // namespace

std::string write_responses_reply(const ChatReply& reply, const AnswerPlan& plan) {
    const ResponseFrame frame{.plan = plan,
                              .id = responses_answer_id(reply.id, plan),
                              .model = reply.model,
                              .service_tier = reply.service_tier};
    const Stop stop = settled_stop(reply.stop, has_calls(reply));
    Output output(frame.id);
    for (const Part& part : reply.parts) {
        const bool is_hidden =
            plan.hides_thinking && (part.is<ThinkingPart>() || part.is<RedactedThinkingPart>());
        if (!is_hidden) output.add(part);
    }
    output.annotate(reply.annotations);
    output.add_refusal(refusal_text(stop, reply.refusal));
    std::string body;
    JsonWriter json(body);
    append_response(json, frame, end_of(stop, !reply.refusal.empty()), output.items(),
                    usage_of(reply, plan));
    return body;
}

}  // namespace aigw::protocol
