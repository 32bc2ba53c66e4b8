// An upstream that plays a script: bytes as they are, held connections, hang-ups; and remembers
// what it was sent.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace aigw::fakes {

struct Step {
    enum class Kind : std::uint8_t { Send, Close, Reset, HoldUntilPeerCloses, AwaitRelease };
    Kind kind = Kind::Send;
    std::string bytes{};
    std::chrono::milliseconds after{};  // the step before
};
inline Step send(std::string bytes) {
    return {.kind = Step::Kind::Send, .bytes = std::move(bytes)};
}
inline Step send_after(std::chrono::milliseconds pause, std::string bytes) {
    return {.kind = Step::Kind::Send, .bytes = std::move(bytes), .after = pause};
}
inline Step hang_up() {
    return {.kind = Step::Kind::Close};
}
inline Step reset() {
    return {.kind = Step::Kind::Reset};
}
inline Step hold() {
    return {.kind = Step::Kind::HoldUntilPeerCloses};
}

// Goes on once the test has called release(), which lets one such step pass.
inline Step await_release() {
    return {.kind = Step::Kind::AwaitRelease};
}

using Script = std::vector<Step>;

// Answers the n-th request with the n-th script; the last script repeats. A request ends with its
// Content-Length.
class Upstream {
public:
    explicit Upstream(std::vector<Script> scripts);
    ~Upstream();

    std::uint16_t port() const { return port_; }
    std::string url(const std::string& path = "") const {
        return "http://127.0.0.1:" + std::to_string(port_) + path;
    }
    std::vector<std::string> requests() const;
    std::size_t connections() const { return connections_; }
    std::size_t sent() const { return sent_; }  // steps that sent something
    void release() { ++releases_; }
    // True once a held connection was closed by its peer; waits for it.
    bool wait_until_peer_closed() const;

private:
    void accept();
    void serve(int descriptor);
    bool play(int descriptor, const Script& script);

    std::vector<Script> scripts_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::atomic<bool> stopping_{false};
    std::atomic<std::size_t> connections_{0};
    std::atomic<std::size_t> sent_{0};
    std::atomic<std::size_t> peer_closed_{0};
    std::atomic<int> releases_{0};
    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    std::vector<std::thread> threads_;
    std::thread acceptor_;
};

}  // namespace aigw::fakes
