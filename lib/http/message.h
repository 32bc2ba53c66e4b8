// HTTP requests and replies as values: what adapters make and read, whoever sends them.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

namespace aigw::http {

// One field; a view into the Headers that it came from.
struct Header {
    std::string_view name{};
    std::string_view value{};
    friend bool operator==(const Header&, const Header&) = default;
};

// Header fields in order; names compare without case (RFC 9110, section 5.1).
//
// Shape:   one text, "name: value\r\n" each, as it goes over the wire: most fields are only passed
//          on. A line end within a value becomes a blank, so that no value can add a field.
class Headers {
public:
    class Iterator {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = Header;
        using difference_type = std::ptrdiff_t;
        using pointer = const Header*;
        using reference = const Header&;

        Iterator() = default;
        explicit Iterator(std::string_view rest) : rest_(rest) { read(); }
        const Header& operator*() const { return field_; }
        const Header* operator->() const { return &field_; }
        Iterator& operator++() {
            rest_.remove_prefix(line_);
            read();
            return *this;
        }
        Iterator operator++(int) {
            Iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) {
            return a.rest_.size() == b.rest_.size();
        }

    private:
        void read();

        std::string_view rest_{};
        Header field_{};
        std::size_t line_ = 0;  // of field_, with its end
    };

    Headers() = default;
    Headers(std::initializer_list<Header> fields) {
        for (const Header& field : fields) add(field.name, field.value);
    }

    // The first field of that name; the view is good until the Headers change.
    std::optional<std::string_view> find(std::string_view name) const;
    void add(std::string_view name, std::string_view value);
    void reserve(std::size_t bytes) { lines_.reserve(bytes); }
    // Replaces every field of that name by one.
    void set(std::string_view name, std::string_view value);
    void remove(std::string_view name);

    Iterator begin() const { return Iterator(lines_); }
    Iterator end() const { return {}; }
    std::size_t size() const;
    bool empty() const { return lines_.empty(); }
    // "name: value\r\n" of each.
    std::string_view lines() const { return lines_; }
    friend bool operator==(const Headers&, const Headers&) = default;

private:
    std::string lines_;
};

struct Request {
    std::string method = "GET";
    std::string target = "/";  // path and query, as on the wire
    Headers headers{};
    std::string body{};
};

struct Response {
    int status = 0;
    Headers headers{};
    std::string body{};
};

}  // namespace aigw::http
