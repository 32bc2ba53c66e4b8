// Holds thousands of paced streams open at once and measures how late each event comes.
//
// Run:    aigw_bench_stream_load PORT STREAMS SECONDS REQUEST_FILE
//         REQUEST_FILE holds the whole HTTP request that opens a stream, as it goes over the wire.
// Prints: one line per phase, to be acted upon by who runs it:
//             open                     every stream has had its first event; the measuring begins
//             measured {"events": …}   after SECONDS; delays are microseconds from the upstream's
//             stamp to here ended {"whole": …}       every stream is over; a broken one had an
//             error or no proper end
// Errors: exit code 1 and a line on standard error when not every stream opens within a minute.
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/bench/stamp.h"

namespace aigw::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kPatience = 60 * kSecond;
constexpr std::size_t kOpeningAtOnce = 64;
constexpr int kWaitMilliseconds = 100;

// Takes the chunked transfer coding away, whatever the split of its bytes.
class Dechunker {
public:
    template <class Sink>
    void feed(std::string_view bytes, Sink sink) {
        while (!bytes.empty() && !is_over_ && !is_broken_) {
            if (left_ > 0) {
                const std::string_view data = bytes.substr(0, left_);
                sink(data);
                left_ -= data.size();
                bytes.remove_prefix(data.size());
            } else {
                take_line_byte(bytes.front());
                bytes.remove_prefix(1);
            }
        }
    }
    bool is_over() const { return is_over_; }
    bool is_broken() const { return is_broken_; }

private:
    void take_line_byte(char byte) {
        if (byte == '\r') return;
        if (byte != '\n') {
            line_.push_back(byte);
            return;
        }
        if (!line_.empty()) begin_chunk();  // an empty line ends a chunk's data
        line_.clear();
    }
    void begin_chunk() {
        const auto [end, error] =
            std::from_chars(line_.data(), line_.data() + line_.size(), left_, 16);
        is_broken_ = error != std::errc{};
        is_over_ = !is_broken_ && left_ == 0;
    }

    std::string line_;
    std::size_t left_ = 0;
    bool is_over_ = false;
    bool is_broken_ = false;
};

bool announces_stream(std::string head) {
    std::transform(head.begin(), head.end(), head.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return head.starts_with("http/1.1 200 ") &&
           head.find("\r\ntransfer-encoding: chunked\r\n") != std::string::npos;
}

enum class State { Waiting, Streaming, Whole, Broken };

// One stream: its bytes go in, the delays of its events come out.
class Stream {
public:
    State state() const { return state_; }
    void break_off() { state_ = State::Broken; }

    template <class Sink>
    void feed(std::string_view bytes, Sink on_delay) {
        if (!has_head_) {
            text_ += bytes;
            const std::size_t end = text_.find("\r\n\r\n");
            if (end == std::string::npos) return;
            const std::string all = std::exchange(text_, {});
            has_head_ = true;
            if (!announces_stream(all.substr(0, end + 2))) return break_off();
            return feed(std::string_view(all).substr(end + 4), on_delay);
        }
        chunks_.feed(bytes, [&](std::string_view data) { text_ += data; });
        read_events(on_delay);
        if (chunks_.is_broken()) break_off();
        if (chunks_.is_over()) state_ = has_done_ ? State::Whole : State::Broken;
    }

private:
    template <class Sink>
    void read_events(Sink on_delay) {
        std::size_t event = 0;
        for (std::size_t end = 0; (end = text_.find("\n\n", event)) != std::string::npos;
             event = end + 2)
            read_event(std::string_view(text_).substr(event, end - event), on_delay);
        text_.erase(0, event);
    }

    template <class Sink>
    void read_event(std::string_view event, Sink on_delay) {
        if (event.starts_with("data: [DONE]")) has_done_ = true;
        const std::size_t mark = event.find(kStampMark);
        if (mark == std::string_view::npos) return;
        const std::string_view digits = event.substr(mark + kStampMark.size(), kStampDigits);
        std::int64_t stamp = 0;
        std::from_chars(digits.data(), digits.data() + digits.size(), stamp);
        if (stamp == 0) return;
        state_ = State::Streaming;
        on_delay(now_nanoseconds() - stamp);
    }

    State state_ = State::Waiting;
    bool has_head_ = false;
    bool has_done_ = false;
    Dechunker chunks_;
    std::string text_;
};

double percentile(std::vector<std::int64_t>& delays, double share) {
    if (delays.empty()) return 0;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(delays.size() - 1));
    std::nth_element(delays.begin(), delays.begin() + at, delays.end());
    return static_cast<double>(delays[static_cast<std::size_t>(at)]) / 1000;
}

