#include "sidecar/simulated/anthropic_reply.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/simulated/anthropic_prompt.h"
#include "sidecar/simulated/anthropic_rules.h"
#include "sidecar/simulated/anthropic_thinking.h"
#include "sidecar/simulated/anthropic_turns.h"
#include "sidecar/simulated/chat.h"
#include "sidecar/simulated/event_stream.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::string_view kRefusalMagic = "ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL";
constexpr std::string_view kRedactedMagic = "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING";

// A block of the answer: as a plain answer holds it, as a stream begins it, and what comes between.
struct ReplyBlock {
    Json whole{};
    Json start{};
    std::vector<Json> deltas{};
};

ReplyBlock make_text(const std::string& text) {
    ReplyBlock block{{{"type", "text"}, {"text", text}}, {{"type", "text"}, {"text", ""}}, {}};
    for (const std::string_view token : split_tokens(text)) {
        block.deltas.push_back({{"type", "text_delta"}, {"text", token}});
    }
    return block;
}

ReplyBlock make_thinking(const std::string& text, const std::string& signature) {
    ReplyBlock block{{{"type", "thinking"}, {"thinking", text}, {"signature", signature}},
                     {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}},
                     {}};
    for (const std::string_view token : split_tokens(text)) {
        block.deltas.push_back({{"type", "thinking_delta"}, {"thinking", token}});
    }
    block.deltas.push_back({{"type", "signature_delta"}, {"signature", signature}});
    return block;
}

ReplyBlock make_redacted(const std::string& data) {
    const Json whole = {{"type", "redacted_thinking"}, {"data", data}};
    return {whole, whole, {}};
}

// The first fragment is empty, and the only one of a call without arguments. Arguments that a limit
// has cut are no JSON: the stream has what there was, the plain answer an empty object.
ReplyBlock make_tool_use(const ToolCall& call, const std::string& id) {
    const Json start = {
        {"type", "tool_use"}, {"id", id}, {"name", call.name}, {"input", Json::object()}};
    ReplyBlock block{start, start, {}};
    Json input = Json::parse(call.arguments, nullptr, false);
    if (input.is_object()) block.whole["input"] = std::move(input);
    block.deltas.push_back({{"type", "input_json_delta"}, {"partial_json", ""}});
    if (call.arguments == "{}") return block;
    for (const std::string_view piece : split_tokens(call.arguments)) {
        block.deltas.push_back({{"type", "input_json_delta"}, {"partial_json", piece}});
    }
    return block;
}

class Reply {
public:
    Reply(const Json& asked, const Json& body, const Terms& terms, const Occasion& occasion)
        : asked_(asked),
          terms_(terms),
          occasion_(occasion),
          seed_(seed_of_chat(asked, occasion.seed)),
          turns_(read_turns(body)),
          tokens_(count_prompt(body, turns_, terms.model.smallest_cached)) {
        Random random(hash_of("id", seed_));
        id_ = "msg_01" + make_id(22, random);
        compose_blocks(body);
    }

    Plan plan() const {
        Random jitter(hash_of("pace", seed_));
        Plan plan;
        plan.delay = occasion_.pace.first_token(jitter);
        if (is_true(asked_, "stream")) {
            plan.headers = {{"content-type", "text/event-stream; charset=utf-8"},
                            {"cache-control", "no-cache"}};
            plan.framing = Framing::Chunked;
            plan.pieces = render_events();
        } else {
            plan.headers = {{"content-type", "application/json"}};
            plan.delay += occasion_.pace.tokens(output_tokens_, jitter);
            plan.pieces.push_back({Wait(0), render_whole().dump()});
        }
        return plan;
    }

private:
    void compose_blocks(const Json& body) {
        const Json brief = brief_of(body, turns_);
        ChatOrder order = make_order(body, brief);
        if (order.prompt.last_user.find(kRefusalMagic) != std::string::npos) {
            refuse();
            return;
        }
        const ChatAnswer answer = compose(order, seed_);
        const Choice& choice = answer.choices.front();
        output_tokens_ = answer.tokens.completion;
        thinking_tokens_ = answer.tokens.reasoning;
        if (!choice.thoughts.empty()) add_thoughts(body, order, choice.thoughts);
        if (!choice.content.empty()) blocks_.push_back(make_text(choice.content));
        add_calls(choice);
        set_stop(choice, *order.max_tokens);
    }

    ChatOrder make_order(const Json& body, const Json& brief) const {
        Prompt prompt = read_prompt(brief);
        prompt.tokens = tokens_.total();
        const bool is_after_result = prompt.last_role == "tool";
        const ThinkingOrder thinking = read_thinking(body, terms_.model);
        const Json* choice = find_field(body, "tool_choice");
        const bool is_parallel =
            choice == nullptr || !is_true(*choice, "disable_parallel_tool_use");
        const std::int64_t room = terms_.model.context - tokens_.total();
        return {.body = brief,
                .prompt = std::move(prompt),
                .model = text_field(asked_, "model"),
                .max_tokens = std::min(integer_field(body, "max_tokens").value_or(0), room),
                .max_thinking_tokens = thinking.budget,
                .is_thinking = thinking.is_on(is_after_result) && !forces_tools(body),
                .may_call_in_parallel = is_parallel,
                .talks_before_calls = true};
    }

