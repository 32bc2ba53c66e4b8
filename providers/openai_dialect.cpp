#include "providers/openai_dialect.h"

#include <algorithm>

#include "base/text.h"
#include "protocol/chat_stream_relay.h"
#include "protocol/error_meaning.h"
#include "protocol/openai_reply.h"
#include "protocol/openai_request.h"
#include "protocol/openai_stream.h"
#include "protocol/reply_usage.h"
#include "protocol/responses_stream_relay.h"
#include "providers/addresses.h"
#include "providers/pass_rules.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

using protocol::Edit;
using protocol::RequestFacts;
using protocol::VendorError;

constexpr int kBadRequest = 400;

// ---- Edits -----------------------------------------------------------------------------------

Edit ask_usage(const RequestFacts& facts) {
    if (!facts.stream_options) {
        return {facts.first_key, facts.first_key, R"("stream_options":{"include_usage":true},)"};
    }
    const protocol::StreamOptionsPlace& place = *facts.stream_options;
    if (place.include_usage) return {place.include_usage->begin, place.include_usage->end, "true"};
    if (place.has_fields) {
        const std::size_t inside = place.value.begin + 1;
        return {inside, inside, R"("include_usage":true,)"};
    }
    return {place.value.begin, place.value.end, R"({"include_usage":true})"};
}

// Path below the API's root.
std::string_view path_of(const WireCall& call) {
    switch (call.operation) {
        case Operation::Chat:
            return call.caller == Protocol::Responses ? "/responses" : "/chat/completions";
        case Operation::Completions:
            return "/completions";
        case Operation::Embeddings:
            return "/embeddings";
        case Operation::Models:
            return "/models";
        case Operation::CountTokens:
            break;
    }
    return "";
}

}  // namespace

http::Headers OpenAiDialect::headers(
    const Secret& key, std::span<const std::pair<std::string, std::string>> extra) const {
    http::Headers headers;
    if (!key.empty()) headers.add("authorization", "Bearer " + key.reveal());
    for (const auto& [name, value] : extra) headers.remove(name);
    for (const auto& [name, value] : extra) headers.add(name, value);
    return headers;
}

bool OpenAiDialect::passes(Protocol caller, Operation operation) const {
    if (caller == Protocol::Responses) return has_responses() && operation == Operation::Chat;
    if (operation == Operation::Completions && !has_completions()) return false;
    return caller == Protocol::OpenAi && operation != Operation::CountTokens;
}

bool OpenAiDialect::takes(const RequestFacts& facts, std::string_view upstream_model,
                          std::span<const protocol::Cap> caps) const {
    if (!has_own_rules(dialect_) || facts.operation != Operation::Chat) return true;
    const std::string_view model = upstream_model.empty() ? facts.model : upstream_model;
    return takes_as_it_stands(protocol::with_caps(find_traits(dialect_, model), caps), facts);
}

std::string OpenAiDialect::target(const http::Url& base, const WireCall& call) const {
    return target_below(base, api_root(), path_of(call));
}

Result<void> OpenAiDialect::edit(const RequestFacts& facts, std::string_view upstream_model,
                                 std::vector<Edit>& edits) const {
    const auto first = static_cast<std::ptrdiff_t>(edits.size());
    const std::string_view model = upstream_model.empty() ? facts.model : upstream_model;
    if (facts.model_place.size() == 0) {
        edits.push_back(
            {facts.first_key, facts.first_key, "\"model\":" + json_string(model) + ","});
    } else if (model != facts.model) {
        edits.push_back({facts.model_place.begin, facts.model_place.end, json_string(model)});
    }
    // Responses end with their usage, unasked.
    const bool must_ask = facts.stream && !facts.asks_usage;
    if (must_ask && facts.protocol != Protocol::Responses) edits.push_back(ask_usage(facts));
    std::sort(edits.begin() + first, edits.end(),
              [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
    return {};
}

Result<std::string> OpenAiDialect::encode(protocol::ChatRequest request,
                                          protocol::RequestConversion& to) const {
    return protocol::write_openai_request(std::move(request), to);
}

Result<protocol::ChatReply> OpenAiDialect::decode(std::string_view body) const {
    protocol::JsonTree tree;
    const protocol::JsonValue root = TRY(parse_reply(tree, body));
    return protocol::read_openai_reply(root);
}

Result<std::string> OpenAiDialect::encode_embeddings(const protocol::EmbeddingsRequest& request,
                                                     protocol::RequestConversion& to) const {
    return protocol::write_openai_embeddings(request, embedding_limits(to.model), to);
}

Result<protocol::EmbeddingsReply> OpenAiDialect::decode_embeddings(std::string_view body) const {
    protocol::JsonTree tree;
    const protocol::JsonValue root = TRY(parse_reply(tree, body));
    return protocol::read_openai_embeddings(root);
}

std::unique_ptr<protocol::ChatStreamParser> OpenAiDialect::make_parser() const {
    return protocol::make_openai_stream_parser(meaning());
}

protocol::VendorMeaning OpenAiDialect::meaning() const {
    return [this](const VendorError& said) { return own_meaning(0, said); };
}

protocol::ModelTraits OpenAiDialect::traits(std::string_view model) const {
    return find_traits(dialect_, model);
}

std::unique_ptr<protocol::StreamRelay> OpenAiDialect::make_relay(
    const RequestFacts& facts, std::span<const std::string> secrets) const {
    using protocol::UsageChunk;
    if (facts.protocol == Protocol::Responses)
        return std::make_unique<protocol::ResponsesStreamRelay>(secrets, meaning());
    return std::make_unique<protocol::OpenAiStreamRelay>(
        facts.asks_usage ? UsageChunk::Pass : UsageChunk::Hide, secrets, meaning());
}

std::optional<Usage> OpenAiDialect::read_usage(std::string_view usage_json) const {
    return protocol::read_usage_object(usage_json);
}

std::optional<ErrorCode> OpenAiDialect::own_meaning(int status, const VendorError& said) const {
    const auto code = code_of(status, said);
    const bool is_overflow =
        code == ErrorCode::InvalidRequest && protocol::is_context_overflow(said);
    return is_overflow ? ErrorCode::ContextTooLong : code;
}

Error OpenAiDialect::decode_error(const http::Response& reply) const {
    VendorError said = read_words(reply);
    ErrorCode code = code_of(reply.status, said).value_or(protocol::code_of_status(reply.status));
    if (code == ErrorCode::InvalidRequest && protocol::is_context_overflow(said))
        code = ErrorCode::ContextTooLong;
    return make_failure(code, reply.status, std::move(said), reply.headers);
}

Result<void> OpenAiDialect::check_reply(const http::Response& reply) const {
    if (reply.status >= kBadRequest) return decode_error(reply);
    if (!is_json_object(reply.body)) {
        return make_failure(ErrorCode::UpstreamInvalid, reply.status, read_words(reply),
                            reply.headers);
    }
    auto said = protocol::find_vendor_error(reply.body);
    if (!said) return {};
    const ErrorCode code =
        own_meaning(reply.status, *said).value_or(protocol::code_of_words(*said));
    return make_failure(code, reply.status, *std::move(said), reply.headers);
}

}  // namespace aigw::providers
