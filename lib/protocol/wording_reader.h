// The wording of a chat, read from the fields of its body as simdjson has them.
#pragma once

#include <string_view>

#include "protocol/chat_wording.h"

namespace simdjson::dom {
class element;  // NOLINT(readability-identifier-naming): simdjson's own name
}

namespace aigw::protocol {

// One field of the body. A value of another type than the protocol's is the vendor's affair.
void note_field(std::string_view name, const simdjson::dom::element& value, ChatWording& wording);

}  // namespace aigw::protocol
