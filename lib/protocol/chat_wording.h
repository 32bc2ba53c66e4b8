// What an OpenAI caller's chat says that not every server of that protocol takes as it stands.
//
// Shape:   gathered while the facts of a request are read, for those who know the model to decide
//          whether the body may pass. A field that is null is not given.
// Source:  platform.openai.com/docs/api-reference/chat/create.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/chat_request.h"

namespace aigw::protocol {

// Fields that servers lack, keep for themselves or bound in ways of their own; by length of name.
enum class ChatField : std::uint8_t {
    N,
    Seed,
    Stop,
    User,
    Audio,
    Store,
    TopP,
    Logprobs,
    Metadata,
    Functions,
    Verbosity,
    LogitBias,
    MaxTokens,
    Modalities,
    Moderation,
    Prediction,
    Temperature,
    ToolChoice,
    ServiceTier,
    TopLogprobs,
    FunctionCall,
    EnableThinking,
    ResponseFormat,
    PresencePenalty,
    PromptCacheKey,
    ReasoningEffort,
    FrequencyPenalty,
    SafetyIdentifier,
    WebSearchOptions,
    MaxCompletionTokens,
    PromptCacheRetention,
};
std::string_view name_of(ChatField field);
std::optional<ChatField> find_chat_field(std::string_view name);

class ChatFields {
public:
    void add(ChatField field) { bits_ |= bit(field); }
    bool has(ChatField field) const { return (bits_ & bit(field)) != 0; }
    bool empty() const { return bits_ == 0; }
    // Whether one of them is among `names`, which have blanks between them.
    bool has_any_of(std::string_view names) const;
    friend bool operator==(const ChatFields&, const ChatFields&) = default;

private:
    static std::uint32_t bit(ChatField field) {
        return std::uint32_t{1} << static_cast<unsigned>(field);
    }
    std::uint32_t bits_ = 0;
};

struct ChatWording {
    bool has_developer = false;    // a message of that role
    bool has_late_system = false;  // a system's message behind the first
    bool has_parts = false;        // content as a list
    bool has_rare_tier = false;    // service_tier other than auto, default and flex
    ToolChoice::Mode choice = ToolChoice::Mode::Unset;
    ResponseFormat::Kind format = ResponseFormat::Kind::Text;
    std::optional<Effort> effort{};
    std::optional<bool> thinking{};  // `enable_thinking`
    ChatFields fields{};
    // Those that are numbers.
    std::optional<double> temperature{};
    std::optional<double> top_p{};
    std::optional<double> seed{};
    std::optional<double> top_logprobs{};

    friend bool operator==(const ChatWording&, const ChatWording&) = default;
};

}  // namespace aigw::protocol
