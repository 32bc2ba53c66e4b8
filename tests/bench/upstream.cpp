// The vendor of the benchmark: it answers from bytes rendered ahead, so that what is measured is
// the proxy before it.
//
// Run:   aigw_bench_upstream     prints the port it took, serves until a signal
// Shape: the model that the body names says what is answered:
//            gpt-4o-mini    400 bytes of JSON with usage
//            gpt-4o         64 server-sent events in one write
//            gpt-4.1-mini   an event each 100 ms, without end
//            gpt-4.1        an event each 500 ms, without end
//        POST /end-streams lets every paced stream end properly with its next event. Other models:
//        404.
// Pace:  a timer ticks each millisecond; the streams of one pace are dealt to its ticks in turn, so
// 1,000 streams at
//        100 ms and 5,000 at 500 ms both are 10 events in each tick.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/stamp.h"

namespace aigw::bench {
namespace {

constexpr std::size_t kReplyBytes = 400;
constexpr int kBurstEvents = 64;
constexpr std::size_t kReadBytes = 256 * 1024;

// ── replies ──────────────────────────────────────────────────────────────────

std::string json_head(std::size_t length) {
    return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
           std::to_string(length) + "\r\n\r\n";
}

// X-Accel-Buffering is how nginx is told to hand events on as they come.
constexpr std::string_view kStreamHead =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    "X-Accel-Buffering: no\r\nTransfer-Encoding: chunked\r\n\r\n";

constexpr std::string_view kUsage =
    R"("usage":{"prompt_tokens":57,"completion_tokens":62,"total_tokens":119})";

std::string render_plain() {
    const std::string start =
        R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"gpt-4o-mini",)"
        R"("choices":[{"index":0,"message":{"role":"assistant","content":")";
    const std::string end = R"("},"finish_reason":"stop"}],)" + std::string(kUsage) + "}";
    return json_head(kReplyBytes) + start +
           std::string(kReplyBytes - start.size() - end.size(), 'x') + end;
}

std::string render_chunk(std::string_view payload) {
    std::array<char, 16> size{};
    const auto [end, error] =
        std::to_chars(size.data(), size.data() + size.size(), payload.size(), 16);
    return std::string(size.data(), end) + "\r\n" + std::string(payload) + "\r\n";
}

std::string render_event(std::string_view rest) {
    return render_chunk(
        R"(data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4o",)" +
        std::string(rest) + "}\n\n");
}

std::string render_delta(std::string_view content) {
    return render_event(R"("choices":[{"index":0,"delta":{"content":")" + std::string(content) +
                        R"("},"finish_reason":null}],"usage":null)");
}

std::string render_stream_end() {
    return render_event(R"("choices":[],)" + std::string(kUsage)) +
           render_chunk("data: [DONE]\n\n") + "0\r\n\r\n";
}

std::string render_burst() {
    std::string burst(kStreamHead);
    for (int i = 0; i < kBurstEvents - 2; ++i) burst += render_delta(" word");
    return burst + render_stream_end();
}

std::string render_status(std::string_view status) {
    return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: 0\r\n\r\n";
}

// An event whose content is the time at which it is taken.
class StampedEvent {
public:
    StampedEvent()
        : text_(render_delta(std::string(kStampDigits, '0'))),
          at_(text_.find(kStampMark) + kStampMark.size()) {}

    std::string_view take() {
        std::int64_t left = now_nanoseconds();
        for (std::size_t i = kStampDigits; i-- > 0; left /= 10)
            text_[at_ + i] = static_cast<char>('0' + left % 10);
        return text_;
    }

private:
    std::string text_;
    std::size_t at_;
};

// ── requests ─────────────────────────────────────────────────────────────────

std::size_t content_length(std::string_view head) {
    constexpr std::string_view kName = "content-length:";
    const auto same = [](char a, char b) { return (a | 0x20) == b; };
    const auto* at = std::search(head.begin(), head.end(), kName.begin(), kName.end(), same);
    if (at == head.end()) return 0;
    const char* digits = at + kName.size();
    while (digits != head.end() && *digits == ' ') ++digits;
    std::size_t length = 0;
    std::from_chars(digits, head.end(), length);
    return length;
}

