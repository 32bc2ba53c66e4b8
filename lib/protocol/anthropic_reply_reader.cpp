#include "protocol/annotations.h"
#include "protocol/answer_ids.h"
#include "protocol/anthropic_answer.h"
#include "protocol/anthropic_reply.h"

namespace aigw::protocol {
namespace {

class Reader {
public:
    explicit Reader(JsonValue body) : body_(body) {}

    ChatReply run() {
        reply_.id = body_["id"].text();
        reply_.model = body_["model"].text();
        for (const JsonValue& block : body_["content"]) read_block(block);
        merge_anthropic_stop(body_, reply_.stop);
        AnthropicUsage usage;
        usage.merge(body_["usage"]);
        reply_.usage = usage.usage();
        reply_.service_tier = body_["usage"]["service_tier"].text();
        return std::move(reply_);
    }

private:
    void read_block(JsonValue block) {
        const JsonValue type = block["type"];
        if (type.is("text")) {
            read_text(block);
        } else if (type.is("thinking")) {
            push(ThinkingPart{.text = block["thinking"].text(),
                              .signature = block["signature"].text()});
        } else if (type.is("redacted_thinking")) {
            push(RedactedThinkingPart{.data = block["data"].text()});
        } else if (type.is("tool_use")) {
            read_call(block);
        } else {
            VendorPart part{.type = type.text()};
            append_compact(part.json, block.raw());
            push(std::move(part));
        }
    }

    // A text's citations are of all of it.
    void read_text(JsonValue block) {
        TextPart text{.text = block["text"].text()};
        const std::size_t begin = characters_;
        characters_ += count_characters(text.text);
        const JsonValue citations = block["citations"];
        if (citations.is_array()) {
            for (const JsonValue& citation : citations) {
                if (const auto web = read_web_citation(citation))
                    reply_.annotations.push_back(url_annotation(*web, begin, characters_));
            }
        }
        push(std::move(text));
    }

    void read_call(JsonValue block) {
        CallPart call{.id = block["id"].text(), .name = block["name"].text()};
        const JsonValue input = block["input"];
        append_compact(call.arguments, input.is_object() ? input.raw() : "{}");
        if (call.id.empty()) call.id = made_call_id(reply_.id, calls_);
        if (call.name.empty()) call.name = made_call_name(calls_);
        ++calls_;
        push(std::move(call));
    }

    template <class T>
    void push(T part) {
        reply_.parts.push_back({.value = std::move(part)});
    }

    JsonValue body_;
    ChatReply reply_;
    std::size_t characters_ = 0;
    std::size_t calls_ = 0;
};

}  // namespace

Result<ChatReply> read_anthropic_reply(JsonValue body) {
    if (!body["content"].is_array())
        return Error{ErrorCode::UpstreamInvalid, "the upstream's answer is no message"};
    return Reader(body).run();
}

}  // namespace aigw::protocol
