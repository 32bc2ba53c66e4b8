// Which counter, which factors and which envelope, by model: the first content of a table that
// grows monthly. Read by ModelCounters: the longest prefix of the model's name counts.
//
// Factors: on the count of o200k_base, in hundredths, with the error measured in percent. Those of
//          DeepSeek and Gemini were measured with their published vocabularies; Claude's is that of
//          the first models' vocabulary x 1.10, right within 1.4 % for Latin text up to 4.6, and
//          x 1.3 more for the tokenizer of Opus 4.7 and what came after. Their other scripts are
//          guesses on the high side.
// Source:  github.com/openai/openai-cookbook, examples/How_to_count_tokens_with_tiktoken.ipynb;
//          huggingface.co/Qwen (tokenizer_config.json: chat_template); docs.anthropic.com/en/docs/
//          agents-and-tools/tool-use/overview (the tokens of the tools' own prompt);
//          api-docs.deepseek.com/quick_start/token_usage; ai.google.dev/gemini-api/docs/tokens.
#pragma once

#include <array>
#include <string_view>

#include "tokens/model_counter.h"

namespace aigw::tokens::data {

struct ModelRow {
    std::string_view prefix;
    ModelCounter counter;
};

// ---- Factors: Latin, digits, Chinese, Japanese, Korean, Arabic, Hindi, Thai ---------------------

inline constexpr ScriptFactors kDeepSeekFactors = {
    {{103, 10}, {100, 10}, {85, 10}, {95, 10}, {124, 10}, {110, 10}, {170, 10}, {110, 10}}};
inline constexpr ScriptFactors kGeminiFactors = {
    {{108, 10}, {180, 10}, {96, 10}, {84, 10}, {99, 10}, {97, 10}, {83, 10}, {85, 10}}};
inline constexpr ScriptFactors kClaudeFactors = {
    {{120, 10}, {110, 10}, {135, 10}, {150, 30}, {200, 30}, {250, 30}, {330, 30}, {400, 30}}};
inline constexpr ScriptFactors kNewClaudeFactors = {
    {{156, 30}, {143, 30}, {176, 30}, {195, 30}, {260, 30}, {325, 30}, {429, 30}, {520, 30}}};

// ---- Envelopes ---------------------------------------------------------------------------------

// Three tokens and the role for each message, three before the answer.
constexpr Envelope openai_envelope(std::int32_t function) {
    return {.request = 3,
            .system = 4,
            .user = 4,
            .assistant = 4,
            .tool = 4,
            .call = 3,
            .name = 1,
            .tools = Envelope::Tools::Functions,
            .function = function,
            .tools_once = 12,
            .forced_tools = 12};
}
constexpr Envelope claude_envelope(std::int32_t tools_once, std::int32_t forced_tools) {
    return {.request = 6,
            .user = 3,
            .assistant = 3,
            .tool = 3,
            .call = 3,
            .tools_once = tools_once,
            .forced_tools = forced_tools,
            .reads_thoughts = true};
}
// A message of the system's own (date, effort, channels) stands before all others: 64 tokens.
constexpr Envelope harmony_envelope() {
    Envelope envelope = openai_envelope(7);
    envelope.request += 64;
    return envelope;
}
inline constexpr Envelope kDeepSeekEnvelope = {.request = 1,
                                               .user = 2,
                                               .assistant = 1,
                                               .tools_once = 140,
                                               .forced_tools = 140,
                                               .reads_thoughts = true};

// ---- Counters ----------------------------------------------------------------------------------

// The template is documented for these; for others of the vendor's it is a token or two off.
constexpr ModelCounter openai(Encoding encoding, bool has_exact_envelope) {
    return {.encoding = encoding,
            .family = Family::OpenAiChat,
            .exactness = Exactness::Exact,
            .has_exact_envelope = has_exact_envelope,
            .envelope = openai_envelope(encoding == Encoding::Cl100kBase ? 10 : 7)};
}
constexpr ModelCounter gpt_oss() {
    ModelCounter counter = openai(Encoding::O200kBase, false);
    counter.envelope = harmony_envelope();
    return counter;
}
// Models of the vendor's whose vocabulary nobody has said.
constexpr ModelCounter openai_like(Encoding encoding) {
    ModelCounter counter = openai(encoding, false);
    counter.exactness = Exactness::Factor;
    counter.label = "openai";
    counter.factors = uniform_factors(100, 10);
    return counter;
}
constexpr ModelCounter qwen(ChatMl chat_ml, bool has_exact_envelope) {
    return {.encoding = Encoding::Qwen,
            .family = Family::ChatMl,
            .exactness = Exactness::Exact,
            .has_exact_envelope = has_exact_envelope,
            .envelope = {.reads_thoughts = true},
            .chat_ml = chat_ml};
}
// Of another vocabulary, or of one that moves with the name.
constexpr ModelCounter qwen_like() {
    ModelCounter counter = qwen({}, false);
    counter.exactness = Exactness::Factor;
    counter.label = "qwen3.5";
    counter.factors = uniform_factors(100, 10);
    return counter;
}
constexpr ModelCounter by_factor(Family family, std::string_view label, Exactness exactness,
                                 const ScriptFactors& factors, const Envelope& envelope) {
    return {.encoding = Encoding::O200kBase,
            .family = family,
            .exactness = exactness,
            .label = label,
            .factors = factors,
            .envelope = envelope};
}
constexpr ModelCounter weak(Family family, std::string_view label) {
    return by_factor(family, label, Exactness::Weak, uniform_factors(100, 30), openai_envelope(7));
}

inline constexpr ModelCounter kOtherModel = weak(Family::Other, "unknown");

inline constexpr ModelCounter kClaude = by_factor(Family::Claude, "claude", Exactness::Factor,
                                                  kClaudeFactors, claude_envelope(346, 313));
inline constexpr ModelCounter kNewClaude = by_factor(Family::Claude, "claude", Exactness::Weak,
                                                     kNewClaudeFactors, claude_envelope(450, 407));
inline constexpr ModelCounter kGemini =
    by_factor(Family::Gemini, "gemini", Exactness::Factor, kGeminiFactors, Envelope{});
inline constexpr ModelCounter kDeepSeek =
    by_factor(Family::DeepSeek, "deepseek", Exactness::Factor, kDeepSeekFactors, kDeepSeekEnvelope);
// Qwen's vocabulary behind DeepSeek's template.
inline constexpr ModelCounter kDistilledQwen = {.encoding = Encoding::Qwen,
                                                .family = Family::DeepSeek,
                                                .exactness = Exactness::Exact,
                                                .envelope = kDeepSeekEnvelope};

inline constexpr std::string_view kHelpful = "You are a helpful assistant.";
inline constexpr ChatMl kQwen2 = {ChatMl::Generation::Qwen2, kHelpful};
inline constexpr ChatMl kQwen25 = {
    ChatMl::Generation::Qwen25,
    "You are Qwen, created by Alibaba Cloud. You are a helpful assistant."};
inline constexpr ChatMl kQwen25Vision = {ChatMl::Generation::Qwen25, kHelpful};
inline constexpr ChatMl kQwen25Math = {
    ChatMl::Generation::Qwen25,
    "Please reason step by step, and put your final answer within \\boxed{}."};
inline constexpr ChatMl kQwen3 = {ChatMl::Generation::Qwen3};
inline constexpr ChatMl kThinking = {ChatMl::Generation::Qwen3, {}, true};
inline constexpr ChatMl kQwqPreview = {
    ChatMl::Generation::Qwen25,
    "You are a helpful and harmless assistant. You are Qwen developed by Alibaba. You should "
    "think step-by-step."};

inline constexpr std::array kModelRows = {
    // OpenAI
    ModelRow{"gpt-4o", openai(Encoding::O200kBase, true)},
    ModelRow{"chatgpt-4o", openai(Encoding::O200kBase, true)},
    ModelRow{"gpt-4.1", openai(Encoding::O200kBase, false)},
    ModelRow{"gpt-4.5", openai(Encoding::O200kBase, false)},
    ModelRow{"gpt-5", openai(Encoding::O200kBase, false)},
    ModelRow{"o1", openai(Encoding::O200kBase, false)},
    ModelRow{"o3", openai(Encoding::O200kBase, false)},
    ModelRow{"o4-mini", openai(Encoding::O200kBase, false)},
    ModelRow{"codex-mini", openai(Encoding::O200kBase, false)},
    ModelRow{"computer-use", openai(Encoding::O200kBase, false)},
    ModelRow{"gpt-oss", gpt_oss()},
    ModelRow{"gpt-4", openai(Encoding::Cl100kBase, true)},
    ModelRow{"gpt-3.5", openai(Encoding::Cl100kBase, true)},
    ModelRow{"gpt-35", openai(Encoding::Cl100kBase, true)},
    ModelRow{"text-embedding-ada-002", openai(Encoding::Cl100kBase, true)},
    ModelRow{"text-embedding-3", openai(Encoding::Cl100kBase, true)},
    ModelRow{"davinci-002", openai(Encoding::Cl100kBase, true)},
    ModelRow{"babbage-002", openai(Encoding::Cl100kBase, true)},
    ModelRow{"gpt-", openai_like(Encoding::O200kBase)},
    ModelRow{"text-davinci", openai_like(Encoding::Cl100kBase)},
    // Qwen with open weights; the vendor's own endpoints add what they do not say
    ModelRow{"qwen-7b", qwen(kQwen2, true)},
    ModelRow{"qwen-14b", qwen(kQwen2, true)},
    ModelRow{"qwen-72b", qwen(kQwen2, true)},
    ModelRow{"qwen1.5", qwen(kQwen2, true)},
    ModelRow{"qwen-1.5", qwen(kQwen2, true)},
    ModelRow{"qwen2", qwen(kQwen2, true)},
    ModelRow{"qwen-2", qwen(kQwen2, true)},
    ModelRow{"qwen2.5", qwen(kQwen25, true)},
    ModelRow{"qwen-2.5", qwen(kQwen25, true)},
    ModelRow{"qwen2.5-vl", qwen(kQwen25Vision, true)},
    ModelRow{"qwen-2.5-vl", qwen(kQwen25Vision, true)},
    ModelRow{"qwen2.5-math", qwen(kQwen25Math, true)},
    ModelRow{"qwen2.5-max", qwen_like()},
    ModelRow{"qwen3", qwen(kQwen3, true)},
    ModelRow{"qwen-3", qwen(kQwen3, true)},
    ModelRow{"qwen3-235b-a22b-thinking", qwen(kThinking, true)},
    ModelRow{"qwen3-30b-a3b-thinking", qwen(kThinking, true)},
    ModelRow{"qwen3-next-80b-a3b-thinking", qwen(kThinking, true)},
    ModelRow{"qwen3-max", qwen(kQwen3, false)},
    ModelRow{"qwen3-coder-plus", qwen(kQwen3, false)},
    ModelRow{"qwen3-coder-flash", qwen(kQwen3, false)},
    ModelRow{"qwen3-vl-plus", qwen(kQwen3, false)},
    ModelRow{"qwen3-vl-flash", qwen(kQwen3, false)},
    ModelRow{"qwen3-omni", qwen(kQwen3, false)},
    ModelRow{"qwen3.", qwen_like()},
    ModelRow{"qwen-3.", qwen_like()},
    ModelRow{"qwen", qwen_like()},
    ModelRow{"qwq-32b", qwen(kThinking, true)},
    ModelRow{"qwq-32b-preview", qwen(kQwqPreview, true)},
    ModelRow{"qwq", qwen(kThinking, false)},
    ModelRow{"qvq", qwen(kQwqPreview, false)},
    // Anthropic: the younger tokenizer for what is not named here
    ModelRow{"claude", kNewClaude},
    ModelRow{"claude-v1", kClaude},
    ModelRow{"claude-instant", kClaude},
    ModelRow{"claude-2", kClaude},
    ModelRow{"claude-3", kClaude},
    ModelRow{"claude-4", kClaude},
    ModelRow{"claude-opus-4", kClaude},
    ModelRow{"claude-sonnet-4", kClaude},
    ModelRow{"claude-haiku-4", kClaude},
    ModelRow{"claude-opus-4-7", kNewClaude},
    ModelRow{"claude-opus-4.7", kNewClaude},
    ModelRow{"claude-opus-4-8", kNewClaude},
    ModelRow{"claude-opus-4.8", kNewClaude},
    // Google
    ModelRow{"gemini", kGemini},
    ModelRow{"gemma", kGemini},
    ModelRow{"learnlm", kGemini},
    // DeepSeek; its distilled models have the vocabulary of what they were made from
    ModelRow{"deepseek", kDeepSeek},
    ModelRow{"deepseek-r1-distill-qwen", kDistilledQwen},
    ModelRow{"deepseek-r1-0528-qwen3", kDistilledQwen},
    ModelRow{"deepseek-r1-1.5b", kDistilledQwen},
    ModelRow{"deepseek-r1-7b", kDistilledQwen},
    ModelRow{"deepseek-r1-14b", kDistilledQwen},
    ModelRow{"deepseek-r1-32b", kDistilledQwen},
    ModelRow{"deepseek-r1-distill-llama", weak(Family::DeepSeek, "llama")},
    ModelRow{"deepseek-r1-8b", weak(Family::DeepSeek, "llama")},
    ModelRow{"deepseek-r1-70b", weak(Family::DeepSeek, "llama")},
    // Others
    ModelRow{"doubao", weak(Family::Doubao, "doubao")},
    ModelRow{"ep-", weak(Family::Doubao, "doubao")},
    ModelRow{"minimax", weak(Family::MiniMax, "minimax")},
    ModelRow{"abab", weak(Family::MiniMax, "minimax")},
    ModelRow{"kimi", weak(Family::Other, "kimi")},
    ModelRow{"moonshot", weak(Family::Other, "kimi")},
    ModelRow{"glm", weak(Family::Other, "glm")},
    ModelRow{"chatglm", weak(Family::Other, "glm")},
    ModelRow{"llama", weak(Family::Other, "llama")},
    ModelRow{"meta-llama", weak(Family::Other, "llama")},
    ModelRow{"mistral", weak(Family::Other, "mistral")},
    ModelRow{"grok", weak(Family::Other, "grok")},
};

}  // namespace aigw::tokens::data
