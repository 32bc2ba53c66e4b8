// What an OpenAI caller's chat says that not every server of that protocol takes as it stands.
//
// Shape:   gathered while the facts of a request are read, for those who know the model to decide
//          whether the body may pass. A field that is null is not given.
// Source:  platform.openai.com/docs/api-reference/chat/create.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/chat_request.h"

namespace aigw::protocol {

// Fields that servers lack or keep for themselves.
inline constexpr std::array<std::string_view, 23> kUncommonFields = {"n",
                                                                     "seed",
                                                                     "logit_bias",
                                                                     "presence_penalty",
                                                                     "frequency_penalty",
                                                                     "logprobs",
                                                                     "top_logprobs",
                                                                     "prediction",
                                                                     "store",
                                                                     "verbosity",
                                                                     "prompt_cache_key",
                                                                     "prompt_cache_retention",
                                                                     "web_search_options",
                                                                     "moderation",
                                                                     "metadata",
                                                                     "modalities",
                                                                     "audio",
                                                                     "user",
                                                                     "safety_identifier",
                                                                     "service_tier",
                                                                     "stop",
                                                                     "functions",
                                                                     "function_call"};

class UncommonFields {
public:
    // Names that are none of them are passed over.
    void note(std::string_view name);
    bool has(std::string_view name) const;
    bool empty() const { return bits_ == 0; }
    // Whether one of them is among `names`, which have blanks between them.
    bool has_any_of(std::string_view names) const;
    friend bool operator==(const UncommonFields&, const UncommonFields&) = default;

private:
    std::uint32_t bits_ = 0;
};
static_assert(kUncommonFields.size() <= 32);

struct ChatWording {
    bool has_developer = false;    // a message of that role
    bool has_late_system = false;  // a system's message behind the first
    bool has_parts = false;        // content as a list
    bool has_max_tokens = false;
    bool has_max_completion_tokens = false;
    std::optional<double> temperature{};
    std::optional<double> top_p{};
    std::optional<double> seed{};
    std::optional<double> top_logprobs{};
    ToolChoice::Mode choice = ToolChoice::Mode::Unset;
    ResponseFormat::Kind format = ResponseFormat::Kind::Text;
    std::optional<Effort> effort{};
    std::optional<bool> thinking{};  // `enable_thinking`
    bool has_rare_tier = false;      // service_tier other than auto, default and flex
    UncommonFields fields{};

    friend bool operator==(const ChatWording&, const ChatWording&) = default;
};

}  // namespace aigw::protocol
