#include "sidecar/simulated/gemini_names.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::string_view kTwoWords =
    "systemInstruction toolConfig safetySettings cachedContent serviceTier generationConfig "
    "generateContentRequest functionDeclarations parametersJsonSchema responseJsonSchema "
    "googleSearch googleMaps codeExecution urlContext fileSearch computerUse mcpServers "
    "functionCallingConfig allowedFunctionNames retrievalConfig inlineData mimeType fileData "
    "fileUri "
    "functionCall functionResponse executableCode codeExecutionResult thoughtSignature "
    "videoMetadata mediaResolution topP topK maxOutputTokens stopSequences candidateCount "
    "presencePenalty frequencyPenalty responseLogprobs responseMimeType responseSchema "
    "responseModalities thinkingConfig includeThoughts thinkingBudget thinkingLevel imageConfig "
    "speechConfig";

constexpr std::string_view kOneWord = "contents parts tools";

constexpr std::string_view kOfTheCaller =
    "args response parameters parametersJsonSchema responseSchema responseJsonSchema";

using Names = std::map<std::string, std::string_view, std::less<>>;

Names make_names() {
    Names names;
    for (const std::string_view name : split(kTwoWords, ' ')) {
        names[snake_case(name)] = name;
        names[std::string(name)] = name;
    }
    for (const std::string_view name : split(kOneWord, ' ')) names[std::string(name)] = name;
    return names;
}

bool is_of_the_caller(std::string_view name) {
    const auto words = split(kOfTheCaller, ' ');
    return std::find(words.begin(), words.end(), name) != words.end();
}

Json rename(const Json& value, const Names& names) {
    if (value.is_array()) {
        Json list = Json::array();
        for (const Json& item : value) list.push_back(rename(item, names));
        return list;
    }
    if (!value.is_object()) return value;
    Json object = Json::object();
    for (const auto& [name, member] : value.items()) {
        const auto known = names.find(name);
        const bool is_kept = known == names.end() || is_of_the_caller(known->second);
        const std::string key(known == names.end() ? std::string_view(name) : known->second);
        object[key] = is_kept ? member : rename(member, names);
    }
    return object;
}

}  // namespace

std::string snake_case(std::string_view name) {
    std::string snake;
    for (const char c : name) {
        const bool is_capital = c >= 'A' && c <= 'Z';
        if (is_capital) snake += '_';
        snake += is_capital ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return snake;
}

Json with_camel_case(const Json& body) {
    return rename(body, make_names());
}

}  // namespace aigw::simulated::gemini
