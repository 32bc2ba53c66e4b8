// One part of a message as Chat Completions has it: a part of its own, or words where the model
// can't take more than words.
//
// Errors: invalid_request where the content is out of reach: a file that another vendor keeps.
// Source: the conversion contract, section 6.2; the vendors' sheets for what their models take.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "protocol/chat_parts.h"
#include "protocol/conversion.h"

namespace aigw::protocol {

struct OpenAiPart {
    enum class Kind : std::uint8_t { Nothing, Text, Image, Document, Audio, Video };

    Kind kind = Kind::Nothing;
    std::string text{};     // of Text
    std::string json{};     // of the others
    bool is_apart = false;  // a text of its own, no piece of a sentence
};

// Thoughts, calls and results are no content: Nothing.
Result<OpenAiPart> make_openai_part(const Part& part, RequestConversion& to);

// The same where only words may stand, as in what the assistant said.
Result<OpenAiPart> make_openai_words(const Part& part, RequestConversion& to);

}  // namespace aigw::protocol
