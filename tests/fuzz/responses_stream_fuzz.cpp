// Any bytes as an upstream's stream of Responses, for callers of every protocol.

#include "tests/fuzz/converted_stream.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    aigw::fuzz::try_stream(aigw::protocol::testing::Wire::Responses, data, size);
    return 0;
}
