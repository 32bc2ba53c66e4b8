#include "sidecar/exchange/pipeline.h"

namespace aigw::exchange {

Pipeline::Pipeline(engine::LoopSet& loops,
                   const std::shared_ptr<const assembly::Assembly>& assembly, log::Log& log)
    : loops_(loops),
      log_(log),
      metrics_(loops.size()),
      counting_(loops.size(), assembly->config.tokens.vocabulary_folders, log) {
    for (std::size_t i = 0; i < loops.size(); ++i) {
        states_.push_back(std::make_unique<LoopState>());
        states_.back()->assembly = assembly;
        states_.back()->metrics = &metrics_.at(i);
    }
}

LoopState& Pipeline::at(const engine::Loop& loop) {
    return *states_[loop.index()];
}

void Pipeline::replace(const std::shared_ptr<const assembly::Assembly>& assembly) {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
        loops_.at(i).post([state = states_[i].get(), assembly] {
            state->assembly = assembly;
            state->counters = {};
        });
    }
}

}  // namespace aigw::exchange
