#include "protocol/vendor_error.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "protocol/reply_outline.h"

namespace aigw::protocol {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kQuotedCharacters = 200;
constexpr std::size_t kMaxMessageBytes = 4096;

// ---- Text ------------------------------------------------------------------------------------

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The first characters, never half of one.
std::string_view first_characters(std::string_view text, std::size_t count) {
    std::size_t end = 0;
    while (end < text.size() && count > 0) {
        ++end;
        while (end < text.size() && is_continuation(text[end])) ++end;
        --count;
    }
    return text.substr(0, end);
}

// One line: runs of blanks and control characters become one blank.
std::string on_one_line(std::string_view text) {
    std::string line;
    for (const char c : trim(text)) {
        const bool is_blank = static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
        if (!is_blank) {
            line.push_back(c);
        } else if (!line.empty() && line.back() != ' ') {
            line.push_back(' ');
        }
    }
    return line;
}

bool is_key_byte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '*' || c == '=' || c == '+' || c == '/';
}

// What a secret begins with, and how many bytes must follow for it to be one.
struct SecretMark {
    std::string_view start;
    std::size_t at_least;
};
constexpr std::array kSecretMarks = {SecretMark{"sk-", 4},     SecretMark{"Bearer ", 8},
                                     SecretMark{"bearer ", 8}, SecretMark{"AIza", 20},
                                     SecretMark{"gsk_", 8},    SecretMark{"xai-", 8},
                                     SecretMark{"eyJ", 20}};

// ---- Shapes ----------------------------------------------------------------------------------

std::string text_of(const Json& value) {
    if (value.is_string()) return value.get<std::string>();
    if (value.is_number() || value.is_boolean()) return value.dump();
    return {};
}

std::string member_text(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? std::string() : text_of(*found);
}

void fill_empty(std::string& field, std::string text) {
    if (field.empty()) field = std::move(text);
}

// Whatever the outermost shape says first is kept; what lies deeper fills the gaps.
void gather(const Json& value, VendorError& said, int depth);

void gather_object(const Json& object, VendorError& said, int depth) {
    for (const char* name : {"message", "msg", "detail", "error", "error_msg", "status_msg"}) {
        fill_empty(said.message, member_text(object, name));
    }
    const std::string type = member_text(object, "type");
    if (type != "error") fill_empty(said.type, type);  // an envelope's own: it says nothing
    for (const char* name : {"code", "status_code"}) {
        fill_empty(said.code, member_text(object, name));
    }
    fill_empty(said.param, member_text(object, "param"));
    for (const char* name : {"error", "errors", "detail", "base_resp"}) {
        if (const auto found = object.find(name); found != object.end())
            gather(*found, said, depth + 1);
    }
}

void gather(const Json& value, VendorError& said, int depth) {
    constexpr int kDeepest = 4;
    if (depth > kDeepest) return;
    if (value.is_object()) {
        gather_object(value, said, depth);
    } else if (value.is_array() && !value.empty()) {
        gather(value.front(), said, depth + 1);
    } else {
        fill_empty(said.message, text_of(value));
    }
}

VendorError masked(VendorError said) {
    said.message = mask_secrets(on_one_line(said.message.substr(0, kMaxMessageBytes)));
    return said;
}

}  // namespace

std::string mask_secrets(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const bool is_word_start = out.empty() || !is_key_byte(out.back()) || out.back() == '=';
        const auto mark =
            std::find_if(kSecretMarks.begin(), kSecretMarks.end(),
                         [&](const auto& m) { return is_word_start && text.starts_with(m.start); });
        if (mark != kSecretMarks.end()) {
            const std::string_view rest = text.substr(mark->start.size());
            const auto end = std::find_if_not(rest.begin(), rest.end(), is_key_byte);
            const auto length = static_cast<std::size_t>(end - rest.begin());
            if (length >= mark->at_least) {
                const bool ends_sentence = rest[length - 1] == '.';
                out.append(mark->start).append("***");
                text = rest.substr(ends_sentence ? length - 1 : length);
                continue;
            }
        }
        out.push_back(text.front());
        text.remove_prefix(1);
    }
    return out;
}

void hide_secrets(std::string& text, std::span<const std::string> secrets) {
    for (const std::string& secret : secrets) {
        for (std::size_t at = text.find(secret); at != std::string::npos;
             at = text.find(secret, at))
            text.replace(at, secret.size(), "***");
    }
}

void hide_secrets(Error& error, std::span<const std::string> secrets) {
    for (std::string* text : {&error.message, &error.wire_code, &error.wire_type, &error.param})
        hide_secrets(*text, secrets);
}

VendorError read_vendor_error(std::string_view body) {
    const Json json = Json::parse(body, nullptr, false);
    VendorError said;
    if (json.is_discarded()) {
        said.message = std::string(first_characters(trim(body), kQuotedCharacters));
    } else {
        gather(json, said, 0);
        if (said.message.empty() && json.is_structured() && !json.empty())
            said.message = std::string(first_characters(trim(body), kQuotedCharacters));
    }
    return masked(std::move(said));
}

std::optional<VendorError> find_vendor_error(std::string_view json_text) {
    const ReplyOutline outline = outline_of(json_text);
    if (!outline.is_error()) return std::nullopt;
    const Json json = Json::parse(json_text, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    VendorError said;
    if (outline.has_error) gather(json["error"], said, 1);
    gather(json, said, 0);
    return masked(std::move(said));
}

}  // namespace aigw::protocol
