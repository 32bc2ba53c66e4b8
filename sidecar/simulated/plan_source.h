// A plan as the engine pulls it: each piece at its time, then the ending.
//
// Threads: everything on the loop it was made for.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>

#include "sidecar/engine/http_message.h"
#include "sidecar/engine/loop.h"
#include "sidecar/simulated/plan.h"
#include "sidecar/simulated/request_log.h"

namespace aigw::simulated {

class PlanSource final : public engine::BodySource {
public:
    // `on_end` is called once: Done after the ending, Aborted when the client went before it.
    PlanSource(Plan plan, engine::Loop& loop, std::function<void(Outcome)> on_end);
    ~PlanSource() override;

    engine::Task<Result<engine::Chunk>> next() override;
    void cancel() override;

private:
    using Clock = std::chrono::steady_clock;

    void end(Outcome outcome);
    // False when the client went meanwhile.
    engine::Task<bool> wait_until(Clock::time_point due);
    engine::Task<Result<engine::Chunk>> end_of_plan();

    Plan plan_;
    boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>,
                                      boost::asio::io_context::executor_type>
        timer_;
    std::function<void(Outcome)> on_end_;
    Clock::time_point due_;  // of the next piece: a late one does not delay those after it
    std::size_t sent_ = 0;
    bool is_cancelled_ = false;
};

}  // namespace aigw::simulated
