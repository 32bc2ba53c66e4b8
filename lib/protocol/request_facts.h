// What the gateway must know of a request before it decides, read once and in place.
//
// Shape:   `RequestFacts` is a handful of values and the byte ranges that an adapter may splice;
//          the body itself is neither copied nor changed, so fields nobody has heard of survive.
// Errors:  invalid_request, with `wire_code` invalid_json when the body is no JSON and
//          invalid_value when a field is not what it must be; `param` is the field's path
//          ("messages[3].content"). Refused are broken JSON, invalid UTF-8, more than 128 levels, a
//          top level that is not an object, a key that comes twice (in the object or in
//          `stream_options`), a missing `model`, `messages` or `input`, and wrong types of the
//          fields that are read here. All other fields are left to the vendor.
// Threads: a FactsReader belongs to one event loop; it keeps its memory from request to request.
// Source:  platform.openai.com/docs/api-reference/chat/create and /embeddings/create.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/operation.h"
#include "base/result.h"
#include "protocol/byte_range.h"
#include "protocol/chat_wording.h"

namespace aigw::protocol {

// What an answer needs from a model, beyond text.
enum class Need : std::uint8_t { Tools, Vision, Audio, Files, JsonSchema, Reasoning };
inline constexpr Need kNeeds[] = {Need::Tools, Need::Vision,     Need::Audio,
                                  Need::Files, Need::JsonSchema, Need::Reasoning};

// "tools", "vision", … as a Decision prints them.
std::string_view name_of(Need need);

class Needs {
public:
    void add(Need need) { bits_ = static_cast<std::uint8_t>(bits_ | bit(need)); }
    bool has(Need need) const { return (bits_ & bit(need)) != 0; }
    bool empty() const { return bits_ == 0; }
    // Those that both have.
    friend Needs operator&(const Needs& a, const Needs& b) {
        Needs both;
        both.bits_ = a.bits_ & b.bits_;
        return both;
    }
    friend bool operator==(const Needs&, const Needs&) = default;

private:
    static constexpr unsigned bit(Need need) { return 1U << static_cast<unsigned>(need); }
    std::uint8_t bits_ = 0;
};

// "tools, vision"
std::string names_of(const Needs& needs);

// Where `stream_options` stands, when the request has it (be it null).
struct StreamOptionsPlace {
    ByteRange value{};
    std::optional<ByteRange> include_usage{};  // the value of that key
    bool has_fields = false;                   // an object with at least one key

    friend bool operator==(const StreamOptionsPlace&, const StreamOptionsPlace&) = default;
};

struct RequestFacts {
    Operation operation = Operation::Chat;
    Protocol protocol = Protocol::OpenAi;
    std::string_view client_ip{};  // whence it came, no part of the body; empty: from this process
    std::string_view model{};      // unescaped; a view into the body or into the reader's memory
    bool stream = false;
    bool asks_usage = false;                   // stream_options.include_usage
    std::optional<std::int64_t> max_output{};  // max_completion_tokens, else max_tokens
    std::int64_t answers = 1;                  // `n`: each may be max_output long
    std::int64_t input_tokens = 0;
    bool input_exact = false;               // counted with the model's vocabulary, not estimated
    std::int64_t input_margin_percent = 0;  // by how much the vendor may count more
    std::string_view input_counter{};       // what counted; empty: it was guessed from the bytes
    Needs needs{};
    ChatWording wording{};  // of a chat in OpenAI's words

    ByteRange model_place{};    // the value, quotes included; empty: the path named the model
    std::size_t first_key = 0;  // just after the body's opening brace: where a field can be added
    std::optional<StreamOptionsPlace> stream_options{};
};

// One message of a chat that is nothing but texts.
struct PlainTurn {
    enum class Role : std::uint8_t { System, User, Assistant };
    Role role = Role::User;
    std::string_view text{};
};

// A body followed by at least 64 readable bytes, as simdjson wants it: reading needs no copy.
class PaddedBody {
public:
    static constexpr std::size_t kPadding = 64;
    // The caller promises the padding; its content does not matter.
    explicit PaddedBody(std::string_view bytes) : bytes_(bytes) {}
    std::string_view bytes() const { return bytes_; }

private:
    std::string_view bytes_;
};

// A body that brings its own padding, for callers whose text came from a file or a literal.
class OwnedPaddedBody {
public:
    explicit OwnedPaddedBody(std::string_view bytes);
    PaddedBody body() const { return PaddedBody(std::string_view(padded_).substr(0, size_)); }

private:
    std::string padded_;
    std::size_t size_;
};

class FactsReader {
public:
    FactsReader();
    ~FactsReader();
    FactsReader(FactsReader&&) noexcept;
    FactsReader& operator=(FactsReader&&) noexcept;

    // `operation` is one that has a body: all but Models. `default_model` is that of a body that
    // names none; without one such a body is refused. `protocol` is the caller's. Views in the
    // facts are good as long as the body and the default, and until the next read. Linear in the
    // body's length.
    Result<RequestFacts> read(Operation operation, PaddedBody body,
                              std::string_view default_model = {},
                              Protocol protocol = Protocol::OpenAi);

    // The messages of the chat that was read last, in OpenAI's words, where they are texts of known
    // roles without anything else and nothing stands beside them that a model reads, such as tools.
    // Else empty. Views are good as long as those of the facts.
    std::span<const PlainTurn> plain_turns() const;

    // One value of the body that was read last: a text as it is, a number in its shortest form,
    // "true" or "false"; nullopt for an object, an array and null.
    using Look = std::function<bool(const std::optional<std::string_view>& value)>;
    // Shows the values at a path, one after the other, until `look` says that one was enough; false
    // when none was. A step is a key, the number of an element, or "*": every element or member.
    bool any_value(std::span<const std::string> path, const Look& look) const;

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace aigw::protocol
