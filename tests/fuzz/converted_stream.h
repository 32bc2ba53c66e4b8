// What the fuzz targets of converted streams claim: whatever an upstream sends, each caller's
// stream keeps its grammar and does not depend on how the bytes were split.
#pragma once

#include <algorithm>

#include "tests/fuzz/target.h"
#include "tests/lib/protocol/converted_stream.h"

namespace aigw::fuzz {

// The first byte chooses the plan, the next two the places of the splits, the rest is the stream.
inline void try_stream(protocol::testing::Wire from, const std::uint8_t* data, std::size_t size) {
    using protocol::testing::ConvertedStream;
    using protocol::testing::Wire;
    constexpr std::size_t kHead = 3;
    if (size < kHead) return;
    const std::string_view text(reinterpret_cast<const char*>(data) + kHead, size - kHead);
    const unsigned chosen = data[0];
    const protocol::AnswerPlan plan{.model = "m",
                                    .fallback_id = "f",
                                    .wants_usage = (chosen & 1U) != 0,
                                    .uses_functions = (chosen & 2U) != 0,
                                    .hides_thinking = (chosen & 4U) != 0,
                                    .stop = {"END"},
                                    .custom_tools = {"c"},
                                    .json_tool = (chosen & 8U) != 0 ? "j" : "",
                                    .is_json_wrapped = (chosen & 16U) != 0};
    // Of a list: the pair of values, not of references to what is gone after the line.
    const auto [first, second] =
        std::minmax({text.size() * data[1] / 256, text.size() * data[2] / 256});
    for (const Wire to : {Wire::OpenAi, Wire::Anthropic, Wire::Responses}) {
        const std::string whole = convert(from, to, text, plan);
        must_hold(assemble(to, whole, plan).problem.empty(),
                  "a converted stream keeps its grammar");
        ConvertedStream pieces(from, to, plan);
        pieces.feed(text.substr(0, first));
        pieces.feed(text.substr(first, second - first));
        pieces.feed(text.substr(second));
        must_hold(pieces.finish() == whole, "a converted stream is the same however it was split");
    }
}

}  // namespace aigw::fuzz
