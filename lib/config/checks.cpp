#include "config/checks.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/report.h"
#include "http/url.h"

namespace aigw::config {
namespace {

Error wrong(std::string message, std::string hint) {
    return Error{ErrorCode::Config, std::move(message), std::move(hint)};
}

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_control(char c) {
    return static_cast<unsigned char>(c) < ' ' || c == 0x7F;
}

bool is_one_of(std::string_view characters, char c) {
    return characters.find(c) != std::string_view::npos;
}

Result<void> check_characters(std::string_view name, std::string_view also) {
    constexpr std::size_t kMost = 64;
    const auto is_good = [&](char c) { return is_alphanumeric(c) || is_one_of(also, c); };
    if (!name.empty() && name.size() <= kMost && std::ranges::all_of(name, is_good)) return {};
    std::string characters = "letters, digits";
    for (const char c : also) characters += std::string(", ") + c;
    return wrong("is not a usable name", "write 1 to 64 of " + characters);
}

Result<void> check_model_text(std::string_view text) {
    constexpr std::size_t kMost = 256;
    const auto is_bad = [](char c) { return is_control(c) || is_one_of(" \"'`\\<>?[]{}", c); };
    if (text.empty()) return wrong("is empty", "write the name of a model");
    if (text.size() > kMost) return wrong("is longer than 256 bytes", "write the name of a model");
    const auto bad = std::ranges::find_if(text, is_bad);
    if (bad == text.end()) return {};
    if (is_control(*bad)) return wrong("holds a control character", "remove it");
    const std::string shown = *bad == ' ' ? "a blank" : std::string("the character ") + *bad;
    return wrong("holds " + shown, "the name of a model has none, and of patterns only * is known");
}

// Fields that the gateway or its HTTP engine writes itself, or that must not cross a hop
// (RFC 9110, section 7.6.1).
constexpr std::array<std::string_view, 17> kFraming = {"accept-encoding",
                                                       "connection",
                                                       "content-encoding",
                                                       "content-length",
                                                       "content-type",
                                                       "expect",
                                                       "host",
                                                       "http2-settings",
                                                       "keep-alive",
                                                       "proxy-connection",
                                                       "te",
                                                       "trailer",
                                                       "transfer-encoding",
                                                       "upgrade",
                                                       "range",
                                                       "content-range",
                                                       "content-location"};
constexpr std::array<std::string_view, 8> kCredentials = {
    "authorization", "proxy-authorization", "x-api-key",      "api-key",
    "cookie",        "set-cookie",          "x-goog-api-key", "proxy-authenticate"};

}  // namespace

Result<void> check_name(std::string_view name) {
    return check_characters(name, "._-");
}

Result<void> check_limit_name(std::string_view name) {
    return check_characters(name, "._-:");
}

Result<void> check_model(std::string_view model) {
    if (model.find('*') != std::string_view::npos)
        return wrong("holds a *", "this is one model; patterns belong into a route's match");
    return check_model_text(model);
}

Result<void> check_pattern(std::string_view pattern) {
    if (pattern.find("**") != std::string_view::npos)
        return wrong("holds **", "one * stands for any run of characters");
    return check_model_text(pattern);
}

Result<void> check_label(std::string_view text) {
    constexpr std::size_t kMost = 128;
    if (text.empty()) return wrong("is empty", "give it a value, or remove the line");
    if (text.size() > kMost) return wrong("is longer than 128 bytes", "shorten it");
    if (std::ranges::any_of(text, is_control))
        return wrong("holds a control character", "remove it");
    return {};
}

Result<void> check_base_url(std::string_view url) {
    if (url.empty())
        return wrong("is empty", "write it like https://host/path, or remove the line");
    const std::size_t slashes = url.find("://");
    const std::size_t host = slashes == std::string_view::npos ? 0 : slashes + 3;
    const std::string_view authority = url.substr(host, url.find_first_of("/?#", host) - host);
    if (authority.find('@') != std::string_view::npos)
        return wrong("names a user or a password", "put the credential into api_key");
    if (url.find('?') != std::string_view::npos)
        return wrong("has a query", "paths are added behind it, so it ends before any ?");
    const auto parsed = http::parse_url(url);
    if (!parsed) return wrong("is no base URL: " + parsed.error().message, parsed.error().hint);
    return {};
}

Result<void> check_probe_path(std::string_view path) {
    constexpr std::string_view kExample = "write it like \"/models\"";
    const auto is_good = [](char c) { return c > ' ' && c < 0x7F && c != '#'; };
    if (!path.starts_with('/') || !std::ranges::all_of(path, is_good))
        return wrong("is no path below base_url", std::string(kExample));
    const std::size_t question = path.find('?');
    if (question == std::string_view::npos) return {};
    for (const std::string_view pair : split(path.substr(question + 1), '&'))
        if (names_a_secret(pair.substr(0, pair.find('='))))
            return wrong("names a secret in its query", "the platform's key is sent anyway");
    return {};
}

Result<void> check_pem_path(std::string_view path) {
    if (path.find("-----BEGIN") != std::string_view::npos)
        return wrong("is a file's content", "name the file itself, without file:");
    if (path.empty() || std::ranges::any_of(path, is_control))
        return wrong("names no file", "write it like \"/etc/aigw/tls.crt\"");
    return {};
}

Result<std::uint32_t> parse_percentage(std::string_view text) {
    const auto percent =
        text.ends_with('%') ? parse_uint(text.substr(0, text.size() - 1)) : std::nullopt;
    if (!percent || *percent > 100)
        return wrong("is " + json_string(text), "write it like \"20%\", at most \"100%\"");
    return static_cast<std::uint32_t>(*percent);
}

Result<void> check_percentage(std::string_view text) {
    TRY(parse_percentage(text));
    return {};
}

Result<void> check_origin(std::string_view origin) {
    constexpr std::string_view kHint = "write it like \"https://app.example.com\", or \"*\"";
    if (origin == "*") return {};
    const std::size_t host = origin.find("://");
    const bool has_path = host != std::string_view::npos &&
                          origin.find_first_of("/?#", host + 3) != std::string_view::npos;
    if (has_path) return wrong("has a path", std::string(kHint));
    const bool is_pattern = origin.find('*') != std::string_view::npos;
    if (is_pattern || !check_base_url(origin)) return wrong("is no origin", std::string(kHint));
    return {};
}

Result<void> check_key_text(std::string_view key) {
    if (std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7F; })) return {};
    return wrong("holds a blank, a control character or a letter beyond ASCII",
                 "keys travel in a header");
}

