// Deadlines of thousands of connections for the price of one Asio timer.
//
// Shape:   two wheels of 256 slots, 8 ms and 2 s wide, and a list for what is further away. A Timer
//          is intrusive: setting it allocates nothing; moving a deadline further into the future,
//          or clearing it, only stores that (the slot finds out when it comes round).
// Units:   a deadline fires up to 8 ms late, never early.
// Threads: everything on the loop that owns the wheel.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>

namespace aigw::engine {

class TimerWheel;

class Timer {
public:
    using Clock = std::chrono::steady_clock;

    // `on_expire` runs on the loop; it may set, clear or destroy this timer.
    Timer(TimerWheel& wheel, std::function<void()> on_expire)
        : wheel_(wheel), on_expire_(std::move(on_expire)) {}
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    void set(Clock::time_point due);
    // It stays in its slot: most deadlines are set again before that comes round.
    void clear() { is_set_ = false; }
    bool is_set() const { return is_set_; }

private:
    friend class TimerWheel;
    TimerWheel& wheel_;
    std::function<void()> on_expire_;
    Clock::time_point due_{};
    std::uint64_t linked_tick_ = 0;
    Timer* next_ = nullptr;
    Timer** link_ = nullptr;  // the pointer that points here; nullptr: in no slot
    bool is_set_ = false;
};

class TimerWheel {
public:
    explicit TimerWheel(boost::asio::io_context& context);
    ~TimerWheel();

private:
    friend class Timer;
    static constexpr std::size_t kSlots = 256;
    static constexpr std::chrono::milliseconds kTick{8};

    void insert(Timer& timer);
    static void unlink(Timer& timer);
    void arm(std::uint64_t tick);
    void advance();
    void fire(Timer*& slot, std::uint64_t now_tick);
    std::uint64_t next_tick() const;
    std::uint64_t tick_of(Timer::Clock::time_point time) const;

    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>,
                                      boost::asio::io_context::executor_type>
        alarm_;
    Timer::Clock::time_point start_;
    std::uint64_t current_ = 0;  // ticks up to and including this one have fired
    std::uint64_t armed_ = 0;    // 0: no alarm under way
    std::array<Timer*, kSlots> near_{};
    std::array<Timer*, kSlots> far_{};
    Timer* beyond_ = nullptr;
};

}  // namespace aigw::engine
