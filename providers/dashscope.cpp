// Alibaba Cloud's DashScope (Model Studio), its OpenAI-compatible surface.
//
// Errors:  native CamelCase names and the surface's snake_case ones, in OpenAI's envelope or flat.
//          The names say more than the status: billing comes as 400 or 429, a throttle as
//          "insufficient_quota".
// Source:  Alibaba Cloud Model Studio, "Error codes" and "OpenAI compatible - Chat".
#include <array>
#include <memory>

#include "protocol/error_meaning.h"
#include "providers/factories.h"
#include "providers/openai_dialect.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

constexpr std::array kMeanings = {
    // the account
    Meaning{"Arrearage*", ErrorCode::UpstreamCredentials},
    Meaning{"CommodityNotPurchased*", ErrorCode::UpstreamCredentials},
    Meaning{"PrepaidBillOverdue*", ErrorCode::UpstreamCredentials},
    Meaning{"PostpaidBillOverdue*", ErrorCode::UpstreamCredentials},
    Meaning{"BudgetLimitExceeded*", ErrorCode::UpstreamCredentials},
    Meaning{"AllocationQuota.FreeTierOnly*", ErrorCode::UpstreamCredentials},
    // the key
    Meaning{"InvalidApiKey*", ErrorCode::UpstreamCredentials},
    Meaning{"invalid_api_key*", ErrorCode::UpstreamCredentials},
    Meaning{"AccessDenied*", ErrorCode::UpstreamCredentials},
    Meaning{"access_denied*", ErrorCode::UpstreamCredentials},
    // throttles
    Meaning{"Throttling*", ErrorCode::RateLimited},
    Meaning{"insufficient_quota*", ErrorCode::RateLimited},
    Meaning{"LimitRequests*", ErrorCode::RateLimited},
    Meaning{"limit_requests*", ErrorCode::RateLimited},
    Meaning{"limit_burst_rate*", ErrorCode::RateLimited},
    // the request; its names come before those of the vendor's own failures
    Meaning{"InternalError.Algo.InvalidParameter*", ErrorCode::InvalidRequest},
    Meaning{"DataInspectionFailed*", ErrorCode::InvalidRequest},
    Meaning{"data_inspection_failed*", ErrorCode::InvalidRequest},
    Meaning{"ModelNotFound*", ErrorCode::NotFound},
    Meaning{"model_not_found*", ErrorCode::NotFound},
    // the vendor
    Meaning{"RequestTimeOut*", ErrorCode::UpstreamTimeout},
    Meaning{"InternalError.Timeout*", ErrorCode::UpstreamTimeout},
    Meaning{"ModelServingError*", ErrorCode::Overloaded},
    Meaning{"ModelUnavailable*", ErrorCode::Overloaded},
};

// Of one call.
constexpr std::size_t kTexts = 10;
constexpr std::size_t kElderTexts = 25;

class DashScope final : public OpenAiDialect {
public:
    DashScope() : OpenAiDialect(Dialect::DashScope) {}

    // Vectors come as numbers only, of texts only.
    bool passes(Protocol caller, Operation operation) const override {
        return operation != Operation::Embeddings && OpenAiDialect::passes(caller, operation);
    }

protected:
    std::string_view api_root() const override { return "/compatible-mode/v1"; }
    protocol::EmbeddingLimits embedding_limits(std::string_view model) const override {
        const bool is_elder =
            model.starts_with("text-embedding-v1") || model.starts_with("text-embedding-v2");
        return {.max_texts = is_elder ? kElderTexts : kTexts, .takes_user = false};
    }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError& said) const override {
        // Permanent, though it carries a throttle's code.
        if (protocol::mentions(said.message, "free allocated quota exceeded"))
            return ErrorCode::UpstreamCredentials;
        return find_meaning(kMeanings, said.code);
    }
};

}  // namespace

std::unique_ptr<Adapter> make_dashscope() {
    return std::make_unique<DashScope>();
}

}  // namespace aigw::providers