    void refuse() {
        stop_reason_ = "refusal";
        stop_details_ = {{"type", "refusal"},
                         {"category", "general_harms"},
                         {"explanation", "The request asks for what the model will not do."}};
    }

    void add_thoughts(const Json& body, const ChatOrder& order, const std::string& thoughts) {
        Signer signer(body, terms_);
        for (const Turn& turn : turns_) signer.add(turn);
        if (order.prompt.last_user.find(kRedactedMagic) != std::string::npos) {
            blocks_.push_back(make_redacted(signer.redact()));
            return;
        }
        const bool is_shown = read_thinking(body, terms_.model).display == Display::Summarized;
        const std::string text = is_shown ? thoughts : "";
        blocks_.push_back(make_thinking(text, signer.sign(text)));
    }

    void add_calls(const Choice& choice) {
        Random random(hash_of("tools", seed_));
        for (const ToolCall& call : choice.tool_calls) {
            // The limit came before it.
            if (call.arguments.empty()) continue;
            blocks_.push_back(make_tool_use(call, "toolu_01" + make_id(22, random)));
        }
    }

    void set_stop(const Choice& choice, std::int64_t limit) {
        if (choice.finish_reason == "length") {
            const bool is_own_limit = integer_field(asked_, "max_tokens") == limit;
            stop_reason_ = is_own_limit ? "max_tokens" : "model_context_window_exceeded";
        } else if (choice.finish_reason == "tool_calls") {
            stop_reason_ = "tool_use";
        } else if (!choice.stop_sequence.empty()) {
            stop_reason_ = "stop_sequence";
            stop_sequence_ = choice.stop_sequence;
        }
    }

    Json render_usage(std::int64_t output_tokens) const {
        return {{"input_tokens", tokens_.fresh},
                {"cache_creation_input_tokens", tokens_.written()},
                {"cache_read_input_tokens", tokens_.read},
                {"cache_creation",
                 {{"ephemeral_5m_input_tokens", tokens_.written_5m},
                  {"ephemeral_1h_input_tokens", tokens_.written_1h}}},
                {"output_tokens", output_tokens},
                {"service_tier", "standard"},
                {"inference_geo", "global"}};
    }

    Json render_head() const {
        Json head = {{"id", id_},
                     {"type", "message"},
                     {"role", "assistant"},
                     {"model", text_field(asked_, "model")},
                     {"content", Json::array()},
                     {"stop_reason", nullptr},
                     {"stop_sequence", nullptr},
                     {"stop_details", nullptr}};
        if (is_true(asked_, "x_echo")) head["x_echo"] = unknown_message_fields(asked_);
        return head;
    }

    Json thinking_details() const { return {{"thinking_tokens", thinking_tokens_}}; }

    Json render_whole() const {
        Json message = render_head();
        for (const ReplyBlock& block : blocks_) message["content"].push_back(block.whole);
        message["stop_reason"] = stop_reason_;
        message["stop_sequence"] = stop_sequence_;
        message["stop_details"] = stop_details_;
        message["usage"] = render_usage(output_tokens_);
        message["usage"]["output_tokens_details"] = thinking_details();
        message["usage"]["server_tool_use"] = nullptr;
        return message;
    }

    Json render_message_delta() const {
        Json delta = {{"stop_reason", stop_reason_}, {"stop_sequence", stop_sequence_}};
        if (!stop_details_.is_null()) delta["stop_details"] = stop_details_;
        return {{"type", "message_delta"},
                {"delta", std::move(delta)},
                {"usage",
                 {{"input_tokens", tokens_.fresh},
                  {"cache_creation_input_tokens", tokens_.written()},
                  {"cache_read_input_tokens", tokens_.read},
                  {"output_tokens", output_tokens_},
                  {"output_tokens_details", thinking_details()},
                  {"server_tool_use", nullptr}}}};
    }

    std::vector<Piece> render_events() const {
        EventStream events(occasion_.pace, hash_of("stream", seed_));
        Json head = render_head();
        head["usage"] = render_usage(1);
        events.add({{"type", "message_start"}, {"message", std::move(head)}});
        for (std::size_t index = 0; index < blocks_.size(); ++index) {
            events.add({{"type", "content_block_start"},
                        {"index", index},
                        {"content_block", blocks_[index].start}});
            if (index == 0) events.add({{"type", "ping"}});
            for (const Json& delta : blocks_[index].deltas) {
                const bool is_free = text_field(delta, "type") == "signature_delta";
                events.add({{"type", "content_block_delta"}, {"index", index}, {"delta", delta}},
                           is_free ? 0 : 1);
            }
            events.add({{"type", "content_block_stop"}, {"index", index}});
        }
        events.add(render_message_delta());
        events.add({{"type", "message_stop"}});
        return events.take();
    }

    const Json& asked_;
    const Terms& terms_;
    const Occasion& occasion_;
    std::uint64_t seed_;
    std::vector<Turn> turns_;
    PromptTokens tokens_;
    std::string id_{};
    std::vector<ReplyBlock> blocks_{};
    std::string_view stop_reason_ = "end_turn";
    Json stop_sequence_{};
    Json stop_details_{};
    std::int64_t output_tokens_ = 0;
    std::int64_t thinking_tokens_ = 0;
};

}  // namespace

Plan answer_message(const Json& asked, const Json& body, const Terms& terms,
                    const Occasion& occasion) {
    return Reply(asked, body, terms, occasion).plan();
}

}  // namespace aigw::simulated::anthropic
