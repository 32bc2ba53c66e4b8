#include "sidecar/metrics/families.h"

namespace aigw::metrics {

using prometheus::ClientMetric;
using prometheus::MetricFamily;

ClientMetric labelled(LabelNames names, const Labels& values) {
    ClientMetric metric;
    std::size_t index = 0;
    for (const char* name : names) metric.label.push_back({name, values[index++]});
    return metric;
}

MetricFamily histograms(const char* name, const char* help, LabelNames names,
                        const Cells<Histogram>& cells) {
    MetricFamily family{name, help, prometheus::MetricType::Histogram, {}};
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

}  // namespace aigw::metrics
