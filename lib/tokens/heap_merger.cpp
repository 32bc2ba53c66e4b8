#include "tokens/heap_merger.h"

#include <algorithm>
#include <functional>

namespace aigw::tokens {

namespace {

// Longer pieces give their memory back.
constexpr std::size_t kKeptParts = 1U << 16U;

}  // namespace

void HeapMerger::merge(std::string_view piece, std::vector<TokenId>& tokens) {
    const auto size = static_cast<Place>(piece.size());
    parts_.resize(size);
    heap_.clear();
    for (Place place = 0; place < size; ++place) {
        parts_[place] = {.token = vocabulary_.byte_token(piece[place]),
                         .before = place == 0 ? kEnd : place - 1,
                         .after = place + 1 == size ? kEnd : place + 1};
    }
    for (Place place = 0; place + 1 < size; ++place) {
        const TokenId merged = vocabulary_.merged(parts_[place].token, parts_[place + 1].token);
        if (merged != kNoToken) heap_.push_back({merged, place});
    }
    std::ranges::make_heap(heap_, std::greater{});
    while (!heap_.empty()) {
        std::ranges::pop_heap(heap_, std::greater{});
        const Candidate candidate = heap_.back();
        heap_.pop_back();
        if (is_current(candidate)) join(candidate);
    }
    tokens.clear();
    for (Place place = 0; place != kEnd; place = parts_[place].after)
        tokens.push_back(parts_[place].token);
    if (parts_.capacity() > kKeptParts) parts_ = {};
    if (heap_.capacity() > kKeptParts) heap_ = {};
}

// A pair that has changed since it was offered was offered again if it still merges.
bool HeapMerger::is_current(const Candidate& candidate) const {
    const Part& left = parts_[candidate.place];
    if (left.token == kNoToken || left.after == kEnd) return false;
    const TokenParents& parents = vocabulary_.parents(candidate.merged);
    return parents.left == left.token && parents.right == parts_[left.after].token;
}

void HeapMerger::join(const Candidate& candidate) {
    Part& left = parts_[candidate.place];
    Part& right = parts_[left.after];
    left.token = candidate.merged;
    left.after = right.after;
    right.token = kNoToken;
    if (left.after != kEnd) {
        parts_[left.after].before = candidate.place;
        offer(candidate.place);
    }
    if (left.before != kEnd) offer(left.before);
}

void HeapMerger::offer(Place place) {
    const Part& left = parts_[place];
    const TokenId merged = vocabulary_.merged(left.token, parts_[left.after].token);
    if (merged == kNoToken) return;
    heap_.push_back({merged, place});
    std::ranges::push_heap(heap_, std::greater{});
}

}  // namespace aigw::tokens
