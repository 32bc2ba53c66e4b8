#include "tokens/prefix_counter.h"

namespace aigw::tokens {

void PrefixCounter::clear() {
    bytes_ = 0;
    walk_count_ = 0;
}

void PrefixCounter::append_byte(Merger& merger, char byte) {
    const Vocabulary& vocabulary = merger.vocabulary();
    walks_[walk_count_++] = {vocabulary.trie_root(), 0};
    bytes_ += 1;
    End end;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < walk_count_; ++i) {
        const Walk walk = walks_[i];
        const TrieUnit unit = vocabulary.trie_unit(walk.base, static_cast<std::uint8_t>(byte));
        if (!unit.has_label(static_cast<std::uint8_t>(byte))) continue;
        const std::uint32_t length = walk.bytes + 1;
        // A base of 0 leads nowhere.
        if (unit.base() != 0) walks_[kept++] = {unit.base(), length};
        if (unit.token() == kNoToken || end.token != kNoToken) continue;
        const bool is_first = length == bytes_;
        const End& before = ends_[(bytes_ - length) % kLongestToken];
        if (is_first || merger.validity().are_neighbours(before.token, unit.token()))
            end = {unit.token(), is_first ? 1 : before.count + 1};
    }
    walk_count_ = kept;
    ends_[bytes_ % kLongestToken] = end;
}

}  // namespace aigw::tokens
