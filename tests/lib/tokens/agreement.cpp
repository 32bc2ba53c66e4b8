#include "tests/lib/tokens/agreement.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "tokens/heap_merger.h"
#include "tokens/prefix_counter.h"
#include "tokens/scanner.h"
#include "tokens/utf8.h"
#include "tokens/vocabularies.h"

namespace aigw::tokens {

namespace {

std::string says(const Vocabulary& vocabulary, std::string_view what, std::size_t got,
                 std::size_t wanted) {
    return std::string(encoding_name(vocabulary.encoding())) + ": " + std::string(what) + " is " +
           std::to_string(got) + ", not " + std::to_string(wanted);
}

const char* end_of_piece(Encoding encoding, const char* at, const char* end) {
    switch (encoding) {
        case Encoding::Cl100kBase:
            return piece_end<Encoding::Cl100kBase>(at, end);
        case Encoding::O200kBase:
            return piece_end<Encoding::O200kBase>(at, end);
        case Encoding::Qwen:
            return piece_end<Encoding::Qwen>(at, end);
    }
    return end;
}

std::optional<std::string> ranges_disagreement(const Vocabulary& vocabulary,
                                               const std::vector<Token>& tokens,
                                               std::size_t bytes) {
    std::size_t at = 0;
    for (const Token& token : tokens) {
        if (token.begin != at || token.end < at)
            return says(vocabulary, "a token's beginning", token.begin, at);
        at = token.end;
    }
    if (at != bytes) return says(vocabulary, "the last token's end", at, bytes);
    return std::nullopt;
}

std::optional<std::string> limit_disagreement(Counter& counter, std::string_view text,
                                              std::size_t count, std::size_t limit) {
    const Vocabulary& vocabulary = counter.vocabulary();
    const AtMost answer = counter.count_at_most(text, limit);
    const std::string question = "fitting " + std::to_string(limit);
    if (answer.fits != (count <= limit)) return says(vocabulary, question, answer.fits, count);
    if (answer.count && *answer.count != count)
        return says(vocabulary, question + ": the count", *answer.count, count);
    if (answer.cut > text.size() || (answer.fits && answer.cut != text.size()))
        return says(vocabulary, question + ": the cut", answer.cut, text.size());
    const auto kept = text.substr(0, answer.cut);
    // What is kept may be cut into pieces in another way, and what NFC joins is kept or not.
    if (const std::size_t own = counter.count(kept); !answer.fits && own > limit + 2)
        return says(vocabulary, question + ": what is kept", own, limit);
    return std::nullopt;
}

}  // namespace

const Vocabulary& built_vocabulary(Encoding encoding) {
    static const Vocabularies vocabularies({AIGW_VOCABULARY_BUILD_FOLDER});
    const auto found = vocabularies.find(encoding);
    if (!found) {
        std::fprintf(stderr, "%s\n", render_line(found.error()).c_str());
        std::abort();
    }
    return **found;
}

Counter& built_counter(Encoding encoding) {
    static Counter counters[] = {Counter(built_vocabulary(Encoding::Cl100kBase)),
                                 Counter(built_vocabulary(Encoding::O200kBase)),
                                 Counter(built_vocabulary(Encoding::Qwen))};
    return counters[static_cast<std::size_t>(encoding)];
}

std::vector<TokenId> tokens_by_heap(const Vocabulary& vocabulary, std::string_view text) {
    TextCleaner cleaner(vocabulary.encoding());
    HeapMerger merger(vocabulary);
    const std::string_view clean = cleaner.clean(text, Origins::Forgotten);
    std::vector<TokenId> all, tokens;
    const char* at = clean.data();
    const char* const end = at + clean.size();
    while (at != end) {
        const char* const next = end_of_piece(vocabulary.encoding(), at, end);
        merger.merge({at, static_cast<std::size_t>(next - at)}, tokens);
        all.insert(all.end(), tokens.begin(), tokens.end());
        at = next;
    }
    return all;
}

std::string_view whole_characters(std::string_view text) {
    std::size_t at = 0;
    while (at != text.size()) {
        const Decoded decoded = decode(text.data() + at, text.data() + text.size());
        if (decoded.form == Utf8Form::Cut) break;
        at += decoded.bytes;
    }
    return text.substr(0, at);
}

std::optional<std::string> count_disagreement(Counter& counter, std::string_view text) {
    const Vocabulary& vocabulary = counter.vocabulary();
    const std::vector<TokenId> wanted = tokens_by_heap(vocabulary, text);
    const std::size_t count = counter.count(text);
    if (count != wanted.size()) return says(vocabulary, "the count", count, wanted.size());
    const std::vector<Token> tokens = counter.encode(text);
    if (!std::ranges::equal(tokens, wanted, {}, &Token::id))
        return says(vocabulary, "what is encoded", tokens.size(), wanted.size());
    if (auto why = ranges_disagreement(vocabulary, tokens, text.size())) return why;
    const Bounds bounds = counter.bounds(text);
    if (count < bounds.at_least) return says(vocabulary, "the least", bounds.at_least, count);
    if (count > bounds.at_most) return says(vocabulary, "the most", bounds.at_most, count);
    for (const std::size_t limit :
         {count + 1, count, count - (count > 0 ? 1 : 0), count / 2, count / 100, std::size_t{0}}) {
        if (auto why = limit_disagreement(counter, text, count, limit)) return why;
    }
    return std::nullopt;
}

std::optional<std::string> stream_disagreement(Counter& counter, std::string_view text,
                                               const std::vector<std::size_t>& lengths) {
    const Vocabulary& vocabulary = counter.vocabulary();
    StreamCounter stream(counter);
    std::size_t fed = 0;
    for (std::size_t i = 0; fed != text.size(); ++i) {
        const auto part = text.substr(fed, lengths[i % lengths.size()]);
        stream.feed(part);
        fed += part.size();
        const std::size_t wanted = counter.count(whole_characters(text.substr(0, fed)));
        if (const std::size_t got = stream.total(); got != wanted)
            return says(vocabulary, "after " + std::to_string(fed) + " bytes the total", got,
                        wanted);
        if (stream.exceeds(wanted)) return says(vocabulary, "exceeding", wanted, wanted);
        if (wanted == 0) continue;
        const auto cut = stream.find_cut(wanted - 1);
        if (!cut || *cut > part.size())
            return says(vocabulary, "the cut of a part", cut.value_or(~std::size_t{0}),
                        part.size());
    }
    stream.finish();
    if (const std::size_t wanted = counter.count(text); stream.total() != wanted)
        return says(vocabulary, "the stream's end", stream.total(), wanted);
    return std::nullopt;
}

std::string odd_text(std::uint64_t seed) {
    static constexpr std::array<std::string_view, 64> kParts = {"a",
                                                                "b",
                                                                "A",
                                                                "B",
                                                                "e",
                                                                "E",
                                                                "z",
                                                                "the",
                                                                " the",
                                                                "The",
                                                                "ing",
                                                                "ERROR",
                                                                "camelCase",
                                                                "x_y",
                                                                " ",
                                                                "  ",
                                                                "    ",
                                                                "\n",
                                                                "\r",
                                                                "\r\n",
                                                                "\t",
                                                                "\xC2\x85",
                                                                "\xE2\x80\xA8",
                                                                "\xE3\x80\x80",
                                                                "\xE1\xA0\x8E",
                                                                "\xEF\xBB\xBF",
                                                                "'",
                                                                "'s",
                                                                "'S",
                                                                "'r",
                                                                "'ll",
                                                                "\xC5\xBF",
                                                                "1",
                                                                "23",
                                                                "\xC2\xBD",
                                                                "\xEF\xBC\x92",
                                                                "\xE0\xA5\xAB",
                                                                "-",
                                                                "=",
                                                                "/",
                                                                "//",
                                                                "!",
                                                                "#$%",
                                                                "<|endoftext|>",
                                                                "\xC3\xA9",
                                                                "e\xCC\x81",
                                                                "\xCC\xA3",
                                                                "\xCC\x81",
                                                                "\xE2\x84\xAB",
                                                                "\xE6\x97\xA5\xE6\x9C\xAC",
                                                                "\xE7\x9A\x84",
                                                                "\xE5\x93\x88",
                                                                "\xE3\x81\x8B\xE3\x82\x99",
                                                                "\xE1\x84\x80\xE1\x85\xA1",
                                                                "\xE1\x86\xA8",
                                                                "\xEA\xB0\x80",
                                                                "\xE0\xA4\x95\xE0\xA5\x8D",
                                                                "\xE0\xA5\x98",
                                                                "\xD0\x96",
                                                                "\xC7\x85",
                                                                "\xF0\x9F\x98\x80",
                                                                "\xE2\x80\x8D",
                                                                "\xFF",
                                                                "\xE6\x97"};
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t limit) { return random() % limit; };
    std::string text;
    const bool repeats = below(3) == 0;
    for (std::uint64_t parts = 1 + below(60); parts > 0; --parts) {
        const std::string_view part = kParts[below(kParts.size())];
        for (std::uint64_t times = repeats && below(4) == 0 ? below(200) : 1; times > 0; --times)
            text += part;
    }
    return text;
}

}  // namespace aigw::tokens
