#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "protocol/answer_ids.h"
#include "protocol/call_arguments.h"
#include "protocol/json_stream_parser.h"
#include "protocol/openai_answer.h"
#include "protocol/openai_stream.h"
#include "protocol/reply_usage.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {
namespace {

// One call, in order of appearance.
struct Call {
    std::optional<std::int64_t> index{};  // the vendor's
    std::string id{};
    std::string name{};
    std::string signature{};
    std::string held{};  // arguments that have not been given out
    ObjectProgress progress{};
    bool is_custom = false;
    bool is_announced = false;
    bool is_ended = false;
    bool has_arguments = false;
    bool is_mended = false;  // what was no object has been put into one

    // Arguments that are no object: they are waited for, to be put into one.
    bool is_text() const {
        return !is_custom && !is_mended && progress.state() == ObjectProgress::State::NoObject;
    }
    bool is_held_back() const { return !is_announced || is_text(); }
    bool is_whole() const { return progress.state() == ObjectProgress::State::Complete; }
};

// What one element of `tool_calls` says.
struct Fragment {
    std::optional<std::int64_t> index{};
    std::string id{};
    std::string name{};
    std::string arguments{};
    std::string signature{};
    bool is_custom = false;
};

// The calls of one answer, put together from fragments that servers number in different ways.
class Calls {
public:
    // The call that the fragment belongs to: by index, by id, else by its place in the chunk's
    // array of `count`. Nothing when there are too many.
    Call* find_or_add(const Fragment& fragment, std::size_t position, std::size_t count) {
        Call* found = find(fragment, position, count);
        if (found != nullptr) return found;
        if (calls_.size() == kMaxCalls) return nullptr;
        calls_.push_back({.index = fragment.index, .is_custom = fragment.is_custom});
        return &calls_.back();
    }

    std::vector<Call>& all() { return calls_; }
    std::uint32_t number_of(const Call& call) const {
        return static_cast<std::uint32_t>(&call - calls_.data());
    }

private:
    Call* find(const Fragment& fragment, std::size_t position, std::size_t count) {
        if (Call* call = find_by_id(fragment)) return call;
        Call* candidate = fragment.index ? last_of_index(*fragment.index)
                                         : by_position(fragment, position, count);
        return candidate == nullptr || is_another(*candidate, fragment) ? nullptr : candidate;
    }

    Call* find_by_id(const Fragment& fragment) {
        if (fragment.id.empty()) return nullptr;
        const auto found = std::find_if(calls_.rbegin(), calls_.rend(), [&](const Call& call) {
            return call.id == fragment.id && (!fragment.index || call.index == fragment.index);
        });
        return found == calls_.rend() ? nullptr : &*found;
    }

    Call* last_of_index(std::int64_t index) {
        const auto found = std::find_if(calls_.rbegin(), calls_.rend(),
                                        [&](const Call& call) { return call.index == index; });
        return found == calls_.rend() ? nullptr : &*found;
    }

    // Without index a new id is a new call; several fragments at once stand each for its own, a
    // single one goes on with the last.
    Call* by_position(const Fragment& fragment, std::size_t position, std::size_t count) {
        if (!fragment.id.empty() || calls_.empty()) return nullptr;
        if (count == 1) return &calls_.back();
        return position < calls_.size() ? &calls_[position] : nullptr;
    }

    // Two ids are two calls. Where there are none, another name begins another call, and so does
    // the same name when more arguments come behind whole ones.
    static bool is_another(const Call& call, const Fragment& fragment) {
        if (!fragment.id.empty() && !call.id.empty()) return fragment.id != call.id;
        if (!fragment.id.empty() || !call.id.empty()) return false;
        if (fragment.name.empty() || call.name.empty()) return false;
        if (fragment.name != call.name) return call.has_arguments || !fragment.index;
        return call.is_whole() && !is_blank(fragment.arguments);
    }

