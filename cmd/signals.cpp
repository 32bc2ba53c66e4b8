#include "cmd/signals.h"

#include <pthread.h>

namespace aigw::cmd {

Signals::Signals(std::initializer_list<int> signals) {
    sigemptyset(&signals_);
    for (const int signal : signals) sigaddset(&signals_, signal);
    pthread_sigmask(SIG_BLOCK, &signals_, &before_);
}

int Signals::wait() const {
    int signal = 0;
    sigwait(&signals_, &signal);
    return signal;
}

void Signals::release() {
    if (is_held_) pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    is_held_ = false;
}

}  // namespace aigw::cmd
