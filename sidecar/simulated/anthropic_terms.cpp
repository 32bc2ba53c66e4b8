#include "sidecar/simulated/anthropic_terms.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "sidecar/simulated/front.h"
#include "sidecar/simulated/hash.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::string_view kVersion = "2023-06-01";
constexpr std::string_view kStrictVersion = "2026-10-21";

constexpr std::array<std::string_view, 37> kBetas = {
    "advanced-tool-use-2025-11-20",
    "advisor-tool-2026-03-01",
    "claude-code-20250219",
    "code-execution-2025-05-22",
    "code-execution-2025-08-25",
    "compact-2026-01-12",
    "computer-use-2025-01-24",
    "computer-use-2025-11-24",
    "context-1m-2025-08-07",
    "context-management-2025-06-27",
    "dev-full-thinking-2025-05-14",
    "effort-2025-11-24",
    "extended-cache-ttl-2025-04-11",
    "fallback-credit-2026-07-01",
    "fast-mode-2026-02-01",
    "files-api-2025-04-14",
    "fine-grained-tool-streaming-2025-05-14",
    "interleaved-thinking-2025-05-14",
    "mcp-client-2025-04-04",
    "mcp-client-2025-11-20",
    "message-batches-2024-09-24",
    "mid-conversation-tool-changes-2026-07-01",
    "model-context-window-exceeded-2025-08-26",
    "oauth-2025-04-20",
    "output-128k-2025-02-19",
    "output-300k-2026-03-24",
    "pdfs-2024-09-25",
    "prompt-caching-2024-07-31",
    "prompt-caching-scope-2026-01-05",
    "server-side-fallback-2026-07-01",
    "skills-2025-10-02",
    "structured-outputs-2025-11-13",
    "thinking-binding-controls-2026-08-01",
    "token-counting-2024-11-01",
    "token-efficient-tools-2025-02-19",
    "user-profiles-2026-03-24",
    "web-fetch-2025-09-10",
};

std::string_view header(const http::Request& request, std::string_view name) {
    return trim(request.headers.find(name).value_or(""));
}

std::vector<std::string> read_betas(const http::Request& request) {
    std::vector<std::string> betas;
    for (const http::Header& field : request.headers) {
        if (!equals_ignoring_case(field.name, "anthropic-beta")) continue;
        for (const std::string_view id : split(field.value, ',')) {
            if (!trim(id).empty()) betas.emplace_back(trim(id));
        }
    }
    return betas;
}

}  // namespace

bool Terms::has_beta(std::string_view id) const {
    return std::find(betas.begin(), betas.end(), id) != betas.end();
}

Verdict refuse_headers(const http::Request& request) {
    const std::string_view version = header(request, "anthropic-version");
    if (version.empty()) return invalid_at("anthropic-version", "header is required");
    if (version != kVersion && version != kStrictVersion) {
        return invalid_at("anthropic-version",
                          "\"" + std::string(version) + "\" is not a valid version");
    }
    for (const std::string& id : read_betas(request)) {
        if (std::find(kBetas.begin(), kBetas.end(), id) != kBetas.end()) continue;
        return invalid("Unexpected value(s) `" + id +
                       "` for the `anthropic-beta` header. Please consult our documentation at "
                       "docs.claude.com or try again without the header.");
    }
    return std::nullopt;
}

Terms read_terms(const http::Request& request, const Model& model) {
    return {.model = model,
            .is_strict_version = header(request, "anthropic-version") == kStrictVersion,
            .betas = read_betas(request),
            .account = hash_of(api_key(request).value_or(""), 0)};
}

}  // namespace aigw::simulated::anthropic
