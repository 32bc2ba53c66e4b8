#include "sidecar/engine/alarm.h"

namespace aigw::engine {

Task<bool> Alarm::wait_until(Clock::time_point due) {
    if (is_cancelled_) co_return false;
    if (due <= Clock::now()) co_return true;
    timer_.expires_at(due);
    co_await completion([&](auto handler) { timer_.async_wait(std::move(handler)); });
    co_return !is_cancelled_;
}

void Alarm::cancel() {
    is_cancelled_ = true;
    timer_.cancel();
}

}  // namespace aigw::engine
