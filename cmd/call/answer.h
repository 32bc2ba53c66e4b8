// Answers of a gateway: the whole of one, the error inside one, and the line that --usage prints.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/usage.h"
#include "cmd/program.h"
#include "http/message.h"
#include "http/transport.h"

namespace aigw::cmd {

// An error status, or an error event within a stream, as this program's own Error. The code, and
// with it the exit code, is the row of the error table that has this status and type; `status` is 0
// for an event.
Error error_of_answer(int status, const http::Headers& headers, std::string_view body);

// Sends and waits for the whole answer. An error status is an Error.
Result<http::Response> fetch(http::Transport& transport, const http::Request& request);

struct CallTimes {
    std::chrono::milliseconds first_byte{};
    std::chrono::milliseconds total{};
};

// "usage: 12 input, 40 output, price 0.00041000 USD, platform openai-main, first byte 80 ms, total
// 900 ms": parts that nobody told are left out.
std::string render_usage(const std::optional<Usage>& usage, const http::Headers& headers,
                         const CallTimes& times);

}  // namespace aigw::cmd
