// The list of models, as `GET /v1/models` of OpenAI and of Anthropic gives it.
//
// Source:  platform.openai.com/docs/api-reference/models, docs.anthropic.com/en/api/models-list.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"

namespace aigw::protocol {

struct ModelCard {
    std::string id{};
    std::string owned_by{};  // the provider's name
    friend bool operator==(const ModelCard&, const ModelCard&) = default;
};

// `created` is the moment the configuration was loaded: the same for all, and for every call.
std::string render_models(std::span<const ModelCard> cards, TimePoint created);
// One card, as `GET /v1/models/{id}` gives it.
std::string render_model(const ModelCard& card, TimePoint created);

// All of them on one page.
std::string render_anthropic_models(std::span<const ModelCard> cards, TimePoint created);
std::string render_anthropic_model(const ModelCard& card, TimePoint created);

}  // namespace aigw::protocol
