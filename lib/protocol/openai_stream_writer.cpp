#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "protocol/answer_end.h"
#include "protocol/answer_ids.h"
#include "protocol/error_envelope.h"
#include "protocol/json_writer.h"
#include "protocol/openai_answer.h"
#include "protocol/openai_stream.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

class OpenAiStreamWriter final : public ChatStreamWriter {
public:
    explicit OpenAiStreamWriter(const AnswerPlan& plan) : plan_(plan) {}

    std::string take_output() override { return std::exchange(out_, {}); }
    bool is_over() const override { return is_over_; }

    void take(const ChatEvent& event) override {
        if (is_over_) return;
        switch (event.kind) {
            case ChatEventKind::Start:
                return start(event);
            case ChatEventKind::Text:
                return write_text(event.text);
            case ChatEventKind::Thinking:
                return write_thinking(event.text);
            case ChatEventKind::Signature:
                return keep_signature(event.text);
            case ChatEventKind::Redacted:
                return keep_redacted(event.text);
            case ChatEventKind::Call:
                return begin_call(event);
            case ChatEventKind::Arguments:
                return write_arguments(event);
            case ChatEventKind::CallEnd:
                return end_call(event.call);
            case ChatEventKind::PartEnd:
                is_thinking_open_ = false;
                return;
            case ChatEventKind::Refusal:
                has_refusal_ = true;
                content_bytes_ += event.text.size();
                return write_field("refusal", event.text);
            case ChatEventKind::Annotation:
                return keep(event.text, annotations_);
            case ChatEventKind::Logprobs:
                return keep_logprobs(event.text);
            case ChatEventKind::Vendor:
                return keep(event.text, vendor_blocks_);
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
    struct Call {
        std::uint32_t number = 0;
        std::size_t index = 0;
        bool is_custom = false;
        bool has_arguments = false;
        bool is_ended = false;
    };

    // ---- Chunks: head_, the delta, tail_ ----

    void start(const ChatEvent& event) {
        if (event.usage != nullptr) usage_ = *event.usage;
        JsonWriter json(head_);
        json.begin_object();
        json.field("id", openai_answer_id(event.id, plan_));
        json.field("object", "chat.completion.chunk");
        json.integer_field("created", plan_.created);
        json.field("model", plan_.model.empty() ? event.name : std::string_view(plan_.model));
        const std::string_view tier = openai_service_tier(event.service_tier);
        if (!tier.empty()) json.field("service_tier", tier);
        json.key("choices");
        head_.insert(0, "data: ");
        write_delta(R"({"role":"assistant","content":""})");
    }

    std::string_view usage_member() const {
        return plan_.wants_usage ? std::string_view(R"(,"usage":null)") : std::string_view();
    }

    void begin_delta() { out_.append(head_).append(R"([{"index":0,"delta":)"); }
    void end_delta() {
        out_.append(R"(,"finish_reason":null}])").append(usage_member()).append("}\n\n");
    }

    void write_delta(std::string_view delta) {
        begin_delta();
        out_.append(delta);
        end_delta();
    }

    void write_field(std::string_view name, std::string_view text) {
        begin_delta();
        out_.append("{\"").append(name).append("\":");
        append_json_string(out_, text);
        out_.push_back('}');
        end_delta();
    }

    // ---- Text ----

    void write_text(std::string_view text) {
        content_bytes_ += text.size();
        begin_delta();
        out_.append(R"({"content":)");
        append_json_string(out_, text);
        out_.push_back('}');
        write_logprobs();
        end_delta();
    }

    // They go out with their text.
    void keep_logprobs(std::string_view tokens) {
        if (!hold(tokens.size())) return;
        if (!logprobs_.empty()) logprobs_.push_back(',');
        logprobs_.append(tokens);
    }

    void write_lone_logprobs() {
        begin_delta();
        out_.append("{}");
        write_logprobs();
        end_delta();
    }

    void write_logprobs() {
        if (logprobs_.empty()) return;
        out_.append(R"(,"logprobs":)");
        append_openai_logprobs(out_, logprobs_);
        held_ -= std::min(held_, logprobs_.size());
        logprobs_.clear();
    }

    void write_thinking(std::string_view text) {
        content_bytes_ += text.size();
        if (plan_.hides_thinking || !hold(text.size())) return;
        open_thinking().text.append(text);
        write_field("reasoning_content", text);
    }

    void keep_signature(std::string_view signature) {
        if (plan_.hides_thinking || !hold(signature.size())) return;
        open_thinking().signature = signature;
        is_thinking_open_ = false;
    }

    ThinkingPart& open_thinking() {
        if (!is_thinking_open_) thinking_.push_back({.value = ThinkingPart{}});
        is_thinking_open_ = true;
        return *thinking_.back().as<ThinkingPart>();
    }

    void keep_redacted(std::string_view data) {
        if (plan_.hides_thinking || !hold(data.size())) return;
        is_thinking_open_ = false;
        thinking_.push_back({.value = RedactedThinkingPart{.data = std::string(data)}});
    }

    void keep(std::string_view json, std::vector<std::string>& list) {
        if (hold(json.size())) list.emplace_back(json);
    }

    // ---- Calls ----

    Call* find_call(std::uint32_t number) {
        const auto found = std::find_if(calls_.rbegin(), calls_.rend(),
                                        [&](const Call& call) { return call.number == number; });
        return found == calls_.rend() ? nullptr : &*found;
    }

    void begin_call(const ChatEvent& event) {
        calls_.push_back(
            {.number = event.call, .index = calls_.size(), .is_custom = event.is_custom});
        is_thinking_open_ = false;
        if (plan_.uses_functions && calls_.size() > 1) return;  // it has room for one
        begin_delta();
        JsonWriter json(out_);
        json.begin_object();
        if (plan_.uses_functions) {
            write_function(json, event);
        } else {
            write_call(json, event);
        }
        json.end_object();
        end_delta();
    }

    static void write_function(JsonWriter& json, const ChatEvent& event) {
        json.key("function_call");
        json.begin_object();
        json.field("name", event.name);
        json.field("arguments", "");
        json.end_object();
    }

    void write_call(JsonWriter& json, const ChatEvent& event) {
        const std::string_view type = event.is_custom ? "custom" : "function";
        json.key("tool_calls");
        json.begin_array();
        json.begin_object();
        json.integer_field("index", static_cast<std::int64_t>(calls_.back().index));
        json.field("id", event.id);
        json.field("type", type);
        json.key(type);
        json.begin_object();
        json.field("name", event.name);
        json.field(event.is_custom ? "input" : "arguments", "");
        json.end_object();
        if (!event.signature.empty()) write_signature(json, event.signature);
        json.end_object();
        json.end_array();
    }

    static void write_signature(JsonWriter& json, std::string_view signature) {
        json.key("extra_content");
        json.begin_object();
        json.key("google");
        json.begin_object();
        json.field("thought_signature", signature);
        json.end_object();
        json.end_object();
    }

    void write_arguments(const ChatEvent& event) {
        Call* call = find_call(event.call);
        if (call == nullptr || call->is_ended || event.text.empty()) return;
        call->has_arguments = true;
        content_bytes_ += event.text.size();
        write_piece(*call, event.text);
    }

    void write_piece(const Call& call, std::string_view piece) {
        if (plan_.uses_functions) return write_function_piece(call, piece);
        begin_delta();
        out_.append(R"({"tool_calls":[{"index":)").append(std::to_string(call.index));
        out_.append(call.is_custom ? R"(,"custom":{"input":)" : R"(,"function":{"arguments":)");
        append_json_string(out_, piece);
        out_.append("}}]}");
        end_delta();
    }

    void write_function_piece(const Call& call, std::string_view piece) {
        if (call.index > 0) return;
        begin_delta();
        out_.append(R"({"function_call":{"arguments":)");
        append_json_string(out_, piece);
        out_.append("}}");
        end_delta();
    }

    void end_call(std::uint32_t number) {
        if (Call* call = find_call(number)) end_call(*call);
    }

    void end_call(Call& call) {
        if (!call.is_ended && !call.has_arguments && !call.is_custom) write_piece(call, "{}");
        call.is_ended = true;
    }

    // ---- Ends ----

    bool hold(std::size_t bytes) {
        held_ += bytes;
        if (held_ > kMaxHeldBytes) fail(too_much_held());
        return !is_over_;
    }

    void end() {
        for (Call& call : calls_) end_call(call);
        if (!logprobs_.empty()) write_lone_logprobs();
        stop_ = settled_stop(std::move(stop_), !calls_.empty());
        write_extensions();
        const std::string_view refusal = refusal_text(stop_, {});
        if (!has_refusal_ && !refusal.empty()) write_field("refusal", refusal);
        write_finish();
        if (plan_.wants_usage) write_usage();
        out_.append("data: [DONE]\n\n");
        is_over_ = true;
    }

    // Each of them whole and once: what comes in pieces, callers' libraries add up.
    void write_extensions() {
        if (needs_thinking_blocks(thinking_)) {
            begin_delta();
            JsonWriter json(out_);
            json.begin_object();
            json.key("thinking_blocks");
            append_thinking_blocks(json, thinking_);
            json.end_object();
            end_delta();
        }
        write_list("annotations", annotations_);
        write_list("provider_blocks", vendor_blocks_);
    }

    void write_list(std::string_view name, const std::vector<std::string>& values) {
        if (values.empty()) return;
        begin_delta();
        JsonWriter json(out_);
        json.begin_object();
        json.key(name);
        json.begin_array();
        for (const std::string& value : values) json.raw(value);
        json.end_array();
        json.end_object();
        end_delta();
    }

    void write_finish() {
        begin_delta();
        out_.append("{}");
        out_.append(R"(,"finish_reason":)");
        append_json_string(out_, finish_reason(stop_, plan_));
        if (const std::string_view extension = stop_reason_extension(stop_); !extension.empty()) {
            out_.append(R"(,"stop_reason":)");
            append_json_string(out_, extension);
        }
        out_.append("}]").append(usage_member()).append("}\n\n");
    }

    void write_usage() {
        out_.append(head_).append(R"([],"usage":)");
        JsonWriter json(out_);
        append_openai_usage(json, usage_ ? *usage_ : estimated_usage(plan_, content_bytes_));
        out_.append("}\n\n");
    }

    void fail(const Error& error) {
        out_.append(render_stream_error(error, Envelope::OpenAi, {}));
        is_over_ = true;
    }

    const AnswerPlan& plan_;
    std::string out_;
    std::string head_;  // of every chunk, up to its choices
    std::vector<Call> calls_;
    std::vector<Part> thinking_;
    std::vector<std::string> annotations_;
    std::string logprobs_;  // of the text to come
    std::vector<std::string> vendor_blocks_;
    Stop stop_;
    std::optional<Usage> usage_;
    std::size_t content_bytes_ = 0;
    std::size_t held_ = 0;
    bool is_thinking_open_ = false;
    bool has_refusal_ = false;
    bool is_over_ = false;
};

}  // namespace

std::unique_ptr<ChatStreamWriter> make_openai_stream_writer(const AnswerPlan& plan) {
    return std::make_unique<OpenAiStreamWriter>(plan);
}

}  // namespace aigw::protocol
