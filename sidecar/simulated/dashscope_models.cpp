#include "sidecar/simulated/dashscope_models.h"

#include <algorithm>
#include <array>

namespace aigw::simulated::dashscope {
namespace {

// Columns: id, use, thinking, thinks only in streams, sees images, takes max_completion_tokens,
// max choices, context, max output, dimensions, max inputs.
constexpr std::array kModels = {
    Model{"qwen-turbo", Use::Chat, Thinking::OffByDefault, false, false, false, 1, 131'072, 16'384,
          "", 0},
    Model{"qwen-plus", Use::Chat, Thinking::OffByDefault, false, false, false, 4, 131'072, 32'768,
          "", 0},
    Model{"qwen-flash", Use::Chat, Thinking::OffByDefault, false, false, false, 1, 1'000'000,
          32'768, "", 0},
    Model{"qwen-max", Use::Chat, Thinking::Never, false, false, false, 1, 32'768, 8'192, "", 0},
    Model{"qwen3-max", Use::Chat, Thinking::OffByDefault, false, false, false, 1, 262'144, 65'536,
          "", 0},
    Model{"qwen3.5-plus", Use::Chat, Thinking::OnByDefault, false, true, true, 1, 1'000'000, 65'536,
          "", 0},
    Model{"qwen3.5-flash", Use::Chat, Thinking::OnByDefault, false, true, true, 1, 1'000'000,
          65'536, "", 0},
    Model{"qwen3.7-max", Use::Chat, Thinking::OnByDefault, false, false, true, 1, 1'000'000, 65'536,
          "", 0},
    Model{"qwen3-8b", Use::Chat, Thinking::OnByDefault, true, false, false, 4, 131'072, 8'192, "",
          0},
    Model{"qwen3-32b", Use::Chat, Thinking::OnByDefault, true, false, false, 4, 131'072, 16'384, "",
          0},
    Model{"qwen3-235b-a22b", Use::Chat, Thinking::OnByDefault, true, false, false, 4, 131'072,
          16'384, "", 0},
    Model{"qwen3-30b-a3b-thinking-2507", Use::Chat, Thinking::Always, true, false, false, 1,
          131'072, 32'768, "", 0},
    Model{"qwen3-30b-a3b-instruct-2507", Use::Chat, Thinking::Never, false, false, false, 4,
          131'072, 32'768, "", 0},
    Model{"qwq-plus", Use::Chat, Thinking::Always, true, false, false, 1, 131'072, 8'192, "", 0},
    Model{"qwen-vl-plus", Use::Chat, Thinking::Never, false, true, false, 1, 131'072, 8'192, "", 0},
    Model{"qwen-vl-max", Use::Chat, Thinking::Never, false, true, false, 1, 131'072, 8'192, "", 0},
    Model{"qwen3-vl-plus", Use::Chat, Thinking::OffByDefault, false, true, false, 1, 262'144,
          32'768, "", 0},
    Model{"qwen3-coder-plus", Use::Chat, Thinking::Never, false, false, false, 1, 1'000'000, 65'536,
          "", 0},
    Model{"deepseek-v3.2", Use::Chat, Thinking::OffByDefault, false, false, true, 1, 131'072,
          65'536, "", 0},
    Model{"text-embedding-v4", Use::Embeddings, Thinking::Never, false, false, false, 1, 8'192, 0,
          "1024 2048 1536 768 512 256 128 64", 10},
    Model{"text-embedding-v3", Use::Embeddings, Thinking::Never, false, false, false, 1, 8'192, 0,
          "1024 768 512 256 128 64", 10},
    Model{"text-embedding-v2", Use::Embeddings, Thinking::Never, false, false, false, 1, 2'048, 0,
          "1536", 25},
    Model{"text-embedding-v1", Use::Embeddings, Thinking::Never, false, false, false, 1, 2'048, 0,
          "1536", 25},
};

constexpr Model kSimulatedModel = {"sim-chat",
                                   Use::Both,
                                   Thinking::OffByDefault,
                                   false,
                                   true,
                                   true,
                                   4,
                                   131'072,
                                   100'000,
                                   "1024 2048 1536 768 512 256 128 64",
                                   10};
// "qwen-plus" of "qwen-plus-latest" and of "qwen-plus-2025-07-28".
std::string_view without_version(std::string_view id) {
    constexpr std::string_view kLatest = "-latest";
    constexpr std::string_view kDate = "-dddd-dd-dd";
    if (id.ends_with(kLatest)) return id.substr(0, id.size() - kLatest.size());
    if (id.size() <= kDate.size()) return id;
    const std::string_view tail = id.substr(id.size() - kDate.size());
    const bool is_date = std::equal(tail.begin(), tail.end(), kDate.begin(), [](char c, char kind) {
        return kind == 'd' ? c >= '0' && c <= '9' : c == kind;
    });
    return is_date ? id.substr(0, id.size() - kDate.size()) : id;
}

}  // namespace

std::span<const Model> models() {
    return kModels;
}

std::optional<Model> find_model(std::string_view id) {
    const std::string_view family = without_version(id);
    for (const Model& model : kModels) {
        if (model.id == id || model.id == family) return model;
    }
    if (!id.starts_with("sim-")) return std::nullopt;
    return kSimulatedModel;
}

}  // namespace aigw::simulated::dashscope
