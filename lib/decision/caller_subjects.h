// Whom the limits of one call count. For decision/*.cpp.
//
// Borrows: everything that it is made of; what it puts together goes into a list of its owner.
#pragma once

#include <forward_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/principal.h"
#include "limits/options.h"

namespace aigw::decision {

struct CallNames {
    std::string_view address{};
    std::string_view model{};
    std::string_view channel{};   // its namespace
    std::string_view platform{};  // of a candidate
};

// A name as it stands, or several put together. Limits by the same subjects follow each other, and
// share what was made.
class CallerSubjects {
public:
    CallerSubjects(const Principal& principal, const CallNames& names,
                   std::forward_list<std::string>& made)
        : principal_(principal), names_(names), made_(made) {}

    // nullopt: the caller has no such name, and the limit doesn't count it.
    std::optional<std::string_view> find(limits::Subjects by);

private:
    std::optional<std::string_view> part_of(limits::Subjects one);
    std::optional<std::string_view> put_together(limits::Subjects by);
    std::optional<std::string_view> part(limits::Subject subject);
    std::optional<std::string_view> address();

    const Principal& principal_;
    CallNames names_;
    std::forward_list<std::string>& made_;
    std::string_view ip_{};
    limits::Subjects last_by_{};
    std::optional<std::string_view> last_{};
};

}  // namespace aigw::decision
