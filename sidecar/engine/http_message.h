// Heads of requests and replies as the engine's strict parser gives them, and the reply that a
// handler returns.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "sidecar/engine/field.h"
#include "sidecar/engine/task.h"

namespace aigw::engine {

struct FieldView {
    std::string_view name;   // as sent; compare without case
    std::string_view value;  // trimmed
    Field field = Field::Other;
};

// Views into the connection's buffer: valid until the reply has been sent.
struct RequestHead {
    std::string_view method{};
    std::string_view target{};  // as sent
    std::string_view path{};    // without the query
    std::string_view query{};   // without the '?'
    int minor_version = 1;
    std::vector<FieldView> fields{};

    std::optional<std::string_view> find(Field field) const;  // the first of them
    std::optional<std::string_view> find(std::string_view name) const;
};

// As if the request had come over a connection: views into it.
RequestHead head_of(const http::Request& request);

struct ResponseHead {
    int status = 0;
    std::string_view reason{};
    int minor_version = 1;
    std::vector<FieldView> fields{};

    std::optional<std::string_view> find(Field field) const;
};

struct Chunk {
    std::string_view bytes{};  // valid until the next call of next(); may be empty
    bool is_last = false;      // nothing follows; the source has already settled whatever it had to
};

// A reply's body as it comes. The connection pulls: a slow client slows its source.
class BodySource {
public:
    virtual ~BodySource() = default;
    // An Error ends the reply without its end mark: the client sees a cut answer, as it should.
    virtual Task<Result<Chunk>> next() = 0;
    // The client has gone while next() is suspended: make it return soon. Called on the source's
    // own loop.
    virtual void cancel() = 0;
};

struct Reply {
    int status = 200;
    http::Headers headers{};  // without framing fields: the engine adds content-length or
                              // transfer-encoding, and date
    std::variant<std::string, std::unique_ptr<BodySource>> body{};
    std::optional<std::uint64_t> length{};  // of a BodySource, when it is known; else chunked
    bool close = false;                     // close the connection after this reply
    bool is_raw = false;  // simulated faults only: `body` is the whole answer, head included
};

}  // namespace aigw::engine
