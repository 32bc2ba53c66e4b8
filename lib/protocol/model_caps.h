// What a configuration says of a model that the table does not know, or knows otherwise.
//
// Shape:   a capability has a name and the kind of value that it takes; a cap is one of them with
//          its value, and changes a model's traits. Names and words are those of gateway.toml.
// Source:  the conversion contract, section 2; `caps` in the configuration's contract.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/model_traits.h"

namespace aigw::protocol {

struct Capability {
    enum class Kind : std::uint8_t {
        Flag,    // 0 or 1
        Tokens,  // a number from 0, which means unknown
        Word,    // the index of one of `words`
        Words,   // a set of them: bit n is words[n]
    };
    std::string_view name;
    Kind kind;
    std::span<const std::string_view> words;
    void (*set)(ModelTraits& traits, std::int64_t value);
};

// Sorted by name.
std::span<const Capability> capabilities();

struct Cap {
    const Capability* what = nullptr;
    std::int64_t value = 0;
    friend bool operator==(const Cap&, const Cap&) = default;
};
using Caps = std::vector<Cap>;

ModelTraits with_caps(ModelTraits traits, std::span<const Cap> caps);

}  // namespace aigw::protocol
