// Names to addresses, cached with their last good value: a name server that fails does not take the
// gateway down.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "sidecar/engine/task.h"

namespace aigw::engine {

class Loop;

class Resolver {
public:
    explicit Resolver(Loop& loop);

    // Numeric addresses of a host, in the order to try them. Errors: upstream_unreachable.
    Task<Result<std::vector<std::string>>> resolve(const std::string& host);

private:
    struct Entry {
        std::vector<std::string> addresses;
        std::chrono::steady_clock::time_point fresh_until;
    };
    using Results = boost::asio::ip::tcp::resolver::results_type;

    boost::asio::ip::basic_resolver<boost::asio::ip::tcp, LoopExecutor> resolver_;
    std::map<std::string, Entry> entries_;
};

}  // namespace aigw::engine
