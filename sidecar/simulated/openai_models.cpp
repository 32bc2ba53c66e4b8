#include "sidecar/simulated/openai_models.h"

#include <algorithm>
#include <array>

namespace aigw::simulated::openai {
namespace {

constexpr std::string_view kClassicEfforts = "low medium high";

// Columns: id, use, context, max output, efforts, refuses tools with effort, dimensions, free
// dimensions, created, shutdown date.
constexpr std::array kModels = {
    Model{"gpt-4o", Use::Chat, 128'000, 16'384, "", false, 0, false, 1715367049, "2027-01-14"},
    Model{"gpt-4o-mini", Use::Chat, 128'000, 16'384, "", false, 0, false, 1721172741, "2027-01-14"},
    Model{"gpt-4.1", Use::Chat, 1'047'576, 32'768, "", false, 0, false, 1744316542, "2027-01-14"},
    Model{"gpt-4.1-mini", Use::Chat, 1'047'576, 32'768, "", false, 0, false, 1744318173,
          "2027-01-14"},
    Model{"o3", Use::Chat, 200'000, 100'000, kClassicEfforts, false, 0, false, 1744225308,
          "2026-12-11"},
    Model{"o4-mini", Use::Chat, 200'000, 100'000, kClassicEfforts, false, 0, false, 1744225351, ""},
    Model{"gpt-5", Use::Chat, 400'000, 128'000, "minimal low medium high", false, 0, false,
          1754425777, "2026-12-11"},
    Model{"gpt-5-pro", Use::Responses, 400'000, 272'000, "high", false, 0, false, 1759767360, ""},
    Model{"gpt-5.6", Use::Chat, 400'000, 128'000, "none low medium high xhigh", true, 0, false,
          1772000000, ""},
    Model{"gpt-6-luna", Use::Chat, 400'000, 128'000, "none low medium high xhigh", true, 0, false,
          1758500000, ""},
    Model{"gpt-6-astra", Use::Chat, 400'000, 128'000, "low medium high xhigh", true, 0, false,
          1758500000, ""},
    Model{"gpt-6.1-sol", Use::Chat, 400'000, 128'000, "low medium high xhigh", true, 0, false,
          1760000000, ""},
    Model{"gpt-3.5-turbo-instruct", Use::Completions, 4'096, 4'096, "", false, 0, false, 1692901427,
          ""},
    Model{"text-embedding-3-small", Use::Embeddings, 8'192, 0, "", false, 1536, true, 1705948997,
          ""},
    Model{"text-embedding-3-large", Use::Embeddings, 8'192, 0, "", false, 3072, true, 1705953180,
          ""},
    Model{"text-embedding-ada-002", Use::Embeddings, 8'192, 0, "", false, 1536, false, 1671217299,
          ""},
};

constexpr Model kSimulatedModel = {"sim-chat", Use::Any, 128'000, 100'000,    "",
                                   false,      1536,     true,    1763630000, ""};

}  // namespace

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    const auto found =
        std::find_if(kModels.begin(), kModels.end(), [&](const Model& m) { return m.id == id; });
    if (found != kModels.end()) return *found;
    if (!id.starts_with("sim-")) return std::nullopt;
    Model model = kSimulatedModel;
    model.id = id;
    return model;
}

}  // namespace aigw::simulated::openai
