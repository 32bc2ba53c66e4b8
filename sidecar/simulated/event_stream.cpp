#include "sidecar/simulated/event_stream.h"

#include <nlohmann/json.hpp>

#include "sidecar/simulated/fields.h"

namespace aigw::simulated {

std::string render_event(const Json& event) {
    return "event: " + std::string(text_field(event, "type")) +
           "\ndata: " + event.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n\n";
}

void EventStream::add(const Json& event, std::int64_t tokens) {
    const bool is_free = tokens == 0 || !has_begun_;
    if (tokens > 0) has_begun_ = true;
    pieces_.push_back({is_free ? Wait(0) : pace_.tokens(tokens, jitter_), render_event(event)});
}

}  // namespace aigw::simulated
