#include "sidecar/engine/loop.h"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "sidecar/engine/timer_wheel.h"
#include "sidecar/engine/upstream.h"
#include "sidecar/engine/write_queue.h"

namespace aigw::engine {

Loop::Loop(std::size_t index, std::uint64_t seed)
    : index_(index),
      context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
      random_(seed),
      timers_(std::make_unique<TimerWheel>(context_)),
      writes_(std::make_unique<WriteQueue>(context_)) {
    upstreams_ = std::make_unique<UpstreamPools>(*this);
}

Loop::~Loop() {
    // Coroutines that are still suspended own sockets and timers of this loop: they go first.
    upstreams_.reset();
    context_.stop();
}

TimePoint Loop::now() const {
    return std::chrono::time_point_cast<std::chrono::microseconds>(
        std::chrono::system_clock::now());
}

void Loop::spawn(std::function<Task<void>()> start) {
    // The function outlives the coroutine: a lambda's captures live in the lambda, not in its
    // coroutine.
    auto owned = std::make_shared<std::function<Task<void>()>>(std::move(start));
    boost::asio::post(context_, [owned] { detach((*owned)(), [owned] {}); });
}

void Loop::post(std::function<void()> action) {
    boost::asio::post(context_, std::move(action));
}

Task<void> Loop::sleep(std::chrono::milliseconds duration) {
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>
        timer(context_.get_executor(), duration);
    co_await completion([&](auto handler) { timer.async_wait(std::move(handler)); });
}

void Loop::run() {
    const auto work = boost::asio::make_work_guard(context_);
    context_.run();
}

void Loop::stop() {
    context_.stop();
}

bool Loop::finish() {
    context_.restart();
    return context_.poll() > 0;
}

LoopSet::LoopSet(std::size_t count, std::uint64_t seed) {
    if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
    for (std::size_t i = 0; i < count; ++i)
        loops_.push_back(std::make_unique<Loop>(i, seed + i * 0x9E37ULL));
    for (const auto& loop : loops_) threads_.emplace_back([&loop = *loop] { loop.run(); });
}

LoopSet::~LoopSet() {
    stop();
}

void LoopSet::stop() {
    for (const auto& loop : loops_) loop->stop();
    threads_.clear();  // joins
    // What was posted and not yet run belongs to objects of several loops: it runs here, while all
    // of them still exist.
    bool has_run = true;
    for (int round = 0; has_run && round < 100; ++round) {
        has_run = false;
        for (const auto& loop : loops_) has_run = loop->finish() || has_run;
    }
}

Loop& LoopSet::least_loaded() {
    return **std::min_element(loops_.begin(), loops_.end(), [](const auto& a, const auto& b) {
        return a->load.load(std::memory_order_relaxed) < b->load.load(std::memory_order_relaxed);
    });
}

}  // namespace aigw::engine
