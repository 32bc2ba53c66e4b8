// What each vendor's models take: the one table, a row for a pattern of names.
//
// Order:   within a dialect the first row whose pattern fits counts; the last one fits every name.
// Source:  the vendors' sheets, at each dialect's rows; what a sheet calls unverified stands here
//          like everything else and is changed here.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/model_traits.h"

namespace aigw::providers {

// How a server wants chat said to it.
enum class Dialect : std::uint8_t {
    OpenAi,
    OpenAiReasoning,  // whatever the model's name, it is one of OpenAI's that think
    DashScope,
    Doubao,
    MiniMax,
    DeepSeek,
    Generic,
    Anthropic,
    Gemini,
};

// Those that a server of OpenAI's protocol may speak, by the names that a configuration has.
std::span<const std::string_view> dialect_names();
std::optional<Dialect> find_dialect(std::string_view name);

// Whether bodies of OpenAI's callers are looked at before they pass: the server would refuse some.
bool has_own_rules(Dialect dialect);

// `model` as the vendor calls it.
const protocol::ModelTraits& find_traits(Dialect dialect, std::string_view model);

// Those of every model that the dialect's rows know.
std::vector<const protocol::ModelTraits*> known_traits(Dialect dialect);

}  // namespace aigw::providers
