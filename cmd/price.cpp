// `aigw price`: what a call costs, line by line, and the price list behind it.

#include <CLI/CLI.hpp>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/decide.h"
#include "cmd/input.h"
#include "cmd/principal.h"
#include "cmd/terminal/table.h"
#include "pricing/cost.h"
#include "pricing/price_book.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;
using decision::Candidate;
using pricing::PriceRow;
using pricing::Rate;

struct PriceOptions {
    QuestionOptions question{};
    std::string platform{};
    bool lists = false;
    // Totals, as vendors report them: `cached` is a part of `in`, `reasoning` of `out`.
    std::optional<std::int64_t> in{};
    std::optional<std::int64_t> out{};
    std::int64_t cached = 0;
    std::int64_t reasoning = 0;

    bool has_counts() const { return in || out || cached != 0 || reasoning != 0; }
};

// A candidate together with what it costs, or with its rates alone when nothing is counted.
struct Quote {
    std::string platform{};
    std::string model{};
    Decimal discount = 1;
    const PriceRow* row = nullptr;
    std::optional<pricing::Price> price{};
};

Result<std::optional<Usage>> counted_usage(const PriceOptions& options) {
    if (!options.has_counts()) return std::optional<Usage>();
    const std::int64_t in = options.in.value_or(options.cached);
    const std::int64_t out = options.out.value_or(options.reasoning);
    if (in < 0 || out < 0 || options.cached < 0 || options.reasoning < 0)
        return usage_error("a number of tokens is negative", "count from 0");
    if (options.cached > in)
        return usage_error("--cached is more than --in", "cached tokens are a part of the input");
    if (options.reasoning > out)
        return usage_error("--reasoning is more than --out",
                           "reasoning tokens are a part of the output");
    return Usage{.input_tokens = in - options.cached,
                 .cached_input_tokens = options.cached,
                 .output_tokens = out - options.reasoning,
                 .reasoning_tokens = options.reasoning};
}

Result<std::optional<pricing::Price>> price_of(const Candidate& candidate, const Decimal& discount,
                                               const decision::Decision& decision,
                                               const std::optional<Usage>& usage,
                                               const PriceOptions& options) {
    if (usage) return TRY(pricing::cost(*usage, *candidate.row, discount));
    if (!options.question.request.empty()) return TRY(decision::estimate(decision, candidate));
    return std::optional<pricing::Price>();
}

Result<std::vector<Quote>> quote(const decision::Decision& decision,
                                 const std::optional<Usage>& usage, const PriceOptions& options) {
    std::vector<Quote> quotes;
    std::string known;
    for (const Candidate& candidate : decision.candidates) {
        const decision::Platform& platform = decision.platform_of(candidate);
        known += (known.empty() ? "" : ", ") + json_string(platform.name);
        if (!options.platform.empty() && platform.name != options.platform) continue;
        if (candidate.row == nullptr) continue;
        quotes.push_back(
            {.platform = platform.name,
             .model = std::string(candidate.upstream_model),
             .discount = platform.discount,
             .row = candidate.row,
             .price = TRY(price_of(candidate, platform.discount, decision, usage, options))});
    }
    if (!quotes.empty()) return quotes;
    const std::string model = json_string(decision.facts.model);
    if (known.empty()) {
        return Error{ErrorCode::NotFound, "no platform serves " + model,
                     "see its list price with aigw price --list --model NAME"};
    }
    if (!options.platform.empty() &&
        known.find(json_string(options.platform)) == std::string::npos) {
        return usage_error(json_string(options.platform) + " does not serve " + model,
                           "one of " + known);
    }
    return Error{ErrorCode::NotFound, "no price is known for " + model,
                 "see what has one with aigw price --list"};
}

std::string render(const std::optional<Rate>& rate) {
    return rate ? pricing::render_rate(rate->decimal()) : std::string();
}

Json to_json(const pricing::Price& price) {
    Json items = Json::array();
    for (const pricing::LineItem& line : price.lines()) {
        items.push_back({{"item", pricing::name_of(line.item)},
                         {"quantity", line.quantity},
                         {"unit", pricing::kUnit},
                         {"base", pricing::render_rate(line.base)},
                         {"discount", line.discount.text()},
                         {"unit_price", pricing::render_rate(line.unit_price)},
                         {"amount", line.amount.text()},
                         {"source", line.source}});
    }
    return items;
}

