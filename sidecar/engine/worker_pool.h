// A few threads for work that would hold an event loop: one bounded pool for each kind of it.
//
// Shape:   a coroutine hands over a piece of work and goes on, on its own loop, when it is done.
// Bounds:  so many pieces wait, and no more: then run() gives false at once and nothing has run.
// Owner:   the pool must go before what the waiting coroutines use. Work that has not begun by then
//          is thrown away together with those who wait for it, as by a loop that ends.
// Threads: run() on the loop's thread; the work on a worker's.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "sidecar/engine/loop.h"
#include "sidecar/engine/task.h"

namespace aigw::engine {

class WorkerPool {
public:
    // Told which worker runs it, from 0: for what each of them keeps.
    using Work = std::function<void(std::size_t worker)>;

    WorkerPool(std::size_t threads, std::size_t most_waiting);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    std::size_t size() const { return workers_.size(); }
    // The work may refer to what the awaiting coroutine holds.
    Task<bool> run(Loop& loop, Work work);

private:
    using Job = std::move_only_function<void(std::size_t worker)>;

    bool add(Job& job);
    void serve(std::size_t worker);

    const std::size_t most_waiting_;
    std::mutex mutex_;
    std::condition_variable has_changed_;
    std::deque<Job> waiting_;   // guarded
    bool is_stopping_ = false;  // guarded
    std::vector<std::jthread> workers_;
};

}  // namespace aigw::engine
