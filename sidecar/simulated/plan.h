// What a simulated vendor is going to do with one request: a value, so that a test reads it without
// a socket.
//
// Shape:   a head, then pieces of body with a wait before each, then an ending. A whole reply is
//          one piece.
// Units:   every wait counts from the event before it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "http/message.h"

namespace aigw::simulated {

using Wait = std::chrono::microseconds;

struct Piece {
    Wait wait{0};
    std::string bytes{};
    friend bool operator==(const Piece&, const Piece&) = default;
};

enum class Framing : std::uint8_t {
    Length,   // content-length: the size of all pieces, or `declared_length`
    Chunked,  // transfer-encoding: chunked
    Raw,      // the pieces are everything that goes over the connection, head included
};

enum class Ending : std::uint8_t {
    Clean,  // as the framing promises
    Cut,    // the connection closes without the end mark
    Hang,   // nothing more comes, and the connection stays open
};

struct Plan {
    int status = 200;
    http::Headers headers{};  // without framing fields
    Wait delay{0};            // before the first byte of the head
    Framing framing = Framing::Length;
    std::vector<Piece> pieces{};
    Ending ending = Ending::Clean;
    std::optional<std::uint64_t> declared_length{};  // a content-length that lies

    friend bool operator==(const Plan&, const Plan&) = default;

    // All pieces in one, as a client that waits for the end sees them.
    std::string body() const;
};

}  // namespace aigw::simulated
