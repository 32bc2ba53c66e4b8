#include "sidecar/simulated/gemini_rules.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string>

#include "sidecar/simulated/gemini_contents.h"
#include "sidecar/simulated/gemini_prompt.h"
#include "sidecar/simulated/gemini_thoughts.h"
#include "sidecar/simulated/gemini_tools.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::array kRequestFields = {
    FieldRule{"contents", FieldType::Array},
    FieldRule{"systemInstruction", FieldType::Object},
    FieldRule{"tools", FieldType::Array},
    FieldRule{"toolConfig", FieldType::Object},
    FieldRule{"safetySettings", FieldType::Array},
    FieldRule{"generationConfig", FieldType::Object},
    FieldRule{"cachedContent", FieldType::String},
    FieldRule{"serviceTier"},
    FieldRule{"x_echo", FieldType::Boolean},
};

constexpr std::array kConfigFields = {
    FieldRule{"temperature", FieldType::Number, 0, 2},
    FieldRule{"topP", FieldType::Number, 0, 1},
    FieldRule{"topK", FieldType::Integer, 1},
    FieldRule{"maxOutputTokens", FieldType::Integer, 1},
    FieldRule{"stopSequences", FieldType::Array},
    FieldRule{"candidateCount", FieldType::Integer, 1, 8},
    FieldRule{"seed", FieldType::Integer},
    FieldRule{"presencePenalty", FieldType::Number, -2, 2},
    FieldRule{"frequencyPenalty", FieldType::Number, -2, 2},
    FieldRule{"responseLogprobs", FieldType::Boolean},
    FieldRule{"logprobs", FieldType::Integer, 1, 20},
    FieldRule{"responseMimeType", FieldType::String},
    FieldRule{"responseSchema", FieldType::Object},
    FieldRule{"responseJsonSchema"},
    FieldRule{"responseModalities", FieldType::Array},
    FieldRule{"thinkingConfig", FieldType::Object},
    FieldRule{"imageConfig", FieldType::Object},
    FieldRule{"speechConfig", FieldType::Object},
    FieldRule{"mediaResolution"},
};

constexpr const char* kConfig = "generation_config";

// Generation.

Verdict refuse_stops(const Json& config, const Model&) {
    constexpr std::size_t kMost = 5;
    const Json* stops = find_field(config, "stopSequences");
    if (stops == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < stops->size(); ++i) {
        if ((*stops)[i].is_string()) continue;
        const std::string field = join(std::string(kConfig) + ".stop_sequences", i);
        return violation(field,
                         "Invalid value at '" + field + "' (TYPE_STRING), " + (*stops)[i].dump());
    }
    if (stops->size() <= kMost) return std::nullopt;
    return unfit(std::string(kConfig) + ".stop_sequences",
                 "the number of stop sequences must be at most 5");
}

Verdict refuse_counts(const Json& config, const Model& model) {
    const auto limit = integer_field(config, "maxOutputTokens");
    if (limit && *limit > model.output_limit) {
        return invalid("Unable to submit request because it has a maxOutputTokens value of " +
                       std::to_string(*limit) +
                       " but the supported range is from 1 (inclusive) to " +
                       std::to_string(model.output_limit + 1) + " (exclusive).");
    }
    if (integer_field(config, "candidateCount").value_or(1) > model.max_candidates) {
        return invalid("Multiple candidates is not enabled for this model");
    }
    const auto logprobs = integer_field(config, "logprobs");
    if (logprobs && !is_true(config, "responseLogprobs")) {
        return unfit(std::string(kConfig) + ".logprobs",
                     "it may only be set when response_logprobs is true");
    }
    if (!logprobs || *logprobs <= model.max_logprobs) return std::nullopt;
    return unfit(std::string(kConfig) + ".logprobs",
                 "must be at most " + std::to_string(model.max_logprobs) + " for this model");
}

Verdict refuse_format(const Json& config, const Model&) {
    const std::string_view mime = text_field(config, "responseMimeType");
    constexpr std::array<std::string_view, 4> kTypes = {"", "text/plain", "application/json",
                                                        "text/x.enum"};
    const std::string at = kConfig;
    if (std::find(kTypes.begin(), kTypes.end(), mime) == kTypes.end()) {
        return unfit(at + ".response_mime_type",
                     "allowed mimetypes are `text/plain`, `application/json`, `application/xml`, "
                     "`application/yaml` and `text/x.enum`.");
    }
    const Json* schema = find_field(config, "responseSchema");
    const Json* plain = find_field(config, "responseJsonSchema");
    if (schema != nullptr && plain != nullptr) {
        return unfit(at, "response_schema and response_json_schema must not both be set");
    }
    const bool has_schema = schema != nullptr || plain != nullptr;
    if (has_schema && (mime.empty() || mime == "text/plain")) {
        return unfit(at + ".response_schema",
                     "response_mime_type must be `application/json` or `text/x.enum`.");
    }
    if (mime == "text/x.enum" && !has_schema) {
        return unfit(at + ".response_schema", "it is needed for `text/x.enum`.");
    }
    if (plain != nullptr && !plain->is_object()) {
        return unfit(at + ".response_json_schema", "must be a JSON Schema");
    }
    return schema == nullptr ? std::nullopt : refuse_schema(*schema, at + ".response_schema");
}

