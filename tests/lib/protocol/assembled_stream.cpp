#include "tests/lib/protocol/assembled_stream.h"

#include <algorithm>

#include "tests/lib/protocol/stream_rules.h"

namespace aigw::protocol::testing {
namespace {

using Json = nlohmann::ordered_json;

bool is_blank_text(const std::string& text) {
    return text.find_first_not_of(" \t\n\r\f\v") == std::string::npos;
}

// ---- OpenAI ----------------------------------------------------------------------------------

class OpenAiStream {
public:
    OpenAiStream(Assembled& out, AsksUsage asks_usage)
        : out_(out), asks_usage_(asks_usage == AsksUsage::Yes) {}

    void take(std::string_view event) {
        must(!out_.is_ended && !out_.is_failed, "something follows the end");
        must(event.starts_with("data: "), "an event is one data line");
        must(event.find('\n') == std::string_view::npos, "an event is one line");
        event.remove_prefix(6);
        if (event == "[DONE]") return take_done();
        const Json chunk = parsed(event);
        if (chunk.contains("error")) {
            must_have_only(chunk, {"error"});
            must_have_only(chunk["error"], {"message", "type", "param", "code"});
            must(!text_of(chunk["error"], "message").empty(), "an error without words");
            out_.error = chunk["error"];
            out_.is_failed = true;
            return;
        }
        take_head(chunk);
        if (chunk["choices"].empty()) return take_usage(chunk);
        take_choice(chunk);
    }

    // The message of what has come by now.
    Json message() const {
        Json message = {{"role", "assistant"}, {"content", content_}, {"refusal", nullptr}};
        if (!refusal_.empty()) message["refusal"] = refusal_;
        if (!reasoning_.empty()) message["reasoning_content"] = reasoning_;
        if (!calls_.empty()) message["tool_calls"] = calls_;
        if (!function_.is_null()) message["function_call"] = function_;
        for (const auto& [name, value] : extensions_.items()) message[name] = value;
        Json choice = {{"index", 0}, {"message", message}, {"logprobs", logprobs_}};
        choice["finish_reason"] = finish_;
        if (!stop_reason_.is_null()) choice["stop_reason"] = stop_reason_;
        Json answer = head_;
        answer["object"] = "chat.completion";
        answer["choices"] = Json::array({choice});
        if (!usage_.is_null()) answer["usage"] = usage_;
        return answer;
    }

private:
    void take_done() {
        must(!finish_.is_null(), "[DONE] without finish_reason");
        must(!asks_usage_ || !usage_.is_null(), "[DONE] without the usage asked for");
        for (const Json& call : calls_) {
            const bool is_function = call["type"] == "function";
            must(!is_function || !call["function"]["arguments"].get<std::string>().empty(),
                 "a call without arguments");
        }
        out_.is_ended = true;
    }

    void take_head(const Json& chunk) {
        must_have_only(chunk,
                       {"id", "object", "created", "model", "service_tier", "choices", "usage"});
        must(text_of(chunk, "object") == "chat.completion.chunk", "the chunk's object");
        must(chunk.contains("choices") && chunk["choices"].is_array(), "choices must be an array");
        Json head = {{"id", text_of(chunk, "id")},
                     {"object", ""},
                     {"created", count_of(chunk, "created")},
                     {"model", text_of(chunk, "model")}};
        if (chunk.contains("service_tier")) head["service_tier"] = chunk["service_tier"];
        must(head_.is_null() || head_ == head, "all chunks have one head");
        head_ = head;
    }

    void take_usage(const Json& chunk) {
        must(asks_usage_, "usage that nobody asked for");
        must(!finish_.is_null() && usage_.is_null(), "usage comes once, behind the finish");
        usage_ = chunk["usage"];
        must_have_only(usage_, {"prompt_tokens", "completion_tokens", "total_tokens",
                                "prompt_tokens_details", "completion_tokens_details"});
        const std::int64_t prompt = count_of(usage_, "prompt_tokens");
        const std::int64_t completion = count_of(usage_, "completion_tokens");
        const std::int64_t total = count_of(usage_, "total_tokens");
        must(total - prompt == completion || total == INT64_MAX, "total = prompt + completion");
    }

