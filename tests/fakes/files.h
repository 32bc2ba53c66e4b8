// A disk and an environment in memory, for what reads configuration.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/text.h"
#include "config/files.h"

namespace aigw::fakes {

class Files final : public config::FileReader {
public:
    std::map<std::string, std::string> content{};
    std::set<std::string> unreadable{};

    Result<std::string> read(const std::string& path, std::size_t max_bytes) const override {
        const auto found = content.find(path);
        if (unreadable.contains(path)) return failure("permission denied");
        if (found == content.end()) return failure("no such file");
        if (found->second.size() > max_bytes)
            return failure("it is larger than " + render_size(max_bytes));
        return found->second;
    }

    Result<std::vector<std::string>> list(const std::string& directory) const override {
        std::vector<std::string> names;
        const std::string prefix = directory.empty() ? "" : directory + "/";
        // Backwards: whoever needs an order sorts.
        for (auto at = content.rbegin(); at != content.rend(); ++at) {
            if (!at->first.starts_with(prefix)) continue;
            const std::string name = at->first.substr(prefix.size());
            if (name.find('/') == std::string::npos) names.push_back(name);
        }
        if (names.empty()) return failure("no such file");
        return names;
    }

    bool exists(const std::string& path) const override { return content.contains(path); }

private:
    static Error failure(std::string why) {
        return Error{ErrorCode::Config, std::move(why), "name a file that can be read"};
    }
};

// Variables by name; absent ones are unset.
struct Variables {
    std::map<std::string, std::string, std::less<>> values{};

    config::Environment environment() const {
        return [values = values](std::string_view name) -> std::optional<std::string> {
            const auto found = values.find(name);
            if (found == values.end()) return std::nullopt;
            return found->second;
        };
    }
};

}  // namespace aigw::fakes
