// What the simulated DashScope (compatible-mode/v1) knows and refuses.
//
// Source: Alibaba Cloud Model Studio's pages on the OpenAI-compatible chat, deep thinking,
//         streaming and embeddings, its error codes, and the error bodies that its service gives.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sidecar/simulated/dashscope_models.h"
#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::dashscope {

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
