// What a caller sees of a relayed stream does not depend on how the upstream's bytes were split.

#include <string>

#include "protocol/chat_stream_relay.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::protocol::OpenAiStreamRelay;
using aigw::protocol::UsageChunk;

std::string relay_in_pieces(const aigw::fuzz::Input& input, UsageChunk usage_chunk) {
    OpenAiStreamRelay relay(usage_chunk);
    std::string seen;
    aigw::fuzz::feed_in_pieces(input, [&](std::string_view piece) { seen += relay.feed(piece); });
    seen += relay.finish();
    aigw::fuzz::must_hold(relay.is_over() || relay.events() == 0, "a stream never ends in silence");
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    const aigw::fuzz::Input at_once{input.text.size() + 1, input.text};
    for (const UsageChunk usage_chunk : {UsageChunk::Pass, UsageChunk::Hide}) {
        aigw::fuzz::must_hold(
            relay_in_pieces(input, usage_chunk) == relay_in_pieces(at_once, usage_chunk),
            "a relayed stream is the same however it was split");
    }
    return 0;
}
