// Server-sent events that carry their name twice, in an `event:` line and as the JSON's "type":
// Anthropic's messages and OpenAI's responses.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/ids.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/pace.h"
#include "sidecar/simulated/plan.h"

namespace aigw::simulated {

std::string render_event(const Json& event);

// Every event a piece of its own, at a pace.
class EventStream {
public:
    EventStream(const Pace& pace, std::uint64_t seed) : pace_(pace), jitter_(seed) {}

    // `tokens` is what the pace charges; the head has waited for the first one.
    void add(const Json& event, std::int64_t tokens = 0);
    std::vector<Piece> take() { return std::move(pieces_); }

private:
    Pace pace_;
    Random jitter_;
    bool has_begun_ = false;
    std::vector<Piece> pieces_{};
};

}  // namespace aigw::simulated
