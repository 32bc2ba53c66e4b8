#include "sidecar/metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <charconv>
#include <sstream>

#include "sidecar/metrics/families.h"
#include "sidecar/metrics/predecessor.h"

namespace aigw::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::size_t kMaxModels = 1000;
constexpr std::size_t kRecentSeries = 16;
constexpr std::array<std::string_view, 5> kTokenKinds{"input", "cached_input", "cache_write",
                                                      "output", "reasoning"};

MetricFamily gauge(const char* name, const char* help, double value,
                   std::vector<ClientMetric::Label> labels = {}) {
    MetricFamily family{name, help, MetricType::Gauge, {}};
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
    return family;
}

MetricFamily platform_states(std::span<const PlatformState> platforms) {
    MetricFamily family{"aigw_platform_state",
                        "1: the platform is called; 0: it is left alone, having failed.",
                        MetricType::Gauge,
                        {}};
    for (const PlatformState& platform : platforms) {
        ClientMetric metric;
        metric.label = {{"platform", std::string(platform.name)}};
        metric.gauge.value = platform.is_left_alone ? 0 : 1;
        family.metric.push_back(std::move(metric));
    }
    return family;
}

MetricFamily pool_connections(std::span<const PlatformState> platforms) {
    MetricFamily family{"aigw_pool_connections",
                        "Connections to the platform's address; platforms at one address share "
                        "them.",
                        MetricType::Gauge,
                        {}};
    for (const PlatformState& platform : platforms) {
        for (const auto& [state, count] : {std::pair{"idle", platform.idle_connections},
                                           std::pair{"busy", platform.busy_connections}}) {
            ClientMetric metric;
            metric.label = {{"platform", std::string(platform.name)}, {"state", state}};
            metric.gauge.value = static_cast<double>(count);
            family.metric.push_back(std::move(metric));
        }
    }
    return family;
}

template <class Value>
void add(Cells<Value>& into, const Cells<Value>& from) {
    for (const auto& [labels, value] : from) into[labels] += value;
}

// The cell of these labels, made when it is the first of them.
template <class Value>
Value& cell(Cells<Value>& cells, LabelViews labels) {
    const auto found = cells.find(labels);
    if (found != cells.end()) return found->second;
    return cells[Labels(labels.begin(), labels.end())];
}

}  // namespace

void Histogram::add(std::chrono::nanoseconds value) {
    const double seconds = std::chrono::duration<double>(value).count();
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && seconds > kBounds[bucket]) ++bucket;
    ++buckets[bucket];
    sum += seconds;
    ++count;
}

Histogram& Histogram::operator+=(const Histogram& other) {
    for (std::size_t i = 0; i < buckets.size(); ++i) buckets[i] += other.buckets[i];
    sum += other.sum;
    count += other.count;
    return *this;
}

Counts& Counts::operator+=(const Counts& other) {
    add(requests, other.requests);
    add(request_seconds, other.request_seconds);
    add(first_byte_seconds, other.first_byte_seconds);
    add(overhead_seconds, other.overhead_seconds);
    add(tokens, other.tokens);
    add(cost, other.cost);
    add(limit_refusals, other.limit_refusals);
    add(conversion_warnings, other.conversion_warnings);
    add(upstream_errors, other.upstream_errors);
    add(probes, other.probes);
    add(unpriced, other.unpriced);
    add(keys, other.keys);
    add(upstream_seconds, other.upstream_seconds);
    return *this;
}

std::string_view LoopMetrics::label_of(std::string_view model) {
    const auto known = models_.find(model);
    if (known != models_.end()) return known->first;
    if (models_.size() >= kMaxModels) return "other";
    return models_.emplace(model, true).first->first;
}

LoopMetrics::Series& LoopMetrics::series_of(const RequestRecord& record,
                                            std::string_view model_label) {
    for (Series& series : recent_)
        if (series.is_of(record, model_label)) return series;
    std::array<char, 12> code;
    const auto end = std::to_chars(code.begin(), code.end(), record.status).ptr;
    const std::string_view status(code.data(), end);
    Series series{.route = std::string(record.route),
                  .model = std::string(model_label),
                  .platform = std::string(record.platform),
                  .status = record.status};
    series.requests = &cell(counts_.requests, {record.route, model_label, record.platform, status});
    series.request_seconds = &cell(counts_.request_seconds, {record.route});
    if (recent_.size() < kRecentSeries) return recent_.emplace_back(std::move(series));
    oldest_ = (oldest_ + 1) % kRecentSeries;
    return recent_[oldest_] = std::move(series);
}

void LoopMetrics::count_tokens(Series& series, const Usage& usage) {
    const std::array<std::int64_t, 5> counts{usage.input_tokens, usage.cached_input_tokens,
                                             usage.cache_write_tokens, usage.output_tokens,
                                             usage.reasoning_tokens};
    for (std::size_t i = 0; i < counts.size(); ++i) {
        if (counts[i] <= 0) continue;
        if (series.tokens[i] == nullptr)
            series.tokens[i] =
                &cell(counts_.tokens, {kTokenKinds[i], series.model, series.platform});
        *series.tokens[i] += counts[i];
    }
}

