#include "sidecar/simulated/gemini_contents.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/text.h"
#include "sidecar/simulated/gemini_thoughts.h"

namespace aigw::simulated::gemini {
namespace {

constexpr std::array kPartFields = {
    FieldRule{"text", FieldType::String},
    FieldRule{"inlineData", FieldType::Object},
    FieldRule{"fileData", FieldType::Object},
    FieldRule{"functionCall", FieldType::Object},
    FieldRule{"functionResponse", FieldType::Object},
    FieldRule{"executableCode", FieldType::Object},
    FieldRule{"codeExecutionResult", FieldType::Object},
    FieldRule{"thought", FieldType::Boolean},
    FieldRule{"thoughtSignature", FieldType::String},
    FieldRule{"videoMetadata", FieldType::Object},
    FieldRule{"mediaResolution"},
};

// The first of the part's fields hold data; the others stand beside it.
constexpr std::size_t kDataFields = 7;

constexpr std::array kContentFields = {FieldRule{"role", FieldType::String},
                                       FieldRule{"parts", FieldType::Array}};

// Media.

bool is_base64(std::string_view text) {
    const auto is_digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '+' || c == '/' || c == '-' || c == '_';
    };
    while (text.ends_with('=')) text.remove_suffix(1);
    return std::all_of(text.begin(), text.end(), is_digit) && text.size() % 4 != 1;
}

Verdict refuse_inline_data(const Json& data, const std::string& at) {
    constexpr std::array kMembers = {FieldRule{"mimeType", FieldType::String},
                                     FieldRule{"data", FieldType::String}};
    if (auto refusal = refuse_members(data, at, kMembers)) return refusal;
    const std::string_view bytes = text_field(data, "data");
    if (!is_base64(bytes)) {
        return violation(at + ".data", "Invalid value at '" + at +
                                           ".data' (TYPE_BYTES), Base64 decoding failed for " +
                                           data["data"].dump());
    }
    if (bytes.empty()) return invalid("Unable to process input image: no data.");
    const std::string_view type = text_field(data, "mimeType");
    if (!modality_of(type).empty()) return std::nullopt;
    return invalid("Unsupported MIME type: " + std::string(type));
}

Verdict refuse_file_data(const Json& data, const std::string& at) {
    constexpr std::array kMembers = {FieldRule{"mimeType", FieldType::String},
                                     FieldRule{"fileUri", FieldType::String}};
    if (auto refusal = refuse_members(data, at, kMembers)) return refusal;
    const std::string_view uri = text_field(data, "fileUri");
    if (uri.starts_with("https://") || uri.starts_with("gs://")) return std::nullopt;
    return invalid("Invalid or unsupported file uri: " + std::string(uri));
}

// Parts.

Verdict refuse_call(const Json& call, const std::string& at) {
    constexpr std::array kMembers = {FieldRule{"id", FieldType::String},
                                     FieldRule{"name", FieldType::String},
                                     FieldRule{"args", FieldType::Object}};
    if (auto refusal = refuse_members(call, at, kMembers)) return refusal;
    return text_field(call, "name").empty() ? Verdict(unfit(at + ".name", "Name cannot be empty."))
                                            : std::nullopt;
}

Verdict refuse_response(const Json& response, const std::string& at) {
    constexpr std::array kMembers = {FieldRule{"id", FieldType::String},
                                     FieldRule{"name", FieldType::String},
                                     FieldRule{"response", FieldType::Object}};
    if (auto refusal = refuse_members(response, at, kMembers)) return refusal;
    if (text_field(response, "name").empty()) {
        return unfit(at + ".name", "Name cannot be empty.");
    }
    return find_field(response, "response") != nullptr
               ? std::nullopt
               : Verdict(unfit(at + ".response", "Response cannot be empty."));
}

Verdict refuse_data_count(const Json& part, const std::string& at) {
    std::string_view found;
    for (std::size_t i = 0; i < kDataFields; ++i) {
        const std::string_view name = kPartFields[i].name;
        if (find_field(part, name) == nullptr) continue;
        if (!found.empty()) {
            return violation(at, "Invalid value at '" + at +
                                     "' (oneof), oneof field 'data' is already set. Cannot set '" +
                                     std::string(name) + "'");
        }
        found = name;
    }
    if (!found.empty()) return std::nullopt;
    return unfit(at + ".data", "required oneof field 'data' must have one initialized field");
}

Verdict refuse_part(const Json& part, const std::string& at, bool is_of_model) {
    if (auto refusal = refuse_members(part, at, kPartFields)) return refusal;
    if (auto refusal = refuse_data_count(part, at)) return refusal;
    if (const Json* data = find_field(part, "inlineData")) {
        return refuse_inline_data(*data, at + ".inline_data");
    }
    if (const Json* data = find_field(part, "fileData")) {
        return refuse_file_data(*data, at + ".file_data");
    }
    if (const Json* call = find_field(part, "functionCall")) {
        if (!is_of_model) return invalid("Function call parts belong to the role model.");
        return refuse_call(*call, at + ".function_call");
    }
    if (const Json* response = find_field(part, "functionResponse")) {
        if (is_of_model) return invalid("Function response parts belong to the role user.");
        return refuse_response(*response, at + ".function_response");
    }
    return std::nullopt;
}

bool is_of_model(const Json& content) {
    return text_field(content, "role") == "model";
}

Verdict refuse_content(const Json& content, const std::string& at) {
    if (auto refusal = refuse_members(content, at, kContentFields)) return refusal;
    const std::string_view role = text_field(content, "role");
    if (!role.empty() && role != "user" && role != "model") {
        return invalid("Please use a valid role: user, model.");
    }
    const Json* parts = find_field(content, "parts");
    if (parts == nullptr || parts->empty()) {
        return unfit(at + ".parts", "contents.parts must not be empty.");
    }
    for (std::size_t i = 0; i < parts->size(); ++i) {
        const std::string inner = join(at + ".parts", i);
        if (auto refusal = refuse_part((*parts)[i], inner, is_of_model(content))) return refusal;
    }
    return std::nullopt;
}

// Signatures.

Verdict refuse_signatures(const Json& content, std::size_t index, const Model& model) {
    bool has_calls = false;
    const Json& parts = content["parts"];
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Json& part = parts[i];
        const Json* call = find_field(part, "functionCall");
        const bool is_first_call = call != nullptr && !has_calls;
        has_calls = has_calls || call != nullptr;
        if (find_field(part, "thoughtSignature") != nullptr) {
            if (!is_signature_of(part)) return invalid("Thought signature is not valid.");
            continue;
        }
        if (!is_first_call || !model.needs_signatures) continue;
        return invalid(
            "Function call is missing a thought_signature in functionCall parts. This is required "
            "for tools to work correctly, and missing thought_signature may lead to degraded model "
            "performance. Additional data, function call `default_api:" +
            std::string(text_field(*call, "name")) + "`, position " + std::to_string(index + 1) +
            ". Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more "
            "details.");
    }
    return std::nullopt;
}

