#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/body_errors.h"
#include "protocol/history.h"
#include "protocol/json_writer.h"
#include "protocol/openai_extras.h"
#include "protocol/openai_fields.h"
#include "protocol/openai_format.h"
#include "protocol/openai_messages_writer.h"
#include "protocol/openai_reasoning.h"
#include "protocol/openai_request.h"
#include "protocol/openai_tools_writer.h"
#include "protocol/system_messages.h"
#include "protocol/tool_names.h"

namespace aigw::protocol {
namespace {

constexpr std::size_t kMaxId = 40;
constexpr std::size_t kMaxUser = 64;
constexpr std::string_view kFastTier = "fast";  // what some servers call "priority"

// ---- Cache -----------------------------------------------------------------------------------

// A mark for the whole prompt stands behind its last part.
void place_whole_mark(ChatRequest& request) {
    if (!request.cache) return;
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
        if (message->role == Role::Assistant || message->parts.empty()) continue;
        if (!message->parts.back().cache) message->parts.back().cache = request.cache;
        return;
    }
}

std::string_view name_of_tier(ServiceTier tier) {
    switch (tier) {
        case ServiceTier::Unset:
        case ServiceTier::Auto:
            return "";
        case ServiceTier::Standard:
            return "default";
        case ServiceTier::Flex:
            return "flex";
        case ServiceTier::Scale:
            return "scale";
        case ServiceTier::Priority:
            return "priority";
        case ServiceTier::Fast:
            return "fast";
    }
    return "";
}

// ---- The body --------------------------------------------------------------------------------

class RequestWriter {
public:
    RequestWriter(ChatRequest& request, RequestConversion& to)
        : request_(request), to_(to), json_(body_) {}

    Result<std::string> run() {
        TRY(prepare());
        ToolPlan tools = TRY(plan_openai_tools(request_, to_));
        ReasoningChoice reasoning = choose_reasoning(request_, !tools.tools.empty(), to_);
        reconcile(tools, reasoning, to_);
        reconcile_format(request_, reasoning, to_);
        fit_openai_extras(
            request_,
            {.has_tools = !tools.tools.empty(), .thinks = is_thinking(reasoning, to_.traits)}, to_);
        TRY(choose_stream(reasoning));
        json_.begin_object();
        json_.field("model", to_.model);
        json_.key("messages");
        TRY(write_openai_messages(request_, to_, json_));
        write_openai_tools(tools, request_, to_, json_);
        write_limit();
        write_sampling();
        write_stop();
        write_openai_format(request_.format, json_);
        write_openai_reasoning(reasoning, request_, to_.traits, json_);
        if (to_.traits.reasoning_split) json_.boolean_field("reasoning_split", true);
        write_user();
        write_tier();
        write_stream();
        TRY(write_openai_extras(request_, to_, json_));
        json_.end_object();
        return std::move(body_);
    }

private:
    Result<void> prepare() {
        rename_tools(request_, to_);
        TRY(repair_history(
            request_,
            {.max_id = kMaxId, .restricts_ids = false, .sha256_hex = to_.options.sha256_hex},
            to_.losses));
        place_system_messages(request_, to_);
        ask_in_words(request_, to_);
        if (to_.traits.cache_marks != ModelTraits::CacheMarks::None) place_whole_mark(request_);
        return {};
    }

    bool lacks(std::string_view name) const { return has_name(to_.traits.missing_fields, name); }

    bool counts_reasoning() const {
        const bool is_answer_alone = to_.traits.takes_both_limits &&
                                     request_.protocol == Protocol::OpenAi &&
                                     request_.names.max_tokens == "max_tokens";
        return to_.traits.max_field == ModelTraits::MaxField::MaxCompletionTokens &&
               !is_answer_alone;
    }

    void write_limit() {
        if (!request_.max_tokens || *request_.max_tokens < 1) return;
        std::int64_t limit = *request_.max_tokens;
        if (to_.traits.max_output > 0 && limit > to_.traits.max_output) {
            limit = to_.traits.max_output;
            to_.losses.add(LossKind::Clamped, request_.names.max_tokens);
        }
        json_.integer_field(counts_reasoning() ? "max_completion_tokens" : "max_tokens", limit);
    }

