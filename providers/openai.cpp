// OpenAI itself.
//
// Source:  platform.openai.com/docs/guides/error-codes: a 429 is a throttle unless its code says
//          that the account has nothing left.
#include <array>
#include <memory>

#include "providers/factories.h"
#include "providers/openai_dialect.h"

namespace aigw::providers {
namespace {

constexpr std::array<std::string_view, 4> kEmptyAccount = {
    "insufficient_quota", "billing_hard_limit_reached", "billing_not_active",
    "account_deactivated"};

class OpenAi final : public OpenAiDialect {
public:
    OpenAi() : OpenAiDialect(Dialect::OpenAi) {}

protected:
    std::string_view api_root() const override { return "/v1"; }
    bool has_responses() const override { return true; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError& said) const override {
        for (const std::string_view word : kEmptyAccount) {
            if (said.code == word || said.type == word) return ErrorCode::UpstreamCredentials;
        }
        return std::nullopt;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_openai() {
    return std::make_unique<OpenAi>();
}

}  // namespace aigw::providers
