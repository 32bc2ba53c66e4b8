#include "cmd/call/chat_answer.h"

#include <nlohmann/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cmd/call/answer.h"
#include "protocol/reply_usage.h"
#include "protocol/vendor_error.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;

// The member when it is there and a string; else empty.
std::string text_of(const Json& object, const char* name) {
    const auto at = object.find(name);
    return at != object.end() && at->is_string() ? at->get<std::string>() : std::string();
}

std::size_t index_of(const Json& object, std::size_t otherwise) {
    const auto at = object.find("index");
    return at != object.end() && at->is_number_unsigned() ? at->get<std::size_t>() : otherwise;
}

const Json& member(const Json& object, const char* name) {
    static const Json kNothing;
    const auto at = object.find(name);
    return object.is_object() && at != object.end() ? *at : kNothing;
}

Error not_the_protocol() {
    return {ErrorCode::UpstreamInvalid, "the answer is not a chat completion",
            "see it with aigw call raw"};
}

}  // namespace

void ChatAnswer::on_head(int status, const http::Headers& headers) {
    status_ = status;
    headers_ = headers;
    const auto type = headers.find("content-type");
    streams_ = status < 400 && type && starts_with_ignoring_case(*type, "text/event-stream");
}

bool ChatAnswer::on_bytes(std::string_view bytes) {
    if (on_first_byte_) std::exchange(on_first_byte_, nullptr)();
    if (!streams_) {
        body_.append(bytes);
        return true;
    }
    events_.feed(bytes);
    read_events();
    program_.out.flush();
    return program_.out.good();
}

void ChatAnswer::read_events() {
    while (!failure_) {
        auto event = events_.next();
        if (!event) {
            failure_ = std::move(event).error();
            return;
        }
        if (!*event) return;
        take_event((*event)->data);
    }
}

void ChatAnswer::take_event(std::string_view data) {
    if (data == "[DONE]") {
        is_complete_ = true;
        return;
    }
    if (protocol::find_vendor_error(data)) {
        failure_ = error_of_answer(0, headers_, data);
        return;
    }
    const Json chunk = Json::parse(data, nullptr, false);
    if (!chunk.is_object()) {
        failure_ = not_the_protocol();
        return;
    }
    if (const auto usage = protocol::read_usage(data)) usage_ = usage;
    for (const Json& choice : member(chunk, "choices"))
        take_choice(choice, member(choice, "delta"));
}

void ChatAnswer::take_choice(const Json& choice, const Json& message) {
    const std::size_t index = index_of(choice, 0);
    if (message.is_object()) {
        print_text(index, text_of(message, "content"));
        print_text(index, text_of(message, "refusal"));
        std::size_t place = 0;
        for (const Json& call : member(message, "tool_calls"))
            take_tool_call(call, index_of(call, place++));
    }
    if (const std::string reason = text_of(choice, "finish_reason"); !reason.empty()) {
        if (finish_reason_.empty()) finish_reason_ = reason;
        is_complete_ = true;
    }
}

void ChatAnswer::take_tool_call(const Json& call, std::size_t place) {
    ToolCall& known = tool_calls_[place];
    const Json& function = member(call, "function");
    if (!function.is_object()) return;
    known.id += text_of(call, "id");
    known.name += text_of(function, "name");
    known.arguments += text_of(function, "arguments");
}

void ChatAnswer::print_text(std::size_t choice, const std::string& text) {
    if (text.empty()) return;
    if (choice != 0) {
        other_choices_[choice] += text;
        return;
    }
    program_.out << text;
    last_printed_ = text.back();
}

void ChatAnswer::print_rest() {
    if (last_printed_ != '\n') program_.out << '\n';
    for (const auto& [index, text] : other_choices_)
        program_.out << '\n' << text << (text.ends_with('\n') ? "" : "\n");
    for (const auto& [place, call] : tool_calls_) {
        const Json arguments = Json::parse(call.arguments, nullptr, false);
        const Json line{{"id", call.id},
                        {"name", call.name},
                        {"arguments", arguments.is_discarded() ? Json(call.arguments) : arguments}};
        program_.out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
    program_.out.flush();
}

Result<void> ChatAnswer::finish() {
    if (on_first_byte_) std::exchange(on_first_byte_, nullptr)();
    if (!streams_) return finish_whole();
    if (!failure_) {
        auto last = events_.finish();
        if (!last)
            failure_ = std::move(last).error();
        else if (*last)
            take_event((*last)->data);
    }
    print_rest();
    if (failure_) return *failure_;
    if (!is_complete_) {
        return Error{ErrorCode::UpstreamInvalid, "the answer ended before it was complete",
                     "try again, or use --no-stream"};
    }
    return {};
}

Result<void> ChatAnswer::finish_whole() {
    if (status_ >= 400) return error_of_answer(status_, headers_, body_);
    const Json reply = Json::parse(body_, nullptr, false);
    if (!reply.is_object() || !member(reply, "choices").is_array()) return not_the_protocol();
    usage_ = protocol::read_usage(body_);
    if (program_.options.json) {
        program_.out << body_ << (body_.ends_with('\n') ? "" : "\n");
        return {};
    }
    for (const Json& choice : reply["choices"]) take_choice(choice, member(choice, "message"));
    print_rest();
    return {};
}

}  // namespace aigw::cmd
