// How much of one answer fits, while it is being written.
//
// Shape:   the answer's texts come in pieces, one text after the other, and are thought of as laid
//          end to end: a place in the answer is a number of bytes. What lies before certain() fits
//          whatever follows; what lies behind it has to wait, which happens only within a piece of
//          the vocabulary's (a word, some digits) of the limit, and ends with that piece. So where
//          the answer is cut depends on its text, not on how the vendor split it.
// Cut:     where the last token that is allowed ends, as the whole text is cut into tokens, or the
//          last character that is whole before it. Counted in one go, what is left has exactly
//          tokens(): the limit, unless no end of a character gives that.
// Counts:  as AnswerMeter: texts that are parts of their own do not join; models whose vocabulary
//          is not known are scaled by a factor, and never over the limit. Without a counter four
//          bytes are a token.
// Threads: those of the counter, which is borrowed.
// Cost:    of a piece that of StreamCounter; the answer is encoded once more, near its end, where
//          it is cut.
// Source:  contracts of the project (output truncated while streaming).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tokens/answer_count.h"
#include "tokens/counter.h"
#include "tokens/model_counter.h"
#include "tokens/script_factors.h"
#include "tokens/stream_counter.h"

namespace aigw::policy {

// What counts an answer. The counter is one of the model's encoding, or nullptr where its
// vocabulary is not at hand.
struct Measure {
    tokens::ModelCounter model{};
    tokens::Counter* counter = nullptr;
};

// A text that is counted by itself.
struct TextPlace {
    enum class Kind : std::uint8_t { Text, Thinking, Refusal, Name, Arguments };

    Kind kind = Kind::Text;
    std::uint32_t number = 0;  // of the call, of the block
    friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

class OutputGauge {
public:
    OutputGauge(std::int64_t max_tokens, Measure measure);

    // The next piece of the answer: of the text that is open, else of a new one. Pieces are whole
    // characters. Behind a cut nothing is taken.
    void add(TextPlace place, std::string_view text);
    // A text that is cut nowhere: it fits as it is, or the answer ends before it.
    void add_whole(TextPlace place, std::string_view text);
    // A call's name, likewise; it is worth nothing where none of its arguments fits.
    void add_name(std::uint32_t call, std::string_view name);
    // A call that is cut nowhere.
    void add_call(std::uint32_t call, std::string_view name, std::string_view arguments);
    // The text that is open has ended.
    void close();

    std::size_t taken() const { return taken_; }
    std::size_t certain() const { return certain_; }
    // Where the answer is cut, once that is known.
    std::optional<std::size_t> cut() const { return cut_; }

    // Of what was taken, up to the cut.
    tokens::AnswerTokens tokens();

private:
    // A place in the open text, a token's certain end, and what stands before it.
    struct Mark {
        std::size_t bytes = 0;
        std::size_t tokens = 0;
    };
    // The open text, and of it what may have to be counted again.
    struct Open {
        TextPlace place{};
        std::size_t begin = 0;
        std::optional<tokens::StreamCounter> stream{};  // where there is a counter
        tokens::ScriptCount scripts{};                  // of all of it; of inexact models
        Mark anchor{};                                  // where `tail` begins
        Mark next_anchor{};
        tokens::ScriptCount before_tail{};
        std::string tail{};
    };

    bool is_exact() const { return measure_.model.is_exact(); }
    void begin(TextPlace place);
    void append(std::string_view text);
    void decide();
    void cut_open();
    void cut_before(std::size_t place);
    void shorten_tail();
    void accept_name();
    void settle(const TextPlace& place, std::size_t tokens, const tokens::ScriptCount& scripts);
    std::size_t count(std::string_view text) const;
    tokens::ScriptCount scripts_of(std::string_view text) const;
    Mark settled_in_open() const;
    std::size_t open_tokens();
    std::size_t find_end() const;
    std::size_t find_end_of_bytes(std::size_t least) const;
    std::size_t find_end_of_tokens(std::size_t least) const;
    std::size_t most_tokens() const;
    std::int64_t total_with(std::size_t tail_bytes) const;
    // Of the whole answer, with a text of so many tokens in it.
    std::int64_t total_of(const TextPlace& place, std::size_t tokens,
                          const tokens::ScriptCount& scripts) const;
    bool fits(std::size_t open_tokens) const;
    std::int64_t scaled(const tokens::AnswerTally& tally) const;

    std::int64_t max_tokens_;
    Measure measure_;
    tokens::AnswerTally output_{};
    tokens::AnswerTally reasoning_{};
    std::optional<Open> open_{};
    std::string name_{};  // one that waits for its arguments
    std::size_t taken_ = 0;
    std::size_t certain_ = 0;
    std::optional<std::size_t> cut_{};
};

}  // namespace aigw::policy
