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
    OpenAiCompatible() : OpenAiDialect(Dialect::Generic) {}

protected:
    std::string_view api_root() const override { return ""; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError&) const override {
        return std::nullopt;
    }
};

}  // namespace

std::unique_ptr<Adapter> make_openai_compatible() {
    return std::make_unique<OpenAiCompatible>();
}

}  // namespace aigw::providers
