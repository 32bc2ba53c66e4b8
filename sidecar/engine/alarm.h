// One wait of a coroutine, as exact as the system's timer, that its owner can end early.
//
// Threads: everything on the loop it was made for.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "sidecar/engine/loop.h"
#include "sidecar/engine/task.h"

namespace aigw::engine {

class Alarm {
public:
    using Clock = std::chrono::steady_clock;

    explicit Alarm(Loop& loop) : timer_(loop.context().get_executor()) {}

    // True when the time has come, at once when it has passed; false once cancel() was called.
    // One coroutine waits at a time.
    Task<bool> wait_until(Clock::time_point due);
    // For good: this wait and all later ones end.
    void cancel();

private:
    boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, LoopExecutor> timer_;
    bool is_cancelled_ = false;
};

}  // namespace aigw::engine
