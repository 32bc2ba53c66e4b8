#include "sidecar/simulated/openai_envelope.h"

#include <nlohmann/json.hpp>

#include "sidecar/simulated/hash.h"
#include "sidecar/simulated/ids.h"

namespace aigw::simulated::openai {
namespace {

std::string render_error(const Refusal& refusal) {
    return Json{{"error",
                 {{"message", refusal.message},
                  {"type", refusal.type},
                  {"param", nullable(refusal.param)},
                  {"code", nullable(refusal.code)}}}}
        .dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Json nullable(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

http::Headers common_headers(std::uint64_t seed) {
    Random random(hash_of("headers", seed));
    const std::uint64_t requests = 5000 - 1 - random.below(20);
    const std::uint64_t tokens = 800'000 - random.below(2000);
    return {{"content-type", "application/json"},
            {"openai-organization", "org-simulated"},
            {"openai-processing-ms", std::to_string(20 + random.below(400))},
            {"openai-version", "2020-10-01"},
            {"x-ratelimit-limit-requests", "5000"},
            {"x-ratelimit-limit-tokens", "800000"},
            {"x-ratelimit-remaining-requests", std::to_string(requests)},
            {"x-ratelimit-remaining-tokens", std::to_string(tokens)},
            {"x-ratelimit-reset-requests", std::to_string((5000 - requests) * 12) + "ms"},
            {"x-ratelimit-reset-tokens", std::to_string((800'000 - tokens) / 14) + "ms"},
            {"x-request-id", "req_" + make_id(32, random)}};
}

Plan whole(int status, std::string body, std::uint64_t seed) {
    Plan plan;
    plan.status = status;
    plan.headers = common_headers(seed);
    plan.pieces.push_back({Wait(0), std::move(body)});
    return plan;
}

Plan refused(const Refusal& refusal, std::uint64_t seed) {
    return whole(refusal.status, render_error(refusal), seed);
}

}  // namespace aigw::simulated::openai
