// Streams of OpenAI's Responses, read by their rules.
#include <array>

#include "tests/lib/protocol/assembled_stream.h"
#include "tests/lib/protocol/stream_rules.h"

namespace aigw::protocol::testing {
namespace {

using Json = nlohmann::ordered_json;

class ResponsesStream {
public:
    explicit ResponsesStream(Assembled& out) : out_(out) {}

    void take(std::string_view event) {
        must(!out_.is_ended && !out_.is_failed, "something follows the end");
        must(event.starts_with("event: "), "an event has a name");
        const std::size_t line = event.find("\ndata: ");
        must(line != std::string_view::npos, "an event has data");
        const std::string type(event.substr(7, line - 7));
        const std::string_view data = event.substr(line + 7);
        must(data.find('\n') == std::string_view::npos, "data is one line");
        const Json json = parsed(data);
        must(text_of(json, "type") == type, "the event's name is its type");
        must(count_of(json, "sequence_number") == next_number_++, "events are numbered");
        if (type == "error") return take_error(json);
        if (response_.is_null() || !is_in_progress_) return take_start(type, json);
        take(type, json);
    }

    Json message() const { return response_; }

private:
    void take(const std::string& type, const Json& json) {
        if (type == "response.output_item.added") return begin_item(json);
        if (type == "response.output_item.done") return end_item(json);
        if (type == "response.content_part.added") return begin_part(json);
        if (type == "response.content_part.done") return end_part(json);
        if (type == "response.output_text.annotation.added") return annotate(json);
        if (type.starts_with("response.output_text.")) return take_text(type, json, "text");
        if (type.starts_with("response.refusal.")) return take_text(type, json, "refusal");
        if (type.starts_with("response.reasoning_summary_")) return take_summary(type, json);
        if (type.starts_with("response.function_call_arguments."))
            return take_arguments(type, json, "arguments");
        if (type.starts_with("response.custom_tool_call_input."))
            return take_arguments(type, json, "input");
        end(type, json);
    }

    void take_error(const Json& json) {
        must_have_only(json, {"type", "sequence_number", "message", "param", "code", "error"});
        must_have_only(json["error"], {"message", "type", "param", "code"});
        must(!text_of(json, "message").empty(), "an error without words");
        must(json["message"] == json["error"]["message"], "an error says one thing");
        out_.error = json["error"];
        out_.is_failed = true;
    }

    void take_start(const std::string& type, const Json& json) {
        must_have_only(json, {"type", "sequence_number", "response"});
        const bool is_first = response_.is_null();
        must(type == (is_first ? "response.created" : "response.in_progress"),
             "a stream begins with response.created and response.in_progress");
        must(is_first || response_ == json["response"], "both say the same");
        is_in_progress_ = !is_first;
        response_ = json["response"];
        must(text_of(response_, "id").starts_with("resp_"), "a response's id");
        must(text_of(response_, "object") == "response", "the object's name");
        must(text_of(response_, "status") == "in_progress", "a response begins in progress");
        must(response_["output"] == Json::array(), "a response begins empty");
        must(response_["usage"].is_null(), "no usage yet");
    }

    // ---- Items ----

    Json& item_of(const Json& json) {
        const auto index = static_cast<std::size_t>(count_of(json, "output_index"));
        must(index < items_.size(), "an item that has not begun");
        must(!is_closed_[index], "an item that has ended");
        must(text_of(json, "item_id") == items_[index]["id"], "an item's id");
        return items_[index];
    }

    void begin_item(const Json& json) {
        must_have_only(json, {"type", "sequence_number", "output_index", "item"});
        must(static_cast<std::size_t>(count_of(json, "output_index")) == items_.size(),
             "items are numbered in their order");
        const Json& item = json["item"];
        must(!text_of(item, "id").empty(), "an item has an id");
        for (const Json& other : items_) must(other["id"] != item["id"], "ids differ");
        const std::string type = text_of(item, "type");
        if (type == "message") {
            must(item["content"] == Json::array(), "a message begins empty");
            must(text_of(item, "role") == "assistant", "a message's role");
        } else if (type == "reasoning") {
            must(item["summary"] == Json::array(), "reasoning begins empty");
        } else {
            must(type == "function_call" || type == "custom_tool_call", "an item's type: " + type);
            must(text_of(item, type == "function_call" ? "arguments" : "input").empty(),
                 "a call begins without arguments");
            must(!text_of(item, "call_id").empty() && !text_of(item, "name").empty(),
                 "a call's id and name");
        }
        if (type != "reasoning")
            must(text_of(item, "status") == "in_progress", "an item begins in progress");
        items_.push_back(item);
        is_closed_.push_back(false);
        is_part_open_.push_back(false);
        is_call_done_.push_back(false);
    }