    void write_sampling() {
        write_bounded("temperature", request_.temperature, to_.traits.min_temperature,
                      to_.traits.max_temperature);
        write_bounded("top_p", request_.top_p, to_.traits.min_top_p, 1);
        if (!request_.top_k) return;
        if (to_.traits.takes_top_k) {
            json_.raw_field("top_k", request_.top_k->text);
        } else {
            to_.losses.add(LossKind::Dropped, "top_k");
        }
    }

    void write_bounded(std::string_view name, const std::optional<Number>& number, double min,
                       double max) {
        if (!number) return;
        if (!to_.traits.takes_sampling) {
            if (number->value != 1) to_.losses.add(LossKind::Dropped, name);
            return;
        }
        const double sent = std::clamp(number->value, min, max);
        if (sent == number->value) {
            json_.raw_field(name, number->text);
            return;
        }
        to_.losses.add(LossKind::Clamped, name);
        std::array<char, 32> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), sent).ptr;
        json_.raw_field(name, {digits.data(), static_cast<std::size_t>(end - digits.data())});
    }

    // Anthropic refuses blank sequences, OpenAI's callers stop at line ends.
    void drop_blank_stops() {
        const bool refuses_blanks = request_.protocol == Protocol::Anthropic;
        std::erase_if(request_.stop, [&](const std::string& sequence) {
            return refuses_blanks ? is_blank(sequence) : sequence.empty();
        });
    }

    void write_stop() {
        drop_blank_stops();
        if (request_.stop.empty()) return;
        const std::size_t sent =
            to_.traits.takes_stop ? std::min(request_.stop.size(), to_.traits.max_stops) : 0;
        if (sent < request_.stop.size()) to_.losses.add(LossKind::Dropped, request_.names.stop);
        if (sent == 0) return;
        json_.key("stop");
        if (!request_.is_stop_list) {
            json_.string(request_.stop.front());
            return;
        }
        json_.begin_array();
        for (std::size_t i = 0; i < sent; ++i) json_.string(request_.stop[i]);
        json_.end_array();
    }

    void write_user() {
        if (request_.user.empty()) return;
        if (lacks("user")) {
            to_.losses.add(LossKind::Dropped, request_.names.user);
            return;
        }
        const bool is_short = request_.user.size() <= kMaxUser;
        json_.field("user", is_short ? request_.user : to_.options.sha256_hex(request_.user));
    }

    bool takes_tier(std::string_view tier) const {
        return !lacks("service_tier") && has_name(to_.traits.service_tiers, tier);
    }

    void write_tier() {
        const std::string_view tier = name_of_tier(request_.service_tier);
        if (tier.empty()) return;
        if (takes_tier(tier)) {
            json_.field("service_tier", tier);
        } else if (request_.service_tier == ServiceTier::Priority && takes_tier(kFastTier)) {
            json_.field("service_tier", kFastTier);
            to_.losses.add(LossKind::Approximated, "service_tier");
        } else if (request_.service_tier != ServiceTier::Standard) {
            to_.losses.add(LossKind::Dropped, "service_tier");
        }
    }

    // A model that answers in streams only is asked for one, whatever the caller wants.
    Result<void> choose_stream(const ReasoningChoice& reasoning) {
        const ModelTraits& traits = to_.traits;
        const bool needs_stream = traits.answers_only_in_streams ||
                                  (traits.thinks_only_in_streams && is_thinking(reasoning, traits));
        to_.plan.is_assembled = needs_stream && !request_.is_stream;
        const ExtraField* modalities = request_.find_extra("modalities");
        if (!to_.plan.is_assembled || modalities == nullptr || !would_be_missed(*modalities))
            return {};
        return invalid_field("modalities", "asks for sound, which this model gives in streams");
    }

    // The usage is always asked for: who is billed by it must see it.
    void write_stream() {
        if (!request_.is_stream && !to_.plan.is_assembled) return;
        json_.boolean_field("stream", true);
        json_.raw_field("stream_options", R"({"include_usage":true})");
    }

    ChatRequest& request_;
    RequestConversion& to_;
    std::string body_;
    JsonWriter json_;
};

}  // namespace

Result<std::string> write_openai_request(ChatRequest request, RequestConversion& to) {
    return RequestWriter(request, to).run();
}

}  // namespace aigw::protocol
