#include "tokens/counter.h"

#include <algorithm>
#include <cmath>

#include "tokens/prefix_counter.h"
#include "tokens/scanner.h"
#include "tokens/utf8.h"

namespace aigw::tokens {

namespace {

// NFC, and U+FFFD for what is broken, make a text at most three times as long; NFC makes it at most
// three times as short (three conjoining jamo, nine bytes, are one syllable of three).
constexpr std::size_t kMostChange = 3;
// A longer piece is cut where its longest beginning with few enough tokens ends: all of it need not
// be merged.
constexpr std::size_t kLongPiece = 4096;
constexpr std::size_t kSlices = 16;
constexpr std::size_t kSliceBytes = std::size_t{64} << 10U;

std::size_t divided_up(std::size_t value, std::size_t by) {
    return (value + by - 1) / by;
}

template <Encoding Code, class Take>
void each_piece_of(std::string_view clean, Take take) {
    const char* at = clean.data();
    const char* const end = at + clean.size();
    while (at != end) {
        const char* const next = piece_end<Code>(at, end);
        if (!take(std::string_view(at, static_cast<std::size_t>(next - at)))) return;
        at = next;
    }
}

template <Encoding Code>
std::size_t count_pieces(PieceCounter& pieces, std::string_view clean) {
    const char* at = clean.data();
    const char* const end = at + clean.size();
    std::size_t count = 0;
    while (end - at >= 16) {
        const char* const next = piece_end<Code>(at, end);
        count += pieces.count_readable(at, static_cast<std::size_t>(next - at));
        at = next;
    }
    while (at != end) {
        const char* const next = piece_end<Code>(at, end);
        count += pieces.count({at, static_cast<std::size_t>(next - at)});
        at = next;
    }
    return count;
}

// Where the longest beginning with at most `limit` tokens ends, at the end of a character.
std::size_t longest_within(Merger& merger, std::string_view piece, std::size_t limit) {
    PrefixCounter prefix;
    prefix.clear();
    std::size_t cut = 0;
    // No token is longer than kLongestToken: past so many bytes that don't fit, none does.
    for (std::size_t at = 0; at < piece.size() && at - cut < 2 * kLongestToken; ++at) {
        prefix.append(merger, piece.substr(at, 1));
        const bool is_boundary = at + 1 == piece.size() || !continues(piece[at + 1]);
        if (is_boundary && prefix.count() <= limit) cut = at + 1;
    }
    return cut;
}

}  // namespace

Counter::Counter(const Vocabulary& vocabulary)
    : vocabulary_(vocabulary), cleaner_(vocabulary.encoding()), pieces_(vocabulary) {}

template <class Take>
void Counter::each_piece(std::string_view clean, Take take) const {
    switch (vocabulary_.encoding()) {
        case Encoding::Cl100kBase:
            return each_piece_of<Encoding::Cl100kBase>(clean, take);
        case Encoding::O200kBase:
            return each_piece_of<Encoding::O200kBase>(clean, take);
        case Encoding::Qwen:
            return each_piece_of<Encoding::Qwen>(clean, take);
    }
}

std::size_t Counter::count(std::string_view text) {
    const std::string_view clean = cleaner_.clean(text, Origins::Forgotten);
    switch (vocabulary_.encoding()) {
        case Encoding::Cl100kBase:
            return count_pieces<Encoding::Cl100kBase>(pieces_, clean);
        case Encoding::O200kBase:
            return count_pieces<Encoding::O200kBase>(pieces_, clean);
        case Encoding::Qwen:
            return count_pieces<Encoding::Qwen>(pieces_, clean);
    }
    return 0;
}

Bounds Counter::bounds(std::string_view text) const {
    const bool is_clean = cleaner_.is_clean(text);
    const std::size_t longest = is_clean ? kLongestToken : kLongestToken * kMostChange;
    return {divided_up(text.size(), longest), is_clean ? text.size() : text.size() * kMostChange};
}

AtMost Counter::count_at_most(std::string_view text, std::size_t limit) {
    if (text.size() <= limit / kMostChange ||
        (text.size() <= limit && bounds(text).at_most <= limit))
        return {.fits = true, .cut = text.size()};
    // The tokens that are allowed end in this much of the text.
    const std::size_t most = kMostChange * kLongestToken * (limit + 1) + 2 * kLongPiece;
    if (limit < text.size() && most < text.size())
        return cut_at(text.substr(0, character_boundary(text, most)), limit);
    return cut_at(text, limit);
}

AtMost Counter::cut_at(std::string_view text, std::size_t limit) {
    const std::string_view clean = cleaner_.clean(text, Origins::Forgotten);
    const bool is_changed = clean.data() != text.data();
    AtMost result{.fits = true, .cut = text.size()};
    std::size_t count = 0;
    each_piece(clean, [&](std::string_view piece) {
        const std::size_t left = limit - count;
        const std::size_t at_least = divided_up(piece.size(), kLongestToken);
        const std::size_t own = at_least > left ? at_least : pieces_.count(piece);
        count += own;
        result.fits = own <= left;
        if (result.fits) return true;
        result.cut =
            static_cast<std::size_t>(piece.data() - clean.data()) + cut_in_piece(piece, left);
        return false;
    });
    if (result.fits) {
        result.count = count;
    } else {
        // Few texts are changed and cut: only then is it remembered where each byte comes from.
        if (is_changed) cleaner_.clean(text, Origins::Kept);
        result.cut = character_boundary(text, cleaner_.origin(result.cut));
    }
    return result;
}

std::size_t Counter::cut_in_piece(std::string_view piece, std::size_t limit) {
    if (piece.size() > kLongPiece) return longest_within(pieces_.merger(), piece, limit);
    std::size_t cut = 0;
    for (const TokenId token : pieces_.merger().merge(piece).first(limit))
        cut += vocabulary_.shape(token).bytes();
    return character_boundary(piece, cut);
}

std::vector<Token> Counter::encode(std::string_view text) {
    const std::string_view clean = cleaner_.clean(text, Origins::Kept);
    std::vector<Token> tokens;
    std::size_t at = 0;
    std::size_t begin = 0;
    each_piece(clean, [&](std::string_view piece) {
        for (const TokenId token : pieces_.merger().merge(piece)) {
            at += vocabulary_.shape(token).bytes();
            const std::size_t end = cleaner_.origin(at);
            tokens.push_back({.id = token, .begin = begin, .end = end});
            begin = end;
        }
        return true;
    });
    return tokens;
}

Estimate Counter::estimate(std::string_view text, std::size_t exact_bytes) {
    if (text.size() <= exact_bytes) return {.count = count(text), .is_exact = true};
    const std::size_t stride = text.size() / kSlices;
    const std::size_t slice = std::min(stride, kSliceBytes);
    std::size_t counted_bytes = 0;
    std::size_t counted = 0;
    for (std::size_t i = 0; i < kSlices; ++i) {
        const std::size_t begin = character_boundary(text, i * stride);
        const std::size_t end = character_boundary(text, i * stride + slice);
        counted += count(text.substr(begin, end - begin));
        counted_bytes += end - begin;
    }
    if (counted_bytes == 0) return {.count = text.size(), .is_exact = false};
    // In floating point: the product of a long text's bytes and tokens may not fit an integer.
    const double scale = static_cast<double>(text.size()) / static_cast<double>(counted_bytes);
    const long long estimate = std::llround(static_cast<double>(counted) * scale);
    return {.count = static_cast<std::size_t>(estimate), .is_exact = false};
}

}  // namespace aigw::tokens
