// OpenAI itself.
//
// Forms:   some models have Responses only, others think beside tools there only: a chat that is
//          converted goes that way then, and comes back as it would have by the other.
// Source:  platform.openai.com/docs/guides/error-codes: a 429 is a throttle unless its code says
//          that the account has nothing left.
#include <memory>

#include "protocol/error_meaning.h"
#include "protocol/object_scanner.h"
#include "protocol/openai_stream.h"
#include "protocol/responses_reply.h"
#include "protocol/responses_request.h"
#include "providers/factories.h"
#include "providers/openai_dialect.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

bool asks_for_thinking(const protocol::Reasoning& reasoning) {
    using Mode = protocol::Reasoning::Mode;
    if (reasoning.mode == Mode::Budget || reasoning.mode == Mode::Adaptive) return true;
    return reasoning.mode == Mode::Unset && reasoning.effort &&
           reasoning.effort != protocol::Effort::None;
}

bool needs_responses(const protocol::ChatRequest& request, const protocol::ModelTraits& traits) {
    if (traits.responses_only) return true;
    const bool is_refused = !traits.effort_with_tools && !request.tools.empty();
    return is_refused && asks_for_thinking(request.reasoning);
}

class OpenAi final : public OpenAiDialect {
public:
    explicit OpenAi(Dialect dialect) : OpenAiDialect(dialect) {}

    // Some models have Responses only.
    bool takes(const protocol::RequestFacts& facts, std::string_view upstream_model,
               std::span<const protocol::Cap> caps) const override {
        const std::string_view model = upstream_model.empty() ? facts.model : upstream_model;
        const bool is_chat =
            facts.protocol == Protocol::OpenAi && facts.operation == Operation::Chat;
        if (is_chat && traits(model).responses_only) return false;
        return OpenAiDialect::takes(facts, upstream_model, caps);
    }

    Result<std::string> encode(protocol::ChatRequest request,
                               protocol::RequestConversion& to) const override {
        if (!needs_responses(request, to.traits))
            return OpenAiDialect::encode(std::move(request), to);
        to.wire = Protocol::Responses;
        return protocol::write_responses_request(std::move(request), to);
    }

    Result<protocol::ChatReply> decode(std::string_view body) const override {
        const auto object = protocol::find_field(body, "object");
        if (!object || object->of(body) != "\"response\"") return OpenAiDialect::decode(body);
        protocol::JsonTree tree;
        const protocol::JsonValue root = TRY(parse_reply(tree, body));
        return protocol::read_responses_reply(root);
    }

    std::unique_ptr<protocol::ChatStreamParser> make_parser() const override {
        return protocol::make_either_stream_parser(meaning());
    }

protected:
    std::string_view api_root() const override { return "/v1"; }
    bool has_responses() const override { return true; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError& said) const override {
        const ErrorCode code = protocol::code_of_words(said);
        return code == ErrorCode::UpstreamCredentials ? std::optional(code) : std::nullopt;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_openai() {
    return make_openai_with(Dialect::OpenAi);
}

std::unique_ptr<Adapter> make_openai_with(Dialect dialect) {
    return std::make_unique<OpenAi>(dialect);
}

}  // namespace aigw::providers
