// What each vendor's models take: the one table, a row for a pattern of names.
//
// Order:   within a dialect the first row whose pattern fits counts; the last one fits every name.
// Source:  the vendors' sheets, at each dialect's rows; what a sheet calls unverified stands here
//          like everything else and is changed here.
#pragma once

#include <string_view>

#include "protocol/model_traits.h"

namespace aigw::providers {

// How a server wants chat said to it.
enum class Dialect : std::uint8_t {
    OpenAi,
    DashScope,
    Doubao,
    MiniMax,
    Generic,
    Anthropic,
    Gemini,
};

// `model` as the vendor calls it.
const protocol::ModelTraits& find_traits(Dialect dialect, std::string_view model);

}  // namespace aigw::providers
