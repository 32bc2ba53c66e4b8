#include "limits/limit.h"

#include <algorithm>

#include "base/ip_address.h"
#include "base/text.h"
#include "base/time.h"

namespace aigw::limits {
namespace {

// FNV-1a over name, kind and glob: the same limit in the next configuration has the same id.
std::uint64_t id_of(const Limit& limit) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
        hash = (hash ^ 0xff) * 0x100000001b3;  // no text holds this byte, which ends it
    };
    add(limit.name);
    add(name_of(limit.kind));
    add(limit.model_glob);
    return hash;
}

std::uint64_t max_of(const Rates& rates, Kind kind) {
    switch (kind) {
        case Kind::Rpm:
            return rates.rpm;
        case Kind::Tpm:
            return rates.tpm;
    }
    return 0;
}

// What is counted, of how many.
std::string_view unit_of(Kind kind, std::uint64_t count) {
    switch (kind) {
        case Kind::Rpm:
            return count == 1 ? "request" : "requests";
        case Kind::Tpm:
            return count == 1 ? "token" : "tokens";
    }
    return "";
}

// One limit for each of the numbers; names that are not given say the kind.
std::vector<Limit> make_limits(const Limit& common, const Rates& rates) {
    std::vector<Limit> limits;
    for (const Kind kind : kKinds) {
        const std::uint64_t max = max_of(rates, kind);
        if (max == 0) continue;
        Limit limit = common;
        limit.kind = kind;
        limit.max = max;
        if (!limit.is_named) limit.name += ":" + std::string(name_of(kind));
        limit.id = id_of(limit);
        limits.push_back(std::move(limit));
    }
    return limits;
}

Limit common_of(const Options& options) {
    const bool is_named = !options.name.empty();
    return {.name = is_named ? options.name : std::string(name_of(options.by)),
            .by = options.by,
            .mode = options.mode,
            .model_glob = options.model,
            .is_named = is_named};
}

std::vector<Limit> own_limits(std::string name, Subject by, const Rates& rates) {
    std::vector<Limit> limits =
        make_limits({.name = std::move(name), .by = by, .is_named = false}, rates);
    for (Limit& limit : limits) limit.is_named = true;
    return limits;
}

Error twice(const Limit& limit, const FilePosition& at) {
    const std::string models =
        limit.model_glob.empty() ? "" : " for models \"" + limit.model_glob + "\"";
    return Error{ErrorCode::Config,
                 at.text() + ": there is already a limit \"" + limit.name + "\"" + models,
                 "give each a `name` of its own"};
}

}  // namespace

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::Rpm:
            return "rpm";
        case Kind::Tpm:
            return "tpm";
    }
    return "";
}

std::string_view name_of(Subject subject) {
    switch (subject) {
        case Subject::Key:
            return "key";
        case Subject::Platform:
            return "platform";
        case Subject::Model:
            return "model";
        case Subject::Ip:
            return "ip";
    }
    return "";
}

bool Limit::applies_to(std::string_view model) const {
    return model_glob.empty() || matches_glob(model_glob, model);
}

Result<std::vector<Limit>> compile(std::span<const Options> options) {
    std::vector<Limit> limits;
    for (const Options& one : options) {
        for (Limit& limit : make_limits(common_of(one), one.rates)) {
            const bool is_known = std::ranges::any_of(
                limits, [&](const Limit& other) { return other.id == limit.id; });
            if (is_known) return twice(limit, one.at);
            limits.push_back(std::move(limit));
        }
    }
    return limits;
}

// The name says whose limit it is: that is a name of its own.
std::vector<Limit> platform_limits(std::string_view platform, const Rates& rates) {
    return own_limits("platform:" + std::string(platform), Subject::Platform, rates);
}

std::vector<Limit> model_limits(std::string_view platform, std::string_view model,
                                const Rates& rates) {
    return own_limits("model:" + model_subject(platform, model), Subject::Model, rates);
}

std::string model_subject(std::string_view platform, std::string_view model) {
    return std::string(platform) + "/" + std::string(model);
}

std::string ip_subject(std::string_view address) {
    constexpr unsigned kBitsOfACustomer = 64;
    const auto parsed = IpAddress::parse(address);
    if (!parsed) return std::string(address);
    if (parsed->is_v4()) return parsed->text();
    return parsed->masked(kBitsOfACustomer).text() + "/" + std::to_string(kBitsOfACustomer);
}

std::string label(const Limit& limit, std::string_view subject) {
    if (limit.is_named) return limit.name;
    return std::string(name_of(limit.by)) + ":" + std::string(subject) + ":" +
           std::string(name_of(limit.kind));
}

Error refusal_error(const Limit& limit, std::string_view subject, std::uint64_t cost,
                    std::chrono::milliseconds retry_after) {
    const std::string whose = std::string(name_of(limit.by)) + " \"" + std::string(subject) + "\"";
    const std::string most = std::to_string(limit.max) + " " +
                             std::string(unit_of(limit.kind, limit.max)) + " per minute";
    const bool never_fits = cost > limit.max;
    Error error{ErrorCode::RateLimited,
                never_fits ? "the call may use " + std::to_string(cost) + " tokens, and " + whose +
                                 " has a limit of " + most
                           : whose + " is at its limit of " + most,
                never_fits ? "send less, or ask for a shorter answer"
                           : "try again in " + render_seconds(retry_after)};
    error.limit = limit.name;
    error.limit_max = limit.max;
    if (!never_fits) error.retry_after = retry_after;
    return error;
}

}  // namespace aigw::limits
