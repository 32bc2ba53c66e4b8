#include "sidecar/simulated/refusal.h"

#include <algorithm>

namespace aigw::simulated {

Refusal find_failure(std::span<const FailureRow> rows, const Failure& failure) {
    const auto find = [&](int status, bool is_quota) {
        return std::find_if(rows.begin(), rows.end(), [&](const FailureRow& row) {
            return row.status == status && row.is_quota == is_quota;
        });
    };
    auto row = find(failure.status, failure.is_quota);
    if (row == rows.end()) row = find(500, false);
    return {failure.status, row->message, row->type, "", row->code};
}

}  // namespace aigw::simulated
