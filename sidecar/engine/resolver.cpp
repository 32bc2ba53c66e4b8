#include "sidecar/engine/resolver.h"

#include <boost/asio/ip/address.hpp>

#include "sidecar/engine/loop.h"

namespace aigw::engine {

Resolver::Resolver(Loop& loop) : resolver_(loop.context().get_executor()) {}

Task<Result<std::vector<std::string>>> Resolver::resolve(const std::string& host) {
    // The name server's own lifetime is not visible through getaddrinfo; half a minute follows a
    // moving service closely.
    constexpr std::chrono::seconds kFresh{30};
    boost::system::error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    if (!no_address) co_return std::vector<std::string>{host};

    const auto now = std::chrono::steady_clock::now();
    auto found = entries_.find(host);
    if (found != entries_.end() && now < found->second.fresh_until)
        co_return found->second.addresses;

    auto [error, results] = co_await completion<Results>(
        [&](auto handler) { resolver_.async_resolve(host, "", std::move(handler)); });
    if (error) {
        found = entries_.find(host);
        if (found != entries_.end()) co_return found->second.addresses;
        co_return Error{ErrorCode::UpstreamUnreachable,
                        "the name " + host + " could not be resolved: " + error.message()};
    }
    Entry entry{.addresses = {}, .fresh_until = now + kFresh};
    for (const auto& result : results)
        entry.addresses.push_back(result.endpoint().address().to_string());
    co_return entries_.insert_or_assign(host, std::move(entry)).first->second.addresses;
}

}  // namespace aigw::engine
