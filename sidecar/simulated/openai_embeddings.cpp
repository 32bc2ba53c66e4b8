// What the simulated OpenAI refuses of embeddings.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/openai_rules.h"
#include "sidecar/simulated/openai_words.h"

namespace aigw::simulated::openai {
namespace {

constexpr std::array kEmbeddingFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"input"},
    FieldRule{"encoding_format", FieldType::String},
    FieldRule{"dimensions", FieldType::Integer, 1},
    FieldRule{"user", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};
bool is_token_array(const Json& input) {
    return input.is_array() && !input.empty() &&
           std::all_of(input.begin(), input.end(),
                       [](const Json& token) { return token.is_number_unsigned(); });
}

Verdict refuse_input(const Json& body, const Model&) {
    constexpr std::size_t kMaxInputs = 2048;
    const Json* input = find_field(body, "input");
    if (input == nullptr) return missing("input");
    if (input->is_string() && input->get_ref<const std::string&>().empty()) {
        return invalid("input", "", "Invalid 'input': input cannot be an empty string.");
    }
    if (input->is_string() || is_token_array(*input)) return std::nullopt;
    const bool is_list =
        input->is_array() && (std::all_of(input->begin(), input->end(),
                                          [](const Json& item) { return item.is_string(); }) ||
                              std::all_of(input->begin(), input->end(), is_token_array));
    if (!is_list) {
        return invalid(
            "input", "invalid_type",
            "Invalid type for 'input': expected one of a string, array of strings, array "
            "of integers or array of integer arrays, but got " +
                named_type(*input) + " instead.");
    }
    if (input->empty()) {
        return invalid("input", "empty_array",
                       "Invalid 'input': empty array. Expected an array with minimum length 1, but "
                       "got an empty array instead.");
    }
    if (input->size() > kMaxInputs) {
        return invalid("input", "array_above_max_length",
                       "Invalid 'input': array too long. Expected an array with maximum length "
                       "2048, but got an array with length " +
                           std::to_string(input->size()) + " instead.");
    }
    if (std::find(input->begin(), input->end(), "") != input->end()) {
        return invalid("input", "", "Invalid 'input': input cannot be an empty string.");
    }
    return std::nullopt;
}

Verdict refuse_input_tokens(const Json& body, const Model& model) {
    constexpr std::int64_t kMaxTokensPerCall = 300'000;
    std::int64_t total = 0;
    for (const EmbeddingInput& input : read_inputs(body["input"])) {
        total += input.tokens;
        if (input.tokens <= model.context) continue;
        const std::string tokens = std::to_string(input.tokens);
        return invalid("input", "",
                       "This model's maximum context length is " + std::to_string(model.context) +
                           " tokens, however you requested " + tokens + " tokens (" + tokens +
                           " in your prompt; 0 for the completion). Please reduce your prompt; or "
                           "completion length.");
    }
    if (total <= kMaxTokensPerCall) return std::nullopt;
    return Refusal{400,
                   "Requested " + std::to_string(total) + " tokens, max 300000 tokens per request",
                   "max_tokens_per_request", "", "max_tokens_per_request"};
}

Verdict refuse_dimensions(const Json& body, const Model& model) {
    const auto dimensions = integer_field(body, "dimensions");
    if (!dimensions) return std::nullopt;
    if (!model.has_free_dimensions) {
        return invalid("dimensions", "", "This model does not support specifying dimensions.");
    }
    if (*dimensions <= model.dimensions) return std::nullopt;
    return invalid("dimensions", "",
                   "Invalid value for 'dimensions' = " + std::to_string(*dimensions) +
                       ". Must be less than or equal to " + std::to_string(model.dimensions) + ".");
}

Verdict refuse_encoding(const Json& body, const Model&) {
    const std::string_view format = text_field(body, "encoding_format");
    if (format.empty() || format == "float" || format == "base64") return std::nullopt;
    return unsupported_choice("encoding_format", format, {"float", "base64"});
}

using EmbeddingCheck = Verdict (*)(const Json&, const Model&);

constexpr std::array<EmbeddingCheck, 4> kEmbeddingChecks = {
    refuse_input,
    refuse_input_tokens,
    refuse_dimensions,
    refuse_encoding,
};

}  // namespace

std::span<const FieldRule> embedding_fields() {
    return kEmbeddingFields;
}
std::optional<Refusal> refuse_embeddings(const Json& body, const Model& model) {
    if (auto refusal = refuse_fields(body, kEmbeddingFields)) return refusal;
    for (const EmbeddingCheck check : kEmbeddingChecks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
}

}  // namespace aigw::simulated::openai
