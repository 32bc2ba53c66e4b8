#include "sidecar/engine/timer_wheel.h"

#include <algorithm>
#include <limits>

namespace aigw::engine {
namespace {
constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
}

void Timer::set(Clock::time_point due) {
    due_ = due;
    is_set_ = true;
    // Later than where it hangs: its slot will hang it on again. Only an earlier deadline has to
    // move now.
    if (link_ != nullptr && wheel_.tick_of(due) >= linked_tick_) return;
    TimerWheel::unlink(*this);
    wheel_.insert(*this);
}

Timer::~Timer() {
    TimerWheel::unlink(*this);
}

TimerWheel::TimerWheel(boost::asio::io_context& context)
    : alarm_(context.get_executor()), start_(Timer::Clock::now()) {}

TimerWheel::~TimerWheel() {
    const auto drop = [](Timer*& slot) {
        while (slot != nullptr) unlink(*slot);
    };
    std::for_each(near_.begin(), near_.end(), drop);
    std::for_each(far_.begin(), far_.end(), drop);
    drop(beyond_);
}

std::uint64_t TimerWheel::tick_of(Timer::Clock::time_point time) const {
    if (time <= start_) return 1;
    const auto ticks = std::chrono::duration_cast<std::chrono::milliseconds>(time - start_) / kTick;
    return static_cast<std::uint64_t>(ticks) + 1;  // the end of the tick it falls in: never early
}

void TimerWheel::insert(Timer& timer) {
    const std::uint64_t tick = std::max(tick_of(timer.due_), current_ + 1);
    Timer** slot = &beyond_;
    if (tick - current_ < kSlots) {
        slot = &near_[tick % kSlots];
        timer.linked_tick_ = tick;
    } else if (tick / kSlots - current_ / kSlots < kSlots) {
        slot = &far_[(tick / kSlots) % kSlots];
        timer.linked_tick_ =
            (tick / kSlots) * kSlots;  // when its slot is spread over the near wheel
    } else {
        timer.linked_tick_ = (current_ / kSlots + kSlots) * kSlots;
    }
    timer.next_ = *slot;
    timer.link_ = slot;
    if (*slot != nullptr) (*slot)->link_ = &timer.next_;
    *slot = &timer;
    if (armed_ == 0 || timer.linked_tick_ < armed_) arm(timer.linked_tick_);
}

void TimerWheel::unlink(Timer& timer) {
    if (timer.link_ == nullptr) return;
    *timer.link_ = timer.next_;
    if (timer.next_ != nullptr) timer.next_->link_ = timer.link_;
    timer.next_ = nullptr;
    timer.link_ = nullptr;
}

std::uint64_t TimerWheel::next_tick() const {
    for (std::uint64_t tick = current_ + 1; tick < current_ + kSlots; ++tick) {
        if (near_[tick % kSlots] != nullptr) return tick;
        if (tick % kSlots == 0 && far_[(tick / kSlots) % kSlots] != nullptr) return tick;
    }
    const std::uint64_t turn = current_ / kSlots;
    for (std::uint64_t ahead = 1; ahead < kSlots; ++ahead) {
        if (far_[(turn + ahead) % kSlots] != nullptr) return (turn + ahead) * kSlots;
    }
    return beyond_ != nullptr ? (turn + kSlots) * kSlots : kNever;
}

void TimerWheel::arm(std::uint64_t tick) {
    armed_ = tick;
    alarm_.expires_at(start_ + kTick * static_cast<std::int64_t>(tick));
    alarm_.async_wait([this](const boost::system::error_code& error) {
        if (!error) advance();
    });
}

// Fires what is due in one slot and hangs on again what was moved further away meanwhile.
void TimerWheel::fire(Timer*& slot, std::uint64_t now_tick) {
    Timer* due = slot;
    slot = nullptr;
    if (due != nullptr) due->link_ = &due;
    while (due != nullptr) {
        Timer& timer = *due;
        unlink(timer);  // moves `due` on: it is the head that links here
        if (!timer.is_set_) continue;
        if (tick_of(timer.due_) > now_tick) {
            insert(timer);
        } else {
            timer.is_set_ = false;
            timer.on_expire_();  // may destroy `timer`, or any other one in this list
        }
    }
}

void TimerWheel::advance() {
    const auto elapsed =
        std::chrono::duration_cast<std::chrono::milliseconds>(Timer::Clock::now() - start_);
    const auto now_tick = static_cast<std::uint64_t>(elapsed / kTick);
    armed_ = 1;  // while firing, inserts do not arm: the end of this function does, once
    while (current_ < now_tick) {
        const std::uint64_t next = next_tick();
        if (next > now_tick) {
            current_ = now_tick;
            break;
        }
        current_ = next;
        if (current_ % kSlots == 0) {
            fire(far_[(current_ / kSlots) % kSlots], current_);
            fire(beyond_, current_);
        }
        fire(near_[current_ % kSlots], current_);
    }
    const std::uint64_t next = next_tick();
    armed_ = 0;
    if (next != kNever) arm(next);
}

}  // namespace aigw::engine
