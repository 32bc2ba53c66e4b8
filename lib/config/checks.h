// What texts of a configuration must look like. Each error's message continues the field's name:
// "platforms.a.base_url" + " names a user or a password".
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace aigw::config {

// Names of platforms, groups, limits and keys become metric labels, header values and parts of
// `group:NAME`: 1 to 64 of [A-Za-z0-9._-], limits also `:`.
Result<void> check_name(std::string_view name);
Result<void> check_limit_name(std::string_view name);
// The name of a model as callers or vendors write it: no blanks, no `*`, at most 256 bytes.
Result<void> check_model(std::string_view model);
// A model's name in which `*` stands for any run of characters.
Result<void> check_pattern(std::string_view pattern);
// Any short text without control characters.
Result<void> check_label(std::string_view text);
// The path of a PEM file, not its content.
Result<void> check_pem_path(std::string_view path);
// An absolute http or https URL without query, user and password.
Result<void> check_base_url(std::string_view url);
// Where a platform is probed, below its base URL: "/models", perhaps with a query that names no
// secret.
Result<void> check_probe_path(std::string_view path);
// The origin of a page, as browsers write it: scheme, host and perhaps a port; or "*".
Result<void> check_origin(std::string_view origin);
// A key that can travel in a header: visible ASCII.
Result<void> check_key_text(std::string_view key);
// A field name (RFC 9110, section 5.1) that neither frames a message nor holds a credential.
Result<void> check_header_name(std::string_view name);
// The path of a request, or a pattern of some.
Result<void> check_path(std::string_view path);
// A path with at most one star, at its end.
Result<void> check_rewrite(std::string_view path);
// A whole percentage: "20%".
Result<void> check_percentage(std::string_view text);
Result<std::uint32_t> parse_percentage(std::string_view text);
// A field value (RFC 9110, section 5.5): no control characters, no blanks around it.
Result<void> check_header_value(std::string_view value);

}  // namespace aigw::config
