#include "config/variables.h"

#include <catch2/catch.hpp>

#include "config/diagnostic.h"
#include "tests/fakes/files.h"

using namespace aigw;
using namespace aigw::config;

TEST_CASE("config: a line of .env reads as shells and others write it", "[config]") {
    struct Case {
        const char* name;
        const char* line;
        const char* value;
    };
    const Case cases[] = {
        {"bare", "A=one", "one"},
        {"with blanks", "  A = one two  ", "one two"},
        {"empty", "A=", ""},
        {"exported", "export A=one", "one"},
        {"Windows line ends", "A=one\r", "one"},
        {"a comment", "A=one # two", "one"},
        {"no comment", "A=one#two", "one#two"},
        {"only a comment", "A=# two", ""},
        {"an equals sign", "A=b=c", "b=c"},
        {"single quotes", "A='o${B} # \\n' # comment", "o${B} # \\n"},
        {"double quotes", R"(A="o\"\t\\\$ # x")", "o\"\t\\$ # x"},
        {"a reference", "A=sk-${B}-x", "sk-from process-x"},
        {"a reference in quotes", "A=\"${B}\"", "from process"},
        {"a reference to nothing", "A=[${NOBODY}]", "[]"},
        {"a reference to an earlier line", "C=c\nA=${C}", "c"},
        {"an open reference", "A=${B", "${B"},
        {"a lonely dollar", "A=a$b$", "a$b$"},
        {"said twice", "A=one\nA=two", "two"},
    };
    const fakes::Variables process{{{"B", "from process"}}};
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Report report;
            const Dotenv found = parse_dotenv(c.line, ".env", process.environment(), report);
            CHECK(render_lines(report.take()) == "");
            REQUIRE(found.contains("A"));
            CHECK(found.find("A")->second.value == c.value);
        }
    }
}

TEST_CASE("config: lines of .env that say nothing are refused, without what they hold",
          "[config]") {
    struct Case {
        const char* name;
        const char* text;
        const char* message;
    };
    const Case cases[] = {
        {"no equals sign", "# first\n\nsk-secret",
         ".env:3:1: the line is not NAME=value: write one variable on each line\n"},
        {"no name", "=sk-secret",
         ".env:1:1: the line is not NAME=value: write one variable on each line\n"},
        {"a name with a blank", "A B=sk-secret",
         ".env:1:1: the line is not NAME=value: write one variable on each line\n"},
        {"an open quote", "A=\"sk-secret",
         ".env:1:1: the value's quotes do not enclose it: close the quote at the end of the "
         "line\n"},
        {"an open single quote", "A='sk-secret",
         ".env:1:1: the value's quotes do not enclose it: close the quote at the end of the "
         "line\n"},
        {"text behind a quote", "A='sk'-secret",
         ".env:1:1: the value's quotes do not enclose it: close the quote at the end of the "
         "line\n"},
    };
    const fakes::Variables process;
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Report report;
            CHECK(parse_dotenv(c.text, ".env", process.environment(), report).empty());
            CHECK(render_lines(report.take()) == c.message);
        }
    }
}

TEST_CASE("config: the process hides what .env says, and blank is unset", "[config]") {
    fakes::Files files;
    files.content[".env"] = "BOTH=file\nFILE= file \nHIDDEN=file\nBLANK='  '\n";
    const fakes::Variables process{{{"BOTH", "process"}, {"HIDDEN", ""}}};
    const Environment environment = process.environment();
    Report report;
    const Variables variables = read_variables({files, environment}, report);
    CHECK(render_lines(report.take()) == "");
    CHECK(variables.find("BOTH") == EnvironmentValue{"process", {}});
    CHECK(variables.find("FILE") == EnvironmentValue{"file", {".env", 2, 1}});
    CHECK_FALSE(variables.find("HIDDEN"));
    CHECK_FALSE(variables.find("BLANK"));
    CHECK(variables.environment()("HIDDEN") == "");
    CHECK_FALSE(variables.environment()("NOBODY"));
}
