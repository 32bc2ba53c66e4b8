#include "sidecar/simulated/doubao_embeddings.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>

#include "sidecar/simulated/doubao_models.h"
#include "sidecar/simulated/doubao_words.h"
#include "sidecar/simulated/embedding.h"
#include "sidecar/simulated/hash.h"

namespace aigw::simulated::doubao {
namespace {

struct EmbeddingModel {
    std::string_view id;
    std::int64_t dimensions;  // the most, and the default
    std::int64_t context;     // of each input
};

constexpr std::array kEmbeddingModels = {
    EmbeddingModel{"doubao-embedding-text-240715", 2560, 4096},
    EmbeddingModel{"doubao-embedding-large-text-240915", 4096, 4096},
    EmbeddingModel{"doubao-embedding-large-text-250515", 2048, 4096},
};

constexpr EmbeddingModel kSimulatedEmbedding = {"sim-embedding", 2048, 4096};

constexpr std::array kEmbeddingFields = {
    FieldRule{"model", FieldType::String},
    FieldRule{"input"},
    FieldRule{"encoding_format", FieldType::String},
    FieldRule{"dimensions", FieldType::Integer, 1},
    FieldRule{"user", FieldType::String},
    FieldRule{"x_echo", FieldType::Boolean},
};

std::optional<EmbeddingModel> find_embedding_model(std::string_view id) {
    for (const EmbeddingModel& model : kEmbeddingModels) {
        if (model.id == id) return model;
    }
    if (!id.starts_with("sim-") && !id.starts_with("ep-")) return std::nullopt;
    return find_model(id) ? std::optional(kSimulatedEmbedding) : std::nullopt;
}

Verdict refuse_embedding_model(const Json& body) {
    const Json* name = find_field(body, "model");
    if (name == nullptr) return missing("model");
    if (!name->is_string()) return invalid("model", "expected a string");
    const std::string_view id = text_field(body, "model");
    if (find_embedding_model(id)) return std::nullopt;
    return find_model(id) ? wrong_use(id) : unknown_model(id);
}

Verdict refuse_input(const Json& body, const EmbeddingModel& model) {
    constexpr std::size_t kMostInputs = 256;
    const Json* input = find_field(body, "input");
    if (input == nullptr) return missing("input");
    const bool is_texts =
        input->is_string() ||
        (input->is_array() && !input->empty() &&
         std::all_of(input->begin(), input->end(), [](const Json& s) { return s.is_string(); }));
    if (!is_texts) return invalid("input", "expected a string or an array of strings");
    if (input->is_array() && input->size() > kMostInputs) {
        return invalid("input", "expected at most 256 strings, but got " +
                                    std::to_string(input->size()) + " instead");
    }
    for (const EmbeddingInput& one : read_inputs(*input)) {
        if (one.tokens >= 1 && one.tokens <= model.context) continue;
        return invalid("input", "expected 1 to " + std::to_string(model.context) +
                                    " tokens, but got " + std::to_string(one.tokens) + " instead");
    }
    return std::nullopt;
}

Verdict refuse_embeddings(const Json& body, const EmbeddingModel& model) {
    if (auto refusal = refuse_members(body, "", kEmbeddingFields, model.id)) return refusal;
    if (auto refusal = refuse_input(body, model)) return refusal;
    if (integer_field(body, "dimensions").value_or(1) > model.dimensions) {
        return invalid("dimensions", "expected a value <= " + std::to_string(model.dimensions) +
                                         ", but got " + body["dimensions"].dump() + " instead");
    }
    if (find_field(body, "encoding_format") == nullptr) return std::nullopt;
    return refuse_choice("encoding_format", text_field(body, "encoding_format"), "float");
}

}  // namespace

bool is_embedding_model(std::string_view id) {
    return std::any_of(kEmbeddingModels.begin(), kEmbeddingModels.end(),
                       [&](const EmbeddingModel& model) { return model.id == id; });
}

std::variant<Refusal, std::string> make_embeddings(const Json& body, const std::string& id,
                                                   const Occasion& occasion) {
    if (auto refusal = refuse_embedding_model(body)) return *std::move(refusal);
    const std::string_view name = text_field(body, "model");
    const auto model = find_embedding_model(name);
    if (auto refusal = refuse_embeddings(body, *model)) return *std::move(refusal);
    const auto dimensions =
        static_cast<std::size_t>(integer_field(body, "dimensions").value_or(model->dimensions));
    const auto inputs = read_inputs(body["input"]);
    const std::int64_t tokens = tokens_of(inputs);
    Json reply = {{"id", id},
                  {"object", "list"},
                  {"created", occasion.created()},
                  {"model", name},
                  {"data", render_embeddings(inputs, dimensions, VectorForm::Numbers,
                                             hash_of(name, occasion.seed))},
                  {"usage", {{"prompt_tokens", tokens}, {"total_tokens", tokens}}}};
    if (is_true(body, "x_echo")) reply["x_echo"] = unknown_fields(body, kEmbeddingFields);
    return reply.dump();
}

}  // namespace aigw::simulated::doubao
