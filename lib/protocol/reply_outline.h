// What the top level of a vendor's reply says about the whole, in one pass and without a tree.
#pragma once

#include <optional>
#include <string_view>

#include "protocol/byte_range.h"

namespace aigw::protocol {

struct ReplyOutline {
    bool is_object = false;            // begins as one; nothing is checked behind its fields
    bool is_whole = false;             // its end has come, and nothing after it
    bool has_error = false;            // `error` is there and neither null nor empty
    bool has_code = false;             // so are `code` …
    bool has_message = false;          // … and `message`
    bool has_answer = false;           // `choices` or `data`
    bool has_failed = false;           // `base_resp` has a `status_code` other than 0 (MiniMax)
    std::optional<ByteRange> usage{};  // the last `usage`

    // An error, or the flat shape of one.
    bool is_error() const {
        return has_error || has_failed || (has_code && has_message && !has_answer);
    }
};

ReplyOutline outline_of(std::string_view json);

}  // namespace aigw::protocol
