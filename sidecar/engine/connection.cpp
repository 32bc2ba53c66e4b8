#include "sidecar/engine/connection.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <ctime>

#include "protocol/error_envelope.h"

namespace aigw::engine {
namespace {

constexpr std::string_view kUnixPeer = "unix";
constexpr std::size_t kFirstRead = 4 * 1024;
constexpr std::size_t kPadding = 64;               // readable bytes behind a body, for simdjson
constexpr std::size_t kDiscardAtMost = 64 * 1024;  // of a body that the handler did not want
constexpr std::chrono::milliseconds kWatchAfter{
    25};  // most exchanges end before a watch for the client is worth it
constexpr std::chrono::seconds kLinger{10};     // after a refusal, while the client still sends
constexpr std::chrono::seconds kLingerIdle{1};  // and while it does nothing

std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 402:
            return "Payment Required";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 417:
            return "Expectation Failed";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Status";
    }
}

void append_number(std::string& out, std::uint64_t number, int base = 10) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
    out.append(digits.data(), end);
}

// "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" (RFC 9110, section 5.6.7), made once per second and
// thread.
std::string_view date_line() {
    thread_local std::time_t second = 0;
    thread_local std::array<char, 64> line{};
    thread_local std::size_t size = 0;
    const std::time_t now = std::time(nullptr);
    if (now != second) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        size =
            std::strftime(line.data(), line.size(), "date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
        second = now;
    }
    return {line.data(), size};
}

bool has_no_body(int status) {
    return status == 204 || status == 304 || status < 200;
}

}  // namespace

Connection::Connection(Loop& loop, std::shared_ptr<ServerShared> shared, int descriptor,
                       std::string peer)
    : loop_(loop),
      shared_(std::move(shared)),
      socket_(loop, descriptor),
      peer_(std::move(peer)),
      watch_timer_(loop.timers(), [this] { watch(); }) {
    shared_->open.fetch_add(1, std::memory_order_relaxed);
    loop_.load.fetch_add(1, std::memory_order_relaxed);
}

Connection::~Connection() {
    release_body();
    shared_->open.fetch_sub(1, std::memory_order_relaxed);
    loop_.load.fetch_sub(1, std::memory_order_relaxed);
}

// True when requests may follow.
Task<bool> Connection::start_tls() {
    const auto tls = peer_ == kUnixPeer ? nullptr : shared_->tls();
    if (!tls) co_return true;
    socket_.set_deadline(Timer::Clock::now() + shared_->options.header_timeout);
    const Socket::Accepted accepted = co_await socket_.accept_tls(*tls);
    if (accepted == Socket::Accepted::PlainHttp) {
        malformed_ = Error{ErrorCode::MalformedHttp, "this address speaks HTTPS", "use https://"};
        malformed_.status = 400;
        Reply reply = refusal(malformed_);
        co_await write_reply(reply);
    }
    socket_.clear_deadline();
    co_return accepted == Socket::Accepted::Ready;
}

Task<void> Connection::run() {
    const bool is_open = co_await start_tls();
    if (!is_open) {
        if (!malformed_.message.empty()) co_await linger();
        socket_.close();
        co_return;
    }
    bool may_still_send = false;
    while (true) {
        const HeadState state = co_await read_head();
        if (state == HeadState::Closed) break;
        is_busy_ = true;
        shared_->busy.fetch_add(1, std::memory_order_relaxed);
        // Not as one conditional expression: g++ 12 destroys what a co_await in one gives twice.
        Reply reply;
        if (state == HeadState::Malformed) {
            reply = refusal(malformed_);
        } else {
            reply = co_await dispatch();
        }
        const Written written = co_await write_reply(reply);
        bool is_clean = written == Written::KeepOpen && state == HeadState::Ready;
        if (is_clean) is_clean = co_await discard_body();
        reply = Reply{};  // its source may hold resources: they go before the next request waits
        on_gone_ = nullptr;
        watch_timer_.clear();
        release_body();
        is_busy_ = false;
        shared_->busy.fetch_sub(1, std::memory_order_relaxed);
        may_still_send = state == HeadState::Malformed || has_unread_body();
        if (!is_clean) break;
    }
    if (may_still_send && !is_gone_) co_await linger();
    socket_.close();
}

