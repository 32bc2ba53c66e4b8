#include "sidecar/metrics/predecessor.h"

#include "sidecar/metrics/families.h"

namespace aigw::metrics {
namespace {

// Where the labels of a counted request stand.
constexpr std::size_t kRoute = 0;
constexpr std::size_t kPlatform = 2;
constexpr std::size_t kCode = 3;

template <class Value, class Relabel>
Cells<Value> relabelled(const Cells<Value>& cells, const Relabel& relabel) {
    Cells<Value> out;
    for (const auto& [labels, value] : cells) out[relabel(labels)] += value;
    return out;
}

// Those that a platform answered.
Cells<std::uint64_t> proxied(const Cells<std::uint64_t>& requests) {
    Cells<std::uint64_t> out;
    for (const auto& [labels, count] : requests) {
        if (!labels[kPlatform].empty()) out[{labels[kRoute], labels[kCode]}] += count;
    }
    return out;
}

Cells<std::uint64_t> total(const Cells<std::uint64_t>& cells) {
    std::uint64_t sum = 0;
    for (const auto& [labels, count] : cells) sum += count;
    return {{{}, sum}};
}

}  // namespace

std::vector<prometheus::MetricFamily> one_upstream_families(const Counts& counts,
                                                            const MethodOf& method_of) {
    const auto by_status = [&](const Labels& labels) -> Labels {
        return {std::string(method_of(labels[kRoute])), labels[kRoute], labels[kCode]};
    };
    const auto by_endpoint = [&](const Labels& labels) -> Labels {
        return {std::string(method_of(labels[kRoute])), labels[kRoute]};
    };
    return {
        counters("http_requests_total", "Requests finished.", {"method", "endpoint", "status"},
                 relabelled(counts.requests, by_status)),
        histograms("http_request_duration_seconds",
                   "From the request's head to the end of its reply.", {"method", "endpoint"},
                   relabelled(counts.request_seconds, by_endpoint)),
        counters("api_key_usage_total", "Requests of each key.", {"key_prefix"}, counts.keys),
        counters("rate_limit_hits_total", "Requests refused by a limit.", {},
                 total(counts.limit_refusals)),
        counters("proxy_requests_total", "Requests that a platform answered.",
                 {"endpoint", "status"}, proxied(counts.requests)),
        histograms("proxy_request_duration_seconds", "Time spent waiting for the upstream.",
                   {"endpoint"}, counts.upstream_seconds),
    };
}

}  // namespace aigw::metrics
