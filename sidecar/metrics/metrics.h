// What the gateway counts, as Prometheus reads it.
//
// Shape:   every loop has cells of its own (a mutex that only a scrape ever contends for); `render`
//          adds them up into the text exposition format.
// Labels:  from bounded sets: routes, configured platforms, limits' names, error kinds. A model's
//          name counts as itself only after a vendor has answered for it, and only the first
//          thousand of them; all others are "other".
// Source:  contracts of the project ("Metrics"); Prometheus text format 0.0.4.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
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
    std::string_view key{};  // name of the caller's key, where predecessors' names are exported
};

struct Histogram {
    static constexpr std::array<double, 14> kBounds{0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1,
                                                    0.25,   0.5,    1,     2.5,   10,   30,   120};
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double sum = 0;
    std::uint64_t count = 0;
    void add(std::chrono::nanoseconds value);
    Histogram& operator+=(const Histogram& other);
};

using Labels = std::vector<std::string>;
// Labels on the way of a request: looked up without making a string.
using LabelViews = std::initializer_list<std::string_view>;

struct LabelsLess {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const {
        return std::lexicographical_compare(
            a.begin(), a.end(), b.begin(), b.end(),
            [](std::string_view left, std::string_view right) { return left < right; });
    }
};
template <class Value>
using Cells = std::map<Labels, Value, LabelsLess>;

// What has been counted, by labels in the order that render() names them.
struct Counts {
    Cells<std::uint64_t> requests{};  // route, model, platform, code
    Cells<Histogram> request_seconds{};
    Cells<Histogram> first_byte_seconds{};
    Cells<Histogram> overhead_seconds{};
    Cells<std::int64_t> tokens{};
    Cells<Int128> cost{};
    Cells<std::uint64_t> limit_refusals{};
    Cells<std::uint64_t> upstream_errors{};
    Cells<std::uint64_t> probes{};  // platform, outcome
    Cells<std::uint64_t> unpriced{};
    Cells<std::uint64_t> conversion_warnings{};  // kind, field
    // Only where predecessors' names are exported:
    Cells<std::uint64_t> keys{};
    Cells<Histogram> upstream_seconds{};

    Counts& operator+=(const Counts& other);
};

class LoopMetrics {
public:
    void finished(const RequestRecord& record);
    void refused(std::string_view limit);
    void upstream_failed(std::string_view platform, std::string_view kind);
    // An active probe of a platform.
    void probed(std::string_view platform, std::string_view outcome);
    // What a conversion gave up; `field` is one of a protocol's own, never the caller's word.
    void lost(std::string_view kind, std::string_view field);
    std::atomic<std::int64_t> open_streams{0};

private:
    friend class Metrics;
    std::string_view label_of(std::string_view model);

    // The cells of one kind of request; they stay where they are.
    struct Series {
        std::string route{};
        std::string model{};
        std::string platform{};
        int status = 0;
        std::uint64_t* requests = nullptr;
        Histogram* request_seconds = nullptr;
        Histogram* first_byte_seconds = nullptr;
        Histogram* overhead_seconds = nullptr;
        std::array<std::int64_t*, 5> tokens{};  // in the order of kTokenKinds; made when counted
        Int128* cost = nullptr;                 // of `currency`
        Currency currency{};
        bool is_of(const RequestRecord& record, std::string_view model_label) const {
            return status == record.status && model == model_label && platform == record.platform &&
                   route == record.route;
        }
    };
    Series& series_of(const RequestRecord& record, std::string_view model_label);
    void count_tokens(Series& series, const Usage& usage);
    void count_cost(Series& series, const Money& cost);

    std::mutex mutex_;  // guards everything below
    Counts counts_;
    std::vector<Series> recent_;  // the kinds that came last, few enough to look through
    std::size_t oldest_ = 0;
    std::map<std::string, bool, std::less<>> models_;
};

// How a platform stands at the moment of a scrape.
struct PlatformState {
    std::string_view name{};
    bool is_left_alone = false;  // for having failed
    std::size_t idle_connections = 0;
    std::size_t busy_connections = 0;
};

// The method of a route, by its path; empty for what is none.
using MethodOf = std::function<std::string_view(std::string_view route)>;

class Metrics {
public:
    explicit Metrics(std::size_t loops);

    LoopMetrics& at(std::size_t loop) { return *loops_[loop]; }
    // With `method_of`, also the names of the one-upstream proxy (predecessor.h).
    std::string render(std::span<const PlatformState> platforms,
                       const MethodOf& method_of = {}) const;

private:
    std::vector<std::unique_ptr<LoopMetrics>> loops_;
};

}  // namespace aigw::metrics
