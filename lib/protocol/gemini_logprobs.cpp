#include "protocol/gemini_logprobs.h"

#include "protocol/json_writer.h"

namespace aigw::protocol {
namespace {

void append_members(JsonWriter& json, JsonValue candidate) {
    const JsonValue probability = candidate["logProbability"];
    json.field("token", candidate["token"].text());
    json.raw_field("logprob", probability.is_number() ? probability.raw() : "0");
    json.null_field("bytes");
}

// What else might have been said there.
void append_others(JsonWriter& json, JsonValue step) {
    json.key("top_logprobs");
    json.begin_array();
    const JsonValue candidates = step["candidates"];
    if (candidates.is_array()) {
        for (const JsonValue& candidate : candidates) {
            json.begin_object();
            append_members(json, candidate);
            json.end_object();
        }
    }
    json.end_array();
}

}  // namespace

std::string read_gemini_logprobs(JsonValue result) {
    std::string out;
    const JsonValue chosen = result["chosenCandidates"];
    const JsonValue steps = result["topCandidates"];
    if (!chosen.is_array()) return out;
    auto step = steps.begin();
    std::size_t left = steps.is_array() ? steps.size() : 0;
    for (const JsonValue& candidate : chosen) {
        if (!out.empty()) out.push_back(',');
        JsonWriter json(out);
        json.begin_object();
        append_members(json, candidate);
        append_others(json, left > 0 ? *step : JsonValue());
        json.end_object();
        if (left == 0) continue;
        --left;
        if (left > 0) ++step;
    }
    return out;
}

}  // namespace aigw::protocol