Result<void> check_header_name(std::string_view name) {
    static constexpr std::string_view kTokenMarks = "!#$%&'*+-.^_`|~";
    const auto is_token = [](char c) { return is_alphanumeric(c) || is_one_of(kTokenMarks, c); };
    if (name.empty() || name.size() > 128 || !std::ranges::all_of(name, is_token))
        return wrong("is not a header name", "write letters, digits and -");
    const auto is_name = [&](std::string_view known) { return equals_ignoring_case(known, name); };
    if (std::ranges::any_of(kFraming, is_name))
        return wrong("is a header that the gateway writes itself", "remove it");
    if (std::ranges::any_of(kCredentials, is_name))
        return wrong("is a header for credentials", "put the credential into api_key");
    return {};
}

Result<void> check_header_value(std::string_view value) {
    if (std::ranges::any_of(value, is_control))
        return wrong("holds a control character", "remove it");
    if (trim(value) != value) return wrong("begins or ends with a blank", "remove it");
    return {};
}

Result<void> check_path(std::string_view path) {
    const auto is_visible = [](char c) { return c > ' ' && c < 0x7F; };
    if (path.empty() || !std::ranges::all_of(path, is_visible))
        return Error{ErrorCode::Config, "is " + json_string(path) + ", which is no path",
                     "write it like \"/api/chat\""};
    return {};
}

Result<void> check_rewrite(std::string_view path) {
    TRY(check_path(path));
    if (!path.starts_with('/'))
        return Error{ErrorCode::Config, "is " + json_string(path) + ", which is no path",
                     "begin it with a slash"};
    if (path.find('*') < path.size() - 1)
        return Error{ErrorCode::Config, "has a star in its middle",
                     "one may stand at its end, for all that follows"};
    return {};
}

}  // namespace aigw::config
