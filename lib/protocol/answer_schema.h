// A schema for the answer as Anthropic's decoder takes it, where it can be said that way.
//
// Does:    closes every object, moves what the decoder doesn't know into descriptions, writes
//          `oneOf` as `anyOf`. `required` stays as it was.
// Not:     schemas that recur, or that leave an object open on purpose: those need a forced tool.
// Source:  the conversion contract, section 3.6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace aigw::protocol {

struct AnswerSchema {
    std::string json{};
    bool is_approximated = false;  // a keyword went into a description
    friend bool operator==(const AnswerSchema&, const AnswerSchema&) = default;
};

// Nothing when the decoder can't express it.
std::optional<AnswerSchema> make_answer_schema(std::string_view schema);

// The root is an object: what a tool's arguments must be.
bool is_object_schema(std::string_view schema);

}  // namespace aigw::protocol
