// The list of models, as OpenAI's `GET /v1/models` gives it.
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

}  // namespace aigw::protocol
