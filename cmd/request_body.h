// The body that a question is about: a caller's own with what the command line changes in it, or a
// small one that is made up.
//
// Shape:   what is changed is written over in place, or added as the first field; every other byte
//          stays as it was.
// Errors:  none: a body that is to be changed has been read before, and is an object.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/operation.h"

namespace aigw::cmd {

struct BodyChanges {
    std::string model{};  // empty: the body's own
    bool streams = false;
    std::optional<std::int64_t> max_tokens{};
};

std::string with_changes(std::string body, Operation operation, Protocol protocol,
                         const BodyChanges& changes);
// One text of a single character, "…", with what is asked for.
std::string make_up_body(Operation operation, Protocol protocol, const BodyChanges& changes);

}  // namespace aigw::cmd
