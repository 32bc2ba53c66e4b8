#include "sidecar/simulated/ids.h"

namespace aigw::simulated {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace

std::string make_id(std::size_t length, Random& random) {
    constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    std::string id;
    for (std::size_t i = 0; i < length; ++i) id += kAlphabet[random.below(kAlphabet.size())];
    return id;
}

std::string make_hex(std::size_t length, Random& random) {
    std::string id;
    for (std::size_t i = 0; i < length; ++i) id += kHexDigits[random.below(kHexDigits.size())];
    return id;
}

std::string make_uuid(Random& random) {
    constexpr std::string_view kPattern = "xxxxxxxx-xxxx-4xxx-9xxx-xxxxxxxxxxxx";
    std::string id(kPattern);
    for (char& c : id) {
        if (c == 'x') c = kHexDigits[random.below(kHexDigits.size())];
    }
    return id;
}

}  // namespace aigw::simulated
