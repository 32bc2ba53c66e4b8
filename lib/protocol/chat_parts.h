// What messages are made of, whatever protocol they came by.
//
// Shape:   a Message is a role and parts; a Part is one of a closed choice of values, with the
//          caller's cache mark and its place in the caller's body. Results of calls are parts of a
//          user message, as in Anthropic's protocol: OpenAI's `tool` messages are read that way.
// Text:    UTF-8. Arguments and schemas are JSON as the caller wrote it, so that numbers keep their
//          digits and objects their key order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace aigw::protocol {

enum class Role : std::uint8_t { System, User, Assistant };

// Where a value stands in the caller's body: "messages[3].content[1]".
struct Place {
    enum class List : std::uint8_t { None, Messages, System, Input, Instructions, Prompt, Tools };
    enum class Inside : std::uint8_t { Whole, Content, ToolCalls, Output };

    List list = List::None;
    Inside inside = Inside::Whole;
    std::int32_t index = -1;   // in the list; -1: the list itself ("system")
    std::int32_t part = -1;    // inside it
    std::int32_t nested = -1;  // in that part's own content

    friend bool operator==(const Place&, const Place&) = default;
};
std::string path_of(const Place& place);

struct CacheMark {
    std::string ttl{};  // "5m", "1h"; empty: the vendor's own
    friend bool operator==(const CacheMark&, const CacheMark&) = default;
};

struct TextPart {
    std::string text{};
    friend bool operator==(const TextPart&, const TextPart&) = default;
};

// Bytes, or where they are.
struct Media {
    enum class Source : std::uint8_t { Base64, Url, Text, FileId };

    Source source = Source::Base64;
    std::string media_type{};  // "image/png"; empty: unknown
    std::string data{};        // base64, the URL, the text, or the file's id
    friend bool operator==(const Media&, const Media&) = default;
};

struct ImagePart {
    Media media{};
    std::string detail{};  // OpenAI: auto, low, high; empty: not said
    friend bool operator==(const ImagePart&, const ImagePart&) = default;
};

struct DocumentPart {
    Media media{};
    std::string title{};
    std::string context{};
    friend bool operator==(const DocumentPart&, const DocumentPart&) = default;
};

struct AudioPart {
    Media media{};
    std::string format{};  // "wav", "mp3"
    friend bool operator==(const AudioPart&, const AudioPart&) = default;
};

struct VideoPart {
    Media media{};
    friend bool operator==(const VideoPart&, const VideoPart&) = default;
};

// What a model thought. Only the vendor that signed it can read it again.
struct ThinkingPart {
    std::string text{};
    std::string signature{};  // empty: unsigned
    friend bool operator==(const ThinkingPart&, const ThinkingPart&) = default;
};

struct RedactedThinkingPart {
    std::string data{};
    friend bool operator==(const RedactedThinkingPart&, const RedactedThinkingPart&) = default;
};

// A call of one of the caller's tools.
struct CallPart {
    std::string id{};
    std::string name{};
    std::string arguments{};  // a JSON object; of a custom tool: its input, any text
    bool is_custom = false;
    std::string signature{};  // a vendor's own, to be sent back with the call (Gemini)
    friend bool operator==(const CallPart&, const CallPart&) = default;
};

struct Part;

// What the caller's tool answered.
struct ResultPart {
    std::string call_id{};
    std::string name{};  // of the tool, where the protocol says it
    bool is_error = false;
    std::vector<Part> content;  // no `{}`: clang wants Part to be complete for that
    friend bool operator==(const ResultPart&, const ResultPart&) = default;
};

// A block of the vendor's own: its server tools, their results, kinds nobody has heard of.
struct VendorPart {
    std::string type{};
    std::string json{};  // the whole block
    std::string text{};  // what it says in words, where another vendor's model must read it
    friend bool operator==(const VendorPart&, const VendorPart&) = default;
};

struct Part {
    std::variant<TextPart, ImagePart, DocumentPart, AudioPart, VideoPart, ThinkingPart,
                 RedactedThinkingPart, CallPart, ResultPart, VendorPart>
        value{};
    std::optional<CacheMark> cache{};
    Place place{};

    template <class T>
    const T* as() const {
        return std::get_if<T>(&value);
    }
    template <class T>
    T* as() {
        return std::get_if<T>(&value);
    }
    template <class T>
    bool is() const {
        return std::holds_alternative<T>(value);
    }

    // Places are where a part came from, no part of what it is.
    friend bool operator==(const Part& a, const Part& b) {
        return a.value == b.value && a.cache == b.cache;
    }
};

Part text_part(std::string text, Place place = {});

struct Message {
    Role role = Role::User;
    std::vector<Part> parts{};
    Place place{};

    friend bool operator==(const Message& a, const Message& b) {
        return a.role == b.role && a.parts == b.parts;
    }
};

// Empty, or white space only.
bool is_blank(std::string_view text);
// A text part of which that is true.
bool is_blank(const Part& part);

}  // namespace aigw::protocol
