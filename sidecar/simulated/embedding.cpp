#include "sidecar/simulated/embedding.h"

#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/text.h"
#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated {
namespace {

constexpr std::size_t kMaxWords = 64;  // of a text have a say, so that long texts stay cheap

// Adds `weight` times the direction of one word.
void add_direction(std::vector<float>& vector, std::uint64_t word, float weight) {
    Random random(word);
    for (float& component : vector) {
        const auto bits = static_cast<std::int32_t>(random.next() >> 32U);
        component += weight * static_cast<float>(bits) / 2147483648.0F;
    }
}

void scale_to_unit(std::vector<float>& vector) {
    double sum = 0;
    for (const float component : vector) sum += static_cast<double>(component) * component;
    const auto length = static_cast<float>(std::sqrt(sum));
    for (float& component : vector) component /= length;
}

EmbeddingInput read_input(const Json& item) {
    if (item.is_array()) return {item.dump(), static_cast<std::int64_t>(item.size())};
    auto text = item.get<std::string>();
    const std::int64_t tokens = count_tokens(text);
    return {std::move(text), tokens};
}

Json render_vector(const std::vector<float>& vector, VectorForm form) {
    if (form == VectorForm::Base64) return Json(render_base64(vector));
    Json numbers = Json::array();
    for (const float component : vector) numbers.push_back(static_cast<double>(component));
    return numbers;
}

}  // namespace

std::vector<EmbeddingInput> read_inputs(const Json& input) {
    if (!input.is_array() || input.front().is_number()) return {read_input(input)};
    std::vector<EmbeddingInput> inputs;
    for (const Json& item : input) inputs.push_back(read_input(item));
    return inputs;
}

std::vector<float> embed(std::string_view text, std::size_t dimensions, std::uint64_t seed) {
    std::vector<float> vector(dimensions, 0.0F);
    add_direction(vector, hash_of(text, seed), 0.5F);
    std::size_t words = 0;
    for (const std::string_view word : split(text, ' ')) {
        if (word.empty()) continue;
        if (++words > kMaxWords) break;
        add_direction(vector, hash_of(to_lower(word), seed), 1.0F);
    }
    scale_to_unit(vector);
    return vector;
}

Json render_embeddings(std::span<const EmbeddingInput> inputs, std::size_t dimensions,
                       VectorForm form, std::uint64_t seed) {
    Json data = Json::array();
    for (const EmbeddingInput& input : inputs) {
        data.push_back({{"object", "embedding"},
                        {"index", data.size()},
                        {"embedding", render_vector(embed(input.text, dimensions, seed), form)}});
    }
    return data;
}

std::int64_t tokens_of(std::span<const EmbeddingInput> inputs) {
    std::int64_t tokens = 0;
    for (const EmbeddingInput& input : inputs) tokens += input.tokens;
    return tokens;
}

std::string render_base64(const std::vector<float>& vector) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    std::uint32_t pending = 0;
    unsigned bits = 0;
    const auto put_byte = [&](std::uint32_t byte) {
        pending = (pending << 8U) | byte;
        for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[(pending >> (bits - 6)) & 63U];
    };
    for (const float component : vector) {
        const auto word = std::bit_cast<std::uint32_t>(component);
        for (unsigned shift = 0; shift < 32; shift += 8) put_byte((word >> shift) & 0xFFU);
    }
    if (bits > 0) text += kAlphabet[(pending << (6 - bits)) & 63U];
    while (text.size() % 4 != 0) text += '=';
    return text;
}

}  // namespace aigw::simulated