// Calls and their results.

std::vector<const Json*> find_parts(const Json& content, std::string_view kind) {
    std::vector<const Json*> found;
    for (const Json& part : content["parts"]) {
        if (const Json* data = find_field(part, kind)) found.push_back(data);
    }
    return found;
}

Verdict refuse_pairs(const std::vector<const Json*>& calls,
                     const std::vector<const Json*>& responses, const Model& model) {
    if (calls.size() != responses.size()) {
        return invalid(
            "Please ensure that the number of function response parts is equal to the number of "
            "function call parts of the function call turn.");
    }
    for (std::size_t i = 0; i < calls.size(); ++i) {
        const std::string_view name = text_field(*responses[i], "name");
        const bool is_named = std::any_of(calls.begin(), calls.end(), [&](const Json* call) {
            return text_field(*call, "name") == name;
        });
        if (!is_named) {
            return invalid("Function response `" + std::string(name) +
                           "` answers no function call of the function call turn.");
        }
        if (!model.pairs_results) continue;
        if (text_field(*calls[i], "name") == name &&
            text_field(*calls[i], "id") == text_field(*responses[i], "id")) {
            continue;
        }
        return invalid("Function response " + std::to_string(i + 1) +
                       " has not the id and name of function call " + std::to_string(i + 1) + ".");
    }
    return std::nullopt;
}

Verdict refuse_order(const Json& contents, const Model& model) {
    std::vector<const Json*> open;
    for (std::size_t i = 0; i < contents.size(); ++i) {
        const Json& content = contents[i];
        const auto responses = find_parts(content, "functionResponse");
        if (open.empty() && !responses.empty()) {
            return invalid(
                "Please ensure that function response turn comes immediately after a function call "
                "turn.");
        }
        if (!open.empty()) {
            if (auto refusal = refuse_pairs(open, responses, model)) return refusal;
        }
        open = find_parts(content, "functionCall");
        if (!open.empty() && i == 0) {
            return invalid(
                "Please ensure that function call turn comes immediately after a user turn or "
                "after a function response turn.");
        }
        if (auto refusal = refuse_signatures(content, i, model)) return refusal;
    }
    return open.empty() ? std::nullopt : refuse_pairs(open, {}, model);
}

Verdict refuse_system(const Json& body) {
    const Json* system = find_field(body, "systemInstruction");
    if (system == nullptr) return std::nullopt;
    if (auto refusal = refuse_content(*system, "system_instruction")) return refusal;
    for (const Json& part : (*system)["parts"]) {
        if (find_field(part, "text") != nullptr) continue;
        return invalid("System instruction only takes text parts.");
    }
    return std::nullopt;
}

}  // namespace

Verdict refuse_contents(const Json& body, const Model& model) {
    const Json* contents = find_field(body, "contents");
    if (contents == nullptr || contents->empty()) {
        return unfit("contents", "contents is not specified");
    }
    for (std::size_t i = 0; i < contents->size(); ++i) {
        if (auto refusal = refuse_content((*contents)[i], join("contents", i))) return refusal;
    }
    if (auto refusal = refuse_system(body)) return refusal;
    return refuse_order(*contents, model);
}

std::string_view modality_of(std::string_view mime_type) {
    constexpr std::array<std::string_view, 5> kImages = {"image/png", "image/jpeg", "image/webp",
                                                         "image/heic", "image/heif"};
    if (std::find(kImages.begin(), kImages.end(), mime_type) != kImages.end()) return "IMAGE";
    if (mime_type.starts_with("audio/")) return "AUDIO";
    if (mime_type.starts_with("video/")) return "VIDEO";
    if (mime_type == "application/pdf") return "DOCUMENT";
    return mime_type.starts_with("text/") ? "TEXT" : "";
}

}  // namespace aigw::simulated::gemini
