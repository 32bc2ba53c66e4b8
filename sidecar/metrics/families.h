// From counted cells to the families that Prometheus' text is made of.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "sidecar/metrics/metrics.h"

namespace aigw::metrics {

using LabelNames = std::initializer_list<const char*>;

prometheus::ClientMetric labelled(LabelNames names, const Labels& values);

template <class Value>
prometheus::MetricFamily counters(const char* name, const char* help, LabelNames names,
                                  const Cells<Value>& cells, double scale = 1) {
    prometheus::MetricFamily family{name, help, prometheus::MetricType::Counter, {}};
    for (const auto& [labels, value] : cells) {
        prometheus::ClientMetric metric = labelled(names, labels);
        metric.counter.value = static_cast<double>(value) * scale;
        family.metric.push_back(std::move(metric));
    }
    return family;
}

prometheus::MetricFamily histograms(const char* name, const char* help, LabelNames names,
                                    const Cells<Histogram>& cells);

}  // namespace aigw::metrics
