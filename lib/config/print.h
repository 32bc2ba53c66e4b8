// A Config as the file that says it.
//
// Secrets: keys print as their references or `***`; so do values of headers whose names announce a
//          secret. Other headers print as they were written, references included.
// Shape:   loading the text again gives the same Config, as long as the references still resolve;
//          a masked secret is refused then, never taken for a key. Keys of GATEWAY_API_KEYS stand
//          in comments, since a file cannot say them.
#pragma once

#include <string>

#include "config/config.h"
#include "config/load.h"
#include "config/provenance.h"

namespace aigw::config {

std::string render_config(const Config& config, const Provenance& provenance, ShowOrigin origin);

}  // namespace aigw::config
