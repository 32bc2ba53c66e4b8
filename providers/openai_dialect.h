// What all servers that speak OpenAI's Chat Completions have in common.
//
// A vendor that differs derives from it and answers only what it does otherwise; what no other
// vendor shares stays in that vendor's file.
#pragma once

#include <optional>

#include "protocol/error_meaning.h"
#include "protocol/vendor_error.h"
#include "providers/adapter.h"
#include "providers/model_table.h"

namespace aigw::providers {

class OpenAiDialect : public Adapter {
public:
    http::Headers headers(
        const Secret& key,
        std::span<const std::pair<std::string, std::string>> extra) const override;
    bool passes(Protocol caller, Operation operation) const override;
    bool takes(const protocol::RequestFacts& facts, std::string_view upstream_model,
               std::span<const protocol::Cap> caps) const override;
    std::string target(const http::Url& base, const WireCall& call) const override;
    Result<void> edit(const protocol::RequestFacts& facts, std::string_view upstream_model,
                      std::vector<protocol::Edit>& edits) const override;
    Result<std::string> encode(protocol::ChatRequest request,
                               protocol::RequestConversion& to) const override;
    Result<protocol::ChatReply> decode(std::string_view body) const override;
    Result<std::string> encode_embeddings(const protocol::EmbeddingsRequest& request,
                                          protocol::RequestConversion& to) const override;
    Result<protocol::EmbeddingsReply> decode_embeddings(std::string_view body) const override;
    std::unique_ptr<protocol::ChatStreamParser> make_parser() const override;
    protocol::ModelTraits traits(std::string_view model) const override;
    std::unique_ptr<protocol::StreamRelay> make_relay(
        const protocol::RequestFacts& facts, std::span<const std::string> secrets) const override;
    std::optional<Usage> read_usage(std::string_view usage_json) const override;
    Error decode_error(const http::Response& reply) const override;
    Result<void> check_reply(const http::Response& reply) const override;

protected:
    explicit OpenAiDialect(Dialect dialect) : dialect_(dialect) {}
    // What the vendor means by errors in its streams; the adapter outlives it.
    protocol::VendorMeaning meaning() const;
    // What a base URL without a version stands for: "/v1", or empty where only the platform's
    // owner knows.
    virtual std::string_view api_root() const = 0;
    // Whether the vendor has Responses; of a server at an address of its own a platform says it.
    virtual bool has_responses() const { return false; }
    // Whether it has the elder completions; a server that lacks them says so itself.
    virtual bool has_completions() const { return true; }
    // What such a model takes of embeddings, where no body of theirs passes.
    virtual protocol::EmbeddingLimits embedding_limits(std::string_view) const { return {}; }
    // What the vendor means by an error of its own; nothing: what the status says.
    virtual std::optional<ErrorCode> code_of(int status,
                                             const protocol::VendorError& said) const = 0;

private:
    std::optional<ErrorCode> own_meaning(int status, const protocol::VendorError& said) const;

    Dialect dialect_;
};

}  // namespace aigw::providers
