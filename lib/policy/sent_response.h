// What has gone out of a stream of Responses: as much as it takes to end it in the middle.
//
// Shape:   the response as it began, its items as they ended, and of those that are open what has
//          come of them. Ids and numbers are the vendor's.
// Cost:    an open text is kept, and the ends of all items.
// Source:  platform.openai.com/docs/api-reference/responses-streaming.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/usage.h"
#include "protocol/json_tree.h"
#include "protocol/responses_answer.h"

namespace aigw::policy {

class SentResponse {
public:
    // An event as it goes out.
    void note(protocol::JsonValue event);
    // A delta that is shorter than it came.
    void write_delta(protocol::JsonValue event, std::string_view text, std::string& out);
    // In the text that is open, else in a message of its own.
    void write_text(std::string_view text, std::string& out);
    // All that is still to be said; the answer is incomplete.
    void finish(const Usage& usage, std::string& out);

private:
    struct Item {
        std::int64_t output = 0;  // the vendor's number
        std::string json{};       // as it began, and then as it ended
        bool is_open = true;
        bool is_known = false;           // a kind that can be ended here
        bool is_part_open = false;       // of a message, of a summary
        std::int64_t part = 0;           // its number
        protocol::ResponseItem value{};  // what has come of it
    };

    void note_number(protocol::JsonValue event);
    void begin_item(protocol::JsonValue event);
    void end_item(protocol::JsonValue event);
    void begin_text(Item& item, std::int64_t part, bool is_refusal);
    void note_delta(std::string_view kind, protocol::JsonValue event, std::string_view text);
    Item* find(protocol::JsonValue event);
    Item* open_message();
    void write_end(Item& item, std::string& out);
    void write_text_end(const Item& item, std::string& out);
    void write_summary_end(const Item& item, std::string& out);
    void write_arguments_end(const Item& item, std::string& out);
    void write_response(const Usage& usage, std::string& out);
    template <class Write>
    void write(std::string_view type, std::string& out, Write write);
    template <class Write>
    void write_at(std::string_view type, const Item& item, std::string& out, Write write);

    std::string response_;  // as it began
    std::vector<Item> items_;
    std::int64_t next_number_ = 0;
};

}  // namespace aigw::policy
