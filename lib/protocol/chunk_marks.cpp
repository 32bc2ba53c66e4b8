#include "protocol/chunk_marks.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace aigw::protocol {
namespace {

// A key is suspected where two bytes stand that are kDistance apart, and rare at that distance in
// chunks and in prose; only there is it compared whole.
constexpr std::size_t kDistance = 3;

struct Key {
    std::string_view quoted;
    std::size_t clue;  // of the first of the two bytes
    bool ChunkMarks::* mark;

    constexpr char first() const { return quoted[clue]; }
    constexpr char second() const { return quoted[clue + kDistance]; }
};

constexpr std::array kKeys = {
    Key{"\"usage\"", 1, &ChunkMarks::usage},                  // u..g
    Key{"\"finish_reason\"", 7, &ChunkMarks::finish_reason},  // _..a
    Key{"\"error\"", 0, &ChunkMarks::error},                  // "..r
    Key{"\"message\"", 1, &ChunkMarks::message},              // m..s
};

bool has_value(std::string_view rest) {
    const auto skip_blanks = [&] {
        const std::size_t count = rest.find_first_not_of(" \t\r\n");
        rest.remove_prefix(count == std::string_view::npos ? rest.size() : count);
    };
    skip_blanks();
    if (!rest.starts_with(':')) return false;
    rest.remove_prefix(1);
    skip_blanks();
    return !rest.empty() && !rest.starts_with("null");
}

// Looks whether a key stands around the clue at `position`.
void check_clue(std::string_view json, std::size_t position, ChunkMarks& marks) {
    for (const Key& key : kKeys) {
        if (position < key.clue) continue;
        const std::size_t begin = position - key.clue;
        if (json.compare(begin, key.quoted.size(), key.quoted) != 0) continue;
        if (has_value(json.substr(begin + key.quoted.size()))) marks.*key.mark = true;
    }
}

void check_bytes(std::string_view json, std::size_t begin, ChunkMarks& marks) {
    for (std::size_t i = begin; i + kDistance < json.size(); ++i) {
        for (const Key& key : kKeys) {
            if (json[i] == key.first() && json[i + kDistance] == key.second())
                check_clue(json, i, marks);
        }
    }
}

}  // namespace

ChunkMarks find_chunk_marks(std::string_view json) {
    ChunkMarks marks;
    std::size_t at = 0;
#if defined(__SSE2__)
    constexpr std::size_t kBlock = sizeof(__m128i);
    const auto load = [&](std::size_t from) {
        __m128i block;
        std::memcpy(&block, json.data() + from, kBlock);
        return block;
    };
    for (; at + kDistance + kBlock <= json.size(); at += kBlock) {
        const __m128i here = load(at);
        const __m128i there = load(at + kDistance);
        __m128i clues = _mm_setzero_si128();
        for (const Key& key : kKeys) {
            const __m128i both = _mm_and_si128(_mm_cmpeq_epi8(here, _mm_set1_epi8(key.first())),
                                               _mm_cmpeq_epi8(there, _mm_set1_epi8(key.second())));
            clues = _mm_or_si128(clues, both);
        }
        auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(clues));
        for (; bits != 0; bits &= bits - 1) {
            check_clue(json, at + static_cast<std::size_t>(std::countr_zero(bits)), marks);
        }
    }
#endif
    check_bytes(json, at, marks);
    return marks;
}

}  // namespace aigw::protocol
