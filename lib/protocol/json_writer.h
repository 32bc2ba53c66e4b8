// Writes JSON into a text: commas by themselves, no tree.
//
// Use:     json.begin_object(); json.key("model"); json.string(name); json.end_object();
//          The caller keeps the grammar; values that come from elsewhere go in by raw().
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aigw::protocol {

class JsonWriter {
public:
    // Appends to `out`, which outlives the writer.
    explicit JsonWriter(std::string& out) : out_(out), start_(out.size()) {}

    void begin_object() { open('{'); }
    void end_object() { out_.push_back('}'); }
    void begin_array() { open('['); }
    void end_array() { out_.push_back(']'); }

    // The name of the next value.
    void key(std::string_view name);
    void string(std::string_view text);
    void raw(std::string_view json);
    void integer(std::int64_t value);
    void boolean(bool value) { raw(value ? "true" : "false"); }
    void null() { raw("null"); }

    void field(std::string_view name, std::string_view text) {
        key(name);
        string(text);
    }
    void raw_field(std::string_view name, std::string_view json) {
        key(name);
        raw(json);
    }
    void integer_field(std::string_view name, std::int64_t value) {
        key(name);
        integer(value);
    }
    void boolean_field(std::string_view name, bool value) {
        key(name);
        boolean(value);
    }
    void null_field(std::string_view name) { raw_field(name, "null"); }

private:
    void open(char bracket) {
        separate();
        out_.push_back(bracket);
    }
    // A comma, unless this is the first value of what is open, or a key stands before it.
    void separate();

    std::string& out_;
    std::size_t start_;
};

}  // namespace aigw::protocol
