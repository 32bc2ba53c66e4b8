#include "sidecar/simulated/minimax_models.h"

#include <array>

namespace aigw::simulated::minimax {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr std::int64_t kClassic = 204'800;

// Columns: id, thinking, sees images, has formats, context, default max tokens.
constexpr std::array kModels = {
    Model{"MiniMax-M3", Thinking::Switched, true, false, kMillion, 10'240},
    Model{"MiniMax-M3.1-Flash-Preview", Thinking::Switched, true, false, kMillion, 10'240},
    Model{"MiniMax-M2.7", Thinking::Always, false, false, kClassic, 10'240},
    Model{"MiniMax-M2.7-highspeed", Thinking::Always, false, false, kClassic, 10'240},
    Model{"MiniMax-M2.5", Thinking::Always, false, false, kClassic, 10'240},
    Model{"MiniMax-M2.5-highspeed", Thinking::Always, false, false, kClassic, 10'240},
    Model{"MiniMax-M2.1", Thinking::Always, false, false, kClassic, 10'240},
    Model{"MiniMax-M2", Thinking::Always, false, false, kClassic, 10'240},
    Model{"MiniMax-M1", Thinking::Always, false, false, kMillion, 8'192},
    Model{"MiniMax-Text-01", Thinking::Never, false, true, kMillion, 2'048},
};

constexpr Model kSimulatedModel = {"sim-chat", Thinking::Switched, true, true, kMillion, 100'000};

}  // namespace

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    for (const Model& model : kModels) {
        if (model.id == id) return model;
    }
    if (!id.starts_with("sim-")) return std::nullopt;
    Model model = kSimulatedModel;
    model.id = id;
    return model;
}

}  // namespace aigw::simulated::minimax
