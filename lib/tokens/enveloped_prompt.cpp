#include "tokens/enveloped_prompt.h"

#include "tokens/part_tokens.h"
#include "tokens/tool_tokens.h"

namespace aigw::tokens {
namespace {

std::int64_t overhead_of(const Envelope& envelope, Speaker speaker) {
    switch (speaker) {
        case Speaker::System:
            return envelope.system;
        case Speaker::User:
            return envelope.user;
        case Speaker::Assistant:
            return envelope.assistant;
        case Speaker::Tool:
            return envelope.tool;
    }
    return 0;
}

Speaker speaker_of(protocol::PlainTurn::Role role) {
    switch (role) {
        case protocol::PlainTurn::Role::System:
            return Speaker::System;
        case protocol::PlainTurn::Role::User:
            return Speaker::User;
        case protocol::PlainTurn::Role::Assistant:
            return Speaker::Assistant;
    }
    return Speaker::User;
}

class EnvelopedPrompt {
public:
    EnvelopedPrompt(const protocol::ChatRequest& chat, PromptTally& tally)
        : envelope_(tally.model().envelope), detail_(usual_detail(chat)), tally_(tally) {}

    void add_turn(const Turn& turn, bool is_recent) {
        part_ = turn.speaker == Speaker::System ? PromptPart::System : PromptPart::Messages;
        reads_thoughts_ = envelope_.reads_thoughts && is_recent;
        tally_.add_fixed(PromptPart::Overhead, overhead_of(envelope_, turn.speaker));
        if (!turn.name.empty()) {
            tally_.add_text(part_, turn.name);
            tally_.add_fixed(PromptPart::Overhead, envelope_.name);
        }
        for (const protocol::Part* value : turn.parts) add_part(*value);
    }

private:
    void add_part(const protocol::Part& value) {
        if (add_if_media(value, part_, detail_, tally_)) return;
        if (const auto* text = value.as<protocol::TextPart>()) {
            tally_.add_text(part_, text->text);
        } else if (const auto* call = value.as<protocol::CallPart>()) {
            add_call(*call);
        } else if (const auto* thinking = value.as<protocol::ThinkingPart>()) {
            if (reads_thoughts_) add_guessed(thinking->text);
        } else if (const auto* vendor = value.as<protocol::VendorPart>()) {
            add_guessed(vendor->text);
        } else if (value.is<protocol::RedactedThinkingPart>()) {
            tally_.note_guess();  // nobody but its vendor can tell how long it is
        }
    }

    void add_call(const protocol::CallPart& call) {
        tally_.add_text(part_, call.name);
        tally_.add_text(part_, call.arguments);
        tally_.add_guess(PromptPart::Overhead, envelope_.call);
    }

    void add_guessed(std::string_view text) {
        tally_.note_guess();
        tally_.add_text(part_, text);
    }

    const Envelope& envelope_;
    std::string_view detail_;
    PromptTally& tally_;
    PromptPart part_ = PromptPart::Messages;
    bool reads_thoughts_ = false;
};

}  // namespace

void add_enveloped_prompt(const protocol::ChatRequest& chat, std::span<const Turn> turns,
                          PromptTally& tally) {
    tally.add_fixed(PromptPart::Overhead, tally.model().envelope.request);
    EnvelopedPrompt prompt(chat, tally);
    const std::int64_t question = last_question(turns);
    for (std::size_t i = 0; i < turns.size(); ++i)
        prompt.add_turn(turns[i], static_cast<std::int64_t>(i) > question);
    add_tools(chat, tally);
    add_constraints(chat, tally);
}

void add_plain_turns(std::span<const protocol::PlainTurn> turns, PromptTally& tally) {
    const Envelope& envelope = tally.model().envelope;
    tally.add_fixed(PromptPart::Overhead, envelope.request);
    for (const protocol::PlainTurn& turn : turns) {
        const Speaker speaker = speaker_of(turn.role);
        tally.add_fixed(PromptPart::Overhead, overhead_of(envelope, speaker));
        tally.add_text(speaker == Speaker::System ? PromptPart::System : PromptPart::Messages,
                       turn.text);
    }
}

}  // namespace aigw::tokens
