// Which header fields pass through the gateway, in each direction.
//
// Rules:   everything end-to-end passes (RFC 9110, section 7.6.1), except what belongs to the
//          gateway itself: the caller's credentials and addresses, framing, and fields that the
//          platform sets.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/message.h"
#include "sidecar/engine/http_message.h"

namespace aigw::exchange {

// Appends the caller's fields that go upstream as header lines; `own` are the names that the
// platform sets.
void append_forwarded(std::string& out, const engine::RequestHead& head,
                      std::span<const std::string> own);

// The upstream's fields that go to the caller.
http::Headers forwarded(const engine::ResponseHead& head);

}  // namespace aigw::exchange
