#include "sidecar/simulated/anthropic_models.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::string_view kAllEfforts = "low medium high xhigh max";
constexpr std::string_view kFourEfforts = "low medium high max";
constexpr std::string_view kThreeEfforts = "low medium high";
constexpr std::int64_t kMillion = 1'000'000;

// Columns: id, name, created, context, max output, thinking, its default, display, efforts,
// sampling, forced tools, structured output, late system, prefill, binding, tool name, smallest
// cached prefix.
constexpr std::array kModels = {
    Model{"claude-opus-5-5", "Claude Opus 5.5", "2026-10-01T00:00:00Z", kMillion, 128'000,
          "adaptive", "adaptive", Display::Omitted, kAllEfforts, Sampling::None, false, true, true,
          false, Binding::Conversation, 128, 1024},
    Model{"claude-fable-5-1", "Claude Fable 5.1", "2026-08-31T00:00:00Z", kMillion, 128'000,
          "adaptive", "adaptive", Display::Omitted, kAllEfforts, Sampling::None, false, true, true,
          false, Binding::Conversation, 128, 1024},
    Model{"claude-sonnet-5-5", "Claude Sonnet 5.5", "2026-10-01T00:00:00Z", kMillion, 128'000,
          "adaptive between_tools", "adaptive", Display::Omitted, kAllEfforts, Sampling::None,
          false, true, true, false, Binding::Account, 128, 1024},
    Model{"claude-haiku-5-5", "Claude Haiku 5.5", "2026-10-15T00:00:00Z", 400'000, 64'000,
          "adaptive disabled", "adaptive", Display::Omitted, kAllEfforts, Sampling::None, true,
          true, true, false, Binding::Account, 128, 2048},
    Model{"claude-opus-5", "Claude Opus 5", "2026-07-01T00:00:00Z", kMillion, 128'000,
          "adaptive enabled disabled", "adaptive", Display::Omitted, kAllEfforts, Sampling::None,
          true, true, true, false, Binding::None, 128, 1024},
    Model{"claude-sonnet-5", "Claude Sonnet 5", "2026-07-01T00:00:00Z", kMillion, 128'000,
          "adaptive disabled", "disabled", Display::Omitted, kAllEfforts, Sampling::None, true,
          true, true, false, Binding::None, 128, 1024},
    Model{"claude-opus-4-8", "Claude Opus 4.8", "2026-05-28T00:00:00Z", kMillion, 128'000,
          "adaptive disabled", "disabled", Display::Omitted, kAllEfforts, Sampling::None, true,
          true, true, false, Binding::None, 128, 1024},
    Model{"claude-opus-4-7", "Claude Opus 4.7", "2026-04-16T00:00:00Z", kMillion, 128'000,
          "adaptive disabled", "disabled", Display::Omitted, kAllEfforts, Sampling::None, true,
          true, false, false, Binding::None, 128, 4096},
    Model{"claude-opus-4-6", "Claude Opus 4.6", "2026-02-05T00:00:00Z", 200'000, 128'000,
          "adaptive enabled disabled", "disabled", Display::Summarized, kFourEfforts,
          Sampling::OneOf, true, true, false, false, Binding::None, 128, 4096},
    Model{"claude-sonnet-4-6", "Claude Sonnet 4.6", "2026-02-17T00:00:00Z", 200'000, 64'000,
          "adaptive enabled disabled", "disabled", Display::Summarized, kFourEfforts,
          Sampling::OneOf, true, true, false, false, Binding::None, 128, 2048},
    Model{"claude-opus-4-5", "Claude Opus 4.5", "2025-11-24T00:00:00Z", 200'000, 64'000,
          "enabled disabled", "disabled", Display::Summarized, kThreeEfforts, Sampling::OneOf, true,
          true, false, true, Binding::None, 128, 4096},
    Model{"claude-sonnet-4-5", "Claude Sonnet 4.5", "2025-09-29T00:00:00Z", 200'000, 64'000,
          "enabled disabled", "disabled", Display::Summarized, "", Sampling::OneOf, true, true,
          false, true, Binding::None, 128, 1024},
    Model{"claude-haiku-4-5", "Claude Haiku 4.5", "2025-10-15T00:00:00Z", 200'000, 64'000,
          "enabled disabled", "disabled", Display::Summarized, "", Sampling::OneOf, true, true,
          false, true, Binding::None, 128, 4096},
    Model{"claude-opus-4-1", "Claude Opus 4.1", "2025-08-05T00:00:00Z", 200'000, 32'000,
          "enabled disabled", "disabled", Display::Summarized, "", Sampling::OneOf, true, false,
          false, true, Binding::None, 64, 1024},
};

// The first one stands for every other "sim-…" name: it can do all that any model can.
constexpr std::array kSimulatedModels = {
    Model{"sim-claude", "Simulated Claude", "2026-11-20T00:00:00Z", 200'000, 128'000,
          "adaptive enabled disabled between_tools", "disabled", Display::Summarized, kAllEfforts,
          Sampling::Full, true, true, true, true, Binding::None, 128, 1024},
    Model{"sim-claude-plain", "Simulated Claude, the oldest", "2026-11-20T00:00:00Z", 200'000,
          8'192, "", "disabled", Display::Summarized, "", Sampling::Full, true, false, false, true,
          Binding::None, 64, 2048},
    Model{"sim-claude-budget", "Simulated Claude with budgets", "2026-11-20T00:00:00Z", 200'000,
          64'000, "enabled disabled", "disabled", Display::Summarized, "", Sampling::OneOf, true,
          true, false, true, Binding::None, 128, 1024},
    Model{"sim-claude-adaptive", "Simulated Claude, the newest", "2026-11-20T00:00:00Z", kMillion,
          128'000, "adaptive", "adaptive", Display::Omitted, kAllEfforts, Sampling::None, false,
          true, true, false, Binding::Conversation, 128, 1024},
    Model{"sim-claude-between", "Simulated Claude between tools", "2026-11-20T00:00:00Z", kMillion,
          128'000, "adaptive between_tools", "adaptive", Display::Omitted, kAllEfforts,
          Sampling::None, false, true, true, false, Binding::Account, 128, 1024},
    Model{"sim-claude-narrow", "Simulated Claude, short of room", "2026-11-20T00:00:00Z", 512,
          8'192, "adaptive enabled disabled", "disabled", Display::Summarized, kAllEfforts,
          Sampling::Full, true, true, true, true, Binding::None, 128, 1024},
};

bool has_word(std::string_view words, std::string_view word) {
    const auto all = split(words, ' ');
    return !word.empty() && std::find(all.begin(), all.end(), word) != all.end();
}

// "-20250929"
bool is_date_suffix(std::string_view rest) {
    return rest.size() == 9 && rest.front() == '-' &&
           std::all_of(rest.begin() + 1, rest.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

bool Model::allows_thinking(std::string_view type) const {
    return has_word(thinking, type);
}

bool Model::allows_effort(std::string_view effort) const {
    return has_word(efforts, effort);
}

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    for (const Model& model : kModels) {
        if (!id.starts_with(model.id)) continue;
        const std::string_view rest = id.substr(model.id.size());
        if (rest.empty() || is_date_suffix(rest)) return model;
    }
    if (!id.starts_with("sim-")) return std::nullopt;
    for (const Model& model : kSimulatedModels) {
        if (model.id == id) return model;
    }
    Model model = kSimulatedModels.front();
    model.id = id;
    return model;
}

}  // namespace aigw::simulated::anthropic