    void end_item(const Json& json) {
        must_have_only(json, {"type", "sequence_number", "output_index", "item"});
        const auto index = static_cast<std::size_t>(count_of(json, "output_index"));
        must(index < items_.size() && !is_closed_[index], "an item ends once");
        must(!is_part_open_[index], "an item's parts end before it");
        const Json& done = json["item"];
        Json& item = items_[index];
        const std::string type = item["type"];
        must(!type.ends_with("_call") || is_call_done_[index], "a call's arguments end before it");
        for (const char* name : {"id", "type", "content", "summary", "arguments", "input",
                                 "call_id", "name", "role"}) {
            must(item.contains(name) == done.contains(name) &&
                     (!item.contains(name) || item[name] == done[name]),
                 std::string("an item ends as it was told: ") + name);
        }
        if (type != "reasoning") {
            const std::string status = text_of(done, "status");
            must(status == "completed" || status == "incomplete", "an item's last status");
        }
        item = done;
        is_closed_[index] = true;
    }

    // ---- Parts of a message ----

    std::size_t index_of(const Json& json) const {
        return static_cast<std::size_t>(count_of(json, "output_index"));
    }

    void begin_part(const Json& json) {
        must_have_only(
            json, {"type", "sequence_number", "item_id", "output_index", "content_index", "part"});
        Json& item = item_of(json);
        must(item["type"] == "message", "a part of something else");
        must(!is_part_open_[index_of(json)], "one part is open at a time");
        must(static_cast<std::size_t>(count_of(json, "content_index")) == item["content"].size(),
             "parts are numbered in their order");
        const Json& part = json["part"];
        const bool is_text = text_of(part, "type") == "output_text";
        must(text_of(part, is_text ? "text" : "refusal").empty(), "a part begins empty");
        if (is_text) must(part["annotations"] == Json::array(), "a text begins without notes");
        item["content"].push_back(part);
        is_part_open_[index_of(json)] = true;
    }

    Json& part_of(const Json& json) {
        Json& item = item_of(json);
        must(is_part_open_[index_of(json)], "no part is open");
        must(
            static_cast<std::size_t>(count_of(json, "content_index")) + 1 == item["content"].size(),
            "a part that is not open");
        return item["content"].back();
    }

    void take_text(const std::string& type, const Json& json, const char* name) {
        Json& part = part_of(json);
        must(part.contains(name), "a text of another kind");
        if (type.ends_with(".delta")) {
            const std::string piece = text_of(json, "delta");
            must(!piece.empty(), "an empty delta");
            part[name] = part[name].get<std::string>() + piece;
            return;
        }
        must(type.ends_with(".done"), "no event of the protocol: " + type);
        must(text_of(json, name) == part[name], "a text ends as it was told");
    }

    void annotate(const Json& json) {
        Json& part = part_of(json);
        must(static_cast<std::size_t>(count_of(json, "annotation_index")) ==
                 part["annotations"].size(),
             "annotations are numbered in their order");
        part["annotations"].push_back(json["annotation"]);
    }

    void end_part(const Json& json) {
        must(part_of(json) == json["part"], "a part ends as it was told");
        is_part_open_[index_of(json)] = false;
    }

    // ---- Reasoning and calls ----

