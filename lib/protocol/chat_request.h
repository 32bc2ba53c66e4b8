// One chat request, whatever protocol it came by: what every reader of a body gives and every
// writer takes.
//
// Shape:   values in the caller's own terms, in the caller's order; nothing is decided here. What a
//          model can take is in ModelTraits, what had to be given up in Losses.
// Absent:  `optional`, an empty string or an empty list; null in a body means the same as absent.
// Source:  ../protocols of the project's contracts: OpenAI Chat Completions, Responses, Anthropic
//          Messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/operation.h"
#include "protocol/chat_parts.h"

namespace aigw::protocol {

// A number that is compared here and sent as it was written.
struct Number {
    double value = 0;
    std::string text{};
    friend bool operator==(const Number&, const Number&) = default;
};

enum class ToolKind : std::uint8_t {
    Function,
    Custom,  // OpenAI: free text in, perhaps by a grammar
    Vendor,  // run by the vendor, or with a shape of its own: `json` has it whole
};

struct Tool {
    ToolKind kind = ToolKind::Function;
    std::string name{};
    std::string description{};
    std::string parameters{};  // JSON Schema as written; empty: none given
    std::optional<bool> is_strict{};
    std::string grammar{};  // of a custom tool: its format as written
    std::string type{};     // of a vendor's tool: "web_search_20250305"
    std::string json{};     // of a vendor's tool
    std::optional<CacheMark> cache{};
    Place place{};

    friend bool operator==(const Tool& a, const Tool& b) {
        return a.kind == b.kind && a.name == b.name && a.description == b.description &&
               a.parameters == b.parameters && a.is_strict == b.is_strict &&
               a.grammar == b.grammar && a.type == b.type && a.json == b.json && a.cache == b.cache;
    }
};

struct ToolChoice {
    enum class Mode : std::uint8_t { Unset, Auto, None, Required, Named };

    Mode mode = Mode::Unset;
    std::string name{};                  // of Named
    std::vector<std::string> allowed{};  // only these tools may be called; empty: all
    friend bool operator==(const ToolChoice&, const ToolChoice&) = default;
};

struct ResponseFormat {
    enum class Kind : std::uint8_t { Text, JsonObject, JsonSchema };

    Kind kind = Kind::Text;
    std::string name{};
    std::string description{};
    std::string schema{};  // as written
    std::optional<bool> is_strict{};
    friend bool operator==(const ResponseFormat&, const ResponseFormat&) = default;
};

enum class Effort : std::uint8_t { None, Minimal, Low, Medium, High, Xhigh, Max };
std::string_view name_of(Effort effort);
std::optional<Effort> find_effort(std::string_view name);

struct Reasoning {
    enum class Mode : std::uint8_t { Unset, Disabled, Budget, Adaptive };

    Mode mode = Mode::Unset;  // Anthropic's `thinking`
    std::int64_t budget = 0;  // tokens, of Budget
    std::string display{};    // Anthropic: summarized, omitted
    std::optional<Effort> effort{};
    friend bool operator==(const Reasoning&, const Reasoning&) = default;
};

enum class ServiceTier : std::uint8_t { Unset, Auto, Standard, Flex, Scale, Priority, Fast };

// A field that only some vendors have: sent where it is known, else named as lost.
struct ExtraField {
    std::string name{};
    std::string json{};
    std::string path{};  // in the caller's body, where it is another than the name

    const std::string& said_path() const { return path.empty() ? name : path; }
    friend bool operator==(const ExtraField&, const ExtraField&) = default;
};

// What the caller's protocol calls the fields that can be named as lost.
struct FieldNames {
    std::string_view max_tokens = "max_tokens";
    std::string_view stop = "stop";
    std::string_view effort = "reasoning_effort";
    std::string_view format = "response_format";
    std::string_view user = "user";
    std::string_view thinking = "thinking";
    std::string_view parallel_calls = "parallel_tool_calls";
    friend bool operator==(const FieldNames&, const FieldNames&) = default;
};

struct ChatRequest {
    FieldNames names{};
    Protocol protocol = Protocol::OpenAi;  // whose rules the caller goes by
    std::string model{};
    std::vector<Message> messages{};
    std::vector<Tool> tools{};
    ToolChoice tool_choice{};
    std::optional<bool> parallel_calls{};
    std::optional<std::int64_t> max_tokens{};
    std::optional<Number> temperature{};
    std::optional<Number> top_p{};
    std::optional<Number> top_k{};
    std::vector<std::string> stop{};
    bool is_stop_list = true;  // OpenAI: a single string may stand there
    ResponseFormat format{};
    Reasoning reasoning{};
    std::string user{};
    ServiceTier service_tier = ServiceTier::Unset;
    std::optional<CacheMark> cache{};  // of the whole prompt (Anthropic's top-level mark)
    bool is_stream = false;
    bool wants_usage = false;     // of a stream
    bool uses_functions = false;  // OpenAI's elder `functions`
    std::vector<ExtraField> extras{};

    const ExtraField* find_extra(std::string_view name) const;
    friend bool operator==(const ChatRequest&, const ChatRequest&) = default;
};

}  // namespace aigw::protocol
