#include "protocol/json_stream_parser.h"

#include <utility>

#include "protocol/stream_error.h"

namespace aigw::protocol {

void JsonStreamParser::feed(std::string_view bytes, ChatSink& sink) {
    if (is_over()) return;
    reader_.feed(bytes);
    while (!is_over()) {
        const auto event = reader_.next();
        if (!event) return fail(event.error(), sink);
        if (!*event) return;
        take(**event, sink);
    }
}

void JsonStreamParser::finish(ChatSink& sink) {
    interrupt(truncated_stream(), sink);
}

void JsonStreamParser::interrupt(Error error, ChatSink& sink) {
    if (is_over()) return;
    if (const auto last = reader_.finish()) take(*last, sink);
    if (!is_over()) close(error, sink);
}

}  // namespace aigw::protocol
