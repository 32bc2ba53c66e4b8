#include "protocol/json_events.h"

#include "base/text.h"

namespace aigw::protocol {

Result<std::optional<JsonEvent>> JsonEventReader::next() {
    constexpr int kTooMany = 3;
    for (;;) {
        const std::optional<SseEvent> event = TRY(sse_.next());
        if (!event) return std::optional<JsonEvent>();
        if (auto known = read(*event)) {
            unreadable_ = 0;
            return known;
        }
        if (trim(event->data).empty()) continue;  // a sign of life
        if (++unreadable_ == kTooMany) {
            return Error{ErrorCode::UpstreamInvalid,
                         "three events of the upstream's stream in a row are no JSON objects"};
        }
    }
}

std::optional<JsonEvent> JsonEventReader::finish() {
    auto event = sse_.finish();
    if (!event || !*event) return std::nullopt;
    return read(**event);
}

std::optional<JsonEvent> JsonEventReader::read(const SseEvent& event) {
    const std::string_view data = trim(event.data);
    if (data == "[DONE]") return JsonEvent{.is_done = true};
    const auto root = tree_.parse(data);
    if (!root || !root->is_object()) return std::nullopt;
    return JsonEvent{.type = event.type, .data = data, .root = *root};
}

}  // namespace aigw::protocol
