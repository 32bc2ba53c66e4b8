// A JSON text as a tree of places in it: read without copying, so that numbers keep their digits,
// objects their key order and strings their very bytes.
//
// Shape:   JsonTree owns the nodes and refers to the text, which outlives it; JsonValue is a cheap
//          cursor. Reading never fails: a member that is not there, or of another kind, is an
//          absent value, whose text is empty.
// Errors:  parse() refuses what RFC 8259 refuses, more than 128 levels, and texts over 4 GiB; the
//          error says line and column. Invalid UTF-8 is let through; strings give U+FFFD for it.
// Keys:    of several members of one name the last counts, as in most readers.
// Cost:    one pass, 20 bytes a value; memory is kept from one parse() to the next.
// Threads: one tree per thread; cursors are good until the next parse().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace aigw::protocol {

enum class JsonKind : std::uint8_t { Absent, Null, Boolean, Number, String, Array, Object };

// "a string", "null", …: for messages.
std::string_view name_of(JsonKind kind);

class JsonTree;

class JsonValue {
public:
    JsonValue() = default;

    JsonKind kind() const;
    bool is_absent() const { return kind() == JsonKind::Absent; }
    bool is_null() const { return kind() == JsonKind::Null; }
    // Absent and null mean the same in both protocols.
    bool is_given() const { return kind() > JsonKind::Null; }
    bool is_string() const { return kind() == JsonKind::String; }
    bool is_object() const { return kind() == JsonKind::Object; }
    bool is_array() const { return kind() == JsonKind::Array; }
    bool is_number() const { return kind() == JsonKind::Number; }

    // The value as it stands in the text, without blanks around it.
    std::string_view raw() const;
    // A string's text with its escapes undone; empty for other kinds.
    std::string text() const;
    void append_text(std::string& out) const;
    std::optional<bool> boolean() const;
    bool is_true() const { return boolean().value_or(false); }
    // A number without fraction or exponent, or with a fraction of zeros, that fits.
    std::optional<std::int64_t> integer() const;
    std::optional<double> number() const;

    // The member of that name.
    JsonValue operator[](std::string_view key) const;
    // The elements of an array, the members of an object.
    std::size_t size() const;
    // Compares a string's text; false for other kinds.
    bool is(std::string_view text) const;

    class Iterator;
    Iterator begin() const;
    Iterator end() const;
    // Of a member: its name.
    std::string key() const;
    bool has_key(std::string_view name) const;

private:
    friend class JsonTree;
    JsonValue(const JsonTree* tree, std::uint32_t index) : tree_(tree), index_(index) {}

    const JsonTree* tree_ = nullptr;  // nullptr: absent
    std::uint32_t index_ = 0;
};

class JsonValue::Iterator {
public:
    using value_type = JsonValue;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    Iterator(JsonValue value, std::uint32_t left) : value_(value), left_(left) {}
    const JsonValue& operator*() const { return value_; }
    const JsonValue* operator->() const { return &value_; }
    Iterator& operator++();
    Iterator operator++(int) {
        Iterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) { return a.left_ == b.left_; }

private:
    JsonValue value_;
    std::uint32_t left_ = 0;
};

class JsonTree {
public:
    // The root of `text`; a failed parse leaves an empty tree.
    Result<JsonValue> parse(std::string_view text);

private:
    friend class JsonValue;
    class Parser;

    struct Node {
        std::uint32_t begin = 0;
        std::uint32_t end = 0;
        std::uint32_t key = 0;   // where the member's name begins, its quote included; 0: no member
        std::uint32_t next = 0;  // the node after this one and all that is inside it
        std::uint32_t size : 27 = 0;  // elements or members
        std::uint32_t kind : 3 = 0;
        std::uint32_t has_escapes : 1 = 0;      // of a string
        std::uint32_t key_has_escapes : 1 = 0;  // of a member's name
    };

    const Node& at(std::uint32_t index) const { return nodes_[index]; }

    std::string_view text_;
    std::vector<Node> nodes_;
};

// Appends `json`, which is valid, without the blanks outside of its strings.
void append_compact(std::string& out, std::string_view json);

}  // namespace aigw::protocol
