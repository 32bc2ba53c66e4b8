#include "config/variables.h"

#include <utility>

#include "base/text.h"
#include "config/references.h"

namespace aigw::config {
namespace {

constexpr const char* kDotenv = ".env";
constexpr std::size_t kLargestDotenv = 1U << 20;

char unescaped(char c) {
    switch (c) {
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;
    }
}

class DotenvReader {
public:
    DotenvReader(const std::string& name, const Environment& process, Report& report)
        : at_{.file = name, .column = 1}, process_(process), report_(report) {}

    Dotenv read(std::string_view text) && {
        for (const std::string_view line : split(text, '\n')) {
            ++at_.line;
            read_line(trim(line));
        }
        return std::move(found_);
    }

private:
    void read_line(std::string_view line) {
        if (line.empty() || line.starts_with('#')) return;
        if (line.starts_with("export ")) line = trim(line.substr(7));
        const std::size_t equals = line.find('=');
        const std::string_view name = trim(line.substr(0, equals));
        if (equals == std::string_view::npos || !is_variable_name(name))
            return refuse("the line is not NAME=value", "write one variable on each line");
        if (auto value = read_value(trim(line.substr(equals + 1))))
            found_.insert_or_assign(std::string(name), EnvironmentValue{std::move(*value), at_});
    }

    std::optional<std::string> read_value(std::string_view text) {
        const char quote = text.empty() ? '\0' : text.front();
        if (quote == '\'') return read_single_quoted(text.substr(1));
        if (quote == '"') return read_double_quoted(text.substr(1));
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool begins_comment = text[i] == '#' && (i == 0 || is_blank(text[i - 1]));
            if (begins_comment) return expand(trim(text.substr(0, i)));
        }
        return expand(text);
    }

    std::optional<std::string> read_single_quoted(std::string_view text) {
        const std::size_t end = text.find('\'');
        if (end == std::string_view::npos || !is_rest(text.substr(end + 1))) return refuse_quotes();
        return std::string(text.substr(0, end));
    }

    std::optional<std::string> read_double_quoted(std::string_view text) {
        std::string value;
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '"') {
                if (!is_rest(text.substr(i + 1))) return refuse_quotes();
                return value;
            }
            if (text[i] == '\\' && i + 1 < text.size()) {
                value += unescaped(text[++i]);
            } else {
                i += append_expanded(value, text.substr(i)) - 1;
            }
        }
        return refuse_quotes();
    }

    std::string expand(std::string_view text) const {
        std::string value;
        while (!text.empty()) text.remove_prefix(append_expanded(value, text));
        return value;
    }

    // One character, or what a ${NAME} stands for; gives how much of the text that was.
    std::size_t append_expanded(std::string& value, std::string_view text) const {
        const std::size_t end = text.starts_with("${") ? text.find('}') : std::string_view::npos;
        if (end == std::string_view::npos) {
            value += text.front();
            return 1;
        }
        const std::string_view name = text.substr(2, end - 2);
        if (const auto set = process_(name)) {
            value += *set;
        } else if (const auto earlier = found_.find(name); earlier != found_.end()) {
            value += earlier->second.value;
        }
        return end + 1;
    }

    static bool is_blank(char c) { return c == ' ' || c == '\t'; }
    // What may follow a closing quote.
    static bool is_rest(std::string_view text) {
        return trim(text).empty() || trim(text).starts_with('#');
    }

    std::optional<std::string> refuse_quotes() {
        refuse("the value's quotes do not enclose it", "close the quote at the end of the line");
        return std::nullopt;
    }
    void refuse(std::string message, std::string hint) {
        report_.error(at_, std::move(message), std::move(hint));
    }

    FilePosition at_;
    const Environment& process_;
    Report& report_;
    Dotenv found_{};
};

}  // namespace

Dotenv parse_dotenv(std::string_view text, const std::string& name, const Environment& process,
                    Report& report) {
    return DotenvReader(name, process, report).read(text);
}

std::optional<EnvironmentValue> Variables::find_as_written(std::string_view name) const {
    if (auto value = process_(name)) return EnvironmentValue{std::move(*value), {}};
    const auto found = dotenv_.find(name);
    return found == dotenv_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<EnvironmentValue> Variables::find(std::string_view name) const {
    auto variable = find_as_written(name);
    if (!variable) return std::nullopt;
    variable->value = std::string(trim(variable->value));
    return variable->value.empty() ? std::nullopt : std::move(variable);
}

Environment Variables::environment() const {
    return [this](std::string_view name) -> std::optional<std::string> {
        auto variable = find_as_written(name);
        if (!variable) return std::nullopt;
        return std::move(variable->value);
    };
}

Variables read_variables(const Inputs& inputs, Report& report) {
    if (!inputs.files.exists(kDotenv)) return {inputs.environment, {}};
    const auto text = inputs.files.read(kDotenv, kLargestDotenv);
    if (!text) {
        report.error({}, std::string(kDotenv) + " cannot be read (" + text.error().message + ")",
                     text.error().hint);
        return {inputs.environment, {}};
    }
    return {inputs.environment, parse_dotenv(*text, kDotenv, inputs.environment, report)};
}

}  // namespace aigw::config
