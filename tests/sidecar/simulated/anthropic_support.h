// Helpers of the simulated Anthropic's tests: requests in one line, streams put together again.
#pragma once

#include <string>
#include <vector>

#include "tests/sidecar/simulated/support.h"

namespace aigw::simulated::testing {

inline const char* const kClaudeHi = R"([{"role":"user","content":"Hi there"}])";
inline const char* const kClaudeTools =
    R"([{"name":"get_weather","description":"Weather of a city","input_schema":{"type":"object",)"
    R"("properties":{"city":{"type":"string"},"unit":{"type":"string"}},"required":["city"]}},)"
    R"({"name":"get_time","input_schema":{"type":"object","properties":{}}}])";

inline http::Request claude_post(std::string target, std::string body) {
    http::Request request = post(std::move(target), std::move(body));
    request.headers = {{"x-api-key", "sk-ant-test"},
                       {"anthropic-version", "2023-06-01"},
                       {"content-type", "application/json"}};
    return request;
}

inline http::Request claude_get(std::string target) {
    http::Request request;
    request.target = std::move(target);
    request.headers = {{"x-api-key", "sk-ant-test"}, {"anthropic-version", "2023-06-01"}};
    return request;
}

inline Plan ask_claude(const http::Request& request) {
    return make_anthropic({})->answer(request, kNow);
}

inline Plan ask_claude(const std::string& body) {
    return ask_claude(claude_post("/anthropic/v1/messages", body));
}

// `rest` begins with a comma.
inline std::string claude_body(const std::string& model, const std::string& rest = "",
                               const std::string& messages = kClaudeHi) {
    return R"({"model":")" + model + R"(","max_tokens":2000,"messages":)" + messages + rest + "}";
}

inline std::string claude_user(const std::string& text) {
    return R"([{"role":"user","content":")" + text + R"("}])";
}

inline std::string with_claude_tools(const std::string& rest = "") {
    return std::string(R"(,"tools":)") + kClaudeTools + rest;
}

// The JSON of every event, whose line and type agree.
inline std::vector<json> events_of(const Plan& plan) {
    std::vector<json> events;
    for (const Piece& piece : plan.pieces) {
        REQUIRE(piece.bytes.starts_with("event: "));
        REQUIRE(piece.bytes.ends_with("\n\n"));
        const auto line_end = piece.bytes.find('\n');
        const std::string name = piece.bytes.substr(7, line_end - 7);
        const std::string data = piece.bytes.substr(line_end + 1);
        REQUIRE(data.starts_with("data: "));
        events.push_back(json::parse(data.substr(6)));
        REQUIRE(events.back().at("type") == name);
    }
    return events;
}

// The message that the events amount to; the grammar is checked on the way.
inline json assemble_message(const std::vector<json>& events) {
    json message;
    std::vector<std::string> inputs;
    bool is_open = false;
    bool has_delta = false;
    for (std::size_t i = 0; i < events.size(); ++i) {
        const json& event = events[i];
        const auto type = event.at("type").get<std::string>();
        if (type == "ping") continue;
        REQUIRE((i == 0) == (type == "message_start"));
        REQUIRE((i + 1 == events.size()) == (type == "message_stop"));
        if (type == "message_start") {
            message = event.at("message");
            REQUIRE(message.at("content").empty());
            REQUIRE(message.at("stop_reason").is_null());
            continue;
        }
        if (type == "message_stop") continue;
        if (type == "message_delta") {
            REQUIRE_FALSE(is_open);
            REQUIRE_FALSE(has_delta);
            has_delta = true;
            message.update(event.at("delta"));
            message["usage"].update(event.at("usage"));
            continue;
        }
        REQUIRE_FALSE(has_delta);
        json& content = message["content"];
        if (type == "content_block_start") {
            REQUIRE_FALSE(is_open);
            REQUIRE(event.at("index") == content.size());
            is_open = true;
            content.push_back(event.at("content_block"));
            inputs.emplace_back();
            continue;
        }
        REQUIRE(is_open);
        REQUIRE(event.at("index") == content.size() - 1);
        json& block = content.back();
        if (type == "content_block_stop") {
            is_open = false;
            const json input = json::parse(inputs.back(), nullptr, false);
            if (input.is_object()) block["input"] = input;
            continue;
        }
        REQUIRE(type == "content_block_delta");
        const json& delta = event.at("delta");
        const auto kind = delta.at("type").get<std::string>();
        const auto block_type = block.at("type").get<std::string>();
        if (kind == "input_json_delta") {
            REQUIRE(block_type == "tool_use");
            inputs.back() += delta.at("partial_json").get<std::string>();
        } else if (kind == "signature_delta") {
            REQUIRE(block_type == "thinking");
            REQUIRE(events[i + 1].at("type") == "content_block_stop");
            block["signature"] = delta.at("signature");
        } else {
            REQUIRE(kind == block_type + "_delta");
            block[block_type].get_ref<std::string&>() += delta.at(block_type).get<std::string>();
        }
    }
    REQUIRE(has_delta);
    return message;
}

}  // namespace aigw::simulated::testing
