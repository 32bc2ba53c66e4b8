// A plan as the engine pulls it: each piece at its time, then the ending.
//
// Threads: everything on the loop it was made for.
#pragma once

#include <functional>

#include "sidecar/engine/alarm.h"
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
    using Clock = engine::Alarm::Clock;

    void end(Outcome outcome);
    engine::Task<Result<engine::Chunk>> end_of_plan();

    Plan plan_;
    engine::Alarm alarm_;  // cancelled when the client has gone
    std::function<void(Outcome)> on_end_;
    Clock::time_point due_;  // of the next piece: a late one does not delay those after it
    std::size_t sent_ = 0;
};

}  // namespace aigw::simulated
