#include <algorithm>

#include "protocol/answer_end.h"
#include "protocol/answer_ids.h"
#include "protocol/json_writer.h"
#include "protocol/openai_answer.h"
#include "protocol/openai_reply.h"

namespace aigw::protocol {
namespace {

class Writer {
public:
    Writer(const ChatReply& reply, const AnswerPlan& plan)
        : reply_(reply), plan_(plan), stop_(settled_stop(reply.stop, has_calls(reply))) {}

    std::string run() {
        json_.begin_object();
        json_.field("id", openai_answer_id(reply_.id, plan_));
        json_.field("object", "chat.completion");
        json_.integer_field("created", plan_.created);
        json_.field("model", plan_.model.empty() ? reply_.model : plan_.model);
        json_.key("choices");
        json_.begin_array();
        write_choice();
        json_.end_array();
        json_.key("usage");
        append_openai_usage(json_, usage_of(reply_, plan_));
        const std::string_view tier = openai_service_tier(reply_.service_tier);
        if (!tier.empty()) json_.field("service_tier", tier);
        json_.end_object();
        return std::move(out_);
    }

private:
    void write_choice() {
        json_.begin_object();
        json_.integer_field("index", 0);
        json_.key("message");
        json_.begin_object();
        write_message();
        json_.end_object();
        write_logprobs();
        json_.field("finish_reason", finish_reason(stop_, plan_));
        const std::string_view extension = stop_reason_extension(stop_);
        if (!extension.empty()) json_.field("stop_reason", extension);
        json_.end_object();
    }

    void write_logprobs() {
        if (reply_.logprobs.empty()) return json_.null_field("logprobs");
        std::string object;
        append_openai_logprobs(object, reply_.logprobs);
        json_.raw_field("logprobs", object);
    }

    void write_message() {
        json_.field("role", "assistant");
        write_content();
        write_thinking();
        write_calls();
        write_list("annotations", reply_.annotations);
        std::vector<std::string> blocks;
        for (const Part& part : reply_.parts) {
            if (const auto* block = part.as<VendorPart>()) blocks.push_back(block->json);
        }
        write_list("provider_blocks", blocks);
    }

    void write_content() {
        std::string content;
        for (const Part& part : reply_.parts) {
            if (const auto* text = part.as<TextPart>()) content.append(text->text);
        }
        const std::string_view refusal = refusal_text(stop_, reply_.refusal);
        if (content.empty() && (!refusal.empty() || has_calls(reply_))) {
            json_.null_field("content");
        } else {
            json_.field("content", content);
        }
        if (refusal.empty()) {
            json_.null_field("refusal");
        } else {
            json_.field("refusal", refusal);
        }
    }

    void write_thinking() {
        if (plan_.hides_thinking) return;
        std::string reasoning;
        for (const Part& part : reply_.parts) {
            if (const auto* thinking = part.as<ThinkingPart>()) reasoning.append(thinking->text);
        }
        if (!reasoning.empty()) json_.field("reasoning_content", reasoning);
        if (!needs_thinking_blocks(reply_.parts)) return;
        json_.key("thinking_blocks");
        append_thinking_blocks(json_, reply_.parts);
    }

    void write_calls() {
        if (!has_calls(reply_)) return;
        if (plan_.uses_functions) return write_function();
        json_.key("tool_calls");
        json_.begin_array();
        for (const Part& part : reply_.parts) {
            if (const auto* call = part.as<CallPart>()) write_call(*call);
        }
        json_.end_array();
    }

    // The elder form has room for one call.
    void write_function() {
        const auto found = std::ranges::find_if(
            reply_.parts, [](const Part& part) { return part.is<CallPart>(); });
        const auto* call = found->as<CallPart>();
        json_.key("function_call");
        json_.begin_object();
        json_.field("name", call->name);
        json_.field("arguments", call->arguments);
        json_.end_object();
    }

    void write_call(const CallPart& call) {
        const std::string_view type = call.is_custom ? "custom" : "function";
        json_.begin_object();
        json_.field("id", call.id);
        json_.field("type", type);
        json_.key(type);
        json_.begin_object();
        json_.field("name", call.name);
        json_.field(call.is_custom ? "input" : "arguments", call.arguments);
        json_.end_object();
        if (!call.signature.empty()) write_signature(call.signature);
        json_.end_object();
    }

    // Gemini's OpenAI-like door wants it back here.
    void write_signature(std::string_view signature) {
        json_.key("extra_content");
        json_.begin_object();
        json_.key("google");
        json_.begin_object();
        json_.field("thought_signature", signature);
        json_.end_object();
        json_.end_object();
    }

    void write_list(std::string_view name, const std::vector<std::string>& values) {
        if (values.empty()) return;
        json_.key(name);
        json_.begin_array();
        for (const std::string& value : values) json_.raw(value);
        json_.end_array();
    }

    const ChatReply& reply_;
    const AnswerPlan& plan_;
    Stop stop_;
    std::string out_;
    JsonWriter json_{out_};
};

}  // namespace

std::string write_openai_reply(const ChatReply& reply, const AnswerPlan& plan) {
    return Writer(reply, plan).run();
}

}  // namespace aigw::protocol
