// What every answer of the simulated OpenAI comes in: its headers, and the form of a refusal.
//
// Source: the headers and bodies that OpenAI's service gives.
#pragma once

#include <cstdint>
#include <string>

#include "sidecar/simulated/json.h"
#include "sidecar/simulated/plan.h"
#include "sidecar/simulated/refusal.h"

namespace aigw::simulated::openai {

// "" stands for null.
Json nullable(const std::string& text);

http::Headers common_headers(std::uint64_t seed);
Plan whole(int status, std::string body, std::uint64_t seed);
Plan refused(const Refusal& refusal, std::uint64_t seed);

}  // namespace aigw::simulated::openai
