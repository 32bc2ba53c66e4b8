#include "config/references.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "base/text.h"
#include "config/provenance.h"

namespace aigw::config {
namespace {

constexpr std::string_view kFilePrefix = "file:";
constexpr std::string_view kSealedPrefix = "enc:";

struct Variable {
    std::string name{};
    std::optional<std::string> fallback{};
};
using Piece = std::variant<std::string, Variable>;  // literal text, or what stands in ${}

// What stands between `${` and `}`.
Result<Variable> parse_variable(std::string_view inside) {
    const std::size_t operation = inside.find(":-");
    const std::string_view name = inside.substr(0, operation);
    Variable variable{std::string(name), std::nullopt};
    if (operation != std::string_view::npos)
        variable.fallback = std::string(inside.substr(operation + 2));
    if (variable.fallback && variable.fallback->find("${") != std::string::npos) {
        return Error{
            ErrorCode::Config,
            "has a reference inside the default of ${" + std::string(name.substr(0, 60)) + "}",
            "a default is plain text"};
    }
    if (!is_variable_name(name)) {
        return Error{ErrorCode::Config, "has a ${ that names no environment variable",
                     "write \"${NAME}\" or \"${NAME:-default}\", and $${ for a literal ${"};
    }
    return variable;
}

Result<std::vector<Piece>> split_pieces(std::string_view text) {
    std::vector<Piece> pieces;
    std::string literal;
    const auto flush = [&] {
        if (!literal.empty()) pieces.emplace_back(std::exchange(literal, {}));
    };
    while (!text.empty()) {
        if (text.starts_with("$${")) {
            literal += "${";
            text.remove_prefix(3);
        } else if (text.starts_with("${")) {
            const std::size_t close = text.find('}');
            if (close == std::string_view::npos) {
                return Error{ErrorCode::Config, "has a ${ that is not closed",
                             "close it with }, or write $${ for a literal ${"};
            }
            flush();
            pieces.emplace_back(TRY(parse_variable(text.substr(2, close - 2))));
            text.remove_prefix(close + 1);
        } else {
            literal.push_back(text.front());
            text.remove_prefix(1);
        }
    }
    flush();
    return pieces;
}

Result<std::string> expand(const Variable& variable, const Environment& environment) {
    const std::optional<std::string> value = environment(variable.name);
    if (value && !is_utf8(*value)) {
        return Error{ErrorCode::Config, "needs ${" + variable.name + "}, which is not UTF-8",
                     "set " + variable.name + " to text"};
    }
    if (value && (!value->empty() || !variable.fallback)) return *value;
    if (variable.fallback) return *variable.fallback;
    return Error{ErrorCode::Config, "needs ${" + variable.name + "}, which is not set",
                 "set " + variable.name + ", or write \"${" + variable.name + ":-default}\""};
}

Result<std::string> expand(const std::vector<Piece>& pieces, const Environment& environment) {
    std::string text;
    for (const Piece& piece : pieces) {
        const auto* variable = std::get_if<Variable>(&piece);
        text += variable ? TRY(expand(*variable, environment)) : std::get<std::string>(piece);
    }
    return text;
}

Result<std::string> read_secret_file(const std::string& path, const FileReader& files) {
    auto content = files.read(path, kMostSecretBytes);
    if (!content) {
        return Error{ErrorCode::Config,
                     "names " + path + ", which cannot be read (" + content.error().message + ")",
                     content.error().hint};
    }
    if (!is_utf8(*content) || content->find('\0') != std::string::npos) {
        return Error{ErrorCode::Config, "names " + path + ", which is not UTF-8 text",
                     "name a file that holds the value alone"};
    }
    return std::string(trim(*content));
}

class Resolver {
public:
    Resolver(const Inputs& inputs, Report& report) : inputs_(inputs), report_(report) {}

    void table(Table& table, std::string_view path) {
        for (Entry& entry : table.entries) value(entry.value, join_path(path, entry.key));
    }

private:
    void value(Value& value, const std::string& path) {
        if (Table* nested = value.table()) table(*nested, path);
        if (Array* elements = value.array()) {
            for (std::size_t i = 0; i < elements->size(); ++i)
                this->value((*elements)[i], join_path(path, i));
        }
        if (auto* text = std::get_if<std::string>(&value.data)) {
            auto resolved = resolve(*text, value.at.file);
            if (!resolved) {
                report_.error(value.at, path + " " + resolved.error().message,
                              resolved.error().hint);
                value.data = Unusable{};
                return;
            }
            if (resolved->is_reference) value.written = *text;
            *text = std::move(resolved->text);
        }
    }

    struct Resolved {
        std::string text{};
        bool is_reference = false;
    };

    Result<Resolved> resolve(const std::string& written, const std::string& file) const {
        if (written.starts_with(kSealedPrefix)) {
            return Error{ErrorCode::Config,
                         "is a sealed value (enc:…), which cannot be opened here",
                         "write \"${NAME}\" or \"file:/path\""};
        }
        const std::vector<Piece> pieces = TRY(split_pieces(written));
        std::string text = TRY(expand(pieces, inputs_.environment));
        if (!written.starts_with(kFilePrefix)) {
            const auto is_variable = [](const Piece& p) { return p.index() == 1; };
            return Resolved{std::move(text), std::ranges::any_of(pieces, is_variable)};
        }
        const std::string name = text.substr(kFilePrefix.size());
        if (name.empty()) {
            return Error{ErrorCode::Config,
                         "names no file behind file:", "write it like \"file:/run/secrets/key\""};
        }
        return Resolved{TRY(read_secret_file(path_beside(file, name), inputs_.files)), true};
    }

    const Inputs& inputs_;
    Report& report_;
};

}  // namespace

bool is_variable_name(std::string_view name) {
    const auto is_word = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '_';
    };
    return !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
           std::ranges::all_of(name, is_word);
}

void resolve_references(Table& table, std::string_view path, const Inputs& inputs, Report& report) {
    Resolver(inputs, report).table(table, path);
}

std::string mask_reference(std::string_view written) {
    constexpr std::string_view kMask = "***";
    const bool is_file = written.starts_with(kFilePrefix);
    const auto pieces = split_pieces(written);
    if (!pieces) return std::string(kMask);
    std::string shown;
    for (const Piece& piece : *pieces) {
        if (const auto* variable = std::get_if<Variable>(&piece)) {
            const bool has_text = variable->fallback && !variable->fallback->empty();
            shown += "${" + variable->name + (variable->fallback ? ":-" : "") +
                     std::string(has_text && !is_file ? kMask : variable->fallback.value_or("")) +
                     "}";
        } else {
            shown += is_file ? escape_references(std::get<std::string>(piece)) : kMask;
        }
    }
    return shown;
}

std::string escape_references(std::string_view text) {
    std::string escaped;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text.substr(at).starts_with("${")) escaped.push_back('$');
        escaped.push_back(text[at]);
    }
    return escaped;
}

std::string path_beside(const std::string& file, std::string_view path) {
    const std::filesystem::path beside = std::filesystem::path(file).parent_path() / path;
    return beside.lexically_normal().string();
}

}  // namespace aigw::config
