// A chunked body gives the same bytes however it was split.

#include <string>

#include "sidecar/engine/http_parser.h"
#include "tests/fuzz/target.h"

namespace {

struct Decoded {
    std::string body{};
    std::size_t consumed = 0;
    bool is_done = false;
    bool is_malformed = false;

    friend bool operator==(const Decoded&, const Decoded&) = default;
};

Decoded decode(const aigw::fuzz::Input& input) {
    aigw::engine::ChunkedDecoder decoder;
    Decoded decoded;
    aigw::fuzz::feed_in_pieces(input, [&](std::string_view piece) {
        if (decoded.is_done || decoded.is_malformed) return;
        std::string bytes(piece);
        const auto step = decoder.decode(bytes.data(), bytes.size());
        aigw::fuzz::must_hold(step.payload <= step.consumed && step.consumed <= bytes.size(),
                              "a step takes no more than it was given");
        if (!step.is_malformed) {
            decoded.body.append(bytes, 0, step.payload);
            decoded.consumed += step.consumed;
        }
        decoded.is_done = step.is_done;
        decoded.is_malformed = step.is_malformed;
    });
    return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    const Decoded whole = decode({input.text.size() + 1, input.text});
    const Decoded pieces = decode(input);
    aigw::fuzz::must_hold(whole.is_malformed == pieces.is_malformed,
                          "what is malformed is so however it was split");
    if (!whole.is_malformed) {
        aigw::fuzz::must_hold(whole == pieces, "a body is the same however it was split");
    }
    return 0;
}
