// How long `decide` takes, in nanoseconds per call: a small gateway, and one with a thousand rules
// and a hundred platforms, without and with fifty policies.
//
// Figures wanted: 2,000 ns for the small one, 20,000 ns for the large one; routing alone 300 ns;
//                 200 ns for each limit that is reserved, of whatever kind.
// Run:            cmake --preset release && ninja -C build/release aigw_decide_bench
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "decision/decision.h"
#include "limits/cells.h"

using namespace aigw;
using namespace aigw::decision;

namespace {

constexpr std::string_view kCatalogs[] = {"openai"};
constexpr std::string_view kPatterns[] = {"gpt*", "chatgpt-*", "o1*", "o3*", "o4*"};
const ProviderFacts kProvider = {
    kCatalogs, kPatterns, {Operation::Chat, Operation::Embeddings}, {}};

struct Size {
    const char* name;
    int platforms;
    int rules;
    int targets_of_asked;  // candidates of the model that is asked for
    int policies = 0;      // of the namespace that is asked in, beside as many other namespaces
};

matching::ConditionOptions header(std::string value) {
    return {.source = matching::Source::Header,
            .key = "X-Channel-Code",
            .op = matching::Operator::Eq,
            .values = {std::move(value)}};
}

// Of every type that decides something by itself, and one in ten that counts tokens.
policy::Options make_policy(int i) {
    policy::Options options{.name = "policy-" + std::to_string(i), .namespaces = {"vip"}};
    switch (i % 5) {
        case 0:
            options.rule =
                policy::ModelsRule{.allow = {"gpt-*"}, .deny = {"*-" + std::to_string(i)}};
            break;
        case 1:
            options.rule = policy::ContentRule{};
            options.match = {{header("never-" + std::to_string(i))}};
            break;
        case 2:
            options.rule = policy::RequestTokensRule{.max_input = 100'000 + i, .max_output = 4096};
            break;
        case 3:
            options.rule = policy::TimeRule{.spans = {{0, 24 * 60}}};
            break;
        default:
            options.rule.emplace<0>(policy::RatesRule{.rates = {.qps = 1'000'000}});
            if (i > 20) options.rule = policy::ModelsRule{.allow = {"*"}};
            break;
    }
    return options;
}

SnapshotInput make_input(const Size& size) {
    SnapshotInput input;
    for (int i = 0; i < size.platforms; ++i) {
        input.routing.platforms.push_back(
            {.name = "platform-" + std::to_string(i),
             .provider = "openai",
             .rpm = 1'000'000,
             .models = {{.name = "gpt-4o", .upstream = "gpt-4o-2024-11-20"}}});
        input.providers.push_back(kProvider);
    }
    const auto to = [&](int i) {
        return routing::TargetOptions{routing::TargetKind::Platform,
                                      "platform-" + std::to_string(i % size.platforms)};
    };
    for (int i = 0; i < size.rules; ++i) {
        const std::string number = std::to_string(i);
        const std::string patterns[] = {"model-" + number, "family-" + number + "-*",
                                        "gpt-" + number + "*-preview", "*-tuned-" + number};
        input.routing.rules.push_back({.model = patterns[i % 4], .to = {to(i)}});
    }
    routing::RuleOptions asked{.model = "gpt-*"};
    for (int i = 0; i < size.targets_of_asked; ++i) asked.to.push_back(to(i));
    input.routing.rules.push_back(asked);
    input.limits = {{.rates = {.rpm = 1'000'000}}};
    if (size.policies > 0) {
        input.namespaces = {{.name = "vip", .match = {{header("vip")}}}};
        for (int i = 0; i < size.policies; ++i) {
            input.namespaces.push_back({.name = "other-" + std::to_string(i),
                                        .match = {{header("other-" + std::to_string(i))}}});
            input.policies.push_back(make_policy(i));
        }
    }
    return input;
}

// Time of this thread alone, so that a busy machine does not count.
double thread_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

// The best of many short rounds.
template <class Call>
double nanoseconds_per(int count, Call call) {
    constexpr int kRounds = 40;
    double best = std::numeric_limits<double>::max();
    for (int round = 0; round < kRounds; ++round) {
        const double start = thread_nanoseconds();
        for (int i = 0; i < count; ++i) call();
        best = std::min(best, (thread_nanoseconds() - start) / count);
    }
    return best;
}

// Keeps the optimizer from dropping a call whose result nobody uses.
template <class T>
void keep(const T& value) {
    asm volatile("" : : "r"(&value) : "memory");
}

int run(const Size& size) {
    auto snapshot = Snapshot::make(make_input(size));
    if (!snapshot) {
        std::fprintf(stderr, "%s\n", render_line(snapshot.error()).c_str());
        return 1;
    }
    const Principal principal{.kind = PrincipalKind::StaticKey, .key = "ci"};
    protocol::RequestFacts facts;
    facts.model = "gpt-4o";
    facts.max_output = 256;
    facts.input_tokens = 812;
    const TimePoint now{std::chrono::seconds(1'795'168'800)};
    const std::vector<std::pair<std::string, std::string>> headers = {
        {"Host", "gateway"}, {"Content-Type", "application/json"}, {"X-Channel-Code", "vip"}};
    const matching::FieldList fields(headers);
    const matching::Request request{
        .method = "POST",
        .path = "/v1/chat/completions",
        .fields = &fields,
        .bytes = R"({"model":"gpt-4o","max_tokens":256,"messages":[]})"};

    limits::Cells cells;
    const routing::Health health;
    const routing::Tickets tickets;
    const ObservedLive observed(cells, health, tickets);
    {
        // Live counters: the cells of this call exist.
        const Decision first = decide(*snapshot, facts, principal, observed, now, request);
        for (const Candidate& candidate : first.candidates) {
            const Claims taken = claims(first, candidate);
            if (!cells.reserve({taken.begin(), taken.size()}, now)) return 1;
        }
    }
    const double route =
        nanoseconds_per(2'000, [&] { keep(snapshot->router().find(facts.model)); });
    const double miss =
        nanoseconds_per(2'000, [&] { keep(snapshot->router().find("no-such-model-anywhere")); });
    const double whole = nanoseconds_per(
        200, [&] { keep(decide(*snapshot, facts, principal, observed, now, request)); });
    const Decision decision = decide(*snapshot, facts, principal, observed, now, request);
    const double price =
        nanoseconds_per(2'000, [&] { keep(estimate(decision, *decision.find_candidate(1))); });
    const Claims taken = claims(decision, *decision.find_candidate(1));
    const std::span<const limits::Claim> all(taken.begin(), taken.size());
    const double reserve = nanoseconds_per(2'000, [&] {
        auto grant = cells.reserve(all, now);
        if (grant) grant->release();
    });
    std::printf(
        "%-8s %5d rules %4d platforms %4d candidates %3d policies | decide %8.0f ns | route %6.0f "
        "ns"
        " | route, no match %6.0f ns | estimate %6.0f ns"
        " | reserve and release %4.0f ns per limit\n",
        size.name, size.rules + 1, size.platforms, size.targets_of_asked, size.policies, whole,
        route, miss, price, reserve / static_cast<double>(all.size()));
    return 0;
}

// What one limit of each kind costs, with counters that live.
int run_kinds() {
    limits::Options options{.name = "all"};
    options.rates = {.rpm = 1'000'000'000,
                     .tpm = 1'000'000'000,
                     .qps = 1'000'000'000,
                     .concurrency = 1'000'000,
                     .tokens = {{limits::Period::sliding(std::chrono::hours(1)), 1ULL << 50, {}}},
                     .money = {{limits::Period::month(), 1ULL << 60, Currency::literal("USD")}}};
    const auto compiled = limits::compile(std::span(&options, 1));
    if (!compiled) return 1;
    limits::Cells cells;
    TimePoint now{std::chrono::seconds(1'795'168'800)};
    for (const limits::Limit& limit : *compiled) {
        limits::Claim claim = limits::claim(limit, "ci");
        claim.cost = limit.quantity() == limits::Quantity::Money ? 413'100 : claim.cost;
        const std::span<const limits::Claim> one(&claim, 1);
        const double reserve = nanoseconds_per(2'000, [&] {
            now += std::chrono::microseconds(20);
            keep(cells.reserve(one, now));
        });
        const double settle = nanoseconds_per(2'000, [&] {
            now += std::chrono::microseconds(20);
            auto grant = cells.reserve(one, now);
            if (grant) grant->settle({.tokens = 0, .money = Money()}, now);
        });
        std::printf("%-12s reserve %4.0f ns | reserve and settle %4.0f ns\n",
                    std::string(name_of(limit.kind)).c_str(), reserve, settle);
    }
    return 0;
}

}  // namespace

int main() {
    const Size sizes[] = {
        {"small", 3, 10, 2},
        {"large", 100, 1'000, 10},
        {"channels", 100, 1'000, 10, 50},
        {"widest", 100, 1'000, 100},
    };
    for (const Size& size : sizes) {
        if (const int failed = run(size)) return failed;
    }
    return run_kinds();
}
