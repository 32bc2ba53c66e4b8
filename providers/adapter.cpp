#include "providers/adapter.h"

namespace aigw::providers {

bool Adapter::gives(Protocol, std::string_view) const {
    return true;
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
