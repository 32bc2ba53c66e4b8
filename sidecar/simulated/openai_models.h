// What the simulated OpenAI sells: one row a model, every difference between them a column.
//
// Source: OpenAI's model pages.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aigw::simulated::openai {

enum class Use : std::uint8_t { Chat, Responses, Completions, Embeddings, Any };

struct Model {
    std::string_view id;
    Use use;
    std::int64_t context;
    std::int64_t max_output;
    std::string_view efforts;  // values of reasoning_effort, by blanks; empty: does not reason
    bool refuses_tools_with_effort;  // function tools only with reasoning_effort "none"
    std::int64_t dimensions;         // of an embedding; 0: makes none
    bool has_free_dimensions;
    std::int64_t created;
    std::string_view shutdown_date;  // empty: null

    bool reasons() const { return !efforts.empty(); }
};

std::span<const Model> models();
// By name, or a model of its own for every "sim-…".
std::optional<Model> find_model(std::string_view id);

}  // namespace aigw::simulated::openai
