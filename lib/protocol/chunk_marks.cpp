#include "protocol/chunk_marks.h"

#include <array>
#include <cassert>
#include <cstdint>
#include <cstring>

namespace aigw::protocol {
namespace {

// A key is suspected where two bytes stand that are rare at that distance in chunks and in prose;
// only there is it compared whole.
constexpr std::array kClues = {Clue{'s', 'e'}, Clue{'_', 'a'}, Clue{'r', 'r'}};

struct Key {
    std::string_view quoted;
    std::size_t clue_at;  // the first of the two bytes
    std::uint8_t mark;

    constexpr bool has_clue() const {
        for (const Clue& clue : kClues) {
            if (quoted[clue_at] == clue.first && quoted[clue_at + kClueDistance] == clue.second)
                return true;
        }
        return false;
    }
};

constexpr std::uint8_t kUsageMark = 1;
constexpr std::uint8_t kFinishReasonMark = 2;
constexpr std::uint8_t kErrorMark = 4;
constexpr std::uint8_t kMessageMark = 8;
constexpr Key kUsage{"\"usage\"", 2, kUsageMark};
constexpr Key kFinishReason{"\"finish_reason\"", 7, kFinishReasonMark};
constexpr Key kError{"\"error\"", 2, kErrorMark};
constexpr Key kMessage{"\"message\"", 4, kMessageMark};
static_assert(kUsage.has_clue() && kFinishReason.has_clue() && kError.has_clue() &&
              kMessage.has_clue());

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

// By words: a call into the library for each key costs more than the comparison.
template <std::size_t N>
bool is_same(const char* bytes, std::string_view text) {
    static_assert(N >= sizeof(std::uint32_t));
    assert(text.size() == N);
    const char* wanted = text.data();
    const auto differ = [&]<class Word>(std::size_t at, Word) {
        Word a;
        Word b;
        std::memcpy(&a, bytes + at, sizeof(a));
        std::memcpy(&b, wanted + at, sizeof(b));
        return a ^ b;
    };
    std::uint64_t difference = 0;
    if constexpr (N < sizeof(std::uint64_t)) {
        difference |= differ(0, std::uint32_t{});
        difference |= differ(N - sizeof(std::uint32_t), std::uint32_t{});
    } else {
        for (std::size_t at = 0; at + sizeof(std::uint64_t) <= N; at += sizeof(std::uint64_t))
            difference |= differ(at, std::uint64_t{});
        difference |= differ(N - sizeof(std::uint64_t), std::uint64_t{});
    }
    return difference == 0;
}

// The mark of a key that stands around the clue at `position`, with a value.
template <const Key& Wanted>
std::uint8_t look_for(std::string_view json, std::size_t position) {
    constexpr std::size_t kSize = Wanted.quoted.size();
    const std::size_t begin = position - Wanted.clue_at;
    if (position < Wanted.clue_at || json.size() - begin < kSize) return 0;
    if (!is_same<kSize>(json.data() + begin, Wanted.quoted)) return 0;
    // As most vendors write it into every chunk.
    constexpr std::string_view kNothing = ":null";
    const char* value = json.data() + begin + kSize;
    if (json.size() - begin - kSize >= kNothing.size() && is_same<kNothing.size()>(value, kNothing))
        return 0;
    return has_value(json, begin + kSize) ? Wanted.mark : 0;
}

// The keys that have this clue.
std::uint8_t look(std::string_view json, std::size_t position) {
    switch (json[position]) {
        case 's':
            return look_for<kUsage>(json, position) | look_for<kMessage>(json, position);
        case '_':
            return look_for<kFinishReason>(json, position);
        case 'r':
            return look_for<kError>(json, position);
        default:
            return 0;
    }
}

}  // namespace

const Watch kChunkWatch{kClues, look, {R"(content":")", R"("arguments":")"}};

ChunkMarks marks_of(std::uint8_t seen) {
    return {.usage = (seen & kUsageMark) != 0,
            .finish_reason = (seen & kFinishReasonMark) != 0,
            .error = (seen & kErrorMark) != 0,
            .message = (seen & kMessageMark) != 0};
}

ChunkMarks find_chunk_marks(std::string_view json) {
    std::uint8_t seen = 0;
    for (std::size_t at = 0; at + kClueDistance < json.size(); ++at) seen |= look(json, at);
    return marks_of(seen);
}

}  // namespace aigw::protocol
