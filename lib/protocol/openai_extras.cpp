#include "protocol/openai_extras.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "protocol/body_errors.h"
#include "protocol/json_tree.h"
#include "protocol/openai_fields.h"

namespace aigw::protocol {
namespace {

// Fields that only Anthropic's models know.
struct OwnField {
    std::string_view name;
    std::string_view without_effect;  // a value that asks for nothing; empty: there is none
};
constexpr std::array kAnthropic = {
    OwnField{"mcp_servers", "[]"},      OwnField{"container", ""},
    OwnField{"context_management", ""}, OwnField{"inference_geo", ""},
    OwnField{"speed", "\"standard\""},  OwnField{"fallbacks", "[]"},
};

std::string compact(std::string_view json) {
    std::string out;
    append_compact(out, json);
    return out;
}

bool can_be_left_out(std::string_view name) {
    return name != "n" && name != "modalities" && name != "audio";
}

Error refused(std::string_view name) {
    if (name == "n") return invalid_field(name, "must be 1: this model gives one answer");
    return invalid_field(name, "asks for sound, which this model does not produce");
}

class ExtrasWriter {
public:
    ExtrasWriter(RequestConversion& to, JsonWriter& json) : to_(to), json_(json) {}

    Result<void> write(const ExtraField& extra) {
        const bool is_own = has_name(to_.traits.own_fields, extra.name);
        if (is_own || (is_openai_field(extra.name) && !lacks(extra.name))) {
            json_.raw_field(extra.name, compact(extra.json));
        } else if (would_be_missed(extra)) {
            if (!can_be_left_out(extra.name)) return refused(extra.name);
            to_.losses.add(LossKind::Dropped, extra.said_path());
        } else {
            drop_anthropic(extra);
        }
        return {};
    }

private:
    bool lacks(std::string_view name) const { return has_name(to_.traits.missing_fields, name); }

    void drop_anthropic(const ExtraField& extra) {
        const auto* const field = std::ranges::find(kAnthropic, extra.name, &OwnField::name);
        if (field == kAnthropic.end()) return;
        if (compact(extra.json) != field->without_effect)
            to_.losses.add(LossKind::Dropped, extra.name);
    }

    RequestConversion& to_;
    JsonWriter& json_;
};

}  // namespace

Result<void> write_openai_extras(const ChatRequest& request, RequestConversion& to,
                                 JsonWriter& json) {
    ExtrasWriter writer(to, json);
    for (const ExtraField& extra : request.extras) TRY(writer.write(extra));
    return {};
}

}  // namespace aigw::protocol
