// The client's address: what reading X-Forwarded-For as one list from the right gives, and never
// anything that stands left of an address that is not trusted.

#include <string>
#include <vector>

#include "base/text.h"
#include "identity/client_address.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::IpAddress;
using aigw::IpBlock;

const std::vector<std::string> kTrusted = {"127.0.0.1", "10.0.0.0/8", "2001:db8::/32", "unix"};

bool is_trusted(const IpAddress& address) {
    for (const std::string& entry : kTrusted) {
        const auto block = IpBlock::parse(entry);
        if (block && block->contains(address)) return true;
    }
    return false;
}

// "192.0.2.7", "192.0.2.7:80", "::1", "[::1]:80", each perhaps in quotes.
std::optional<IpAddress> address_of(std::string_view element) {
    if (element.size() >= 2 && element.front() == '"' && element.back() == '"')
        element = element.substr(1, element.size() - 2);
    if (element.starts_with('[')) {
        const std::size_t close = element.find(']');
        if (close == std::string_view::npos) return {};
        return IpAddress::parse(element.substr(1, close - 1));
    }
    const std::size_t colon = element.find(':');
    const bool is_v4 = colon == element.rfind(':');
    return IpAddress::parse(is_v4 ? element.substr(0, colon) : element);
}

std::string expected(std::string_view peer, const std::vector<std::string_view>& fields) {
    std::string client(peer);
    bool is_known = peer == "unix";
    if (const auto address = IpAddress::parse(peer)) {
        client = address->text();
        is_known = is_trusted(*address);
    }
    std::vector<std::string_view> elements;
    for (const std::string_view field : fields) {
        if (field.empty()) continue;
        for (const std::string_view element : aigw::split(field, ','))
            elements.push_back(aigw::trim(element));
    }
    while (is_known && !elements.empty()) {
        const auto address = address_of(elements.back());
        elements.pop_back();
        if (!address) return client;
        client = address->text();
        is_known = is_trusted(*address);
    }
    return client;
}

}  // namespace

// The first line is the peer, every other one an X-Forwarded-For.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    std::vector<std::string_view> fields = aigw::split(text, '\n');
    const std::string_view peer = fields.front();
    fields.erase(fields.begin());

    static const auto nobody = aigw::identity::TrustedProxies::make({});
    static const auto some = aigw::identity::TrustedProxies::make(kTrusted);
    const auto address = IpAddress::parse(peer);
    aigw::fuzz::must_hold(
        nobody.client_of(peer, fields) == (address ? address->text() : std::string(peer)),
        "without trusted proxies the peer is the client");
    aigw::fuzz::must_hold(some.client_of(peer, fields) == expected(peer, fields),
                          "the client is the first address from the right that is not trusted");
    return 0;
}