Json rates_to_json(const pricing::Rates& rates) {
    Json object = Json::object();
    const auto add = [&](const char* name, const std::optional<Rate>& rate) {
        if (rate) object[name] = render(rate);
    };
    add("input", rates.input);
    add("cached_input", rates.cached_input);
    add("cache_write", rates.cache_write);
    add("output", rates.output);
    add("reasoning", rates.reasoning);
    return object;
}

void print_quotes_json(const std::vector<Quote>& quotes, const decision::Decision& decision,
                       Program& program) {
    Json list = Json::array();
    for (const Quote& quote : quotes) {
        Json item{{"platform", quote.platform},
                  {"upstream_model", quote.model},
                  {"currency", quote.row->currency.text()}};
        if (quote.price) {
            item["total"] = quote.price->total().text();
            item["items"] = to_json(*quote.price);
        } else {
            item["unit"] = pricing::kUnit;
            item["rates"] = rates_to_json(quote.row->rates);
            item["discount"] = quote.discount.text();
            item["source"] = quote.row->source;
        }
        list.push_back(std::move(item));
    }
    const Json report{
        {"model", decision.facts.model}, {"at", render_time(decision.at)}, {"prices", list}};
    program.out << report.dump(2) << '\n';
}

void print_price(const Quote& quote, Program& program) {
    const bool has_colors = program.colors_out();
    program.out << paint(Style::Bold, quote.platform, has_colors) << "  " << quote.model << "  "
                << paint(Style::Dim, quote.row->source, has_colors) << '\n';
    Table table({{"ITEM"},
                 {"QUANTITY", Align::Right},
                 {"BASE", Align::Right},
                 {"DISCOUNT", Align::Right},
                 {"UNIT PRICE", Align::Right},
                 {"UNIT"},
                 {"AMOUNT", Align::Right},
                 {""}});
    for (const pricing::LineItem& line : quote.price->lines()) {
        table.add_row({{std::string(pricing::name_of(line.item))},
                       {std::to_string(line.quantity)},
                       {pricing::render_rate(line.base)},
                       {line.discount.text()},
                       {pricing::render_rate(line.unit_price)},
                       {std::string(pricing::kUnit)},
                       {line.amount.text()}});
    }
    table.add_row({{"total", Style::Bold},
                   {},
                   {},
                   {},
                   {},
                   {},
                   {quote.price->total().text(), Style::Bold},
                   {std::string(quote.row->currency.text())}});
    program.out << table.render(has_colors);
}

void print_quotes(const std::vector<Quote>& quotes, Program& program) {
    if (quotes.front().price) {
        for (std::size_t i = 0; i < quotes.size(); ++i) {
            if (i > 0) program.out << '\n';
            print_price(quotes[i], program);
        }
        return;
    }
    Table table({{"PLATFORM"},
                 {"MODEL"},
                 {"INPUT", Align::Right},
                 {"CACHED", Align::Right},
                 {"OUTPUT", Align::Right},
                 {"REASONING", Align::Right},
                 {"CURRENCY"},
                 {"DISCOUNT", Align::Right},
                 {"SOURCE"}});
    for (const Quote& quote : quotes) {
        const pricing::Rates& rates = quote.row->rates;
        table.add_row({{quote.platform, Style::Bold},
                       {quote.model},
                       {render(rates.input)},
                       {render(rates.cached_input)},
                       {render(rates.output)},
                       {render(rates.reasoning)},
                       {std::string(quote.row->currency.text())},
                       {quote.discount.text()},
                       {std::string(quote.row->source), Style::Dim}});
    }
    program.out << table.render(program.colors_out());
}

std::vector<const PriceRow*> matching_rows(const pricing::PriceBook& book,
                                           const std::string& glob) {
    std::vector<const PriceRow*> rows;
    for (const PriceRow& row : book.rows()) {
        if (glob.empty() || matches_glob(glob, row.model)) rows.push_back(&row);
    }
    return rows;
}

