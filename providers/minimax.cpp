// MiniMax, its OpenAI-compatible surface.
//
// Pass:    no chat does. Thoughts come apart from the text only where `reasoning_split` asks for
//          it, and then as `reasoning_details`, which OpenAI's callers do not look for.
//          Its /responses exists, but what it makes of thoughts and tools is nowhere described:
//          such calls are converted, too, unless a platform says `responses = true`.
// Errors:  mostly with a good status, in `base_resp`; else in OpenAI's envelope, perhaps with the
//          same number in parentheses at the end of the message.
// Source:  platform.minimax.io: error codes, text (OpenAI-compatible).
#include <array>
#include <memory>

#include "base/text.h"
#include "providers/factories.h"
#include "providers/openai_dialect.h"
#include "providers/vendor_failures.h"

namespace aigw::providers {
namespace {

constexpr std::array kMeanings = {
    // the key, the account, its plan
    Meaning{"1004", ErrorCode::UpstreamCredentials},
    Meaning{"2049", ErrorCode::UpstreamCredentials},
    Meaning{"1008", ErrorCode::UpstreamCredentials},  // insufficient balance
    Meaning{"2056", ErrorCode::UpstreamCredentials},  // until its window of five hours is over
    Meaning{"2061", ErrorCode::UpstreamCredentials},  // the model is not in the plan
    // throttles: of requests, tokens, connections, growth
    Meaning{"1002", ErrorCode::RateLimited},
    Meaning{"1039", ErrorCode::RateLimited},
    Meaning{"1041", ErrorCode::RateLimited},
    Meaning{"2045", ErrorCode::RateLimited},
    // the request
    Meaning{"2013", ErrorCode::InvalidRequest},
    Meaning{"1026", ErrorCode::InvalidRequest},  // what was sent is sensitive …
    Meaning{"1027", ErrorCode::InvalidRequest},  // … or what was to come back
    Meaning{"1042", ErrorCode::InvalidRequest},  // invisible characters
    // the vendor
    Meaning{"1001", ErrorCode::UpstreamTimeout},
    Meaning{"1000", ErrorCode::UpstreamInvalid},
    Meaning{"1013", ErrorCode::UpstreamInvalid},
    Meaning{"1024", ErrorCode::UpstreamInvalid},
    Meaning{"1033", ErrorCode::UpstreamInvalid},
};

// "invalid params, duration out of range (2013)"
std::string_view number_behind(std::string_view message) {
    message = trim(message);
    const std::size_t begin = message.rfind('(');
    if (begin == std::string_view::npos || !message.ends_with(')')) return {};
    return message.substr(begin + 1, message.size() - begin - 2);
}

class MiniMax final : public OpenAiDialect {
public:
    MiniMax() : OpenAiDialect(Dialect::MiniMax) {}

    bool passes(Protocol caller, Operation operation) const override {
        return operation == Operation::Models && OpenAiDialect::passes(caller, operation);
    }

protected:
    std::string_view api_root() const override { return "/v1"; }
    std::optional<ErrorCode> code_of(int, const protocol::VendorError& said) const override {
        const auto code = find_meaning(kMeanings, said.code);
        return code ? code : find_meaning(kMeanings, number_behind(said.message));
    }
};

}  // namespace

std::unique_ptr<Adapter> make_minimax() {
    return std::make_unique<MiniMax>();
}

}  // namespace aigw::providers
