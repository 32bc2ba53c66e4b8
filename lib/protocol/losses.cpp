#include "protocol/losses.h"

#include <algorithm>

namespace aigw::protocol {
namespace {

constexpr std::size_t kMaxEntries = 16;
constexpr std::size_t kMaxHeader = 1'000;

bool is_strict(const Loss& loss) {
    switch (loss.kind) {
        case LossKind::Dropped:
        case LossKind::Clamped:
        case LossKind::Approximated:
            return true;
        case LossKind::Rewritten:
        case LossKind::Repaired:
        case LossKind::Estimated:
            return false;
    }
    return false;
}

}  // namespace

std::string_view name_of(LossKind kind) {
    switch (kind) {
        case LossKind::Dropped:
            return "dropped";
        case LossKind::Clamped:
            return "clamped";
        case LossKind::Rewritten:
            return "rewritten";
        case LossKind::Approximated:
            return "approximated";
        case LossKind::Repaired:
            return "repaired";
        case LossKind::Estimated:
            return "estimated";
    }
    return "";
}

void Losses::add(LossKind kind, std::string_view path) {
    // A history may break a rule at each of its turns: what the header and the log can hold, and
    // the counters tell apart, is enough.
    constexpr std::size_t kMaxKept = 1'000;
    if (entries_.size() >= kMaxKept) return;
    const bool is_known = std::ranges::any_of(
        entries_, [&](const Loss& loss) { return loss.kind == kind && loss.path == path; });
    if (!is_known) entries_.push_back({kind, std::string(path)});
}

const Loss* Losses::find_strict() const {
    const auto found = std::ranges::find_if(entries_, is_strict);
    return found == entries_.end() ? nullptr : &*found;
}

std::string Losses::header() const {
    // Room for what follows the last entry.
    constexpr std::size_t kRest = 8;
    std::string text;
    std::size_t written = 0;
    for (const Loss& loss : entries_) {
        const std::size_t size = name_of(loss.kind).size() + 1 + loss.path.size() + 2;
        if (written == kMaxEntries || text.size() + size + kRest > kMaxHeader) break;
        if (written++ > 0) text.append(", ");
        text.append(name_of(loss.kind)).append(":").append(loss.path);
    }
    if (written < entries_.size())
        text.append(written > 0 ? ", +" : "+").append(std::to_string(entries_.size() - written));
    return text;
}

std::string_view field_of(std::string_view path) {
    return path.substr(0, path.find_first_of(".["));
}

}  // namespace aigw::protocol
