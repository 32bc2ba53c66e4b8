// Thoughts of the simulated Anthropic: whether there are any, and the signature that they carry.
//
// A signature has two parts, both hashes: one of the model and of the text that was shown, one of
// the conversation before it (and of the key, where the model binds its thoughts to the account).
// The first part is always verified, the second only where the model's row says so; marks for the
// cache count for nothing.
// Source: Anthropic's "extended thinking", "adaptive thinking" and "preserved thinking" pages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/simulated/anthropic_models.h"
#include "sidecar/simulated/anthropic_terms.h"
#include "sidecar/simulated/anthropic_turns.h"
#include "sidecar/simulated/anthropic_words.h"
#include "sidecar/simulated/json.h"

namespace aigw::simulated::anthropic {

// Where the vendor's refusals send the reader.
inline constexpr std::string_view kThinkingPage =
    "https://platform.claude.com/docs/en/build-with-claude/extended-thinking";

struct ThinkingOrder {
    std::string_view type = "disabled";
    Display display = Display::Summarized;
    std::optional<std::int64_t> budget{};
    bool is_asked = false;  // by the request, not by the model's default

    // "between_tools" thinks only about a tool's result.
    bool is_on(bool is_after_result) const;
};

// `thinking` of a request, checked or not, and the model's default for what it leaves open.
ThinkingOrder read_thinking(const Json& body, const Model& model);

// True for tool_choice "any" and "tool".
bool forces_tools(const Json& body);

// `thinking` and `output_config.effort` against the model, the limit and the tool choice.
Verdict refuse_thinking(const Json& body, const Terms& terms);

class Signer {
public:
    // The body's system and tools; the turns come one by one.
    Signer(const Json& body, const Terms& terms);
    void add(const Turn& turn);

    // Of a thought after the turns added so far. `text` is what the client sees of it.
    std::string sign(std::string_view text) const;
    std::string redact() const;
    // Of a block of type thinking or redacted_thinking.
    Verdict refuse_block(const Block& block) const;

private:
    std::string seal(std::string_view kind, std::string_view text) const;

    const Terms& terms_;
    std::uint64_t before_;
    bool may_mismatch_;
};

}  // namespace aigw::simulated::anthropic
