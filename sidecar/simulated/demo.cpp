#include "sidecar/simulated/demo.h"

#include "sidecar/simulated/simulated.h"

namespace aigw::simulated {
namespace {

constexpr std::string_view kKey = "sk-simulated";

routing::PlatformOptions demo_platform() {
    routing::PlatformOptions platform{.name = "demo", .provider = "simulated", .is_default = true};
    for (const char* name : {"gpt-4o", "gpt-4o-mini", "text-embedding-3-small"})
        platform.models.push_back({.name = name});
    return platform;
}

}  // namespace

Result<std::unique_ptr<Demo>> Demo::start(std::uint64_t seed) {
    std::unique_ptr<Demo> demo(new Demo(seed));
    demo->server_ = TRY(engine::Server::listen({.listen = {"127.0.0.1:0"}}, demo->loops_,
                                               make_handler(Options{.seed = seed})));
    return demo;
}

Demo::~Demo() {
    if (server_) server_->stop();
}

std::string Demo::url_of(std::string_view provider) const {
    std::string_view base = "/v1";
    for (const VendorRow& row : vendor_rows()) {
        if (row.name == provider) base = row.base;
    }
    return "http://" + server_->addresses().front() + std::string(base);
}

void Demo::apply(config::Config& config) const {
    std::vector<routing::PlatformOptions>& platforms = config.routing.platforms;
    if (platforms.empty()) platforms.push_back(demo_platform());
    for (routing::PlatformOptions& platform : platforms) {
        platform.base_url = url_of(platform.provider);
        platform.api_key = Secret(std::string(kKey), "");
    }
}

}  // namespace aigw::simulated
