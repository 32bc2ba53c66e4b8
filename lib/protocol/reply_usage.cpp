#include "protocol/reply_usage.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "protocol/object_scanner.h"

namespace aigw::protocol {
namespace {

// The numbers of a usage object under the names that vendors use, before the parts are taken apart.
struct Counts {
    std::optional<std::int64_t> prompt{};
    std::optional<std::int64_t> completion{};
    std::optional<std::int64_t> total{};
    std::optional<std::int64_t> cached{};
    std::optional<std::int64_t> cache_write{};
    std::optional<std::int64_t> reasoning{};
    std::optional<std::int64_t> input{};   // as Responses call the prompt …
    std::optional<std::int64_t> output{};  // … and the completion
};

struct CountName {
    std::string_view name;
    std::optional<std::int64_t> Counts::* count;
};

constexpr CountName kTotals[] = {
    {"prompt_tokens", &Counts::prompt}, {"completion_tokens", &Counts::completion},
    {"total_tokens", &Counts::total},   {"prompt_cache_hit_tokens", &Counts::cached},  // DeepSeek
    {"cached_tokens", &Counts::cached},                                                // Moonshot
    {"input_tokens", &Counts::input},   {"output_tokens", &Counts::output},
};
constexpr CountName kPromptDetails[] = {
    {"cached_tokens", &Counts::cached},
    {"cache_write_tokens", &Counts::cache_write},
    {"cache_creation_input_tokens", &Counts::cache_write},  // DashScope
};
constexpr CountName kCompletionDetails[] = {{"reasoning_tokens", &Counts::reasoning}};

std::optional<std::int64_t> read_count(std::string_view json) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(json.data(), json.data() + json.size(), number);
    if (error != std::errc() || end != json.data() + json.size() || number < 0) return std::nullopt;
    return number;
}

void read_counts(std::string_view object, std::span<const CountName> names, Counts& counts) {
    ObjectScanner scanner(object);
    while (const auto field = scanner.next()) {
        const std::string_view key = field->key.of(object).substr(1, field->key.size() - 2);
        const std::string_view value = field->value.of(object);
        if (key == "prompt_tokens_details" || key == "input_tokens_details") {
            read_counts(value, kPromptDetails, counts);
        } else if (key == "completion_tokens_details" || key == "output_tokens_details") {
            read_counts(value, kCompletionDetails, counts);
        }
        for (const CountName& known : names) {
            if (known.name != key) continue;
            if (const auto count = read_count(value)) counts.*known.count = count;
        }
    }
}

Usage take_apart(const Counts& counts) {
    const std::int64_t completion = counts.completion.value_or(0);
    const std::int64_t prompt =
        counts.prompt.value_or(std::max<std::int64_t>(counts.total.value_or(0) - completion, 0));
    Usage usage;
    usage.cached_input_tokens = std::min(counts.cached.value_or(0), prompt);
    usage.cache_write_tokens =
        std::min(counts.cache_write.value_or(0), prompt - usage.cached_input_tokens);
    usage.input_tokens = prompt - usage.cached_input_tokens - usage.cache_write_tokens;
    usage.reasoning_tokens = std::min(counts.reasoning.value_or(0), completion);
    usage.output_tokens = completion - usage.reasoning_tokens;
    return usage;
}

}  // namespace

std::optional<Usage> read_usage_object(std::string_view usage_json) {
    Counts counts;
    read_counts(usage_json, kTotals, counts);
    if (!counts.prompt) counts.prompt = counts.input;
    if (!counts.completion) counts.completion = counts.output;
    if (!counts.prompt && !counts.completion && !counts.total) return std::nullopt;
    return take_apart(counts);
}

std::optional<Usage> read_usage(std::string_view reply_body) {
    const auto place = find_field(reply_body, "usage");
    if (!place) return std::nullopt;
    return read_usage_object(place->of(reply_body));
}

}  // namespace aigw::protocol
