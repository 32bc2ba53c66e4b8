#include "sidecar/simulated/prose.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace aigw::simulated {
namespace {

constexpr std::size_t kMaxTokenBytes = 8;

constexpr std::array<std::string_view, 12> kEnglish = {
    "The short answer fits on one line, and the long one only adds reasons.",
    "Two things matter here: what goes in, and what may come out.",
    "A careful reader would start with the first of them.",
    "It helps to look at a small example before the general case.",
    "Nothing about this depends on the weather, however tempting that is.",
    "Most of the work is done once the question is well put.",
    "In practice the simple way is also the quick one.",
    "There is one exception, and it proves less than people think.",
    "The numbers agree with each other, which is all one can ask of them.",
    "If in doubt, measure twice and write the result down.",
    "That leaves little to argue about.",
    "The rest follows from the same idea.",
};

constexpr std::array<std::string_view, 10> kChinese = {
    "简单地说，一句话就够了。",
    "先看一个小例子，再看一般情况。",
    "这里有两点最重要：输入和输出。",
    "细心的读者会从第一点开始。",
    "实际上，最简单的办法也最快。",
    "有一个例外，不过影响不大。",
    "这些数字彼此一致。",
    "如果拿不准，就再测量一次。",
    "其余的部分也是同样的道理。",
    "问题问得好，答案就不难。",
};

constexpr std::array<std::string_view, 12> kWords = {
    " river",  " stone",  " light",  " paper",   " garden", " window",
    " bridge", " winter", " letter", " harbour", " copper", " meadow",
};

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

bool is_ascii(char c) {
    return static_cast<unsigned char>(c) < 0x80U;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Bytes of the character at the start of `text`; broken UTF-8 counts as one byte each.
std::size_t character_length(std::string_view text) {
    std::size_t length = 1;
    while (!is_ascii(text[0]) && length < text.size() && length < 4 &&
           is_continuation(text[length])) {
        ++length;
    }
    return length;
}

std::size_t token_length(std::string_view text) {
    if (!is_ascii(text[0])) return character_length(text);
    std::size_t length = 1;
    while (length < text.size() && length < kMaxTokenBytes && is_ascii(text[length]) &&
           text[length] != ' ' && text[length] != '\n') {
        ++length;
    }
    return length;
}

// The bytes that encode U+4E00 to U+9FFF in UTF-8 begin with E4 to E9.
bool begins_han(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0xE4 && byte <= 0xE9;
}

template <std::size_t N>
std::string_view pick(const std::array<std::string_view, N>& bank, Random& random) {
    return bank[random.below(N)];
}

// Two to four sentences, each at most once: the stride shares no divisor with a bank's size.
template <std::size_t N>
std::vector<std::string_view> pick_some(const std::array<std::string_view, N>& bank,
                                        Random& random) {
    constexpr std::size_t kStride = 7;
    static_assert(N % kStride != 0);
    std::vector<std::string_view> sentences(2 + random.below(3));
    std::size_t at = random.below(N);
    for (std::string_view& sentence : sentences) {
        sentence = bank[at];
        at = (at + kStride) % N;
    }
    return sentences;
}

std::string english_answer(std::string_view prompt, std::uint64_t image_count, Random& random) {
    std::string text = "You asked: \"" + std::string(opening_of(prompt)) + "\".";
    if (image_count == 1) text += " I can see 1 image.";
    if (image_count > 1) text += " I can see " + std::to_string(image_count) + " images.";
    for (const std::string_view sentence : pick_some(kEnglish, random)) {
        text.append(" ").append(sentence);
    }
    return text;
}

std::string chinese_answer(std::string_view prompt, std::uint64_t image_count, Random& random) {
    std::string text = "你问的是：“" + std::string(opening_of(prompt)) + "”。";
    if (image_count > 0) text += "我看到 " + std::to_string(image_count) + " 张图片。";
    for (const std::string_view sentence : pick_some(kChinese, random)) text += sentence;
    return text;
}

}  // namespace

std::vector<std::string_view> split_tokens(std::string_view text) {
    std::vector<std::string_view> tokens;
    while (!text.empty()) {
        const std::size_t length = token_length(text);
        tokens.push_back(text.substr(0, length));
        text.remove_prefix(length);
    }
    return tokens;
}

std::int64_t count_tokens(std::string_view text) {
    std::int64_t count = 0;
    for (; !text.empty(); ++count) text.remove_prefix(token_length(text));
    return count;
}

Tongue tongue_of(std::string_view text) {
    const auto han = std::count_if(text.begin(), text.end(), begins_han);
    std::ptrdiff_t words = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_letter(text[i]) && (i == 0 || !is_letter(text[i - 1]))) ++words;
    }
    return han > words ? Tongue::Chinese : Tongue::English;
}

std::string_view opening_of(std::string_view prompt) {
    prompt = trim(prompt);
    const bool has_words = tongue_of(prompt) == Tongue::English;
    std::size_t left = has_words ? 8 : 16;
    std::size_t end = 0;
    while (end < prompt.size()) {
        const std::size_t length = character_length(prompt.substr(end));
        const bool ends_unit = !has_words || prompt[end] == ' ' || prompt[end] == '\n';
        if (ends_unit && --left == 0) return prompt.substr(0, has_words ? end : end + length);
        end += length;
    }
    return prompt;
}

std::string_view cut_text(std::string_view text, std::size_t length) {
    if (text.size() <= length) return text;
    while (length > 0 && is_continuation(text[length])) --length;
    return text.substr(0, length);
}

std::string make_answer(std::string_view prompt, std::uint64_t image_count, Random& random) {
    return tongue_of(prompt) == Tongue::Chinese ? chinese_answer(prompt, image_count, random)
                                                : english_answer(prompt, image_count, random);
}

std::string make_thoughts(std::string_view prompt, Random& random) {
    const std::string opening(opening_of(prompt));
    if (tongue_of(prompt) == Tongue::Chinese) {
        return "用户问“" + opening + "”。" + std::string(pick(kChinese, random)) + "我来回答。";
    }
    return "The user asks \"" + opening + "\". " + std::string(pick(kEnglish, random)) +
           " I will answer that.";
}

std::string make_tokens(std::int64_t count, Random& random) {
    std::string text;
    for (std::int64_t i = 0; i < count; ++i) text += pick(kWords, random);
    return text;
}

std::vector<std::string> find_names(std::string_view prompt) {
    std::vector<std::string> names;
    bool is_first_word = true;
    for (std::size_t begin = 0; begin < prompt.size();) {
        std::size_t end = begin;
        while (end < prompt.size() && is_letter(prompt[end])) ++end;
        if (end == begin) {
            ++begin;
            continue;
        }
        const bool is_capital = prompt[begin] >= 'A' && prompt[begin] <= 'Z';
        if (is_capital && !is_first_word) names.emplace_back(prompt.substr(begin, end - begin));
        is_first_word = false;
        begin = end;
    }
    return names;
}

}  // namespace aigw::simulated
