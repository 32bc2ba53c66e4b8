#include "sidecar/exchange/failures.h"

namespace aigw::exchange {

using routing::Failure;
using routing::FailureKind;

Failure failure_of(const Error& error, int status) {
    const auto status_or = [status](int first, int last, int other) {
        return status >= first && status <= last ? status : other;
    };
    Failure failure{.kind = FailureKind::Status, .retry_after = error.retry_after};
    switch (error.code) {
        case ErrorCode::RateLimited:
            failure.status = 429;
            return failure;
        case ErrorCode::UpstreamCredentials:
            failure.status = status_or(401, 403, 401);
            return failure;
        case ErrorCode::Overloaded:
            failure.status = status_or(500, 599, 503);
            return failure;
        case ErrorCode::UpstreamUnreachable:
            failure.kind = FailureKind::Connect;
            return failure;
        case ErrorCode::UpstreamTimeout:
            if (status < 400) failure.kind = FailureKind::Timeout;
            failure.status = status;
            return failure;
        case ErrorCode::UpstreamInvalid:
            if (status < 500) failure.kind = FailureKind::Broken;
            failure.status = status;
            return failure;
        default:
            failure.status = status;
            return failure;
    }
}

}  // namespace aigw::exchange
