#include "policy/capped_reply.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "protocol/annotations.h"
#include "protocol/json_tree.h"

namespace aigw::policy {
namespace {

using protocol::CallPart;
using protocol::ChatReply;
using protocol::Part;
using protocol::TextPart;
using protocol::ThinkingPart;
using Kind = TextPlace::Kind;

class Cutter {
public:
    Cutter(ChatReply& reply, const OutputCap& cap, const Measure& measure)
        : reply_(reply), cap_(cap), gauge_(cap.max_tokens, measure) {}

    bool run(std::int64_t input_tokens) {
        for (std::size_t i = 0; i < reply_.parts.size(); ++i) {
            const bool is_left = take(reply_.parts[i]);
            if (!gauge_.cut()) continue;
            reply_.parts.resize(i + (is_left ? 1 : 0));
            reply_.refusal.clear();
            break;
        }
        if (!gauge_.cut()) take_text({.kind = Kind::Refusal}, reply_.refusal);
        if (!gauge_.cut()) return false;
        finish(input_tokens);
        return true;
    }

private:
    // Whether there is something left of it.
    bool take(Part& part) {
        if (auto* text = part.as<TextPart>()) return take_text({.kind = Kind::Text}, text->text);
        if (auto* thinking = part.as<ThinkingPart>()) return take_thinking(*thinking);
        if (auto* call = part.as<CallPart>()) return take_call(*call);
        return true;
    }

    bool take_text(TextPlace place, std::string& text) {
        const std::size_t begin = gauge_.taken();
        gauge_.add(place, text);
        gauge_.close();
        if (!gauge_.cut()) return true;
        text.resize(*gauge_.cut() > begin ? *gauge_.cut() - begin : 0);
        return !text.empty();
    }

    bool take_thinking(ThinkingPart& thinking) {
        const bool is_left = take_text({.kind = Kind::Thinking}, thinking.text);
        if (gauge_.cut()) thinking.signature.clear();
        return is_left;
    }

    bool take_call(CallPart& call) {
        const auto number = calls_++;
        gauge_.add_name(number, call.name);
        if (gauge_.cut()) return false;
        return take_text({.kind = Kind::Arguments, .number = number}, call.arguments);
    }

    void finish(std::int64_t input_tokens) {
        reply_.logprobs.clear();
        drop_annotations();
        if (!cap_.notice.empty()) add_notice();
        reply_.stop = {.reason = protocol::StopReason::MaxTokens};
        Usage used = reply_.usage.value_or(Usage{.input_tokens = input_tokens});
        const tokens::AnswerTokens counted = gauge_.tokens();
        used.output_tokens = counted.output;
        used.reasoning_tokens = counted.reasoning;
        used.is_estimated = true;
        reply_.usage = used;
    }

    // It goes on with the answer's last text.
    void add_notice() {
        auto* last = reply_.parts.empty() ? nullptr : reply_.parts.back().as<TextPart>();
        if (last != nullptr) {
            last->text.append(cap_.notice);
        } else {
            reply_.parts.push_back({.value = TextPart{cap_.notice}});
        }
    }

    void drop_annotations() {
        std::size_t characters = 0;
        for (const Part& part : reply_.parts) {
            if (const auto* text = part.as<TextPart>())
                characters += protocol::count_characters(text->text);
        }
        std::erase_if(reply_.annotations, [&](const std::string& json) {
            return end_of_annotation(json).value_or(characters + 1) > characters;
        });
    }

    static std::optional<std::size_t> end_of_annotation(const std::string& json) {
        protocol::JsonTree tree;
        const auto root = tree.parse(json);
        if (!root) return std::nullopt;
        const auto end = (*root)["url_citation"]["end_index"].integer();
        if (!end || *end < 0) return std::nullopt;
        return static_cast<std::size_t>(*end);
    }

    ChatReply& reply_;
    const OutputCap& cap_;
    OutputGauge gauge_;
    std::uint32_t calls_ = 0;
};

}  // namespace

bool cut(ChatReply& reply, const OutputCap& cap, const Measure& measure,
         std::int64_t input_tokens) {
    return Cutter(reply, cap, measure).run(input_tokens);
}

}  // namespace aigw::policy
