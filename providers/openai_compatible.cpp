// Any server that speaks OpenAI's protocol at an address of its own: its base URL is taken as it
// is, since some have a version in their path and some have none, and its errors mean what their
// status says.
#include <memory>

#include "providers/factories.h"
#include "providers/openai_dialect.h"

namespace aigw::providers {
namespace {

class OpenAiCompatible final : public OpenAiDialect {
public:
    explicit OpenAiCompatible(Dialect dialect) : OpenAiDialect(dialect) {}

protected:
    std::string_view api_root() const override { return ""; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError&) const override {
        return std::nullopt;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_openai_compatible() {
    return make_openai_compatible_with(Dialect::Generic);
}

std::unique_ptr<Adapter> make_openai_compatible_with(Dialect dialect) {
    return std::make_unique<OpenAiCompatible>(dialect);
}

}  // namespace aigw::providers
