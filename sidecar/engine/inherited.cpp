#include "sidecar/engine/inherited.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace aigw::engine {
namespace {

Error unusable(int descriptor, const std::string& why) {
    return Error{
        ErrorCode::Config,
        "cannot listen on the inherited descriptor " + std::to_string(descriptor) + ": " + why,
        "pass a listening TCP or Unix stream socket"};
}

std::string unix_address(const sockaddr_storage& storage, socklen_t size) {
    const auto& name = reinterpret_cast<const sockaddr_un&>(storage);
    const std::size_t length = size - offsetof(sockaddr_un, sun_path);
    std::string path(name.sun_path, ::strnlen(name.sun_path, length));
    return "unix:" + (path.empty() ? "/" : path);  // an abstract name has no path
}

Result<std::string> address_of(int descriptor) {
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    if (::getsockname(descriptor, address, &size) != 0)
        return unusable(descriptor, std::strerror(errno));
    if (storage.ss_family == AF_UNIX) return unix_address(storage, size);
    std::array<char, NI_MAXHOST> host{};
    std::array<char, NI_MAXSERV> port{};
    const int failure = ::getnameinfo(address, size, host.data(), host.size(), port.data(),
                                      port.size(), NI_NUMERICHOST | NI_NUMERICSERV);
    if (failure != 0) return unusable(descriptor, ::gai_strerror(failure));
    const bool is_v6 = storage.ss_family == AF_INET6;
    return (is_v6 ? "[" + std::string(host.data()) + "]" : std::string(host.data())) + ":" +
           port.data();
}

}  // namespace

Result<std::vector<std::string>> addresses_of(std::span<const int> descriptors) {
    std::vector<std::string> addresses;
    for (const int descriptor : descriptors) addresses.push_back(TRY(address_of(descriptor)));
    return addresses;
}

void adopt(int descriptor) {
    ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK);
    ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
}

}  // namespace aigw::engine