// Chat models write, and do nothing else.
Verdict refuse_media(const Json& config, const Model& model) {
    if (const Json* modalities = find_field(config, "responseModalities")) {
        for (const Json& modality : *modalities) {
            if (modality == "TEXT") continue;
            return invalid("The requested combination of response modalities (" + modality.dump() +
                           ") is not supported by the model. models/" + std::string(model.id) +
                           " accepts the following combination of response modalities:\n* TEXT\n");
        }
    }
    for (const char* name : {"imageConfig", "speechConfig"}) {
        if (find_field(config, name) == nullptr) continue;
        return unfit(join(kConfig, name), "it is not supported by the model");
    }
    return refuse_enum(config, "mediaResolution", kConfig, "GenerationConfig.MediaResolution",
                       "MEDIA_RESOLUTION_UNSPECIFIED MEDIA_RESOLUTION_LOW MEDIA_RESOLUTION_MEDIUM "
                       "MEDIA_RESOLUTION_HIGH");
}

Verdict refuse_thoughts(const Json& config, const Model& model) {
    const Json* thinking = find_field(config, "thinkingConfig");
    if (thinking == nullptr) return std::nullopt;
    return refuse_thinking(*thinking, std::string(kConfig) + ".thinking_config", model);
}

Verdict refuse_config(const Json& body, const Model& model) {
    using Check = Verdict (*)(const Json&, const Model&);
    constexpr std::array<Check, 5> kChecks = {refuse_stops, refuse_counts, refuse_format,
                                              refuse_media, refuse_thoughts};
    const Json* config = find_field(body, "generationConfig");
    if (config == nullptr) return std::nullopt;
    if (auto refusal = refuse_members(*config, kConfig, kConfigFields)) return refusal;
    for (const Check check : kChecks) {
        if (auto refusal = check(*config, model)) return refusal;
    }
    return std::nullopt;
}

// Everything else.

Verdict refuse_safety(const Json& body, const Model&) {
    constexpr std::array kMembers = {FieldRule{"category"}, FieldRule{"threshold"}};
    const Json* settings = find_field(body, "safetySettings");
    if (settings == nullptr) return std::nullopt;
    for (std::size_t i = 0; i < settings->size(); ++i) {
        const Json& setting = (*settings)[i];
        const std::string at = join("safety_settings", i);
        if (auto refusal = refuse_members(setting, at, kMembers)) return refusal;
        if (auto refusal =
                refuse_enum(setting, "category", at, "HarmCategory",
                            "HARM_CATEGORY_HARASSMENT HARM_CATEGORY_HATE_SPEECH "
                            "HARM_CATEGORY_SEXUALLY_EXPLICIT HARM_CATEGORY_DANGEROUS_CONTENT "
                            "HARM_CATEGORY_CIVIC_INTEGRITY")) {
            return refusal;
        }
        if (auto refusal = refuse_enum(setting, "threshold", at, "SafetySetting.HarmBlockThreshold",
                                       "HARM_BLOCK_THRESHOLD_UNSPECIFIED BLOCK_LOW_AND_ABOVE "
                                       "BLOCK_MEDIUM_AND_ABOVE BLOCK_ONLY_HIGH BLOCK_NONE OFF")) {
            return refusal;
        }
    }
    return std::nullopt;
}

Verdict check_tools(const Json& body, const Model&) {
    return refuse_tools(body);
}

Verdict refuse_tier(const Json& body, const Model&) {
    return refuse_enum(body, "serviceTier", "", "ServiceTier",
                       "unspecified standard flex priority");
}

// Nothing is kept, so there is nothing to refer to.
Verdict refuse_cache(const Json& body, const Model&) {
    if (find_field(body, "cachedContent") == nullptr) return std::nullopt;
    return Refusal{403, "CachedContent not found (or permission denied)", "PERMISSION_DENIED", "",
                   ""};
}

Verdict refuse_length(const Json& body, const Model& model) {
    const std::int64_t tokens = count_prompt(body).total();
    if (tokens <= model.input_limit) return std::nullopt;
    return invalid("The input token count (" + std::to_string(tokens) +
                   ") exceeds the maximum number of tokens allowed (" +
                   std::to_string(model.input_limit) + ").");
}

using Check = Verdict (*)(const Json&, const Model&);

constexpr std::array<Check, 7> kRequestChecks = {
    refuse_contents, check_tools,  refuse_config, refuse_safety,
    refuse_tier,     refuse_cache, refuse_length,
};

}  // namespace

std::span<const FieldRule> request_fields() {
    return kRequestFields;
}

Verdict refuse_model(std::string_view id, std::string_view method) {
    if (find_model(id)) return std::nullopt;
    const std::string name = "models/" + std::string(id);
    if (is_retired(id)) {
        return Refusal{404,
                       "This model " + name +
                           " is no longer available. Please update your code to use a newer model "
                           "for the latest features and improvements.",
                       "NOT_FOUND", "", ""};
    }
    return Refusal{404,
                   name + " is not found for API version v1beta, or is not supported for " +
                       std::string(method) +
                       ". Call ListModels to see the list of available models and their supported "
                       "methods.",
                   "NOT_FOUND", "", ""};
}

Verdict refuse_request(const Json& body, const Model& model) {
    if (auto refusal = refuse_members(body, "", kRequestFields)) return refusal;
    for (const Check check : kRequestChecks) {
        if (auto refusal = check(body, model)) return refusal;
    }
    return std::nullopt;
}

Verdict refuse_count(const Json& body, const Model& model) {
    constexpr std::array kMembers = {FieldRule{"contents", FieldType::Array},
                                     FieldRule{"generateContentRequest", FieldType::Object}};
    if (auto refusal = refuse_members(body, "", kMembers)) return refusal;
    const Json* whole = find_field(body, "generateContentRequest");
    if (whole == nullptr) return refuse_contents(body, model);
    if (find_field(body, "contents") != nullptr) {
        return invalid("contents and generate_content_request must not both be set");
    }
    Json request = *whole;
    if (text_field(request, "model").empty()) {
        return unfit("model", "model is not specified");
    }
    request.erase("model");
    return refuse_request(request, model);
}

}  // namespace aigw::simulated::gemini
