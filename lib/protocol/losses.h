// What a conversion could not carry over, said to the caller.
//
// Shape:   entries `kind:path` in order of discovery, none twice. A path is that of the caller's
//          own body ("messages[3].content[1]", "temperature"): ASCII, no values, no prompt text.
// Ignored: what is left out without a word to the caller, since it is the usual case: fields that
// no
//          rule knows, and thoughts that the model can't have. They are for the log.
// Source:  the conversion contract, section 1 (principle 7, "Reporting what was lost").
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/chat_parts.h"

namespace aigw::protocol {

enum class LossKind : std::uint8_t {
    Dropped,       // asked for, can't be expressed
    Clamped,       // moved into range
    Rewritten,     // all there, in another shape or place
    Approximated,  // the nearest equivalent
    Repaired,      // the history broke a rule of the upstream
    Estimated,     // a number that the gateway computed
};
std::string_view name_of(LossKind kind);

struct Loss {
    LossKind kind = LossKind::Dropped;
    std::string path{};
    friend bool operator==(const Loss&, const Loss&) = default;
};

class Losses {
public:
    void add(LossKind kind, std::string_view path);
    void add(LossKind kind, const Place& place) { add(kind, path_of(place)); }

    void ignore(std::string_view path);
    void ignore(const Place& place) { ignore(path_of(place)); }

    std::span<const Loss> entries() const { return entries_; }
    std::span<const std::string> ignored() const { return ignored_; }
    bool empty() const { return entries_.empty(); }
    // What strict callers do not put up with: the first one dropped, clamped or approximated.
    const Loss* find_strict() const;
    // Value of `X-Aigw-Warnings`: at most 16 entries and 1,000 bytes, then "+N".
    std::string header() const;
    // The paths of what is ignored, with the same bounds.
    std::string ignored_list() const;

private:
    std::vector<Loss> entries_;
    std::vector<std::string> ignored_;
};

// The field of a path, for a counter: "messages[3].content[1]" is "messages".
std::string_view field_of(std::string_view path);

}  // namespace aigw::protocol
