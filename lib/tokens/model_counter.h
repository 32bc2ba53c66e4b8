// Which counter counts for which model, and how its vendor wraps what it is sent.
//
// Shape:   a ModelCounter is a value: the encoding, what it is multiplied with, what stands around
//          the texts. data/model_rows.h has one line for each prefix of names; rows of the
//          configuration come before it.
// Names:   compare without case; a vendor's path ("openai/", "models/"), "ft:" and the owner of a
//          fine-tuned model are left out. The longest prefix counts. What nobody knows counts as
//          o200k_base, estimated.
// Errors:  Config for an override whose counter is neither an encoding nor a model that
//          the table knows, or whose factor is not within 0.1 and 10.
// Threads: ModelCounters never change after construction; share them by const reference.
// Cost:    find() is one pass over the table; no allocation but the name in lower case.
// Source:  lib/tokens/data/model_rows.h.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokens/encoding.h"
#include "tokens/image_tokens.h"
#include "tokens/script_factors.h"

namespace aigw::tokens {

// Whose way of wrapping a prompt.
enum class Family : std::uint8_t {
    OpenAiChat,
    ChatMl,
    Claude,
    Gemini,
    DeepSeek,
    Doubao,
    MiniMax,
    Other,
};
std::string_view family_name(Family family);

// Of a count: how far from the vendor's it may be.
enum class Exactness : std::uint8_t { Exact, Calibrated, Factor, Weak };
std::string_view exactness_name(Exactness exactness);
// 0, 3, 10, 30.
std::int32_t margin_of(Exactness exactness);

// What the vendor's template adds, in tokens.
struct Envelope {
    enum class Tools : std::uint8_t { Functions, Json };  // OpenAI's own rendering, or as JSON

    std::int32_t request = 0;
    std::int32_t system = 0;  // each message of that role
    std::int32_t user = 0;
    std::int32_t assistant = 0;
    std::int32_t tool = 0;  // each result
    std::int32_t call = 0;  // each call
    std::int32_t name = 0;  // each message that names its author
    Tools tools = Tools::Json;
    std::int32_t function = 0;      // each one, where they are rendered as functions
    std::int32_t tools_once = 0;    // with tools
    std::int32_t forced_tools = 0;  // in its place, when one must be called
    bool reads_thoughts = false;    // those after the last question
    friend bool operator==(const Envelope&, const Envelope&) = default;
};

// What differs among Qwen's templates.
struct ChatMl {
    enum class Generation : std::uint8_t { Qwen2, Qwen25, Qwen3 };
    Generation generation = Generation::Qwen3;
    std::string_view default_system{};  // of a prompt without one
    bool thinks_first = false;          // the answer begins inside a thought
    friend bool operator==(const ChatMl&, const ChatMl&) = default;
};

struct ModelCounter {
    Encoding encoding = Encoding::O200kBase;
    Family family = Family::Other;
    Exactness exactness = Exactness::Weak;  // of texts
    // A prompt of texts alone is as exact as they are: what stands around them is published.
    bool has_exact_envelope = false;
    std::string_view label{};             // whose factors: "claude"
    std::int32_t scale_hundredths = 100;  // the configuration's own, on top
    ScriptFactors factors = uniform_factors(100, 0);
    Envelope envelope{};
    ChatMl chat_ml{};
    ImageRule media{};

    bool is_exact() const { return exactness == Exactness::Exact; }
    // "o200k_base", "o200k_base x 1.20 (claude)": the factor is that of Latin text.
    std::string name() const;
    friend bool operator==(const ModelCounter&, const ModelCounter&) = default;
};

// What the configuration says of models.
struct CounterOverride {
    std::string pattern{};  // with `*` for any run of characters
    std::string counter{};  // an encoding's name, or a model's that counts alike
    double factor = 1;
};

class ModelCounters {
public:
    // Overrides are tried in order, before the table.
    static Result<ModelCounters> make(std::span<const CounterOverride> overrides);
    ModelCounters() = default;

    ModelCounter find(std::string_view model) const;
    // Whether a row names it.
    bool knows(std::string_view model) const;

private:
    struct Own {
        std::string pattern;
        ModelCounter counter;
    };
    const Own* find_own(std::string_view model) const;

    std::vector<Own> own_;
};

}  // namespace aigw::tokens