class Load {
public:
    Load(int port, std::size_t streams, std::string request)
        : port_(port), wanted_(streams), request_(std::move(request)), epoll_(epoll_create1(0)) {}

    // False when not every stream opened.
    bool open_all() {
        const std::int64_t deadline = now_nanoseconds() + kPatience;
        while (open_ < wanted_ && now_nanoseconds() < deadline) {
            while (started_ < wanted_ && started_ - open_ - broken_ < kOpeningAtOnce) start_one();
            wait();
            if (broken_ > 0) return false;
        }
        return open_ == wanted_;
    }

    void measure(std::int64_t seconds) {
        is_measuring_ = true;
        const std::int64_t end = now_nanoseconds() + seconds * kSecond;
        while (now_nanoseconds() < end) wait();
        is_measuring_ = false;
    }

    void wait_for_ends() {
        const std::int64_t deadline = now_nanoseconds() + kPatience;
        while (whole_ + broken_ < wanted_ && now_nanoseconds() < deadline) wait();
    }

    void print_measured() {
        std::printf("measured {\"events\": %zu, \"p50_us\": %.1f, \"p99_us\": %.1f}\n",
                    delays_.size(), percentile(delays_, 0.50), percentile(delays_, 0.99));
    }
    void print_ended() const {
        std::printf("ended {\"whole\": %zu, \"broken\": %zu}\n", whole_, wanted_ - whole_);
    }
    void explain() const {
        std::fprintf(stderr, "stream_load: %zu of %zu streams opened, %zu broke\n", open_, wanted_,
                     broken_);
    }

private:
    void start_one() {
        const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(static_cast<std::uint16_t>(port_));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ++started_;
        const bool is_sent =
            descriptor >= 0 &&
            connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
            send(descriptor, request_.data(), request_.size(), MSG_NOSIGNAL) ==
                static_cast<ssize_t>(request_.size());
        if (!is_sent) {
            ++broken_;
            return;
        }
        const auto index = static_cast<std::size_t>(descriptor);
        if (streams_.size() <= index) streams_.resize(index + 1);
        streams_[index] = Stream();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
    }

    void wait() {
        std::array<epoll_event, 256> events{};
        const int count =
            epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), kWaitMilliseconds);
        for (int i = 0; i < count; ++i) receive(events[static_cast<std::size_t>(i)].data.fd);
    }

    void receive(int descriptor) {
        Stream& stream = streams_[static_cast<std::size_t>(descriptor)];
        const State before = stream.state();
        const ssize_t count = recv(descriptor, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (count < 0 && errno == EAGAIN) return;
        if (count <= 0) {
            stream.break_off();
        } else {
            stream.feed({buffer_.data(), static_cast<std::size_t>(count)},
                        [this](std::int64_t delay) {
                            if (is_measuring_) delays_.push_back(delay);
                        });
        }
        account(descriptor, before, stream.state());
    }

    void account(int descriptor, State before, State after) {
        if (before == State::Waiting && (after == State::Streaming || after == State::Whole))
            ++open_;
        if (after != State::Whole && after != State::Broken) return;
        ++(after == State::Whole ? whole_ : broken_);
        close(descriptor);
    }

    int port_;
    std::size_t wanted_;
    std::string request_;
    int epoll_;
    std::vector<Stream> streams_;  // by descriptor
    std::vector<std::int64_t> delays_;
    std::size_t started_ = 0;
    std::size_t open_ = 0;
    std::size_t whole_ = 0;
    std::size_t broken_ = 0;
    bool is_measuring_ = false;
    std::array<char, 64 * 1024> buffer_{};
};

void raise_descriptor_limit() {
    rlimit descriptors{};
    getrlimit(RLIMIT_NOFILE, &descriptors);
    descriptors.rlim_cur = descriptors.rlim_max;
    setrlimit(RLIMIT_NOFILE, &descriptors);
}

int run(int port, std::size_t streams, std::int64_t seconds, const char* request_file) {
    raise_descriptor_limit();
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::ifstream file(request_file, std::ios::binary);
    Load load(port, streams, {std::istreambuf_iterator<char>(file), {}});
    if (!load.open_all()) {
        load.explain();
        return 1;
    }
    std::puts("open");
    load.measure(seconds);
    load.print_measured();
    load.wait_for_ends();
    load.print_ended();
    return 0;
}

}  // namespace
}  // namespace aigw::bench

int main(int count, char** arguments) {
    if (count != 5) {
        std::fputs("usage: aigw_bench_stream_load PORT STREAMS SECONDS REQUEST_FILE\n", stderr);
        return 2;
    }
    return aigw::bench::run(std::atoi(arguments[1]),
                            static_cast<std::size_t>(std::atol(arguments[2])),
                            std::atol(arguments[3]), arguments[4]);
}
