// What keeping an answer short asks of one protocol's stream: its texts are counted, event by
// event, and where they get too long the stream is ended in its own words.
//
// Shape:   count() takes the events as they come, and may be ahead of what has gone out: an event
//          waits while it may not fit. Then note_passed() is told of it, or change() writes what is
//          left of it. finish() ends a stream that was cut.
// Bytes:   of an event that is changed, what nobody has heard of stays; all others pass untouched.
// Threads: one per stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/operation.h"
#include "base/usage.h"
#include "policy/output_cap.h"
#include "policy/output_gauge.h"
#include "protocol/json_tree.h"

namespace aigw::policy {

class CappedWire {
public:
    // Where an event's texts stand in one of the answers.
    struct Stretch {
        std::size_t answer = 0;  // a place in `answers_`
        std::size_t begin = 0;
        std::size_t end = 0;
    };
    enum class Fate : std::uint8_t { Wait, Pass, Change };

    virtual ~CappedWire() = default;

    // Adds a stretch for each answer that the event speaks of.
    virtual void count(protocol::JsonValue event, std::vector<Stretch>& stretches) = 0;
    // Nothing more will come of any text.
    void count_end();
    Fate fate_of(std::span<const Stretch> stretches) const;

    virtual void note_passed(protocol::JsonValue event) = 0;
    virtual void change(protocol::JsonValue event, std::span<const Stretch> stretches,
                        std::string& out) = 0;

    bool is_cut() const { return is_cut_; }
    // All has been said: finish() is due.
    virtual bool is_over() const { return is_cut_; }
    // Of the answers that have begun.
    bool is_each_done() const;
    virtual void finish(const Usage& usage, std::string& out) = 0;

    // Of all answers.
    tokens::AnswerTokens tokens();

protected:
    CappedWire(OutputCap cap, const Measure& measure) : cap_(std::move(cap)), measure_(measure) {}

    // One of several answers.
    struct Answer {
        std::int64_t index = 0;  // the vendor's
        OutputGauge gauge;
        bool is_done = false;  // it has been ended here, or by the vendor
        bool is_cut = false;
    };
    Answer& answer_of(std::int64_t index);
    std::size_t place_of(const Answer& answer) const {
        return static_cast<std::size_t>(&answer - answers_.data());
    }
    void note_cut(Answer& answer);
    // How many bytes of the stretch are left.
    std::size_t left_of(const Stretch& stretch) const;

    OutputCap cap_;
    Measure measure_;
    std::vector<Answer> answers_;
    bool is_cut_ = false;
};

// Of what passes to callers of this protocol. `answers` and `wants_usage` are what the request
// says.
struct CappedCall {
    Protocol protocol = Protocol::OpenAi;
    Operation operation = Operation::Chat;
    std::int64_t answers = 1;
    bool wants_usage = false;
};
std::unique_ptr<CappedWire> make_capped_wire(const CappedCall& call, const OutputCap& cap,
                                             const Measure& measure);

}  // namespace aigw::policy
