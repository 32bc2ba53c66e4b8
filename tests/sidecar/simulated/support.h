// Helpers of the simulated vendors' tests: requests in one line, streams put together again.
#pragma once

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/simulated/vendor.h"

namespace aigw::simulated::testing {

using nlohmann::json;

inline const TimePoint kNow{std::chrono::seconds(1763630000)};

inline http::Request post(std::string target, std::string body) {
    http::Request request;
    request.method = "POST";
    request.target = std::move(target);
    request.headers = {{"Authorization", "Bearer sk-test"}, {"Content-Type", "application/json"}};
    request.body = std::move(body);
    return request;
}

inline http::Request get(std::string target) {
    http::Request request;
    request.target = std::move(target);
    request.headers = {{"Authorization", "Bearer sk-test"}};
    return request;
}

inline json body_of(const Plan& plan) {
    return json::parse(plan.body());
}

// The JSON of every frame, `[DONE]` checked and left out.
inline std::vector<json> frames_of(const Plan& plan) {
    std::vector<json> frames;
    bool is_done = false;
    for (const Piece& piece : plan.pieces) {
        REQUIRE_FALSE(is_done);
        REQUIRE(piece.bytes.starts_with("data: "));
        REQUIRE(piece.bytes.ends_with("\n\n"));
        const std::string data = piece.bytes.substr(6, piece.bytes.size() - 8);
        is_done = data == "[DONE]";
        if (!is_done) frames.push_back(json::parse(data));
    }
    CHECK(is_done);
    return frames;
}

inline void add_fragment(json& calls, const json& fragment) {
    const auto index = fragment.at("index").get<std::size_t>();
    if (index == calls.size()) {
        calls.push_back(fragment);
        calls[index].erase("index");
        return;
    }
    REQUIRE(index < calls.size());
    for (const auto& [name, text] : {std::pair{"function", "arguments"}, {"custom", "input"}}) {
        if (!fragment.contains(name)) continue;
        auto& whole = calls[index][name][text].get_ref<std::string&>();
        whole += fragment[name][text].get<std::string>();
    }
}

// The choices that a stream amounts to: [{"content","reasoning","tool_calls","finish_reason"}…].
inline json assemble(const std::vector<json>& frames) {
    json choices = json::array();
    for (const json& frame : frames) {
        for (const json& choice : frame.at("choices")) {
            const auto index = choice.at("index").get<std::size_t>();
            while (choices.size() <= index) {
                choices.push_back({{"content", ""},
                                   {"reasoning", ""},
                                   {"tool_calls", json::array()},
                                   {"finish_reason", nullptr}});
            }
            json& whole = choices[index];
            const json& delta = choice.at("delta");
            const auto append = [&](const char* from, const char* to) {
                if (!delta.contains(from) || delta[from].is_null()) return;
                whole[to].get_ref<std::string&>() += delta[from].get<std::string>();
            };
            append("content", "content");
            append("reasoning_content", "reasoning");
            for (const json& call : delta.value("tool_calls", json::array())) {
                add_fragment(whole["tool_calls"], call);
            }
            if (!choice.at("finish_reason").is_null()) {
                whole["finish_reason"] = choice["finish_reason"];
            }
        }
    }
    return choices;
}

// The same of a plain answer.
inline json choices_of(const json& reply) {
    json choices = json::array();
    for (const json& choice : reply.at("choices")) {
        const json& message = choice.at("message");
        json calls = message.value("tool_calls", json::array());
        for (json& call : calls) call.erase("index");
        choices.push_back(
            {{"content", message["content"].is_null() ? json("") : message["content"]},
             {"reasoning", message.value("reasoning_content", "")},
             {"tool_calls", calls},
             {"finish_reason", choice.at("finish_reason")}});
    }
    return choices;
}

}  // namespace aigw::simulated::testing
