#include "protocol/openai_fields.h"

#include <algorithm>
#include <array>

#include "protocol/json_tree.h"

namespace aigw::protocol {
namespace {

struct Row {
    std::string_view name;
    std::string_view without_effect;  // its default as JSON; empty: it has none
};

// Source: platform.openai.com/docs/api-reference/chat/create.
constexpr std::array kRows = {
    Row{"seed", ""},
    Row{"logit_bias", "{}"},
    Row{"presence_penalty", "0"},
    Row{"frequency_penalty", "0"},
    Row{"logprobs", "false"},
    Row{"top_logprobs", "0"},
    Row{"prediction", ""},
    Row{"store", "false"},
    Row{"verbosity", "\"medium\""},
    Row{"prompt_cache_key", ""},
    Row{"prompt_cache_retention", ""},
    Row{"web_search_options", ""},
    Row{"moderation", ""},
    Row{"metadata", "{}"},
};

bool is_zero(JsonValue value) {
    return value.is_number() && value.number() == 0.0;
}

}  // namespace

bool would_be_missed(const ExtraField& field) {
    const auto row =
        std::ranges::find_if(kRows, [&](const Row& known) { return known.name == field.name; });
    if (row == kRows.end()) return false;
    JsonTree tree;
    const auto value = tree.parse(field.json);
    if (!value || row->without_effect.empty()) return true;
    if (row->without_effect == "0") return !is_zero(*value);
    std::string compact;
    append_compact(compact, value->raw());
    return compact != row->without_effect;
}

}  // namespace aigw::protocol
