// What counting tokens costs: the fastest of several runs, a line for each figure.
//
// Shape:   a text is counted from the start by a counter that has seen nothing; a stream is fed a
// few
//          bytes at a time and asked for its total after each part; the worst of many inputs made
//          to be hard is the price of a byte at most.
// Usage:   aigw_bench_tokens FOLDER ENCODING NAME=FILE...   FOLDER has the vocabularies
//          build it with the release preset; `sh tests/bench/run.sh` runs it
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tokens/stream_counter.h"
#include "tokens/vocabulary.h"

namespace {

using namespace aigw::tokens;

constexpr int kRuns = 12;
constexpr std::size_t kPartBytes = 4;
constexpr std::size_t kHardBytes = 1'000'000;

[[noreturn]] void fail(std::string_view what) {
    std::fprintf(stderr, "tokens_bench: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(1);
}

void print(const std::string& name, double value) {
    std::printf("%s %.4f\n", name.c_str(), value);
}

// The fastest run, in nanoseconds for each of `units`.
template <class Work>
double fastest(std::size_t units, int runs, Work work) {
    double best = 1e18;
    for (int run = 0; run < runs; ++run) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count() / static_cast<double>(units));
    }
    return best;
}

Vocabulary load(const std::filesystem::path& path) {
    auto loaded = Vocabulary::load(path);
    if (!loaded) fail(render_line(loaded.error()));
    return std::move(loaded).take();
}

std::string read(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    if (text.empty()) fail(path + " holds no text");
    return text;
}

void bench_text(const Vocabulary& vocabulary, const std::string& name, const std::string& text) {
    std::size_t count = 0;
    double best = 1e18;
    for (int run = 0; run < kRuns; ++run) {
        Counter counter(vocabulary);
        best = std::min(best, fastest(text.size(), 1, [&] { count = counter.count(text); }));
    }
    print(name + "_ns_per_byte", best);
    print(name + "_tokens", static_cast<double>(count));
}

void bench_stream(const Vocabulary& vocabulary, const std::string& text) {
    Counter counter(vocabulary);
    const std::size_t parts = text.size() / kPartBytes;
    std::size_t sum = 0;
    const double best = fastest(parts, kRuns / 4, [&] {
        StreamCounter stream(counter);
        for (std::size_t i = 0; i < parts; ++i) {
            stream.feed(std::string_view(text).substr(i * kPartBytes, kPartBytes));
            sum += stream.total();
        }
    });
    if (sum == 0) fail("the stream had no tokens");
    print("part_us", best / 1000);
}

std::string repeated(std::string_view part) {
    std::string text;
    while (text.size() < kHardBytes) text += part;
    return text;
}

// Rows of one thing, some of them broken off where mergers like it least.
std::vector<std::string> hard_texts() {
    std::vector<std::string> texts;
    for (const std::string_view part : {"a",
                                        " ",
                                        "\n",
                                        "=",
                                        "-",
                                        "*",
                                        "_",
                                        "#",
                                        "0",
                                        "A",
                                        "\t",
                                        "ab",
                                        "abcdefghij",
                                        "-=",
                                        "=-=",
                                        "\xE5\x93\x88",
                                        "\xF0\x9F\x98\x80",
                                        " a",
                                        "a\r\n",
                                        "\xFF",
                                        "e\xCC\x81",
                                        "\xE0\xA5\x98"})
        texts.push_back(repeated(part));
    for (const std::size_t length : {60U, 200U, 1000U, 5000U}) {
        for (const char symbol : {' ', '-', '=', '\n', 'a'})
            texts.push_back(repeated(std::string(length, symbol) + "x1"));
    }
    return texts;
}

void bench_worst(const Vocabulary& vocabulary) {
    double worst = 0;
    Counter counter(vocabulary);
    for (const std::string& text : hard_texts()) {
        std::size_t count = 0;
        worst = std::max(worst, fastest(text.size(), 2, [&] { count = counter.count(text); }));
        if (count == 0) fail("a text had no tokens");
    }
    print("worst_us_per_byte", worst / 1000);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) fail("usage: aigw_bench_tokens FOLDER ENCODING NAME=FILE...");
    const auto path = std::filesystem::path(argv[1]) / (std::string(argv[2]) + ".index");
    print("load_ms", fastest(1, kRuns, [&] { load(path); }) / 1e6);
    print("index_mb", static_cast<double>(std::filesystem::file_size(path)) / 1e6);
    const Vocabulary vocabulary = load(path);
    for (int i = 3; i < argc; ++i) {
        const std::string argument = argv[i];
        const std::size_t sign = argument.find('=');
        if (sign == std::string::npos) fail(argument + " is no NAME=FILE");
        const std::string text = read(argument.substr(sign + 1));
        bench_text(vocabulary, argument.substr(0, sign), text);
        if (i == 3) bench_stream(vocabulary, text);
    }
    bench_worst(vocabulary);
    return 0;
}
