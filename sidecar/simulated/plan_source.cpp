#include "sidecar/simulated/plan_source.h"

#include <utility>

namespace aigw::simulated {

PlanSource::PlanSource(Plan plan, engine::Loop& loop, std::function<void(Outcome)> on_end)
    : plan_(std::move(plan)),
      alarm_(loop),
      on_end_(std::move(on_end)),
      due_(Clock::now() + plan_.delay) {}

PlanSource::~PlanSource() {
    end(Outcome::Aborted);
}

engine::Task<Result<engine::Chunk>> PlanSource::next() {
    if (sent_ == plan_.pieces.size()) co_return co_await end_of_plan();
    const Piece& piece = plan_.pieces[sent_];
    due_ += piece.wait;
    if (!co_await alarm_.wait_until(due_))
        co_return Error{ErrorCode::Cancelled, "the client went away"};
    const bool is_last = ++sent_ == plan_.pieces.size() && plan_.ending == Ending::Clean;
    if (is_last) end(Outcome::Done);
    co_return engine::Chunk{piece.bytes, is_last};
}

void PlanSource::cancel() {
    alarm_.cancel();
}

void PlanSource::end(Outcome outcome) {
    if (on_end_) std::exchange(on_end_, nullptr)(outcome);
}

// Without a switch: g++ 12 resumes a co_await in one at the wrong place.
engine::Task<Result<engine::Chunk>> PlanSource::end_of_plan() {
    if (plan_.ending == Ending::Cut) {
        end(Outcome::Done);
        co_return Error{ErrorCode::UpstreamInvalid, "the simulated vendor cuts its answer"};
    }
    const bool hangs = plan_.ending == Ending::Hang;
    const bool is_due = co_await alarm_.wait_until(hangs ? Clock::time_point::max() : due_);
    if (!is_due || hangs) co_return Error{ErrorCode::Cancelled, "the client went away"};
    end(Outcome::Done);
    co_return engine::Chunk{{}, true};
}

}  // namespace aigw::simulated
