#include <string>
#include <utility>

#include "protocol/annotations.h"
#include "protocol/answer_ids.h"
#include "protocol/call_arguments.h"
#include "protocol/reply_usage.h"
#include "protocol/responses_output.h"
#include "protocol/responses_reasoning.h"
#include "protocol/responses_reply.h"

namespace aigw::protocol {
namespace {

class Reader {
public:
    explicit Reader(JsonValue body)
        : body_(body), reply_{.id = body["id"].text(), .model = body["model"].text()} {}

    ChatReply run() {
        for (const JsonValue& item : body_["output"]) read_item(item);
        reply_.stop = read_responses_stop(body_, reply_.refusal);
        reply_.usage = read_usage_object(body_["usage"].raw());
        reply_.service_tier = body_["service_tier"].text();
        return std::move(reply_);
    }

private:
    void read_item(JsonValue item) {
        const JsonValue type = item["type"];
        if (type.is("message")) return read_message(item);
        if (type.is("reasoning")) return read_reasoning(item);
        if (type.is("function_call")) return read_call(item, false);
        if (type.is("custom_tool_call")) return read_call(item, true);
        VendorPart part{.type = type.text()};
        append_compact(part.json, item.raw());
        push(std::move(part));
    }

    template <class T>
    void push(T part) {
        reply_.parts.push_back({.value = std::move(part)});
    }

    void read_message(JsonValue item) {
        for (const JsonValue& part : item["content"]) {
            part["refusal"].append_text(reply_.refusal);
            for (const JsonValue& annotation : part["annotations"])
                reply_.annotations.push_back(nested_annotation(annotation, characters_));
            std::string text = part["text"].text();
            characters_ += count_characters(text);
            if (!text.empty()) push(TextPart{std::move(text)});
        }
    }

    void read_reasoning(JsonValue item) {
        if (auto part = read_reasoning_item(item)) reply_.parts.push_back(*std::move(part));
    }

    void read_call(JsonValue item, bool is_custom) {
        CallPart call{
            .id = item["call_id"].text(),
            .name = item["name"].text(),
            .arguments = is_custom ? item["input"].text() : arguments_object(item["arguments"]),
            .is_custom = is_custom};
        if (call.id.empty()) call.id = made_call_id(reply_.id, calls_);
        if (call.name.empty()) call.name = made_call_name(calls_);
        ++calls_;
        push(std::move(call));
    }

    JsonValue body_;
    ChatReply reply_;
    std::size_t characters_ = 0;  // of text so far
    std::size_t calls_ = 0;
};

}  // namespace

Result<ChatReply> read_responses_reply(JsonValue body) {
    if (!body["output"].is_array())
        return Error{ErrorCode::UpstreamInvalid, "the upstream's answer has no output in it"};
    return Reader(body).run();
}

}  // namespace aigw::protocol