Task<void> Connection::turn_away(std::string_view answer) {
    const std::array<std::string_view, 1> pieces{answer};
    const bool is_written = co_await write(pieces);
    if (is_written) co_await linger();
    socket_.close();
}

// A socket that is closed while its peer sends resets the connection, and the reset overtakes the
// reply: what still comes is read over, for a while.
Task<void> Connection::linger() {
    socket_.finish_writing();
    const auto until = Timer::Clock::now() + kLinger;
    if (buffer_.size() < kFirstRead) buffer_.resize(kFirstRead);
    while (true) {
        socket_.set_deadline(std::min(until, Timer::Clock::now() + kLingerIdle));
        const IoResult result = co_await socket_.read_some({buffer_.data(), buffer_.size()});
        if (result.error != 0 || result.bytes == 0 || Timer::Clock::now() >= until) co_return;
    }
}

void Connection::drain() {
    close_after_reply_ = true;
    if (is_waiting_) socket_.set_deadline(Timer::Clock::now() + shared_->last_call);
}

void Connection::interrupt() {
    is_interrupted_ = true;
    if (!is_busy_) return socket_.cancel();
    if (on_gone_) std::exchange(on_gone_, nullptr)();
}

void Connection::close() {
    socket_.cancel();
    gone();
}

void Connection::grow(std::size_t room) {
    if (begin_ > 0) {
        std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
        end_ -= begin_;
        begin_ = 0;
    }
    const std::size_t needed = end_ + room + kPadding;
    if (buffer_.size() < needed)
        buffer_.resize(std::max(needed, std::min<std::size_t>(2 * buffer_.size(), needed + 65536)));
}

Task<Connection::HeadState> Connection::read_head() {
    parser_.reset();
    // The views of the head before must not be looked at when the next one cannot be read.
    head_.method = {};
    head_.minor_version = 1;
    head_.fields.clear();
    framing_ = {};
    head_bytes_ = 0;
    is_body_read_ = false;
    if (!after_body_.empty()) take_over_rest();
    is_waiting_ = begin_ == end_;
    if (is_waiting_) begin_ = end_ = 0;
    if (is_interrupted_) co_return HeadState::Closed;
    const auto& options = shared_->options;
    const bool is_draining = shared_->is_draining.load(std::memory_order_acquire);
    socket_.set_deadline(Timer::Clock::now() + (!is_waiting_  ? options.header_timeout
                                                : is_draining ? shared_->last_call
                                                              : options.idle_timeout));
    while (true) {
        const ParseResult parsed =
            begin_ == end_ ? ParseResult{} : parser_.parse_request(unread(), head_, framing_);
        if (parsed.state == ParseState::Complete) {
            head_bytes_ = parsed.consumed;
            started_ = std::chrono::steady_clock::now();
            socket_.clear_deadline();
            co_return HeadState::Ready;
        }
        if (parsed.state == ParseState::Malformed) {
            malformed_ = Error{ErrorCode::MalformedHttp,
                               "the request is malformed: it has " + std::string(parsed.why)};
            malformed_.status = parsed.status;
            co_return HeadState::Malformed;
        }
        if (buffer_.size() < end_ + kPadding + 512) grow(kFirstRead - kPadding);
        const IoResult result =
            co_await socket_.read_some({buffer_.data() + end_, buffer_.size() - kPadding - end_});
        if (result.error == ETIMEDOUT && begin_ != end_) {
            malformed_ =
                Error{ErrorCode::MalformedHttp, "the request's head did not arrive in time"};
            malformed_.status = 408;
            co_return HeadState::Malformed;
        }
        if (result.error != 0 || result.bytes == 0) co_return HeadState::Closed;
        end_ += result.bytes;
        if (is_waiting_) {
            is_waiting_ = false;
            socket_.set_deadline(Timer::Clock::now() + options.header_timeout);
        }
    }
}

// What came behind a chunked body begins the next request.
void Connection::take_over_rest() {
    begin_ = end_ = 0;
    grow(after_body_.size());
    std::memcpy(buffer_.data(), after_body_.data(), after_body_.size());
    end_ = after_body_.size();
    std::string().swap(after_body_);
}

Task<Reply> Connection::dispatch() {
    begin_ += head_bytes_;
    watch_timer_.set(started_ + kWatchAfter);
    try {
        co_return co_await shared_->handler(*this);
    } catch (const std::exception&) {
        // Nothing on the way throws by design: this is a bug, and still an answer, the last one
        // here.
        close_after_reply_ = true;
    }
    co_return refusal(Error{ErrorCode::Internal, "the gateway failed while handling this request"});
}

