// Anthropic itself, and servers that speak its Messages.
//
// Keys:    `x-api-key`; the version is pinned, since a later one refuses what older callers send.
// Errors:  its own types mean nothing to OpenAI's callers and are not passed on. 529 is overload.
// Source:  docs.anthropic.com/en/api/errors, /versioning, /rate-limits.
#include <memory>

#include "base/text.h"
#include "protocol/anthropic_answer.h"
#include "protocol/anthropic_reply.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_stream.h"
#include "protocol/anthropic_stream_relay.h"
#include "protocol/error_meaning.h"
#include "providers/addresses.h"
#include "providers/factories.h"
#include "providers/model_table.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

using protocol::VendorError;

constexpr std::string_view kVersion = "2023-06-01";
constexpr int kBadRequest = 400;

class Anthropic final : public Adapter {
public:
    http::Headers headers(
        const Secret& key,
        std::span<const std::pair<std::string, std::string>> extra) const override {
        http::Headers headers;
        if (!key.empty()) headers.add("x-api-key", key.reveal());
        headers.add("anthropic-version", kVersion);
        for (const auto& [name, value] : extra) headers.remove(name);
        for (const auto& [name, value] : extra) headers.add(name, value);
        return headers;
    }

    bool passes(Protocol caller, Operation operation) const override {
        return caller == Protocol::Anthropic &&
               (operation == Operation::Chat || operation == Operation::CountTokens);
    }

    std::string target(const http::Url& base, const WireCall& call) const override {
        switch (call.operation) {
            case Operation::Chat:
            case Operation::Completions:
            case Operation::Embeddings:
                return target_below(base, "/v1", "/messages");
            case Operation::CountTokens:
                return target_below(base, "/v1", "/messages/count_tokens");
            case Operation::Models:
                return target_below(base, "/v1", "/models");
        }
        return {};
    }

    Result<void> edit(const protocol::RequestFacts& facts, std::string_view upstream_model,
                      std::vector<protocol::Edit>& edits) const override {
        const std::string_view model = upstream_model.empty() ? facts.model : upstream_model;
        if (facts.model_place.size() > 0 && model != facts.model)
            edits.push_back({facts.model_place.begin, facts.model_place.end, json_string(model)});
        return {};
    }

    Result<std::string> encode(protocol::ChatRequest request,
                               protocol::RequestConversion& to) const override {
        return protocol::write_anthropic_request(std::move(request), to);
    }

    Result<protocol::ChatReply> decode(std::string_view body) const override {
        protocol::JsonTree tree;
        const protocol::JsonValue root = TRY(parse_reply(tree, body));
        return protocol::read_anthropic_reply(root);
    }

    std::unique_ptr<protocol::ChatStreamParser> make_parser() const override {
        return protocol::make_anthropic_stream_parser();
    }

    protocol::ModelTraits traits(std::string_view model) const override {
        return find_traits(Dialect::Anthropic, model);
    }

    std::unique_ptr<protocol::StreamRelay> make_relay(
        const protocol::RequestFacts&, std::span<const std::string> secrets) const override {
        return std::make_unique<protocol::AnthropicStreamRelay>(secrets);
    }

    std::optional<Usage> read_usage(std::string_view usage_json) const override {
        protocol::JsonTree tree;
        const auto root = tree.parse(usage_json);
        if (!root) return std::nullopt;
        protocol::AnthropicUsage usage;
        usage.merge(*root);
        return usage.usage();
    }

    Error decode_error(const http::Response& reply) const override {
        VendorError said = read_words(reply);
        ErrorCode code = protocol::code_of_status(reply.status);
        // An empty account comes as a mistake of the caller's.
        if (protocol::mentions(said.message, "credit balance is too low"))
            code = ErrorCode::UpstreamCredentials;
        return failure(code, reply, std::move(said));
    }

    Result<void> check_reply(const http::Response& reply) const override {
        if (reply.status >= kBadRequest) return decode_error(reply);
        if (!is_json_object(reply.body))
            return failure(ErrorCode::UpstreamInvalid, reply, read_words(reply));
        auto said = protocol::find_vendor_error(reply.body);
        if (!said) return {};
        const ErrorCode code = protocol::code_of_words(*said);
        return failure(code, reply, *std::move(said));
    }

private:
    static Error failure(ErrorCode code, const http::Response& reply, VendorError said) {
        if (code == ErrorCode::InvalidRequest && protocol::is_context_overflow(said))
            code = ErrorCode::ContextTooLong;
        said.type.clear();
        said.code.clear();
        return make_failure(code, reply.status, std::move(said), reply.headers);
    }
};

}  // namespace

std::unique_ptr<Adapter> make_anthropic() {
    return std::make_unique<Anthropic>();
}

}  // namespace aigw::providers
