#include "pricing/price_book.h"

#include <catch2/catch.hpp>

#include "pricing/cost.h"

using namespace aigw;
using namespace aigw::pricing;

namespace {

const PriceBook& book() {
    static const PriceBook instance = PriceBook::make({}).take();
    return instance;
}

using Catalogs = std::vector<std::string_view>;
const Catalogs kDashscope = {"dashscope", "qwen"};
constexpr const char* kNow = "2026-11-20T12:00:00Z";

const PriceRow* find(const Catalogs& catalogs, std::string_view model, const char* at = kNow) {
    return book().find(catalogs, model, *parse_time(at));
}

std::string rate_text(const std::optional<Rate>& rate) {
    return rate ? rate->decimal().text() : "-";
}

}  // namespace

TEST_CASE("pricing: a model's name chooses the row of the vendor's own list first", "[pricing]") {
    struct Case {
        const char* name;
        Catalogs catalogs;
        const char* model;
        const char* source;  // "": no row
        const char* currency;
    };
    const Case cases[] = {
        {"a name as the list has it",
         {"openai"},
         "gpt-4o",
         "catalog 2026-08-21 openai/gpt-4o",
         "USD"},
        {"another name of the entry",
         {"openai"},
         "gpt-4o-2024-11-20",
         "catalog 2026-08-21 openai/gpt-4o",
         "USD"},
        {"a prefix",
         {"anthropic"},
         "claude-haiku-4-5-20251001",
         "catalog 2026-08-21 anthropic/claude-haiku-4-5",
         "USD"},
        {"a suffix",
         {"google"},
         "models/gemini-2.0-flash",
         "catalog 2026-08-21 google/gemini-2.0-flash",
         "USD"},
        {"a part in the middle",
         {"google"},
         "eu/claude-3-opus@20240229",
         "catalog 2026-08-21 google/claude-3-opus",
         "USD"},
        {"an earlier entry wins over a longer name",
         {"google"},
         "claude-opus-4-6@default",
         "catalog 2026-08-21 google/claude-opus-4-6",
         "USD"},
        {"a dated name", {"x-ai"}, "grok-4.3-20260701", "catalog 2026-08-21 x-ai/grok-4.3", "USD"},
        {"a dated name with too few digits", {"x-ai"}, "grok-4.3-2026070", "", ""},
        {"a dated name with a tail", {"x-ai"}, "grok-4.3-20260701b", "", ""},
        {"a numbered name with a tail",
         {"google"},
         "gemini-3.5-flash-001-tuned",
         "catalog 2026-08-21 google/gemini-3.5-flash",
         "USD"},
        {"case does not matter", {"openai"}, "GPT-4o", "catalog 2026-08-21 openai/gpt-4o", "USD"},
        {"dashscope asks its own entries first", kDashscope, "qwen-plus",
         "catalog 2026-11-21 dashscope/qwen-plus", "CNY"},
        {"then the resellers'", kDashscope, "qwen3-14b-does-not-exist", "", ""},
        {"a vendor of both lists is priced by its own",
         {"minimax"},
         "MiniMax-M2",
         "catalog 2026-11-21 minimax/MiniMax-M2",
         "CNY"},
        {"over all lists, by name alone", {}, "gpt-4o", "catalog 2026-08-21 openai/gpt-4o", "USD"},
        {"over all lists, a Chinese model",
         {},
         "qwen-turbo",
         "catalog 2026-11-21 dashscope/qwen-turbo",
         "CNY"},
        {"a model that only another vendor has", {"openai"}, "claude-haiku-4-5", "", ""},
        {"an unknown catalogue", {"nobody"}, "gpt-4o", "", ""},
        {"an unknown model", {}, "my-own-model", "", ""},
        {"no name", {}, "", "", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const PriceRow* row = find(c.catalogs, c.model);
            CHECK((row == nullptr ? "" : row->source) == c.source);
            CHECK((row == nullptr ? "" : row->currency.text()) == c.currency);
        }
    }
}

