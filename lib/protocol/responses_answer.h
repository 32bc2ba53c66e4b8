// What whole answers and streams of OpenAI's Responses have in common: the items of `output`, and
// the object around them.
//
// Shape:   thoughts are items of reasoning, whose summary they are; texts that follow one another
//          are one message with one text, what was refused is a part of its own behind it; each
//          call is an item. A vendor's own blocks have no equivalent.
// Ids:     an item's id derives from the answer's and its position.
// Source:  platform.openai.com/docs/api-reference/responses/object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/chat_reply.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

struct ResponseText {
    bool is_refusal = false;
    std::string text{};
    std::size_t begin = 0;                   // characters of the answer's texts before it
    std::vector<std::string> annotations{};  // JSON objects
};

struct ResponseItem {
    enum class Kind : std::uint8_t { Reasoning, Message, Call };

    Kind kind = Kind::Message;
    std::string id{};
    std::string thoughts{};             // of reasoning
    std::string sealed{};               // … its `encrypted_content`
    std::vector<ResponseText> texts{};  // of a message
    CallPart call{};
};

enum class ItemStatus : std::uint8_t { InProgress, Completed, Incomplete };

void append_response_item(JsonWriter& json, const ResponseItem& item, ItemStatus status);
// The same before anything is in it.
void append_begun_item(JsonWriter& json, const ResponseItem& item);
// A part of a message.
void append_response_text(JsonWriter& json, const ResponseText& text);
// The part of a summary.
void append_summary(JsonWriter& json, std::string_view thoughts);

// The text in which this character of all texts stands; the last one where none is said. Nothing
// when it is none of theirs.
ResponseText* find_text(std::span<ResponseItem> items, std::optional<std::size_t> character);

// How the answer ended.
struct ResponseEnd {
    std::string_view status = "completed";
    std::string_view incomplete{};  // the reason, where it is incomplete
    friend bool operator==(const ResponseEnd&, const ResponseEnd&) = default;
};
// `is_refused_in_words`: the model itself said no, in words of its own.
ResponseEnd end_of(const Stop& stop, bool is_refused_in_words);

// The object around the items.
struct ResponseFrame {
    const AnswerPlan& plan;
    std::string id{};
    std::string model{};
    std::string service_tier{};
};
void append_begun_response(JsonWriter& json, const ResponseFrame& frame);
void append_response(JsonWriter& json, const ResponseFrame& frame, const ResponseEnd& end,
                     std::span<const ResponseItem> output, const Usage& usage);

// The object of a response's `usage`.
void append_responses_usage(JsonWriter& json, const Usage& usage);

}  // namespace aigw::protocol
