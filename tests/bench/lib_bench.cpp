// What the library costs per call on the request path: nanoseconds of the fastest of several runs.
//
// Shape:   a stream is relayed chunk by chunk, as a vendor sends it; its cost is that of one delta.
// Usage:   aigw_lib_bench          build it with the release preset; it is not a test
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "identity/identifier.h"
#include "limits/cells.h"
#include "policy/capped_parser.h"
#include "policy/capped_relay.h"
#include "pricing/cost.h"
#include "pricing/price_book.h"
#include "protocol/anthropic_stream.h"
#include "protocol/anthropic_stream_relay.h"
#include "protocol/chat_stream_relay.h"
#include "protocol/converting_relay.h"
#include "protocol/openai_stream.h"
#include "tokens/vocabularies.h"

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

// ---- Streams ---------------------------------------------------------------------------------

constexpr std::size_t kDeltas = 400;

std::string chat_delta(const std::string& text) {
    return R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":{"content":")" +
           text + R"("},"logprobs":null,"finish_reason":null}]})" + "\n\n";
}

std::string message_delta(const std::string& text) {
    return R"(event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":")" +
           text + "\"}}\n\n";
}

template <class Render>
std::vector<std::string> deltas(Render render) {
    constexpr const char* kWords[] = {" the", " answer", " to", " that", " question", ",", " 42"};
    std::vector<std::string> events;
    for (std::size_t i = 0; i < kDeltas; ++i) events.push_back(render(kWords[i % 7]));
    return events;
}

// Of one delta.
template <class Make>
void measure_stream(const char* name, const std::vector<std::string>& events, Make make) {
    double best = 1e18;
    for (int run = 0; run < kRuns; ++run) {
        const auto relay = make();
        const auto start = std::chrono::steady_clock::now();
        for (const std::string& event : events) use(relay->feed(event));
        const std::chrono::duration<double, std::nano> took =
            std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count() / static_cast<double>(events.size()));
    }
    std::printf("%-44s %8.1f ns\n", name, best);
}

std::unique_ptr<protocol::StreamRelay> converting(
    std::unique_ptr<protocol::ChatStreamParser> parser) {
    auto plan = std::make_unique<const protocol::AnswerPlan>(
        protocol::AnswerPlan{.model = "m", .fallback_id = "f"});
    auto writer = protocol::make_openai_stream_writer(*plan);
    return std::make_unique<protocol::ConvertingRelay>(
        std::move(plan), std::move(parser), std::move(writer), std::span<const std::string>{});
}

void bench_streams() {
    const tokens::Vocabularies vocabularies({AIGW_VOCABULARY_BUILD_FOLDER});
    const auto vocabulary = vocabularies.find(tokens::Encoding::O200kBase);
    if (!vocabulary) {
        std::fprintf(stderr, "lib_bench: %s\n", vocabulary.error().message.c_str());
        std::exit(1);
    }
    tokens::Counter counter(**vocabulary);
    const policy::OutputCap cap{.max_tokens = 100'000};
    policy::Truncation truncation;
    const auto capped = [&](std::unique_ptr<protocol::StreamRelay> relay, Protocol protocol,
                            const char* model) {
        auto wire = policy::make_capped_wire(
            {.protocol = protocol}, cap,
            {.model = tokens::ModelCounters().find(model), .counter = &counter});
        return std::make_unique<policy::CappedRelay>(std::move(relay), std::move(wire), 7,
                                                     truncation);
    };
    using Chat = protocol::OpenAiStreamRelay;
    const auto chat = deltas(chat_delta);
    measure_stream("relay: a chat's delta", chat,
                   [] { return std::make_unique<Chat>(protocol::UsageChunk::Pass); });
    measure_stream("relay: a chat's delta, capped", chat, [&] {
        return capped(std::make_unique<Chat>(protocol::UsageChunk::Pass), Protocol::OpenAi,
                      "gpt-4o");
    });
    const auto message = deltas(message_delta);
    measure_stream("relay: a message's delta", message,
                   [] { return std::make_unique<protocol::AnthropicStreamRelay>(); });
    measure_stream("relay: a message's delta, capped", message, [&] {
        return capped(std::make_unique<protocol::AnthropicStreamRelay>(), Protocol::Anthropic,
                      "claude-sonnet-4-5");
    });
    measure_stream("relay: a message's delta for a chat", message,
                   [] { return converting(protocol::make_anthropic_stream_parser()); });
    measure_stream("relay: a message's delta for a chat, capped", message, [&] {
        return converting(std::make_unique<policy::CappedParser>(
            protocol::make_anthropic_stream_parser(), cap,
            policy::Measure{.model = tokens::ModelCounters().find("claude-sonnet-4-5"),
                            .counter = &counter},
            7, truncation));
    });
}

}  // namespace

int main() {
    const TimePoint now = *parse_time("2026-11-20T10:00:00Z");
    bench_pricing(now);
    bench_limits(now);
    bench_identity();
    bench_streams();
    return 0;
}
