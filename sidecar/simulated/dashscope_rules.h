// What the simulated DashScope (compatible-mode/v1) knows and refuses.
//
// Source: Alibaba Cloud Model Studio's pages on the OpenAI-compatible chat, deep thinking,
//         streaming and embeddings, its error codes, and the error bodies that its service gives.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::dashscope {

enum class Use : std::uint8_t { Chat, Embeddings, Both };
enum class Thinking : std::uint8_t { Never, OffByDefault, OnByDefault, Always };

struct Model {
    std::string_view id;  // without "-latest" or a date
    Use use;
    Thinking thinking;
    bool thinks_only_in_streams;
    bool sees_images;
    bool takes_max_completion_tokens;  // older families know only max_tokens
    std::int64_t max_choices;
    std::int64_t context;
    std::int64_t max_output;
    std::string_view dimensions;  // of embeddings, the default first, by blanks; empty: makes none
    std::size_t max_inputs;
};

std::span<const Model> models();
// By name, with or without "-latest" or "-2025-07-28"; or a model of its own for every "sim-…".
std::optional<Model> find_model(std::string_view id);

std::span<const FieldRule> chat_fields();
std::span<const FieldRule> embedding_fields();

std::optional<Refusal> refuse_model(const Json& body, Use use);
std::optional<Refusal> refuse_chat(const Json& body, const Model& model);
std::optional<Refusal> refuse_embeddings(const Json& body, const Model& model);

// Of a checked chat request.
bool is_thinking(const Json& body, const Model& model);
// The dimensions of a checked embedding request.
std::size_t dimensions_of(const Json& body, const Model& model);

}  // namespace aigw::simulated::dashscope
