// A strict parser of HTTP/1.1 heads and chunked bodies.
//
// Rules:   RFC 9112 without its tolerances: lines end in CRLF (a bare LF is an error), no obs-fold,
//          no blank before the colon, one Host, one Content-Length or one `chunked`, never both.
//          What two parsers could read differently is refused, since that is how requests are
//          smuggled.
// Shape:   heads are parsed in the caller's buffer, without copies; `parse_*` is called again with
//          more bytes until it says Complete or Malformed, and never scans a byte more than twice.
// Errors:  a Malformed result carries the status that RFC 9110 gives the case (400, 414, 431, 501,
//          505, 417); of a response it is 502.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sidecar/engine/http_message.h"

namespace aigw::engine {

enum class BodyKind : std::uint8_t { None, Sized, Chunked, UntilClose };

struct Framing {
    BodyKind kind = BodyKind::None;
    std::uint64_t length = 0;  // of Sized
    bool keep_alive = true;
    bool expects_continue = false;
};

enum class ParseState : std::uint8_t { Incomplete, Complete, Malformed };

struct ParseResult {
    ParseState state = ParseState::Incomplete;
    std::size_t consumed = 0;  // bytes of the head, when Complete
    int status = 0;            // when Malformed
    std::string_view why{};    // when Malformed: static text
};

struct HeadLimits {
    std::size_t max_bytes = 64 * 1024;
    std::size_t max_target = 16 * 1024;
    std::size_t max_fields = 128;
};

class HeadParser {
public:
    explicit HeadParser(HeadLimits limits = {}) : limits_(limits) {}

    // `data` begins at the first byte of the head and only grows between calls; `reset` before the
    // next head.
    ParseResult parse_request(std::string_view data, RequestHead& head, Framing& framing);
    // `answers_head`: the request was HEAD, so no body follows whatever the fields say.
    ParseResult parse_response(std::string_view data, bool answers_head, ResponseHead& head,
                               Framing& framing);
    void reset() { scanned_ = 0; }

private:
    ParseResult find_end(std::string_view data, std::size_t& end);
    ParseResult read_response(std::string_view data, bool answers_head, ResponseHead& head,
                              Framing& framing);

    HeadLimits limits_;
    std::size_t scanned_ = 0;
};

// Decodes a chunked body in place: the payload of everything fed moves to the front of the fed
// bytes.
class ChunkedDecoder {
public:
    struct Step {
        std::size_t payload = 0;   // bytes of payload, now at the start of `data`
        std::size_t consumed = 0;  // bytes taken from `data`; less than given only when is_done
        bool is_done = false;
        bool is_malformed = false;
    };
    Step decode(char* data, std::size_t size);
    bool is_done() const { return state_ == State::Done; }

private:
    enum class State : std::uint8_t {
        Size,
        Extension,
        SizeLf,
        Data,
        DataCr,
        DataLf,
        Trailer,
        TrailerName,
        TrailerLine,
        TrailerLf,
        EndLf,
        Done
    };
    bool step(char c);
    std::size_t take_line(const char* data, std::size_t size);

    // The last line end and size line together: chunks that follow one another often have one size.
    struct SizeLine {
        std::array<char, 12> bytes{};
        std::uint8_t size = 0;
        std::uint64_t length = 0;
    };

    State state_ = State::Size;
    SizeLine last_;
    std::uint64_t left_ = 0;
    unsigned digits_ = 0;
    std::size_t overhead_ = 0;  // bytes of extensions and trailers: bounded
};

// True when a comma-separated field value holds this token, ignoring case.
bool has_token(std::string_view list, std::string_view token);

}  // namespace aigw::engine
