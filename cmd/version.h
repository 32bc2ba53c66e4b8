// Which aigw this is.
#pragma once

#include <string>

namespace aigw::cmd {

// "aigw 0.1.0 (commit 1a2b3c4d)" and a line with every library and its version.
std::string render_version();

}  // namespace aigw::cmd
