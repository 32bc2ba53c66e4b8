#include "tokens/learned_ratio.h"

#include <algorithm>
#include <cmath>

namespace aigw::tokens {
namespace {

constexpr double kLeastRatio = 0.5;
constexpr double kMostRatio = 3;

// "1.04"
std::string two_places(double ratio) {
    const auto hundredths = std::llround(ratio * 100);
    const std::string cents = std::to_string(hundredths % 100);
    return std::to_string(hundredths / 100) + (cents.size() < 2 ? ".0" : ".") + cents;
}

}  // namespace

void LearnedRatio::observe(std::int64_t used, std::int64_t estimated) {
    if (estimated < kLeastTokens || used <= 0) return;
    const double seen = std::clamp(static_cast<double>(used) / static_cast<double>(estimated),
                                   kLeastRatio, kMostRatio);
    answers_ = std::min(answers_ + 1, kWindow);
    mean_ += (seen - mean_) / answers_;
}

PromptCount corrected(PromptCount count, const LearnedRatio& learned) {
    if (count.is_exact || !learned.is_believed()) return count;
    const double tokens = static_cast<double>(count.estimate) * learned.ratio();
    count.tokens = static_cast<std::int64_t>(std::llround(tokens));
    count.counter.append(", learned x ").append(two_places(learned.ratio()));
    if (!count.has_media && !count.is_sampled)
        count.margin_percent = margin_of(Exactness::Calibrated);
    return count;
}

void LearnedRatios::observe(std::string_view platform, std::string_view model,
                            const PromptCount& count, std::int64_t used) {
    const bool teaches = !count.is_exact && !count.has_media && !count.is_sampled &&
                         count.estimate >= LearnedRatio::kLeastTokens && used > 0;
    if (!options_.is_on || !teaches) return;
    const std::lock_guard lock(mutex_);
    if (options_.max_keys == 0) return;
    Cell& cell = cell_of({platform, model});
    cell.last = ++observations_;
    cell.learned.observe(used, count.estimate);
}

LearnedRatios::Cell& LearnedRatios::cell_of(KeyView key) {
    if (const auto found = cells_.find(key); found != cells_.end()) return found->second;
    if (cells_.size() >= options_.max_keys) make_room();
    return cells_.try_emplace(Key(key.first, key.second)).first->second;
}

void LearnedRatios::make_room() {
    cells_.erase(std::ranges::min_element(
        cells_, {}, [](const Cells::value_type& entry) { return entry.second.last; }));
}

LearnedRatio LearnedRatios::find(std::string_view platform, std::string_view model) const {
    const std::lock_guard lock(mutex_);
    const auto found = cells_.find(KeyView(platform, model));
    return found == cells_.end() ? LearnedRatio() : found->second.learned;
}

std::vector<LearnedRatios::Entry> LearnedRatios::entries() const {
    const std::lock_guard lock(mutex_);
    std::vector<Entry> entries;
    entries.reserve(cells_.size());
    for (const auto& [key, cell] : cells_) entries.push_back({key.first, key.second, cell.learned});
    return entries;
}

}  // namespace aigw::tokens
