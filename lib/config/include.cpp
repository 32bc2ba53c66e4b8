#include "config/include.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "config/provenance.h"
#include "config/references.h"
#include "config/syntax.h"

namespace aigw::config {
namespace {

// Adds what `from` says to `into`; a setting that both say is an error.
void merge(Table& into, Table from, std::string_view path, Report& report) {
    for (Entry& entry : from.entries) {
        Entry* present = into.find(entry.key);
        if (present == nullptr) {
            into.entries.push_back(std::move(entry));
            continue;
        }
        const std::string name = join_path(path, entry.key);
        if (present->value.table() && entry.value.table()) {
            merge(*present->value.table(), std::move(*entry.value.table()), name, report);
        } else if (present->value.is_array_of_tables() && entry.value.is_array_of_tables()) {
            std::ranges::move(*entry.value.array(), std::back_inserter(*present->value.array()));
        } else {
            report.error(entry.at,
                         name + " is said twice, first at " + present->at.text_with_column(),
                         "keep one of them");
        }
    }
}

class Gatherer {
public:
    Gatherer(const Inputs& inputs, Report& report) : inputs_(inputs), report_(report) {}

    // `named_at` is what said that this file be read.
    void file(const std::string& path, const FilePosition& named_at) {
        if (!may_read(path, named_at)) return;
        document_.files.push_back(path);
        auto text = inputs_.files.read(path, kMostFileBytes);
        if (!text) {
            is_broken_ = true;
            const std::string what =
                named_at.line == 0 ? "cannot be read" : path + " cannot be read";
            report_.error(named_at, what + " (" + text.error().message + ")", text.error().hint);
            return;
        }
        this->text(*text, path);
    }

    void text(std::string_view text, const std::string& name) {
        std::optional<Table> table = parse_document(text, name, report_);
        if (!table) {
            is_broken_ = true;
            return;
        }
        resolve_references(*table, "", inputs_, report_);
        const std::vector<Include> includes = take_includes(*table);
        merge(document_.table, *std::move(table), "", report_);
        chain_.push_back(name);
        for (const Include& include : includes) follow(include, name);
        chain_.pop_back();
    }

    std::optional<Document> take() {
        if (is_broken_) return std::nullopt;
        return std::move(document_);
    }

private:
    struct Include {
        std::string pattern{};
        FilePosition at{};
    };

    bool may_read(const std::string& path, const FilePosition& named_at) {
        const auto is_this = [&](const std::string& name) { return path_beside("", name) == path; };
        if (const auto cycle = std::ranges::find_if(chain_, is_this); cycle != chain_.end()) {
            std::string names;
            for (auto at = cycle; at != chain_.end(); ++at) names += *at + " -> ";
            report_.error(named_at, "files include each other: " + names + path,
                          "remove one include");
            return false;
        }
        if (std::ranges::any_of(document_.files, is_this)) {
            report_.error(named_at, path + " is included twice", "include it once");
            return false;
        }
        if (chain_.size() > kMostIncludeDepth) {
            report_.error(named_at,
                          "includes nest more than " + std::to_string(kMostIncludeDepth) + " deep",
                          "include the files from one place");
        } else if (document_.files.size() >= kMostFiles) {
            report_.error(named_at,
                          "more than " + std::to_string(kMostFiles) + " files are included",
                          "put several settings into one file");
        } else {
            return true;
        }
        is_broken_ = true;
        return false;
    }

    // Takes the setting out of the table.
    std::vector<Include> take_includes(Table& table) {
        Entry* entry = table.find("include");
        if (entry == nullptr) return {};
        const Value value = std::move(entry->value);
        std::erase_if(table.entries, [](const Entry& e) { return e.key == "include"; });
        std::vector<Include> includes;
        if (const Array* elements = value.array()) {
            for (const Value& element : *elements) add_include(element, includes);
        } else {
            refuse(value, "an array of strings");
        }
        return includes;
    }

    void add_include(const Value& value, std::vector<Include>& includes) {
        const std::string* text = value.string();
        if (text == nullptr) {
            refuse(value, "a string");
        } else if (text->empty()) {
            report_.error(value.at, "include names no file",
                          "write it like include = [\"conf.d/*.toml\"]");
        } else {
            includes.push_back({*text, value.at});
        }
    }

    void refuse(const Value& value, std::string_view expected) {
        if (value.is_unusable()) return;
        report_.error(
            value.at,
            "include is " + std::string(type_name(value)) + ", expected " + std::string(expected),
            "write it like include = [\"conf.d/*.toml\"]");
    }

    void follow(const Include& include, const std::string& from) {
        const std::string path = path_beside(from, include.pattern);
        if (path.find('*') == std::string::npos) return file(path, include.at);
        const std::size_t slash = path.rfind('/');
        const std::string directory = slash == std::string::npos ? "" : path.substr(0, slash);
        const std::string pattern = path.substr(slash + 1);  // npos + 1 is 0
        if (directory.find('*') != std::string::npos) {
            report_.error(include.at, "include has a * in a folder's name",
                          "only the last part of the path may hold *");
            return;
        }
        auto names = inputs_.files.list(slash == 0 ? "/" : directory);
        if (!names) {
            report_.error(include.at,
                          directory + " cannot be listed (" + names.error().message + ")",
                          "name a folder that exists");
            return;
        }
        std::ranges::sort(*names);
        for (const std::string& name : *names) {
            const bool is_hidden = name.starts_with('.') && !pattern.starts_with('.');
            if (is_hidden || !matches_glob(pattern, name)) continue;
            file(slash == std::string::npos ? name : directory + "/" + name, include.at);
        }
    }

    const Inputs& inputs_;
    Report& report_;
    Document document_{};
    std::vector<std::string> chain_{};
    bool is_broken_ = false;
};

}  // namespace

std::optional<Document> read_document(const std::string& path, const Inputs& inputs,
                                      Report& report) {
    Gatherer gatherer(inputs, report);
    gatherer.file(path, {path, 0, 0});
    return gatherer.take();
}

std::optional<Document> read_document_text(std::string_view text, const std::string& name,
                                           const Inputs& inputs, Report& report) {
    Gatherer gatherer(inputs, report);
    gatherer.text(text, name);
    return gatherer.take();
}

}  // namespace aigw::config