void print_rows_json(const std::vector<const PriceRow*>& rows, Program& program) {
    for (const PriceRow* row : rows) {
        Json line{{"provider", row->provider},
                  {"model", row->model},
                  {"currency", row->currency.text()},
                  {"unit", pricing::kUnit},
                  {"rates", rates_to_json(row->rates)}};
        Json tiers = Json::array();
        for (const pricing::Tier& tier : row->tiers) {
            tiers.push_back({{"above_input_tokens", tier.above_input_tokens},
                             {"rates", rates_to_json(tier.rates)}});
        }
        if (!tiers.empty()) line["tiers"] = tiers;
        if (const std::string when = row->when.text(); !when.empty()) line["when"] = when;
        line["source"] = row->source;
        program.out << line.dump() << '\n';
    }
}

void print_rows(const std::vector<const PriceRow*>& rows, Program& program) {
    Table table({{"PROVIDER"},
                 {"MODEL"},
                 {"INPUT", Align::Right},
                 {"CACHED", Align::Right},
                 {"OUTPUT", Align::Right},
                 {"REASONING", Align::Right},
                 {"CURRENCY"},
                 {"WHEN"}});
    const auto add = [&](const PriceRow& row, const pricing::Rates& rates, std::string when) {
        table.add_row({{std::string(row.provider)},
                       {std::string(row.model), Style::Bold},
                       {render(rates.input)},
                       {render(rates.cached_input)},
                       {render(rates.output)},
                       {render(rates.reasoning)},
                       {std::string(row.currency.text())},
                       {std::move(when), Style::Dim}});
    };
    for (const PriceRow* row : rows) {
        add(*row, row->rates, row->when.text());
        for (const pricing::Tier& tier : row->tiers)
            add(*row, tier.rates, "input above " + std::to_string(tier.above_input_tokens));
    }
    program.out << table.render(program.colors_out());
}

Result<Exit> list_prices(const PriceOptions& options, const config::Config& config,
                         Program& program) {
    const auto book = TRY(pricing::PriceBook::make(config.pricing));
    const auto rows = matching_rows(book, options.question.model);
    if (rows.empty()) {
        return Error{ErrorCode::NotFound,
                     "no price is listed for " + json_string(options.question.model),
                     "use a pattern, as in --model \"gpt-*\""};
    }
    if (program.options.json)
        print_rows_json(rows, program);
    else
        print_rows(rows, program);
    return Exit::Done;
}

Result<Exit> price(const PriceOptions& options, Program& program) {
    const auto usage = TRY(counted_usage(options));
    const auto loaded = TRY(load_configuration(program));
    if (options.lists) return list_prices(options, loaded.config, program);
    const auto question = TRY(Question::ask(options.question, loaded.config, program));
    const auto quotes = TRY(quote(question->decision(), usage, options));
    if (program.options.json)
        print_quotes_json(quotes, question->decision(), program);
    else
        print_quotes(quotes, program);
    return Exit::Done;
}

}  // namespace

void add_price(CLI::App& command, Program& program) {
    const auto options = std::make_shared<PriceOptions>();
    QuestionOptions& question = options->question;
    command.add_option("-m,--model", question.model, "The model; with --list a pattern")
        ->type_name("MODEL");
    command.add_option("--platform", options->platform, "At this platform only")
        ->type_name("PLATFORM");
    add_as_option(command, question.as);
    CLI::Option* in = command.add_option("--in", options->in, "Input tokens, cached ones included");
    CLI::Option* out =
        command.add_option("--out", options->out, "Output tokens, reasoning included");
    CLI::Option* cached =
        command.add_option("--cached", options->cached, "How many of the input were cached");
    CLI::Option* reasoning = command.add_option("--reasoning", options->reasoning,
                                                "How many of the output were reasoning");
    CLI::Option* request = command
                               .add_option("--request", question.request,
                                           "Estimate this request's body; - is standard input")
                               ->type_name("FILE");
    CLI::Option* list = command.add_flag("--list", options->lists, "Print the price list");
    for (CLI::Option* count : {in, out, cached, reasoning})
        count->type_name("N")->excludes(request)->excludes(list);
    request->excludes(list);
    command.get_option("--as")->excludes(list);
    command.add_option("--at", question.at, "At that time, RFC 3339 (else now)")->type_name("TIME");
    add_config_option(command, program);
    add_json_option(command, program);
    add_output_options(command, program);
    constexpr std::array<std::string_view, 4> kExamples = {
        "aigw price -m gpt-4o",
        "aigw price -m gpt-4o --in 12000 --cached 8000 --out 700",
        "aigw price --request request.json --json",
        "aigw price --list --model \"qwen-*\"",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return price(*options, program); });
}

}  // namespace aigw::cmd
