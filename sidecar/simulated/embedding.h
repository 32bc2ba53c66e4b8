// Vectors that a simulated embedding model answers.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/simulated/json.h"

namespace aigw::simulated {

struct EmbeddingInput {
    std::string text{};
    std::int64_t tokens = 0;
};

// A checked `input`: a string, strings, one array of token ids, or several.
std::vector<EmbeddingInput> read_inputs(const Json& input);

// A unit vector that depends on nothing but the arguments. Texts that share words point in like
// directions; a vector of fewer dimensions is the beginning of the longer one, scaled to one again.
std::vector<float> embed(std::string_view text, std::size_t dimensions, std::uint64_t seed);

enum class VectorForm : std::uint8_t { Numbers, Base64 };
// "data" of an answer.
Json render_embeddings(std::span<const EmbeddingInput> inputs, std::size_t dimensions,
                       VectorForm form, std::uint64_t seed);
std::int64_t tokens_of(std::span<const EmbeddingInput> inputs);

// Little-endian float32, as `encoding_format: base64` has it.
std::string render_base64(const std::vector<float>& vector);

}  // namespace aigw::simulated
