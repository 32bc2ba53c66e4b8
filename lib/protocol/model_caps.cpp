#include "protocol/model_caps.h"

#include <array>

namespace aigw::protocol {
namespace {

using Traits = ModelTraits;
using Kind = Capability::Kind;
using Words = std::span<const std::string_view>;

// In the order of their enums.
constexpr std::array<std::string_view, 4> kThinking = {"none", "budget", "adaptive", "both"};
constexpr std::array<std::string_view, 3> kSampling = {"full", "one_of", "none"};
constexpr std::array<std::string_view, 2> kMaxFields = {"max_tokens", "max_completion_tokens"};
constexpr std::array<std::string_view, 4> kReasoning = {"none", "reasoning_effort",
                                                        "enable_thinking", "thinking"};
constexpr std::array<std::string_view, 2> kPositions = {"any", "first_only"};
constexpr std::array<std::string_view, 3> kPrefill = {"none", "partial", "plain"};
constexpr std::array<std::string_view, 3> kCacheMarks = {"none", "cache_control",
                                                         "prompt_cache_breakpoint"};
constexpr std::array<std::string_view, 7> kEfforts = {"none", "minimal", "low", "medium",
                                                      "high", "xhigh",   "max"};
constexpr std::array<std::string_view, 4> kChoices = {"none", "auto", "required", "named"};
constexpr std::int64_t kRequired = 1 << 2;  // bits of kChoices
constexpr std::int64_t kNamed = 1 << 3;

template <bool Traits::* Member>
constexpr Capability flag(std::string_view name) {
    return {name, Kind::Flag, {}, [](Traits& traits, std::int64_t value) {
                traits.*Member = value != 0;
            }};
}

template <std::int64_t Traits::* Member>
constexpr Capability tokens(std::string_view name) {
    return {
        name, Kind::Tokens, {}, [](Traits& traits, std::int64_t value) { traits.*Member = value; }};
}

template <auto Member>
constexpr Capability word(std::string_view name, Words words) {
    return {name, Kind::Word, words, [](Traits& traits, std::int64_t value) {
                using Enum = std::remove_reference_t<decltype(traits.*Member)>;
                traits.*Member = static_cast<Enum>(value);
            }};
}

// Claude continues a trailing turn as it stands or refuses it; others have a way of their own.
void set_prefill(Traits& traits, std::int64_t value) {
    traits.continued_answer = static_cast<Traits::ContinuedAnswer>(value);
    traits.prefill = traits.continued_answer != Traits::ContinuedAnswer::None;
}

void set_efforts(Traits& traits, std::int64_t value) {
    traits.efforts = {};
    for (std::size_t i = 0; i < kEfforts.size(); ++i)
        if (((value >> i) & 1) != 0) traits.efforts.add(static_cast<Effort>(i));
}

void set_choices(Traits& traits, std::int64_t value) {
    traits.choice_required = (value & kRequired) != 0;
    traits.choice_named = (value & kNamed) != 0;
}

constexpr std::array kCapabilities = {
    flag<&Traits::audio>("audio"),
    word<&Traits::cache_marks>("cache_breakpoints", kCacheMarks),
    flag<&Traits::content_arrays>("content_arrays"),
    tokens<&Traits::context>("context"),
    flag<&Traits::custom_tools>("custom_tools"),
    flag<&Traits::developer_role>("developer_role"),
    flag<&Traits::effort_with_tools>("effort_with_tools"),
    Capability{"efforts", Kind::Words, kEfforts, set_efforts},
    flag<&Traits::file_parts>("file_parts"),
    flag<&Traits::forced_calls>("forced_calls"),
    flag<&Traits::media_urls>("image_urls"),
    flag<&Traits::images>("images"),
    flag<&Traits::json_object>("json_object"),
    flag<&Traits::json_schema>("json_schema"),
    word<&Traits::max_field>("max_field", kMaxFields),
    tokens<&Traits::max_output>("max_output"),
    flag<&Traits::mid_system>("mid_system"),
    Capability{"prefill", Kind::Word, kPrefill, set_prefill},
    word<&Traits::reasoning_field>("reasoning_in", kReasoning),
    flag<&Traits::replays_reasoning>("replay_reasoning"),
    word<&Traits::sampling>("sampling", kSampling),
    flag<&Traits::takes_stop>("stop"),
    flag<&Traits::thinks_only_in_streams>("stream_only_thinking"),
    flag<&Traits::strict_tools>("strict_tools"),
    flag<&Traits::structured_output>("structured_output"),
    word<&Traits::system_position>("system_position", kPositions),
    flag<&Traits::takes_sampling>("temperature"),
    word<&Traits::thinking>("thinking", kThinking),
    flag<&Traits::thinking_can_be_off>("thinking_can_be_off"),
    flag<&Traits::thinks_by_default>("thinks_by_default"),
    Capability{"tool_choice", Kind::Words, kChoices, set_choices},
    flag<&Traits::tool_images>("tool_images"),
    flag<&Traits::takes_top_k>("top_k"),
};

}  // namespace

std::span<const Capability> capabilities() {
    return kCapabilities;
}

ModelTraits with_caps(ModelTraits traits, std::span<const Cap> caps) {
    for (const Cap& cap : caps) cap.what->set(traits, cap.value);
    return traits;
}

}  // namespace aigw::protocol
