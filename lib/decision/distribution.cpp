#include "decision/distribution.h"

#include <fmt/format.h>

#include <algorithm>

namespace aigw::decision {

void Distribution::add(const Decision& decision) {
    ++decisions_;
    for (const Candidate& candidate : decision.candidates)
        platforms_.try_emplace(decision.platform_of(candidate).name, 0);
    if (decision.verdict() == Verdict::Reject) {
        ++refused_;
    } else {
        ++platforms_[decision.platform_of(*decision.find_candidate(1)).name];
    }
}

std::string render_text(const Distribution& distribution) {
    constexpr std::string_view kRefused = "refused";
    std::size_t width = kRefused.size();
    for (const auto& [name, count] : distribution.platforms()) width = std::max(width, name.size());
    std::string text = fmt::format("over {} decisions\n", distribution.decisions());
    const auto line = [&](std::string_view name, std::uint64_t count) {
        const double share =
            100.0 * static_cast<double>(count) / static_cast<double>(distribution.decisions());
        text += fmt::format("  {:<{}}  {:>8}  {:>5.1f}%\n", name, width, count, share);
    };
    for (const auto& [name, count] : distribution.platforms()) line(name, count);
    if (distribution.refused() > 0) line(kRefused, distribution.refused());
    return text;
}

}  // namespace aigw::decision
