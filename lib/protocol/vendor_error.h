// What a vendor says when it refuses, in whatever shape it says it.
//
// Shapes:  {"error":{"message","type","param","code"}}, {"error":"text"}, {"code","message"},
//          {"message"}, {"detail":"text"} and {"detail":[{"msg","loc"}]}, {"errors":…}, {"msg"},
//          {"base_resp":{"status_code","status_msg"}}, an array around any of them; numeric codes
//          become text. A text that is no JSON (a proxy's HTML page) has no fields: its first 200
//          characters are the message.
// Secrets: what looks like a key or bearer token in a message becomes `***` before anyone sees it;
//          the gateway's own, which may look like anything, by hide_secrets().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace aigw::protocol {

struct VendorError {
    std::string message{};  // masked; may be empty when the vendor said nothing
    std::string type{};
    std::string code{};
    std::string param{};

    friend bool operator==(const VendorError&, const VendorError&) = default;
};

// The body of an error reply. Never fails: what cannot be understood is quoted.
VendorError read_vendor_error(std::string_view body);

// The error inside a JSON object that came as a success (a stream's event, a reply with status
// 200), if it is one: `error` is there and not null or empty, `base_resp` has a `status_code` other
// than 0, or it is the flat shape with `code` and `message` and without `choices` or `data`.
std::optional<VendorError> find_vendor_error(std::string_view json);

// The text with "sk-…", "key-…", bearer tokens and the like replaced by "***".
std::string mask_secrets(std::string_view text);

// These very texts become "***", for vendors that repeat what they were sent.
void hide_secrets(std::string& text, std::span<const std::string> secrets);
void hide_secrets(Error& error, std::span<const std::string> secrets);

}  // namespace aigw::protocol
