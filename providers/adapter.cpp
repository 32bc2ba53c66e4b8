#include "providers/adapter.h"

#include <cassert>

namespace aigw::providers {

Result<std::string> Adapter::encode_embeddings(const protocol::EmbeddingsRequest&,
                                               protocol::RequestConversion&) const {
    return Error{ErrorCode::InvalidRequest, "this vendor makes no embeddings"};
}

Result<protocol::EmbeddingsReply> Adapter::decode_embeddings(std::string_view) const {
    return Error{ErrorCode::UpstreamInvalid, "this vendor makes no embeddings"};
}

bool Adapter::passes(Protocol, Operation) const {
    return false;
}

bool Adapter::takes(const protocol::RequestFacts&, std::string_view,
                    std::span<const protocol::Cap>) const {
    return true;
}

Result<void> Adapter::edit(const protocol::RequestFacts&, std::string_view,
                           std::vector<protocol::Edit>&) const {
    return {};
}

std::unique_ptr<protocol::StreamRelay> Adapter::make_relay(const protocol::RequestFacts&,
                                                           std::span<const std::string>) const {
    assert(false && "no stream passes where no request does");
    return nullptr;
}

std::optional<Usage> Adapter::read_usage(std::string_view) const {
    return std::nullopt;
}

bool is_retryable(const Error& error) {
    switch (error.code) {
        case ErrorCode::RateLimited:
        case ErrorCode::UpstreamUnreachable:
        case ErrorCode::UpstreamInvalid:
        case ErrorCode::UpstreamCredentials:
        case ErrorCode::UpstreamTimeout:
        case ErrorCode::Overloaded:
            return true;
        case ErrorCode::InvalidRequest:
        case ErrorCode::ContextTooLong:
        case ErrorCode::Unauthenticated:
        case ErrorCode::InsufficientFunds:
        case ErrorCode::Forbidden:
        case ErrorCode::NotFound:
        case ErrorCode::MethodNotAllowed:
        case ErrorCode::TooLarge:
        case ErrorCode::NoPlatform:
        case ErrorCode::StoreUnavailable:
        case ErrorCode::Internal:
        case ErrorCode::Conflict:
        case ErrorCode::Gone:
        case ErrorCode::MalformedHttp:
        case ErrorCode::Cancelled:
        case ErrorCode::Config:
        case ErrorCode::Usage:
        case ErrorCode::ExpectationFailed:
            return false;
    }
    return false;
}

}  // namespace aigw::providers
