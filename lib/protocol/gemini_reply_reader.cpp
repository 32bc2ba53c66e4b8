#include "protocol/gemini_answer.h"
#include "protocol/gemini_reply.h"
#include "protocol/reply_assembler.h"

namespace aigw::protocol {

// A stream of one event: so that both are the same answer.
Result<ChatReply> read_gemini_reply(JsonValue body) {
    const JsonValue candidates = body["candidates"];
    const bool has_candidate = candidates.is_array() && candidates.size() > 0;
    if (!has_candidate && !body["promptFeedback"]["blockReason"].is_string())
        return Error{ErrorCode::UpstreamInvalid, "the upstream's answer has no candidate in it"};
    GeminiAnswer answer;
    ReplyAssembler reply;
    answer.take(body, reply);
    answer.end(reply);
    return std::move(reply).reply();
}

}  // namespace aigw::protocol
