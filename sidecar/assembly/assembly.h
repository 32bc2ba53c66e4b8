// From a configuration and the vendor table to everything a request needs and nothing ever changes.
//
// Shape:   one immutable Assembly per configuration; a request holds the one it began with, so a
//          reload replaces it at any time. It checks what only configuration and vendor table
//          together know: that a provider exists, that a platform without a base URL has one by
//          default.
// Errors:  config, with the place in the file.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config.h"
#include "config/diagnostic.h"
#include "decision/snapshot.h"
#include "http/url.h"
#include "identity/client_address.h"
#include "identity/identifier.h"
#include "protocol/model_caps.h"
#include "protocol/models_list.h"
#include "providers/vendors.h"
#include "routing/balance.h"
#include "tokens/model_counter.h"

namespace aigw::assembly {

// By the vendor's name of a model.
using CapsByModel = std::map<std::string, protocol::Caps, std::less<>>;

// One key of a platform that has several.
struct Key {
    std::string name{};
    std::string state{};   // under what name its rest is remembered: "qwen-main/k1"
    std::string fields{};  // instead of the platform's
};

// How to reach one platform; same index as in the snapshot.
struct Platform {
    const providers::VendorRow* vendor = nullptr;
    std::shared_ptr<const providers::Adapter> adapter{};
    http::Url base{};
    std::string origin{};     // base's
    std::string fields{};     // header lines of every call: host, authorization, the platform's own
    std::vector<Key> keys{};  // empty: there is one, and it is in `fields`
    std::optional<routing::Balance> key_turns{};  // of `keys`, by place
    std::vector<std::string>
        names{};         // their names: the caller's fields of these names stay behind
    CapsByModel caps{};  // what the configuration says of models
    std::vector<std::string> secrets{};  // what no error that the vendor sends may repeat
    bool passes_responses = false;
    std::string chat_target{};
    std::string responses_target{};
    std::string completions_target{};
    std::string embeddings_target{};
    std::string count_tokens_target{};
    routing::Timeouts timeouts{};
    routing::RetryOptions retry{};
    routing::HealthOptions health{};
    std::string probe_target{};  // of active probes; empty: there are none

    // What the configuration says of a model, as the vendor calls it.
    std::span<const protocol::Cap> caps_of(std::string_view model) const;
    // What such a model takes: by the vendor's table and the configuration.
    protocol::ModelTraits traits(std::string_view model) const;

    // Whether a caller's body passes as it is.
    bool passes(Protocol caller, Operation operation) const {
        if (caller == Protocol::Responses) return passes_responses && operation == Operation::Chat;
        return adapter->passes(caller, operation);
    }

    // Of a body that passes.
    const std::string& target(Protocol caller, Operation operation) const {
        switch (operation) {
            case Operation::Chat:
                if (caller == Protocol::Responses) return responses_target;
                break;
            case Operation::Models:
                break;
            case Operation::Completions:
                return completions_target;
            case Operation::Embeddings:
                return embeddings_target;
            case Operation::CountTokens:
                return count_tokens_target;
        }
        return chat_target;
    }
};

struct Assembly {
    config::Config config;
    decision::Snapshot snapshot;
    identity::Identifier identifier;
    identity::TrustedProxies trusted_proxies;
    std::vector<Platform> platforms;
    tokens::ModelCounters counters;
    std::vector<protocol::ModelCard> models;  // what /v1/models lists, sorted by id
    TimePoint loaded_at;
};

// What can be served, but not as it is meant: warnings.
std::vector<config::Diagnostic> find_doubts(const config::Config& config);

Result<std::shared_ptr<const Assembly>> assemble(config::Config config, TimePoint now);

}  // namespace aigw::assembly
