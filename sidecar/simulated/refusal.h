// A vendor's no, before it is put into the vendor's envelope.
#pragma once

#include <span>
#include <string>

#include "base/time.h"

namespace aigw::simulated {

struct Refusal {
    int status = 400;
    std::string message{};
    std::string type = "invalid_request_error";
    std::string param{};  // empty: null
    std::string code{};   // empty: null

    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Why a vendor that could answer does not: what fault injection asks it to say.
struct Failure {
    int status = 500;
    bool is_quota = false;  // 429: the account's money has run out, not its rate
    TimePoint now{};
};

// A vendor's words for a failure.
struct FailureRow {
    int status;
    bool is_quota;
    const char* message;
    const char* type;
    const char* code;  // empty: null
};

// The row that fits, else the vendor's words for a 500 under the failure's own status.
Refusal find_failure(std::span<const FailureRow> rows, const Failure& failure);

}  // namespace aigw::simulated
