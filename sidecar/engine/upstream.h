// Calls to upstreams: keep-alive pools per loop, and one call at a time on each connection.
//
// Shape:   `UpstreamPools::pool(url)` gives the pool of an origin on this loop; an `UpstreamCall`
//          sends one request on a connection of it, gives the answer's head, then its body as it
//          comes. Its destructor hands the connection back when the answer was read whole and may
//          be kept alive, and closes it otherwise.
// Errors:  upstream_unreachable (resolve, connect, TLS, closed before an answer), upstream_timeout
//          (which wait it was is in the message), upstream_invalid (not HTTP, cut short),
//          cancelled.
// Threads: everything on the loop.
#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/url.h"
#include "sidecar/engine/http_message.h"
#include "sidecar/engine/http_parser.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/timer_wheel.h"

namespace aigw::engine {

class Loop;
class Socket;
class TlsClient;
class TlsSession;
class Resolver;

struct UpstreamTimeouts {
    std::chrono::milliseconds connect{3'000};
    std::chrono::milliseconds first_byte{60'000};
    std::chrono::milliseconds idle{60'000};
    std::chrono::milliseconds total{600'000};
};

// A kept-alive connection and its read buffer.
struct UpstreamConnection {
    std::unique_ptr<Socket> socket;
    std::string buffer{};  // bytes read and not yet consumed are [begin, end)
    std::size_t begin = 0;
    std::size_t end = 0;
    ResponseHead head{};  // of the answer under way; kept for its memory
    std::chrono::steady_clock::time_point idle_since{};
    bool is_reused = false;
    bool is_filled = false;  // by the last read: more is waiting
};

class UpstreamPool {
public:
    UpstreamPool(Loop& loop, http::Url origin);
    ~UpstreamPool();

    const http::Url& origin() const { return origin_; }
    std::size_t idle() const { return idle_.size(); }
    std::size_t busy() const { return busy_; }

private:
    friend class UpstreamCall;
    friend class UpstreamPools;
    std::unique_ptr<UpstreamConnection> take_idle();
    void give_back(std::unique_ptr<UpstreamConnection> connection);
    void close_old();

    Loop& loop_;
    http::Url origin_;
    std::vector<std::unique_ptr<UpstreamConnection>> idle_;  // the last one used is the last here
    std::unique_ptr<TlsSession> session_;
    Timer sweep_;
    std::size_t busy_ = 0;
};

class UpstreamPools {
public:
    explicit UpstreamPools(Loop& loop);
    ~UpstreamPools();

    // The pool of a URL's origin, named as Url::origin() does; the reference stays valid as long as
    // the loop.
    UpstreamPool& pool(const http::Url& url) { return pool(url.origin(), url); }
    UpstreamPool& pool(std::string_view origin, const http::Url& url);
    // The pool of a URL's origin, if one was ever asked for.
    const UpstreamPool* find_pool(const http::Url& url) const;
    // Gives the descriptors of idle connections back; true when there were any.
    bool close_idle();
    Resolver& resolver() { return *resolver_; }
    TlsClient& tls();

private:
    Loop& loop_;
    std::map<std::string, std::unique_ptr<UpstreamPool>, std::less<>> pools_;
    std::unique_ptr<Resolver> resolver_;
    std::unique_ptr<TlsClient> tls_;
};

class UpstreamCall {
public:
    UpstreamCall(UpstreamPool& pool, UpstreamTimeouts timeouts);
    ~UpstreamCall();
    UpstreamCall(const UpstreamCall&) = delete;
    UpstreamCall& operator=(const UpstreamCall&) = delete;

    // Sends head and body (a stale pooled connection is replaced once) and waits for the answer's
    // head. The pieces stay the caller's until it returns. `expects_no_body`: the request is HEAD.
    Task<Result<const ResponseHead*>> send(std::span<const std::string_view> pieces,
                                           bool expects_no_body = false);
    // The next bytes of the decoded body; valid until the next call. When none have come by `wake`,
    // an empty chunk that is not the last: the call goes on, and so does the wait for its upstream.
    Task<Result<Chunk>> read(Timer::Clock::time_point wake = Timer::Clock::time_point::max());
    // The whole body, up to `max_bytes` (upstream_invalid beyond).
    Task<Result<std::string>> read_all(std::size_t max_bytes);
    // Reads over what is left of an answer whose content is known already, so that the connection
    // can be kept; gives up after `within`.
    Task<void> read_over(std::chrono::milliseconds within);
    bool is_whole() const { return is_whole_; }  // the answer's end has been read
    // Nothing but the end of the connection tells that the body is whole.
    bool ends_with_connection() const { return framing_.kind == BodyKind::UntilClose; }
    // Ends whatever is suspended; every later call gives `cancelled`.
    void cancel();
    // Its views are valid until read() is called.
    const ResponseHead& head() const { return connection_->head; }

private:
    Task<Result<void>> connect();
    Task<Result<void>> connect_to(const std::string& address);
    Task<Result<void>> exchange_heads(std::span<const std::string_view> pieces);
    Task<Result<void>> read_head();
    Task<Result<std::size_t>> fill();
    Error io_error(int error, std::string_view what) const;
    Timer::Clock::time_point due_after(std::chrono::milliseconds wait) const;
    void set_deadline(std::chrono::milliseconds wait);
    void finish();

    UpstreamPool& pool_;
    UpstreamTimeouts timeouts_;
    Timer::Clock::time_point started_;
    std::unique_ptr<UpstreamConnection> connection_;
    Framing framing_;
    HeadParser parser_;
    ChunkedDecoder chunks_;
    std::uint64_t left_ = 0;
    std::optional<Timer::Clock::time_point> idle_due_{};  // of the wait for the next bytes
    std::string_view waiting_for_ = "connection";
    bool expects_no_body_ = false;
    bool got_bytes_ = false;  // any byte of the answer: from here on nothing is retried
    bool is_stale_ = false;
    bool is_whole_ = false;
    bool is_broken_ = false;  // a malformed chunk came
    bool is_cancelled_ = false;
};

}  // namespace aigw::engine
