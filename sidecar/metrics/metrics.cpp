#include "sidecar/metrics/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace aigw::metrics {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::size_t kMaxModels = 1000;

using LabelNames = std::initializer_list<const char*>;

ClientMetric labelled(LabelNames names, const std::vector<std::string>& values) {
    ClientMetric metric;
    std::size_t index = 0;
    for (const char* name : names) metric.label.push_back({name, values[index++]});
    return metric;
}

template <class Value>
MetricFamily counters(const char* name, const char* help, LabelNames names,
                      const std::map<std::vector<std::string>, Value>& cells, double scale = 1) {
    MetricFamily family{name, help, MetricType::Counter, {}};
    for (const auto& [labels, value] : cells) {
        ClientMetric metric = labelled(names, labels);
        metric.counter.value = static_cast<double>(value) * scale;
        family.metric.push_back(std::move(metric));
    }
    return family;
}

MetricFamily histograms(const char* name, const char* help, LabelNames names,
                        const std::map<std::vector<std::string>, Histogram>& cells) {
    MetricFamily family{name, help, MetricType::Histogram, {}};
    for (const auto& [labels, histogram] : cells) {
        ClientMetric metric = labelled(names, labels);
        metric.histogram.sample_count = histogram.count;
        metric.histogram.sample_sum = histogram.sum;
        std::uint64_t so_far = 0;
        for (std::size_t i = 0; i < Histogram::kBounds.size(); ++i) {
            so_far += histogram.buckets[i];
            metric.histogram.bucket.push_back({so_far, Histogram::kBounds[i]});
        }
        family.metric.push_back(std::move(metric));
    }
    return family;
}

MetricFamily gauge(const char* name, const char* help, double value,
                   std::vector<ClientMetric::Label> labels = {}) {
    MetricFamily family{name, help, MetricType::Gauge, {}};
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    family.metric.push_back(std::move(metric));
    return family;
}

template <class Key, class Value>
void add(std::map<Key, Value>& into, const std::map<Key, Value>& from) {
    for (const auto& [key, value] : from) into[key] += value;
}

void add(std::map<std::vector<std::string>, Histogram>& into,
         const std::map<std::vector<std::string>, Histogram>& from) {
    for (const auto& [key, value] : from) {
        Histogram& sum = into[key];
        for (std::size_t i = 0; i < value.buckets.size(); ++i) sum.buckets[i] += value.buckets[i];
        sum.sum += value.sum;
        sum.count += value.count;
    }
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

std::string_view LoopMetrics::label_of(std::string_view model) {
    const auto known = models_.find(model);
    if (known != models_.end()) return known->first;
    if (models_.size() >= kMaxModels) return "other";
    return models_.emplace(model, true).first->first;
}

void LoopMetrics::finished(const RequestRecord& record) {
    const std::lock_guard lock(mutex_);
    const std::string model(record.model.empty() ? ""
                            : record.is_answered ? label_of(record.model)
                                                 : "other");
    const std::string platform(record.platform);
    const std::string route(record.route);
    ++requests_[{route, model, platform, std::to_string(record.status)}];
    request_seconds_[{route}].add(record.duration);
    if (record.first_byte.count() > 0) {
        first_byte_seconds_[{route}].add(record.first_byte);
        overhead_seconds_[{route}].add(record.overhead);
    }
    const auto count = [&](const char* kind, std::int64_t tokens) {
        if (tokens > 0) tokens_[{kind, model, platform}] += tokens;
    };
    count("input", record.usage.input_tokens);
    count("cached_input", record.usage.cached_input_tokens);
    count("cache_write", record.usage.cache_write_tokens);
    count("output", record.usage.output_tokens);
    count("reasoning", record.usage.reasoning_tokens);
    if (!record.cost.is_zero())
        cost_[{std::string(record.cost.currency().text()), model, platform}] += record.cost.units();
    if (record.is_unpriced) ++unpriced_[{model}];
}

void LoopMetrics::refused(std::string_view limit) {
    const std::lock_guard lock(mutex_);
    ++limit_refusals_[{std::string(limit)}];
}

void LoopMetrics::upstream_failed(std::string_view platform, std::string_view kind) {
    const std::lock_guard lock(mutex_);
    ++upstream_errors_[{std::string(platform), std::string(kind)}];
}

Metrics::Metrics(std::size_t loops) {
    for (std::size_t i = 0; i < loops; ++i) loops_.push_back(std::make_unique<LoopMetrics>());
}

std::string Metrics::render() const {
    LoopMetrics sum;
    std::int64_t streams = 0;
    for (const auto& loop : loops_) {
        const std::lock_guard lock(loop->mutex_);
        add(sum.requests_, loop->requests_);
        add(sum.request_seconds_, loop->request_seconds_);
        add(sum.first_byte_seconds_, loop->first_byte_seconds_);
        add(sum.overhead_seconds_, loop->overhead_seconds_);
        add(sum.tokens_, loop->tokens_);
        add(sum.cost_, loop->cost_);
        add(sum.limit_refusals_, loop->limit_refusals_);
        add(sum.upstream_errors_, loop->upstream_errors_);
        add(sum.unpriced_, loop->unpriced_);
        streams += loop->open_streams.load(std::memory_order_relaxed);
    }
    const std::vector<MetricFamily> families{
        counters("aigw_requests_total", "Requests finished.",
                 {"route", "model", "platform", "code"}, sum.requests_),
        histograms("aigw_request_seconds", "From the request's head to the end of its reply.",
                   {"route"}, sum.request_seconds_),
        histograms("aigw_first_byte_seconds",
                   "From the request's head to the upstream's first byte.", {"route"},
                   sum.first_byte_seconds_),
        histograms("aigw_overhead_seconds", "Time not spent waiting for the upstream.", {"route"},
                   sum.overhead_seconds_),
        counters("aigw_tokens_total", "Tokens used.", {"kind", "model", "platform"}, sum.tokens_),
        counters("aigw_cost_total", "Price of what was used.", {"currency", "model", "platform"},
                 sum.cost_, 1.0 / Money::kUnitsPerOne),
        gauge("aigw_open_streams", "Streams open now.", static_cast<double>(streams)),
        counters("aigw_limit_refusals_total", "Requests refused by a limit.", {"limit"},
                 sum.limit_refusals_),
        counters("aigw_upstream_errors_total", "Failed attempts at an upstream.",
                 {"platform", "kind"}, sum.upstream_errors_),
        counters("aigw_unpriced_total", "Requests of models without a price.", {"model"},
                 sum.unpriced_),
        gauge("aigw_build_info", "The version that runs.", 1, {{"version", AIGW_VERSION}}),
    };
    std::ostringstream text;
    prometheus::TextSerializer().Serialize(text, families);
    return text.str();
}

}  // namespace aigw::metrics
