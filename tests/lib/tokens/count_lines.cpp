// The tokens of many texts, for tests that compare them with those of other programs.
//
// Usage:   aigw_count_lines FOLDER ENCODING <TEXTS
//          each line of the input is a JSON string, each line of the output its count, by counting
//          alone, and its tokens' ids
// Errors:  one line, exit 1 (the vocabulary is not in FOLDER, a line is no JSON string) or 2
// (usage).
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/error.h"
#include "tokens/counter.h"
#include "tokens/vocabularies.h"

namespace {

using namespace aigw::tokens;

int fail(const std::string& why) {
    std::cerr << "aigw_count_lines: " << why << "\n";
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    const auto encoding = argc == 3 ? find_encoding(argv[2]) : std::nullopt;
    if (!encoding) {
        std::cerr << "usage: aigw_count_lines FOLDER ENCODING <TEXTS\n";
        return 2;
    }
    const Vocabularies vocabularies({argv[1]});
    const auto vocabulary = vocabularies.find(*encoding);
    if (!vocabulary) return fail(render_line(vocabulary.error()));
    Counter counter(**vocabulary);
    for (std::string line; std::getline(std::cin, line);) {
        const auto text = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
        if (!text.is_string()) return fail("no JSON string: " + line);
        const auto& string = text.get_ref<const std::string&>();
        std::cout << counter.count(string);
        for (const Token& token : counter.encode(string)) std::cout << ' ' << token.id;
        std::cout << '\n';
    }
    return 0;
}
