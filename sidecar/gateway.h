// A running gateway: loops, listeners and the pipeline behind them.
//
// Errors:  config, when the configuration can't be served (an unknown provider, an address that is
//          taken, listening beyond this machine without any key).
// Threads: start, reload, drain and stop are called from the thread that made it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace aigw::sidecar {

struct GatewayOptions {
    std::uint64_t seed = 0;  // of ids and jitter
    // Listening sockets to take over, instead of opening those of `server.listen`.
    std::vector<int> inherited_listeners{};
};

class Gateway {
public:
    // Returns when every listener accepts.
    static Result<std::unique_ptr<Gateway>> start(config::Config config, GatewayOptions options);
    ~Gateway();

    // "127.0.0.1:8080", ports filled in.
    const std::vector<std::string>& addresses() const;
    // Whether the TCP listeners speak HTTPS.
    bool is_tls() const;
    std::size_t models() const;
    std::size_t platforms() const;

    // Requests that begin after it follow the new configuration; those under way keep theirs.
    // Listeners and workers stay. On an error nothing has changed.
    Result<void> reload(config::Config config);

    // True when every event loop has taken up a task within that time: none of them hangs.
    bool responds(std::chrono::milliseconds patience);

    // Readiness turns false, requests that come in the next half second are the last; replies under
    // way go on. Returns when all are done or, after the drain timeout, have been told that the
    // gateway stops; true: nothing had to be cut.
    bool drain();

private:
    Gateway();
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace aigw::sidecar
