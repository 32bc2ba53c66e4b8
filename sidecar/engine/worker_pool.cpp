#include "sidecar/engine/worker_pool.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace aigw::engine {

WorkerPool::WorkerPool(std::size_t threads, std::size_t most_waiting)
    : most_waiting_(most_waiting) {
    workers_.reserve(threads);
    for (std::size_t worker = 0; worker < threads; ++worker)
        workers_.emplace_back([this, worker] { serve(worker); });
}

WorkerPool::~WorkerPool() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    has_changed_.notify_all();
    workers_.clear();
}

bool WorkerPool::add(Job& job) {
    {
        const std::lock_guard lock(mutex_);
        if (is_stopping_ || waiting_.size() >= most_waiting_) return false;
        waiting_.push_back(std::move(job));
    }
    has_changed_.notify_one();
    return true;
}

void WorkerPool::serve(std::size_t worker) {
    while (true) {
        std::unique_lock lock(mutex_);
        has_changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
        if (is_stopping_) return;
        Job job = std::move(waiting_.front());
        waiting_.pop_front();
        lock.unlock();
        job(worker);
    }
}

// The loop has work while it waits, or it might be taken for one that has none.
Task<bool> WorkerPool::run(Loop& loop, Work work) {
    auto [error, has_run] = co_await completion<bool>([&](auto handler) {
        auto executor = boost::asio::prefer(loop.context().get_executor(),
                                            boost::asio::execution::outstanding_work.tracked);
        auto done = [executor, handler = std::move(handler)](bool is_done) mutable {
            boost::asio::post(executor, [handler = std::move(handler), is_done]() mutable {
                handler(boost::system::error_code(), is_done);
            });
        };
        auto shared = std::make_shared<decltype(done)>(std::move(done));
        Job job = [work = std::move(work), shared](std::size_t worker) {
            work(worker);
            (*shared)(true);
        };
        if (!add(job)) (*shared)(false);
    });
    co_return has_run;
}

}  // namespace aigw::engine