    std::vector<Call> calls_;
};

class OpenAiStreamParser final : public JsonStreamParser {
public:
    explicit OpenAiStreamParser(VendorMeaning own) : own_(std::move(own)) {}

    bool is_over() const override { return is_over_; }

private:
    void close(const Error& error, ChatSink& sink) override {
        if (!has_stop_) return fail(error, sink);
        end(sink);
    }

    void take(const JsonEvent& event, ChatSink& sink) override {
        if (event.is_done) return end(sink);
        if (const auto error = find_openai_stream_error(event, own_)) return fail(*error, sink);
        const JsonValue choices = event.root["choices"];
        const bool has_choices = choices.is_array() && choices.size() > 0;
        if (has_choices || has_text(event.root["id"])) begin(event.root, sink);
        if (has_choices) {
            for (const JsonValue& choice : choices) take_choice(choice, sink);
        }
        if (!is_over_) take_usage(event.root["usage"], sink);
    }

    static bool has_text(JsonValue value) { return value.is_string() && !value.is(""); }

    // Azure's first chunk, about its filters, has neither choices nor an id: it is no beginning.
    void begin(JsonValue root, ChatSink& sink) {
        if (is_started_) return;
        is_started_ = true;
        id_ = root["id"].text();
        const std::string model = root["model"].text();
        const std::string tier = root["service_tier"].text();
        sink.take({.kind = ChatEventKind::Start, .id = id_, .name = model, .service_tier = tier});
    }

    // Of several choices the first is the answer.
    void take_choice(JsonValue choice, ChatSink& sink) {
        if (is_over_ || choice["index"].integer().value_or(0) != 0) return;
        const JsonValue delta = choice["delta"];
        take_thinking(delta, sink);
        read_openai_logprobs(choice, text_);
        give_text(ChatEventKind::Logprobs, sink);
        read_openai_content(delta, text_);
        give_text(ChatEventKind::Text, sink);
        take_refusal(delta, sink);
        take_calls(delta, sink);
        take_annotations(delta["annotations"], sink);
        if (!has_stop_ && choice["finish_reason"].is_string()) {
            has_stop_ = true;
            stop_ = read_openai_stop(choice);
        }
        if (!is_over_) take_usage(choice["usage"], sink);  // Moonshot has it here
    }

    void give_text(ChatEventKind kind, ChatSink& sink) {
        if (text_.empty()) return;
        if (kind != ChatEventKind::Thinking) open_thoughts_ = 0;
        sink.take({.kind = kind, .text = text_});
    }

    // Servers that have `thinking_blocks` give them in pieces beside the thoughts, or whole and
    // once behind them.
    void take_thinking(JsonValue delta, ChatSink& sink) {
        read_openai_reasoning(delta, text_);
        has_thinking_ = has_thinking_ || !text_.empty();
        open_thoughts_ += text_.size();
        give_text(ChatEventKind::Thinking, sink);
        const std::vector<Part> blocks = read_thinking_blocks(delta);
        const bool is_one = std::ranges::count_if(blocks, [](const Part& part) {
                                return part.is<ThinkingPart>();
                            }) == 1;
        for (const Part& part : blocks) {
            const auto* thinking = part.as<ThinkingPart>();
            if (thinking == nullptr) {
                open_thoughts_ = 0;
                const auto& data = part.as<RedactedThinkingPart>()->data;
                sink.take({.kind = ChatEventKind::Redacted, .text = data});
            } else if (!has_thinking_) {
                give_block(*thinking, is_one, sink);
            } else if (is_one) {
                sign_thoughts(*thinking, sink);
            }
        }
    }

    // Nobody else says these thoughts. A lone one without signature may go on in the next chunk.
    static void give_block(const ThinkingPart& thinking, bool is_one, ChatSink& sink) {
        if (!thinking.text.empty())
            sink.take({.kind = ChatEventKind::Thinking, .text = thinking.text});
        if (!thinking.signature.empty())
            sink.take({.kind = ChatEventKind::Signature, .text = thinking.signature});
        if (!is_one || !thinking.signature.empty()) sink.take({.kind = ChatEventKind::PartEnd});
    }

