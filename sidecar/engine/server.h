// The listening side of the engine: accepts, parses, hands each request to the one handler, writes
// its reply.
//
// Threads:  one acceptor; every connection lives on one Loop and its handler runs there.
// Errors:   what is not HTTP/1.1 as RFC 9112 has it never reaches the handler: it is answered in
//           the OpenAI envelope with `Connection: close`. A handler that throws answers 500.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/principal.h"
#include "base/result.h"
#include "sidecar/engine/http_message.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/tls.h"

namespace aigw::engine {

// One request, as its handler sees it: from a connection, or from a command in this process. Lives
// until the reply has been written.
class Call {
public:
    virtual ~Call() = default;

    virtual const RequestHead& head() const = 0;
    virtual Loop& loop() const = 0;
    // The caller's address without the port: "127.0.0.1", "::1", "unix"; "local" for a command in
    // this process.
    virtual std::string_view peer() const = 0;
    // Who calls, where no key is asked for: a command of this process. Else nullptr.
    virtual const Principal* principal() const { return nullptr; }
    virtual std::chrono::steady_clock::time_point started() const = 0;
    // Reads the whole body, decoded, within the limits of size, budget and time. A second call
    // gives the same view. The view is followed by at least 64 readable bytes (simdjson's padding)
    // and stays good until the reply was written. Errors: too_large, overloaded (budget),
    // malformed_http, cancelled.
    virtual Task<Result<std::string_view>> body() = 0;
    // Neither head nor body will be looked at again: what they take can be given back while a long
    // reply goes out.
    virtual void forget_request() {}
    // body() has nothing to wait for: it is there, none is to come, or it is too large.
    virtual bool is_body_at_hand() const { return true; }
    // Ends when the client has gone or `duration` has passed; true: the client has gone.
    virtual Task<bool> wait_for_close(std::chrono::milliseconds duration) = 0;
    // Called once, on this loop, when the client goes away before its reply was complete, or the
    // server gives up waiting for that reply; nullptr removes it.
    virtual void on_gone(std::function<void()> callback) = 0;
    // The server has no more time: the client is there still, and is owed an error instead of its
    // reply, or at the end of it.
    virtual bool is_interrupted() const { return false; }
};

using Handler = std::function<Task<Reply>(Call&)>;

struct ServerOptions {
    std::vector<std::string> listen{};  // "host:port" (port 0: any), "[v6]:port", "unix:/path"
    std::vector<int> inherited{};       // sockets that listen already: taken instead of `listen`
    std::chrono::milliseconds header_timeout{10'000};
    std::chrono::milliseconds body_timeout{60'000};
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds write_timeout{30'000};
    std::uint64_t max_body_bytes = 32ULL << 20;
    std::uint64_t max_buffered_bytes = 512ULL << 20;  // all buffered bodies together
    std::uint32_t max_connections = 8000;
    TlsFiles tls{};  // of the TCP listeners; without a certificate they speak plain HTTP
};

class Server {
public:
    // Binds every address, or says which one failed. A second process on the same address fails (no
    // SO_REUSEPORT).
    static Result<std::unique_ptr<Server>> listen(ServerOptions options, LoopSet& loops,
                                                  Handler handler);
    ~Server();

    // The addresses that were bound, ports filled in: "127.0.0.1:8080".
    const std::vector<std::string>& addresses() const;
    bool is_tls() const;
    // Reads the certificates again, from these files; connections that are open keep theirs. On an
    // error everything stays as it was. Thread-safe.
    Result<void> read_certificates(const TlsFiles& files);
    // From now on each connection ends with its next reply; those without a request, and the
    // listeners, after `last_call`: what clients have sent by then is still answered, as they
    // cannot know. Inherited listeners are let go at once: whoever holds them serves those who
    // wait. Thread-safe.
    void drain(std::chrono::milliseconds last_call);
    // No listener and no connection is left.
    bool is_drained() const;
    // Replies under way end now, with an error. Thread-safe.
    void interrupt();
    // Connections that still have a reply under way.
    std::size_t busy_connections() const;
    std::size_t open_connections() const;
    // Cuts whatever is still open.
    void stop();

private:
    Server();
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace aigw::engine
