// Reads a table of a configuration field by field, with types, units and ranges, and refuses what
// nobody asked for.
//
// Shape:   a field that is absent leaves its variable as it was (the default); one that is wrong is
//          reported and leaves it, too. `finish` reports every key that was not read, with the
//          nearest one that was.
// Errors:  go to the report; none is returned.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/money.h"
#include "base/result.h"
#include "base/secret.h"
#include "config/document.h"
#include "config/provenance.h"
#include "config/report.h"

namespace aigw::config {

// The names of an enum's values; one table serves reading and printing.
template <class E>
struct Choice {
    std::string_view name;
    E value;
};

// What a text must be, beyond being text.
using TextCheck = Result<void> (*)(std::string_view);

struct TextAt {
    std::string text{};
    std::string path{};
    FilePosition at{};
};

class TableReader {
public:
    struct Context {
        Report& report;
        Provenance& provenance;
    };

    TableReader(const Table& table, std::string path, FilePosition at, const Context& context);

    const std::string& path() const { return path_; }
    // Where the table was said.
    const FilePosition& at() const { return at_; }
    bool has(std::string_view key) const { return table_.find(key) != nullptr; }

    void text(std::string_view key, std::string& out, TextCheck check = nullptr);
    // A list of texts; empty elements and elements said twice are refused.
    void texts(std::string_view key, std::vector<std::string>& out, TextCheck check = nullptr);
    void boolean(std::string_view key, bool& out);
    template <std::integral T>
    void integer(std::string_view key, T& out, std::int64_t least, std::int64_t most) {
        std::int64_t value = static_cast<std::int64_t>(out);
        if (read_integer(key, value, least, most)) out = static_cast<T>(value);
    }
    void duration(std::string_view key, std::chrono::milliseconds& out,
                  std::chrono::milliseconds least, std::chrono::milliseconds most);
    void size(std::string_view key, std::uint64_t& out, std::uint64_t least, std::uint64_t most);
    // A factor or a price: a string, never a number.
    void decimal(std::string_view key, Decimal& out, const Decimal& most);
    // Refuses the empty string and what cannot stand in a header; warns of a secret in the clear.
    void secret(std::string_view key, Secret& out);
    template <class E>
    void choice(std::string_view key, E& out, std::span<const Choice<E>> choices) {
        std::vector<std::string_view> names;
        for (const Choice<E>& choice : choices) names.push_back(choice.name);
        const std::size_t index = read_choice(key, names);
        if (index < choices.size()) out = choices[index].value;
    }
    // The index of one of `words`, or the set of several in a list (bit n is words[n]); nothing
    // when the key is absent or wrong.
    std::optional<std::size_t> word(std::string_view key, std::span<const std::string_view> words);
    std::optional<std::uint64_t> word_set(std::string_view key,
                                          std::span<const std::string_view> words);
    // Nested tables; `read` gets a reader of each and need not call its `finish`.
    using ReadTable = std::function<void(TableReader&)>;
    void table(std::string_view key, const ReadTable& read);
    void array_of_tables(std::string_view key, const ReadTable& read);
    // A table whose keys are names that the user chose: [platforms.NAME].
    using ReadNamed = std::function<void(const std::string& name, TableReader&)>;
    void named_tables(std::string_view key, TextCheck check_name, const ReadNamed& read);
    // A table of texts whose keys are names that the user chose; `at` of each is that of its value.
    std::vector<std::pair<std::string, TextAt>> named_texts(std::string_view key);
    // A value of any type, for fields with several forms; null when absent or reported already.
    const Value* any(std::string_view key);
    void record(const std::string& path, const Value& value);

    // A key that another part of the program reads.
    void know(std::string_view key) { known_.push_back(key); }
    // Reports `key` as missing from the table, unless it is there.
    void require(std::string_view key, std::string_view example);
    void error(const FilePosition& at, std::string message, std::string hint = {});
    void wrong_type(const Value& value, const std::string& name, std::string_view expected,
                    std::string_view example);
    const Context& context() const { return context_; }
    void finish();

private:
    const Value* take(std::string_view key);
    bool read_integer(std::string_view key, std::int64_t& out, std::int64_t least,
                      std::int64_t most);
    std::size_t read_choice(std::string_view key, std::span<const std::string_view> names);
    const Value* take_string(std::string_view key, std::string_view example);
    std::string name_of(std::string_view key) const { return join_path(path_, key); }

    const Table& table_;
    std::string path_;
    FilePosition at_;
    Context context_;
    std::vector<std::string_view> known_{};
};

}  // namespace aigw::config
