#include "sidecar/simulated/anthropic_blocks.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace aigw::simulated::anthropic {
namespace {

constexpr std::array kText = {
    FieldRule{"type", FieldType::String},
    FieldRule{"text", FieldType::String},
    FieldRule{"cache_control", FieldType::Object},
    FieldRule{"citations", FieldType::Array},
};
constexpr std::array kImage = {
    FieldRule{"type", FieldType::String},
    FieldRule{"source", FieldType::Object},
    FieldRule{"cache_control", FieldType::Object},
};
constexpr std::array kDocument = {
    FieldRule{"type", FieldType::String},      FieldRule{"source", FieldType::Object},
    FieldRule{"title", FieldType::String},     FieldRule{"context", FieldType::String},
    FieldRule{"citations", FieldType::Object}, FieldRule{"cache_control", FieldType::Object},
};
constexpr std::array kSearchResult = {
    FieldRule{"type", FieldType::String},      FieldRule{"source", FieldType::String},
    FieldRule{"title", FieldType::String},     FieldRule{"content", FieldType::Array},
    FieldRule{"citations", FieldType::Object}, FieldRule{"cache_control", FieldType::Object},
};
constexpr std::array kThinking = {
    FieldRule{"type", FieldType::String},
    FieldRule{"thinking", FieldType::String},
    FieldRule{"signature", FieldType::String},
};
constexpr std::array kRedactedThinking = {
    FieldRule{"type", FieldType::String},
    FieldRule{"data", FieldType::String},
};
constexpr std::array kToolUse = {
    FieldRule{"type", FieldType::String},   FieldRule{"id", FieldType::String},
    FieldRule{"name", FieldType::String},   FieldRule{"input", FieldType::Object},
    FieldRule{"caller", FieldType::Object}, FieldRule{"cache_control", FieldType::Object},
};
constexpr std::array kToolResult = {
    FieldRule{"type", FieldType::String},
    FieldRule{"tool_use_id", FieldType::String},
    FieldRule{"content"},
    FieldRule{"is_error", FieldType::Boolean},
    FieldRule{"cache_control", FieldType::Object},
};
constexpr std::array kToolReference = {
    FieldRule{"type", FieldType::String},
    FieldRule{"tool_name", FieldType::String},
};

constexpr std::uint8_t kUser = 1;
constexpr std::uint8_t kAssistant = 2;
constexpr std::uint8_t kSystem = 4;
constexpr std::uint8_t kResult = 8;

// Columns: type, members, the required ones, places. No members: whatever comes with it, for what
// the vendor itself has made and only gets back.
struct BlockRule {
    std::string_view type;
    std::span<const FieldRule> members;
    std::string_view required;
    std::uint8_t places;
};

constexpr std::array kBlocks = {
    BlockRule{"bash_code_execution_tool_result", {}, "tool_use_id content", kAssistant},
    BlockRule{"code_execution_tool_result", {}, "tool_use_id content", kAssistant},
    BlockRule{"container_upload", {}, "file_id", kUser},
    BlockRule{"document", kDocument, "source", kUser | kAssistant | kResult},
    BlockRule{"image", kImage, "source", kUser | kResult},
    BlockRule{"redacted_thinking", kRedactedThinking, "data", kAssistant},
    BlockRule{"search_result", kSearchResult, "source title content", kUser | kResult},
    BlockRule{"server_tool_use", {}, "id name input", kAssistant},
    BlockRule{"text", kText, "text", kUser | kAssistant | kSystem | kResult},
    BlockRule{"text_editor_code_execution_tool_result", {}, "tool_use_id content", kAssistant},
    BlockRule{"thinking", kThinking, "signature thinking", kAssistant},
    BlockRule{"tool_reference", kToolReference, "tool_name", kResult},
    BlockRule{"tool_result", kToolResult, "tool_use_id", kUser},
    BlockRule{"tool_search_tool_result", {}, "tool_use_id content", kAssistant},
    BlockRule{"tool_use", kToolUse, "id name input", kAssistant},
    BlockRule{"web_fetch_tool_result", {}, "tool_use_id content", kAssistant},
    BlockRule{"web_search_tool_result", {}, "tool_use_id content", kAssistant},
};

std::uint8_t bit_of(Place place) {
    switch (place) {
        case Place::User:
            return kUser;
        case Place::Assistant:
            return kAssistant;
        case Place::System:
            return kSystem;
        case Place::ToolResult:
            return kResult;
    }
    return 0;
}

// Within a message every type is known, and only then is asked who said it.
std::string expected_tags(Place place) {
    const bool is_message = place == Place::User || place == Place::Assistant;
    const std::uint8_t wanted = is_message ? kUser | kAssistant : bit_of(place);
    std::string tags;
    for (const BlockRule& rule : kBlocks) {
        if ((rule.places & wanted) == 0) continue;
        tags.append(tags.empty() ? "'" : ", '").append(rule.type).append("'");
    }
    return tags;
}

const BlockRule* find_rule(std::string_view type, Place place) {
    const bool is_message = place == Place::User || place == Place::Assistant;
    for (const BlockRule& rule : kBlocks) {
        if (rule.type != type) continue;
        const std::uint8_t wanted = is_message ? kUser | kAssistant : bit_of(place);
        return (rule.places & wanted) == 0 ? nullptr : &rule;
    }
    return nullptr;
}

bool is_id(std::string_view id) {
    return is_tool_name(id, std::string_view::npos);
}

Verdict refuse_id(const Json& block, std::string_view path, const char* name) {
    if (is_id(text_field(block, name))) return std::nullopt;
    return invalid_at(join(path, name), "String should match pattern '^[a-zA-Z0-9_-]+$'");
}

// Sources.

struct SourceRule {
    std::string_view type;
    std::string_view required;
    std::string_view media_types;  // empty: has none
};

constexpr std::array kImageSources = {
    SourceRule{"base64", "data media_type", "image/jpeg image/png image/gif image/webp"},
    SourceRule{"url", "url", ""},
    SourceRule{"file", "file_id", ""},
};
constexpr std::array kDocumentSources = {
    SourceRule{"base64", "data media_type", "application/pdf"},
    SourceRule{"text", "data media_type", "text/plain"},
    SourceRule{"content", "content", ""},
    SourceRule{"url", "url", ""},
    SourceRule{"file", "file_id", ""},
};
constexpr std::array kSource = {
    FieldRule{"type", FieldType::String},       FieldRule{"data", FieldType::String},
    FieldRule{"media_type", FieldType::String}, FieldRule{"url", FieldType::String},
    FieldRule{"file_id", FieldType::String},    FieldRule{"content"},
};

// The members that a source of this type has, and no others.
std::vector<FieldRule> members_of(const SourceRule& rule) {
    std::vector<FieldRule> members = {kSource.front()};
    const auto names = split(rule.required, ' ');
    for (const FieldRule& member : kSource) {
        if (std::find(names.begin(), names.end(), member.name) != names.end()) {
            members.push_back(member);
        }
    }
    return members;
}

bool is_base64(std::string_view text) {
    const auto body = text.substr(0, text.find('='));
    const std::string_view padding = text.substr(body.size());
    return text.size() % 4 == 0 && padding.size() <= 2 &&
           padding.find_first_not_of('=') == std::string_view::npos &&
           std::all_of(body.begin(), body.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '+' || c == '/';
           });
}

