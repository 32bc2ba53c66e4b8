// How many tokens an answer has, for vendors who don't say: its texts, thoughts, refusals, and its
// calls' names and arguments.
//
// Units:   tokens; thoughts are counted apart. What a vendor adds around them is nobody's to know.
// Threads: those of the Counter, which is borrowed.
// Cost:    of a stream at most a microsecond for each usual delta, stream_counter.h.
#pragma once

#include <cstdint>
#include <optional>

#include "base/usage.h"
#include "protocol/chat_reply.h"
#include "protocol/output_meter.h"
#include "tokens/counter.h"
#include "tokens/model_counter.h"
#include "tokens/stream_counter.h"

namespace aigw::tokens {

struct AnswerTokens {
    std::int64_t output = 0;
    std::int64_t reasoning = 0;
    friend bool operator==(const AnswerTokens&, const AnswerTokens&) = default;
};

// Tokens as the vocabulary has them, and the bytes that tell the model's factor.
struct AnswerTally {
    std::int64_t tokens = 0;
    double weighted_bytes = 0;
    double bytes = 0;

    // Of an exact model they are what they are.
    std::int64_t scaled(const ModelCounter& model) const;
};

AnswerTokens count_answer(const protocol::ChatReply& reply, const ModelCounter& model,
                          Counter& counter);

class AnswerMeter final : public protocol::OutputMeter {
public:
    AnswerMeter(const ModelCounter& model, Counter& counter);

    void add(const protocol::ChatEvent& event) override;
    void fill(Usage& usage) override;

private:
    // Texts that do not join: each is counted by itself.
    struct Place {
        protocol::ChatEventKind kind = protocol::ChatEventKind::Text;
        std::uint32_t call = 0;
        friend bool operator==(const Place&, const Place&) = default;
    };

    void take(Place place, std::string_view text);
    void close();
    AnswerTally& tally_of(const Place& place);

    ModelCounter model_;
    Counter& counter_;
    std::optional<StreamCounter> stream_;  // of the text that is open
    Place place_{};
    AnswerTally output_{};
    AnswerTally reasoning_{};
};

}  // namespace aigw::tokens
