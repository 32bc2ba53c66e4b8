#include "tests/fakes/upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>

namespace aigw::fakes {
namespace {

// Reads one whole request; empty when the peer closed or the fake is stopping.
std::string read_request(int descriptor, std::string& rest, const std::atomic<bool>& stopping) {
    while (true) {
        const std::size_t head = rest.find("\r\n\r\n");
        if (head != std::string::npos) {
            std::size_t length = 0;
            const std::size_t field = rest.find("content-length: ");
            if (field < head) length = std::strtoul(rest.c_str() + field + 16, nullptr, 10);
            if (rest.size() >= head + 4 + length) {
                std::string request = rest.substr(0, head + 4 + length);
                rest.erase(0, head + 4 + length);
                return request;
            }
        }
        pollfd waiting{descriptor, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, 20);
        if (stopping) return "";
        if (ready <= 0) continue;
        char buffer[16384];
        const ssize_t bytes = ::recv(descriptor, buffer, sizeof(buffer), 0);
        if (bytes <= 0) return "";
        rest.append(buffer, static_cast<std::size_t>(bytes));
    }
}

}  // namespace

Upstream::Upstream(std::vector<Script> scripts) : scripts_(std::move(scripts)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
}

Upstream::~Upstream() {
    stopping_ = true;
    acceptor_.join();
    for (std::thread& thread : threads_) thread.join();
    ::close(listener_);
}

std::vector<std::string> Upstream::requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
}

bool Upstream::wait_until_peer_closed() const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (peer_closed_ == 0 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
    return peer_closed_ > 0;
}

void Upstream::accept() {
    while (!stopping_) {
        pollfd waiting{listener_, POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) continue;
        const int descriptor = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (descriptor < 0) continue;
        ++connections_;
        threads_.emplace_back([this, descriptor] { serve(descriptor); });
    }
}

void Upstream::serve(int descriptor) {
    std::string rest;
    while (!stopping_) {
        std::string request = read_request(descriptor, rest, stopping_);
        if (request.empty()) break;
        std::size_t index = 0;
        {
            const std::lock_guard lock(mutex_);
            index = requests_.size();
            requests_.push_back(std::move(request));
        }
        if (!play(descriptor, scripts_[std::min(index, scripts_.size() - 1)])) break;
    }
    ::close(descriptor);
}

bool Upstream::play(int descriptor, const Script& script) {
    for (const Step& step : script) {
        if (step.after.count() > 0) std::this_thread::sleep_for(step.after);
        switch (step.kind) {
            case Step::Kind::Send:
                if (::send(descriptor, step.bytes.data(), step.bytes.size(), MSG_NOSIGNAL) < 0)
                    return false;
                ++sent_;
                break;
            case Step::Kind::Close:
                return false;
            case Step::Kind::Reset: {
                const linger now{1, 0};
                ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
                return false;
            }
            case Step::Kind::AwaitRelease:
                while (!stopping_ && releases_ == 0)
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                --releases_;
                break;
            case Step::Kind::HoldUntilPeerCloses:
                while (!stopping_) {
                    pollfd waiting{descriptor, POLLIN, 0};
                    char byte = 0;
                    if (::poll(&waiting, 1, 20) > 0 && ::recv(descriptor, &byte, 1, 0) <= 0) {
                        ++peer_closed_;
                        return false;
                    }
                }
                return false;
        }
    }
    return true;
}

}  // namespace aigw::fakes
