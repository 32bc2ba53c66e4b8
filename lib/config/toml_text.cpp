#include "config/toml_text.h"

#include "base/text.h"
#include "config/references.h"

namespace aigw::config {

std::string toml_text(std::string_view text) {
    return json_string(escape_references(text));
}

std::string toml_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) list += (list.empty() ? "" : ", ") + toml_text(text);
    return "[" + list + "]";
}

std::string toml_boolean(bool value) {
    return value ? "true" : "false";
}

}  // namespace aigw::config
