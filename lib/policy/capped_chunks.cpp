#include "policy/capped_chunks.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "policy/capped_choice.h"
#include "protocol/json_writer.h"
#include "protocol/openai_answer.h"

namespace aigw::policy {
namespace {

using protocol::JsonValue;
using protocol::JsonWriter;

class CappedChunks final : public CappedWire {
public:
    CappedChunks(const CappedCall& call, const OutputCap& cap, const Measure& measure)
        : CappedWire(cap, measure), call_(call) {}

    void count(JsonValue event, std::vector<Stretch>& stretches) override {
        const JsonValue choices = event["choices"];
        const bool has_choices = choices.is_array() && choices.size() > 0;
        if (has_choices) {
            for (const JsonValue& choice : choices) count_one(choice, stretches);
        } else if (is_cut_ && event["usage"].is_given()) {
            // The vendor's count is of more than what went out.
            const auto cut = std::ranges::find(answers_, true, &Answer::is_cut);
            stretches.push_back({.answer = place_of(*cut)});
        }
        if (event["error"].is_given()) count_end();
    }

    void note_passed(JsonValue event) override {
        const JsonValue choices = event["choices"];
        if (!choices.is_array()) return;
        for (const JsonValue& choice : choices) {
            if (choice["finish_reason"].is_string()) answer_of(index_of(choice)).is_done = true;
        }
        if (is_cut_ && is_over()) keep_frame(event);
    }

    void change(JsonValue event, std::span<const Stretch> stretches, std::string& out) override {
        const JsonValue choices = event["choices"];
        if (!choices.is_array() || choices.size() == 0) return;
        keep_frame(event);
        std::size_t position = 0;
        for (const JsonValue& choice : choices) change_one(choice, stretches[position++], out);
    }

    bool is_over() const override {
        const auto done = std::ranges::count(answers_, true, &Answer::is_done);
        return is_cut_ && done >= std::max<std::int64_t>(1, call_.answers);
    }

    void finish(const Usage& usage, std::string& out) override {
        if (call_.wants_usage) {
            out.append(head_).append("[]").append(R"(,"usage":)");
            JsonWriter json(out);
            protocol::append_openai_usage(json, usage);
            out.append("}\n\n");
        }
        out.append("data: [DONE]\n\n");
    }

private:
    static std::int64_t index_of(JsonValue choice) { return choice["index"].integer().value_or(0); }

    void count_one(JsonValue choice, std::vector<Stretch>& stretches) {
        Answer& answer = answer_of(index_of(choice));
        const std::size_t begin = answer.gauge.taken();
        const std::size_t bytes = count_choice(choice, answer.gauge, buffer_);
        if (choice["finish_reason"].is_string()) answer.gauge.close();
        stretches.push_back({.answer = place_of(answer), .begin = begin, .end = begin + bytes});
    }

    // All of a chunk but its choices and usage, which come last.
    void keep_frame(JsonValue event) {
        head_ = "data: ";
        JsonWriter json(head_);
        json.begin_object();
        bool has_usage = false;
        for (const JsonValue& member : event) {
            const bool is_usage = member.has_key("usage");
            has_usage = has_usage || is_usage;
            if (!is_usage && !member.has_key("choices")) json.raw_field(member.key(), member.raw());
        }
        json.key("choices");
        tail_ = has_usage ? R"(,"usage":null})" : "}";
        tail_.append("\n\n");
    }

    template <class Write>
    void write_chunk(std::string& out, Write write) const {
        out.append(head_).push_back('[');
        JsonWriter json(out);
        write(json);
        out.append("]").append(tail_);
    }

    // Others in the same chunk go out as they are.
    void change_one(JsonValue choice, const Stretch& stretch, std::string& out) {
        Answer& answer = answers_[stretch.answer];
        if (answer.is_cut) return;
        const auto cut = answer.gauge.cut();
        if (!cut || stretch.end <= *cut) {
            write_chunk(out, [&](JsonWriter& json) { json.raw(choice.raw()); });
            answer.is_done = answer.is_done || choice["finish_reason"].is_string();
            return;
        }
        const std::size_t left = left_of(stretch);
        if (left > 0 || choice["delta"]["role"].is_given())
            write_chunk(out,
                        [&](JsonWriter& json) { append_cut_choice(json, choice, {.keep = left}); });
        if (!cap_.notice.empty()) write_words(answer, cap_.notice, {}, out);
        write_words(answer, {}, "length", out);
        note_cut(answer);
    }

    void write_words(const Answer& answer, std::string_view text, std::string_view finish,
                     std::string& out) const {
        write_chunk(out, [&](JsonWriter& json) {
            json.begin_object();
            json.integer_field("index", answer.index);
            if (call_.operation == Operation::Completions) {
                json.field("text", text);
                json.null_field("logprobs");
            } else {
                write_delta(json, text);
            }
            if (finish.empty()) {
                json.null_field("finish_reason");
            } else {
                json.field("finish_reason", finish);
            }
            json.end_object();
        });
    }

    static void write_delta(JsonWriter& json, std::string_view text) {
        json.key("delta");
        json.begin_object();
        if (!text.empty()) json.field("content", text);
        json.end_object();
    }

    CappedCall call_;
    std::string head_;  // of the last chunk that was looked into, up to its choices
    std::string tail_;  // behind them
    std::string buffer_;
};

}  // namespace

std::unique_ptr<CappedWire> make_capped_chunks(const CappedCall& call, const OutputCap& cap,
                                               const Measure& measure) {
    return std::make_unique<CappedChunks>(call, cap, measure);
}

}  // namespace aigw::policy
