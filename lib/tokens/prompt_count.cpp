#include "tokens/prompt_count.h"

#include "tokens/chat_ml_prompt.h"
#include "tokens/enveloped_prompt.h"
#include "tokens/prompt_tally.h"
#include "tokens/turns.h"

namespace aigw::tokens {
namespace {

// ---- With the template -------------------------------------------------------------------------

void add_chat(const protocol::ChatRequest& chat, std::span<const std::string> names,
              PromptTally& tally) {
    if (chat.messages.empty()) return;
    if (!tally.model().has_exact_envelope) tally.note_guess();
    const std::vector<Turn> turns = turns_of(chat, names);
    switch (tally.model().family) {
        case Family::ChatMl:
            return add_chat_ml_prompt(chat, turns, tally);
        case Family::OpenAiChat:
        case Family::Claude:
        case Family::Gemini:
        case Family::DeepSeek:
        case Family::Doubao:
        case Family::MiniMax:
        case Family::Other:
            return add_enveloped_prompt(chat, turns, tally);
    }
}

// ---- Contents alone ----------------------------------------------------------------------------

void append_piece(std::string& text, std::string_view piece) {
    if (piece.empty()) return;
    if (!text.empty()) text.push_back('\n');
    text.append(piece);
}

void append_contents(const Turn& turn, std::string& text) {
    for (const protocol::Part* value : turn.parts) {
        if (const auto* own = value->as<protocol::TextPart>()) append_piece(text, own->text);
        if (const auto* call = value->as<protocol::CallPart>()) {
            append_piece(text, call->name);
            append_piece(text, call->arguments);
        }
    }
}

void add_contents(const protocol::ChatRequest& chat, PromptTally& tally) {
    std::string text;
    for (const Turn& turn : turns_of(chat, {})) append_contents(turn, text);
    tally.add_text(PromptPart::Messages, text);
}

void add_prompt(const Prompt& prompt, PromptTally& tally) {
    if (!prompt.is_whole) tally.note_guess(Exactness::Factor);
    tally.add_fixed(PromptPart::Messages, prompt.token_ids);
    for (const std::string& text : prompt.texts) tally.add_text(PromptPart::Messages, text);
    add_chat(prompt.chat, prompt.names, tally);
}

}  // namespace

std::int64_t PromptCount::with_margin() const {
    return tokens + (tokens * margin_percent + 99) / 100;
}

bool PromptCount::surely_exceeds(std::int64_t limit) const {
    return tokens > limit && (tokens - limit) * 100 > limit * margin_percent;
}

PromptCount count_prompt(const Prompt& prompt, const ModelCounter& model, Counter& counter,
                         const CountOptions& options) {
    PromptTally tally(model, counter, options);
    if (options.mode == CountMode::Contents && !prompt.chat.messages.empty()) {
        add_contents(prompt.chat, tally);
    } else {
        add_prompt(prompt, tally);
    }
    return tally.finish();
}

PromptCount count_prompt(const protocol::ChatRequest& chat, const ModelCounter& model,
                         Counter& counter, const CountOptions& options) {
    PromptTally tally(model, counter, options);
    if (options.mode == CountMode::Contents) {
        add_contents(chat, tally);
    } else {
        add_chat(chat, {}, tally);
    }
    return tally.finish();
}

std::optional<PromptCount> count_plain(std::span<const protocol::PlainTurn> turns,
                                       const ModelCounter& model, Counter& counter,
                                       const CountOptions& options) {
    if (model.family == Family::ChatMl || turns.empty()) return std::nullopt;
    PromptTally tally(model, counter, options);
    if (!model.has_exact_envelope) tally.note_guess();
    add_plain_turns(turns, tally);
    return tally.finish();
}

PromptCount count_text(std::string_view text, const ModelCounter& model, Counter& counter,
                       const CountOptions& options) {
    PromptTally tally(model, counter, options);
    tally.add_text(PromptPart::Messages, text);
    return tally.finish();
}

}  // namespace aigw::tokens