    void take_choice(const Json& chunk) {
        must(finish_.is_null(), "a choice behind the finish");
        must(asks_usage_ ? chunk.contains("usage") && chunk["usage"].is_null()
                         : !chunk.contains("usage"),
             "usage is null when asked for, absent else");
        must(chunk["choices"].size() == 1, "one choice");
        const Json& choice = chunk["choices"][0];
        must_have_only(choice, {"index", "delta", "finish_reason", "stop_reason", "logprobs"});
        if (choice.contains("logprobs")) take_logprobs(choice["logprobs"]);
        must(count_of(choice, "index") == 0, "the choice's index");
        must(choice.contains("delta") && choice.contains("finish_reason"),
             "delta and finish_reason");
        take_delta(choice["delta"]);
        finish_ = choice["finish_reason"];
        if (finish_.is_null()) {
            must(!choice.contains("stop_reason"), "stop_reason before the finish");
            return;
        }
        must(choice["delta"].empty(), "the finish chunk's delta is empty");
        text_of(choice, "finish_reason");
        if (choice.contains("stop_reason")) stop_reason_ = text_of(choice, "stop_reason");
    }

    // Lists grow from chunk to chunk.
    void take_logprobs(const Json& logprobs) {
        must_have_only(logprobs, {"content", "refusal"});
        must(!logprobs["content"].empty() && logprobs["refusal"].is_null(), "of the text's tokens");
        if (logprobs_.is_null()) {
            logprobs_ = logprobs;
            return;
        }
        for (const Json& token : logprobs["content"]) logprobs_["content"].push_back(token);
    }

    void take_delta(const Json& delta) {
        must_have_only(delta,
                       {"role", "content", "reasoning_content", "refusal", "tool_calls",
                        "function_call", "thinking_blocks", "annotations", "provider_blocks"});
        must(delta.contains("role") == is_first_, "role comes first and once");
        is_first_ = false;
        append(delta, "content", content_);
        append(delta, "reasoning_content", reasoning_);
        append(delta, "refusal", refusal_);
        if (delta.contains("tool_calls")) take_calls(delta["tool_calls"]);
        if (delta.contains("function_call")) take_function(delta["function_call"]);
        for (const char* name : {"thinking_blocks", "annotations", "provider_blocks"}) {
            if (!delta.contains(name)) continue;
            must(delta[name].is_array() && !delta[name].empty(), "an extension is a list");
            must(!extensions_.contains(name), "an extension comes whole and once");
            extensions_[name] = delta[name];
        }
    }

    static void append(const Json& delta, const char* name, std::string& to) {
        if (!delta.contains(name)) return;
        const std::string text = text_of(delta, name);
        must(!text.empty() || delta.contains("role"), std::string("an empty piece of ") + name);
        to += text;
    }

    void take_calls(const Json& fragments) {
        must(fragments.is_array() && !fragments.empty(), "tool_calls is a list");
        for (const Json& fragment : fragments) {
            must_have_only(fragment,
                           {"index", "id", "type", "function", "custom", "extra_content"});
            const auto index = static_cast<std::size_t>(count_of(fragment, "index"));
            must(index <= calls_.size(), "indices are dense");
            if (index == calls_.size()) {
                begin_call(fragment);
            } else {
                continue_call(fragment, calls_[index]);
            }
        }
    }

    void begin_call(Json fragment) {
        must(!text_of(fragment, "id").empty(), "a call's id");
        const std::string type = text_of(fragment, "type");
        must(type == "function" || type == "custom", "a call's type");
        must(fragment.contains(type), "what a call is of");
        must(!text_of(fragment[type], "name").empty(), "a call's name");
        text_of(fragment[type], type == "custom" ? "input" : "arguments");
        fragment.erase("index");
        calls_.push_back(fragment);
    }

