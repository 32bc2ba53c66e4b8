// The active probe of one platform. For prober.cpp alone.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "routing/health.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/upstream.h"
#include "sidecar/probing/prober.h"

namespace aigw::probing {

class PlatformProbe {
public:
    PlatformProbe(engine::Loop& loop, exchange::Pipeline& pipeline,
                  std::shared_ptr<const assembly::Assembly> assembly, std::size_t platform);

    engine::Loop& loop() const { return loop_; }
    // Until stop(); on the loop, as stop() is.
    static engine::Task<void> run(std::shared_ptr<PlatformProbe> self);
    void stop();

private:
    // What came of asking once.
    struct Answer {
        int status = 0;       // 0: none came, or not all of it
        std::string error{};  // then: why
    };

    engine::Task<bool> pause(std::chrono::milliseconds duration);
    engine::Task<Answer> ask();
    const std::string& fields() const;
    void note(const Answer& answer);
    void note_refusal(int status);

    std::string_view name() const { return snapshot_.name; }

    engine::Loop& loop_;
    exchange::Pipeline& pipeline_;
    std::shared_ptr<const assembly::Assembly> assembly_;
    const assembly::Platform& platform_;
    const decision::Platform& snapshot_;
    routing::PlatformHealth& health_;
    std::function<void()> on_stop_{};  // ends what is waited for
    bool is_stopped_ = false;
    int refused_with_ = 0;  // the status that was logged; 0: it was not refused lately
};

}  // namespace aigw::probing
