#include "providers/addresses.h"

namespace aigw::providers {
namespace {

bool is_version(std::string_view segment) {
    return segment.size() >= 2 && segment.front() == 'v' && segment[1] >= '0' && segment[1] <= '9';
}

bool ends_with_version(std::string_view path) {
    return is_version(path.substr(path.rfind('/') + 1));
}

// The part of `root` that `path` does not end with already: "/compatible-mode" needs only "/v1" of
// "/compatible-mode/v1".
std::string_view missing_part(std::string_view path, std::string_view root) {
    for (std::size_t cut = root.rfind('/'); cut != std::string_view::npos && cut > 0;
         cut = root.rfind('/', cut - 1)) {
        if (path.ends_with(root.substr(0, cut))) return root.substr(cut);
    }
    return root;
}

}  // namespace

std::string target_below(const http::Url& base, std::string_view root, std::string_view path) {
    const std::size_t question = base.target.find('?');
    std::string target = base.target.substr(0, question);
    while (target.ends_with('/')) target.pop_back();
    if (!ends_with_version(target)) target += missing_part(target, root);
    target += path;
    if (question != std::string::npos) target += base.target.substr(question);
    return target;
}

}  // namespace aigw::providers
