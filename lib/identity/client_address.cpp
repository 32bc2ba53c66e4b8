#include "identity/client_address.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::identity {
namespace {

constexpr std::string_view kUnix = "unix";

// "192.0.2.7", "192.0.2.7:4711", "2001:db8::1", "[2001:db8::1]:4711", each perhaps in quotes.
std::optional<IpAddress> parse_element(std::string_view text) {
    text = trim(text);
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"') {
        text = text.substr(1, text.size() - 2);
    }
    if (text.starts_with('[')) {
        const std::size_t close = text.find(']');
        if (close == std::string_view::npos) return {};
        return IpAddress::parse(text.substr(1, close - 1));
    }
    const bool has_port = std::ranges::count(text, ':') == 1;
    return IpAddress::parse(has_port ? text.substr(0, text.find(':')) : text);
}

// Takes the last element off a list.
std::string_view pop_element(std::string_view& list) {
    const std::size_t comma = list.rfind(',');
    const std::string_view last = comma == std::string_view::npos ? list : list.substr(comma + 1);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(0, comma);
    return last;
}

}  // namespace

Result<void> check_trusted_proxy(std::string_view text) {
    if (text == kUnix) return {};
    const auto block = IpBlock::parse(text);
    return block ? Result<void>() : Result<void>(block.error());
}

TrustedProxies TrustedProxies::make(std::span<const std::string> entries) {
    TrustedProxies proxies;
    for (const std::string& entry : entries) {
        if (entry == kUnix) proxies.has_unix_ = true;
        if (const auto block = IpBlock::parse(entry)) proxies.blocks_.push_back(*block);
    }
    return proxies;
}

bool TrustedProxies::trusts(const IpAddress& address) const {
    return std::ranges::any_of(blocks_,
                               [&](const IpBlock& block) { return block.contains(address); });
}

bool TrustedProxies::trusts(std::string_view peer) const {
    if (peer == kUnix) return has_unix_;
    if (blocks_.empty()) return false;
    const auto address = IpAddress::parse(peer);
    return address && trusts(*address);
}

std::string TrustedProxies::client_of(std::string_view peer,
                                      std::span<const std::string_view> forwarded_for) const {
    // The usual case, without a look at the address: as the engine wrote it.
    if (blocks_.empty() && !has_unix_ && peer.find(':') == std::string_view::npos)
        return std::string(peer);
    const auto connected = IpAddress::parse(peer);
    std::string client = connected ? connected->text() : std::string(peer);
    if (!trusts(peer)) return client;
    for (std::size_t i = forwarded_for.size(); i-- > 0;) {
        for (std::string_view list = forwarded_for[i]; !list.empty();) {
            const auto address = parse_element(pop_element(list));
            if (!address) return client;
            client = address->text();
            if (!trusts(*address)) return client;
        }
        if (forwarded_for[i].starts_with(',')) return client;  // an element without an address
    }
    return client;
}

}  // namespace aigw::identity
