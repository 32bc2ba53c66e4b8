// Any bytes as a Gemini upstream's stream, for callers of both protocols.

#include "tests/fuzz/converted_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    aigw::fuzz::try_stream(aigw::protocol::testing::Wire::Gemini, data, size);
    return 0;
}
