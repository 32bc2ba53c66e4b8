// What a caller of Responses sees of a relayed stream does not depend on how the upstream's bytes
// were split, and never ends in silence.

#include <string>

#include "protocol/responses_stream_relay.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::protocol::ResponsesStreamRelay;

std::string relay_in_pieces(const aigw::fuzz::Input& input) {
    ResponsesStreamRelay relay;
    std::string seen;
    aigw::fuzz::feed_in_pieces(input, [&](std::string_view piece) { seen += relay.feed(piece); });
    seen += relay.finish();
    aigw::fuzz::must_hold(relay.is_over(), "a stream never ends in silence");
    aigw::fuzz::must_hold(relay.is_complete() != relay.failure().has_value(),
                          "a stream is whole or has failed");
    return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    const aigw::fuzz::Input at_once{input.text.size() + 1, input.text};
    aigw::fuzz::must_hold(relay_in_pieces(input) == relay_in_pieces(at_once),
                          "a relayed stream is the same however it was split");
    return 0;
}
