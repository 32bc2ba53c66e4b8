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

void HeldSignals::release() {
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

}  // namespace aigw::cmd
