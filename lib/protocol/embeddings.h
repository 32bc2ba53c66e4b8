// Embeddings for vendors who do not take OpenAI's body as it is, or speak another protocol: read
// from the caller, written for the vendor, and the vectors back.
//
// Vectors: the vendor gives numbers, which keep their digits; a caller who asks for base64 gets
// their
//          32-bit floats, the lowest byte first.
// Errors:  invalid_request for token ids, which belong to one vendor's vocabulary, and for more
// texts
//          than the model takes at once.
// Source:  platform.openai.com/docs/api-reference/embeddings; ai.google.dev/api/embeddings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/usage.h"
#include "protocol/chat_reply.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/json_tree.h"

namespace aigw::protocol {

struct EmbeddingsRequest {
    std::string model{};
    std::vector<std::string> texts{};
    bool is_list = false;  // a single text may stand there
    std::optional<std::int64_t> dimensions{};
    bool wants_base64 = false;
    std::string user{};
    std::vector<ExtraField> extras{};
    friend bool operator==(const EmbeddingsRequest&, const EmbeddingsRequest&) = default;
};

Result<EmbeddingsRequest> read_embeddings_request(JsonValue body);

// What a vendor's models take.
struct EmbeddingLimits {
    std::size_t max_texts = 0;  // at once; 0: unknown
    bool takes_user = true;
};

// For a server of OpenAI's protocol, which is asked for numbers.
Result<std::string> write_openai_embeddings(const EmbeddingsRequest& request,
                                            const EmbeddingLimits& limits, RequestConversion& to);
// For Gemini's batchEmbedContents.
std::string write_gemini_embeddings(const EmbeddingsRequest& request, RequestConversion& to);

struct EmbeddingsReply {
    std::string model{};
    std::vector<std::string> vectors{};  // JSON arrays of numbers
    std::optional<Usage> usage{};
};

Result<EmbeddingsReply> read_openai_embeddings(JsonValue body);
Result<EmbeddingsReply> read_gemini_embeddings(JsonValue body);

enum class VectorForm : bool { Numbers, Base64 };
std::string write_embeddings(const EmbeddingsReply& reply, const AnswerPlan& plan, VectorForm form);

}  // namespace aigw::protocol
