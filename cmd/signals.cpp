#include "cmd/signals.h"

#include <pthread.h>

namespace aigw::cmd {

HeldSignals::HeldSignals(std::initializer_list<int> signals) {
    sigemptyset(&signals_);
    for (const int signal : signals) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

HeldSignals::~HeldSignals() {
    release();
}

int HeldSignals::wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
    return signal;
}

std::optional<int> HeldSignals::wait_for(std::chrono::milliseconds time) const {
    const timespec timeout{.tv_sec = time.count() / 1000,
                           .tv_nsec = time.count() % 1000 * 1'000'000};
    const int signal = sigtimedwait(&signals_, nullptr, &timeout);
    return signal < 0 ? std::nullopt : std::optional(signal);
}

void HeldSignals::release() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace aigw::cmd