// How the first bytes of each kind of image look in base64; "" for what is none of them.
std::string_view media_type_of(std::string_view data) {
    struct Beginning {
        std::string_view data;
        std::string_view media_type;
    };
    constexpr std::array kBeginnings = {
        Beginning{"/9j/", "image/jpeg"},
        Beginning{"iVBORw0KGgo", "image/png"},
        Beginning{"R0lGOD", "image/gif"},
        Beginning{"UklGR", "image/webp"},
    };
    for (const Beginning& beginning : kBeginnings) {
        if (data.starts_with(beginning.data)) return beginning.media_type;
    }
    return "";
}

Verdict refuse_data(const Json& source, std::string_view path) {
    const std::string_view data = text_field(source, "data");
    const std::string at = join(path, "data");
    if (data.empty()) return invalid_at(at, "String should have at least 1 character");
    if (!is_base64(data)) return invalid_at(at, "Invalid base64 data");
    const std::string_view given = text_field(source, "media_type");
    const std::string_view found = media_type_of(data);
    if (found.empty() || given == found) return std::nullopt;
    return invalid_at(at, "The image was specified using the " + std::string(given) +
                              " media type, but the image appears to be a " + std::string(found) +
                              " image");
}

Verdict refuse_source(const Json& block, std::string_view path, std::span<const SourceRule> rules) {
    const Json& source = block["source"];
    const std::string at = join(path, "source");
    const std::string_view type = text_field(source, "type");
    if (type.empty()) return invalid_at(join(at, "type"), "Field required");
    const auto rule = std::find_if(rules.begin(), rules.end(),
                                   [&](const SourceRule& one) { return one.type == type; });
    if (rule == rules.end()) {
        std::string tags;
        for (const SourceRule& one : rules) {
            tags.append(tags.empty() ? "'" : ", '").append(one.type).append("'");
        }
        return invalid_at(
            at, "Input tag '" + std::string(type) +
                    "' found using 'type' does not match any of the expected tags: " + tags);
    }
    const std::string inner = join(at, type);
    const auto members = members_of(*rule);
    if (auto refusal = refuse_members(source, inner, members, rule->required)) return refusal;
    if (type == "url") {
        const std::string_view url = text_field(source, "url");
        if (starts_with_ignoring_case(url, "https://") || starts_with_ignoring_case(url, "http://"))
            return std::nullopt;
        return invalid_at(join(inner, "url"), "Input should be a valid URL");
    }
    if (rule->media_types.empty()) return std::nullopt;
    if (auto refusal = refuse_choice(text_field(source, "media_type"), join(inner, "media_type"),
                                     rule->media_types)) {
        return refusal;
    }
    return type == "base64" ? refuse_data(source, inner) : std::nullopt;
}