std::string_view model_of(std::string_view body) {
    constexpr std::string_view kName = R"("model":)";
    const std::size_t at = body.find(kName);
    if (at == std::string_view::npos) return {};
    const std::size_t start = body.find('"', at + kName.size());
    if (start == std::string_view::npos) return {};
    return body.substr(start + 1, body.find('"', start + 1) - start - 1);
}

// ── connections ──────────────────────────────────────────────────────────────

struct Pace;

struct Connection {
    int descriptor;
    std::string received{};
    std::size_t request_bytes = 0;  // of the request being received, once its head is here
    std::string unsent{};
    Pace* pace = nullptr;  // of the stream that it carries
    std::size_t tick = 0;  // of that pace
};

// Streams of one interval, dealt to its milliseconds.
struct Pace {
    explicit Pace(std::size_t interval) : ticks(interval) {}

    void add(Connection& connection) {
        connection.pace = this;
        connection.tick = next;
        ticks[next].push_back(&connection);
        next = (next + 1) % ticks.size();
    }
    void remove(Connection& connection) {
        std::erase(ticks[connection.tick], &connection);
        connection.pace = nullptr;
    }

    std::vector<std::vector<Connection*>> ticks;
    std::size_t next = 0;
};

[[noreturn]] void fail(const char* what) {
    std::perror(what);
    std::exit(1);
}

int check(int result, const char* what) {
    if (result < 0) fail(what);
    return result;
}

int listen_anywhere() {
    const int listener = check(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    check(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
    check(listen(listener, 4096), "listen");
    return listener;
}

int port_of(int listener) {
    sockaddr_in address{};
    socklen_t length = sizeof address;
    check(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length), "getsockname");
    return ntohs(address.sin_port);
}

int tick_each_millisecond() {
    const int timer = check(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), "timerfd_create");
    const itimerspec each{.it_interval = {0, 1'000'000}, .it_value = {0, 1'000'000}};
    check(timerfd_settime(timer, 0, &each, nullptr), "timerfd_settime");
    return timer;
}

class Upstream {
public:
    Upstream()
        : epoll_(check(epoll_create1(0), "epoll_create1")),
          listener_(listen_anywhere()),
          timer_(tick_each_millisecond()) {
        watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
        watch(timer_, EPOLLIN, EPOLL_CTL_ADD);
    }

    int port() const { return port_of(listener_); }

    [[noreturn]] void run() {
        std::array<epoll_event, 512> events{};
        for (;;) {
            const int count = epoll_wait(epoll_, events.data(), events.size(), -1);
            for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
        }
    }

private:
    void watch(int descriptor, std::uint32_t what, int operation) {
        epoll_event event{};
        event.events = what;
        event.data.fd = descriptor;
        check(epoll_ctl(epoll_, operation, descriptor, &event), "epoll_ctl");
    }

    void handle(const epoll_event& event) {
        if (event.data.fd == listener_) return accept_all();
        if (event.data.fd == timer_) return pass_ticks();
        const auto& connection = connections_[static_cast<std::size_t>(event.data.fd)];
        if (connection && (event.events & EPOLLOUT) != 0) flush(*connection);
        if (connection && (event.events & ~std::uint32_t{EPOLLOUT}) != 0) receive(*connection);
    }

    void accept_all() {
        for (;;) {
            const int descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
            if (descriptor < 0) return;
            const int on = 1;
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            const auto index = static_cast<std::size_t>(descriptor);
            if (connections_.size() <= index) connections_.resize(index + 1);
            connections_[index] = std::make_unique<Connection>(Connection{descriptor});
            watch(descriptor, EPOLLIN, EPOLL_CTL_ADD);
        }
    }

    void hang_up(Connection& connection) {
        if (connection.pace != nullptr) leave(connection);
        const int descriptor = connection.descriptor;
        connections_[static_cast<std::size_t>(descriptor)].reset();
        close(descriptor);
    }

