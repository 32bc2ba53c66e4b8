#include "tokens/learned_ratio.h"

#include <catch2/catch.hpp>
#include <thread>

using namespace aigw::tokens;

namespace {

PromptCount estimate(std::int64_t tokens) {
    return {.tokens = tokens,
            .estimate = tokens,
            .margin_percent = 30,
            .counter = "o200k_base x 1.00 (unknown)"};
}

void teach(LearnedRatio& learned, int times, std::int64_t used, std::int64_t estimated) {
    for (int i = 0; i < times; ++i) learned.observe(used, estimated);
}

}  // namespace

TEST_CASE("tokens: a ratio is believed after five answers", "[prompts]") {
    LearnedRatio learned;
    teach(learned, 4, 1300, 1000);
    CHECK(learned.ratio() == 1);
    teach(learned, 1, 1300, 1000);
    CHECK(learned.ratio() == Approx(1.3));
}

TEST_CASE("tokens: ratios are a mean, of the last few hundred answers", "[prompts]") {
    LearnedRatio learned;
    teach(learned, 5, 1000, 1000);
    teach(learned, 5, 2000, 1000);
    CHECK(learned.ratio() == Approx(1.5));
    teach(learned, 3000, 900, 1000);
    CHECK(learned.ratio() == Approx(0.9).margin(0.001));
    CHECK(learned.answers() == LearnedRatio::kWindow);
}

TEST_CASE("tokens: small requests teach nothing, and no answer too much", "[prompts]") {
    LearnedRatio learned;
    teach(learned, 10, 400, 199);
    teach(learned, 10, 0, 1000);
    CHECK(learned.answers() == 0);
    teach(learned, 10, 1'000'000, 1000);
    CHECK(learned.ratio() == Approx(3));
    LearnedRatio low;
    teach(low, 10, 1, 1000);
    CHECK(low.ratio() == Approx(0.5));
}

TEST_CASE("tokens: what was learned corrects estimates, and says so", "[prompts]") {
    LearnedRatio learned;
    CHECK(corrected(estimate(1000), learned) == estimate(1000));
    teach(learned, 5, 1040, 1000);
    const PromptCount count = corrected(estimate(1000), learned);
    CHECK(count.tokens == 1040);
    CHECK(count.estimate == 1000);
    CHECK(count.margin_percent == 3);
    CHECK(count.counter == "o200k_base x 1.00 (unknown), learned x 1.04");
    PromptCount exact = estimate(1000);
    exact.is_exact = true;
    CHECK(corrected(exact, learned) == exact);
    PromptCount with_media = estimate(1000);
    with_media.has_media = true;
    CHECK(corrected(with_media, learned).margin_percent == 30);
}

TEST_CASE("tokens: each platform and model has a ratio of its own", "[prompts]") {
    LearnedRatios ratios;
    for (int i = 0; i < 5; ++i) {
        ratios.observe("a", "m", estimate(1000), 1200);
        ratios.observe("b", "m", estimate(1000), 800);
    }
    CHECK(ratios.find("a", "m").ratio() == Approx(1.2));
    CHECK(ratios.find("b", "m").ratio() == Approx(0.8));
    CHECK(ratios.find("b", "other").ratio() == 1);
    const auto entries = ratios.entries();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].platform == "a");
    CHECK(entries[1].learned.ratio() == Approx(0.8));
}

TEST_CASE("tokens: exact counts, media and samples teach nothing", "[prompts]") {
    LearnedRatios ratios;
    PromptCount exact = estimate(1000);
    exact.is_exact = true;
    PromptCount media = estimate(1000);
    media.has_media = true;
    PromptCount sampled = estimate(1000);
    sampled.is_sampled = true;
    for (const PromptCount& count : {exact, media, sampled, estimate(100)})
        ratios.observe("a", "m", count, 2000);
    CHECK(ratios.entries().empty());
}

TEST_CASE("tokens: nothing is learned where counts must be reproducible", "[prompts]") {
    LearnedRatios ratios({.is_on = false});
    for (int i = 0; i < 10; ++i) ratios.observe("a", "m", estimate(1000), 1200);
    CHECK(ratios.find("a", "m").ratio() == 1);
}

TEST_CASE("tokens: the key that learned longest ago makes room", "[prompts]") {
    LearnedRatios ratios({.max_keys = 2});
    ratios.observe("a", "1", estimate(1000), 1200);
    ratios.observe("a", "2", estimate(1000), 1200);
    ratios.observe("a", "1", estimate(1000), 1200);
    ratios.observe("a", "3", estimate(1000), 1200);
    const auto entries = ratios.entries();
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].model == "1");
    CHECK(entries[1].model == "3");
    LearnedRatios none({.max_keys = 0});
    none.observe("a", "1", estimate(1000), 1200);
    CHECK(none.entries().empty());
}

TEST_CASE("tokens: ratios are learned from several threads", "[prompts]") {
    LearnedRatios ratios({.max_keys = 4});
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&ratios, t] {
            for (int i = 0; i < 500; ++i) {
                ratios.observe("a", std::to_string((t + i) % 6), estimate(1000), 1200);
                const double ratio = ratios.find("a", "1").ratio();
                if (ratio != 1.0 && std::abs(ratio - 1.2) > 1e-9) std::abort();
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(ratios.entries().size() == 4);
}