// One type each, after its members have been looked at.

// Blank text is refused for all texts at once, without saying which.
Verdict refuse_text(const Json& block, std::string_view path, Place place, const Terms& terms) {
    const std::string_view text = text_field(block, "text");
    const std::string_view where = place == Place::System ? "system" : "messages";
    if (text.empty()) {
        if (find_field(block, "cache_control") != nullptr) {
            return invalid_at(path, "cache_control cannot be set for empty text blocks");
        }
        return invalid_at(where, "text content blocks must be non-empty");
    }
    if (trim(text).empty()) {
        return invalid_at(where, "text content blocks must contain non-whitespace text");
    }
    const Json* citations = find_field(block, "citations");
    if (terms.is_strict_version && place == Place::User && citations != nullptr &&
        !citations->empty()) {
        return invalid_at(join(path, "citations"), "Extra inputs are not permitted");
    }
    return std::nullopt;
}

Verdict refuse_tool_use(const Json& block, std::string_view path, const Terms& terms) {
    if (auto refusal = refuse_id(block, path, "id")) return refusal;
    if (is_tool_name(text_field(block, "name"), terms.model.max_tool_name)) return std::nullopt;
    return invalid_at(join(path, "name"), "String should match pattern '^[a-zA-Z0-9_-]{1," +
                                              std::to_string(terms.model.max_tool_name) + "}$'");
}

Verdict refuse_result_block(const Json& block, std::string_view path, const Terms& terms) {
    if (auto refusal = refuse_block(block, path, Place::ToolResult, terms)) return refusal;
    // A mark belongs to the result as a whole.
    if (find_field(block, "cache_control") == nullptr) return std::nullopt;
    const std::string at = join(path, text_field(block, "type"));
    return invalid_at(join(at, "cache_control"), "Extra inputs are not permitted");
}

