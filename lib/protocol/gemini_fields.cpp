#include "protocol/gemini_fields.h"

#include <algorithm>
#include <array>

#include "protocol/json_tree.h"

namespace aigw::protocol {
namespace {

struct Row {
    std::string_view name;
    std::string_view other_name;
    bool is_config;
};
constexpr std::array kRows = {
    Row{"safetySettings", "safety_settings", false},
    Row{"cachedContent", "cached_content", false},
    Row{"seed", "seed", true},
    Row{"presencePenalty", "presence_penalty", true},
    Row{"frequencyPenalty", "frequency_penalty", true},
    Row{"responseLogprobs", "response_logprobs", true},
    Row{"logprobs", "top_logprobs", true},
    Row{"thinkingConfig", "thinking_config", true},
    Row{"responseModalities", "response_modalities", true},
    Row{"imageConfig", "image_config", true},
    Row{"speechConfig", "speech_config", true},
    Row{"mediaResolution", "media_resolution", true},
};

const Row* find_row(std::string_view name) {
    const auto* const row = std::ranges::find_if(
        kRows, [&](const Row& known) { return known.name == name || known.other_name == name; });
    return row == kRows.end() ? nullptr : row;
}

class Taker {
public:
    // Whether the field was one of them.
    bool take(const ExtraField& extra) {
        if (extra.name == "logprobs") return take_switch(extra.json);
        if (extra.name == "top_logprobs" && extra.json == "0") return true;  // there is no such
        if (const Row* row = find_row(extra.name)) {
            add(*row, extra.json);
            return true;
        }
        if (extra.name != "google" && extra.name != "extra_body") return false;
        JsonTree tree;
        const auto root = tree.parse(extra.json);
        if (!root) return false;
        take_members(extra.name == "google" ? *root : (*root)["google"]);
        return true;
    }

    std::vector<GeminiField> fields() && { return std::move(fields_); }

private:
    // OpenAI's switch has the name of Gemini's number.
    bool take_switch(std::string_view json) {
        if (json == "true") add(*find_row("responseLogprobs"), json);
        return true;
    }

    void take_members(JsonValue object) {
        if (!object.is_object()) return;
        for (const JsonValue& member : object) {
            const Row* row = member.is_given() ? find_row(member.key()) : nullptr;
            if (row != nullptr) add(*row, member.raw());
        }
    }

    void add(const Row& row, std::string_view json) {
        std::erase_if(fields_, [&](const GeminiField& field) { return field.name == row.name; });
        GeminiField& field =
            fields_.emplace_back(GeminiField{.name = row.name, .is_config = row.is_config});
        append_compact(field.json, json);
    }

    std::vector<GeminiField> fields_;
};

}  // namespace

std::vector<GeminiField> take_gemini_fields(std::vector<ExtraField>& extras) {
    Taker taker;
    std::erase_if(extras, [&](const ExtraField& extra) { return taker.take(extra); });
    return std::move(taker).fields();
}

}  // namespace aigw::protocol