void LoopMetrics::count_cost(Series& series, const Money& cost) {
    if (series.cost == nullptr || series.currency != cost.currency()) {
        series.currency = cost.currency();
        series.cost = &cell(counts_.cost, {cost.currency().text(), series.model, series.platform});
    }
    *series.cost += cost.units();
}

void LoopMetrics::finished(const RequestRecord& record) {
    const std::lock_guard lock(mutex_);
    const std::string_view model = record.model.empty() ? std::string_view()
                                   : record.is_answered ? label_of(record.model)
                                                        : "other";
    Series& series = series_of(record, model);
    ++*series.requests;
    series.request_seconds->add(record.duration);
    if (record.first_byte.count() > 0) {
        if (series.first_byte_seconds == nullptr) {
            series.first_byte_seconds = &cell(counts_.first_byte_seconds, {record.route});
            series.overhead_seconds = &cell(counts_.overhead_seconds, {record.route});
        }
        series.first_byte_seconds->add(record.first_byte);
        series.overhead_seconds->add(record.overhead);
    }
    count_tokens(series, record.usage);
    if (!record.cost.is_zero()) count_cost(series, record.cost);
    if (record.is_unpriced) ++cell(counts_.unpriced, {model});
    if (record.key.empty()) return;
    ++cell(counts_.keys, {record.key});
    if (record.first_byte.count() > 0)
        cell(counts_.upstream_seconds, {record.route}).add(record.duration - record.overhead);
}

void LoopMetrics::lost(std::string_view kind, std::string_view field) {
    const std::lock_guard lock(mutex_);
    ++cell(counts_.conversion_warnings, {kind, field});
}

void LoopMetrics::refused(std::string_view limit) {
    const std::lock_guard lock(mutex_);
    ++cell(counts_.limit_refusals, {limit});
}

void LoopMetrics::upstream_failed(std::string_view platform, std::string_view kind) {
    const std::lock_guard lock(mutex_);
    ++cell(counts_.upstream_errors, {platform, kind});
}

void LoopMetrics::probed(std::string_view platform, std::string_view outcome) {
    const std::lock_guard lock(mutex_);
    ++cell(counts_.probes, {platform, outcome});
}

Metrics::Metrics(std::size_t loops) {
    for (std::size_t i = 0; i < loops; ++i) loops_.push_back(std::make_unique<LoopMetrics>());
}

std::string Metrics::render(std::span<const PlatformState> platforms,
                            const MethodOf& method_of) const {
    Counts sum;
    std::int64_t streams = 0;
    for (const auto& loop : loops_) {
        const std::lock_guard lock(loop->mutex_);
        sum += loop->counts_;
        streams += loop->open_streams.load(std::memory_order_relaxed);
    }
    std::vector<MetricFamily> families{
        counters("aigw_requests_total", "Requests finished.",
                 {"route", "model", "platform", "code"}, sum.requests),
        histograms("aigw_request_seconds", "From the request's head to the end of its reply.",
                   {"route"}, sum.request_seconds),
        histograms("aigw_first_byte_seconds",
                   "From the request's head to the upstream's first byte.", {"route"},
                   sum.first_byte_seconds),
        histograms("aigw_overhead_seconds", "Time not spent waiting for the upstream.", {"route"},
                   sum.overhead_seconds),
        counters("aigw_tokens_total", "Tokens used.", {"kind", "model", "platform"}, sum.tokens),
        counters("aigw_cost_total", "Price of what was used.", {"currency", "model", "platform"},
                 sum.cost, 1.0 / Money::kUnitsPerOne),
        gauge("aigw_open_streams", "Streams open now.", static_cast<double>(streams)),
        counters("aigw_conversion_warnings_total", "What conversions gave up or repaired.",
                 {"kind", "field"}, sum.conversion_warnings),
        counters("aigw_limit_refusals_total", "Requests refused by a limit.", {"limit"},
                 sum.limit_refusals),
        counters("aigw_upstream_errors_total", "Failed attempts at an upstream.",
                 {"platform", "kind"}, sum.upstream_errors),
        counters("aigw_probes_total", "Active probes of a platform.", {"platform", "outcome"},
                 sum.probes),
        platform_states(platforms),
        pool_connections(platforms),
        counters("aigw_unpriced_total", "Requests of models without a price.", {"model"},
                 sum.unpriced),
        gauge("aigw_build_info", "The version that runs.", 1, {{"version", AIGW_VERSION}}),
    };
    if (method_of) {
        for (MetricFamily& family : one_upstream_families(sum, method_of))
            families.push_back(std::move(family));
    }
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, families);
    return text.str();
}

}  // namespace aigw::metrics
