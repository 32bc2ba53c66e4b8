// What became of an answer that has a cap.
#pragma once

namespace aigw::policy {

struct Truncation {
    bool is_cut = false;  // by the gateway; a vendor's own limit is none of its business
};

}  // namespace aigw::policy
