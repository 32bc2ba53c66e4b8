#include "sidecar/assembly/assembly.h"

#include <algorithm>
#include <cassert>
#include <map>

#include "base/text.h"

namespace aigw::assembly {
namespace {

Error config_error(const FilePosition& at, const std::string& message, const std::string& hint) {
    const std::string place = at.file.empty() ? ""
                                              : at.file + ":" + std::to_string(at.line) + ":" +
                                                    std::to_string(at.column) + ": ";
    return Error{ErrorCode::Config, place + message, hint};
}

std::string joined(std::span<const std::string_view> names) {
    std::string text;
    for (const std::string_view name : names) text.append(text.empty() ? "" : ", ").append(name);
    return text;
}

Result<const providers::VendorRow*> find_provider(const routing::PlatformOptions& options) {
    const providers::VendorRow* vendor = providers::find_vendor(options.provider);
    if (vendor != nullptr) return vendor;
    const std::vector<std::string_view> names = providers::vendor_names();
    std::string hint;
    if (const auto nearest = find_nearest(options.provider, names)) {
        hint = "did you mean \"" + std::string(*nearest) + "\"?";
    } else {
        hint = "known are " + joined(names);
    }
    return config_error(
        options.at,
        "platform \"" + options.name + "\" has an unknown provider \"" + options.provider + "\"",
        hint);
}

// The keys, and every header's value that is long enough for one.
std::vector<std::string> secrets_of(const routing::PlatformOptions& options) {
    constexpr std::size_t kShortest = 8;
    std::vector<std::string> secrets;
    if (!options.api_key.empty()) secrets.push_back(options.api_key.reveal());
    for (const routing::KeyOptions& key : options.keys) secrets.push_back(key.key.reveal());
    for (const auto& [name, value] : options.headers)
        if (value.size() >= kShortest) secrets.push_back(value);
    return secrets;
}

// Caps are the vendor's model's: two names for it can't differ in what it takes.
Result<void> add_caps(const routing::PlatformOptions& options, Platform& platform) {
    for (const routing::ModelOptions& entry : options.models) {
        const std::string& model = entry.upstream.empty() ? entry.name : entry.upstream;
        if (entry.caps.empty()) continue;
        const auto [known, is_new] = platform.caps.emplace(model, entry.caps);
        if (is_new || known->second == entry.caps) continue;
        return config_error(entry.at,
                            "platform \"" + options.name + "\" says twice what model \"" + model +
                                "\" takes, and not the same",
                            "give both of its names the same caps, or one of them none");
    }
    return {};
}

// Only servers that speak OpenAI's protocols can have Responses.
Result<void> check_responses(const routing::PlatformOptions& options,
                             const providers::VendorRow& vendor) {
    if (!options.responses.value_or(false) || vendor.protocol == Protocol::OpenAi) return {};
    return config_error(options.at,
                        "platform \"" + options.name + "\" can't have responses = true: \"" +
                            options.provider + "\" speaks another protocol",
                        "leave it out: calls of /v1/responses are converted");
}

Result<std::shared_ptr<const providers::Adapter>> make_adapter(
    const routing::PlatformOptions& options, const providers::VendorRow& vendor) {
    if (options.dialect.empty()) return std::shared_ptr<const providers::Adapter>(vendor.make());
    const std::string whose = "platform \"" + options.name + "\" has ";
    if (vendor.make_with == nullptr) {
        return config_error(options.at,
                            whose + "a dialect, but " + options.provider + " has one only",
                            "leave it out, or make it an openai-compatible platform");
    }
    const auto dialect = providers::find_dialect(options.dialect);
    if (!dialect) {
        return config_error(options.at, whose + "an unknown dialect \"" + options.dialect + "\"",
                            "known are " + joined(providers::dialect_names()));
    }
    return std::shared_ptr<const providers::Adapter>(vendor.make_with(*dialect));
}

// Header lines of every call with that key.
std::string fields_with(const Platform& platform, const http::Headers& headers) {
    std::string fields = "host: " + platform.base.authority() + "\r\n";
    fields += headers.lines();
    return fields;
}

// Each key with its header lines, and whose turn it is when. A slash is in no name: tickets and
// rests of keys meet those of nothing else.
Result<void> add_keys(const routing::PlatformOptions& options, Platform& platform) {
    std::vector<routing::Member> members;
    for (const routing::KeyOptions& key : options.keys) {
        members.push_back({static_cast<routing::PlatformIndex>(platform.keys.size()), key.weight});
        platform.keys.push_back(
            {.name = key.name,
             .state = options.name + "/" + key.name,
             .fields = fields_with(platform, platform.adapter->headers(key.key, options.headers))});
    }
    if (members.empty()) return {};
    platform.key_turns =
        TRY(routing::Balance::make({.name = options.name + "/keys",
                                    .algorithm = routing::Algorithm::WeightedRoundRobin,
                                    .at = options.at},
                                   std::move(members), 0));
    return {};
}

constexpr std::string_view kModelsPath = "/models";

// Behind what the vendor's SDKs complete in a base URL, where the list of models would be.
std::string probe_target_of(const Platform& platform) {
    if (platform.health.path.empty()) return "";
    std::string target = platform.adapter->target(platform.base, {.operation = Operation::Models});
    assert(target.ends_with(kModelsPath));
    target.resize(target.size() - kModelsPath.size());
    return target + platform.health.path;
}

bool probes_a_missing_list(const routing::PlatformOptions& options) {
    const providers::VendorRow* vendor = providers::find_vendor(options.provider);
    if (vendor == nullptr || vendor->models == providers::Models::Yes) return false;
    const std::string_view path = options.health.path;
    return path.substr(0, path.find('?')) == kModelsPath;
}

Result<Platform> make_platform(const routing::PlatformOptions& options) {
    Platform platform;
    platform.vendor = TRY(find_provider(options));
    platform.adapter = TRY(make_adapter(options, *platform.vendor));
    platform.timeouts = options.timeouts;
    platform.retry = options.retry;
    platform.health = options.health;
    const std::string base = options.base_url.empty()
                                 ? std::string(platform.vendor->default_base_url)
                                 : options.base_url;
    if (base.empty()) {
        return config_error(options.at, "platform \"" + options.name + "\" has no base_url",
                            "its provider has no default: say where it is");
    }
    auto url = http::parse_url(base);
    if (!url) return config_error(options.at, url.error().message, url.error().hint);
    platform.base = std::move(url).take();
    platform.origin = platform.base.origin();
    const Secret& first_key = options.keys.empty() ? options.api_key : options.keys.front().key;
    const http::Headers headers = platform.adapter->headers(first_key, options.headers);
    platform.fields = fields_with(platform, headers);
    TRY(add_keys(options, platform));
    for (const http::Header& field : headers) platform.names.emplace_back(field.name);
    platform.secrets = secrets_of(options);
    TRY(add_caps(options, platform));
    TRY(check_responses(options, *platform.vendor));
    platform.passes_responses =
        options.responses.value_or(platform.adapter->passes(Protocol::Responses, Operation::Chat));
    const auto target = [&](Operation operation, Protocol caller = Protocol::OpenAi) {
        return platform.adapter->target(platform.base, {.operation = operation, .caller = caller});
    };
    platform.chat_target = target(Operation::Chat);
    platform.responses_target = target(Operation::Chat, Protocol::Responses);
    platform.completions_target = target(Operation::Completions);
    platform.embeddings_target = target(Operation::Embeddings);
    platform.count_tokens_target = target(Operation::CountTokens);
    platform.probe_target = probe_target_of(platform);
    return platform;
}

protocol::ModelTraits traits_of(const providers::Adapter& adapter, const CapsByModel& caps,
                                std::string_view model) {
    const protocol::ModelTraits known = adapter.traits(model);
    const auto said = caps.find(model);
    return said == caps.end() ? known : protocol::with_caps(known, said->second);
}

decision::ProviderFacts facts_of(const Platform& platform) {
    const providers::VendorRow& vendor = *platform.vendor;
    decision::ProviderFacts facts{
        .catalogs = vendor.catalogs,
        .name_patterns = vendor.name_patterns,
        .missing_needs = [adapter = platform.adapter,
                          caps = platform.caps](std::string_view model) {
            return protocol::missing_needs(traits_of(*adapter, caps, model));
        }};
    for (const Operation operation :
         {Operation::Chat, Operation::Completions, Operation::Embeddings, Operation::CountTokens}) {
        if (vendor.can(operation)) facts.operations.add(operation);
    }
    return facts;
}

// Every model that the configuration names in full, owned by the provider of the first platform
// that serves it.
std::vector<protocol::ModelCard> list_models(const decision::Snapshot& snapshot) {
    std::vector<protocol::ModelCard> cards;
    for (const std::string& model : snapshot.router().models()) {
        const auto match = snapshot.router().find(model);
        const bool is_placed = match && !match->platforms.empty();
        cards.push_back(
            {.id = model,
             .owned_by = is_placed ? snapshot.platform(match->platforms[0]).provider : "aigw"});
    }
    return cards;
}

}  // namespace

std::span<const protocol::Cap> Platform::caps_of(std::string_view model) const {
    if (caps.empty()) return {};
    const auto said = caps.find(model);
    return said == caps.end() ? std::span<const protocol::Cap>{} : said->second;
}

protocol::ModelTraits Platform::traits(std::string_view model) const {
    return traits_of(*adapter, caps, model);
}

std::vector<config::Diagnostic> find_doubts(const config::Config& config) {
    std::vector<config::Diagnostic> doubts;
    for (const routing::PlatformOptions& options : config.routing.platforms) {
        if (!probes_a_missing_list(options)) continue;
        doubts.push_back({.severity = config::Severity::Warning,
                          .at = options.at,
                          .message = "platform \"" + options.name + "\" is probed at \"" +
                                     options.health.path + "\", which " + options.provider +
                                     " does not have",
                          .hint = "name a path that it answers, or leave health.path out"});
    }
    return doubts;
}

Result<std::shared_ptr<const Assembly>> assemble(config::Config config, TimePoint now) {
    std::vector<Platform> platforms;
    decision::SnapshotInput input{
        .config_digest = config.digest,
        .routing = config.routing,
        .providers = {},
        .limits = config.limits,
        .pricing = config.pricing,
        .namespaces = config.namespaces,
        .namespaces_required = config.namespaces_required,
        .policies = config.policies,
        .refuses_as_before = config.policy_status == config::PolicyStatus::Compat,
        .model_params = config.model_params};
    for (const routing::PlatformOptions& options : config.routing.platforms) {
        platforms.push_back(TRY(make_platform(options)));
        input.providers.push_back(facts_of(platforms.back()));
    }
    decision::Snapshot snapshot = TRY(decision::Snapshot::make(std::move(input)));
    std::vector<protocol::ModelCard> models = list_models(snapshot);
    identity::Identifier identifier = identity::Identifier::make(config.auth);
    auto counters = TRY(tokens::ModelCounters::make(config.tokens.models));
    auto trusted_proxies = identity::TrustedProxies::make(config.server.trusted_proxies);
    return std::make_shared<const Assembly>(Assembly{.config = std::move(config),
                                                     .snapshot = std::move(snapshot),
                                                     .identifier = std::move(identifier),
                                                     .trusted_proxies = std::move(trusted_proxies),
                                                     .platforms = std::move(platforms),
                                                     .counters = std::move(counters),
                                                     .models = std::move(models),
                                                     .loaded_at = now});
}

}  // namespace aigw::assembly
