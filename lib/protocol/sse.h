// Server-sent events: a reader for any split of bytes, and a writer.
//
// Reader:  LF, CRLF and CR end lines, a byte order mark at the start is skipped, comments are
//          skipped, several `data:` lines join with LF. One blank after the colon is dropped.
// Errors:  upstream_invalid when one event is larger than 8 MiB; the reader then stays failed.
// Source:  html.spec.whatwg.org, section 9.2.6 (interpreting an event stream).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

namespace aigw::protocol {

inline constexpr std::size_t kMaxEventBytes = std::size_t{8} << 20;

// Views are good until the next call of the reader.
struct SseEvent {
    std::string_view type{};  // "message" when the stream names none
    std::string_view data{};
    std::string_view id{};  // the last one seen, as the standard has it

    friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

class SseReader {
public:
    // Appends bytes; they are copied.
    void feed(std::string_view bytes);
    // The next complete event, or nothing when more bytes are needed.
    Result<std::optional<SseEvent>> next();
    // After the last byte, when next() has nothing left: the event whose closing blank line never
    // came, if it has data. (The standard drops it; vendors forget the blank line.)
    Result<std::optional<SseEvent>> finish();

private:
    std::optional<std::string_view> take_line();
    void take_field(std::string_view line);
    std::optional<SseEvent> dispatch();
    void clear_event();
    void skip_byte_order_mark();

    std::string buffer_;
    std::size_t begin_ = 0;    // the first byte not yet taken as a line
    std::size_t scanned_ = 0;  // no line ends before this byte
    std::string type_;
    std::string data_;
    std::string id_;
    bool has_data_ = false;
    bool is_dispatched_ = false;  // the event's memory is free at the next call
    bool is_started_ = false;     // the byte order mark has been looked for
    bool is_after_cr_ = false;    // a CR was the last byte: an LF next belongs to it
    bool is_failed_ = false;
};

// Appends one event: `event:` when a type is given, one `data:` line per line of data, a blank
// line. Lines of data end in LF, CRLF or CR, as a reader takes them; a type is one line.
void append_sse_event(std::string& out, std::string_view data, std::string_view type = {});

}  // namespace aigw::protocol
