// A stream of events whose data are JSON objects, as every vendor's chat stream is.
//
// Shape:   bytes in any split; one event after the other, parsed. The tree and its memory are kept
//          from one event to the next: views and values are good until the next call.
// Skipped: data that is no object. Three of them in a row are an error; what stands cut off at the
//          end of the stream does not count.
// Errors:  upstream_invalid for these, and for an event over 8 MiB.
// Source:  the conversion contract, section 8.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.h"
#include "protocol/json_tree.h"
#include "protocol/sse.h"

namespace aigw::protocol {

struct JsonEvent {
    bool is_done = false;     // `[DONE]`, which has no root
    std::string_view type{};  // the event's name; "message" when it has none
    std::string_view data{};
    JsonValue root{};
};

class JsonEventReader {
public:
    void feed(std::string_view bytes) { sse_.feed(bytes); }
    // The next event, or nothing when more bytes are needed.
    Result<std::optional<JsonEvent>> next();
    // After the last byte, when next() has nothing left: the event whose blank line never came.
    std::optional<JsonEvent> finish();

private:
    std::optional<JsonEvent> read(const SseEvent& event);

    SseReader sse_;
    JsonTree tree_;
    int unreadable_ = 0;  // in a row
};

}  // namespace aigw::protocol
