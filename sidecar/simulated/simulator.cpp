#include "sidecar/simulated/simulator.h"

#include "base/text.h"
#include "sidecar/simulated/front.h"

namespace aigw::simulated {
namespace {

constexpr std::string_view kAllVendors = "all";

constexpr std::string_view kModelPrefix = "sim-fault-";
constexpr std::string_view kKeyPrefix = "sk-fault-";

// The name of the fault that the request itself asks for, or "".
std::string asked_fault(const http::Request& request, const SimulatedVendor& vendor) {
    if (const auto field = request.headers.find("x-sim-fault")) return std::string(trim(*field));
    // Most requests name no fault anywhere; they are not read for it.
    const bool may_name_one = request.body.find(kModelPrefix) != std::string::npos ||
                              request.target.find(kModelPrefix) != std::string::npos;
    const std::string model = may_name_one ? vendor.model_of(request) : "";
    if (model.starts_with(kModelPrefix)) return model.substr(kModelPrefix.size());
    const std::string key = vendor.key_of(request);
    return key.starts_with(kKeyPrefix) ? key.substr(kKeyPrefix.size()) : "";
}

Plan own_error(int status, const std::string& message) {
    Plan plan;
    plan.status = status;
    plan.headers.add("content-type", "application/json");
    plan.pieces.push_back(
        {Wait(0), "{\"error\":{\"message\":" + json_string(message) +
                      ",\"type\":\"simulator_error\",\"param\":null,\"code\":null}}"});
    return plan;
}

bool is_under(std::string_view path, std::string_view mount) {
    return path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
}

}  // namespace

struct Simulator::Mounted {
    std::string_view mount;
    std::unique_ptr<SimulatedVendor> vendor;
};

Result<void> check_profile(std::string_view profile) {
    std::vector<std::string_view> names = {kAllVendors};
    for (const VendorRow& row : vendor_rows()) names.push_back(row.name);
    std::string list;
    for (const std::string_view name : names) {
        if (name == profile) return {};
        list.append(list.empty() ? "" : ", ").append(name);
    }
    return Error{ErrorCode::Usage, "unknown profile \"" + std::string(profile) + "\"",
                 "the profiles are " + list};
}

Simulator::Simulator(const Options& options) : shares_(options.faults), seed_(options.seed) {
    for (const VendorRow& row : vendor_rows()) {
        if (options.profile != kAllVendors && options.profile != row.name) continue;
        vendors_.push_back({row.mount, row.make({options.seed, options.pace})});
    }
}

Simulator::~Simulator() = default;

Plan Simulator::answer(const http::Request& request, TimePoint now) {
    const std::uint64_t ordinal = requests_.fetch_add(1, std::memory_order_relaxed);
    const Mounted* mounted = find_mounted(request);
    if (mounted == nullptr) {
        return own_error(404, "no simulated vendor at " + std::string(path_of(request)));
    }
    const auto fault = choose_fault(request, *mounted->vendor, ordinal);
    if (!fault) return own_error(400, render_line(fault.error()));
    Plan plan = mounted->vendor->answer(request, now);
    if (*fault == nullptr) return plan;
    const bool is_healthy_flap = (*fault)->kind == FaultKind::Flap &&
                                 flaps_.fetch_add(1, std::memory_order_relaxed) % 2 == 0;
    if (is_healthy_flap) return plan;
    return apply_fault(**fault, std::move(plan), *mounted->vendor, request, now);
}

const Simulator::Mounted* Simulator::find_mounted(const http::Request& request) const {
    const Mounted* best = nullptr;
    for (const Mounted& mounted : vendors_) {
        const bool is_longer = best == nullptr || mounted.mount.size() > best->mount.size();
        if (is_longer && is_under(path_of(request), mounted.mount)) best = &mounted;
    }
    return best;
}

Result<const FaultRow*> Simulator::choose_fault(const http::Request& request,
                                                const SimulatedVendor& vendor,
                                                std::uint64_t ordinal) const {
    if (const std::string name = asked_fault(request, vendor); !name.empty()) {
        return parse_fault(name);
    }
    Random random(seed_ ^ (ordinal * 0xD1B54A32D192ED03ULL));
    std::uint64_t drawn = random.below(1'000'000);
    for (const FaultShare& share : shares_) {
        if (drawn < share.per_million) return share.fault;
        drawn -= share.per_million;
    }
    return static_cast<const FaultRow*>(nullptr);
}

}  // namespace aigw::simulated
