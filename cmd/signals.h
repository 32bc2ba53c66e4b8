// The signals that end or refresh a command that runs until it is told to stop.
#pragma once

#include <csignal>
#include <initializer_list>

#include "cmd/program.h"

namespace aigw::cmd {

// The shell's code for a command that SIGINT ended.
inline constexpr Exit kInterrupted{128 + SIGINT};

// Taken by this thread when it asks, and by no other: make it before any thread is started.
class Signals {
public:
    explicit Signals(std::initializer_list<int> signals);
    ~Signals() { release(); }
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    // The next of them; waits.
    int wait() const;
    // From here on they do again what they always do: a second ctrl-C ends a command that is slow
    // to stop.
    void release();

private:
    sigset_t signals_{};
    sigset_t before_{};
    bool is_held_ = true;
};

}  // namespace aigw::cmd
