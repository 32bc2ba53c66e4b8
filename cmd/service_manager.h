// What the service manager of this machine gives a service and wants to hear of it.
//
// Shape:   a value made from the environment; without a manager it has no descriptors, wants no
// signs
//          of life, and telling it anything does nothing. Messages go over a datagram socket.
// Errors:  usage, when descriptors were passed that are no listening sockets. A message that cannot
//          be sent is lost: a service must not end for that.
// Source:  sd_notify(3), sd_listen_fds(3), sd_watchdog_enabled(3); the protocol is stable and needs
//          no library.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cmd/program.h"

namespace aigw::cmd {

class ServiceManager {
public:
    // Takes what was meant for this process: variables for another one are left alone.
    static Result<ServiceManager> find(const Environment& environment);

    // Listening sockets that it opened, in its order; empty: none.
    const std::vector<int>& listeners() const { return listeners_; }
    // It counts the service as hung after this time without a sign of life.
    std::optional<std::chrono::milliseconds> patience() const { return patience_; }

    void tell_ready() const { tell("READY=1"); }
    void tell_reloading() const;  // to be followed by tell_ready
    void tell_stopping() const { tell("STOPPING=1"); }
    void tell_alive() const { tell("WATCHDOG=1"); }

private:
    void tell(std::string_view message) const;

    std::string address_{};  // of its socket: a path, or "@name" for an abstract one
    std::vector<int> listeners_{};
    std::optional<std::chrono::milliseconds> patience_{};
};

}  // namespace aigw::cmd
