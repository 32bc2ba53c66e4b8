#include "protocol/openai_extras.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
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

class ExtrasFitter {
public:
    ExtrasFitter(const ExtrasContext& context, RequestConversion& to)
        : context_(context), to_(to) {}

    // False for one that is not to be sent.
    bool keep(ExtraField& extra, const ChatRequest& request) {
        if (extra.name == "n") return keep_answers(extra);
        if (extra.name == "seed") cut_seed(extra);
        if (extra.name == "top_logprobs") clamp_logprobs(extra);
        if (extra.name == "web_search_options") return keep_search(extra, request);
        return true;
    }

private:
    bool keep_answers(const ExtraField& extra) {
        const bool is_alone = context_.has_tools || context_.thinks;
        if (!to_.traits.one_answer_alone || !is_alone || !would_be_missed(extra)) return true;
        to_.losses.add(LossKind::Dropped, extra.name);
        return false;
    }

    void cut_seed(ExtraField& extra) {
        const std::int64_t most = to_.traits.max_seed;
        const auto seed = parse_seed(extra.json);
        if (most == 0 || !seed || *seed <= static_cast<std::uint64_t>(most)) return;
        extra.json = std::to_string(*seed & static_cast<std::uint64_t>(most));
        to_.losses.add(LossKind::Clamped, extra.name);
    }

    // Negative ones, too, by their bits.
    static std::optional<std::uint64_t> parse_seed(std::string_view json) {
        if (!json.starts_with('-')) return parse_uint(json);
        const auto positive = parse_uint(json.substr(1));
        if (!positive) return std::nullopt;
        return std::uint64_t{0} - *positive;
    }

    void clamp_logprobs(ExtraField& extra) {
        const auto count = parse_uint(extra.json);
        if (!count || *count <= static_cast<std::uint64_t>(to_.traits.max_top_logprobs)) return;
        extra.json = std::to_string(to_.traits.max_top_logprobs);
        to_.losses.add(LossKind::Clamped, extra.name);
    }

    bool keep_search(ExtraField& extra, const ChatRequest& request) {
        const std::string_view flag = to_.traits.search_switch;
        if (flag.empty()) return true;
        JsonTree tree;
        if (const auto options = tree.parse(extra.json)) {
            for (const JsonValue& option : *options) drop_option(option);
        }
        if (request.find_extra(flag) != nullptr) return false;
        extra = {.name = std::string(flag), .json = "true"};
        return true;
    }

    void drop_option(JsonValue option) {
        if (!option.is_given() || option.is("medium")) return;
        to_.losses.add(LossKind::Dropped, "web_search_options." + option.key());
    }

    const ExtrasContext& context_;
    RequestConversion& to_;
};

class ExtrasWriter {
public:
    ExtrasWriter(bool passes_unknown, RequestConversion& to, JsonWriter& json)
        : passes_unknown_(passes_unknown), to_(to), json_(json) {}

    Result<void> write(const ExtraField& extra) {
        const bool is_openai = is_openai_field(extra.name);
        const bool is_own = has_name(to_.traits.own_fields, extra.name);
        if (is_own || (is_openai && !lacks(extra.name))) {
            json_.raw_field(extra.name, compact(extra.json));
        } else if (is_openai) {
            return drop(extra);
        } else {
            take_foreign(extra);
        }
        return {};
    }

private:
    bool lacks(std::string_view name) const { return has_name(to_.traits.missing_fields, name); }

    Result<void> drop(const ExtraField& extra) {
        if (!would_be_missed(extra)) return {};
        if (!can_be_left_out(extra.name)) return refused(extra.name);
        to_.losses.add(LossKind::Dropped, extra.said_path());
        return {};
    }

    // Anthropic's are named; what nobody has heard of is sent on within OpenAI's protocol, as it is
    // where a body passes.
    void take_foreign(const ExtraField& extra) {
        const auto* const field = std::ranges::find(kAnthropic, extra.name, &OwnField::name);
        if (field != kAnthropic.end()) {
            if (compact(extra.json) != field->without_effect)
                to_.losses.add(LossKind::Dropped, extra.name);
        } else if (is_said_already(extra.name)) {
            return;
        } else if (passes_unknown_) {
            json_.raw_field(extra.name, compact(extra.json));
        } else {
            to_.losses.ignore(extra.said_path());
        }
    }

    bool is_said_already(std::string_view name) const {
        return name == "reasoning_split" && to_.traits.reasoning_split;
    }

    bool passes_unknown_;
    RequestConversion& to_;
    JsonWriter& json_;
};

}  // namespace

void fit_openai_extras(ChatRequest& request, const ExtrasContext& context, RequestConversion& to) {
    ExtrasFitter fitter(context, to);
    std::vector<ExtraField> kept;
    for (ExtraField& extra : request.extras) {
        if (fitter.keep(extra, request)) kept.push_back(extra);
    }
    request.extras = std::move(kept);
}

Result<void> write_openai_extras(const ChatRequest& request, RequestConversion& to,
                                 JsonWriter& json) {
    ExtrasWriter writer(request.protocol == Protocol::OpenAi, to, json);
    for (const ExtraField& extra : request.extras) TRY(writer.write(extra));
    return {};
}

Result<void> drop_openai_extras(const ChatRequest& request, RequestConversion& to) {
    std::string nothing;
    JsonWriter json(nothing);
    ExtrasWriter writer(false, to, json);
    for (const ExtraField& extra : request.extras) TRY(writer.write(extra));
    return {};
}

}  // namespace aigw::protocol
