#include "protocol/model_traits.h"

namespace aigw::protocol {

Effort nearest_effort(const Efforts& known, Effort wanted) {
    const auto level = static_cast<int>(wanted);
    constexpr int kLast = static_cast<int>(Effort::Max);
    for (int distance = 0; distance <= kLast; ++distance) {
        const int above = level + distance;
        if (above <= kLast && known.has(static_cast<Effort>(above)))
            return static_cast<Effort>(above);
        const int below = level - distance;
        if (below >= 0 && known.has(static_cast<Effort>(below))) return static_cast<Effort>(below);
    }
    return wanted;
}

Needs missing_needs(const ModelTraits& traits) {
    Needs missing;
    // A server that takes no list of parts has no place for an image.
    if (!traits.images || !traits.content_arrays) missing.add(Need::Vision);
    if (!traits.audio) missing.add(Need::Audio);
    return missing;
}

bool has_name(std::string_view names, std::string_view name) {
    while (!names.empty()) {
        const std::size_t end = names.find(' ');
        if (names.substr(0, end) == name) return true;
        if (end == std::string_view::npos) return false;
        names.remove_prefix(end + 1);
    }
    return false;
}

}  // namespace aigw::protocol
