// Runs a coroutine to its end from a test's own thread.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

#include "sidecar/engine/loop.h"

namespace aigw::engine {

// Runs one coroutine on a loop of its own and waits for it.
template <class T>
T run_on_loop(std::function<Task<T>(Loop&)> work) {
    LoopSet loops(1, 3);
    std::mutex mutex;
    std::condition_variable done;
    std::optional<T> outcome;
    loops.at(0).spawn([&]() -> Task<void> {
        T value = co_await work(loops.at(0));
        const std::lock_guard lock(mutex);
        outcome.emplace(std::move(value));
        done.notify_one();
    });
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return outcome.has_value(); });
    return std::move(*outcome);
}

}  // namespace aigw::engine
