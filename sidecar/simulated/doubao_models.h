// What the simulated Doubao (Volcengine Ark) sells: one row a family, every difference between them
// a column.
//
// Source: Ark's pages on chat, deep thinking and structured output. Which family takes earlier
//         thoughts, how much each can hold and answer, and which efforts it lists, no page states
//         for all; those columns are the best reading there is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace aigw::simulated::doubao {

struct Model {
    std::string_view id;        // without a date
    std::string_view thinking;  // values of thinking.type, the default first; empty: never thinks
    std::string_view efforts;   // values of reasoning_effort, by blanks; empty: none
    bool sees_images;           // and videos
    bool takes_thoughts;        // reasoning_content and encrypted_content of earlier answers
    bool takes_stops;           // and logit_bias and probabilities: no deep reasoner does
    bool takes_penalties;
    bool has_fixed_sampling;  // temperature 1, top_p 0.95
    bool takes_tool_choice;   // and parallel_tool_calls
    bool has_json_schema;
    std::size_t max_stops;
    std::int64_t min_pixels;  // that an image_pixel_limit may ask for
    std::int64_t max_pixels;
    std::int64_t context;
    std::int64_t max_output;

    bool reasons() const { return !thinking.empty(); }
    std::string_view default_thinking() const { return thinking.substr(0, thinking.find(' ')); }
};

// By name, with a date behind it or without; an endpoint's id "ep-20250101120000-abcde" and every
// "sim-…" have a row of their own, which takes whatever any other does.
std::optional<Model> find_model(std::string_view id);
// The same row for a bot's id "bot-20250101120000-abcde", and for every "sim-…".
std::optional<Model> find_bot(std::string_view id);

}  // namespace aigw::simulated::doubao
