#include "sidecar/simulated/plan.h"

namespace aigw::simulated {

std::string Plan::body() const {
    std::string all;
    for (const Piece& piece : pieces) all += piece.bytes;
    return all;
}

}  // namespace aigw::simulated
