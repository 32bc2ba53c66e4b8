#include "protocol/chunk_marks.h"

#include <array>
#include <cstring>

namespace aigw::protocol {
namespace {

// A key is suspected where two bytes stand that are rare at that distance in chunks and in prose;
// only there is it compared whole.
constexpr std::array kClues = {Clue{'s', 'e'}, Clue{'_', 'a'}, Clue{'r', 'r'}};

struct Key {
    std::string_view quoted;
    std::size_t clue_at;  // the first of the two bytes
    bool ChunkMarks::* mark;

    constexpr bool has_clue() const {
        for (const Clue& clue : kClues) {
            if (quoted[clue_at] == clue.first && quoted[clue_at + kClueDistance] == clue.second)
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
void check_clue(std::string_view json, std::size_t position, ChunkMarks& marks) {
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

template <std::size_t N>
bool stands_at(std::string_view text, std::size_t begin, const char (&wanted)[N]) {
    return begin + N - 1 <= text.size() && std::memcmp(text.data() + begin, wanted, N - 1) == 0;
}

// Most vendors write both keys into every chunk, with nothing behind them.
bool is_mark(std::string_view window, std::size_t position) {
    const char first = window[position];
    if (first == '_' && position >= 7 && stands_at(window, position - 7, R"("finish_reason":null)"))
        return false;
    if (first == 's' && position >= 2 && stands_at(window, position - 2, R"("usage":null)"))
        return false;
    ChunkMarks marks;
    check_clue(window, position, marks);
    return marks != ChunkMarks{};
}

}  // namespace

const Watch kChunkWatch{kClues, is_mark};

ChunkMarks find_chunk_marks(std::string_view json) {
    ChunkMarks marks;
    for (std::size_t at = 0; at + kClueDistance < json.size(); ++at) {
        for (const Clue& clue : kClues) {
            if (json[at] == clue.first && json[at + kClueDistance] == clue.second)
                check_clue(json, at, marks);
        }
    }
    return marks;
}

}  // namespace aigw::protocol
