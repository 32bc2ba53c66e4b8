#include "limits/limit.h"

#include <algorithm>

#include "base/ip_address.h"
#include "base/text.h"
#include "base/time.h"

namespace aigw::limits {
namespace {

// FNV-1a over the name and the glob: the same limit in the next configuration has the same id.
std::uint64_t id_of(std::string_view name, std::string_view model_glob) {
    std::uint64_t hash = 0xcbf29ce484222325;
    const auto add = [&](std::string_view text) {
        for (const char c : text) {
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        }
        hash = (hash ^ 0xff) * 0x100000001b3;  // no text holds this byte, which ends it
    };
    add(name);
    add(model_glob);
    return hash;
}

Limit make_limit(std::string name, Subject by, std::uint64_t rpm) {
    Limit limit{.name = std::move(name), .by = by, .max = rpm};
    limit.id = id_of(limit.name, "");
    return limit;
}

Limit make_limit(const Options& options) {
    const bool is_named = !options.name.empty();
    Limit limit{
        .name = is_named ? options.name
                         : std::string(name_of(options.by)) + ":" + std::string(name_of(Kind::Rpm)),
        .by = options.by,
        .max = options.rates.rpm,
        .mode = options.mode,
        .model_glob = options.model,
        .is_named = is_named};
    limit.id = id_of(limit.name, limit.model_glob);
    return limit;
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
        if (one.rates == Rates{}) continue;
        Limit limit = make_limit(one);
        const bool is_known =
            std::ranges::any_of(limits, [&](const Limit& other) { return other.id == limit.id; });
        if (is_known) return twice(limit, one.at);
        limits.push_back(std::move(limit));
    }
    return limits;
}

Limit platform_limit(std::string_view platform, std::uint64_t rpm) {
    return make_limit("platform:" + std::string(platform) + ":rpm", Subject::Platform, rpm);
}

Limit model_limit(std::string_view platform, std::string_view model, std::uint64_t rpm) {
    return make_limit("model:" + model_subject(platform, model) + ":rpm", Subject::Model, rpm);
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

Error refusal_error(const Limit& limit, std::string_view subject,
                    std::chrono::milliseconds retry_after) {
    Error error{ErrorCode::RateLimited,
                std::string(name_of(limit.by)) + " \"" + std::string(subject) +
                    "\" is at its limit of " + std::to_string(limit.max) +
                    (limit.max == 1 ? " request" : " requests") + " per minute",
                "try again in " + render_seconds(retry_after)};
    error.limit = limit.name;
    error.limit_max = limit.max;
    error.retry_after = retry_after;
    return error;
}

}  // namespace aigw::limits
