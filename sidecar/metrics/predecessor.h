// The names under which the one-upstream proxy of others exported what is counted here, so that
// dashboards and alerts go on working.
//
// Labels:  `endpoint` is the route, `status` the code, `key_prefix` the key's name; the client's
//          address is dropped, since addresses have no bound.
// Source:  gateway.toml(5), `metrics.compat`.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "sidecar/metrics/metrics.h"

namespace aigw::metrics {

std::vector<prometheus::MetricFamily> one_upstream_families(const Counts& counts,
                                                            const MethodOf& method_of);

}  // namespace aigw::metrics
