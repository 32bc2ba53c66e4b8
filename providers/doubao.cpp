// Volcengine's Ark (Doubao), and BytePlus ModelArk, which is the same at other addresses.
//
// Models:  `model` is a model's public name or the id of an endpoint (`ep-…`), which says nothing
//          of the model behind it; a bot's id (`bot-…`) has a path of its own.
// Pass:    chats. Ark has /responses for some of its models, with fields of its own:
//          such calls are converted, unless a platform says `responses = true`.
// Errors:  names with dots, of which the first part is the class. They say more than the status: a
//          quota that is used up comes as 429, a closed endpoint as 400.
// Source:  Volcengine, "错误码" (82379/1299023); its SDKs for Python and Go.
#include <array>
#include <memory>

#include "providers/addresses.h"
#include "providers/factories.h"
#include "providers/openai_dialect.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

constexpr std::string_view kBot = "bot-";

constexpr std::array kMeanings = {
    // the account, and what it has booked
    Meaning{"AuthenticationError*", ErrorCode::UpstreamCredentials},
    Meaning{"InvalidAccountStatus*", ErrorCode::UpstreamCredentials},
    Meaning{"AccountOverdueError*", ErrorCode::UpstreamCredentials},
    Meaning{"OperationDenied*", ErrorCode::UpstreamCredentials},
    Meaning{"AccessDenied*", ErrorCode::UpstreamCredentials},
    Meaning{"InvalidSubscription*", ErrorCode::UpstreamCredentials},
    Meaning{"InvalidEndpoint.ClosedEndpoint*", ErrorCode::UpstreamCredentials},
    Meaning{"QuotaExceeded*", ErrorCode::UpstreamCredentials},
    Meaning{"SetLimitExceeded*", ErrorCode::UpstreamCredentials},
    // throttles
    Meaning{"*RateLimitExceeded*", ErrorCode::RateLimited},
    Meaning{"RequestBurstTooFast*", ErrorCode::RateLimited},
    Meaning{"ServerOverloaded*", ErrorCode::RateLimited},
    Meaning{"InflightBatchsizeExceeded*", ErrorCode::RateLimited},
    // the request
    Meaning{"OutofContextError*", ErrorCode::ContextTooLong},
    Meaning{"MissingParameter*", ErrorCode::InvalidRequest},
    Meaning{"InvalidParameter*", ErrorCode::InvalidRequest},
    Meaning{"InvalidArgumentError*", ErrorCode::InvalidRequest},
    Meaning{"InvalidImageURL*", ErrorCode::InvalidRequest},
    Meaning{"*SensitiveContentDetected*", ErrorCode::InvalidRequest},
    Meaning{"*RiskDetection*", ErrorCode::InvalidRequest},
    Meaning{"ContentSecurityDetectionError*", ErrorCode::InvalidRequest},
    // the model
    Meaning{"InvalidEndpointOrModel*", ErrorCode::NotFound},
    Meaning{"ModelNotOpen*", ErrorCode::NotFound},
    Meaning{"UnsupportedModel*", ErrorCode::NotFound},
    Meaning{"NotFound*", ErrorCode::NotFound},
};

class Doubao final : public OpenAiDialect {
public:
    Doubao() : OpenAiDialect(Dialect::Doubao) {}

    // Vectors come as numbers only, of texts only.
    bool passes(Protocol caller, Operation operation) const override {
        return operation != Operation::Embeddings && OpenAiDialect::passes(caller, operation);
    }

    // A bot's path is not that of the platform's other chats.
    bool takes(const protocol::RequestFacts& facts, std::string_view upstream_model,
               std::span<const protocol::Cap> caps) const override {
        const std::string_view model = upstream_model.empty() ? facts.model : upstream_model;
        return !model.starts_with(kBot) && OpenAiDialect::takes(facts, upstream_model, caps);
    }
    std::string target(const http::Url& base, const WireCall& call) const override {
        if (call.operation == Operation::Chat && call.model.starts_with(kBot))
            return target_below(base, api_root(), "/bots/chat/completions");
        return OpenAiDialect::target(base, call);
    }

protected:
    std::string_view api_root() const override { return "/api/v3"; }
    bool has_completions() const override { return false; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError& said) const override {
        return find_meaning(kMeanings, said.code);
    }
};

}  // namespace

std::unique_ptr<Adapter> make_doubao() {
    return std::make_unique<Doubao>();
}

}  // namespace aigw::providers
