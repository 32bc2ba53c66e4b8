#include "cmd/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <ctime>

#include "base/text.h"

namespace aigw::cmd {
namespace {

constexpr int kFirstDescriptor = 3;  // SD_LISTEN_FDS_START
constexpr std::uint64_t kMostDescriptors = 64;

std::optional<std::uint64_t> read_number(const Environment& environment, const char* name) {
    return parse_uint(environment(name).value_or(""));
}

bool is_for_this_process(const Environment& environment, const char* name) {
    return read_number(environment, name) == static_cast<std::uint64_t>(::getpid());
}

bool is_listening(int descriptor) {
    int is_accepting = 0;
    socklen_t size = sizeof(is_accepting);
    return ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &is_accepting, &size) == 0 &&
           is_accepting != 0;
}

Result<std::vector<int>> find_listeners(const Environment& environment) {
    std::vector<int> listeners;
    if (!is_for_this_process(environment, "LISTEN_PID")) return listeners;
    const std::uint64_t count = read_number(environment, "LISTEN_FDS").value_or(0);
    if (count > kMostDescriptors) {
        return Error{ErrorCode::Usage, "LISTEN_FDS says " + std::to_string(count),
                     "pass at most " + std::to_string(kMostDescriptors) + " sockets"};
    }
    for (int i = 0; i < static_cast<int>(count); ++i) {
        if (!is_listening(kFirstDescriptor + i)) {
            return Error{ErrorCode::Usage,
                         "descriptor " + std::to_string(kFirstDescriptor + i) +
                             ", which LISTEN_FDS names, is no listening socket",
                         "pass stream sockets, with Accept=no"};
        }
        listeners.push_back(kFirstDescriptor + i);
    }
    return listeners;
}

std::optional<std::chrono::milliseconds> find_patience(const Environment& environment) {
    const auto microseconds = read_number(environment, "WATCHDOG_USEC");
    const bool is_meant = !environment("WATCHDOG_PID").has_value() ||
                          is_for_this_process(environment, "WATCHDOG_PID");
    if (!microseconds || *microseconds < 2000 || !is_meant) return std::nullopt;
    return std::chrono::milliseconds(*microseconds / 1000);
}

}  // namespace

Result<ServiceManager> ServiceManager::find(const Environment& environment) {
    ServiceManager manager;
    manager.listeners_ = TRY(find_listeners(environment));
    manager.patience_ = find_patience(environment);
    manager.address_ = environment("NOTIFY_SOCKET").value_or("");
    return manager;
}

void ServiceManager::tell_reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    const auto microseconds = now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
    tell("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

void ServiceManager::tell(std::string_view message) const {
    sockaddr_un name{};
    if (address_.empty() || address_.size() >= sizeof(name.sun_path)) return;
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, address_.data(), address_.size());
    if (address_.front() == '@') name.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
    const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    [[maybe_unused]] const auto sent =
        ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
                 reinterpret_cast<const sockaddr*>(&name), size);
    ::close(descriptor);
}

}  // namespace aigw::cmd
