#include "sidecar/simulated/ids.h"

namespace aigw::simulated {

std::string make_id(std::size_t length, Random& random) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string id;
    for (std::size_t i = 0; i < length; ++i) id += kAlphabet[random.below(kAlphabet.size())];
    return id;
}

std::string make_uuid(Random& random) {
    constexpr std::string_view kPattern = "xxxxxxxx-xxxx-4xxx-9xxx-xxxxxxxxxxxx";
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string id(kPattern);
    for (char& c : id) {
        if (c == 'x') c = kHex[random.below(kHex.size())];
    }
    return id;
}

}  // namespace aigw::simulated
