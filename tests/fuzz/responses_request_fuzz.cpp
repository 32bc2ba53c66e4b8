// A request of OpenAI's Responses for vendors of other protocols: whatever the bytes are, an Error
// that says something, or a body that is JSON; and what an answer repeats of it is JSON, too.

#include <string>
#include <string_view>

#include "crypto/digest.h"
#include "protocol/anthropic_request.h"
#include "protocol/json_tree.h"
#include "protocol/openai_request.h"
#include "protocol/responses_request.h"
#include "tests/fuzz/target.h"
#include "tests/lib/protocol/openai_body_problem.h"
#include "tests/lib/protocol/openai_dialects.h"

namespace {

using aigw::Result;
using aigw::fuzz::must_hold;
using namespace aigw::protocol;

using Write = Result<std::string> (*)(ChatRequest request, RequestConversion& to);

// What is written, in `tree`; absent where it is refused.
JsonValue write(const ChatRequest& request, const ModelTraits& traits, Write write, JsonTree& tree,
                std::string& body) {
    const ConversionOptions options{.sha256_hex = &aigw::crypto::sha256_hex};
    Losses losses;
    AnswerPlan plan;
    RequestConversion to{
        .model = "m", .traits = traits, .options = options, .losses = losses, .plan = plan};
    auto written = write(request, to);
    if (!written) {
        must_hold(!written.error().message.empty(), "an error says something");
        return {};
    }
    body = *std::move(written);
    const auto root = tree.parse(body);
    must_hold(root && root->is_object(), "what is written is JSON");
    return *root;
}

void check_openai(const ChatRequest& request, const ModelTraits& traits) {
    JsonTree tree;
    std::string body;
    const JsonValue root = write(request, traits, &write_openai_request, tree, body);
    if (root.is_absent()) return;
    const std::string problem = tests::pairing_problem(root["messages"]);
    must_hold(problem.empty(), problem.c_str());
}

void check_anthropic(const ChatRequest& request) {
    JsonTree tree;
    std::string body;
    const ModelTraits traits{.thinking = ModelTraits::Thinking::Budget};
    const JsonValue root = write(request, traits, &write_anthropic_request, tree, body);
    if (root.is_absent()) return;
    must_hold((*root["messages"].begin())["role"].is("user"), "a user speaks first");
}

void check_echo(JsonValue body) {
    const std::string echo = "{" + make_responses_echo(body) + "}";
    JsonTree tree;
    const auto root = tree.parse(echo);
    must_hold(root && root->is_object(), "what is repeated is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    JsonTree tree;
    const auto root = tree.parse(text);
    if (!root) return 0;
    Losses losses;
    const auto request = read_responses_request(*root, losses);
    if (!request) {
        must_hold(!request.error().message.empty(), "an error says something");
        return 0;
    }
    check_echo(*root);
    check_anthropic(*request);
    for (const ModelTraits& traits : {ModelTraits{}, tests::kGpt, tests::kQwen})
        check_openai(*request, traits);
    return 0;
}
