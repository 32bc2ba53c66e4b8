#include "protocol/chunk_marks.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <utility>
#if defined(__SSE2__)
#include <emmintrin.h>
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

__m128i load(const char* from) {
    __m128i block;
    std::memcpy(&block, from, sizeof(block));
    return block;
}

template <std::size_t I>
[[gnu::always_inline]] inline __m128i find_clue(__m128i here, __m128i there) {
    constexpr Clue kClue = kClues[I];
    return _mm_and_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8(kClue.first)),
                         _mm_cmpeq_epi8(there, _mm_set1_epi8(kClue.second)));
}

// A bit for each of the sixteen positions from `at` where a key is suspected.
template <std::size_t... I>
[[gnu::always_inline]] inline std::uint32_t find_clues(const char* at, std::index_sequence<I...>) {
    const __m128i here = load(at);
    const __m128i there = load(at + kDistance);
    const __m128i clues = (find_clue<I>(here, there) | ...);
    return static_cast<std::uint32_t>(_mm_movemask_epi8(clues));
}

#endif

}  // namespace

ChunkMarks find_chunk_marks(std::string_view json) {
    ChunkMarks marks;
    std::size_t at = 0;
#if defined(__SSE2__)
    constexpr std::size_t kBlock = sizeof(__m128i);
    constexpr auto kEveryClue = std::make_index_sequence<kClues.size()>();
    while (at + kBlock + kDistance <= json.size()) {
        for (auto clues = find_clues(json.data() + at, kEveryClue); clues != 0; clues &= clues - 1)
            check_clue(json, at + static_cast<std::size_t>(std::countr_zero(clues)), marks);
        at += kBlock;
        // The last block begins early enough to be whole; looking at a byte twice does no harm.
        const std::size_t last = json.size() - kBlock - kDistance;
        if (at > last && at < last + kBlock) at = last;
    }
#endif
    for (; at + kDistance < json.size(); ++at) check_clue(json, at, marks);
    return marks;
}

}  // namespace aigw::protocol