    void take_summary(const std::string& type, const Json& json) {
        Json& item = item_of(json);
        must(item["type"] == "reasoning", "a summary of something else");
        must(count_of(json, "summary_index") == 0, "one summary");
        if (type == "response.reasoning_summary_part.added") {
            must(item["summary"].empty() && text_of(json["part"], "text").empty(),
                 "a summary begins once and empty");
            item["summary"].push_back(json["part"]);
            is_part_open_[index_of(json)] = true;
            return;
        }
        must(is_part_open_[index_of(json)], "no summary is open");
        Json& text = item["summary"][0]["text"];
        if (type == "response.reasoning_summary_text.delta") {
            must(!text_of(json, "delta").empty(), "an empty delta");
            text = text.get<std::string>() + text_of(json, "delta");
        } else if (type == "response.reasoning_summary_text.done") {
            must(text == text_of(json, "text"), "a summary ends as it was told");
        } else {
            must(type == "response.reasoning_summary_part.done",
                 "no event of the protocol: " + type);
            must(item["summary"][0] == json["part"], "a summary's part ends as it was told");
            is_part_open_[index_of(json)] = false;
        }
    }

    void take_arguments(const std::string& type, const Json& json, const char* name) {
        Json& item = item_of(json);
        must(item.contains(name), "arguments of something else");
        must(!is_call_done_[index_of(json)], "arguments end once");
        if (type.ends_with(".delta")) {
            must(!text_of(json, "delta").empty(), "an empty delta");
            item[name] = item[name].get<std::string>() + text_of(json, "delta");
            return;
        }
        must(text_of(json, name) == item[name], "arguments end as they were told");
        const bool is_function = item["type"] == "function_call";
        must(!is_function || !text_of(json, name).empty(), "a call without arguments");
        is_call_done_[index_of(json)] = true;
    }

    // ---- The end ----

    void end(const std::string& type, const Json& json) {
        must(type == "response.completed" || type == "response.incomplete",
             "no event of the protocol: " + type);
        must_have_only(json, {"type", "sequence_number", "response"});
        for (const bool is_closed : is_closed_) must(is_closed, "items end before the response");
        const Json& response = json["response"];
        must("response." + text_of(response, "status") == type, "the response's status");
        const bool is_incomplete = type == "response.incomplete";
        must(response["incomplete_details"].is_object() == is_incomplete,
             "why it is incomplete is said when it is");
        must(without_late_notes(response["output"]) == Json(items_),
             "the response holds its items");
        for (const auto& [name, value] : response_.items()) {
            const bool may_change = name == "status" || name == "output" || name == "usage" ||
                                    name == "incomplete_details";
            must(may_change || response.at(name) == value, "the response's head changes: " + name);
        }
        check_usage(response["usage"]);
        response_ = response;
        out_.is_ended = true;
    }

    // A note that came when its text had ended stands in the whole answer only.
    Json without_late_notes(Json output) const {
        for (std::size_t i = 0; i < std::min(output.size(), items_.size()); ++i) {
            if (!output[i].contains("content") || !items_[i].contains("content")) continue;
            Json& parts = output[i]["content"];
            const Json& told = items_[i]["content"];
            for (std::size_t j = 0; j < std::min(parts.size(), told.size()); ++j) {
                if (!parts[j].contains("annotations") || !told[j].contains("annotations")) continue;
                Json& notes = parts[j]["annotations"];
                while (notes.size() > told[j]["annotations"].size()) notes.erase(notes.size() - 1);
            }
        }
        return output;
    }

    static void check_usage(const Json& usage) {
        must_have_only(usage, {"input_tokens", "input_tokens_details", "output_tokens",
                               "output_tokens_details", "total_tokens"});
        const std::int64_t input = count_of(usage, "input_tokens");
        const std::int64_t total = count_of(usage, "total_tokens");
        must(total - input == count_of(usage, "output_tokens") || total == INT64_MAX,
             "total = input + output");
        count_of(usage["input_tokens_details"], "cached_tokens");
        count_of(usage["output_tokens_details"], "reasoning_tokens");
    }

    Assembled& out_;
    Json response_;
    std::vector<Json> items_;
    std::vector<bool> is_closed_;
    std::vector<bool> is_part_open_;
    std::vector<bool> is_call_done_;
    std::int64_t next_number_ = 0;
    bool is_in_progress_ = false;
};

}  // namespace

Assembled assemble_responses(std::string_view stream) {
    Assembled out;
    ResponsesStream reader(out);
    read_by_rules(stream, reader, out);
    return out;
}

}  // namespace aigw::protocol::testing
