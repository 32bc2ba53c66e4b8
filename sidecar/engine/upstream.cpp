#include "sidecar/engine/upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/time.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/resolver.h"
#include "sidecar/engine/socket.h"
#include "sidecar/engine/tls.h"

namespace aigw::engine {
namespace {

// A stream's events are small and streams are many: a connection begins with little room, and gets
// more while what comes fills it.
constexpr std::size_t kReadBytes = 4 * 1024;
constexpr std::size_t kMostReadBytes = 64 * 1024;
constexpr std::size_t kKeptBytes = 16 * 1024;  // by an idle connection
constexpr std::size_t kMaxIdle = 256;
constexpr int kMaxInterim = 16;  // 1xx answers before the real one
// An idle connection on which something came belongs to nobody. What comes sooner than this after
// an answer mostly comes with it, and has been seen: under load, where connections are used again
// at once, the look and its system call are saved.
constexpr std::chrono::milliseconds kLookAfter{10};
constexpr std::chrono::seconds kIdleTime{
    50};  // below the usual 60 s of servers, so that we close first

// A non-blocking socket that is connecting to a numeric address; -1 and errno on failure.
int start_connect(const std::string& address, std::uint16_t port) {
    sockaddr_storage storage{};
    socklen_t size = 0;
    auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
    if (::inet_pton(AF_INET, address.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        size = sizeof(sockaddr_in);
    } else if (::inet_pton(AF_INET6, address.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        size = sizeof(sockaddr_in6);
    } else {
        errno = EAFNOSUPPORT;
        return -1;
    }
    const int descriptor =
        ::socket(storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return -1;
    const int on = 1;
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (::connect(descriptor, reinterpret_cast<sockaddr*>(&storage), size) == 0 ||
        errno == EINPROGRESS)
        return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
}

}  // namespace

UpstreamPool::UpstreamPool(Loop& loop, http::Url origin)
    : loop_(loop),
      origin_(std::move(origin)),
      session_(std::make_unique<TlsSession>()),
      sweep_(loop.timers(), [this] { close_old(); }) {}

UpstreamPool::~UpstreamPool() = default;

std::unique_ptr<UpstreamConnection> UpstreamPool::take_idle() {
    while (!idle_.empty()) {
        auto connection = std::move(idle_.back());
        idle_.pop_back();
        const auto idle_for = std::chrono::steady_clock::now() - connection->idle_since;
        if (idle_for > kIdleTime) {
            idle_.clear();  // the others have been idle for longer
            break;
        }
        if (idle_for > kLookAfter && !connection->socket->is_quiet()) continue;
        connection->is_reused = true;
        return connection;
    }
    return nullptr;
}

void UpstreamPool::give_back(std::unique_ptr<UpstreamConnection> connection) {
    if (idle_.size() >= kMaxIdle) return;
    connection->socket->clear_deadline();
    connection->idle_since = std::chrono::steady_clock::now();
    connection->begin = connection->end = 0;
    connection->is_filled = false;
    if (connection->buffer.size() > kKeptBytes) std::string().swap(connection->buffer);
    idle_.push_back(std::move(connection));
    if (!sweep_.is_set()) sweep_.set(idle_.back()->idle_since + kIdleTime);
}

void UpstreamPool::close_old() {
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(
        idle_, [&](const auto& connection) { return now - connection->idle_since >= kIdleTime; });
    if (!idle_.empty()) sweep_.set(idle_.front()->idle_since + kIdleTime);
}

UpstreamPools::UpstreamPools(Loop& loop)
    : loop_(loop), resolver_(std::make_unique<Resolver>(loop)) {}
UpstreamPools::~UpstreamPools() = default;

TlsClient& UpstreamPools::tls() {
    if (!tls_) tls_ = std::make_unique<TlsClient>();
    return *tls_;
}

UpstreamPool& UpstreamPools::pool(std::string_view origin, const http::Url& url) {
    const auto known = pools_.find(origin);
    if (known != pools_.end()) return *known->second;
    return *pools_.emplace(origin, std::make_unique<UpstreamPool>(loop_, url)).first->second;
}

const UpstreamPool* UpstreamPools::find_pool(const http::Url& url) const {
    const auto found = pools_.find(url.origin());
    return found == pools_.end() ? nullptr : found->second.get();
}

bool UpstreamPools::close_idle() {
    bool had_some = false;
    for (const auto& [origin, pool] : pools_) {
        had_some = had_some || !pool->idle_.empty();
        pool->idle_.clear();
    }
    return had_some;
}

UpstreamCall::UpstreamCall(UpstreamPool& pool, UpstreamTimeouts timeouts)
    : pool_(pool), timeouts_(timeouts), started_(Timer::Clock::now()) {
    ++pool_.busy_;
}

UpstreamCall::~UpstreamCall() {
    --pool_.busy_;
    if (is_whole_ && framing_.keep_alive && !is_cancelled_ && connection_)
        pool_.give_back(std::move(connection_));
}

void UpstreamCall::cancel() {
    is_cancelled_ = true;
    if (connection_) connection_->socket->cancel();
}

Timer::Clock::time_point UpstreamCall::due_after(std::chrono::milliseconds wait) const {
    return std::min(Timer::Clock::now() + wait, started_ + timeouts_.total);
}

void UpstreamCall::set_deadline(std::chrono::milliseconds wait) {
    connection_->socket->set_deadline(due_after(wait));
}

Error UpstreamCall::io_error(int error, std::string_view what) const {
    const std::string place = pool_.origin().authority();
    if (error == ECANCELED) return Error{ErrorCode::Cancelled, "the call was cancelled"};
    if (error == ETIMEDOUT) {
        const bool is_total = Timer::Clock::now() - started_ >= timeouts_.total;
        const auto limit = is_total                       ? timeouts_.total
                           : waiting_for_ == "connection" ? timeouts_.connect
                           : waiting_for_ == "answer"     ? timeouts_.first_byte
                                                          : timeouts_.idle;
        const std::string until = is_total ? "whole answer" : std::string(waiting_for_);
        return Error{ErrorCode::UpstreamTimeout,
                     "no " + until + " from " + place + " within " + render_duration(limit)};
    }
    return Error{ErrorCode::UpstreamUnreachable,
                 std::string(what) + " " + place + ": " + std::strerror(error)};
}

Task<Result<void>> UpstreamCall::connect_to(const std::string& address) {
    int descriptor = start_connect(address, pool_.origin().port);
    if (descriptor < 0 && (errno == EMFILE || errno == ENFILE) &&
        pool_.loop_.upstreams().close_idle()) {
        descriptor = start_connect(address, pool_.origin().port);
    }
    if (descriptor < 0) co_return io_error(errno, "could not connect to");
    connection_ = std::make_unique<UpstreamConnection>();
    connection_->socket = std::make_unique<Socket>(pool_.loop_, descriptor);
    set_deadline(timeouts_.connect);
    if (is_cancelled_) co_return io_error(ECANCELED, "");
    const int error = co_await connection_->socket->wait_connected();
    if (error != 0) co_return io_error(error, "could not connect to");
    if (pool_.origin().is_tls)
        CO_CHECK(co_await connection_->socket->start_tls(pool_.loop_.upstreams().tls(),
                                                         pool_.origin().host, *pool_.session_));
    co_return Result<void>{};
}

Task<Result<void>> UpstreamCall::connect() {
    waiting_for_ = "connection";
    CO_TRY(const std::vector<std::string> addresses,
           co_await pool_.loop_.upstreams().resolver().resolve(
               pool_.origin().host, std::min(timeouts_.connect, timeouts_.total)));
    if (is_cancelled_) co_return io_error(ECANCELED, "");
    Result<void> outcome = Error{ErrorCode::UpstreamUnreachable,
                                 "the name " + pool_.origin().host + " has no address"};
    for (const std::string& address : addresses) {
        outcome = co_await connect_to(address);
        if (outcome || is_cancelled_) break;
    }
    co_return outcome;
}

Task<Result<const ResponseHead*>> UpstreamCall::send(std::span<const std::string_view> pieces,
                                                     bool expects_no_body) {
    expects_no_body_ = expects_no_body;
    if (is_cancelled_) co_return io_error(ECANCELED, "");
    connection_ = pool_.take_idle();
    if (connection_) {
        Result<void> outcome = co_await exchange_heads(pieces);
        if (outcome) co_return &head();
        // The server closed the idle connection as we wrote: it saw nothing of this request that it
        // answers for.
        const bool is_replaceable = is_stale_ && !got_bytes_ && !is_cancelled_;
        if (!is_replaceable) co_return std::move(outcome).error();
        is_stale_ = false;
        connection_.reset();
    }
    CO_CHECK(co_await connect());
    CO_CHECK(co_await exchange_heads(pieces));
    co_return &head();
}

Task<Result<void>> UpstreamCall::exchange_heads(std::span<const std::string_view> pieces) {
    waiting_for_ = "answer";
    set_deadline(timeouts_.first_byte);
    const IoResult written = co_await connection_->socket->write_all(pieces);
    if (written.error != 0) {
        is_stale_ =
            connection_->is_reused && (written.error == EPIPE || written.error == ECONNRESET);
        // A server may answer and close before it has read everything (413): its answer is worth
        // more than our error.
        const bool may_have_answered =
            !is_stale_ && (written.error == EPIPE || written.error == ECONNRESET);
        if (!may_have_answered) co_return io_error(written.error, "could not send to");
    }
    co_return co_await read_head();
}

Task<Result<std::size_t>> UpstreamCall::fill() {
    UpstreamConnection& connection = *connection_;
    if (connection.begin == connection.end) connection.begin = connection.end = 0;
    if (connection.buffer.size() - connection.end < kReadBytes / 2) {
        if (connection.begin > 0) {
            std::memmove(connection.buffer.data(), connection.buffer.data() + connection.begin,
                         connection.end - connection.begin);
            connection.end -= connection.begin;
            connection.begin = 0;
        }
        if (connection.buffer.size() - connection.end < kReadBytes / 2) {
            connection.buffer.resize(connection.end + kReadBytes);
        }
    }
    if (connection.is_filled && connection.buffer.size() < kMostReadBytes) {
        connection.buffer.resize(2 * connection.buffer.size());
    }
    const std::size_t room = connection.buffer.size() - connection.end;
    const IoResult result =
        co_await connection.socket->read_some({connection.buffer.data() + connection.end, room});
    connection.is_filled = result.bytes == room;
    if (result.error != 0) {
        is_stale_ = connection.is_reused && !got_bytes_ && result.error == ECONNRESET;
        if (got_bytes_ && result.error == ECONNRESET) {
            co_return Error{
                ErrorCode::UpstreamInvalid,
                pool_.origin().authority() + " reset the connection in the middle of its answer"};
        }
        co_return io_error(result.error, "could not read from");
    }
    if (result.bytes == 0) is_stale_ = connection.is_reused && !got_bytes_;
    got_bytes_ = got_bytes_ || result.bytes > 0;
    connection.end += result.bytes;
    co_return result.bytes;
}

Task<Result<void>> UpstreamCall::read_head() {
    parser_.reset();
    int interim = 0;
    while (true) {
        const std::string_view data(connection_->buffer.data() + connection_->begin,
                                    connection_->end - connection_->begin);
        const ParseResult parsed =
            parser_.parse_response(data, expects_no_body_, connection_->head, framing_);
        if (parsed.state == ParseState::Malformed) {
            co_return Error{ErrorCode::UpstreamInvalid,
                            pool_.origin().authority() + " sent " + std::string(parsed.why)};
        }
        if (parsed.state == ParseState::Complete) {
            connection_->begin += parsed.consumed;
            if (head().status >= 200) break;
            if (head().status == 101) {
                co_return Error{ErrorCode::UpstreamInvalid,
                                pool_.origin().authority() + " switched protocols unasked"};
            }
            if (++interim > kMaxInterim) {
                co_return Error{ErrorCode::UpstreamInvalid,
                                pool_.origin().authority() + " sent interim answers without end"};
            }
            parser_.reset();  // an interim answer (100, 103): the real one follows
            continue;
        }
        CO_TRY(const std::size_t bytes, co_await fill());
        if (bytes == 0) {
            co_return Error{
                got_bytes_ ? ErrorCode::UpstreamInvalid : ErrorCode::UpstreamUnreachable,
                pool_.origin().authority() + " closed the connection without an answer"};
        }
    }
    left_ = framing_.length;
    waiting_for_ = "further data";
    if (framing_.kind == BodyKind::None || (framing_.kind == BodyKind::Sized && left_ == 0))
        finish();
    co_return Result<void>{};
}

void UpstreamCall::finish() {
    is_whole_ = true;
    // Bytes beyond the answer's end were never asked for: such a connection can't be trusted with
    // another request.
    if (connection_->begin != connection_->end) framing_.keep_alive = false;
}

Task<Result<Chunk>> UpstreamCall::read(Timer::Clock::time_point wake) {
    while (!is_whole_) {
        if (is_cancelled_) co_return io_error(ECANCELED, "");
        UpstreamConnection& connection = *connection_;
        if (connection.begin == connection.end && !is_broken_) {
            if (!idle_due_) idle_due_ = due_after(timeouts_.idle);
            connection.socket->set_deadline(std::min(*idle_due_, wake));
            const auto bytes = co_await fill();
            const bool is_only_woken = connection.socket->timed_out() && !is_cancelled_ &&
                                       Timer::Clock::now() < *idle_due_;
            if (!bytes && is_only_woken) co_return Chunk{{}, false};
            if (!bytes) co_return bytes.error();
            idle_due_.reset();
            if (*bytes == 0) {
                if (framing_.kind == BodyKind::UntilClose) {
                    is_whole_ = true;
                    break;
                }
                co_return Error{ErrorCode::UpstreamInvalid,
                                pool_.origin().authority() +
                                    " closed the connection in the middle of its answer"};
            }
        }
        char* data = connection.buffer.data() + connection.begin;
        const std::size_t size = connection.end - connection.begin;
        if (framing_.kind == BodyKind::Chunked) {
            const ChunkedDecoder::Step step =
                is_broken_ ? ChunkedDecoder::Step{} : chunks_.decode(data, size);
            // What came before the broken chunk is still the answer's: it goes first.
            if (is_broken_ || (step.is_malformed && step.payload == 0)) {
                co_return Error{ErrorCode::UpstreamInvalid,
                                pool_.origin().authority() + " sent a malformed chunk"};
            }
            is_broken_ = step.is_malformed;
            connection.begin += step.consumed;
            if (step.is_done) finish();
            if (step.payload > 0 || step.is_done)
                co_return Chunk{{data, step.payload}, step.is_done};
            continue;
        }
        const std::size_t take =
            framing_.kind == BodyKind::Sized
                ? static_cast<std::size_t>(std::min<std::uint64_t>(left_, size))
                : size;
        connection.begin += take;
        left_ -= framing_.kind == BodyKind::Sized ? take : 0;
        const bool is_last = framing_.kind == BodyKind::Sized && left_ == 0;
        if (is_last) finish();
        co_return Chunk{{data, take}, is_last};
    }
    co_return Chunk{{}, true};
}

Task<void> UpstreamCall::read_over(std::chrono::milliseconds within) {
    timeouts_.idle = within;
    while (!is_whole_) {
        const auto chunk = co_await read();
        if (!chunk || chunk->bytes.size() > kReadBytes) co_return;
    }
}

Task<Result<std::string>> UpstreamCall::read_all(std::size_t max_bytes) {
    std::string body;
    if (framing_.kind == BodyKind::Sized)
        body.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(left_, max_bytes)));
    while (true) {
        CO_TRY(const Chunk chunk, co_await read());
        if (body.size() + chunk.bytes.size() > max_bytes) {
            co_return Error{ErrorCode::UpstreamInvalid,
                            pool_.origin().authority() + " sent an answer that is too large"};
        }
        body.append(chunk.bytes);
        if (chunk.is_last) co_return body;
    }
}

}  // namespace aigw::engine