Reply Connection::refusal(const Error& error) const {
    auto rendered = protocol::render_error(error, protocol::Envelope::OpenAi, "");
    Reply reply{.status = rendered.status,
                .headers = {{"content-type", "application/json"}},
                .body = std::move(rendered.body)};
    reply.close = true;
    return reply;
}

void Connection::render_head(const Reply& reply, std::optional<std::uint64_t> length) {
    out_.clear();
    out_.append("HTTP/1.1 ");
    append_number(out_, static_cast<std::uint64_t>(reply.status));
    out_.push_back(' ');
    out_.append(reason_of(reply.status));
    out_.append("\r\n");
    out_.append(reply.headers.lines());
    out_.append(date_line());
    if (length) {
        out_.append("content-length: ");
        append_number(out_, *length);
        out_.append("\r\n");
    } else if (!has_no_body(reply.status) && head_.minor_version >= 1) {
        out_.append("transfer-encoding: chunked\r\n");
    }
    if (reply.close || close_after_reply_ || !framing_.keep_alive) {
        out_.append("connection: close\r\n");
    } else if (head_.minor_version == 0) {
        out_.append("connection: keep-alive\r\n");
    }
    out_.append("\r\n");
}

Task<bool> Connection::write(std::span<const std::string_view> pieces) {
    socket_.set_deadline(Timer::Clock::now() + shared_->options.write_timeout);
    const IoResult result = co_await socket_.write_all(pieces);
    socket_.clear_deadline();
    if (result.error != 0) gone();
    co_return result.error == 0;
}

Task<Connection::Written> Connection::write_reply(Reply& reply) {
    close_after_reply_ = close_after_reply_ ||
                         shared_->is_draining.load(std::memory_order_relaxed) ||
                         (has_unread_body() && !is_worth_reading_over());
    const bool stays = !reply.close && !close_after_reply_ && framing_.keep_alive;
    if (auto* source = std::get_if<std::unique_ptr<BodySource>>(&reply.body)) {
        on_gone_ = [source = source->get()] { source->cancel(); };
        if (is_gone_ || is_interrupted_) (*source)->cancel();
        co_return co_await write_source(reply, **source);
    }
    // Whoever has this reply may count on what its request held.
    release_body();
    const std::string& body = std::get<std::string>(reply.body);
    if (reply.is_raw) {
        const std::array<std::string_view, 1> raw{body};
        co_await write(raw);
        co_return Written::Close;
    }
    const bool is_head_only = head_.method == "HEAD" || has_no_body(reply.status);
    render_head(reply, has_no_body(reply.status) ? std::nullopt
                                                 : std::optional<std::uint64_t>(body.size()));
    const std::array<std::string_view, 2> pieces{
        out_, is_head_only ? std::string_view{} : std::string_view(body)};
    const bool is_written = co_await write(pieces);
    co_return is_written&& stays ? Written::KeepOpen : Written::Close;
}

// The head waits for the first bytes of the body: one packet instead of two, and the source may
// still fail before it.
Task<Connection::Written> Connection::write_source(Reply& reply, BodySource& source) {
    const bool is_chunked = !reply.length && head_.minor_version >= 1;
    const bool stays =
        !reply.close && !close_after_reply_ && framing_.keep_alive && (reply.length || is_chunked);
    if (!reply.length && !is_chunked)
        reply.close = true;  // HTTP/1.0: the end of the connection ends the body
    bool is_first = true;
    while (true) {
        auto next = co_await source.next();
        if (!next) co_return Written::Close;
        if (is_gone_) co_return Written::Close;
        if (is_first && !reply.is_raw) render_head(reply, reply.length);
        std::array<char, 20> size_line;
        std::size_t size_length = 0;
        if (is_chunked && !next->bytes.empty()) {
            char* end =
                std::to_chars(size_line.data(), size_line.data() + 16, next->bytes.size(), 16).ptr;
            *end++ = '\r';
            *end++ = '\n';
            size_length = static_cast<std::size_t>(end - size_line.data());
        }
        const std::string_view tail = !is_chunked                            ? std::string_view{}
                                      : next->bytes.empty() && next->is_last ? "0\r\n\r\n"
                                      : next->bytes.empty()                  ? ""
                                      : next->is_last                        ? "\r\n0\r\n\r\n"
                                                                             : "\r\n";
        const bool is_framed = !reply.is_raw;
        const std::array<std::string_view, 4> pieces{
            is_first && is_framed ? std::string_view(out_) : std::string_view{},
            is_framed ? std::string_view(size_line.data(), size_length) : std::string_view{},
            next->bytes, is_framed ? tail : std::string_view{}};
        is_first = false;
        if (!co_await write(pieces)) co_return Written::Close;
        if (next->is_last) co_return stays&& is_framed ? Written::KeepOpen : Written::Close;
    }
}

