#include "config/suite.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "config/include.h"
#include "config/provenance.h"
#include "config/reader.h"
#include "config/report.h"

namespace aigw::config {
namespace {

constexpr std::int64_t kMostTokens = 100'000'000;

// Numbers as a Decision prints them, texts bare.
std::optional<std::string> scalar_text(const Value& value) {
    if (const auto* text = value.string()) return *text;
    if (const auto* number = std::get_if<std::int64_t>(&value.data)) return std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&value.data)) return *flag ? "true" : "false";
    return std::nullopt;
}

// A table within is a longer path: `expect.price = { currency = "USD" }`.
void read_expectations(TableReader& reader, const std::string& stem, const Table& table,
                       SuiteCase& out) {
    for (const Entry& entry : table.entries) {
        const std::string path = stem.empty() ? entry.key : stem + "." + entry.key;
        if (const Table* inner = entry.value.table()) {
            read_expectations(reader, path, *inner, out);
        } else if (auto text = scalar_text(entry.value)) {
            out.expectations.emplace_back(path, *std::move(text));
        } else if (!entry.value.is_unusable()) {
            reader.error(entry.value.at,
                         "what is expected of " + json_string(path) + " is " +
                             std::string(type_name(entry.value)),
                         "write a text, a whole number, true or false");
        }
    }
}

SuiteCase read_case(TableReader& reader) {
    SuiteCase out;
    out.at = reader.at();
    reader.require("name", "\"what it is about\"");
    reader.text("name", out.name);
    reader.text("model", out.model);
    reader.text("request", out.request);
    reader.text("body", out.body);
    reader.text("path", out.path);
    reader.text("as", out.as);
    reader.text("at", out.time);
    reader.text("ip", out.client_ip);
    for (auto& [name, value] : reader.named_texts("headers"))
        out.headers.emplace_back(name, std::move(value.text));
    reader.boolean("stream", out.streams);
    std::int64_t max_tokens = 0;
    reader.integer("max_tokens", max_tokens, 1, kMostTokens);
    if (max_tokens > 0) out.max_tokens = max_tokens;
    reader.require("expect", "{ platform = \"main\", status = 200 }");
    if (const Value* expect = reader.any("expect"); expect != nullptr) {
        if (const Table* table = expect->table()) {
            read_expectations(reader, "", *table, out);
        } else {
            reader.wrong_type(*expect, "expect", "a table",
                              "write it like expect = { platform = \"main\" }");
        }
    }
    if (out.model.empty() && out.request.empty() && out.body.empty())
        reader.error(out.at, reader.path() + " asks for nothing",
                     "give it a model, a request or a body");
    if (!out.request.empty() && !out.body.empty())
        reader.error(out.at, reader.path() + " has a request and a body", "leave one of them out");
    return out;
}

void refuse_twins(const Suite& suite, Report& report) {
    for (std::size_t i = 0; i < suite.cases.size(); ++i) {
        const SuiteCase& one = suite.cases[i];
        const auto first = std::ranges::find(suite.cases, one.name, &SuiteCase::name);
        if (one.name.empty() || &*first == &one) continue;
        report.error(one.at,
                     "two cases are called " + json_string(one.name) + ", first at " +
                         first->at.text_with_column(),
                     "give each a name of its own");
    }
}

}  // namespace

std::expected<Suite, LoadFailure> load_suite(const std::string& path, const Inputs& inputs) {
    Report report;
    Provenance provenance;
    Suite suite;
    if (const auto document = read_document(path, inputs, report)) {
        TableReader root(document->table, "", {}, {report, provenance});
        root.know("include");
        root.array_of_tables(
            "cases", [&](TableReader& reader) { suite.cases.push_back(read_case(reader)); });
        root.finish();
        refuse_twins(suite, report);
        if (suite.cases.empty() && !report.has_errors())
            report.error({path, 0, 0}, "the suite has no cases", "add [[cases]]");
    }
    if (report.has_errors()) return std::unexpected(LoadFailure{report.take()});
    return suite;
}

}  // namespace aigw::config
