// A value of TOML as JSON.
#pragma once

#include <string>

#include "config/document.h"

namespace aigw::config {

// Empty for what JSON has not: a date, a number that is none.
std::string json_of(const Value& value);

}  // namespace aigw::config
