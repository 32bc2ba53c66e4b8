// One client connection: reads requests, calls the handler, writes replies, in turn, until either
// side has enough.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.h"
#include "sidecar/engine/http_message.h"
#include "sidecar/engine/http_parser.h"
#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"
#include "sidecar/engine/socket.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/timer_wheel.h"

namespace aigw::engine {

// What all connections of one server share.
class ServerShared {
public:
    ServerOptions options;
    Handler handler;
    std::atomic<std::uint64_t> buffered_bytes{
        0};  // request bodies held in memory, all loops together
    std::atomic<std::size_t> open{0};
    std::atomic<std::size_t> busy{0};
    std::atomic<bool> is_draining{false};
    std::chrono::milliseconds last_call{0};  // for clients without a request; set before draining

    // nullptr: plain HTTP. Replaced while connections begin.
    std::shared_ptr<const TlsServer> tls() const {
        const std::lock_guard lock(tls_mutex_);
        return tls_;
    }
    void set_tls(std::shared_ptr<const TlsServer> tls) {
        const std::lock_guard lock(tls_mutex_);
        tls_ = std::move(tls);
    }

private:
    mutable std::mutex tls_mutex_;  // guards tls_
    std::shared_ptr<const TlsServer> tls_;
};

class Connection final : public Call, public std::enable_shared_from_this<Connection> {
public:
    Connection(Loop& loop, std::shared_ptr<ServerShared> shared, int descriptor, std::string peer);
    ~Connection() override;

    Task<void> run();
    // Instead of run(): writes this whole answer, whatever the client sends.
    Task<void> turn_away(std::string_view answer);
    // The server is stopping: closes after the reply under way, or the next one if its request
    // begins to come within the last call.
    void drain();
    // Ends the reply under way with an error.
    void interrupt();
    void close();

    const RequestHead& head() const override { return head_; }
    Loop& loop() const override { return loop_; }
    std::string_view peer() const override { return peer_; }
    std::chrono::steady_clock::time_point started() const override { return started_; }
    Task<Result<std::string_view>> body() override;
    bool is_body_at_hand() const override {
        return !has_unread_body() || (framing_.kind == BodyKind::Sized &&
                                      (framing_.length <= end_ - begin_ ||
                                       framing_.length > shared_->options.max_body_bytes));
    }
    Task<bool> wait_for_close(std::chrono::milliseconds duration) override;
    void on_gone(std::function<void()> callback) override;
    bool is_interrupted() const override { return is_interrupted_; }

private:
    enum class HeadState : std::uint8_t { Ready, Closed, Malformed };
    enum class Written : std::uint8_t { KeepOpen, Close };

    Task<bool> start_tls();
    Task<HeadState> read_head();
    Task<Reply> dispatch();
    Task<Written> write_reply(Reply& reply);
    Task<Written> write_source(Reply& reply, BodySource& source);
    Task<bool> write(std::span<const std::string_view> pieces);
    Task<bool> discard_body();
    Task<void> linger();
    bool has_unread_body() const { return framing_.kind != BodyKind::None && !is_body_read_; }
    bool is_worth_reading_over() const;
    void take_over_rest();
    Task<Result<void>> read_sized_body();
    Task<Result<void>> read_chunked_body();
    Task<Result<void>> send_continue();
    Task<Result<std::size_t>> read_body_bytes(char* into, std::size_t size);
    Result<void> take_budget(std::uint64_t bytes);
    void release_body();
    void forget_request() override;
    void render_head(const Reply& reply, std::optional<std::uint64_t> length);
    Reply refusal(const Error& error) const;
    void watch();
    void gone();
    std::string_view unread() const { return {buffer_.data() + begin_, end_ - begin_}; }
    void grow(std::size_t room);

    Loop& loop_;
    std::shared_ptr<ServerShared> shared_;
    Socket socket_;
    std::string peer_;
    Timer watch_timer_;
    std::function<void()> on_gone_;
    bool is_gone_ = false;

    std::string buffer_;  // bytes read and not yet consumed are [begin_, end_); followed by room
                          // for simdjson's padding
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t head_bytes_ = 0;  // of the request under way

    RequestHead head_;
    Framing framing_;
    HeadParser parser_;
    Error malformed_;
    std::chrono::steady_clock::time_point started_{};

    std::string body_storage_;
    std::string after_body_;  // what came behind a chunked body
    std::string_view body_;
    std::uint64_t budget_taken_ = 0;
    bool is_body_read_ = false;
    bool is_busy_ = false;
    bool is_waiting_ = false;  // for the first byte of a request
    bool is_interrupted_ = false;
    bool close_after_reply_ = false;
    std::string out_;  // the reply's head
};

}  // namespace aigw::engine