Verdict refuse_tool_result(const Json& block, std::string_view path, const Terms& terms) {
    if (auto refusal = refuse_id(block, path, "tool_use_id")) return refusal;
    const Json* content = find_field(block, "content");
    if (content == nullptr || content->is_string()) return std::nullopt;
    const std::string at = join(path, "content");
    if (!content->is_array()) return invalid_at(at, "Input should be a valid list");
    for (std::size_t i = 0; i < content->size(); ++i) {
        if (auto refusal = refuse_result_block((*content)[i], join(at, i), terms)) return refusal;
        if (is_true(block, "is_error") && text_field((*content)[i], "type") != "text") {
            return invalid_at(path, "all content must be type `text` if `is_error` is true");
        }
    }
    return std::nullopt;
}

Verdict refuse_kind(const Json& block, std::string_view path, Place place, const Terms& terms) {
    const std::string_view type = text_field(block, "type");
    if (type == "text") return refuse_text(block, path, place, terms);
    if (type == "image") return refuse_source(block, path, kImageSources);
    if (type == "document") return refuse_source(block, path, kDocumentSources);
    if (type == "tool_use") return refuse_tool_use(block, path, terms);
    if (type == "tool_result") return refuse_tool_result(block, path, terms);
    return std::nullopt;
}

Verdict refuse_place(const BlockRule& rule, std::string_view path, Place place,
                     const Terms& terms) {
    std::uint8_t places = rule.places;
    if (terms.is_strict_version && rule.type == "document") places &= ~kAssistant & 0xFFU;
    if ((places & bit_of(place)) != 0) return std::nullopt;
    const std::string other = place == Place::User ? "assistant" : "user";
    const std::string_view message = path.substr(0, path.rfind(".content."));
    return invalid_at(
        message, "`" + std::string(rule.type) + "` blocks can only be in `" + other + "` messages");
}

Verdict refuse_required(const Json& block, std::string_view path, std::string_view required) {
    for (const std::string_view name : split(required, ' ')) {
        if (find_field(block, name) == nullptr) {
            return invalid_at(join(path, name), "Field required");
        }
    }
    return std::nullopt;
}

}  // namespace

Verdict refuse_cache_control(const Json& holder, std::string_view path) {
    constexpr std::array kMembers = {
        FieldRule{"type", FieldType::String},
        FieldRule{"ttl", FieldType::String},
    };
    const Json* mark = find_field(holder, "cache_control");
    if (mark == nullptr) return std::nullopt;
    const std::string at = join(path, "cache_control");
    if (auto refusal = refuse_members(*mark, at, kMembers, "type")) return refusal;
    if (auto refusal = refuse_choice(text_field(*mark, "type"), join(at, "type"), "ephemeral")) {
        return refusal;
    }
    if (find_field(*mark, "ttl") == nullptr) return std::nullopt;
    return refuse_choice(text_field(*mark, "ttl"), join(at, "ttl"), "5m 1h");
}

Verdict refuse_block(const Json& block, std::string_view path, Place place, const Terms& terms) {
    if (!block.is_object()) return invalid_at(path, "Input should be a valid dictionary");
    const std::string_view type = text_field(block, "type");
    if (type.empty()) return invalid_at(join(path, "type"), "Field required");
    const BlockRule* rule = find_rule(type, place);
    if (rule == nullptr) {
        return invalid_at(path, "Input tag '" + std::string(type) +
                                    "' found using 'type' does not match any of the expected "
                                    "tags: " +
                                    expected_tags(place));
    }
    const std::string at = join(path, type);
    const bool is_open = rule->members.empty();
    if (auto refusal = is_open ? refuse_required(block, at, rule->required)
                               : refuse_members(block, at, rule->members, rule->required)) {
        return refusal;
    }
    if (auto refusal = refuse_cache_control(block, at)) return refusal;
    if (auto refusal = refuse_kind(block, at, place, terms)) return refusal;
    const bool is_message = place == Place::User || place == Place::Assistant;
    return is_message ? refuse_place(*rule, path, place, terms) : std::nullopt;
}

bool is_tool_name(std::string_view name, std::size_t longest) {
    return !name.empty() && name.size() <= longest &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
           });
}

}  // namespace aigw::simulated::anthropic
