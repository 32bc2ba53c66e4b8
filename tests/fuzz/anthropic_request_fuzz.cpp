// A request of Anthropic's written for servers of OpenAI's dialects: whatever the bytes are, an
// Error that says something, or a body that is JSON, in which every call has one result directly
// behind its turn, and no key that only Anthropic knows.

#include <string>
#include <string_view>

#include "crypto/digest.h"
#include "protocol/anthropic_request.h"
#include "protocol/json_tree.h"
#include "protocol/openai_request.h"
#include "tests/fuzz/target.h"
#include "tests/lib/protocol/openai_body_problem.h"
#include "tests/lib/protocol/openai_dialects.h"

namespace {

using aigw::fuzz::must_hold;
using namespace aigw::protocol;

void check(const ChatRequest& request, const ModelTraits& traits) {
    const ConversionOptions options{.sha256_hex = &aigw::crypto::sha256_hex};
    Losses losses;
    AnswerPlan plan;
    RequestConversion to{
        .model = "m", .traits = traits, .options = options, .losses = losses, .plan = plan};
    const auto body = write_openai_request(request, to);
    if (!body) {
        must_hold(!body.error().message.empty(), "an error says something");
        return;
    }
    JsonTree tree;
    const auto root = tree.parse(*body);
    must_hold(root && root->is_object(), "what is written is JSON");
    const std::string problem = tests::pairing_problem((*root)["messages"]);
    must_hold(problem.empty(), problem.c_str());
    const std::string key = tests::foreign_key(*root);
    must_hold(key.empty(), ("every key is one of the server's: " + key).c_str());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    JsonTree tree;
    const auto root = tree.parse(text);
    if (!root) return 0;
    Losses losses;
    const auto request = read_anthropic_request(*root, MaxTokens::Optional, losses);
    if (!request) {
        must_hold(!request.error().message.empty(), "an error says something");
        return 0;
    }
    for (const ModelTraits& traits :
         {ModelTraits{}, tests::kGpt, tests::kQwen, tests::kDoubao, tests::kMiniMax})
        check(*request, traits);
    return 0;
}
