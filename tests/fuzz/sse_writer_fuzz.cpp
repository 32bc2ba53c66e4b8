// What the writer of events wrote, the reader reads: one event, with lines ended by LF.

#include <string>

#include "protocol/sse.h"
#include "tests/fuzz/target.h"

namespace {

// CRLF, CR and LF all end a line; a reader gives LF back.
std::string with_line_feeds(std::string_view text) {
    std::string lines;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        lines.push_back(text[i] == '\r' ? '\n' : text[i]);
    }
    return lines;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    // The first line is the type; types are words of ours and hold no line end.
    const std::size_t line = std::min(input.text.find_first_of("\r\n"), input.text.size());
    const std::string_view type = input.text.substr(0, line);
    const std::string_view body = input.text.substr(std::min(line + 1, input.text.size()));

    std::string stream = ": a comment first, so that no byte order mark is looked for\n\n";
    aigw::protocol::append_sse_event(stream, body, type);
    aigw::protocol::append_sse_event(stream, "[DONE]");

    aigw::protocol::SseReader reader;
    std::size_t events = 0;
    aigw::fuzz::feed_in_pieces({input.piece, stream}, [&](std::string_view piece) {
        reader.feed(piece);
        while (true) {
            const auto event = reader.next();
            aigw::fuzz::must_hold(event.has_value(), "what was written can be read");
            if (!*event) return;
            if (events++ == 0) {
                const std::string want = with_line_feeds(body);
                aigw::fuzz::must_hold((*event)->data == want, "the data comes back");
                const bool is_blank_first = type.starts_with(' ');
                aigw::fuzz::must_hold(is_blank_first || type.empty() || (*event)->type == type,
                                      "the type comes back");
            } else {
                aigw::fuzz::must_hold((*event)->data == "[DONE]", "the next event comes next");
            }
        }
    });
    aigw::fuzz::must_hold(events == 2, "two events were written and two read");
    return 0;
}
