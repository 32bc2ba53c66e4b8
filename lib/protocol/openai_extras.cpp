#include "protocol/openai_extras.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/body_errors.h"

namespace aigw::protocol {
namespace {

struct KnownField {
    std::string_view name;
    std::string_view default_json;  // the protocol's: saying it asks for nothing; empty: none
};

constexpr std::array kOpenAi = {
    KnownField{"n", "1"},
    KnownField{"seed", ""},
    KnownField{"presence_penalty", "0"},
    KnownField{"frequency_penalty", "0"},
    KnownField{"logit_bias", "{}"},
    KnownField{"logprobs", "false"},
    KnownField{"top_logprobs", "0"},
    KnownField{"prediction", ""},
    KnownField{"store", "false"},
    KnownField{"metadata", "{}"},
    KnownField{"verbosity", "\"medium\""},
    KnownField{"prompt_cache_key", ""},
    KnownField{"prompt_cache_retention", ""},
    KnownField{"prompt_cache_options", ""},
    KnownField{"web_search_options", ""},
    KnownField{"modalities", "[\"text\"]"},
    KnownField{"audio", ""},
    KnownField{"moderation", ""},
};

constexpr std::array kAnthropic = {
    KnownField{"mcp_servers", "[]"},      KnownField{"container", ""},
    KnownField{"context_management", ""}, KnownField{"inference_geo", ""},
    KnownField{"speed", "\"standard\""},  KnownField{"fallbacks", "[]"},
};

template <std::size_t kSize>
const KnownField* find_field(const std::array<KnownField, kSize>& fields, std::string_view name) {
    const auto* const found = std::ranges::find(fields, name, &KnownField::name);
    return found == fields.end() ? nullptr : found;
}

std::optional<double> number_in(std::string_view json) {
    double value = 0;
    const char* end = json.data() + json.size();
    const auto parsed = std::from_chars(json.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

// 0 and 0.0 are the same default.
bool is_default(const KnownField& field, std::string_view json) {
    if (field.default_json.empty()) return false;
    if (json == field.default_json) return true;
    const auto number = number_in(json);
    return number && number == number_in(field.default_json);
}

Error refused(std::string_view name) {
    if (name == "n") return invalid_field(name, "must be 1: this model gives one answer");
    return invalid_field(name, "asks for sound, which this model does not produce");
}

// Sent by other means, or of no weight to this server.
bool is_silent(std::string_view name, const ChatRequest& request) {
    // `metadata.user_id` alone has become the user.
    return name == "metadata" && !request.user.empty() && request.protocol == Protocol::Anthropic;
}

class ExtrasWriter {
public:
    ExtrasWriter(const ChatRequest& request, RequestConversion& to, JsonWriter& json)
        : request_(request), to_(to), json_(json) {}

    Result<void> write(const ExtraField& extra) {
        std::string compact;
        append_compact(compact, extra.json);
        if (has_name(to_.traits.own_fields, extra.name)) {
            json_.raw_field(extra.name, compact);
            return {};
        }
        if (const KnownField* field = find_field(kOpenAi, extra.name))
            return write_known(*field, compact);
        const KnownField* other = find_field(kAnthropic, extra.name);
        if (other != nullptr && !is_default(*other, compact))
            to_.losses.add(LossKind::Dropped, extra.name);
        return {};
    }

private:
    Result<void> write_known(const KnownField& field, std::string_view json) {
        if (!has_name(to_.traits.missing_fields, field.name)) {
            json_.raw_field(field.name, json);
            return {};
        }
        if (is_default(field, json) || is_silent(field.name, request_)) return {};
        if (field.name == "n" || field.name == "modalities" || field.name == "audio")
            return refused(field.name);
        to_.losses.add(LossKind::Dropped, field.name);
        return {};
    }

    const ChatRequest& request_;
    RequestConversion& to_;
    JsonWriter& json_;
};

}  // namespace

Result<void> write_openai_extras(const ChatRequest& request, RequestConversion& to,
                                 JsonWriter& json) {
    ExtrasWriter writer(request, to, json);
    for (const ExtraField& extra : request.extras) TRY(writer.write(extra));
    return {};
}

}  // namespace aigw::protocol
