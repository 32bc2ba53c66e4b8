#include "sidecar/engine/socket.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <string>

#include "sidecar/engine/write_queue.h"

namespace aigw::engine {
namespace asio = boost::asio;

Socket::Socket(Loop& loop, int descriptor)
    : descriptor_(loop.context().get_executor(), descriptor),
      writes_(loop.writes()),
      deadline_(loop.timers(), [this] {
          timed_out_ = true;
          boost::system::error_code ignored;
          descriptor_.cancel(ignored);
      }) {}

Socket::~Socket() {
    close();
}

int Socket::error_of(const boost::system::error_code& error) const {
    if (error != asio::error::operation_aborted) return error.value();
    return timed_out_ && !cancelled_ ? ETIMEDOUT : ECANCELED;
}

void Socket::set_deadline(Timer::Clock::time_point due) {
    timed_out_ = false;
    deadline_.set(due);
}

void Socket::cancel() {
    cancelled_ = true;
    boost::system::error_code ignored;
    if (descriptor_.is_open()) descriptor_.cancel(ignored);
}

void Socket::say_goodbye() {
    if (!ssl_) return;
    SSL_shutdown(ssl_.get());  // best effort, never waited for
    ERR_clear_error();
}

void Socket::finish_writing() {
    if (!descriptor_.is_open()) return;
    say_goodbye();
    ssl_.reset();
    ::shutdown(native(), SHUT_WR);
}

void Socket::close() {
    deadline_.clear();
    if (!descriptor_.is_open()) return;
    say_goodbye();
    boost::system::error_code ignored;
    descriptor_.close(ignored);
}

Task<int> Socket::wait_readable() {
    if (cancelled_ || timed_out_) co_return cancelled_ ? ECANCELED : ETIMEDOUT;
    auto [error] = co_await completion([&](auto handler) {
        descriptor_.async_wait(asio::posix::descriptor_base::wait_read, std::move(handler));
    });
    co_return error ? error_of(error) : 0;
}

Task<int> Socket::wait_writable() {
    if (cancelled_ || timed_out_) co_return cancelled_ ? ECANCELED : ETIMEDOUT;
    auto [error] = co_await completion([&](auto handler) {
        descriptor_.async_wait(asio::posix::descriptor_base::wait_write, std::move(handler));
    });
    co_return error ? error_of(error) : 0;
}

Task<int> Socket::wait_connected() {
    const int waited = co_await wait_writable();
    if (waited != 0) co_return waited;
    int error = 0;
    socklen_t size = sizeof(error);
    if (::getsockopt(native(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
    co_return error;
}

Task<IoResult> Socket::read_some(std::span<char> buffer) {
    if (ssl_) co_return co_await read_tls(buffer);
    if (cancelled_ || timed_out_) co_return IoResult{0, cancelled_ ? ECANCELED : ETIMEDOUT};
    auto [error, bytes] = co_await completion<std::size_t>([&](auto handler) {
        descriptor_.async_read_some(asio::buffer(buffer.data(), buffer.size()), std::move(handler));
    });
    if (error == asio::error::eof) co_return IoResult{};
    if (error) co_return IoResult{0, error_of(error)};
    co_return IoResult{bytes, 0};
}

// One call of the system.
Task<IoResult> Socket::send_once(std::span<const iovec> vectors) {
    msghdr message{};
    message.msg_iov = const_cast<iovec*>(vectors.data());  // it is only read
    message.msg_iovlen = vectors.size();
    if (writes_.is_worth_waiting()) {
        const auto [error, bytes] = co_await writes_.send(native(), message);
        co_return IoResult{bytes, error.value()};
    }
    const ssize_t sent = ::sendmsg(native(), &message, MSG_NOSIGNAL);
    if (sent < 0) co_return IoResult{0, errno};
    co_return IoResult{static_cast<std::size_t>(sent), 0};
}

Task<IoResult> Socket::write_all(std::span<const std::string_view> pieces) {
    if (ssl_) co_return co_await write_tls(pieces);
    constexpr std::size_t kMost = 16;
    std::size_t written = 0;
    std::size_t piece = 0;
    std::size_t offset = 0;  // into pieces[piece]
    while (true) {
        std::array<iovec, kMost> vectors;
        std::size_t count = 0;
        for (std::size_t i = piece, skip = offset; i < pieces.size() && count < kMost;
             ++i, skip = 0) {
            if (pieces[i].size() == skip) continue;
            vectors[count++] = {const_cast<char*>(pieces[i].data()) + skip,
                                pieces[i].size() - skip};
        }
        if (count == 0) co_return IoResult{written, 0};
        const IoResult sent = co_await send_once({vectors.data(), count});
        if (sent.error != 0) {
            if (sent.error == EINTR) continue;
            if (sent.error != EAGAIN && sent.error != EWOULDBLOCK)
                co_return IoResult{written, sent.error};
            const int waited = co_await wait_writable();
            if (waited != 0) co_return IoResult{written, waited};
            continue;
        }
        written += sent.bytes;
        offset += sent.bytes;
        while (piece < pieces.size() && offset >= pieces[piece].size())
            offset -= pieces[piece++].size();
    }
}

// What an SSL_* call that did not succeed asks for: waits and gives 0 to try again, or an errno.
Task<int> Socket::retry_tls(int outcome) {
    // Not as a switch: g++ 12 crashes where a co_await in one resumes.
    const int wish = SSL_get_error(ssl_.get(), outcome);
    if (wish == SSL_ERROR_WANT_READ) co_return co_await wait_readable();
    if (wish == SSL_ERROR_WANT_WRITE) co_return co_await wait_writable();
    if (wish == SSL_ERROR_SYSCALL) co_return errno != 0 ? errno : ECONNRESET;
    co_return EPROTO;
}

Task<Result<void>> Socket::start_tls(TlsClient& client, const std::string& host,
                                     TlsSession& session) {
    CO_TRY(ssl_, client.open(native(), host, session));
    while (true) {
        ERR_clear_error();
        errno = 0;
        const int outcome = SSL_connect(ssl_.get());
        if (outcome == 1) co_return Result<void>{};
        const int error = co_await retry_tls(outcome);
        if (error == 0) continue;
        if (error == ETIMEDOUT)
            co_return Error{ErrorCode::UpstreamTimeout, "the TLS handshake took too long"};
        if (error == ECANCELED) co_return Error{ErrorCode::Cancelled, "the call was cancelled"};
        co_return Error{ErrorCode::UpstreamUnreachable,
                        "the TLS handshake failed: " + tls_failure(ssl_.get())};
    }
}

Task<Socket::Accepted> Socket::accept_tls(const TlsServer& server) {
    ssl_ = server.open(native());
    if (!ssl_) co_return Accepted::Failed;
    while (true) {
        ERR_clear_error();
        errno = 0;
        const int outcome = SSL_accept(ssl_.get());
        if (outcome == 1) co_return Accepted::Ready;
        if (SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_SSL) {
            const bool is_plain = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
            ERR_clear_error();
            if (is_plain) ssl_.reset();
            co_return is_plain ? Accepted::PlainHttp : Accepted::Failed;
        }
        const int error = co_await retry_tls(outcome);
        if (error != 0) co_return Accepted::Failed;
    }
}

Task<IoResult> Socket::read_tls(std::span<char> buffer) {
    while (true) {
        ERR_clear_error();
        errno = 0;
        std::size_t bytes = 0;
        const int outcome = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &bytes);
        if (outcome == 1) co_return IoResult{bytes, 0};
        if (SSL_get_error(ssl_.get(), outcome) == SSL_ERROR_ZERO_RETURN) co_return IoResult{};
        const int error = co_await retry_tls(outcome);
        if (error != 0) co_return IoResult{0, error};
    }
}

// A head and a small body leave in one record, and with one system call.
Task<IoResult> Socket::write_tls(std::span<const std::string_view> pieces) {
    constexpr std::size_t kRecord = 16 * 1024;  // RFC 8446, section 5.1
    std::size_t size = 0;
    for (const std::string_view piece : pieces) size += piece.size();
    std::string together;
    if (pieces.size() > 1 && size <= kRecord) {
        together.reserve(size);
        for (const std::string_view piece : pieces) together.append(piece);
        const std::array<std::string_view, 1> one{together};
        co_return co_await write_records(one);
    }
    co_return co_await write_records(pieces);
}

Task<IoResult> Socket::write_records(std::span<const std::string_view> pieces) {
    std::size_t total = 0;
    for (std::string_view piece : pieces) {
        while (!piece.empty()) {
            ERR_clear_error();
            errno = 0;
            std::size_t bytes = 0;
            const int outcome = SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &bytes);
            if (outcome == 1) {
                piece.remove_prefix(bytes);
                total += bytes;
                continue;
            }
            const int error = co_await retry_tls(outcome);
            if (error != 0) co_return IoResult{total, error};
        }
    }
    co_return IoResult{total, 0};
}

// What a readable socket means when nothing was asked for.
Socket::Seen Socket::look() {
    char byte = 0;
    if (!ssl_) {
        const ssize_t peeked = ::recv(native(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
        if (peeked > 0) return Seen::Data;
        const bool is_nothing =
            peeked < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
        return is_nothing ? Seen::Nothing : Seen::End;
    }
    ERR_clear_error();
    std::size_t bytes = 0;
    const int outcome = SSL_peek_ex(ssl_.get(), &byte, 1, &bytes);
    if (outcome == 1) return Seen::Data;
    const int wish = SSL_get_error(ssl_.get(), outcome);
    ERR_clear_error();
    // A ticket, a key update: records that are no data.
    return wish == SSL_ERROR_WANT_READ || wish == SSL_ERROR_WANT_WRITE ? Seen::Nothing : Seen::End;
}

void Socket::watch_close(std::shared_ptr<void> alive, std::function<void()> on_close) {
    if (watching_ || !descriptor_.is_open()) return;
    watching_ = true;
    descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                           [this, alive = std::move(alive), on_close = std::move(on_close)](
                               const boost::system::error_code& error) mutable {
                               watching_ = false;
                               if (error || !descriptor_.is_open()) return;
                               const Seen seen = look();
                               if (seen == Seen::End) on_close();
                               if (seen == Seen::Nothing)
                                   watch_close(std::move(alive), std::move(on_close));
                           });
}

}  // namespace aigw::engine