TEST_CASE("pricing: names of any length are looked up without harm", "[pricing]") {
    CHECK(find({}, std::string(255, 'q')) == nullptr);
    CHECK(find({}, std::string(100'000, 'q')) == nullptr);
    CHECK(find({"anthropic"}, "claude-haiku-4-5" + std::string(200, 'x')) != nullptr);
}

TEST_CASE("pricing: a model that is not sold by tokens has no row", "[pricing]") {
    CHECK(find({"wanx"}, "wanx-v1") == nullptr);
    CHECK(find({"cosyvoice"}, "cosyvoice-v2") == nullptr);
}

TEST_CASE("pricing: dates and times of day choose among the prices of a model", "[pricing]") {
    struct Case {
        const char* name;
        Catalogs catalogs;
        const char* model;
        const char* at;
        const char* input;
    };
    const Case cases[] = {
        {"the day before a new price",
         {"anthropic"},
         "claude-sonnet-5",
         "2026-08-31T23:59:59Z",
         "2"},
        {"the first moment of the new price",
         {"anthropic"},
         "claude-sonnet-5",
         "2026-09-01T00:00:00Z",
         "3"},
        {"before the daily window", {"deepseek"}, "deepseek-chat", "2026-08-21T00:29:59Z", "0.135"},
        {"the window's start", {"deepseek"}, "deepseek-chat", "2026-08-21T00:30:00Z", "0.27"},
        {"the window's end", {"deepseek"}, "deepseek-chat", "2026-08-21T16:30:00Z", "0.135"},
        {"a first peak", {"deepseek"}, "deepseek-v4-pro", "2026-11-20T01:00:00Z", "9"},
        {"between two peaks", {"deepseek"}, "deepseek-v4-pro", "2026-11-20T05:00:00Z", "4.5"},
        {"a second peak", {"deepseek"}, "deepseek-v4-pro", "2026-11-20T09:59:59.999Z", "9"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const PriceRow* row = find(c.catalogs, c.model, c.at);
            REQUIRE(row != nullptr);
            CHECK(rate_text(row->rates.input) == c.input);
        }
    }
}

TEST_CASE("pricing: a condition says when it holds", "[pricing]") {
    using namespace std::chrono;
    const sys_days day = year(2026) / 3 / 13;
    struct Case {
        const char* name;
        Condition when;
        const char* text;
        const char* at;
        bool holds;
    };
    const Case cases[] = {
        {"none", {}, "", "1970-01-01", true},
        {"a date", {.from = day}, "from 2026-03-13", "2026-03-12T23:59:59Z", false},
        {"a window",
         {.daily = DailyWindow{30min, 16h}},
         "00:30-16:00 UTC",
         "2026-03-12T15:59:59Z",
         true},
        {"over midnight, late",
         {.daily = DailyWindow{22h, 6h}},
         "22:00-06:00 UTC",
         "2026-03-12T23:00:00Z",
         true},
        {"over midnight, early",
         {.daily = DailyWindow{22h, 6h}},
         "22:00-06:00 UTC",
         "2026-03-12T05:00:00Z",
         true},
        {"over midnight, at noon",
         {.daily = DailyWindow{22h, 6h}},
         "22:00-06:00 UTC",
         "2026-03-12T12:00:00Z",
         false},
        {"both",
         {.from = day, .daily = DailyWindow{1h, 2h}},
         "from 2026-03-13, 01:00-02:00 UTC",
         "2026-03-13T01:30:00Z",
         true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(c.when.text() == c.text);
            CHECK(c.when.holds(*parse_time(c.at)) == c.holds);
        }
    }
}

TEST_CASE("pricing: a row says which operations it prices", "[pricing]") {
    struct Case {
        const char* name;
        Catalogs catalogs;
        const char* model;
        bool chat;
        bool embeddings;
    };
    const Case cases[] = {
        {"input and output", {"openai"}, "gpt-4o", true, true},
        {"input only", {"openai"}, "text-embedding-3-small", false, true},
        {"nothing", {"openai"}, "omni-moderation-latest", false, false},
        {"output only", {"doubao"}, "doubao-seedance-2.0", false, false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const PriceRow* row = find(c.catalogs, c.model);
            REQUIRE(row != nullptr);
            CHECK(row->covers(Operation::Chat) == c.chat);
            CHECK(row->covers(Operation::Embeddings) == c.embeddings);
            CHECK(row->covers(Operation::Models));
        }
    }
}

TEST_CASE("pricing: the dearest row of a catalogue bounds each of its rows", "[pricing]") {
    const Usage usages[] = {
        {.input_tokens = 1000, .output_tokens = 500},
        {.input_tokens = 900'000, .output_tokens = 10},
        {.input_tokens = 10,
         .cached_input_tokens = 900,
         .cache_write_tokens = 70,
         .output_tokens = 3,
         .reasoning_tokens = 4000},
    };
    for (const PriceRow& row : book().rows()) {
        if (!row.covers(Operation::Chat)) continue;
        INFO(row.source);
        const PriceRow* dearest = book().dearest(Catalogs{row.provider});
        REQUIRE(dearest != nullptr);
        if (dearest->currency != row.currency) continue;
        for (const Usage& usage : usages) {
            const auto price = cost(usage, row);
            const auto bound = cost(usage, *dearest);
            REQUIRE(price);
            REQUIRE(bound);
            CHECK(price->total().units() <= bound->total().units());
        }
    }
}

TEST_CASE("pricing: the dearest row says what it is", "[pricing]") {
    struct Case {
        const char* name;
        Catalogs catalogs;
        const char* source;
    };
    const Case cases[] = {
        {"of one vendor", {"openai"}, "catalog 2026-08-21 openai/* (dearest)"},
        {"of the first list that sells chats",
         {"wanx", "qwen"},
         "catalog 2026-08-21 qwen/* (dearest)"},
        {"of the international list", {}, "catalog 2026-08-21 * (dearest)"},
        {"of nobody", {"nobody"}, ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const PriceRow* row = book().dearest(c.catalogs);
            CHECK((row == nullptr ? "" : row->source) == c.source);
        }
    }
}

TEST_CASE("pricing: every row of the list is found again by its own name", "[pricing]") {
    REQUIRE(book().rows().size() > 400);
    std::size_t found = 0;
    for (const PriceRow& row : book().rows()) {
        const PriceRow* hit = find({row.provider}, row.model);
        found += hit != nullptr && hit->provider == row.provider ? 1U : 0U;
    }
    // A few entries are named for a family and match only its members.
    CHECK(found > book().rows().size() * 9 / 10);
}

TEST_CASE("pricing: without a catalogue nothing has a price", "[pricing]") {
    const auto none = PriceBook::make({.catalog = Catalog::None});
    REQUIRE(none);
    CHECK(none->rows().empty());
    CHECK(none->find({}, "gpt-4o", *parse_time(kNow)) == nullptr);
    CHECK(none->dearest({}) == nullptr);
}
