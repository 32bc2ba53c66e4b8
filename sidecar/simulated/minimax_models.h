// What the simulated MiniMax sells.
//
// Source: MiniMax's model list and its chat page. Context where no page states it, and whether a
//         model that can do both thinks by itself, are the best reading there is.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aigw::simulated::minimax {

enum class Thinking : std::uint8_t { Never, Switched, Always };  // switched: on, unless told not to

struct Model {
    std::string_view id;
    Thinking thinking;
    bool sees_images;  // and videos
    bool has_formats;  // response_format
    std::int64_t context;
    std::int64_t default_max_tokens;
};

std::span<const Model> models();
// By name, or a model of its own for every "sim-…".
std::optional<Model> find_model(std::string_view id);

}  // namespace aigw::simulated::minimax
