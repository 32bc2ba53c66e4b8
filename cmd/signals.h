// Signals as values, for commands that run until one comes.
//
// Threads: make it before any other thread: they inherit that the signals are held back, so that
//          only wait() takes them.
#pragma once

#include <chrono>
#include <csignal>
#include <initializer_list>
#include <optional>

#include "cmd/program.h"

namespace aigw::cmd {

// The shell's code for a command that SIGINT ended.
inline constexpr Exit kInterrupted{128 + SIGINT};

class HeldSignals {
public:
    explicit HeldSignals(std::initializer_list<int> signals);
    ~HeldSignals();  // as release()
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

    // The next of them.
    int wait() const;
    // The same; nothing when none has come within that time.
    std::optional<int> wait_for(std::chrono::milliseconds time) const;
    // From here on they do to this process what they did before: a second one ends it at once.
    void release();

private:
    sigset_t signals_{};
    sigset_t before_{};
};

}  // namespace aigw::cmd
