// --help as aigw prints it: an option's name and the kind of its value, nothing between it and what
// it does. CLI11's own words for defaults, needs and exclusions are left out: where they matter,
// the description says them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace aigw::cmd {

class HelpFormatter : public CLI::Formatter {
public:
    std::string make_option_opts(const CLI::Option* option) const override {
        const std::string type = option->get_type_name();
        return type.empty() || option->get_items_expected_max() == 0 ? "" : " " + type;
    }
};

}  // namespace aigw::cmd
