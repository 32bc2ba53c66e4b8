// [auth] and [[limits]]: who may call, and how much.
#include <algorithm>
#include <map>

#include "base/text.h"
#include "config/checks.h"
#include "config/choices.h"
#include "config/sections.h"

namespace aigw::config {
namespace {

std::string position(const FilePosition& at) {
    return at.text() + ":" + std::to_string(at.column);
}

Result<void> check_scope(std::string_view scope) {
    if (std::ranges::find(kScopes, scope) != kScopes.end()) return {};
    const auto nearest = find_nearest(scope, kScopes);
    return Error{ErrorCode::Config, "is " + json_string(scope) + ", which is no scope",
                 nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                         : "it is one of: chat, completions, embeddings, models"};
}

identity::StaticKeyOptions read_static_key(TableReader& reader) {
    identity::StaticKeyOptions key;
    key.at = reader.at();
    reader.require("name", "\"ci\"");
    reader.require("key", "\"${GATEWAY_KEY}\"");
    reader.text("name", key.name, check_name);
    reader.secret("key", key.key);
    reader.text("tenant", key.tenant, check_label);
    reader.texts("scopes", key.scopes, check_scope);
    reader.texts("models", key.models, check_pattern);
    return key;
}

limits::Options read_limit(TableReader& reader) {
    limits::Options limit;
    limit.at = reader.at();
    reader.require("by", "\"key\"");
    if (!reader.has("tpm")) reader.require("rpm", "60");
    reader.text("name", limit.name, check_limit_name);
    reader.choice<limits::Subject>("by", limit.by, kSubjects);
    reader.integer("rpm", limit.rates.rpm, 1, kMostPerMinute);
    reader.integer("tpm", limit.rates.tpm, 1, kMostPerMinute);
    reader.table("match",
                 [&](TableReader& match) { match.text("model", limit.model, check_pattern); });
    reader.choice<limits::Mode>("mode", limit.mode, kModes);
    return limit;
}

// Reports every item whose name (as `name_of` gives it; empty: none) an earlier one has.
template <class Item, class NameOf>
void refuse_twins(TableReader& root, const std::vector<Item>& items, NameOf name_of,
                  std::string_view message, std::string_view hint) {
    std::map<std::string, FilePosition, std::less<>> seen;
    for (const Item& item : items) {
        const std::string name = name_of(item);
        if (name.empty()) continue;
        const auto [first, is_new] = seen.try_emplace(name, item.at);
        if (is_new) continue;
        std::string text(message);
        if (const std::size_t hole = text.find("{}"); hole != std::string::npos)
            text.replace(hole, 2, json_string(name));
        root.error(item.at, text + ", first at " + position(first->second), std::string(hint));
    }
}

}  // namespace

identity::Options read_auth(TableReader& root) {
    identity::Options out;
    root.table("auth", [&](TableReader& auth) {
        auth.array_of_tables("static_keys", [&](TableReader& reader) {
            out.static_keys.push_back(read_static_key(reader));
        });
    });
    using Key = identity::StaticKeyOptions;
    refuse_twins(
        root, out.static_keys, [](const Key& key) { return key.name; },
        "two static keys are called {}", "give each a name of its own");
    refuse_twins(
        root, out.static_keys, [](const Key& key) { return key.key.reveal(); },
        "two static keys have the same key", "callers could not be told apart");
    return out;
}

std::vector<limits::Options> read_limits(TableReader& root) {
    std::vector<limits::Options> out;
    root.array_of_tables("limits", [&](TableReader& reader) { out.push_back(read_limit(reader)); });
    const auto refuse = [&](auto name_of) {
        refuse_twins(root, out, name_of, "two limits are called {}",
                     "give each a name of its own, with name = \"…\"");
    };
    const auto made_name = [](const limits::Options& limit, std::uint64_t rate, const char* kind) {
        if (!limit.name.empty() || rate == 0) return std::string();
        return std::string(choice_name<limits::Subject>(kSubjects, limit.by)) + kind;
    };
    using limits::Options;
    refuse([](const Options& limit) { return limit.name; });
    refuse([&](const Options& limit) { return made_name(limit, limit.rates.rpm, ":rpm"); });
    refuse([&](const Options& limit) { return made_name(limit, limit.rates.tpm, ":tpm"); });
    return out;
}

}  // namespace aigw::config
