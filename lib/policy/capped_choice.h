// One choice of OpenAI's answers: its texts counted, and the choice written anew with less of them.
//
// Shape:   thoughts, content, what was refused, calls; of the elder completions the text. They are
//          thought of as laid end to end, in that order. `thinking_blocks` repeat what
//          `reasoning_content` says, and are not counted.
// Anew:    members that nobody has heard of stay as they are; what is of the whole text
//          (probabilities, citations, blocks of thinking) is left out.
// Source:  platform.openai.com/docs/api-reference/chat/object, /chat-streaming, /completions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/output_gauge.h"
#include "protocol/json_tree.h"
#include "protocol/json_writer.h"

namespace aigw::policy {

// Gives the bytes of its texts. `buffer` is memory to work in.
std::size_t count_choice(protocol::JsonValue choice, OutputGauge& gauge, std::string& buffer);

struct ChoiceCut {
    std::size_t keep = 0;              // bytes of its texts
    std::string_view notice{};         // behind its content
    std::string_view finish_reason{};  // empty: null
};
void append_cut_choice(protocol::JsonWriter& json, protocol::JsonValue choice,
                       const ChoiceCut& cut);

}  // namespace aigw::policy
