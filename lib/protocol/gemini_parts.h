// One part of a message as Gemini has it: words, bytes, or where the bytes are.
//
// Errors:  invalid_request where the content is out of reach: a file that another vendor keeps, an
//          address that is none.
// Source:  ai.google.dev/api/caching ("Part"); the conversion contract, sections 3.3 and 6.2.
#pragma once

#include <string_view>

#include "base/result.h"
#include "protocol/chat_parts.h"
#include "protocol/conversion.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

void write_gemini_text(JsonWriter& json, std::string_view text, std::string_view signature = {});

// Text, media, or a vendor's own block in words; a document's title stands before it. Thoughts,
// calls and results are no content: nothing.
Result<void> write_gemini_part(JsonWriter& json, const Part& part, std::string_view signature,
                               RequestConversion& to);

// An image, a document, sound or film that is not simply text.
bool is_media(const Part& part);

}  // namespace aigw::protocol
