#include "protocol/anthropic_stream_relay.h"

#include "protocol/object_scanner.h"
#include "protocol/stream_error.h"

namespace aigw::protocol {

// Nearly all events are deltas, which hold nothing that matters here.
AnthropicStreamRelay::Verdict AnthropicStreamRelay::look_into(std::string_view data) {
    constexpr std::string_view kDelta = R"({"type":"content_block_)";
    if (!data.starts_with(kDelta)) return look_into_rare(data);
    count_event();
    return Verdict::Pass;
}

AnthropicStreamRelay::Verdict AnthropicStreamRelay::look_into_rare(std::string_view data) {
    const auto root = tree_.parse(data);
    if (!root) return Verdict::Pass;
    if (auto error = find_anthropic_stream_error({.type = "message", .data = data, .root = *root}))
        return fail_with(*std::move(error));
    const JsonValue type = (*root)["type"];
    if (type.is("ping")) return Verdict::Pass;
    count_event();
    if (type.is("message_start")) {
        usage_.merge((*root)["message"]["usage"]);
    } else if (type.is("message_delta")) {
        usage_.merge((*root)["usage"]);
        if ((*root)["delta"]["stop_reason"].is_string()) note_reason();
    } else if (type.is("message_stop")) {
        note_end();
    }
    return Verdict::Pass;
}

std::string_view AnthropicStreamRelay::last_event() const {
    return "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
}

bool AnthropicStreamRelay::is_whole(std::string_view data) const {
    return is_whole_object(data);
}

}  // namespace aigw::protocol
