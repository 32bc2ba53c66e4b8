#include "sidecar/simulated/gemini_metadata.h"

#include <nlohmann/json.hpp>

#include "sidecar/simulated/chat_completions.h"
#include "sidecar/simulated/fields.h"

namespace aigw::simulated::gemini {

Json render_usage(const UsageCounts& counts) {
    Json usage = {{"promptTokenCount", counts.prompt.total()}};
    const auto add = [&](const char* name, std::int64_t count) {
        if (count > 0) usage[name] = count;
    };
    add("cachedContentTokenCount", counts.cached);
    add("candidatesTokenCount", counts.candidates);
    add("toolUsePromptTokenCount", counts.tool_use);
    add("thoughtsTokenCount", counts.thoughts);
    usage["totalTokenCount"] =
        counts.prompt.total() + counts.tool_use + counts.candidates + counts.thoughts;
    usage["promptTokensDetails"] = render_details(counts.prompt);
    if (counts.cached > 0) usage["cacheTokensDetails"] = render_details({.text = counts.cached});
    if (counts.tool_use > 0) {
        usage["toolUsePromptTokensDetails"] = render_details({.text = counts.tool_use});
    }
    return usage;
}

void add_logprobs(std::string_view text, std::int64_t top, std::uint64_t seed, Json& candidate) {
    Json chosen = Json::array();
    Json others = Json::array();
    double sum = 0;
    for (const Json& entry : render_logprobs(text, top, seed)) {
        sum += entry["logprob"].get<double>();
        chosen.push_back({{"token", entry["token"]}, {"logProbability", entry["logprob"]}});
        Json runners_up = Json::array();
        for (const Json& other : entry["top_logprobs"]) {
            runners_up.push_back({{"token", other["token"]}, {"logProbability", other["logprob"]}});
        }
        others.push_back({{"candidates", std::move(runners_up)}});
    }
    candidate["avgLogprobs"] = sum / static_cast<double>(chosen.size());
    candidate["logprobsResult"] = {{"topCandidates", std::move(others)},
                                   {"chosenCandidates", std::move(chosen)}};
}

Json render_grounding(std::string_view query, std::string_view text) {
    const Json page = {{"web", {{"uri", "https://example.com/"}, {"title", "example.com"}}}};
    const Json support = {{"segment", {{"endIndex", text.size()}, {"text", text}}},
                          {"groundingChunkIndices", Json::array({0})}};
    return {{"webSearchQueries", Json::array({query})},
            {"groundingChunks", Json::array({page})},
            {"groundingSupports", Json::array({support})}};
}

Json render_ratings(const Json& body, Harm harm) {
    Json ratings = Json::array();
    const Json* settings = find_field(body, "safetySettings");
    if (settings == nullptr) return ratings;
    for (const Json& setting : *settings) {
        const bool is_blocked = harm == Harm::Blocked;
        Json rating = {{"category", setting["category"]},
                       {"probability", is_blocked ? "HIGH" : "NEGLIGIBLE"}};
        if (is_blocked) rating["blocked"] = true;
        ratings.push_back(std::move(rating));
    }
    return ratings;
}

}  // namespace aigw::simulated::gemini
