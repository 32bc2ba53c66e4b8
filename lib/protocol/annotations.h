// What a text's annotations say of where it comes from, in both of OpenAI's forms.
//
// Shape:   Chat Completions have one text: places are counted from its beginning, and what is said
//          of a citation stands in an object of its own. Responses have several: places are counted
//          in the text that an annotation belongs to, and everything stands in one object.
// Units:   places are characters; `text_begin` is where the text begins among all of them.
// Source:  platform.openai.com/docs/api-reference/chat/object, /responses/object.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/json_tree.h"

namespace aigw::protocol {

// Of UTF-8.
std::size_t count_characters(std::string_view text);

// An annotation of Responses as Chat Completions has it.
std::string nested_annotation(JsonValue annotation, std::size_t text_begin);
// An annotation of Chat Completions as Responses have it.
std::string flat_annotation(std::string_view json, std::size_t text_begin);
// Where the annotation of Chat Completions begins, if it says so.
std::optional<std::size_t> begin_of_annotation(std::string_view json);

}  // namespace aigw::protocol
