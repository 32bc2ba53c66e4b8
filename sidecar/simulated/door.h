// The door of a simulated vendor: it checks the key, finds the operation by method and path and
// reads the body, in the order in which vendors do, and each refuses in its own words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sidecar/simulated/json.h"
#include "sidecar/simulated/occasion.h"
#include "sidecar/simulated/vendor.h"

namespace aigw::simulated {

// What an operation is asked.
struct Asked {
    const http::Request& request;
    const Json& body;       // of a POST, after refuse_body let it pass; else null
    std::string_view rest;  // of the path, behind the route's own
};

using Operation = Plan (*)(const Asked& asked, const Occasion& occasion);

struct Route {
    std::string_view method;
    std::string_view path;  // behind the mount; with '/' at its end, every path that begins so
    Operation answer;
};

class Door : public SimulatedVendor {
public:
    Plan answer(const http::Request& request, TimePoint now) const final;

protected:
    // `routes` must outlive the door.
    Door(const VendorOptions& options, std::string_view mount, std::span<const Route> routes)
        : options_(options), mount_(mount), routes_(routes) {}

    // What everything that answers `request` is drawn from.
    std::uint64_t seed_of(const http::Request& request) const;

    // The key, and other fields of the head; before the path is looked at.
    virtual std::optional<Refusal> refuse_head(const http::Request& request) const = 0;
    // `body` is discarded when it was no JSON.
    virtual std::optional<Refusal> refuse_body(const http::Request& request,
                                               const Json& body) const = 0;
    virtual Plan refused(const http::Request& request, const Refusal& refusal,
                         std::uint64_t seed) const = 0;
    virtual Plan unknown_path(const http::Request& request, std::uint64_t seed) const = 0;
    // A path that there is, but not by this method: not a path, unless the vendor says otherwise.
    virtual Plan wrong_method(const http::Request& request, std::uint64_t seed) const;

private:
    VendorOptions options_;
    std::string_view mount_;
    std::span<const Route> routes_;
};

}  // namespace aigw::simulated
