#include "sidecar/engine/worker_pool.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <latch>
#include <thread>

#include "tests/sidecar/engine/on_loop.h"

using namespace aigw;
using namespace aigw::engine;

TEST_CASE("worker pool: the work runs elsewhere, what follows it where it was asked for",
          "[engine]") {
    WorkerPool pool(2, 4);
    struct Seen {
        bool has_run;
        bool was_elsewhere;
        bool is_back;
        std::size_t worker;
    };
    const Seen seen = run_on_loop<Seen>([&pool](Loop& loop) -> Task<Seen> {
        const std::thread::id here = std::this_thread::get_id();
        std::thread::id there;
        std::size_t by = 99;
        const bool has_run = co_await pool.run(loop, [&](std::size_t worker) {
            there = std::this_thread::get_id();
            by = worker;
        });
        co_return Seen{has_run, there != here, std::this_thread::get_id() == here, by};
    });
    CHECK(seen.has_run);
    CHECK(seen.was_elsewhere);
    CHECK(seen.is_back);
    CHECK(seen.worker < pool.size());
}

TEST_CASE("worker pool: a full queue says so at once", "[engine]") {
    WorkerPool pool(1, 1);
    std::latch is_busy(1);
    std::latch may_end(1);
    std::atomic<int> done = 0;
    const auto finished = [&] { return done.load() == 2; };
    LoopSet loops(1, 1);
    const auto ask = [&](WorkerPool::Work work) {
        loops.at(0).spawn([&, work]() -> Task<void> {
            if (co_await pool.run(loops.at(0), work)) ++done;
        });
    };
    ask([&](std::size_t) {
        is_busy.count_down();
        may_end.wait();
    });
    is_busy.wait();
    ask([](std::size_t) {});  // waits
    std::atomic<int> refused = 0;
    std::latch is_refused(1);
    loops.at(0).spawn([&]() -> Task<void> {
        if (!co_await pool.run(loops.at(0), [](std::size_t) {})) ++refused;
        is_refused.count_down();
    });
    is_refused.wait();
    CHECK(refused == 1);
    may_end.count_down();
    while (!finished()) std::this_thread::yield();
    CHECK(done == 2);
}

TEST_CASE("worker pool: what waits when it ends is thrown away with those who wait", "[engine]") {
    struct Owned {
        explicit Owned(std::atomic<int>& count) : count_(count) { ++count_; }
        ~Owned() { --count_; }
        Owned(const Owned&) = delete;
        std::atomic<int>& count_;
    };
    std::atomic<int> alive = 0;
    std::atomic<int> asked = 0;
    std::atomic<int> begun = 0;
    LoopSet loops(1, 1);
    std::latch may_end(1);
    {
        WorkerPool pool(1, 8);
        for (int i = 0; i < 4; ++i) {
            loops.at(0).spawn([&]() -> Task<void> {
                const Owned owned(alive);
                ++asked;
                co_await pool.run(loops.at(0), [&](std::size_t) {
                    ++begun;
                    may_end.wait();
                });
            });
        }
        while (asked < 4 || begun < 1) std::this_thread::yield();
        CHECK(alive == 4);
        loops.stop();
        may_end.count_down();
    }
    // The end of what had begun found no loop, and goes with it; mostly that is one.
    CHECK(alive == begun);
}
