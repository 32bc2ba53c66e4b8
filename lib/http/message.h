// HTTP requests and replies as values: what adapters make and read, whoever sends them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aigw::http {

struct Header {
    std::string name{};
    std::string value{};
    friend bool operator==(const Header&, const Header&) = default;
};

// Header fields in order; names compare without case (RFC 9110, section 5.1).
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<Header> fields) : fields_(fields) {}

    // The first field of that name.
    std::optional<std::string_view> find(std::string_view name) const;
    void add(std::string name, std::string value) {
        fields_.push_back({std::move(name), std::move(value)});
    }
    void reserve(std::size_t count) { fields_.reserve(count); }
    // Replaces every field of that name by one.
    void set(std::string_view name, std::string value);
    void remove(std::string_view name);

    auto begin() const { return fields_.begin(); }
    auto end() const { return fields_.end(); }
    std::size_t size() const { return fields_.size(); }
    bool empty() const { return fields_.empty(); }
    friend bool operator==(const Headers&, const Headers&) = default;

private:
    std::vector<Header> fields_;
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
