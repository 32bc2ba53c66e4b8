// A request of either protocol written for Gemini: whatever the bytes are, an Error that says
// something, or a body that is JSON, of fields that Gemini knows, in which turns alternate, the
// user's first and last, and every call has one result, in their order, directly behind its turn.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "protocol/anthropic_request.h"
#include "protocol/gemini_request.h"
#include "protocol/json_tree.h"
#include "protocol/openai_request.h"
#include "tests/fuzz/target.h"
#include "tests/lib/protocol/gemini_models.h"

namespace {

using aigw::fuzz::must_hold;
using namespace aigw::protocol;

constexpr std::array<std::string_view, 8> kFields = {
    "systemInstruction", "contents",       "tools",         "toolConfig",
    "generationConfig",  "safetySettings", "cachedContent", "serviceTier"};

std::vector<std::string> ids_of(JsonValue content, std::string_view kind) {
    std::vector<std::string> ids;
    for (const JsonValue& part : content["parts"]) {
        if (part[kind].is_object()) ids.push_back(part[kind]["id"].text());
    }
    return ids;
}

void check_turns(JsonValue contents) {
    must_hold(contents.is_array() && contents.size() % 2 == 1, "the user is first and last");
    bool is_users = true;
    std::vector<std::string> calls;
    for (const JsonValue& content : contents) {
        must_hold(content["role"].is(is_users ? "user" : "model"), "turns alternate");
        must_hold(content["parts"].is_array() && content["parts"].size() > 0, "no turn is empty");
        must_hold(ids_of(content, "functionResponse") == calls,
                  "every call has one result, in their order, directly behind its turn");
        calls = ids_of(content, "functionCall");
        must_hold(calls.empty() || !is_users, "only the model calls");
        is_users = !is_users;
    }
}

void check(const ChatRequest& request, const ModelTraits& traits) {
    const ConversionOptions options{.sha256_hex = &aigw::crypto::sha256_hex};
    Losses losses;
    AnswerPlan plan;
    RequestConversion to{
        .model = "m", .traits = traits, .options = options, .losses = losses, .plan = plan};
    const auto body = write_gemini_request(request, to);
    if (!body) {
        must_hold(!body.error().message.empty(), "an error says something");
        return;
    }
    JsonTree tree;
    const auto root = tree.parse(*body);
    must_hold(root && root->is_object(), "what is written is JSON");
    for (const JsonValue& member : *root) {
        const bool is_known = std::ranges::any_of(
            kFields, [&](std::string_view name) { return member.has_key(name); });
        must_hold(is_known, ("every field is one of Gemini's: " + member.key()).c_str());
    }
    check_turns((*root)["contents"]);
}

void check_both(const ChatRequest& request) {
    for (const ModelTraits& traits : {tests::kGemini3, tests::kGemini25}) check(request, traits);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    JsonTree tree;
    const auto root = tree.parse(text);
    if (!root) return 0;
    Losses losses;
    if (const auto request = read_anthropic_request(*root, MaxTokens::Optional, losses))
        check_both(*request);
    if (const auto request = read_openai_request(*root, losses)) check_both(*request);
    return 0;
}
