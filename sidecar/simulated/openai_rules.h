// What the simulated OpenAI knows and refuses.
//
// Source: OpenAI's API reference (chat completions, embeddings, models) and the error bodies that
//         its service gives; per-model rules are columns of the table, not branches. The rules of
//         responses and of the older completions stand in files of their own.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/json.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::openai {

enum class Use : std::uint8_t { Chat, Responses, Completions, Embeddings, Any };

struct Model {
    std::string_view id;
    Use use;
    std::int64_t context;
    std::int64_t max_output;
    std::string_view efforts;  // values of reasoning_effort, by blanks; empty: does not reason
    bool refuses_tools_with_effort;  // function tools only with reasoning_effort "none"
    std::int64_t dimensions;         // of an embedding; 0: makes none
    bool has_free_dimensions;
    std::int64_t created;
    std::string_view shutdown_date;  // empty: null

    bool reasons() const { return !efforts.empty(); }
};

std::span<const Model> models();
// By name, or a model of its own for every "sim-…".
std::optional<Model> find_model(std::string_view id);

std::span<const FieldRule> chat_fields();
std::span<const FieldRule> embedding_fields();

// `body` is any JSON value.
std::optional<Refusal> refuse_model(const Json& body, Use use);
// After refuse_model found nothing.
std::optional<Refusal> refuse_chat(const Json& body, const Model& model);
std::optional<Refusal> refuse_embeddings(const Json& body, const Model& model);

// Of every operation that has these fields.
std::optional<Refusal> refuse_metadata(const Json& body, const Model& model);
std::optional<Refusal> refuse_stream_options(const Json& body, const Model& model);

// Of a checked chat request: the model's own default is medium.
bool is_thinking(const Json& body, const Model& model);

}  // namespace aigw::simulated::openai
