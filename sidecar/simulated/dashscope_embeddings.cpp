// What the simulated DashScope refuses of embeddings.

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/dashscope_rules.h"
#include "sidecar/simulated/dashscope_words.h"
#include "sidecar/simulated/embedding.h"

namespace aigw::simulated::dashscope {
namespace {

constexpr std::array kEmbeddingFields = {
    FieldRule{"model", FieldType::String},       FieldRule{"input"},
    FieldRule{"dimensions", FieldType::Integer}, FieldRule{"encoding_format", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

using Verdict = std::optional<Refusal>;
Refusal by_contents(const std::string& message) {
    return by_algorithm("Value error, " + message + ".: input.contents");
}

Verdict refuse_input(const Json& body, const Model& model) {
    const Json* input = find_field(body, "input");
    if (input == nullptr) return by_front("'input' is a required property");
    const bool is_texts =
        input->is_string() ||
        (input->is_array() && !input->empty() &&
         std::all_of(input->begin(), input->end(), [](const Json& s) { return s.is_string(); }));
    if (!is_texts) return by_contents("contents is neither str nor list of str");
    if (input->is_array() && input->size() > model.max_inputs) {
        return by_contents("batch size is invalid, it should not be larger than " +
                           std::to_string(model.max_inputs));
    }
    for (const EmbeddingInput& one : read_inputs(*input)) {
        if (one.tokens >= 1 && one.tokens <= model.context) continue;
        return by_algorithm("Range of input length should be [1, " + std::to_string(model.context) +
                            "]");
    }
    return std::nullopt;
}

Verdict refuse_dimensions(const Json& body, const Model& model) {
    const auto asked = integer_field(body, "dimensions");
    if (!asked) return std::nullopt;
    const auto offered = split(model.dimensions, ' ');
    const std::string text = std::to_string(*asked);
    if (std::find(offered.begin(), offered.end(), text) != offered.end()) return std::nullopt;
    std::string list;
    for (const std::string_view one : offered) {
        list.append(list.empty() ? "" : ", ").append(one);
    }
    return by_algorithm("Value error, dimension is invalid, it should be in [" + list +
                        "].: parameters.dimension");
}

Verdict refuse_encoding(const Json& body, const Model&) {
    const std::string_view format = text_field(body, "encoding_format");
    if (format.empty() || format == "float") return std::nullopt;
    return by_algorithm("encoding_format only supports float.");
}

using EmbeddingCheck = Verdict (*)(const Json&, const Model&);

constexpr std::array<EmbeddingCheck, 3> kEmbeddingChecks = {refuse_input, refuse_dimensions,
                                                            refuse_encoding};

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

std::size_t dimensions_of(const Json& body, const Model& model) {
    const std::string_view standard = split(model.dimensions, ' ').front();
    const std::int64_t asked = integer_field(body, "dimensions").value_or(0);
    return static_cast<std::size_t>(asked > 0 ? static_cast<std::uint64_t>(asked)
                                              : parse_uint(standard).value_or(0));
}

}  // namespace aigw::simulated::dashscope
