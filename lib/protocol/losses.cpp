#include "protocol/losses.h"

#include <algorithm>
#include <utility>

namespace aigw::protocol {
namespace {

constexpr std::size_t kMaxEntries = 16;
constexpr std::size_t kMaxHeader = 1'000;
// A history may break a rule at each of its turns: what the header and the log can hold, and the
// counters tell apart, is enough.
constexpr std::size_t kMaxKept = 1'000;

// The first entries, and how many more there are.
std::string join(std::span<const std::string> entries) {
    // Room for what follows the last entry.
    constexpr std::size_t kRest = 8;
    std::string text;
    std::size_t written = 0;
    for (const std::string& entry : entries) {
        if (written == kMaxEntries || text.size() + entry.size() + 2 + kRest > kMaxHeader) break;
        if (written++ > 0) text.append(", ");
        text.append(entry);
    }
    if (written < entries.size())
        text.append(written > 0 ? ", +" : "+").append(std::to_string(entries.size() - written));
    return text;
}

// A field's name is the caller's: as much of it as a line of the log may hold.
std::string plain_path(std::string_view path) {
    constexpr std::size_t kLongest = 80;
    std::string plain(path.substr(0, kLongest));
    std::ranges::replace_if(plain, [](char c) { return c <= ' ' || c > '~'; }, '?');
    return plain;
}

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
    if (entries_.size() >= kMaxKept) return;
    const bool is_known = std::ranges::any_of(
        entries_, [&](const Loss& loss) { return loss.kind == kind && loss.path == path; });
    if (!is_known) entries_.push_back({kind, std::string(path)});
}

const Loss* Losses::find_strict() const {
    const auto found = std::ranges::find_if(entries_, is_strict);
    return found == entries_.end() ? nullptr : &*found;
}

void Losses::ignore(std::string_view path) {
    if (path.empty() || ignored_.size() >= kMaxKept) return;
    std::string plain = plain_path(path);
    if (std::ranges::find(ignored_, plain) == ignored_.end()) ignored_.push_back(std::move(plain));
}

std::string Losses::header() const {
    std::vector<std::string> texts;
    for (const Loss& loss : entries_)
        texts.push_back(std::string(name_of(loss.kind)) + ":" + loss.path);
    return join(texts);
}

std::string Losses::ignored_list() const {
    return join(ignored_);
}

std::string_view field_of(std::string_view path) {
    return path.substr(0, path.find_first_of(".["));
}

}  // namespace aigw::protocol
