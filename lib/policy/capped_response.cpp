#include "policy/capped_response.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "policy/sent_response.h"

namespace aigw::policy {
namespace {

using protocol::JsonValue;
using Kind = TextPlace::Kind;

constexpr std::string_view kPrefix = "response.";
constexpr std::uint32_t kMostParts = 1U << 12U;  // of an item, that are told apart

std::optional<Kind> kind_of_delta(std::string_view type) {
    if (type == "output_text.delta") return Kind::Text;
    if (type == "refusal.delta") return Kind::Refusal;
    if (type == "reasoning_summary_text.delta" || type == "reasoning_text.delta")
        return Kind::Thinking;
    if (type == "function_call_arguments.delta" || type == "custom_tool_call_input.delta")
        return Kind::Arguments;
    return std::nullopt;
}

class CappedResponse final : public CappedWire {
public:
    CappedResponse(const OutputCap& cap, const Measure& measure) : CappedWire(cap, measure) {}

    void count(JsonValue event, std::vector<Stretch>& stretches) override {
        Answer& answer = answer_of(0);
        const std::size_t begin = answer.gauge.taken();
        type_.clear();
        event["type"].append_text(type_);
        std::string_view type = type_;
        std::size_t bytes = 0;
        if (type.starts_with(kPrefix)) type.remove_prefix(kPrefix.size());
        if (const auto kind = kind_of_delta(type)) {
            bytes = count_delta(*kind, event, answer.gauge);
        } else if (type == "output_item.added") {
            bytes = count_begun(event, answer.gauge);
        } else if (type == "output_item.done") {
            bytes = count_ended(event, answer.gauge);
        } else if (!type.ends_with(".annotation.added")) {
            answer.gauge.close();
        }
        stretches.push_back({.begin = begin, .end = begin + bytes});
    }

    void note_passed(JsonValue event) override { sent_.note(event); }

    // Only of a delta there is something left.
    void change(JsonValue event, std::span<const Stretch> stretches, std::string& out) override {
        const std::size_t left = left_of(stretches.front());
        if (left > 0 && event["delta"].is_string()) {
            const std::string text = event["delta"].text();
            sent_.write_delta(event, std::string_view(text).substr(0, left), out);
        }
        note_cut(answers_.front());
        if (!cap_.notice.empty()) sent_.write_text(cap_.notice, out);
    }

    void finish(const Usage& usage, std::string& out) override { sent_.finish(usage, out); }

private:
    static std::uint32_t number_of(JsonValue event, const char* key) {
        return static_cast<std::uint32_t>(event[key].integer().value_or(0));
    }

    // Of a part of an item.
    static TextPlace place_of(Kind kind, JsonValue event) {
        const std::uint32_t part =
            number_of(event, "content_index") + number_of(event, "summary_index");
        return {.kind = kind, .number = number_of(event, "output_index") * kMostParts + part};
    }

    std::size_t count_delta(Kind kind, JsonValue event, OutputGauge& gauge) {
        note_text(number_of(event, "output_index"));
        buffer_.clear();
        event["delta"].append_text(buffer_);
        gauge.add(place_of(kind, event), buffer_);
        return buffer_.size();
    }

    static bool is_call(JsonValue item) {
        return item["type"].is("function_call") || item["type"].is("custom_tool_call");
    }

    std::size_t count_begun(JsonValue event, OutputGauge& gauge) {
        if (!is_call(event["item"])) return 0;
        return count_name(event, gauge);
    }

    std::size_t count_name(JsonValue event, OutputGauge& gauge) {
        named_ = event["output_index"].integer().value_or(0);
        const std::string name = event["item"]["name"].text();
        gauge.add_name(number_of(event, "output_index"), name);
        return name.size();
    }

    // What came in no delta.
    std::size_t count_ended(JsonValue event, OutputGauge& gauge) {
        gauge.close();
        const std::uint32_t output = number_of(event, "output_index");
        if (std::ranges::find(with_text_, output) != with_text_.end()) return 0;
        const JsonValue item = event["item"];
        std::size_t bytes = 0;
        const auto add = [&](Kind kind, JsonValue text) {
            buffer_.clear();
            text.append_text(buffer_);
            gauge.add_whole({.kind = kind, .number = output * kMostParts}, buffer_);
            bytes += buffer_.size();
        };
        if (is_call(item)) {
            if (named_ != event["output_index"].integer()) add(Kind::Name, item["name"]);
            add(Kind::Arguments, item["arguments"]);
            add(Kind::Arguments, item["input"]);
        } else if (item["type"].is("message")) {
            for (const JsonValue& part : item["content"]) {
                add(Kind::Text, part["text"]);
                add(Kind::Refusal, part["refusal"]);
            }
        } else if (item["type"].is("reasoning")) {
            for (const JsonValue& part : item["summary"]) add(Kind::Thinking, part["text"]);
            for (const JsonValue& part : item["content"]) add(Kind::Thinking, part["text"]);
        }
        return bytes;
    }

    void note_text(std::uint32_t output) {
        if (!with_text_.empty() && with_text_.back() == output) return;
        if (std::ranges::find(with_text_, output) == with_text_.end()) with_text_.push_back(output);
    }

    // ---- Of what has been counted ----
    std::vector<std::uint32_t> with_text_;  // items of which deltas have come
    std::optional<std::int64_t> named_;     // the last call whose name has come
    std::string type_;
    std::string buffer_;

    SentResponse sent_;
};

}  // namespace

std::unique_ptr<CappedWire> make_capped_response(const OutputCap& cap, const Measure& measure) {
    return std::make_unique<CappedResponse>(cap, measure);
}

}  // namespace aigw::policy
