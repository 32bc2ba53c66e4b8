#include "sidecar/engine/resolver.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <utility>

#include "base/time.h"
#include "sidecar/engine/alarm.h"
#include "sidecar/engine/loop.h"

namespace aigw::engine {
namespace {

using Addresses = Resolver::Addresses;

// On a thread of Asio's own: getaddrinfo blocks.
Task<Result<Addresses>> ask_system(LoopExecutor executor, std::string host) {
    boost::asio::ip::basic_resolver<boost::asio::ip::tcp, LoopExecutor> resolver(executor);
    using Results = boost::asio::ip::tcp::resolver::results_type;
    auto [error, results] = co_await completion<Results>(
        [&](auto handler) { resolver.async_resolve(host, "", std::move(handler)); });
    if (error) {
        co_return Error{ErrorCode::UpstreamUnreachable,
                        "the name " + host + " could not be resolved: " + error.message()};
    }
    Addresses addresses;
    for (const auto& result : results) addresses.push_back(result.endpoint().address().to_string());
    co_return addresses;
}

}  // namespace

struct Resolver::Entry {
    Addresses addresses{};  // the last good ones
    Error failure{};        // of the last question
    Clock::time_point fresh_until{};
    Clock::time_point usable_until{};
    bool is_asked = false;
    std::vector<Alarm*> waiting{};
};

Resolver::Resolver(Loop& loop)
    : Resolver(loop, [executor = loop.context().get_executor()](std::string host) {
          return ask_system(executor, std::move(host));
      }) {}

Resolver::Resolver(Loop& loop, Lookup lookup, ResolverTimes times)
    : loop_(loop), lookup_(std::move(lookup)), times_(times) {}

Resolver::~Resolver() = default;

Task<Result<Addresses>> Resolver::resolve(const std::string& host,
                                          std::chrono::milliseconds patience) {
    boost::system::error_code no_address;
    boost::asio::ip::make_address(host, no_address);
    if (!no_address) co_return Addresses{host};

    auto& place = entries_[host];
    if (!place) place = std::make_shared<Entry>();
    const std::shared_ptr<Entry> entry = place;
    const auto now = Clock::now();
    if (now >= entry->fresh_until && !entry->is_asked) ask(host, entry);
    if (!entry->addresses.empty() && now < entry->usable_until) co_return entry->addresses;

    if (entry->is_asked) {
        Alarm alarm(loop_);
        entry->waiting.push_back(&alarm);
        co_await alarm.wait_until(now + patience);
        std::erase(entry->waiting, &alarm);
    }
    if (!entry->addresses.empty()) co_return entry->addresses;
    if (!entry->is_asked) co_return entry->failure;
    co_return Error{
        ErrorCode::UpstreamTimeout,
        "the name " + host + " could not be resolved within " + render_duration(patience)};
}

void Resolver::ask(const std::string& host, const std::shared_ptr<Entry>& entry) {
    entry->is_asked = true;
    detach(look_up(entry, lookup_, host, times_), [] {});
}

Task<void> Resolver::look_up(std::shared_ptr<Entry> entry, Lookup lookup, std::string host,
                             ResolverTimes times) {
    auto found = co_await lookup(host);
    const auto now = Clock::now();
    entry->is_asked = false;
    if (found && !found->empty()) {
        entry->addresses = std::move(found).take();
        entry->fresh_until = now + times.fresh;
        entry->usable_until = entry->fresh_until + times.usable;
    } else {
        entry->failure =
            found ? Error{ErrorCode::UpstreamUnreachable, "the name " + host + " has no address"}
                  : std::move(found).error();
        // A name that was never good is asked for by every call.
        if (!entry->addresses.empty()) {
            entry->fresh_until = now + times.again_after_failure;
            entry->usable_until = now + times.usable;
        }
    }
    for (Alarm* alarm : std::exchange(entry->waiting, {})) alarm->cancel();
}

}  // namespace aigw::engine
