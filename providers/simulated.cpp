// The simulated vendors of `aigw mock`: OpenAI's protocol, without an account that could be empty.
#include <memory>

#include "providers/factories.h"
#include "providers/openai_dialect.h"

namespace aigw::providers {
namespace {

class Simulated final : public OpenAiDialect {
public:
    Simulated() : OpenAiDialect(Dialect::OpenAi) {}

protected:
    std::string_view api_root() const override { return "/v1"; }
    bool has_responses() const override { return true; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError&) const override {
        return std::nullopt;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_simulated() {
    return std::make_unique<Simulated>();
}

}  // namespace aigw::providers