    static void continue_call(const Json& fragment, Json& call) {
        const std::string type = call["type"];
        must_have_only(fragment, {"index", type.c_str()});
        const char* member = type == "custom" ? "input" : "arguments";
        must_have_only(fragment[type], {member});
        const std::string piece = text_of(fragment[type], member);
        must(!piece.empty(), "an empty piece of arguments");
        call[type][member] = call[type][member].get<std::string>() + piece;
    }

    void take_function(const Json& fragment) {
        if (function_.is_null()) {
            must(!text_of(fragment, "name").empty(), "a function's name");
            text_of(fragment, "arguments");
            function_ = fragment;
            return;
        }
        must_have_only(fragment, {"arguments"});
        function_["arguments"] =
            function_["arguments"].get<std::string>() + text_of(fragment, "arguments");
    }

    Assembled& out_;
    bool asks_usage_;
    bool is_first_ = true;
    Json head_;
    std::string content_;
    std::string reasoning_;
    std::string refusal_;
    Json calls_ = Json::array();
    Json function_;
    Json extensions_ = Json::object();
    Json finish_;
    Json logprobs_;
    Json stop_reason_;
    Json usage_;
};

// ---- Anthropic -------------------------------------------------------------------------------

void check_anthropic_usage(const Json& usage) {
    must_have_only(usage, {"input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
                           "output_tokens", "output_tokens_details"});
    for (const char* name : {"input_tokens", "cache_creation_input_tokens",
                             "cache_read_input_tokens", "output_tokens"}) {
        count_of(usage, name);
    }
}

class AnthropicStream {
public:
    explicit AnthropicStream(Assembled& out) : out_(out) {}

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
        if (type == "error") return take_error(json);
        must(message_.is_null() == (type == "message_start"), "message_start comes first and once");
        take(type, json);
    }

    Json message() const { return message_; }

private:
    void take(const std::string& type, const Json& json) {
        if (type == "message_start") return take_start(json);
        if (type == "content_block_start") return take_block_start(json);
        if (type == "content_block_delta") return take_delta(json);
        if (type == "content_block_stop") return take_block_stop(json);
        if (type == "message_delta") return take_message_delta(json);
        must(type == "message_stop", "no event of the protocol: " + type);
        must(is_finished_, "message_stop without message_delta");
        out_.is_ended = true;
    }

    void take_error(const Json& json) {
        must_have_only(json, {"type", "error", "request_id"});
        must_have_only(json["error"], {"type", "message"});
        must(!text_of(json["error"], "type").empty(), "an error's type");
        must(!text_of(json["error"], "message").empty(), "an error without words");
        out_.error = json["error"];
        out_.is_failed = true;
    }

    void take_start(const Json& json) {
        message_ = json["message"];
        must_have_only(message_, {"id", "type", "role", "model", "content", "stop_reason",
                                  "stop_sequence", "usage"});
        must(text_of(message_, "id").starts_with("msg_"), "a message's id");
        must(message_["content"] == Json::array(), "a message begins empty");
        must(message_["stop_reason"].is_null() && message_["stop_sequence"].is_null(),
             "no stop yet");
        check_anthropic_usage(message_["usage"]);
    }

    void take_block_start(const Json& json) {
        must(!is_open_ && !is_finished_, "one block is open at a time");
        must(static_cast<std::size_t>(count_of(json, "index")) == message_["content"].size(),
             "indices are dense");
        Json block = json["content_block"];
        const std::string type = text_of(block, "type");
        if (type == "text") {
            must(text_of(block, "text").empty(), "a text begins empty");
        } else if (type == "thinking") {
            must(text_of(block, "thinking").empty(), "thinking begins empty");
            must(text_of(block, "signature").empty(), "a signature comes later");
        } else if (type == "redacted_thinking") {
            text_of(block, "data");
        } else {
            must(type == "tool_use", "no block of the protocol: " + type);
            check_call(block);
        }
        message_["content"].push_back(block);
        arguments_.clear();
        is_open_ = true;
    }

