// Turns a vocabulary into the file that index_format.h describes, at build time.
//
// Usage:   aigw_compile_vocabulary ENCODING IN.tokens OUT.index
// Errors:  one line naming the file and the token, exit 1. A token that its own bytes do not merge
//          into is an error: whoever counts relies on it.
// Source:  lib/tokens/data/README.md.
#include <algorithm>
#include <bit>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokens/encoding.h"
#include "tokens/index_format.h"

namespace {

using namespace aigw::tokens;

// Thrown and caught in this file only; main prints it.
struct Unusable : std::runtime_error {
    using std::runtime_error::runtime_error;
};

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw Unusable("cannot be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// One length byte before each token's bytes; its place is its number.
std::vector<std::string_view> split_tokens(std::string_view data) {
    std::vector<std::string_view> tokens;
    while (!data.empty()) {
        const std::size_t bytes = static_cast<unsigned char>(data[0]);
        if (bytes == 0 || bytes > kLongestToken || bytes >= data.size())
            throw Unusable("token " + std::to_string(tokens.size()) + " has no right length");
        tokens.push_back(data.substr(1, bytes));
        data.remove_prefix(1 + bytes);
    }
    if (tokens.size() >= 1U << kTokenBits) throw Unusable("has too many tokens");
    return tokens;
}

// ---- What each token was merged from ---------------------------------------------------------

class Merges {
public:
    explicit Merges(const std::vector<std::string_view>& tokens)
        : parents(tokens.size()), byte_tokens_found_(256, false) {
        // In the order of ranks: a token's bytes are merged by those before it only.
        for (TokenId token = 0; token < tokens.size(); ++token) add(token, tokens[token]);
        if (std::ranges::count(byte_tokens_found_, true) != 256)
            throw Unusable("lacks a token of one byte");
    }

    std::vector<TokenParents> parents;
    std::array<TokenId, 256> byte_tokens{};
    std::unordered_map<std::uint64_t, TokenId> pairs;

private:
    void add(TokenId token, std::string_view bytes) {
        if (bytes.size() == 1) {
            parents[token] = {token, token};
            const auto byte = static_cast<unsigned char>(bytes[0]);
            byte_tokens[byte] = token;
            byte_tokens_found_[byte] = true;
            return;
        }
        const std::vector<TokenId> parts = merge(bytes);
        if (parts.size() != 2)
            throw Unusable("token " + std::to_string(token) + " is not merged from two");
        parents[token] = {parts[0], parts[1]};
        pairs.emplace(pair_key(parts[0], parts[1]), token);
    }

    std::vector<TokenId> merge(std::string_view bytes) const {
        std::vector<TokenId> parts;
        for (const char c : bytes) {
            if (!byte_tokens_found_[static_cast<unsigned char>(c)])
                throw Unusable("a byte comes later than a token with it");
            parts.push_back(byte_tokens[static_cast<unsigned char>(c)]);
        }
        for (;;) {
            std::size_t best_at = 0;
            TokenId best = kNoToken;
            for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
                const auto found = pairs.find(pair_key(parts[i], parts[i + 1]));
                if (found != pairs.end() && found->second < best) {
                    best = found->second;
                    best_at = i;
                }
            }
            if (best == kNoToken) return parts;
            parts[best_at] = best;
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best_at) + 1);
        }
    }

    std::vector<bool> byte_tokens_found_;
};

// The tables `pairs` and `filter`.
struct PairTables {
    explicit PairTables(const std::vector<TokenParents>& parents) {
        unsigned bits = 10;
        while (parents.size() * 5 > std::size_t{4} << bits) ++bits;
        const std::size_t mask = (std::size_t{1} << bits) - 1;
        slots.resize(mask + 1, kEmptyPair);
        filter.resize(slots.size() * kFilterBitsPerSlot / 64);
        for (TokenId token = 0; token < parents.size(); ++token) {
            const auto [left, right] = parents[token];
            if (left == token) continue;
            const std::uint64_t key = pair_key(left, right);
            std::size_t at = pair_hash(key) >> (64 - bits);
            while (slots[at] != kEmptyPair) at = (at + 1) & mask;
            slots[at] = key << kTokenBits | token;
            const std::uint64_t bit = pair_hash(key) >> (64 - bits - kFilterBits);
            filter[bit / 64] |= std::uint64_t{1} << bit % 64;
        }
    }

    std::vector<PairSlot> slots;
    std::vector<std::uint64_t> filter;

private:
    static constexpr unsigned kFilterBits = std::countr_zero(kFilterBitsPerSlot);
};

// ---- The trie --------------------------------------------------------------------------------

struct Node {
    std::uint8_t label = 0;
    TokenId token = kNoToken;
    std::vector<std::uint32_t> children{};
};

std::vector<Node> make_nodes(const std::vector<std::string_view>& tokens,
                             std::vector<TokenShape>& shapes) {
    std::vector<TokenId> order(tokens.size());
    std::iota(order.begin(), order.end(), 0U);
    std::ranges::sort(order, {}, [&](TokenId token) { return tokens[token]; });
    std::vector<Node> nodes(1);
    for (const TokenId token : order) {
        std::uint32_t at = 0;
        TokenId shorter = kNoToken;
        for (const char c : tokens[token]) {
            const auto label = static_cast<std::uint8_t>(c);
            if (nodes[at].token != kNoToken) shorter = nodes[at].token;
            // Sorted: a child with this label can only be the last one.
            if (nodes[at].children.empty() || nodes[nodes[at].children.back()].label != label) {
                nodes[at].children.push_back(static_cast<std::uint32_t>(nodes.size()));
                nodes.push_back({.label = label});
            }
            at = nodes[at].children.back();
        }
        if (nodes[at].token != kNoToken)
            throw Unusable("token " + std::to_string(token) + " is there twice");
        nodes[at].token = token;
        shapes[token] = TokenShape(static_cast<std::uint32_t>(tokens[token].size()), shorter);
    }
    return nodes;
}

