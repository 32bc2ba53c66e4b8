#include "sidecar/probing/platform_probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/ids.h"
#include "sidecar/engine/alarm.h"

namespace aigw::probing {

using engine::Task;
using std::chrono::milliseconds;

namespace {

// A list of models has some ten kilobytes. Of a longer answer the status has to do.
constexpr std::size_t kMostRead = 256 * 1024;
constexpr int kThrottled = 429;

engine::UpstreamTimeouts timeouts_of(const routing::Timeouts& timeouts) {
    return {.connect = timeouts.connect,
            .first_byte = timeouts.first_byte,
            .idle = std::min(timeouts.idle, timeouts.first_byte),
            .total = std::min(timeouts.connect + timeouts.first_byte, timeouts.total)};
}

// Reads the answer, so that its connection can serve again; one that is too long is left.
Task<Result<void>> read_over(engine::UpstreamCall& call) {
    std::size_t bytes = 0;
    while (!call.is_whole() && bytes <= kMostRead) {
        CO_TRY(const engine::Chunk chunk, co_await call.read());
        bytes += chunk.bytes.size();
    }
    co_return Result<void>{};
}

}  // namespace

PlatformProbe::PlatformProbe(engine::Loop& loop, exchange::Pipeline& pipeline,
                             std::shared_ptr<const assembly::Assembly> assembly,
                             std::size_t platform)
    : loop_(loop),
      pipeline_(pipeline),
      assembly_(std::move(assembly)),
      platform_(assembly_->platforms[platform]),
      snapshot_(assembly_->snapshot.platforms()[platform]),
      health_(pipeline.health().at(snapshot_.name)) {}

Task<void> PlatformProbe::run(std::shared_ptr<PlatformProbe> self) {
    Random& random = self->loop_.random();
    const milliseconds every = self->platform_.health.every;
    const auto below = [&random](milliseconds bound) {
        return milliseconds(static_cast<milliseconds::rep>(
            random.below(static_cast<std::uint64_t>(bound.count()))));
    };
    milliseconds wait = below(every);
    while (true) {
        const bool is_due = co_await self->pause(wait);
        if (!is_due) co_return;
        const Answer answer = co_await self->ask();
        if (self->is_stopped_) co_return;
        self->note(answer);
        wait = every - every / 10 + below(every / 5);
    }
}

void PlatformProbe::stop() {
    is_stopped_ = true;
    if (on_stop_) std::exchange(on_stop_, nullptr)();
}

// True after all of it; false as soon as it is stopped.
Task<bool> PlatformProbe::pause(milliseconds duration) {
    if (is_stopped_) co_return false;
    engine::Alarm alarm(loop_);
    on_stop_ = [&alarm] { alarm.cancel(); };
    const bool is_over = co_await alarm.wait_until(std::chrono::steady_clock::now() + duration);
    on_stop_ = nullptr;
    co_return is_over;
}

Task<PlatformProbe::Answer> PlatformProbe::ask() {
    const std::string head = "GET " + platform_.probe_target + " HTTP/1.1\r\n" + fields() +
                             "accept: application/json\r\n\r\n";
    const std::array<std::string_view, 1> pieces{head};
    engine::UpstreamCall call(loop_.upstreams().pool(platform_.origin, platform_.base),
                              timeouts_of(platform_.timeouts));
    on_stop_ = [&call] { call.cancel(); };
    Answer answer;
    const auto sent = co_await call.send(pieces);
    if (sent) {
        answer.status = call.head().status;
        const auto read = co_await read_over(call);
        if (!read) answer = {.error = read.error().message};
    } else {
        answer.error = sent.error().message;
    }
    on_stop_ = nullptr;
    co_return answer;
}

// With the first key that does not rest.
const std::string& PlatformProbe::fields() const {
    const TimePoint now = loop_.now();
    for (const assembly::Key& key : platform_.keys)
        if (!pipeline_.keys().open_until(key.state, now)) return key.fields;
    return platform_.fields;
}

void PlatformProbe::note(const Answer& answer) {
    const Outcome outcome = outcome_of(answer.status);
    if (assembly_->config.metrics.enabled)
        pipeline_.at(loop_).metrics->probed(name(), name_of(outcome));
    const TimePoint now = loop_.now();
    switch (outcome) {
        case Outcome::Healthy:
            refused_with_ = 0;
            if (health_.recovered(now))
                pipeline_.log().info("platform back", {{"platform", name()}});
            break;
        case Outcome::Failed: {
            const std::string error =
                answer.status == 0 ? answer.error : "HTTP " + std::to_string(answer.status);
            if (health_.failed(platform_.health, now))
                pipeline_.log().warn("platform left alone",
                                     {{"platform", name()}, {"error", std::string_view(error)}});
            break;
        }
        case Outcome::Refused:
            note_refusal(answer.status);
            break;
    }
}

// Once, until it changes; a throttle passes by itself.
void PlatformProbe::note_refusal(int status) {
    if (status == kThrottled || status == std::exchange(refused_with_, status)) return;
    pipeline_.log().warn("probe refused", {{"platform", name()}, {"status", std::int64_t{status}}});
}

}  // namespace aigw::probing
