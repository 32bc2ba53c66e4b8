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
    Row{"n", "1"},
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
    Row{"prompt_cache_options", ""},
    Row{"web_search_options", ""},
    Row{"moderation", ""},
    Row{"metadata", "{}"},
    Row{"modalities", "[\"text\"]"},
    Row{"audio", ""},
};

const Row* find_row(std::string_view name) {
    const auto* const row = std::ranges::find(kRows, name, &Row::name);
    return row == kRows.end() ? nullptr : row;
}

bool is_zero(JsonValue value) {
    return value.is_number() && value.number() == 0.0;
}

}  // namespace

bool is_openai_field(std::string_view name) {
    return find_row(name) != nullptr;
}

bool would_be_missed(const ExtraField& field) {
    const Row* row = find_row(field.name);
    if (row == nullptr) return false;
    JsonTree tree;
    const auto value = tree.parse(field.json);
    if (!value || row->without_effect.empty()) return true;
    if (row->without_effect == "0") return !is_zero(*value);
    std::string compact;
    append_compact(compact, value->raw());
    return compact != row->without_effect;
}

}  // namespace aigw::protocol
