// One call from the shell, whoever carries it: the blocking client to a remote gateway, or the
// pipeline in this process.
#pragma once

#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace aigw::http {

class ReplySink {
public:
    virtual ~ReplySink() = default;
    // Once, before any byte of the body.
    virtual void on_head(int status, const Headers& headers) = 0;
    // As the bytes come; false cancels the call (the answer's reader has gone).
    virtual bool on_bytes(std::string_view bytes) = 0;
};

class Transport {
public:
    virtual ~Transport() = default;
    // Returns when the answer is complete. An HTTP error status is an answer, not an Error.
    // Errors: upstream_unreachable, upstream_timeout, upstream_invalid, cancelled.
    virtual Result<void> send(const Request& request, ReplySink& sink) = 0;
};

}  // namespace aigw::http
