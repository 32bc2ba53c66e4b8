// Events do not depend on how their bytes were split.

#include <string>
#include <vector>

#include "protocol/sse.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::protocol::SseReader;

void drain(SseReader& reader, std::vector<std::string>& events) {
    while (true) {
        const auto event = reader.next();
        if (!event || !event->has_value()) return;
        events.push_back(std::string((*event)->type) + '\0' + std::string((*event)->data));
    }
}

void finish(SseReader& reader, std::vector<std::string>& events) {
    const auto last = reader.finish();
    if (last && last->has_value()) events.emplace_back((*last)->data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);

    SseReader at_once;
    std::vector<std::string> whole;
    at_once.feed(input.text);
    drain(at_once, whole);
    finish(at_once, whole);

    SseReader in_pieces;
    std::vector<std::string> pieces;
    aigw::fuzz::feed_in_pieces(input, [&](std::string_view piece) {
        in_pieces.feed(piece);
        drain(in_pieces, pieces);
    });
    finish(in_pieces, pieces);

    aigw::fuzz::must_hold(whole == pieces, "events are the same however they were split");
    return 0;
}
