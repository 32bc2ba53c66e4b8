#include "sidecar/simulated/triggers.h"

namespace aigw::simulated {
namespace {

std::string_view word_behind(std::string_view prompt, std::string_view beginning) {
    const auto at = prompt.find(beginning);
    if (at == std::string_view::npos) return "";
    const std::string_view rest = prompt.substr(at + beginning.size());
    return rest.substr(0, rest.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"));
}

}  // namespace

std::string_view find_block_reason(std::string_view prompt) {
    return word_behind(prompt, "SIM_BLOCK_");
}

std::string_view find_finish_reason(std::string_view prompt) {
    return word_behind(prompt, "SIM_FINISH_");
}

}  // namespace aigw::simulated
