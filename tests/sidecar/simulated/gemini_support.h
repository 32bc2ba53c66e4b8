// Helpers of the simulated Gemini's tests: requests in one line, streams put together again.
#pragma once

#include <string>
#include <vector>

#include "tests/sidecar/simulated/support.h"

namespace aigw::simulated::testing {

inline const char* const kGeminiHi = R"([{"role":"user","parts":[{"text":"Hi there"}]}])";
inline const char* const kGeminiTools =
    R"(,"tools":[{"functionDeclarations":[{"name":"get_weather","description":"Weather",)"
    R"("parameters":{"type":"OBJECT","properties":{"city":{"type":"STRING"}},)"
    R"("required":["city"]}},{"name":"get_time","parametersJsonSchema":{"type":"object"}}]}])";

inline http::Request gemini_post(std::string target, std::string body) {
    http::Request request = post("/gemini/v1beta/models/" + std::move(target), std::move(body));
    request.headers = {{"x-goog-api-key", "sk-test"}, {"content-type", "application/json"}};
    return request;
}

inline http::Request gemini_get(std::string target) {
    http::Request request;
    request.target = "/gemini/v1beta" + std::move(target);
    request.headers = {{"x-goog-api-key", "sk-test"}};
    return request;
}

inline Plan ask_gemini(const http::Request& request) {
    return make_gemini({})->answer(request, kNow);
}

// `rest` begins with a comma.
inline std::string gemini_body(const std::string& rest = "",
                               const std::string& contents = kGeminiHi) {
    return R"({"contents":)" + contents + rest + "}";
}

inline std::string gemini_user(const std::string& text) {
    return R"([{"role":"user","parts":[{"text":")" + text + R"("}]}])";
}

inline std::string gemini_config(const std::string& members) {
    return R"(,"generationConfig":{)" + members + "}";
}

inline Plan ask_gemini(const std::string& model, const std::string& body) {
    return ask_gemini(gemini_post(model + ":generateContent", body));
}

inline Plan stream_gemini(const std::string& model, const std::string& body) {
    return ask_gemini(gemini_post(model + ":streamGenerateContent?alt=sse", body));
}

// The JSON of every event.
inline std::vector<json> answers_of(const Plan& plan) {
    std::vector<json> answers;
    for (const Piece& piece : plan.pieces) {
        REQUIRE(piece.bytes.starts_with("data: "));
        REQUIRE(piece.bytes.ends_with("\r\n\r\n"));
        answers.push_back(json::parse(piece.bytes.substr(6)));
    }
    return answers;
}

// The candidates that a stream or a whole answer amounts to: texts of one kind joined, signatures
// in the order in which they came.
inline json candidates_of(const std::vector<json>& answers) {
    json candidates = json::array();
    for (const json& answer : answers) {
        for (const json& part_of : answer.value("candidates", json::array())) {
            const auto index = part_of.at("index").get<std::size_t>();
            while (candidates.size() <= index) {
                candidates.push_back({{"text", ""},
                                      {"thoughts", ""},
                                      {"calls", json::array()},
                                      {"signatures", json::array()},
                                      {"finishReason", nullptr}});
            }
            json& whole = candidates[index];
            REQUIRE(whole["finishReason"].is_null());
            CHECK(part_of.at("content").at("role") == "model");
            for (const json& part : part_of["content"].value("parts", json::array())) {
                if (part.contains("text")) {
                    const char* kind = part.value("thought", false) ? "thoughts" : "text";
                    whole[kind].get_ref<std::string&>() += part["text"].get<std::string>();
                }
                if (part.contains("functionCall")) whole["calls"].push_back(part["functionCall"]);
                if (part.contains("thoughtSignature")) {
                    whole["signatures"].push_back(part["thoughtSignature"]);
                }
            }
            if (part_of.contains("finishReason")) whole["finishReason"] = part_of["finishReason"];
        }
    }
    return candidates;
}

}  // namespace aigw::simulated::testing
