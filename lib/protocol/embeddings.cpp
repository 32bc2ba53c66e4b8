#include "protocol/embeddings.h"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "base/text.h"
#include "protocol/body_errors.h"
#include "protocol/data_url.h"
#include "protocol/json_writer.h"
#include "protocol/reply_usage.h"

namespace aigw::protocol {
namespace {

// ---- Requests
// ------------------------------------------------------------------------------------

constexpr std::array<std::string_view, 5> kRead = {"model", "input", "dimensions",
                                                   "encoding_format", "user"};

Error refused_token_ids() {
    return invalid_field("input", "must be texts: this model has another vocabulary");
}

Result<void> read_texts(JsonValue input, EmbeddingsRequest& request) {
    if (input.is_string()) {
        request.texts.push_back(input.text());
        return {};
    }
    if (!input.is_array()) return wrong_kind("input", "a string or an array of strings", input);
    request.is_list = true;
    request.texts.reserve(input.size());
    for (const JsonValue& text : input) {
        if (!text.is_string()) return refused_token_ids();
        request.texts.push_back(text.text());
    }
    if (request.texts.empty()) return invalid_field("input", "must hold at least one text");
    return {};
}

Result<void> read_form(JsonValue form, EmbeddingsRequest& request) {
    if (!form.is_given()) return {};
    if (!form.is("float") && !form.is("base64"))
        return invalid_field("encoding_format", "must be one of float, base64");
    request.wants_base64 = form.is("base64");
    return {};
}

Result<void> read_dimensions(JsonValue value, EmbeddingsRequest& request) {
    if (!value.is_given()) return {};
    request.dimensions = value.integer();
    if (!request.dimensions || *request.dimensions < 1)
        return invalid_field("dimensions", "must be a whole number from 1");
    return {};
}

Result<void> check_count(const EmbeddingsRequest& request, std::size_t most) {
    if (most == 0 || request.texts.size() <= most) return {};
    return invalid_field("input", "holds " + std::to_string(request.texts.size()) +
                                      " texts: this model takes at most " + std::to_string(most) +
                                      " at once");
}

void write_extras(JsonWriter& json, const EmbeddingsRequest& request, const EmbeddingLimits& limits,
                  RequestConversion& to) {
    for (const ExtraField& extra : request.extras) {
        std::string compact;
        append_compact(compact, extra.json);
        json.raw_field(extra.name, compact);
    }
    if (request.user.empty()) return;
    if (limits.takes_user) {
        json.field("user", request.user);
    } else {
        to.losses.add(LossKind::Dropped, "user");
    }
}

// ---- Vectors
// -------------------------------------------------------------------------------------

constexpr std::string_view kNoVectors = "the upstream's answer has no vectors in it";

Result<std::string> read_vector(JsonValue numbers) {
    if (!numbers.is_array()) return Error{ErrorCode::UpstreamInvalid, std::string(kNoVectors)};
    std::string vector;
    append_compact(vector, numbers.raw());
    return vector;
}

std::string base64_of(std::string_view vector) {
    JsonTree tree;
    const auto numbers = tree.parse(vector);
    std::string bytes;
    if (!numbers) return bytes;
    bytes.reserve(numbers->size() * sizeof(float));
    for (const JsonValue& number : *numbers) {
        const auto bits =
            std::bit_cast<std::uint32_t>(static_cast<float>(number.number().value_or(0)));
        for (unsigned shift = 0; shift < 32; shift += 8)
            bytes.push_back(static_cast<char>((bits >> shift) & 0xFFU));
    }
    return encode_base64(bytes);
}

}  // namespace

Result<EmbeddingsRequest> read_embeddings_request(JsonValue body) {
    EmbeddingsRequest request{.model = body["model"].text()};
    TRY(read_texts(body["input"], request));
    TRY(read_form(body["encoding_format"], request));
    TRY(read_dimensions(body["dimensions"], request));
    request.user = body["user"].text();
    for (const JsonValue& member : body) {
        const bool is_read =
            std::ranges::any_of(kRead, [&](std::string_view name) { return member.has_key(name); });
        if (!is_read && member.is_given())
            request.extras.push_back({member.key(), std::string(member.raw())});
    }
    return request;
}

Result<std::string> write_openai_embeddings(const EmbeddingsRequest& request,
                                            const EmbeddingLimits& limits, RequestConversion& to) {
    TRY(check_count(request, limits.max_texts));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.field("model", to.model);
    json.key("input");
    if (request.is_list) {
        json.begin_array();
        for (const std::string& text : request.texts) json.string(text);
        json.end_array();
    } else {
        json.string(request.texts.front());
    }
    json.field("encoding_format", "float");
    if (request.dimensions) json.integer_field("dimensions", *request.dimensions);
    write_extras(json, request, limits, to);
    json.end_object();
    return body;
}

// Each text names the model anew.
std::string write_gemini_embeddings(const EmbeddingsRequest& request, RequestConversion& to) {
    constexpr std::string_view kKind = "models/";
    const std::string model =
        to.model.starts_with(kKind) ? std::string(to.model) : std::string(kKind).append(to.model);
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.key("requests");
    json.begin_array();
    for (const std::string& text : request.texts) {
        json.begin_object();
        json.field("model", model);
        json.raw_field("content", "{\"parts\":[{\"text\":" + json_string(text) + "}]}");
        if (request.dimensions) json.integer_field("outputDimensionality", *request.dimensions);
        json.end_object();
    }
    json.end_array();
    json.end_object();
    if (!request.user.empty()) to.losses.add(LossKind::Dropped, "user");
    for (const ExtraField& extra : request.extras) to.losses.ignore(extra.name);
    return body;
}

// In the order of their `index`, where they have one.
Result<EmbeddingsReply> read_openai_embeddings(JsonValue body) {
    const JsonValue data = body["data"];
    if (!data.is_array()) return Error{ErrorCode::UpstreamInvalid, std::string(kNoVectors)};
    EmbeddingsReply reply{.model = body["model"].text()};
    reply.vectors.resize(data.size());
    std::int64_t position = 0;
    for (const JsonValue& item : data) {
        const std::int64_t index = item["index"].integer().value_or(position++);
        if (index < 0 || index >= static_cast<std::int64_t>(reply.vectors.size()))
            return Error{ErrorCode::UpstreamInvalid, std::string(kNoVectors)};
        reply.vectors[static_cast<std::size_t>(index)] = TRY(read_vector(item["embedding"]));
    }
    reply.usage = read_usage_object(body["usage"].raw());
    return reply;
}

Result<EmbeddingsReply> read_gemini_embeddings(JsonValue body) {
    const JsonValue list = body["embeddings"];
    if (!list.is_array()) return Error{ErrorCode::UpstreamInvalid, std::string(kNoVectors)};
    EmbeddingsReply reply;
    reply.vectors.reserve(list.size());
    for (const JsonValue& item : list) reply.vectors.push_back(TRY(read_vector(item["values"])));
    return reply;
}

std::string write_embeddings(const EmbeddingsReply& reply, const AnswerPlan& plan,
                             VectorForm form) {
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    json.field("object", "list");
    json.key("data");
    json.begin_array();
    std::int64_t index = 0;
    for (const std::string& vector : reply.vectors) {
        json.begin_object();
        json.field("object", "embedding");
        json.integer_field("index", index++);
        if (form == VectorForm::Base64) {
            json.field("embedding", base64_of(vector));
        } else {
            json.raw_field("embedding", vector);
        }
        json.end_object();
    }
    json.end_array();
    json.field("model", plan.model.empty() ? reply.model : plan.model);
    const std::int64_t tokens = reply.usage ? reply.usage->total_input() : plan.input_tokens;
    json.key("usage");
    json.begin_object();
    json.integer_field("prompt_tokens", tokens);
    json.integer_field("total_tokens", tokens);
    json.end_object();
    json.end_object();
    return body;
}

}  // namespace aigw::protocol
