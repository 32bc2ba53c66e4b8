// Event loops: one io_context and one thread each, with a coarse timer wheel.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/ids.h"
#include "base/time.h"
#include "sidecar/engine/task.h"

namespace aigw::engine {

class TimerWheel;
class UpstreamPools;
class WriteQueue;

class Loop {
public:
    Loop(std::size_t index, std::uint64_t seed);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    std::size_t index() const { return index_; }  // in its LoopSet
    boost::asio::io_context& context() { return context_; }
    TimerWheel& timers() { return *timers_; }
    WriteQueue& writes() { return *writes_; }
    UpstreamPools& upstreams() { return *upstreams_; }
    Random& random() { return random_; }

    // Wall clock, read once per loop turn is exact enough for everything that asks.
    TimePoint now() const;

    // Starts a coroutine on this loop; thread-safe. An exception out of it is a bug and ends the
    // process.
    void spawn(std::function<Task<void>()> start);
    void post(std::function<void()> action);
    // A pause with the wheel's grain (about 5 ms). On this loop only.
    Task<void> sleep(std::chrono::milliseconds duration);

    // Connections living here, for the acceptor's choice.
    std::atomic<std::size_t> load{0};

    void run();   // until stop(), on the calling thread
    void stop();  // thread-safe
    // Runs what is ready, once no thread is in run() any more; true when there was something.
    bool finish();

private:
    std::size_t index_;
    boost::asio::io_context context_;
    Random random_;
    std::unique_ptr<TimerWheel> timers_;
    std::unique_ptr<WriteQueue> writes_;
    std::unique_ptr<UpstreamPools> upstreams_;
};

// Several loops, each on a thread of its own.
class LoopSet {
public:
    // count 0: one per core.
    explicit LoopSet(std::size_t count, std::uint64_t seed);
    ~LoopSet();  // stops and joins

    void stop();  // no loop runs when it returns

    std::size_t size() const { return loops_.size(); }
    Loop& at(std::size_t index) { return *loops_[index]; }
    Loop& least_loaded();

private:
    std::vector<std::unique_ptr<Loop>> loops_;
    std::vector<std::jthread> threads_;
};

}  // namespace aigw::engine
