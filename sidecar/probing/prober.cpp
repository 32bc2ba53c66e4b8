#include "sidecar/probing/prober.h"

#include "sidecar/probing/platform_probe.h"

namespace aigw::probing {

std::string_view name_of(Outcome outcome) {
    switch (outcome) {
        case Outcome::Healthy:
            return "healthy";
        case Outcome::Failed:
            return "failed";
        case Outcome::Refused:
            return "refused";
    }
    return "";
}

Outcome outcome_of(int status) {
    constexpr int kGood = 200;
    constexpr int kElsewhere = 300;
    constexpr int kServerError = 500;
    if (status >= kGood && status < kElsewhere) return Outcome::Healthy;
    return status == 0 || status >= kServerError ? Outcome::Failed : Outcome::Refused;
}

Prober::Prober(engine::LoopSet& loops, exchange::Pipeline& pipeline)
    : loops_(loops), pipeline_(pipeline) {}

Prober::~Prober() {
    stop();
}

void Prober::follow(const std::shared_ptr<const assembly::Assembly>& assembly) {
    stop();
    for (std::size_t i = 0; i < assembly->platforms.size(); ++i) {
        const bool is_enabled = assembly->snapshot.platforms()[i].is_enabled;
        if (!is_enabled || assembly->platforms[i].probe_target.empty()) continue;
        engine::Loop& loop = loops_.at(i % loops_.size());
        const auto probe = std::make_shared<PlatformProbe>(loop, pipeline_, assembly, i);
        loop.spawn([probe] { return PlatformProbe::run(probe); });
        probes_.push_back(probe);
    }
}

void Prober::stop() {
    for (const auto& probe : probes_) probe->loop().post([probe] { probe->stop(); });
    probes_.clear();
}

}  // namespace aigw::probing
