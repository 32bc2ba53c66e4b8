#include "protocol/answer_ids.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>

#include "protocol/history.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kChatPrefix = "chatcmpl-";
constexpr std::string_view kMessagePrefix = "msg_";
constexpr std::string_view kResponsePrefix = "resp_";

bool is_safe(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
}

// FNV-1a, 64 bits: isthe.com/chongo/tech/comp/fnv.
std::uint64_t hash_of(std::string_view text, std::uint64_t seed) {
    std::uint64_t hash = 0xCBF29CE484222325U ^ seed;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001B3U;
    }
    return hash;
}

// 24 of them, others for each position.
std::string made_digits(std::string_view answer_id, std::size_t position) {
    std::array<char, 32> text{};
    const std::uint64_t high = hash_of(answer_id, 0) >> 16U;
    const std::uint64_t low = (hash_of(answer_id, 1) + position) & 0xFFFFFFFFFFFFU;
    std::snprintf(text.data(), text.size(), "%012" PRIx64 "%012" PRIx64, high, low);
    return text.data();
}

}  // namespace

std::string openai_answer_id(std::string_view id, const AnswerPlan& plan) {
    const std::string_view own = id.empty() ? std::string_view(plan.fallback_id) : id;
    const bool is_foreign = id.empty() || id.starts_with(kMessagePrefix);
    if (!is_foreign || own.starts_with(kChatPrefix)) return std::string(own);
    return std::string(kChatPrefix).append(own);
}

std::string anthropic_answer_id(std::string_view id, const AnswerPlan& plan) {
    std::string safe(id.empty() ? std::string_view(plan.fallback_id) : id);
    std::erase_if(safe, [](char c) { return !is_safe(c); });
    return safe.starts_with(kMessagePrefix) ? safe : std::string(kMessagePrefix) + safe;
}

std::string responses_answer_id(std::string_view id, const AnswerPlan& plan) {
    std::string safe(id.empty() ? std::string_view(plan.fallback_id) : id);
    std::erase_if(safe, [](char c) { return !is_safe(c); });
    return safe.starts_with(kResponsePrefix) ? safe : std::string(kResponsePrefix) + safe;
}

std::string responses_item_id(std::string_view prefix, std::string_view answer_id,
                              std::size_t position) {
    return std::string(prefix).append(made_digits(answer_id, position));
}

std::string made_call_id(std::string_view answer_id, std::size_t position) {
    return "toolu_" + made_digits(answer_id, position);
}

std::string made_call_name(std::size_t position) {
    return "tool_" + std::to_string(position);
}

std::string anthropic_call_id(std::string_view id, const AnswerPlan& plan) {
    std::string safe(id);
    std::ranges::replace_if(safe, [](char c) { return !is_safe(c); }, '_');
    if (safe == id || plan.sha256_hex == nullptr) return safe;
    return safe_id(id, {.sha256_hex = plan.sha256_hex});
}

}  // namespace aigw::protocol
