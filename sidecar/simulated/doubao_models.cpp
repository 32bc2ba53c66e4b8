#include "sidecar/simulated/doubao_models.h"

#include <algorithm>
#include <array>

namespace aigw::simulated::doubao {
namespace {

constexpr std::string_view kOnByDefault = "enabled disabled";
constexpr std::string_view kFourEfforts = "minimal low medium high";
constexpr std::string_view kAllEfforts = "none minimal low medium high xhigh max";
constexpr std::int64_t kLeastPixels = 3136;
constexpr std::int64_t kMostPixels = 4'014'080;
constexpr std::int64_t kLeastPixelsSince18 = 1764;
constexpr std::int64_t kMostPixelsSince18 = 9'031'680;
constexpr std::int64_t k256 = 262'144;

// Columns: id, thinking, efforts, sees images, takes thoughts, takes stops, takes penalties, fixed
// sampling, takes tool choice, JSON schema, max stops, least and most pixels, context, max output.
constexpr std::array kModels = {
    Model{"doubao-seed-2-0-pro", kOnByDefault, kAllEfforts, true, true, false, false, true, true,
          true, 4, kLeastPixelsSince18, kMostPixelsSince18, k256, 65'536},
    Model{"doubao-seed-2-0-lite", kOnByDefault, kAllEfforts, true, true, false, false, true, true,
          true, 4, kLeastPixelsSince18, kMostPixelsSince18, k256, 65'536},
    Model{"doubao-seed-2-0-mini", kOnByDefault, kAllEfforts, true, true, false, false, true, true,
          true, 4, kLeastPixelsSince18, kMostPixelsSince18, k256, 65'536},
    Model{"doubao-seed-1-8", kOnByDefault, kFourEfforts, true, true, false, false, false, true,
          true, 4, kLeastPixelsSince18, kMostPixelsSince18, k256, 65'536},
    Model{"doubao-seed-1-6", "enabled disabled auto", kFourEfforts, true, false, false, true, false,
          true, true, 4, kLeastPixels, kMostPixels, k256, 65'536},
    Model{"doubao-seed-1-6-lite", kOnByDefault, kFourEfforts, true, false, false, true, false, true,
          true, 4, kLeastPixels, kMostPixels, k256, 65'536},
    Model{"doubao-seed-1-6-flash", kOnByDefault, "", true, false, false, true, false, true, true, 4,
          kLeastPixels, kMostPixels, k256, 32'768},
    Model{"doubao-seed-1-6-thinking", "enabled", "", true, false, false, true, false, true, true, 4,
          kLeastPixels, kMostPixels, k256, 32'768},
    Model{"doubao-1-5-pro-32k", "", "", false, false, true, true, false, false, false, 4,
          kLeastPixels, kMostPixels, 32'768, 12'288},
    Model{"doubao-1-5-lite-32k", "", "", false, false, true, true, false, false, false, 4,
          kLeastPixels, kMostPixels, 32'768, 12'288},
    Model{"doubao-1-5-vision-pro-32k", "", "", true, false, true, true, false, false, false, 4,
          kLeastPixels, kMostPixels, 32'768, 12'288},
    Model{"deepseek-v3-2", "disabled enabled", "", false, true, true, true, false, false, false, 16,
          kLeastPixels, kMostPixels, 131'072, 32'768},
};

// It thinks only when it is told to.
constexpr Model kSimulatedModel = {"sim-chat",
                                   "disabled enabled auto",
                                   kAllEfforts,
                                   true,
                                   true,
                                   true,
                                   true,
                                   false,
                                   true,
                                   true,
                                   16,
                                   kLeastPixelsSince18,
                                   kMostPixelsSince18,
                                   k256,
                                   100'000};

bool is_digits(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "-251015"
bool is_date_suffix(std::string_view rest) {
    return rest.size() == 7 && rest.front() == '-' && is_digits(rest.substr(1));
}

// "20250101120000-abcde" behind "ep-" or "bot-".
bool is_account_id(std::string_view id, std::string_view prefix) {
    constexpr std::size_t kTime = 14;
    constexpr std::size_t kSize = kTime + 6;
    if (!id.starts_with(prefix)) return false;
    const std::string_view rest = id.substr(prefix.size());
    return rest.size() == kSize && is_digits(rest.substr(0, kTime)) && rest[kTime] == '-';
}

Model simulated_as(std::string_view id) {
    Model model = kSimulatedModel;
    model.id = id;
    return model;
}

}  // namespace

std::optional<Model> find_model(std::string_view id) {
    for (const Model& model : kModels) {
        if (!id.starts_with(model.id)) continue;
        const std::string_view rest = id.substr(model.id.size());
        if (rest.empty() || is_date_suffix(rest)) return model;
    }
    if (!id.starts_with("sim-") && !is_account_id(id, "ep-")) return std::nullopt;
    return simulated_as(id);
}

std::optional<Model> find_bot(std::string_view id) {
    if (!id.starts_with("sim-") && !is_account_id(id, "bot-")) return std::nullopt;
    return simulated_as(id);
}

}  // namespace aigw::simulated::doubao
