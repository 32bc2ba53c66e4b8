// The content of one message of Chat Completions while it is put together: texts and other parts,
// written as one string where that says it all, else as a list.
//
// Source: the conversion contract, section 6.2.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "protocol/json_writer.h"
#include "protocol/model_traits.h"

namespace aigw::protocol {

enum class Marked : bool { No, Yes };

class OpenAiContent {
public:
    explicit OpenAiContent(const ModelTraits& traits) : traits_(traits) {}

    // Empty texts are left out; their mark moves to what stands before them.
    void add_text(std::string text, Marked marked = Marked::No);
    // A part that is no text: a JSON object.
    void add_part(std::string json, Marked marked = Marked::No);
    void mark_last();

    bool empty() const { return items_.empty(); }
    // All texts, `separator` between them.
    std::string text(std::string_view separator) const;
    // The value of `content`.
    void write(JsonWriter& json, std::string_view separator) const;

private:
    struct Item {
        std::string text{};
        std::string json{};  // empty: a text
        Marked marked = Marked::No;
    };

    bool is_string() const;
    void write_item(JsonWriter& json, const Item& item) const;
    void write_mark(JsonWriter& json, bool is_text) const;

    const ModelTraits& traits_;
    std::vector<Item> items_;
};

}  // namespace aigw::protocol
