// `aigw tokens`: how many tokens a text or a request has for a model, and which.

#include <CLI/CLI.hpp>
#include <array>
#include <filesystem>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "base/text.h"
#include "cmd/configuration.h"
#include "cmd/input.h"
#include "cmd/terminal/table.h"
#include "tokens/counters.h"
#include "tokens/prompt_count.h"
#include "tokens/vocabularies.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;
using tokens::PromptCount;

struct TokensOptions {
    std::string model{};
    std::vector<std::string> files{};
    bool is_chat = false;
    bool is_content = false;  // of a chat: its texts alone
    bool shows = false;
};

// What counts, and for whom where nobody says it.
struct Counting {
    Counting(std::vector<std::filesystem::path> folders, tokens::ModelCounters counted_models)
        : vocabularies(std::move(folders)), models(std::move(counted_models)) {}

    tokens::Vocabularies vocabularies;
    tokens::Counters counters{vocabularies};
    tokens::ModelCounters models;
};

// One input and what was found in it.
struct Counted {
    std::string name{};
    std::string text{};
    std::string model{};
    tokens::ModelCounter counter{};
    PromptCount count{};
    std::vector<tokens::Token> tokens{};  // with --show
};

constexpr std::string_view kUsualModel = "gpt-4o";
// Nobody else waits while a long text is counted.
constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max();

Result<std::unique_ptr<Counting>> prepare_counting(Program& program) {
    if (!program.options.config.empty()) {
        const auto loaded = TRY(load_configuration(program));
        const tokens::Options& options = loaded.config.tokens;
        auto models = TRY(tokens::ModelCounters::make(options.models));
        return std::make_unique<Counting>(options.vocabulary_folders, std::move(models));
    }
    std::error_code ignored;
    const auto data_folder = program.environment("AIGW_DATA");
    return std::make_unique<Counting>(
        tokens::default_vocabulary_folders(std::filesystem::read_symlink("/proc/self/exe", ignored),
                                           data_folder),
        tokens::ModelCounters());
}

// A model's, or that of an encoding by its own name.
tokens::ModelCounter find_counter(const tokens::ModelCounters& models, const std::string& name) {
    if (!tokens::find_encoding(name)) return models.find(name);
    const tokens::CounterOverride own{.pattern = name, .counter = name};
    const auto made = tokens::ModelCounters::make({&own, 1});
    return made ? made->find(name) : models.find(name);
}

// A body, or its messages alone.
Result<Json> parse_chat(const std::string& name, const std::string& text) {
    Json body = Json::parse(text, nullptr, false);
    if (body.is_array()) body = Json{{"messages", std::move(body)}};
    if (!body.is_object())
        return usage_error(name + " is no request: a JSON object or an array of messages",
                           "leave --chat out to count it as text");
    return body;
}

// In whose words a body is said, by what only they have.
Protocol protocol_of(const Json& body) {
    if (body.contains("input") && !body.contains("messages")) return Protocol::Responses;
    for (const char* key : {"system", "stop_sequences", "top_k", "thinking", "anthropic_version"})
        if (body.contains(key)) return Protocol::Anthropic;
    const Json tools = body.value("tools", Json::array());
    const bool has_schema = tools.is_array() && !tools.empty() && tools[0].is_object() &&
                            tools[0].contains("input_schema");
    return has_schema ? Protocol::Anthropic : Protocol::OpenAi;
}

Operation operation_of(const Json& body) {
    return body.contains("prompt") && !body.contains("messages") ? Operation::Completions
                                                                 : Operation::Chat;
}

Result<void> count_chat(const TokensOptions& options, Counting& counting, Counted& out) {
    const Json body = TRY(parse_chat(out.name, out.text));
    const std::string named = body.value("model", Json()).is_string()
                                  ? body.at("model").get<std::string>()
                                  : std::string(kUsualModel);
    out.model = options.model.empty() ? named : options.model;
    out.counter = find_counter(counting.models, out.model);
    tokens::Counter& counter = *TRY(counting.counters.find(out.counter.encoding));
    const auto prompt =
        TRY(tokens::read_prompt(body.dump(), protocol_of(body), operation_of(body)));
    const auto mode = options.is_content ? tokens::CountMode::Contents : tokens::CountMode::Prompt;
    out.count = tokens::count_prompt(prompt, out.counter, counter,
                                     {.mode = mode, .max_exact_bytes = kAnySize});
    return {};
}

Result<void> count_text(const TokensOptions& options, Counting& counting, Counted& out) {
    out.model = options.model.empty() ? std::string(kUsualModel) : options.model;
    out.counter = find_counter(counting.models, out.model);
    tokens::Counter& counter = *TRY(counting.counters.find(out.counter.encoding));
    out.count = tokens::count_text(out.text, out.counter, counter, {.max_exact_bytes = kAnySize});
    if (options.shows) out.tokens = counter.encode(out.text);
    return {};
}

Result<std::vector<Counted>> count_inputs(const TokensOptions& options, Program& program) {
    const auto counting = TRY(prepare_counting(program));
    std::vector<std::string> files = options.files;
    if (files.empty()) files.emplace_back("-");
    std::vector<Counted> all;
    for (const std::string& file : files) {
        Counted& one = all.emplace_back(Counted{.name = file});
        one.text = TRY(read_input(file, program));
        TRY(options.is_chat ? count_chat(options, *counting, one)
                            : count_text(options, *counting, one));
    }
    return all;
}

