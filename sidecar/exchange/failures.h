// What a failed call says about its platform.
#pragma once

#include "base/error.h"
#include "routing/retry.h"

namespace aigw::exchange {

// `error` as the adapter or the engine gave it; `status` of the vendor's answer, 0 when none came.
// The adapter's reading counts more than the status: a vendor may say 400 for a throttle.
routing::Failure failure_of(const Error& error, int status);

}  // namespace aigw::exchange
