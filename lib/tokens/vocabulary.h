// The tokens of one encoding: a file made at build time, mapped into memory.
//
// Shape:   `longest_match` finds the longest token that a text begins with, `merged` what two
//          neighbours become, `parents` what a token was merged from. A token's id is its rank: the
//          lower merges first.
// Errors:  NotFound when the file is absent, Config when it is none of ours, of another version or
//          not whole. Replace a file by renaming: one that shrinks while it is mapped ends the
//          program.
// Threads: never changes; share it by const reference.
// Source:  index_format.h; data/README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"
#include "tokens/encoding.h"
#include "tokens/index_format.h"

namespace aigw::tokens {

// A file's bytes for as long as this lives.
class MappedFile {
public:
    static Result<MappedFile> open(const std::filesystem::path& path);

    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    MappedFile(const MappedFile&) = delete;
    MappedFile& operator=(const MappedFile&) = delete;
    ~MappedFile();

    std::string_view bytes() const { return {data_, size_}; }
    // Takes no memory of this process until it is read again.
    void let_go() const;

private:
    MappedFile(const char* data, std::size_t size) : data_(data), size_(size) {}

    const char* data_;
    std::size_t size_;
};

class Vocabulary {
public:
    // Maps a file and checks all of it: some milliseconds.
    static Result<Vocabulary> load(const std::filesystem::path& path);

    Encoding encoding() const { return static_cast<Encoding>(header().encoding); }
    std::size_t size() const { return header().token_count; }

    // The token of one byte; every byte has one.
    TokenId byte_token(char byte) const {
        return header().byte_tokens[static_cast<unsigned char>(byte)];
    }

    // The longest token that the text, of one byte at least, begins with.
    TokenId longest_match(const char* at, const char* end) const {
        TokenId found = kNoToken;
        std::uint32_t base = root_base_;
        do {
            const auto byte = static_cast<std::uint8_t>(*at);
            const TrieUnit unit = trie_[base ^ byte];
            if (!unit.has_label(byte)) break;
            if (unit.token() != kNoToken) found = unit.token();
            base = unit.base();
        } while (++at != end);
        return found;
    }

    // A walk of the trie: `base` is `trie_root()` first, then that of the unit found last.
    std::uint32_t trie_root() const { return root_base_; }
    TrieUnit trie_unit(std::uint32_t base, std::uint8_t byte) const { return trie_[base ^ byte]; }

    // What two neighbours merge into; kNoToken when they don't.
    TokenId merged(TokenId left, TokenId right) const {
        const std::uint64_t key = pair_key(left, right);
        const std::uint64_t hash = pair_hash(key);
        const std::uint64_t bit = hash >> filter_shift_;
        if ((filter_[bit / 64] >> bit % 64 & 1U) == 0) return kNoToken;
        for (std::size_t at = hash >> pair_shift_;; at = (at + 1) & pair_mask_) {
            const PairSlot slot = pairs_[at];
            if (slot >> kTokenBits == key)
                return static_cast<TokenId>(slot & ((1U << kTokenBits) - 1));
            if (slot == kEmptyPair) return kNoToken;
        }
    }

    const TokenParents& parents(TokenId token) const { return parents_[token]; }
    TokenShape shape(TokenId token) const { return shapes_[token]; }

    void append_bytes(TokenId token, std::string& out) const;

private:
    explicit Vocabulary(MappedFile file);

    const IndexHeader& header() const {
        return *reinterpret_cast<const IndexHeader*>(file_.bytes().data());
    }

    MappedFile file_;
    const TrieUnit* trie_;
    const std::uint64_t* filter_;
    const PairSlot* pairs_;
    const TokenParents* parents_;
    const TokenShape* shapes_;
    std::uint32_t root_base_;
    unsigned filter_shift_;
    unsigned pair_shift_;
    std::size_t pair_mask_;
};

}  // namespace aigw::tokens