// A body nobody read stands between this request and the next: read over when small, else the
// connection ends.
bool Connection::is_worth_reading_over() const {
    return framing_.kind == BodyKind::Sized && framing_.length <= kDiscardAtMost &&
           !framing_.expects_continue;
}

// The reply has gone out: the head and what is behind it in the buffer are no longer needed.
Task<bool> Connection::discard_body() {
    if (!has_unread_body()) co_return true;
    if (!is_worth_reading_over()) co_return false;
    auto left = static_cast<std::size_t>(framing_.length);
    socket_.set_deadline(Timer::Clock::now() + shared_->options.body_timeout);
    while (true) {
        const std::size_t taken = std::min(left, end_ - begin_);
        begin_ += taken;
        left -= taken;
        if (left == 0) break;
        begin_ = end_ = 0;
        const IoResult result =
            co_await socket_.read_some({buffer_.data(), buffer_.size() - kPadding});
        if (result.error != 0 || result.bytes == 0) co_return false;
        end_ = result.bytes;
    }
    is_body_read_ = true;
    co_return true;
}

// What is refused is not held, or those who are refused would keep the others out.
Result<void> Connection::take_budget(std::uint64_t bytes) {
    const std::uint64_t before =
        shared_->buffered_bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= shared_->options.max_buffered_bytes) {
        budget_taken_ += bytes;
        return {};
    }
    shared_->buffered_bytes.fetch_sub(bytes, std::memory_order_relaxed);
    return Error{ErrorCode::Overloaded, "too many request bodies are being read at once",
                 "try again in a moment"};
}

void Connection::release_body() {
    if (budget_taken_ > 0)
        shared_->buffered_bytes.fetch_sub(budget_taken_, std::memory_order_relaxed);
    budget_taken_ = 0;
    body_ = {};
    if (!body_storage_.empty()) std::string().swap(body_storage_);
}

// What is still to be read of this request, or has come of the next, stays.
void Connection::forget_request() {
    if (has_unread_body()) return;
    release_body();
    if (begin_ != end_) return;
    std::vector<FieldView>().swap(head_.fields);
    begin_ = end_ = 0;
    std::string().swap(buffer_);
}

Task<Result<void>> Connection::send_continue() {
    if (!framing_.expects_continue) co_return Result<void>{};
    framing_.expects_continue = false;
    const std::array<std::string_view, 1> interim{"HTTP/1.1 100 Continue\r\n\r\n"};
    if (!co_await write(interim)) co_return Error{ErrorCode::Cancelled, "the client went away"};
    co_return Result<void>{};
}

Task<Result<std::string_view>> Connection::body() {
    if (is_body_read_) co_return body_;
    if (framing_.kind == BodyKind::Sized) CO_CHECK(co_await read_sized_body());
    if (framing_.kind == BodyKind::Chunked) CO_CHECK(co_await read_chunked_body());
    if (framing_.kind == BodyKind::None) body_ = std::string_view(buffer_).substr(begin_, 0);
    is_body_read_ = true;
    socket_.clear_deadline();
    co_return body_;
}

Task<Result<std::size_t>> Connection::read_body_bytes(char* into, std::size_t size) {
    const IoResult result = co_await socket_.read_some({into, size});
    if (result.error == ETIMEDOUT) {
        close_after_reply_ = true;
        Error error{ErrorCode::MalformedHttp, "the request's body did not arrive in time"};
        error.status = 408;
        co_return error;
    }
    if (result.error != 0 || result.bytes == 0) {
        gone();
        co_return Error{ErrorCode::Cancelled, "the client went away while sending its request"};
    }
    co_return result.bytes;
}