const char* kind_of(const PromptCount& count) {
    return count.is_exact ? "exact" : "estimated";
}

std::array<std::pair<const char*, std::int64_t>, 6> parts_of(const PromptCount& count) {
    return {{{"system", count.parts.system},
             {"messages", count.parts.messages},
             {"tools", count.parts.tools},
             {"media", count.parts.media},
             {"format", count.parts.format},
             {"overhead", count.parts.overhead}}};
}

std::int64_t sum_of(const std::vector<Counted>& all) {
    std::int64_t sum = 0;
    for (const Counted& one : all) sum += one.count.tokens;
    return sum;
}

Json to_json(const Counted& one, const TokensOptions& options) {
    Json json{{"input", one.name},
              {"model", one.model},
              {"tokens", one.count.tokens},
              {"exact", one.count.is_exact},
              {"counter", one.count.counter}};
    if (one.count.margin_percent > 0) json["margin_percent"] = one.count.margin_percent;
    if (options.is_chat) {
        for (const auto& [name, tokens] : parts_of(one.count)) json["parts"][name] = tokens;
    }
    if (!options.shows) return json;
    json["pieces"] = Json::array();
    for (const tokens::Token& token : one.tokens) {
        json["pieces"].push_back(
            {{"id", token.id}, {"text", one.text.substr(token.begin, token.end - token.begin)}});
    }
    return json;
}

void print_json(const std::vector<Counted>& all, const TokensOptions& options, Program& program) {
    Json inputs = Json::array();
    for (const Counted& one : all) inputs.push_back(to_json(one, options));
    const Json report{{"inputs", std::move(inputs)}, {"tokens", sum_of(all)}};
    program.out << report.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

// A token may be a part of a character: the bytes are shown then.
std::string shown(std::string_view bytes) {
    if (is_utf8(bytes)) return json_string(bytes);
    std::string text;
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char byte : bytes) {
        const auto value = static_cast<unsigned char>(byte);
        text += {'\\', 'x', kDigits[value / 16], kDigits[value % 16]};
    }
    return text;
}

void print_pieces(const Counted& one, Program& program) {
    Table table({{"TOKEN", Align::Right}, {"TEXT"}});
    for (const tokens::Token& token : one.tokens) {
        const std::string_view text(one.text);
        table.add_row({{std::to_string(token.id)},
                       {shown(text.substr(token.begin, token.end - token.begin))}});
    }
    program.out << table.render(program.colors_out()) << '\n';
}

void print_parts(const Counted& one, Program& program) {
    Table table({{"PART"}, {"TOKENS", Align::Right}});
    for (const auto& [name, tokens] : parts_of(one.count)) {
        if (tokens != 0) table.add_row({{name}, {std::to_string(tokens)}});
    }
    program.out << table.render(program.colors_out()) << '\n';
}

void print_text(const std::vector<Counted>& all, const TokensOptions& options, Program& program) {
    if (program.options.quiet) {
        for (const Counted& one : all) program.out << one.count.tokens << '\n';
        return;
    }
    for (const Counted& one : all) {
        if (options.shows) print_pieces(one, program);
        if (options.is_chat && !options.is_content) print_parts(one, program);
    }
    Table table({{"TOKENS", Align::Right}, {"KIND"}, {"COUNTER"}, {"MODEL"}, {"INPUT"}});
    for (const Counted& one : all) {
        table.add_row({{std::to_string(one.count.tokens), Style::Bold},
                       {kind_of(one.count)},
                       {one.count.counter},
                       {one.model},
                       {one.name}});
    }
    if (all.size() > 1) table.add_row({{std::to_string(sum_of(all)), Style::Bold}, {"total"}});
    program.out << table.render(program.colors_out());
}

Result<Exit> count(const TokensOptions& options, Program& program) {
    const auto all = TRY(count_inputs(options, program));
    if (program.options.json) {
        print_json(all, options, program);
    } else {
        print_text(all, options, program);
    }
    return Exit::Done;
}

}  // namespace

void add_tokens(CLI::App& command, Program& program) {
    const auto options = std::make_shared<TokensOptions>();
    command
        .add_option("-m,--model", options->model,
                    "Count for this model, or with this encoding (else gpt-4o, or the request's)")
        ->type_name("MODEL");
    auto* chat = command.add_flag("--chat", options->is_chat,
                                  "The inputs are requests: count what their models will read");
    command
        .add_flag("--content", options->is_content,
                  "With --chat: the texts alone, joined with line breaks")
        ->needs(chat);
    command.add_flag("--show", options->shows, "Show the tokens, too")->excludes(chat);
    command.add_option("FILE", options->files, "Files to count; - or none: standard input");
    add_config_option(command, program);
    add_json_option(command, program);
    add_output_options(command, program);
    constexpr std::array<std::string_view, 4> kExamples = {
        "aigw tokens README.md",
        "echo 'How long is this?' | aigw tokens -m qwen-max --show",
        "aigw tokens --chat -m claude-sonnet-4-5 request.json",
        "aigw tokens -q -m cl100k_base *.txt",
    };
    add_examples(command, kExamples);
    set_action(command, program, [options, &program] { return count(*options, program); });
}

}  // namespace aigw::cmd
