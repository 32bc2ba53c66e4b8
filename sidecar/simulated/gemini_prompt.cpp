#include "sidecar/simulated/gemini_prompt.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "base/text.h"
#include "sidecar/simulated/fields.h"
#include "sidecar/simulated/gemini_contents.h"
#include "sidecar/simulated/gemini_tools.h"
#include "sidecar/simulated/prose.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::int64_t kTokensPerMedium = 258;  // as a tile of an image, a second, a page
constexpr int kDeepest = 64;

std::int64_t count_json(const Json& value) {
    return count_tokens(value.dump(-1, ' ', false, Json::error_handler_t::replace));
}

// Of inline data or of a file; a file's type may be left out.
std::string_view modality_of_part(const Json& part) {
    for (const char* name : {"inlineData", "fileData"}) {
        const Json* data = find_field(part, name);
        if (data == nullptr) continue;
        const std::string_view modality = modality_of(text_field(*data, "mimeType"));
        return modality.empty() ? "IMAGE" : modality;
    }
    return "";
}

void count_part(const Json& part, PromptTokens& tokens) {
    const std::string_view modality = modality_of_part(part);
    if (modality == "IMAGE") tokens.image += kTokensPerMedium;
    if (modality == "AUDIO") tokens.audio += kTokensPerMedium;
    if (modality == "VIDEO") tokens.video += kTokensPerMedium;
    if (modality == "DOCUMENT") tokens.document += kTokensPerMedium;
    if (modality == "TEXT") tokens.text += kTokensPerMedium;
    tokens.text += count_tokens(text_field(part, "text"));
    for (const char* name :
         {"functionCall", "functionResponse", "executableCode", "codeExecutionResult"}) {
        if (const Json* data = find_field(part, name)) tokens.text += count_json(*data);
    }
}

void count_content(const Json& content, PromptTokens& tokens) {
    for (const Json& part : content["parts"]) count_part(part, tokens);
}

// The types of the OpenAPI subset in the case of JSON Schema.
Json with_json_types(const Json& schema, int depth) {
    if (depth > kDeepest) return schema;
    if (schema.is_array()) {
        Json list = Json::array();
        for (const Json& item : schema) list.push_back(with_json_types(item, depth + 1));
        return list;
    }
    if (!schema.is_object()) return schema;
    Json copy = Json::object();
    for (const auto& [name, value] : schema.items()) {
        const bool is_type = name == "type" && value.is_string();
        copy[name] = is_type ? Json(to_lower(value.get_ref<const std::string&>()))
                             : with_json_types(value, depth + 1);
    }
    return copy;
}

void add_user(const Json& content, Json& messages) {
    Json parts = Json::array();
    for (const Json& part : content["parts"]) {
        if (const Json* text = find_field(part, "text")) {
            parts.push_back({{"type", "text"}, {"text", *text}});
        }
        const std::string_view modality = modality_of_part(part);
        if (!modality.empty()) {
            parts.push_back({{"type", modality == "IMAGE" ? "image_url" : "file"}});
        }
        if (const Json* response = find_field(part, "functionResponse")) {
            messages.push_back({{"role", "tool"}, {"content", (*response)["response"].dump()}});
        }
    }
    if (!parts.empty()) messages.push_back({{"role", "user"}, {"content", std::move(parts)}});
}

Json brief_model(const Json& content) {
    std::string text;
    for (const Json& part : content["parts"]) {
        if (!is_true(part, "thought")) text += text_field(part, "text");
    }
    return {{"role", "assistant"}, {"content", std::move(text)}};
}

bool is_allowed(const Json& body, const Json& name) {
    const Json* config = find_field(body, "toolConfig");
    const Json* calling =
        config == nullptr ? nullptr : find_field(*config, "functionCallingConfig");
    const Json* names = calling == nullptr ? nullptr : find_field(*calling, "allowedFunctionNames");
    return names == nullptr || names->empty() ||
           std::find(names->begin(), names->end(), name) != names->end();
}

Json brief_tools(const Json& body) {
    Json brief = Json::array();
    for (const Json& tool : body["tools"]) {
        const Json* functions = find_field(tool, "functionDeclarations");
        if (functions == nullptr) continue;
        for (const Json& function : *functions) {
            if (!is_allowed(body, function["name"])) continue;
            Json one = {{"name", function["name"]}};
            if (const Json* schema = find_field(function, "parameters")) {
                one["parameters"] = with_json_types(*schema, 0);
            }
            if (const Json* schema = find_field(function, "parametersJsonSchema")) {
                one["parameters"] = *schema;
            }
            brief.push_back({{"type", "function"}, {"function", std::move(one)}});
        }
    }
    return brief;
}

void add_format(const Json& config, Json& brief) {
    const std::string_view mime = text_field(config, "responseMimeType");
    if (mime.empty() || mime == "text/plain") return;
    const Json* schema = find_field(config, "responseSchema");
    const Json* plain = find_field(config, "responseJsonSchema");
    if (schema == nullptr && plain == nullptr) {
        brief["response_format"] = {{"type", "json_object"}};
        return;
    }
    brief["response_format"] = {
        {"type", "json_schema"},
        {"json_schema", {{"schema", plain != nullptr ? *plain : with_json_types(*schema, 0)}}}};
}

}  // namespace

PromptTokens count_prompt(const Json& body) {
    const Json* whole = find_field(body, "generateContentRequest");
    const Json& request = whole == nullptr ? body : *whole;
    PromptTokens tokens;
    for (const Json& content : request["contents"]) count_content(content, tokens);
    if (const Json* system = find_field(request, "systemInstruction")) {
        count_content(*system, tokens);
    }
    if (const Json* tools = find_field(request, "tools")) tokens.text += count_json(*tools);
    return tokens;
}

Json render_details(const PromptTokens& tokens) {
    Json details = Json::array();
    const auto add = [&](const char* modality, std::int64_t count) {
        if (count > 0) details.push_back({{"modality", modality}, {"tokenCount", count}});
    };
    add("TEXT", tokens.text);
    add("IMAGE", tokens.image);
    add("AUDIO", tokens.audio);
    add("VIDEO", tokens.video);
    add("DOCUMENT", tokens.document);
    return details;
}

Json brief_of(const Json& body) {
    Json messages = Json::array();
    for (const Json& content : body["contents"]) {
        if (text_field(content, "role") == "model") {
            messages.push_back(brief_model(content));
        } else {
            add_user(content, messages);
        }
    }
    Json brief = {{"messages", std::move(messages)}};
    if (find_field(body, "tools") != nullptr && calling_mode(body) != "NONE") {
        Json tools = brief_tools(body);
        if (!tools.empty()) brief["tools"] = std::move(tools);
        if (calling_mode(body) == "ANY") brief["tool_choice"] = "required";
    }
    if (const Json* config = find_field(body, "generationConfig")) {
        if (const Json* stop = find_field(*config, "stopSequences")) brief["stop"] = *stop;
        add_format(*config, brief);
    }
    return brief;
}

}  // namespace aigw::simulated::gemini