// Gives every node a base so that its children's units are free and no other node has that base:
// those with many children first, those with one fill the holes.
class TriePlacer {
public:
    explicit TriePlacer(const std::vector<Node>& nodes) : nodes_(nodes), bases_(nodes.size()) {
        std::vector<std::uint32_t> order(nodes.size());
        std::iota(order.begin(), order.end(), 0U);
        std::ranges::stable_sort(order, std::ranges::greater{},
                                 [&](std::uint32_t node) { return nodes[node].children.size(); });
        for (const std::uint32_t node : order) {
            if (!nodes[node].children.empty()) place(node);
        }
    }

    std::uint32_t root_base() const { return bases_[0]; }

    std::vector<TrieUnit> units() const {
        // Up to the end of the last block in use: `base ^ byte` stays inside.
        std::vector<TrieUnit> units((last_taken_ / kBlock + 1) * kBlock);
        for (std::uint32_t node = 0; node < nodes_.size(); ++node) {
            for (const std::uint32_t child : nodes_[node].children) {
                units[unit_of(bases_[node], child)] =
                    TrieUnit(nodes_[child].token, bases_[child], nodes_[child].label);
            }
        }
        return units;
    }

private:
    static constexpr std::uint32_t kBlock = 256;

    std::uint32_t unit_of(std::uint32_t base, std::uint32_t child) const {
        return base ^ nodes_[child].label;
    }

    // Nodes with as many children never look where another of them found no place: linear.
    void place(std::uint32_t node) {
        const std::vector<std::uint32_t>& children = nodes_[node].children;
        if (children.size() != children_count_) {
            children_count_ = children.size();
            while (is_taken(first_free_)) ++first_free_;
            search_from_ = first_free_;
        }
        for (;; ++search_from_) {
            if (is_taken(search_from_)) continue;
            const std::uint32_t base = unit_of(search_from_, children[0]);
            if (!is_base_[base] && fits(base, children)) break;
        }
        take(node, unit_of(search_from_, children[0]));
    }

    bool is_taken(std::uint32_t unit) {
        if (unit / kBlock * kBlock + kBlock > is_taken_.size()) {
            is_taken_.resize((unit / kBlock + 1) * kBlock);
            is_base_.resize(is_taken_.size());
        }
        return is_taken_[unit];
    }

    bool fits(std::uint32_t base, const std::vector<std::uint32_t>& children) const {
        return std::ranges::none_of(
            children, [&](std::uint32_t child) { return is_taken_[unit_of(base, child)]; });
    }

    void take(std::uint32_t node, std::uint32_t base) {
        bases_[node] = base;
        is_base_[base] = true;
        for (const std::uint32_t child : nodes_[node].children) {
            is_taken_[unit_of(base, child)] = true;
            last_taken_ = std::max(last_taken_, unit_of(base, child));
        }
    }

    const std::vector<Node>& nodes_;
    std::vector<std::uint32_t> bases_;
    std::vector<bool> is_taken_, is_base_;
    std::size_t children_count_ = 0;
    std::uint32_t first_free_ = kBlock;
    std::uint32_t search_from_ = kBlock;
    std::uint32_t last_taken_ = kBlock;
};

// ---- The file --------------------------------------------------------------------------------

template <class Row>
void append(std::string& content, const std::vector<Row>& rows) {
    content.append(reinterpret_cast<const char*>(rows.data()), rows.size() * sizeof(Row));
    content.resize(aligned(content.size()));
}

std::string compile(Encoding encoding, std::string_view data) {
    const std::vector<std::string_view> tokens = split_tokens(data);
    const Merges merges(tokens);
    const PairTables pairs(merges.parents);
    std::vector<TokenShape> shapes(tokens.size());
    const std::vector<Node> nodes = make_nodes(tokens, shapes);
    const TriePlacer trie(nodes);
    const std::vector<TrieUnit> units = trie.units();
    std::string content;
    append(content, units);
    append(content, pairs.filter);
    append(content, pairs.slots);
    append(content, merges.parents);
    append(content, shapes);
    IndexHeader header{.encoding = static_cast<std::uint32_t>(encoding),
                       .file_bytes = sizeof(IndexHeader) + content.size(),
                       .checksum = index_checksum(content),
                       .trie_units = static_cast<std::uint32_t>(units.size()),
                       .pair_slots = static_cast<std::uint32_t>(pairs.slots.size()),
                       .token_count = static_cast<std::uint32_t>(tokens.size()),
                       .root_base = trie.root_base(),
                       .byte_tokens = merges.byte_tokens};
    return std::string(reinterpret_cast<const char*>(&header), sizeof(header)) + content;
}

}  // namespace

int main(int argc, char** argv) {
    const auto encoding = argc == 4 ? find_encoding(argv[1]) : std::nullopt;
    if (!encoding) {
        std::cerr << "usage: aigw_compile_vocabulary ENCODING IN.tokens OUT.index\n";
        return 2;
    }
    try {
        const std::string data = read(argv[2]);
        const std::string index = compile(*encoding, data);
        std::ofstream out(argv[3], std::ios::binary);
        out << index;
        out.close();
        if (!out) throw Unusable("cannot be written to " + std::string(argv[3]));
    } catch (const std::exception& problem) {
        std::cerr << "aigw_compile_vocabulary: " << argv[2] << ": " << problem.what() << "\n";
        return 1;
    }
    return 0;
}