    // Of thoughts that have come in pieces and are still open. A signature is of the whole block:
    // one that comes when others have been said since, or that is of fewer or more, would be false.
    void sign_thoughts(const ThinkingPart& thinking, ChatSink& sink) {
        const bool is_same = thinking.text.empty() || thinking.text.size() == open_thoughts_;
        if (thinking.signature.empty() || open_thoughts_ == 0 || !is_same) return;
        open_thoughts_ = 0;
        sink.take({.kind = ChatEventKind::Signature, .text = thinking.signature});
        sink.take({.kind = ChatEventKind::PartEnd});
    }

    void take_refusal(JsonValue delta, ChatSink& sink) {
        read_openai_refusal(delta, text_);
        if (text_.empty()) return;
        refusal_.append(text_);
        if (hold(text_.size(), sink)) give_text(ChatEventKind::Refusal, sink);
    }

    void take_annotations(JsonValue list, ChatSink& sink) {
        if (!list.is_array() || is_over_) return;
        for (const JsonValue& annotation : list) {
            if (!annotation.is_object()) continue;
            text_.clear();
            append_compact(text_, annotation.raw());
            give_text(ChatEventKind::Annotation, sink);
        }
    }

    void take_usage(JsonValue usage, ChatSink& sink) {
        if (!usage.is_object()) return;
        const auto known = read_usage_object(usage.raw());
        if (!known) return;
        begin({}, sink);
        sink.take({.kind = ChatEventKind::UsageSeen, .usage = &*known});
    }

    // ---- Calls ----

    void take_calls(JsonValue delta, ChatSink& sink) {
        const JsonValue list = delta["tool_calls"];
        std::size_t position = 0;
        if (list.is_array()) {
            for (const JsonValue& call : list) {
                if (is_over_) return;
                read_fragment(call);
                take_fragment(position++, list.size(), sink);
            }
        }
        const JsonValue function = delta["function_call"];
        if (function.is_object() && !is_over_) take_function(function, sink);
    }

    void read_fragment(JsonValue call) {
        fragment_.index = call["index"].integer();
        fragment_.is_custom = call["type"].is("custom") || call["custom"].is_object();
        const JsonValue inside = call[fragment_.is_custom ? "custom" : "function"];
        read(call["id"], fragment_.id);
        read(inside["name"], fragment_.name);
        read(call["extra_content"]["google"]["thought_signature"], fragment_.signature);
        read_arguments(inside[fragment_.is_custom ? "input" : "arguments"]);
    }

    // A text, or the object itself.
    void read_arguments(JsonValue arguments) {
        read(arguments, fragment_.arguments);
        if (arguments.is_given() && !arguments.is_string())
            fragment_.arguments.append(arguments.raw());
    }

    static void read(JsonValue value, std::string& out) {
        out.clear();
        value.append_text(out);
    }

    // The elder form: one call, and no id will come.
    void take_function(JsonValue function, ChatSink& sink) {
        fragment_.index.reset();
        fragment_.is_custom = false;
        fragment_.id = made_call_id(id_, 0);
        fragment_.signature.clear();
        read(function["name"], fragment_.name);
        read_arguments(function["arguments"]);
        take_fragment(0, 1, sink);
    }

    void take_fragment(std::size_t position, std::size_t count, ChatSink& sink) {
        Call* call = calls_.find_or_add(fragment_, position, count);
        if (call == nullptr) return fail(too_many_calls(), sink);
        if (!call->is_announced) {
            if (call->id.empty()) call->id = fragment_.id;
            if (call->name.empty()) call->name = fragment_.name;
            if (call->signature.empty()) call->signature = fragment_.signature;
            const std::size_t words = call->id.size() + call->name.size() + call->signature.size();
            if (!hold(words, sink)) return;
            if (!call->id.empty() && !call->name.empty()) announce(*call, sink);
        }
        add_arguments(*call, sink);
    }

