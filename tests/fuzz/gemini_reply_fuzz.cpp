// Any bytes as a Gemini upstream's whole answer: an Error that says something, or an answer whose
// numbers make sense, that both protocols can say, and that is the same as the stream of its one
// event.

#include <algorithm>
#include <string>
#include <string_view>

#include "protocol/anthropic_reply.h"
#include "protocol/gemini_reply.h"
#include "protocol/gemini_stream.h"
#include "protocol/openai_reply.h"
#include "protocol/reply_assembler.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::Usage;
using aigw::fuzz::must_hold;
using namespace aigw::protocol;

void check_usage(const Usage& usage, JsonValue said) {
    const bool is_positive = usage.input_tokens >= 0 && usage.cached_input_tokens >= 0 &&
                             usage.output_tokens >= 0 && usage.reasoning_tokens >= 0;
    must_hold(is_positive, "no part is negative");
    const std::int64_t total = usage.total_input() + usage.total_output();
    constexpr std::int64_t kMost = 1'000'000'000'000'000;
    const auto claimed = said["totalTokenCount"].integer();
    const bool is_less = claimed && *claimed <= kMost && total < *claimed;
    must_hold(!is_less, "the parts make up the vendor's total");
}

void check_written(const std::string& body) {
    JsonTree tree;
    const auto root = tree.parse(body);
    must_hold(root && root->is_object(), "what is written is JSON");
}

// The answer as a stream of one event. Line ends stand between values only.
void check_stream(std::string_view body, const ChatReply& whole) {
    std::string event = "data: " + std::string(body);
    std::ranges::replace_if(event, [](char c) { return c == '\n' || c == '\r'; }, ' ');
    event.append("\n\n");
    const auto parser = make_gemini_stream_parser();
    ReplyAssembler assembler;
    parser->feed(event, assembler);
    parser->finish(assembler);
    const auto streamed = std::move(assembler).reply();
    must_hold(streamed && *streamed == whole, "a stream of one event is the whole answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    JsonTree tree;
    const auto root = tree.parse(text);
    if (!root || !root->is_object()) return 0;
    const auto reply = read_gemini_reply(*root);
    if (!reply) {
        must_hold(!reply.error().message.empty(), "an error says something");
        return 0;
    }
    if (reply->usage) check_usage(*reply->usage, (*root)["usageMetadata"]);
    const AnswerPlan plan{.model = "m", .fallback_id = "f"};
    check_written(write_openai_reply(*reply, plan));
    check_written(write_anthropic_reply(*reply, plan));
    const bool is_stopped = reply->stop.reason != StopReason::Unset;
    if (is_stopped && !(*root)["error"].is_given()) check_stream(text, *reply);
    return 0;
}
