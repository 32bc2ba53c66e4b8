// What the library costs per call on the request path: nanoseconds of the fastest of several runs.
//
// Usage:   aigw_lib_bench          build it with the release preset; it is not a test
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "identity/identifier.h"
#include "limits/cells.h"
#include "pricing/cost.h"
#include "pricing/price_book.h"

namespace {

using namespace aigw;

// Short runs, many of them: the fastest is one that nothing interrupted.
constexpr int kRuns = 400;
constexpr int kCalls = 2'000;

// Makes the compiler believe that a result is used.
template <class T>
void use(const T& value) {
    asm volatile("" : : "g"(&value) : "memory");
}

template <class Work>
void measure(const char* name, Work work) {
    double best = 1e18;
    for (int run = 0; run < kRuns; ++run) {
        const auto start = std::chrono::steady_clock::now();
        for (int i = 0; i < kCalls; ++i) work(i);
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count() / kCalls);
    }
    std::printf("%-44s %8.1f ns\n", name, best);
}

void bench_pricing(TimePoint now) {
    using Catalogs = std::vector<std::string_view>;
    const pricing::PriceBook book = pricing::PriceBook::make({}).take();
    const struct {
        const char* name;
        Catalogs catalogs;
        std::string model;
    } lookups[] = {
        {"pricing: find openai/gpt-4o", {"openai"}, "gpt-4o-2024-11-20"},
        {"pricing: find dashscope, qwen/qwen-plus", {"dashscope", "qwen"}, "qwen-plus-latest"},
        {"pricing: find google/gemini-2.5-pro", {"google"}, "gemini-2.5-pro"},
        {"pricing: find claude over all", {}, "claude-haiku-4-5-20251001"},
        {"pricing: find nothing over all", {}, "my-own-finetuned-model-v3"},
    };
    for (const auto& lookup : lookups) {
        measure(lookup.name, [&](int) { use(book.find(lookup.catalogs, lookup.model, now)); });
    }
    const pricing::PriceRow& row = *book.find(Catalogs{"anthropic"}, "claude-haiku-4-5", now);
    const Decimal discount = Decimal::literal("0.9");
    measure("pricing: estimate, two lines",
            [&](int i) { use(pricing::estimate(812 + i % 100, 256, row, discount)); });
    measure("pricing: cost, five lines", [&](int i) {
        use(pricing::cost({.input_tokens = 812 + i % 100,
                           .cached_input_tokens = 4096,
                           .cache_write_tokens = 1024,
                           .output_tokens = 731,
                           .reasoning_tokens = 999},
                          row, discount));
    });
    measure("pricing: find and estimate", [&](int i) {
        const auto* found = book.find(Catalogs{"openai"}, "gpt-4o", now);
        use(pricing::estimate(812 + i % 100, 256, *found, discount));
    });
}

void bench_limits(TimePoint now) {
    limits::Cells cells;
    const limits::Limit limits[] = {
        limits::platform_limits("a", {.rpm = 1'000'000'000}).front(),
        limits::platform_limits("b", {.rpm = 1'000'000'000}).front(),
        limits::model_limits("a", "gpt-4o", {.rpm = 1'000'000'000}).front()};
    const limits::Claim claims[] = {limits::claim(limits[0], "a"), limits::claim(limits[1], "b"),
                                    limits::claim(limits[2], "a/gpt-4o")};
    const std::span<const limits::Claim> all(claims);
    const auto at = [&](int i) { return now + std::chrono::microseconds(i); };
    measure("limits: make a claim", [&](int) { use(limits::claim(limits[2], "a/gpt-4o")); });
    measure("limits: read one", [&](int i) { use(cells.read(claims[0], at(i))); });
    measure("limits: reserve one, keep", [&](int i) { use(cells.reserve(all.first(1), at(i))); });
    measure("limits: reserve three, keep", [&](int i) { use(cells.reserve(all, at(i))); });
    measure("limits: reserve three, release", [&](int i) {
        auto grant = cells.reserve(all, at(i));
        if (grant) grant->release();
    });
}

void bench_identity() {
    identity::Options options;
    for (int i = 0; i < 1000; ++i) {
        options.static_keys.push_back(
            {.name = "key-" + std::to_string(i),
             .key = Secret("sk-live-0123456789abcdef-" + std::to_string(i), ""),
             .models = {"qwen-*", "gpt-*"}});
    }
    const identity::Identifier identifier = identity::Identifier::make(options);
    const identity::Credentials known{.authorization = "Bearer sk-live-0123456789abcdef-500"};
    const identity::Credentials unknown{.authorization = "Bearer sk-live-0123456789abcdef-x"};
    measure("identity: identify a key of a thousand",
            [&](int) { use(identifier.identify(known)); });
    measure("identity: refuse an unknown key", [&](int) { use(identifier.identify(unknown)); });
    const Principal& principal = **identifier.identify(known);
    measure("identity: check scope and model",
            [&](int) { use(identity::check_scope(principal, Operation::Chat, "gpt-4o")); });
}

}  // namespace

int main() {
    const TimePoint now = *parse_time("2026-11-20T10:00:00Z");
    bench_pricing(now);
    bench_limits(now);
    bench_identity();
    return 0;
}
