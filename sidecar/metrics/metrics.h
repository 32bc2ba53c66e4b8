// What the gateway counts, as Prometheus reads it.
//
// Shape:   every loop has cells of its own (a mutex that only a scrape ever contends for); `render`
// adds them up into the
//          text exposition format.
// Labels:  from bounded sets: routes, configured platforms, limits' names, error kinds. A model's
// name counts as itself only
//          after a vendor has answered for it, and only the first thousand of them; all others are
//          "other".
// Source:  contracts of the project ("Metrics"); Prometheus text format 0.0.4.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/money.h"
#include "base/usage.h"

namespace aigw::metrics {

// One finished request.
struct RequestRecord {
    std::string_view route{};     // the route's path
    std::string_view model{};     // empty: none
    std::string_view platform{};  // the one that answered; empty: none
    int status = 0;
    bool is_answered = false;  // by a vendor: its model exists
    std::chrono::nanoseconds duration{};
    std::chrono::nanoseconds first_byte{};  // 0: nothing was sent by an upstream
    std::chrono::nanoseconds overhead{};    // time not spent waiting for the upstream
    Usage usage{};
    Money cost{};
    bool is_unpriced = false;
};

struct Histogram {
    static constexpr std::array<double, 14> kBounds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1,
                                                    0.25,   0.5,    1,     2.5,   10,   30,   120};
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
    std::uint64_t count = 0;
    void add(std::chrono::nanoseconds value);
};

class LoopMetrics {
public:
    void finished(const RequestRecord& record);
    void refused(std::string_view limit);
    void upstream_failed(std::string_view platform, std::string_view kind);
    std::atomic<std::int64_t> open_streams{0};

private:
    friend class Metrics;
    using Labels = std::vector<std::string>;
    std::string_view label_of(std::string_view model);

    std::mutex mutex_;  // guards everything below
    std::map<Labels, std::uint64_t> requests_;
    std::map<Labels, Histogram> request_seconds_;
    std::map<Labels, Histogram> first_byte_seconds_;
    std::map<Labels, Histogram> overhead_seconds_;
    std::map<Labels, std::int64_t> tokens_;
    std::map<Labels, Int128> cost_;
    std::map<Labels, std::uint64_t> limit_refusals_;
    std::map<Labels, std::uint64_t> upstream_errors_;
    std::map<Labels, std::uint64_t> unpriced_;
    std::map<std::string, bool, std::less<>> models_;
};

class Metrics {
public:
    explicit Metrics(std::size_t loops);

    LoopMetrics& at(std::size_t loop) { return *loops_[loop]; }
    std::string render() const;

private:
    std::vector<std::unique_ptr<LoopMetrics>> loops_;
};

}  // namespace aigw::metrics
