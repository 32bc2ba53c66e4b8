// Namespaces: which channel a request belongs to, by what it says of itself.
//
// Shape:   a namespace is chosen by any of its lists of conditions, the one of higher priority
//          first, then in the order of the file. Where none is chosen, the one called "default" is,
//          if there is one.
// Cost:    lists of one `eq` are found by a hash of the field's value, one look-up for each field
//          that occurs; the others are tried in order, while they could still win.
// Errors:  Config, with the place: a condition that can't be compiled.
// Threads: immutable; share by const reference.
// Source:  gateway.toml(5) NAMESPACES; contracts of the project.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/file_position.h"
#include "base/result.h"
#include "matching/condition.h"

namespace aigw::identity {

inline constexpr std::string_view kDefaultNamespace = "default";

// One [[namespaces]].
struct NamespaceOptions {
    std::string name{};
    int priority = 0;  // higher first
    bool is_enabled = true;
    bool is_anonymous = false;  // callers need no credential
    matching::ConditionLists match{};
    FilePosition at{};
};

struct Namespace {
    std::string name{};
    bool is_enabled = true;
    bool is_anonymous = false;
    matching::Conditions conditions{};
    FilePosition at{};

    // Whether it can't be told without the body that this one is meant.
    bool may_read_body() const;
};

// Position in the order of the configuration.
using NamespaceIndex = std::uint16_t;

class Namespaces {
public:
    struct Found {
        NamespaceIndex index = 0;
        std::optional<std::uint32_t> list{};  // of its conditions; none: it is the default
    };

    static Result<Namespaces> make(std::span<const NamespaceOptions> options);

    std::optional<Found> find(const matching::Asked& asked) const;
    std::span<const Namespace> all() const { return namespaces_; }
    bool has_anonymous() const { return has_anonymous_; }

private:
    // A list of conditions, by its place in the order in which they are asked.
    struct Alternative {
        std::uint32_t rank = 0;
        Found found{};
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>()(text);
        }
    };
    using ByValue = std::unordered_map<std::string, Alternative, TextHash, std::equal_to<>>;
    struct Field {
        matching::Source source = matching::Source::Header;
        std::string key{};
        ByValue values{};
    };

    void index(const std::vector<matching::Condition>& list, const Alternative& alternative);

    std::vector<Namespace> namespaces_{};
    std::vector<Field> fields_{};
    std::vector<Alternative> others_{};  // in order of rank
    std::optional<NamespaceIndex> default_{};
    bool has_anonymous_ = false;
};

}  // namespace aigw::identity