Task<Result<void>> Connection::read_sized_body() {
    const std::uint64_t length = framing_.length;
    if (length > shared_->options.max_body_bytes) {
        close_after_reply_ = true;
        co_return Error{ErrorCode::TooLarge,
                        "the request body is larger than " +
                            std::to_string(shared_->options.max_body_bytes) + " bytes",
                        "send less, or raise server.max_body"};
    }
    const auto size = static_cast<std::size_t>(length);
    // The usual case: the whole body came with the head, and its place in the buffer has room
    // behind it.
    if (end_ - begin_ >= size) {
        body_ = {buffer_.data() + begin_, size};
        begin_ += size;
        co_return Result<void>{};
    }
    CO_CHECK(take_budget(length));
    watch_timer_.clear();
    CO_CHECK(co_await send_continue());
    socket_.set_deadline(Timer::Clock::now() + shared_->options.body_timeout);
    body_storage_.resize(size + kPadding);
    std::size_t filled = end_ - begin_;
    std::memcpy(body_storage_.data(), buffer_.data() + begin_, filled);
    begin_ += filled;
    while (filled < size) {
        CO_TRY(const std::size_t bytes,
               co_await read_body_bytes(body_storage_.data() + filled, size - filled));
        filled += bytes;
    }
    body_ = {body_storage_.data(), size};
    watch_timer_.set(Timer::Clock::now() + kWatchAfter);
    co_return Result<void>{};
}

Task<Result<void>> Connection::read_chunked_body() {
    constexpr std::size_t kStep = 16 * 1024;
    watch_timer_.clear();
    CO_CHECK(co_await send_continue());
    socket_.set_deadline(Timer::Clock::now() + shared_->options.body_timeout);
    ChunkedDecoder decoder;
    std::size_t filled = 0;
    std::size_t fresh = end_ - begin_;  // undecoded bytes behind `filled`
    body_storage_.assign(buffer_, begin_, fresh);
    std::size_t taken_from_buffer = fresh;
    while (true) {
        const ChunkedDecoder::Step step = decoder.decode(body_storage_.data() + filled, fresh);
        if (step.is_malformed) {
            close_after_reply_ = true;
            co_return Error{ErrorCode::MalformedHttp,
                            "the request is malformed: it has a broken chunk"};
        }
        if (filled + step.payload > shared_->options.max_body_bytes) {
            close_after_reply_ = true;
            co_return Error{ErrorCode::TooLarge,
                            "the request body is larger than " +
                                std::to_string(shared_->options.max_body_bytes) + " bytes",
                            "send less, or raise server.max_body"};
        }
        CO_CHECK(take_budget(step.payload));
        if (step.is_done) {
            // What follows the body belongs to the next request. It is in the buffer already when
            // it came with the head; else it waits, since the buffer still holds this head.
            const std::size_t rest = fresh - step.consumed;
            if (taken_from_buffer > 0) {
                begin_ = end_ - rest;
            } else {
                after_body_.assign(body_storage_, filled + step.consumed, rest);
            }
            filled += step.payload;
            body_storage_.resize(filled + kPadding);
            body_ = {body_storage_.data(), filled};
            watch_timer_.set(Timer::Clock::now() + kWatchAfter);
            co_return Result<void>{};
        }
        filled += step.payload;
        if (taken_from_buffer > 0) begin_ = end_;
        taken_from_buffer = 0;
        body_storage_.resize(filled + kStep);
        CO_TRY(fresh, co_await read_body_bytes(body_storage_.data() + filled, kStep));
    }
}

void Connection::on_gone(std::function<void()> callback) {
    on_gone_ = std::move(callback);
    if ((is_gone_ || is_interrupted_) && on_gone_) std::exchange(on_gone_, nullptr)();
}

void Connection::gone() {
    is_gone_ = true;
    if (on_gone_) std::exchange(on_gone_, nullptr)();
}

void Connection::watch() {
    if (!is_busy_) return;
    socket_.watch_close(shared_from_this(), [this] {
        if (is_busy_) gone();
    });
}

Task<bool> Connection::wait_for_close(std::chrono::milliseconds duration) {
    watch();
    constexpr std::chrono::milliseconds kStep{20};
    const auto until = std::chrono::steady_clock::now() + duration;
    while (!is_gone_ && std::chrono::steady_clock::now() < until) co_await loop_.sleep(kStep);
    co_return is_gone_;
}

}  // namespace aigw::engine
