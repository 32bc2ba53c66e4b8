#include "tests/fakes/client.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace aigw::fakes {

RawClient::RawClient(const std::string& address) {
    const timeval patience{10, 0};
    if (address.starts_with("unix:")) {
        sockaddr_un name{};
        name.sun_family = AF_UNIX;
        std::strncpy(name.sun_path, address.c_str() + 5, sizeof(name.sun_path) - 1);
        descriptor_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof(name)) != 0) close();
    } else if (address.starts_with("[::1]:")) {
        sockaddr_in6 name{};
        name.sin6_family = AF_INET6;
        name.sin6_addr = in6addr_loopback;
        name.sin6_port = htons(static_cast<std::uint16_t>(std::atoi(address.c_str() + 6)));
        descriptor_ = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof(name)) != 0) close();
    } else {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.sin_port = htons(
            static_cast<std::uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
        descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (::connect(descriptor_, reinterpret_cast<sockaddr*>(&name), sizeof(name)) != 0) close();
    }
    if (descriptor_ >= 0)
        ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
}

RawClient::~RawClient() {
    close();
}

void RawClient::close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
}

bool RawClient::send(std::string_view bytes) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void RawClient::reset() {
    const linger now{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
}

void RawClient::finish_sending() const {
    ::shutdown(descriptor_, SHUT_WR);
}

std::string RawClient::read_all() const {
    return read_until("\x01never\x01");
}

std::string RawClient::read_all(bool& ended) const {
    std::string text = rest_;
    char buffer[16384];
    ssize_t bytes = 0;
    while ((bytes = ::recv(descriptor_, buffer, sizeof(buffer), 0)) > 0)
        text.append(buffer, static_cast<std::size_t>(bytes));
    ended = bytes == 0;
    return text;
}

std::string RawClient::read_until(std::string_view end) const {
    std::string text = rest_;
    char buffer[16384];
    while (text.find(end) == std::string::npos) {
        const ssize_t bytes = ::recv(descriptor_, buffer, sizeof(buffer), 0);
        if (bytes <= 0) break;
        text.append(buffer, static_cast<std::size_t>(bytes));
    }
    return text;
}

unsigned RawClient::segments_received() const {
    tcp_info info{};
    socklen_t size = sizeof(info);
    ::getsockopt(descriptor_, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_data_segs_in;
}

std::string RawClient::read_reply() {
    std::string text = read_until("\r\n\r\n");
    const std::size_t head = text.find("\r\n\r\n");
    if (head == std::string::npos) return text;
    rest_ = text;
    std::size_t size = 0;
    const std::size_t length = text.find("content-length: ");
    if (length < head) {
        size = head + 4 + std::strtoul(text.c_str() + length + 16, nullptr, 10);
        char buffer[16384];
        while (text.size() < size) {
            const ssize_t bytes = ::recv(descriptor_, buffer, sizeof(buffer), 0);
            if (bytes <= 0) break;
            text.append(buffer, static_cast<std::size_t>(bytes));
        }
    } else if (text.find("transfer-encoding: chunked") < head) {
        text = read_until("\r\n0\r\n\r\n");
        const std::size_t last = text.find("\r\n0\r\n\r\n");
        size = last == std::string::npos ? text.size() : last + 7;
    } else {
        size = head + 4;
    }
    rest_ = text.substr(std::min(size, text.size()));
    return text.substr(0, size);
}

int status_of(std::string_view reply) {
    return reply.size() > 12 ? std::atoi(std::string(reply.substr(9, 3)).c_str()) : 0;
}

std::string body_of(std::string_view reply) {
    const std::size_t head = reply.find("\r\n\r\n");
    if (head == std::string_view::npos) return "";
    std::string_view rest = reply.substr(head + 4);
    if (reply.substr(0, head).find("transfer-encoding: chunked") == std::string_view::npos)
        return std::string(rest);
    std::string body;
    while (true) {
        const std::size_t line = rest.find("\r\n");
        if (line == std::string_view::npos) return body;
        const std::size_t size =
            std::strtoul(std::string(rest.substr(0, line)).c_str(), nullptr, 16);
        if (size == 0) return body;
        body.append(rest.substr(line + 2, size));
        rest.remove_prefix(std::min(rest.size(), line + 2 + size + 2));
    }
}

}  // namespace aigw::fakes
