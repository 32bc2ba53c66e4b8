#include "protocol/chunk_marks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace aigw::protocol {
namespace {

// A key is suspected where two bytes stand that are kDistance apart, and rare at that distance in
// chunks and in prose; only there is it compared whole.
constexpr std::size_t kDistance = 3;

struct Clue {
    char first;
    char second;
};
constexpr std::array kClues = {Clue{'s', 'e'}, Clue{'_', 'a'}, Clue{'r', 'r'}};

struct Key {
    std::string_view quoted;
    std::size_t clue_at;  // the first of the two bytes
    bool ChunkMarks::* mark;

    constexpr bool has_clue() const {
        for (const Clue& clue : kClues) {
            if (quoted[clue_at] == clue.first && quoted[clue_at + kDistance] == clue.second)
                return true;
        }
        return false;
    }
};

constexpr std::size_t kUsage = 0;
constexpr std::size_t kFinishReason = 1;
constexpr std::size_t kError = 2;
constexpr std::size_t kMessage = 3;
constexpr std::array kKeys = {
    Key{"\"usage\"", 2, &ChunkMarks::usage},
    Key{"\"finish_reason\"", 7, &ChunkMarks::finish_reason},
    Key{"\"error\"", 2, &ChunkMarks::error},
    Key{"\"message\"", 4, &ChunkMarks::message},
};
static_assert(kKeys[0].has_clue() && kKeys[1].has_clue() && kKeys[2].has_clue() &&
              kKeys[3].has_clue());

std::size_t skip_blanks(std::string_view json, std::size_t at) {
    while (at < json.size() &&
           (json[at] == ' ' || json[at] == '\t' || json[at] == '\n' || json[at] == '\r'))
        ++at;
    return at;
}

// `at` is just after a key: a value follows, and it is not null.
bool has_value(std::string_view json, std::size_t at) {
    at = skip_blanks(json, at);
    if (at == json.size() || json[at] != ':') return false;
    at = skip_blanks(json, at + 1);
    return at < json.size() && !json.substr(at).starts_with("null");
}

// Looks whether one key stands around the clue at `position`.
template <std::size_t I>
void check_key(std::string_view json, std::size_t position, ChunkMarks& marks) {
    constexpr const Key& kKey = kKeys[I];
    const std::size_t begin = position - kKey.clue_at;
    if (position < kKey.clue_at || json.size() - begin < kKey.quoted.size()) return;
    if (std::memcmp(json.data() + begin, kKey.quoted.data(), kKey.quoted.size()) != 0) return;
    if (has_value(json, begin + kKey.quoted.size())) marks.*kKey.mark = true;
}

// The keys that have this clue.
[[gnu::noinline]] void check_clue(std::string_view json, std::size_t position, ChunkMarks& marks) {
    switch (json[position]) {
        case 's':
            check_key<kUsage>(json, position, marks);
            check_key<kMessage>(json, position, marks);
            break;
        case '_':
            check_key<kFinishReason>(json, position, marks);
            break;
        case 'r':
            check_key<kError>(json, position, marks);
            break;
        default:
            break;
    }
}

#if defined(__SSE2__)

// A block of a text, with a bit for each position in it where a key is suspected.
struct Suspects {
    std::size_t begin;
    std::uint32_t clues;
    bool is_last;
};

// The first block from `at` on that has any, or the last one: that begins early enough to be whole,
// for looking at a byte twice does no harm. The text is longer than a block by kDistance or more.
// Nothing is called in these loops, or what they compare with would be loaded for each block.
Suspects find_in_16(std::string_view json, std::size_t at) {
    constexpr std::size_t kBlock = sizeof(__m128i);
    const std::size_t last = json.size() - kBlock - kDistance;
    while (true) {
        const char* begin = json.data() + at;
        const __m128i here = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin));
        const __m128i there = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begin + kDistance));
        __m128i found = _mm_setzero_si128();
        for (const Clue& clue : kClues) {
            const __m128i first = _mm_cmpeq_epi8(here, _mm_set1_epi8(clue.first));
            const __m128i second = _mm_cmpeq_epi8(there, _mm_set1_epi8(clue.second));
            found = _mm_or_si128(found, _mm_and_si128(first, second));
        }
        const auto clues = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
        if (clues != 0 || at == last) return {at, clues, at == last};
        at = std::min(at + kBlock, last);
    }
}

[[gnu::target("avx2")]] Suspects find_in_32(std::string_view json, std::size_t at) {
    constexpr std::size_t kBlock = sizeof(__m256i);
    const std::size_t last = json.size() - kBlock - kDistance;
    while (true) {
        const char* begin = json.data() + at;
        const __m256i here = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(begin));
        const __m256i there =
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(begin + kDistance));
        __m256i found = _mm256_setzero_si256();
        for (const Clue& clue : kClues) {
            const __m256i first = _mm256_cmpeq_epi8(here, _mm256_set1_epi8(clue.first));
            const __m256i second = _mm256_cmpeq_epi8(there, _mm256_set1_epi8(clue.second));
            found = _mm256_or_si256(found, _mm256_and_si256(first, second));
        }
        const auto clues = static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
        if (clues != 0 || at == last) return {at, clues, at == last};
        at = std::min(at + kBlock, last);
    }
}

template <std::size_t Block, class Find>
ChunkMarks look_through(std::string_view json, Find find) {
    ChunkMarks marks;
    const std::size_t last = json.size() - Block - kDistance;
    for (std::size_t at = 0;; at = std::min(at + Block, last)) {
        const Suspects suspects = find(json, at);
        at = suspects.begin;
        for (std::uint32_t clues = suspects.clues; clues != 0; clues &= clues - 1)
            check_clue(json, at + static_cast<std::size_t>(std::countr_zero(clues)), marks);
        if (suspects.is_last) return marks;
    }
}

const bool kHasAvx2 = __builtin_cpu_supports("avx2") != 0;

#endif

}  // namespace

ChunkMarks find_chunk_marks(std::string_view json) {
#if defined(__SSE2__)
    if (kHasAvx2 && json.size() >= 32 + kDistance) return look_through<32>(json, find_in_32);
    if (json.size() >= 16 + kDistance) return look_through<16>(json, find_in_16);
#endif
    ChunkMarks marks;
    for (std::size_t at = 0; at + kDistance < json.size(); ++at) check_clue(json, at, marks);
    return marks;
}

}  // namespace aigw::protocol
