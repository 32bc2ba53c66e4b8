// What the simulated DashScope sells: one row a family, every difference between them a column.
//
// Source: Alibaba Cloud Model Studio's model list and its pages on deep thinking and embeddings.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aigw::simulated::dashscope {

enum class Use : std::uint8_t { Chat, Embeddings, Both };
enum class Thinking : std::uint8_t { Never, OffByDefault, OnByDefault, Always };

struct Model {
    std::string_view id;  // without "-latest" or a date
    Use use;
    Thinking thinking;
    bool thinks_only_in_streams;
    bool sees_images;
    bool takes_max_completion_tokens;  // older families know only max_tokens
    std::int64_t max_choices;
    std::int64_t context;
    std::int64_t max_output;
    std::string_view dimensions;  // of embeddings, the default first, by blanks; empty: makes none
    std::size_t max_inputs;
};

std::span<const Model> models();
// By name, with or without "-latest" or "-2025-07-28"; or a model of its own for every "sim-…".
std::optional<Model> find_model(std::string_view id);

}  // namespace aigw::simulated::dashscope