    static void check_call(const Json& block) {
        must_have_only(block, {"type", "id", "name", "input"});
        const std::string id = text_of(block, "id");
        const bool is_safe = std::ranges::all_of(id, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                   c == '_' || c == '-';
        });
        must(!id.empty() && is_safe, "an id that comes back refused: " + id);
        must(!text_of(block, "name").empty(), "a call's name");
        must(block["input"] == Json::object(), "input begins empty");
    }

    void take_delta(const Json& json) {
        must(is_open_, "a delta outside of a block");
        must(static_cast<std::size_t>(count_of(json, "index")) + 1 == message_["content"].size(),
             "a delta of another block");
        Json& block = message_["content"].back();
        const Json& delta = json["delta"];
        const std::string type = text_of(delta, "type");
        const std::string of = block["type"];
        if (type == "text_delta") {
            must(of == "text", "a text in another block");
            append(delta, "text", block);
        } else if (type == "thinking_delta") {
            must(of == "thinking", "thinking in another block");
            append(delta, "thinking", block);
        } else if (type == "signature_delta") {
            must(of == "thinking", "a signature in another block");
            append(delta, "signature", block);
        } else {
            must(type == "input_json_delta" && of == "tool_use",
                 "no delta of the protocol: " + type);
            const std::string piece = text_of(delta, "partial_json");
            must(!piece.empty(), "an empty piece of arguments");
            arguments_ += piece;
        }
    }

    static void append(const Json& delta, const char* name, Json& block) {
        const std::string piece = text_of(delta, name);
        must(!piece.empty(), "an empty delta");
        block[name] = block[name].get<std::string>() + piece;
    }

    void take_block_stop(const Json& json) {
        must(is_open_, "a stop outside of a block");
        must(static_cast<std::size_t>(count_of(json, "index")) + 1 == message_["content"].size(),
             "a stop of another block");
        is_open_ = false;
        Json& block = message_["content"].back();
        if (block["type"] == "text") {
            must(!is_blank_text(block["text"]), "a blank text");
        } else if (block["type"] == "tool_use" && !arguments_.empty()) {
            must(arguments_.starts_with('{'), "arguments that are no object: " + arguments_);
            const Json input = Json::parse(arguments_, nullptr, false);
            block["input"] = input.is_discarded() ? Json(arguments_) : input;
        }
    }

    void take_message_delta(const Json& json) {
        must(!is_open_ && !is_finished_, "message_delta comes once, behind the blocks");
        must_have_only(json, {"type", "delta", "usage"});
        must_have_only(json["delta"], {"stop_reason", "stop_sequence", "stop_details"});
        text_of(json["delta"], "stop_reason");
        must(json["delta"].contains("stop_sequence"), "stop_sequence is there");
        check_anthropic_usage(json["usage"]);
        message_.erase("usage");
        for (const auto& [key, value] : json["delta"].items()) message_[key] = value;
        message_["usage"] = json["usage"];
        const bool has_calls = std::ranges::any_of(
            message_["content"], [](const Json& block) { return block["type"] == "tool_use"; });
        must(message_["stop_reason"] != "tool_use" || has_calls, "tool_use without a call");
        is_finished_ = true;
    }

    Assembled& out_;
    Json message_;
    std::string arguments_;
    bool is_open_ = false;
    bool is_finished_ = false;
};

}  // namespace

Assembled assemble_openai(std::string_view stream, AsksUsage asks_usage) {
    Assembled out;
    OpenAiStream reader(out, asks_usage);
    read_by_rules(stream, reader, out);
    return out;
}

Assembled assemble_anthropic(std::string_view stream) {
    Assembled out;
    AnthropicStream reader(out);
    read_by_rules(stream, reader, out);
    return out;
}

}  // namespace aigw::protocol::testing