    void receive(Connection& connection) {
        const ssize_t count = recv(connection.descriptor, buffer_.data(), buffer_.size(), 0);
        if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (count <= 0) return hang_up(connection);
        connection.received.append(buffer_.data(), static_cast<std::size_t>(count));
        while (has_request(connection)) {
            const std::string_view request(connection.received.data(), connection.request_bytes);
            const bool is_served = answer(connection, request);
            if (!is_served) return hang_up(connection);
            connection.received.erase(0, std::exchange(connection.request_bytes, 0));
        }
    }

    static bool has_request(Connection& connection) {
        if (connection.request_bytes == 0) {
            const std::size_t head = connection.received.find("\r\n\r\n");
            if (head == std::string::npos) return false;
            connection.request_bytes =
                head + 4 + content_length({connection.received.data(), head + 2});
        }
        return connection.received.size() >= connection.request_bytes;
    }

    // False when the connection has failed.
    bool answer(Connection& connection, std::string_view request) {
        if (request.starts_with("POST /end-streams ")) {
            is_ending_ = streams_ > 0;
            return send_out(connection, done_);
        }
        const std::string_view model = model_of(request.substr(request.find("\r\n\r\n")));
        if (model == "gpt-4o-mini") return send_out(connection, plain_);
        if (model == "gpt-4o") return send_out(connection, burst_);
        if (model == "gpt-4.1-mini") return begin_stream(connection, fast_);
        if (model == "gpt-4.1") return begin_stream(connection, slow_);
        return send_out(connection, unknown_);
    }

    bool begin_stream(Connection& connection, Pace& pace) {
        pace.add(connection);
        ++streams_;
        return send_out(connection, std::string(kStreamHead) + std::string(stamped_.take()));
    }

    void leave(Connection& connection) {
        connection.pace->remove(connection);
        if (--streams_ == 0) is_ending_ = false;
    }

    void pass_ticks() {
        std::uint64_t expired = 0;
        if (read(timer_, &expired, sizeof expired) != sizeof expired) return;
        for (; expired > 0; --expired, ++now_) {
            pass_tick(fast_);
            pass_tick(slow_);
        }
    }

    void pass_tick(Pace& pace) {
        due_ = pace.ticks[now_ % pace.ticks.size()];  // a copy: streams leave while it is walked
        for (Connection* connection : due_) {
            const bool is_last = is_ending_;
            if (!send_out(*connection, is_last ? std::string_view(stream_end_) : stamped_.take())) {
                hang_up(*connection);
            } else if (is_last) {
                leave(*connection);
            }
        }
    }

    bool send_out(Connection& connection, std::string_view bytes) {
        if (connection.unsent.empty()) {
            const ssize_t count =
                send(connection.descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN) return false;
            bytes.remove_prefix(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
            if (bytes.empty()) return true;
            watch(connection.descriptor, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        }
        connection.unsent += bytes;
        return true;
    }

    void flush(Connection& connection) {
        const std::string bytes = std::exchange(connection.unsent, {});
        watch(connection.descriptor, EPOLLIN, EPOLL_CTL_MOD);
        if (!send_out(connection, bytes)) hang_up(connection);
    }

    const std::string plain_ = render_plain();
    const std::string burst_ = render_burst();
    const std::string stream_end_ = render_stream_end();
    const std::string unknown_ = render_status("404 Not Found");
    const std::string done_ = render_status("204 No Content");
    StampedEvent stamped_;
    int epoll_;
    int listener_;
    int timer_;
    std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
    Pace fast_{100};
    Pace slow_{500};
    std::vector<Connection*> due_;
    std::size_t now_ = 0;  // in ticks
    std::size_t streams_ = 0;
    bool is_ending_ = false;
    std::vector<char> buffer_ = std::vector<char>(kReadBytes);
};

}  // namespace
}  // namespace aigw::bench

int main() {
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
    aigw::bench::Upstream upstream;
    std::printf("%d\n", upstream.port());
    std::fflush(stdout);
    upstream.run();
}
