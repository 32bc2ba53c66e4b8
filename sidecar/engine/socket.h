// A connected stream socket on a loop: TCP or Unix, plain or TLS, with one deadline.
//
// Errors:  errno values; ETIMEDOUT when the deadline passed, ECANCELED after cancel(). Reading 0
//          bytes is the peer's end. Threads: everything on the socket's loop. One read and one
//          write at a time.
#pragma once

#include <sys/uio.h>

#include <array>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

#include "sidecar/engine/loop.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/timer_wheel.h"
#include "sidecar/engine/tls.h"

namespace aigw::engine {

struct IoResult {
    std::size_t bytes = 0;
    int error = 0;
};

class WriteQueue;

class Socket {
public:
    // Takes over a connected (or connecting), non-blocking descriptor.
    Socket(Loop& loop, int descriptor);
    ~Socket();
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    Task<IoResult> read_some(std::span<char> buffer);
    // Writes everything, or says why not; where others write at the same time, with them at the end
    // of the loop's turn. The pieces stay the caller's until it returns.
    Task<IoResult> write_all(std::span<const std::string_view> pieces);
    Task<int> wait_connected();  // after a non-blocking connect(): 0 or errno
    Task<Result<void>> start_tls(TlsClient& client, const std::string& host, TlsSession& session);

    enum class Accepted : std::uint8_t { Ready, Failed, PlainHttp };
    // The server's side of the handshake. PlainHttp: the client does not speak TLS, and the socket
    // is plain again, for an answer that says so.
    Task<Accepted> accept_tls(const TlsServer& server);

    // Calls back once when the peer has closed or reset while nothing is being read. When the peer
    // has sent data instead, nothing more can be seen and the watch ends. `alive` keeps its owner
    // while the watch is on.
    void watch_close(std::shared_ptr<void> alive, std::function<void()> on_close);

    // False when there is something to read, or the peer has closed: for a connection on which
    // nothing is expected. One system call.
    bool is_quiet() { return look() == Seen::Nothing; }

    void set_deadline(Timer::Clock::time_point due);
    void clear_deadline() { deadline_.clear(); }
    bool timed_out() const { return timed_out_; }
    void cancel();  // ends what is suspended with ECANCELED
    // Nothing more will be written: the peer learns that what it has is all, and what it still
    // sends can be read over. On TLS the bytes that are read from here on are records.
    void finish_writing();
    void close();
    bool is_open() const { return descriptor_.is_open(); }
    bool is_tls() const { return ssl_ != nullptr; }
    int native() { return descriptor_.native_handle(); }

private:
    void say_goodbye();
    Task<int> wait_readable();
    Task<int> wait_writable();
    Task<IoResult> send_once(std::span<const iovec> vectors);
    Task<IoResult> read_tls(std::span<char> buffer);
    Task<IoResult> write_tls(std::span<const std::string_view> pieces);
    Task<IoResult> write_records(std::span<const std::string_view> pieces);
    enum class Seen : std::uint8_t { Nothing, Data, End };
    Seen look();
    Task<int> retry_tls(int outcome);
    int error_of(const boost::system::error_code& error) const;

    boost::asio::posix::basic_stream_descriptor<LoopExecutor> descriptor_;
    SslPtr ssl_;
    WriteQueue& writes_;
    Timer deadline_;
    bool timed_out_ = false;
    bool cancelled_ = false;
    bool watching_ = false;
};

}  // namespace aigw::engine
