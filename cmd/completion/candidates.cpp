#include "cmd/completion/candidates.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <ostream>
#include <set>
#include <string_view>

#include "cmd/configuration.h"
#include "cmd/principal.h"
#include "routing/router.h"

namespace aigw::cmd {
namespace {

bool takes_value(const CLI::Option& option) {
    return option.get_items_expected_max() > 0;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& command) {
    return command.get_subcommands([](const CLI::App*) { return true; });
}

const CLI::App* find_subcommand(const CLI::App& command, std::string_view name) {
    for (const CLI::App* subcommand : subcommands_of(command)) {
        if (subcommand->get_name() == name) return subcommand;
    }
    return nullptr;
}

// Where the words have led: the innermost command, and the option whose value is being typed.
struct Place {
    const CLI::App* command = nullptr;
    const CLI::Option* option = nullptr;
};

Place find_place(const CLI::App& app, const std::vector<std::string>& words, Program& program) {
    Place place{.command = &app};
    for (std::size_t i = 0; i + 1 < words.size(); ++i) {
        const std::string& word = words[i];
        if (place.option != nullptr) {
            if (place.option->check_lname("config")) program.options.config = word;
            place.option = nullptr;
        } else if (word.starts_with('-')) {
            const CLI::Option* option = place.command->get_option_no_throw(word);
            if (option != nullptr && takes_value(*option)) place.option = option;
        } else if (const CLI::App* subcommand = find_subcommand(*place.command, word)) {
            place.command = subcommand;
        }
    }
    return place;
}

// What a configuration knows, by the kind of an option's value.
void print_platforms(const config::Config& config, std::string_view prefix, Program& program) {
    for (const auto& platform : config.routing.platforms)
        program.out << prefix << platform.name << '\t' << platform.provider << '\n';
}

void print_models(const config::Config& config, Program& program) {
    const auto router = routing::Router::make(config.routing, {});
    if (!router) return;
    for (const std::string& model : router->models()) program.out << model << '\n';
}

// Whom --as takes: keys, and users and tenants by a prefix.
void print_callers(const config::Config& config, Program& program) {
    std::set<std::string> tenants;
    for (const auto& key : config.auth.static_keys) {
        program.out << key.name << "\tkey\n";
        if (!key.tenant.empty()) tenants.insert(key.tenant);
    }
    for (const std::string& tenant : tenants)
        program.out << kAsTenant << tenant << "\ttenant of a key\n";
    program.out << kAsUser << "\ta user, by id\n"
                << kAsTenant << "\ta tenant, by id\n"
                << kAsAnonymous << "\twho has no key\n";
}

// Short names of a Decision's fields, then the values of those that have known ones.
void print_expectations(const config::Config& config, std::string_view word, Program& program) {
    constexpr std::string_view kPlatform = "platform=";
    constexpr std::string_view kVerdict = "verdict=";
    if (word.starts_with(kPlatform)) return print_platforms(config, kPlatform, program);
    if (word.starts_with(kVerdict)) {
        program.out << kVerdict << "allow\n" << kVerdict << "reject\n";
        return;
    }
    constexpr std::string_view kRule = "rule=";
    if (word.starts_with(kRule)) {
        for (const routing::RuleOptions& rule : config.routing.rules)
            if (!rule.model.empty()) program.out << kRule << rule.model << '\n';
        for (const routing::LocationOptions& location : config.routing.locations)
            program.out << kRule << location.path << '\n';
        for (const routing::GroupOptions& group : config.routing.groups)
            for (const std::string& model : group.models) program.out << kRule << model << '\n';
        return;
    }
    constexpr std::string_view kNamespace = "namespace=";
    if (word.starts_with(kNamespace)) {
        for (const identity::NamespaceOptions& each : config.namespaces)
            program.out << kNamespace << each.name << '\n';
        return;
    }
    for (const std::string_view name :
         {"platform", "verdict", "status", "rule", "price", "namespace"})
        program.out << name << "=\n";
}

void print_values_of(const std::string& type, std::string_view word, Program& program) {
    if (type.find("FILE") != std::string::npos) {
        program.out << ":files\n";
        return;
    }
    if (type == "COMMAND") return print_command_candidates(program);
    if (type == "SHELL") program.out << "bash\nzsh\nfish\n";
    constexpr std::array<std::string_view, 4> kOfConfiguration = {"MODEL", "PLATFORM", "WHO",
                                                                  "FIELD=VALUE"};
    if (std::ranges::find(kOfConfiguration, type) == kOfConfiguration.end()) return;
    const auto loaded = load_configuration(program);
    // Fields have their names without any.
    const config::Config config = loaded ? loaded->config : config::Config{};
    if (type == "FIELD=VALUE") return print_expectations(config, word, program);
    if (!loaded) return;
    if (type == "PLATFORM") return print_platforms(config, {}, program);
    if (type == "WHO") return print_callers(config, program);
    print_models(config, program);
}

void print_options(const CLI::App& command, Program& program) {
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames())
            program.out << "--" << name << '\t' << option->get_description() << '\n';
    }
}

}  // namespace

void print_command_candidates(Program& program) {
    for (const Command& command : commands())
        program.out << command.name << '\t' << command.summary << '\n';
}

void print_candidates(const CLI::App& app, const std::vector<std::string>& words,
                      Program& program) {
    const Place place = find_place(app, words, program);
    if (place.option != nullptr)
        return print_values_of(place.option->get_type_name(), words.back(), program);
    if (words.back().starts_with('-')) return print_options(*place.command, program);
    for (const CLI::App* subcommand : subcommands_of(*place.command))
        program.out << subcommand->get_name() << '\t' << subcommand->get_description() << '\n';
    for (const CLI::Option* option : place.command->get_options()) {
        if (option->get_positional()) print_values_of(option->get_name(), words.back(), program);
    }
}

}  // namespace aigw::cmd
