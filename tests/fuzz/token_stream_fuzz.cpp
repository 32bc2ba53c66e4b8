// Streams of text: after each part, and at the end, the total is what counting all of it says. The
// first byte chooses the encoding and the length of the parts.

#include "tests/fuzz/target.h"
#include "tests/lib/tokens/agreement.h"

using namespace aigw::tokens;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    // All so far is counted after each part.
    if (size < 2 || size > 2048) return 0;
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    Counter& counter = built_counter(kEncodings[data[0] / 16 % kEncodings.size()]);
    const auto why = stream_disagreement(counter, input.text, {input.piece});
    aigw::fuzz::must_hold(!why, why ? why->c_str() : "");
    return 0;
}
