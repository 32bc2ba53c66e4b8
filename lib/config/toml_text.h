// Values as gateway.toml writes them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aigw::config {

// With what reads as a reference escaped.
std::string toml_text(std::string_view text);
std::string toml_list(const std::vector<std::string>& texts);
std::string toml_boolean(bool value);

}  // namespace aigw::config
