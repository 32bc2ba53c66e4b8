#include "sidecar/simulated/demo.h"

#include <algorithm>

#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"
#include "sidecar/simulated/simulated.h"

namespace aigw::simulated {

struct Demo::Parts {
    explicit Parts(std::uint64_t seed) : loops(1, seed) {}
    ~Parts() { loops.stop(); }

    engine::LoopSet loops;
    std::unique_ptr<engine::Server> server;
};

Demo::Demo() = default;
Demo::~Demo() = default;

Result<std::unique_ptr<Demo>> Demo::start(std::uint64_t seed) {
    std::unique_ptr<Demo> demo(new Demo());
    demo->parts_ = std::make_unique<Parts>(seed);
    const Options options{
        .seed = seed, .pace = {.latency = std::chrono::milliseconds(150), .tokens_per_second = 60}};
    demo->parts_->server = TRY(engine::Server::listen({.listen = {"127.0.0.1:0"}},
                                                      demo->parts_->loops, make_handler(options)));
    return demo;
}

void Demo::apply(config::Config& config) const {
    const std::string origin = "http://" + parts_->server->addresses().front();
    auto& platforms = config.routing.platforms;
    if (platforms.empty()) {
        for (const VendorRow& vendor : vendor_rows()) {
            routing::PlatformOptions platform;
            platform.name = "demo-" + std::string(vendor.name);
            platform.provider = std::string(vendor.name);
            platforms.push_back(std::move(platform));
        }
    }
    for (routing::PlatformOptions& platform : platforms) {
        const auto rows = vendor_rows();
        const auto own = std::find_if(rows.begin(), rows.end(), [&](const VendorRow& row) {
            return row.name == platform.provider;
        });
        platform.base_url =
            origin + std::string(own == rows.end() ? rows.front().mount : own->mount);
        platform.api_key = Secret("sk-simulated", "simulated");
    }
}

}  // namespace aigw::simulated
