#include "config/provenance.h"

#include <algorithm>

#include "base/text.h"

namespace aigw::config {
namespace {

bool is_bare(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

// The path of what holds `path`: up to the last "." or "[" outside quotes.
std::string_view parent_of(std::string_view path) {
    std::size_t cut = 0;
    bool is_quoted = false;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '\\' && is_quoted) {
            ++i;
        } else if (path[i] == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && (path[i] == '.' || path[i] == '[')) {
            cut = i;
        }
    }
    return path.substr(0, cut);
}

}  // namespace

std::string render_key(std::string_view key) {
    return !key.empty() && std::ranges::all_of(key, is_bare) ? std::string(key) : json_string(key);
}

std::string join_path(std::string_view parent, std::string_view key) {
    if (parent.empty()) return render_key(key);
    return std::string(parent) + "." + render_key(key);
}

std::string join_path(std::string_view parent, std::size_t index) {
    return std::string(parent) + "[" + std::to_string(index) + "]";
}

void Provenance::record(std::string path, FilePosition at, std::string written) {
    origins_.insert_or_assign(std::move(path), Origin{std::move(at), std::move(written), {}});
}

void Provenance::record_variable(std::string path, std::string variable, FilePosition at) {
    origins_.insert_or_assign(std::move(path), Origin{std::move(at), {}, std::move(variable)});
}

std::string Provenance::Origin::text() const {
    if (variable.empty()) return at.text();
    return "$" + variable + (at.file.empty() ? "" : " in " + at.text());
}

const Provenance::Origin* Provenance::find(std::string_view path) const {
    const auto found = origins_.find(path);
    return found == origins_.end() ? nullptr : &found->second;
}

FilePosition Provenance::place_of(std::string_view path) const {
    for (; !path.empty(); path = parent_of(path)) {
        if (const Origin* origin = find(path)) return origin->at;
    }
    return {};
}

}  // namespace aigw::config