    void announce(Call& call, ChatSink& sink) {
        call.is_announced = true;
        open_thoughts_ = 0;
        sink.take({.kind = ChatEventKind::Call,
                   .id = call.id,
                   .name = call.name,
                   .signature = call.signature,
                   .call = calls_.number_of(call),
                   .is_custom = call.is_custom});
        if (!call.is_held_back()) release(call, sink);
    }

    // Gives out what was held back.
    void release(Call& call, ChatSink& sink) {
        held_ -= std::min(held_, call.held.size());
        give_arguments(call, call.held, sink);
        call.held.clear();
    }

    void add_arguments(Call& call, ChatSink& sink) {
        const std::string_view piece = call.is_custom ? std::string_view(fragment_.arguments)
                                                      : call.progress.take(fragment_.arguments);
        if (piece.empty()) return;
        call.has_arguments = true;
        if (!call.is_held_back()) return give_arguments(call, piece, sink);
        call.held.append(piece);
        hold(piece.size(), sink);
    }

    void give_arguments(Call& call, std::string_view piece, ChatSink& sink) {
        const std::uint32_t number = calls_.number_of(call);
        if (!piece.empty())
            sink.take({.kind = ChatEventKind::Arguments, .text = piece, .call = number});
        if (!call.is_custom && call.is_whole()) give_end(call, sink);
    }

    void give_end(Call& call, ChatSink& sink) {
        call.is_ended = true;
        sink.take({.kind = ChatEventKind::CallEnd, .call = calls_.number_of(call)});
    }

    // Nothing more comes: what has been waited for is made up.
    void finish_call(Call& call, ChatSink& sink) {
        if (call.is_text()) {
            call.held = arguments_object(call.held);
            call.is_mended = true;
        }
        if (call.name.empty() && (call.held.empty() || call.held == "{}")) return;
        const std::size_t position = calls_.number_of(call);
        if (call.id.empty()) call.id = made_call_id(id_, position);
        if (call.name.empty()) call.name = made_call_name(position);
        if (!call.is_announced) announce(call, sink);
        if (!call.held.empty()) release(call, sink);
        if (!call.is_ended) give_end(call, sink);
    }

    // ---- Ends ----

    // Counts what is kept; false when it is too much.
    bool hold(std::size_t bytes, ChatSink& sink) {
        held_ += bytes;
        if (held_ <= kMaxHeldBytes) return true;
        fail(too_much_held(), sink);
        return false;
    }

    void end(ChatSink& sink) {
        begin({}, sink);
        is_over_ = true;
        for (Call& call : calls_.all()) finish_call(call, sink);
        const Stop stop = refused_stop(std::move(stop_), refusal_);
        sink.take({.kind = ChatEventKind::StopSeen, .stop = &stop});
        sink.take({.kind = ChatEventKind::End});
    }

    void fail(const Error& error, ChatSink& sink) override {
        is_over_ = true;
        sink.take({.kind = ChatEventKind::Failed, .error = &error});
    }

    VendorMeaning own_;
    Calls calls_;
    Stop stop_;
    std::string id_;
    std::string refusal_;
    std::size_t held_ = 0;
    bool is_started_ = false;
    bool has_thinking_ = false;      // thoughts have come in pieces
    std::size_t open_thoughts_ = 0;  // bytes of those that nothing has followed yet
    bool has_stop_ = false;
    bool is_over_ = false;
    std::string text_;   // of the event at hand; its memory is kept
    Fragment fragment_;  // likewise
};

}  // namespace

std::unique_ptr<ChatStreamParser> make_openai_stream_parser(VendorMeaning own) {
    return std::make_unique<OpenAiStreamParser>(std::move(own));
}

}  // namespace aigw::protocol
