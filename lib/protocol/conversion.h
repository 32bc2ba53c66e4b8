// What the writer of a request is told besides the request.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/chat_reply.h"
#include "protocol/chat_request.h"
#include "protocol/losses.h"
#include "protocol/model_traits.h"

namespace aigw::protocol {

// What becomes of system messages behind the first turn, where the model takes them.
enum class MidSystem : std::uint8_t { Native, Hoist, User };

struct ConversionOptions {
    std::int64_t default_max_tokens = 8192;
    MidSystem mid_system = MidSystem::Native;
    // SHA-256 as hex, from the room above: names and ids that are too long become hashes.
    std::string (*sha256_hex)(std::string_view) = nullptr;
};

// Everything that a writer of requests reads, and the two things that it writes besides the body.
struct RequestConversion {
    std::string_view model{};  // as the vendor calls it
    const ModelTraits& traits;
    const ConversionOptions& options;
    Losses& losses;
    AnswerPlan& plan;
    // Written: what the body speaks, where the vendor has more than one form.
    Protocol wire = Protocol::OpenAi;
    std::string betas{};  // written: Anthropic's features that the caller asks for, as its header
};

}  // namespace aigw::protocol
