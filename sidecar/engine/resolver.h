// Names to addresses, cached with their last good value: a name server that fails does not take the
// gateway down.
//
// Shape:   what is known is given at once, also when it is due to be asked again: that happens
//          behind the call. Only a name that is unknown, or has not been used for long, is waited
//          for. One question per name is under way at a time, however many calls want it.
// Errors:  upstream_unreachable, upstream_timeout (the name server is silent).
// Threads: everything on the loop.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "sidecar/engine/task.h"

namespace aigw::engine {

class Loop;
class Alarm;

struct ResolverTimes {
    // The name server's own lifetime is not visible through getaddrinfo; half a minute follows a
    // moving service closely.
    std::chrono::milliseconds fresh{30'000};
    std::chrono::milliseconds again_after_failure{5'000};
    std::chrono::milliseconds usable{600'000};  // without waiting, after its last use as fresh
};

class Resolver {
public:
    using Addresses = std::vector<std::string>;
    using Lookup = std::function<Task<Result<Addresses>>(std::string host)>;

    // By the system's name service.
    explicit Resolver(Loop& loop);
    Resolver(Loop& loop, Lookup lookup, ResolverTimes times = {});
    ~Resolver();

    // Numeric addresses of a host, in the order to try them; waits for `patience` at most.
    Task<Result<Addresses>> resolve(const std::string& host, std::chrono::milliseconds patience);

private:
    using Clock = std::chrono::steady_clock;
    struct Entry;
    void ask(const std::string& host, const std::shared_ptr<Entry>& entry);
    static Task<void> look_up(std::shared_ptr<Entry> entry, Lookup lookup, std::string host,
                              ResolverTimes times);

    Loop& loop_;
    Lookup lookup_;
    ResolverTimes times_;
    std::map<std::string, std::shared_ptr<Entry>> entries_;
};

}  // namespace aigw::engine
