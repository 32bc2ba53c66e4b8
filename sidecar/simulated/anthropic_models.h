// What the simulated Anthropic sells: one row a model, every difference between them a column.
//
// Source: Anthropic's model and thinking pages. Dates, and columns that no page states for a model
//         (forced tools, prefill, which thoughts are bound), are the best reading there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace aigw::simulated::anthropic {

enum class Display : std::uint8_t { Summarized, Omitted };
enum class Sampling : std::uint8_t {
    Full,
    OneOf,  // temperature or top_p, not both
    None,   // only the values that change nothing
};
// What a signed thought is good for: any history, this one, this one with this key.
enum class Binding : std::uint8_t { None, Conversation, Account };

struct Model {
    std::string_view id;
    std::string_view name;  // to show
    std::string_view created_at;
    std::int64_t context;
    std::int64_t max_output;
    std::string_view thinking;          // values of thinking.type, by blanks; empty: never thinks
    std::string_view default_thinking;  // when the request says nothing
    Display display;                    // likewise
    std::string_view efforts;           // values of output_config.effort, by blanks; empty: none
    Sampling sampling;
    bool takes_forced_tools;
    bool has_structured_output;  // output_config.format and strict tools
    bool has_late_system;        // role "system" among the messages
    bool has_prefill;            // the last message may be the assistant's
    Binding binding;
    std::size_t max_tool_name;
    std::int64_t smallest_cached;  // tokens of the shortest prefix that is cached

    bool allows_thinking(std::string_view type) const;
    bool allows_effort(std::string_view effort) const;
};

std::span<const Model> models();
// By name, with or without a date behind it; "sim-…" is a row of the second table, or its first.
std::optional<Model> find_model(std::string_view id);

}  // namespace aigw::simulated::anthropic
