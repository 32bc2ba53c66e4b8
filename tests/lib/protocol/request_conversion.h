// A caller's request taken through a reader and a writer, for tests that look at what comes out.
#pragma once

#include <string>
#include <string_view>

#include "crypto/digest.h"
#include "protocol/anthropic_request.h"
#include "protocol/json_tree.h"
#include "protocol/openai_request.h"

namespace aigw::protocol::tests {

struct WrittenRequest {
    std::string body{};
    std::string losses{};  // as the header has them
    std::string ignored{};
    std::string error{};
    std::string param{};
    AnswerPlan plan{};

    // A member of the body as it stands there; empty when it is not there.
    std::string member(std::string_view name) const {
        JsonTree tree;
        const auto root = tree.parse(body);
        return root ? std::string((*root)[name].raw()) : "the body is no JSON";
    }
    std::string messages() const { return member("messages"); }
    // All members but the model, the messages and the limit.
    std::string fields() const {
        JsonTree tree;
        const auto root = tree.parse(body);
        if (!root) return "the body is no JSON";
        std::string out;
        for (const JsonValue& member : *root) {
            const std::string name = member.key();
            if (name == "model" || name == "messages" || name == "max_tokens") continue;
            if (!out.empty()) out.push_back(',');
            out.append("\"").append(name).append("\":").append(member.raw());
        }
        return out;
    }
};

inline WrittenRequest write_for_openai(Result<ChatRequest> request, const ModelTraits& traits,
                                       Losses losses = {}, ConversionOptions options = {}) {
    WrittenRequest out;
    options.sha256_hex = &crypto::sha256_hex;
    RequestConversion to{
        .model = "m", .traits = traits, .options = options, .losses = losses, .plan = out.plan};
    Result<std::string> body = request ? write_openai_request(*std::move(request), to)
                                       : Result<std::string>(request.error());
    out.losses = losses.header();
    out.ignored = losses.ignored_list();
    if (body) {
        out.body = *body;
    } else {
        out.error = body.error().message;
        out.param = body.error().param;
    }
    return out;
}

inline WrittenRequest anthropic_to_openai(std::string_view body, const ModelTraits& traits = {},
                                          const ConversionOptions& options = {}) {
    JsonTree tree;
    auto root = tree.parse(body);
    if (!root) return {.error = root.error().message};
    Losses losses;
    auto request = read_anthropic_request(*root, MaxTokens::Required, losses);
    return write_for_openai(std::move(request), traits, losses, options);
}

inline WrittenRequest openai_to_openai(std::string_view body, const ModelTraits& traits = {}) {
    JsonTree tree;
    auto root = tree.parse(body);
    if (!root) return {.error = root.error().message};
    Losses losses;
    auto request = read_openai_request(*root, losses);
    return write_for_openai(std::move(request), traits, losses);
}

// A body of Anthropic's with these messages and these further members.
inline std::string anthropic_body(std::string_view messages, std::string_view more = "") {
    std::string body = R"({"model":"claude","max_tokens":9,"messages":)";
    body.append(messages);
    if (!more.empty()) body.append(",").append(more);
    return body + "}";
}

// The same with one message of the user.
inline std::string anthropic_ask(std::string_view more) {
    return anthropic_body(R"([{"role":"user","content":"Hi"}])", more);
}

}  // namespace aigw::protocol::tests
