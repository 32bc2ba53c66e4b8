#include "protocol/gemini_turns.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "protocol/gemini_signature.h"
#include "protocol/history.h"
#include "protocol/openai_messages_writer.h"
#include "protocol/openai_parts.h"
#include "protocol/system_messages.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kNothing = ".";
constexpr std::string_view kGoOn = "Continue.";

// ---- System prompts --------------------------------------------------------------------------

// There must be a turn: the last of only system messages is what the user says.
void make_a_user_turn(std::vector<Message>& messages, Losses& losses) {
    const bool has_turn = std::ranges::any_of(
        messages, [](const Message& message) { return message.role != Role::System; });
    if (has_turn || messages.empty()) return;
    messages.back().role = Role::User;
    losses.add(LossKind::Rewritten, messages.back().place);
}

Result<std::vector<std::string>> take_system(ChatRequest& request, RequestConversion& to) {
    make_a_user_turn(request.messages, to.losses);
    place_system_messages(request, to);
    std::vector<std::string> system;
    for (const Message& message : request.messages) {
        if (message.role != Role::System) continue;
        for (const Part& part : message.parts) {
            auto words = TRY(make_openai_words(part, to));
            std::string text = without_billing_header(std::move(words.text));
            if (!is_blank(text)) system.push_back(std::move(text));
        }
    }
    std::erase_if(request.messages,
                  [](const Message& message) { return message.role == Role::System; });
    return system;
}

// ---- Turns -----------------------------------------------------------------------------------

// Blank texts are refused; thoughts are of use only to who signed them.
bool says_nothing(const Part& part, Losses& losses) {
    const auto* thinking = part.as<ThinkingPart>();
    if (thinking != nullptr && find_gemini_signature(thinking->signature)) return false;
    if (thinking != nullptr || part.is<RedactedThinkingPart>()) {
        losses.ignore(part.place);
        return true;
    }
    const auto* own = part.as<VendorPart>();
    if (own == nullptr || !is_blank(own->text)) return is_blank(part);
    losses.add(LossKind::Dropped, part.place);
    return true;
}

// Turns of which nothing is left go, except the user's last word.
void clean_turns(std::vector<Message>& messages, Losses& losses) {
    std::vector<Message> kept;
    kept.reserve(messages.size());
    for (Message& message : messages) {
        std::erase_if(message.parts, [&](const Part& part) { return says_nothing(part, losses); });
        const bool is_last = &message == &messages.back();
        if (message.parts.empty() && message.role == Role::User && is_last)
            message.parts.push_back(text_part(std::string(kNothing), message.place));
        if (!message.parts.empty()) {
            kept.push_back(std::move(message));
        } else if (message.role == Role::Assistant) {
            losses.add(LossKind::Repaired, message.place);
        }
    }
    messages = std::move(kept);
}

Message said_by_user(std::string_view text) {
    return {.role = Role::User, .parts = {text_part(std::string(text))}};
}

void open_with_user(std::vector<Message>& messages, Losses& losses) {
    if (!messages.empty() && messages.front().role == Role::User) return;
    if (!messages.empty()) losses.add(LossKind::Repaired, messages.front().place);
    messages.insert(messages.begin(), said_by_user(kNothing));
}

// An answer that the caller has begun can't be continued.
void close_with_user(std::vector<Message>& messages, Losses& losses) {
    if (messages.back().role == Role::User) return;
    losses.add(LossKind::Approximated, messages.back().place);
    messages.push_back(said_by_user(kGoOn));
}

}  // namespace

Result<GeminiTurns> arrange_gemini_turns(ChatRequest& request, RequestConversion& to) {
    GeminiTurns turns;
    turns.system = TRY(take_system(request, to));
    clean_turns(request.messages, to.losses);
    TRY(repair_history(request, {.restricts_ids = false, .sha256_hex = to.options.sha256_hex},
                       to.losses));
    turns.messages = std::move(request.messages);
    merge_neighbours(turns.messages);
    open_with_user(turns.messages, to.losses);
    close_with_user(turns.messages, to.losses);
    return turns;
}

}  // namespace aigw::protocol
