// Usage of a reply: parts that are disjoint and sum to the totals that the vendor reported.

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "protocol/reply_usage.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::Usage;
using Json = nlohmann::json;

void check_parts(const Usage& usage) {
    const bool is_positive = usage.input_tokens >= 0 && usage.cached_input_tokens >= 0 &&
                             usage.cache_write_tokens >= 0 && usage.output_tokens >= 0 &&
                             usage.reasoning_tokens >= 0;
    aigw::fuzz::must_hold(is_positive, "no part is negative");
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    const bool fits =
        usage.cached_input_tokens <= kMost - usage.input_tokens &&
        usage.cache_write_tokens <= kMost - usage.input_tokens - usage.cached_input_tokens &&
        usage.reasoning_tokens <= kMost - usage.output_tokens;
    aigw::fuzz::must_hold(fits, "the parts sum to a total that fits");
}

// What the fuzzed text may not have, since a parser keeps one of two equal keys and knows escapes.
bool says_it_once(std::string_view text, std::string_view key) {
    const std::string quoted = '"' + std::string(key) + '"';
    const std::size_t first = text.find(quoted);
    return text.find('\\') == std::string_view::npos &&
           text.find(quoted, first + quoted.size()) == std::string_view::npos;
}

std::optional<std::int64_t> count_in(const Json& usage, const char* key) {
    const auto found = usage.find(key);
    if (found == usage.end() || !found->is_number_integer()) return {};
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    if (found->is_number_unsigned() && found->get<std::uint64_t>() > kMost) return {};
    const auto count = found->get<std::int64_t>();
    return count < 0 ? std::nullopt : std::optional(count);
}

void check_against_parser(std::string_view text, const std::optional<Usage>& usage) {
    const Json reply = Json::parse(text, nullptr, false);
    if (!reply.is_object() || !says_it_once(text, "usage")) return;
    const auto reported = reply.find("usage");
    if (reported == reply.end() || !reported->is_object()) {
        aigw::fuzz::must_hold(!usage, "what was not reported is not read");
        return;
    }
    for (const char* key : {"prompt_tokens", "completion_tokens", "total_tokens"}) {
        if (!says_it_once(text, key)) return;
    }
    const auto prompt = count_in(*reported, "prompt_tokens");
    const auto completion = count_in(*reported, "completion_tokens");
    const auto total = count_in(*reported, "total_tokens");
    aigw::fuzz::must_hold(usage.has_value() == (prompt || completion || total),
                          "usage is read when one of its totals is there");
    if (prompt) {
        aigw::fuzz::must_hold(usage->total_input() == *prompt, "input parts sum to the prompt's");
    }
    if (completion) {
        aigw::fuzz::must_hold(usage->total_output() == *completion,
                              "output parts sum to the completion's");
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto alone = aigw::protocol::read_usage_object(text)) check_parts(*alone);
    const auto usage = aigw::protocol::read_usage(text);
    if (usage) check_parts(*usage);
    check_against_parser(text, usage);
    return 0;
}
