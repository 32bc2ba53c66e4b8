#include "protocol/chat_wording.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>

#include "protocol/model_traits.h"

namespace aigw::protocol {
namespace {

constexpr std::array<std::string_view, 31> kNames = {
    "n",
    "seed",
    "stop",
    "user",
    "audio",
    "store",
    "top_p",
    "logprobs",
    "metadata",
    "functions",
    "verbosity",
    "logit_bias",
    "max_tokens",
    "modalities",
    "moderation",
    "prediction",
    "temperature",
    "tool_choice",
    "service_tier",
    "top_logprobs",
    "function_call",
    "enable_thinking",
    "response_format",
    "presence_penalty",
    "prompt_cache_key",
    "reasoning_effort",
    "frequency_penalty",
    "safety_identifier",
    "web_search_options",
    "max_completion_tokens",
    "prompt_cache_retention",
};
static_assert(kNames.size() == static_cast<std::size_t>(ChatField::PromptCacheRetention) + 1);
static_assert(kNames.size() <= 32);
static_assert(std::ranges::is_sorted(kNames, {}, &std::string_view::size));

constexpr std::size_t kLongest = kNames.back().size();

// Where the names of each length begin; every request asks this for each of its fields.
constexpr auto kBegin = [] {
    std::array<std::uint8_t, kLongest + 2> begin{};
    for (std::size_t length = 0; length < begin.size(); ++length) {
        const auto first = std::ranges::lower_bound(kNames, length, {}, &std::string_view::size);
        begin[length] = static_cast<std::uint8_t>(first - kNames.begin());
    }
    return begin;
}();

}  // namespace

std::string_view name_of(ChatField field) {
    return kNames[static_cast<std::size_t>(field)];
}

std::optional<ChatField> find_chat_field(std::string_view name) {
    if (name.size() > kLongest) return std::nullopt;
    for (std::size_t i = kBegin[name.size()]; i < kBegin[name.size() + 1]; ++i) {
        if (kNames[i] == name) return static_cast<ChatField>(i);
    }
    return std::nullopt;
}

bool ChatFields::has_any_of(std::string_view names) const {
    for (std::uint32_t bits = bits_; bits != 0; bits &= bits - 1) {
        const auto field = static_cast<ChatField>(std::countr_zero(bits));
        if (has_name(names, name_of(field))) return true;
    }
    return false;
}

}  // namespace aigw::protocol
