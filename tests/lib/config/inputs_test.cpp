// Where a configuration comes from: files and their includes, secret files, the environment.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "config/include.h"
#include "config/load.h"
#include "config/references.h"
#include "tests/fakes/files.h"

using namespace aigw;
using namespace aigw::config;
using fakes::Files;
using fakes::Variables;

namespace {

constexpr const char* kPlatform = "[platforms.a]\nprovider = \"openai\"\n";

LoadResult load(const Files& files, const Variables& variables = {},
                const std::string& path = "gateway.toml") {
    return load_config(path, {files, variables.environment()});
}

std::string errors(const LoadResult& loaded) {
    return loaded ? "it loaded" : render_lines(loaded.error().diagnostics);
}

std::string platform_names(const Loaded& loaded) {
    std::string names;
    for (const auto& platform : loaded.config.routing.platforms) names += platform.name + " ";
    return names;
}

}  // namespace

TEST_CASE("config: included files add to the including one", "[config]") {
    Files files;
    files.content["etc/gateway.toml"] =
        "include = [\"conf.d/*.toml\", \"extra.toml\"]\n[server]\nworkers = 3\n"
        "[[routes]]\nto = \"own\"\n[platforms.own]\nprovider = \"openai\"\n";
    files.content["etc/conf.d/20-b.toml"] = "[platforms.b]\nprovider = \"openai\"\n";
    files.content["etc/conf.d/10-a.toml"] =
        "[platforms.a]\nprovider = \"openai\"\n[[routes]]\nmatch = { model = \"x\" }\nto = \"a\"\n"
        "[server]\nmax_connections = 7\n";
    files.content["etc/conf.d/notes.txt"] = "not TOML at all";
    files.content["etc/conf.d/.hidden.toml"] = "not TOML at all";
    files.content["etc/extra.toml"] = "include = [\"deeper/c.toml\"]\n";
    files.content["etc/deeper/c.toml"] = "[platforms.c]\nprovider = \"openai\"\n";

    const LoadResult loaded = load(files, {}, "etc/gateway.toml");
    REQUIRE(errors(loaded) == "it loaded");
    CHECK(platform_names(*loaded) == "own a b c ");
    CHECK(loaded->config.server.workers == 3);
    CHECK(loaded->config.server.max_connections == 7);
    REQUIRE(loaded->config.routing.rules.size() == 2);
    CHECK(loaded->config.routing.rules[0].at == FilePosition{"etc/gateway.toml", 4, 1});
    CHECK(loaded->config.routing.rules[1].at == FilePosition{"etc/conf.d/10-a.toml", 3, 1});
    CHECK(loaded->files == std::vector<std::string>{"etc/gateway.toml", "etc/conf.d/10-a.toml",
                                                    "etc/conf.d/20-b.toml", "etc/extra.toml",
                                                    "etc/deeper/c.toml"});
}

TEST_CASE("config: a pattern that matches no file includes none", "[config]") {
    Files files;
    files.content["gateway.toml"] = std::string("include = [\"conf.d/*.toml\"]\n") + kPlatform;
    files.content["conf.d/readme"] = "";
    CHECK(errors(load(files)) == "it loaded");
}

TEST_CASE("config: includes that cannot be followed are refused where they stand", "[config]") {
    struct Case {
        const char* name;
        std::map<std::string, std::string> content;
        const char* want;
    };
    const Case cases[] = {
        {"a missing file",
         {{"gateway.toml", "\ninclude = [\"no.toml\"]"}},
         "gateway.toml:2:12: no.toml cannot be read (no such file): name a file that can be "
         "read\n"},
        {"a missing folder",
         {{"gateway.toml", "include = [\"no/*.toml\"]"}},
         "gateway.toml:1:12: no cannot be listed (no such file): name a folder that exists\n"},
        {"a star in a folder",
         {{"gateway.toml", "include = [\"*/a.toml\"]"}},
         "gateway.toml:1:12: include has a * in a folder's name: only the last part of the path "
         "may "
         "hold *\n"},
        {"itself",
         {{"gateway.toml", "include = [\"./gateway.toml\"]"}},
         "gateway.toml:1:12: files include each other: gateway.toml -> gateway.toml: remove one "
         "include\n"},
        {"a cycle",
         {{"gateway.toml", "include = [\"a.toml\"]"},
          {"a.toml", "include = [\"b/b.toml\"]"},
          {"b/b.toml", "include = [\"../a.toml\"]"}},
         "b/b.toml:1:12: files include each other: a.toml -> b/b.toml -> a.toml: remove one "
         "include\n"},
        {"the same file twice",
         {{"gateway.toml", "include = [\"a.toml\", \"*.toml\"]"}, {"a.toml", ""}},
         "gateway.toml:1:22: a.toml is included twice: include it once\n"
         "gateway.toml:1:22: files include each other: gateway.toml -> gateway.toml: remove one "
         "include\n"},
        {"not a list",
         {{"gateway.toml", "include = \"a.toml\""}, {"a.toml", ""}},
         "gateway.toml:1:11: include is a string, expected an array of strings: write it like "
         "include = [\"conf.d/*.toml\"]\n"},
        {"not a string",
         {{"gateway.toml", "include = [1, \"\"]"}},
         "gateway.toml:1:12: include is a whole number, expected a string: write it like include = "
         "[\"conf.d/*.toml\"]\n"
         "gateway.toml:1:15: include names no file: write it like include = [\"conf.d/*.toml\"]\n"},
        {"a syntax error in an included file",
         {{"gateway.toml", "include = [\"a.toml\"]"}, {"a.toml", "x ="}},
         "a.toml:1:4: not TOML: the file ends in the middle of a value: close what is open\n"},
        {"a setting said twice",
         {{"gateway.toml", "include = [\"a.toml\"]\n[server]\nworkers = 1\n"},
          {"a.toml", "[server]\nworkers = 1\n"}},
         "a.toml:2:1: server.workers is said twice, first at gateway.toml:3:1: keep one of them\n"},
        {"a platform said twice",
         {{"gateway.toml",
           "include = [\"a.toml\"]\n[platforms.a]\nprovider = \"openai\"\npriority = 1\n"},
          {"a.toml", "[platforms.a]\nprovider = \"openai\"\n"}},
         "a.toml:2:1: platforms.a.provider is said twice, first at gateway.toml:3:1: keep one of "
         "them\n"},
        {"errors of several files come in the order of the files",
         {{"gateway.toml", "include = [\"b.toml\", \"a.toml\"]\n[log]\nlevel = \"loud\"\n"},
          {"a.toml", "from = \"a\"\n"},
          {"b.toml", "from_b = \"b\"\n"}},
         "gateway.toml:3:9: log.level is \"loud\": it is one of: debug, info, warn, error, off\n"
         "b.toml:1:1: unknown key \"from_b\": the file knows include, server, log, metrics, "
         "health, conversion, auth, "
         "platforms, routes, locations, groups, auto_route, limits, namespaces_required, policy, "
         "namespaces, policies, pricing, tokens\n"
         "a.toml:1:1: unknown key \"from\": the file knows include, server, log, metrics, health, "
         "conversion, auth, "
         "platforms, routes, locations, groups, auto_route, limits, namespaces_required, policy, "
         "namespaces, policies, pricing, tokens\n"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Files files;
            files.content = c.content;
            CHECK(errors(load(files)) == c.want);
        }
    }
}

TEST_CASE("config: includes nest so deep and no deeper", "[config]") {
    const auto chain = [](std::size_t length) {
        Files files;
        files.content["gateway.toml"] = "include = [\"1.toml\"]";
        for (std::size_t i = 1; i <= length; ++i) {
            files.content[std::to_string(i) + ".toml"] =
                i == length ? "" : "include = [\"" + std::to_string(i + 1) + ".toml\"]";
        }
        return files;
    };
    CHECK(errors(load(chain(kMostIncludeDepth))) == "it loaded");
    CHECK(errors(load(chain(kMostIncludeDepth + 1))) ==
          "8.toml:1:12: includes nest more than 8 deep: include the files from one place\n");
}

TEST_CASE("config: a file that is no configuration is refused as a whole", "[config]") {
    Files files;
    SECTION("missing") {
        CHECK(errors(load(files)) ==
              "gateway.toml: cannot be read (no such file): name a file that can be read\n");
    }
    SECTION("unreadable") {
        files.unreadable.insert("gateway.toml");
        CHECK(errors(load(files)) ==
              "gateway.toml: cannot be read (permission denied): name a file that can be read\n");
    }
    SECTION("larger than 8 MiB") {
        files.content["gateway.toml"] = std::string((8U << 20) + 1, '#');
        CHECK(errors(load(files)) ==
              "gateway.toml: cannot be read (it is larger than 8MiB): name a file that can be "
              "read\n");
    }
    SECTION("a key a million parts deep") {
        std::string key;
        for (int i = 0; i < 1'000'000; ++i) key += "a.";
        files.content["gateway.toml"] = key + "a = 1";
        CHECK(errors(load(files)) ==
              "gateway.toml:1:32: a key has more than 16 parts: no setting lies that deep\n");
    }
    SECTION("arrays nested without end") {
        files.content["gateway.toml"] = "a = " + std::string(1'000'000, '[');
        CHECK_FALSE(load(files));
    }
}

TEST_CASE("config: 8 MiB of comments are read", "[config]") {
    Files files;
    files.content["gateway.toml"] = std::string(8U << 20, '#');
    CHECK(errors(load(files)) == "it loaded");
}

TEST_CASE("config: a secret file is read beside the file that names it", "[config]") {
    Files files;
    files.content["etc/gateway.toml"] = "include = [\"more/a.toml\"]";
    files.content["etc/more/a.toml"] =
        "[platforms.a]\nprovider = \"openai\"\napi_key = \"file:key\"\n"
        "[platforms.b]\nprovider = \"openai\"\napi_key = \"file:${DIR}/key\"\n"
        "[platforms.c]\nprovider = \"openai\"\napi_key = \"${LOOKS_LIKE_A_FILE}\"\n";
    files.content["etc/more/key"] = "  sk-beside\n\n";
    files.content["/run/secrets/key"] = "sk-in-run";
    const Variables variables{{{"DIR", "/run/secrets"}, {"LOOKS_LIKE_A_FILE", "file:key"}}};

    const LoadResult loaded = load(files, variables, "etc/gateway.toml");
    REQUIRE(errors(loaded) == "it loaded");
    const auto& platforms = loaded->config.routing.platforms;
    CHECK(platforms[0].api_key.reveal() == "sk-beside");
    CHECK(platforms[0].api_key.masked() == "file:key");
    CHECK(platforms[1].api_key.reveal() == "sk-in-run");
    CHECK(platforms[1].api_key.masked() == "file:${DIR}/key");
    CHECK(platforms[2].api_key.reveal() == "file:key");
    CHECK(platforms[2].api_key.masked() == "${LOOKS_LIKE_A_FILE}");
    CHECK(render_lines(loaded->warnings) == "");
}

TEST_CASE("config: a secret file that holds no secret is refused", "[config]") {
    struct Case {
        const char* name;
        std::string content;
        const char* want;
    };
    const Case cases[] = {
        {"empty", " \n",
         "gateway.toml:3:11: platforms.a.api_key is empty (from file:/key): give it a value, or "
         "remove the line\n"},
        {"larger than 64 KiB", std::string((64U << 10) + 1, 'x'),
         "gateway.toml:3:11: platforms.a.api_key names /key, which cannot be read (it is larger "
         "than 64KiB): name a file that can be read\n"},
        {"not text", std::string("\xff\xfe", 2),
         "gateway.toml:3:11: platforms.a.api_key names /key, which is not UTF-8 text: name a file "
         "that holds the value alone\n"},
        {"two lines", "sk-one\nsk-two\n",
         "gateway.toml:3:11: platforms.a.api_key holds a blank, a control character or a letter "
         "beyond ASCII (from file:/key): it travels in a header\n"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Files files;
            files.content["gateway.toml"] =
                "[platforms.a]\nprovider = \"openai\"\napi_key = \"file:/key\"\n";
            files.content["/key"] = c.content;
            CHECK(errors(load(files)) == c.want);
        }
    }
}

TEST_CASE("config: references resolve as written", "[config]") {
    struct Case {
        const char* name;
        const char* written;
        const char* want;
    };
    const Case cases[] = {
        {"no reference", "plain", "plain"},
        {"a variable", "${SET}", "value"},
        {"in the middle", "a-${SET}-b-${SET}", "a-value-b-value"},
        {"a default that is not needed", "${SET:-other}", "value"},
        {"a default for an unset variable", "${UNSET:-other}", "other"},
        {"a default for an empty variable", "${EMPTY:-other}", "other"},
        {"an empty default", "a${UNSET:-}b", "ab"},
        {"an empty variable", "a${EMPTY}b", "ab"},
        {"a default with marks", "${UNSET:-http://h:1/v1?a=$b:-c}", "http://h:1/v1?a=$b:-c"},
        {"an escaped reference", "$${SET}", "${SET}"},
        {"a dollar before an escaped reference", "$$${SET}", "$${SET}"},
        {"single dollars", "$SET $ $$ $5", "$SET $ $$ $5"},
        {"a value with a reference is not resolved again", "${NESTED}", "${SET}"},
    };
    const Variables variables{{{"SET", "value"}, {"EMPTY", ""}, {"NESTED", "${SET}"}}};
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Files files;
            files.content["gateway.toml"] = std::string("[platforms.a]\nprovider = \"openai\"\n") +
                                            "headers = { X-Value = '" + c.written + "' }\n";
            const LoadResult loaded = load(files, variables);
            REQUIRE(errors(loaded) == "it loaded");
            CHECK(loaded->config.routing.platforms[0].headers[0].second == c.want);
        }
    }
}

TEST_CASE("config: a variable that is not UTF-8 is refused by name", "[config]") {
    Files files;
    files.content["gateway.toml"] = "[platforms.a]\nprovider = \"${BAD}\"\n";
    CHECK(errors(load(files, {{{"BAD", "\xff"}}})) ==
          "gateway.toml:2:12: platforms.a.provider needs ${BAD}, which is not UTF-8: set BAD to "
          "text\n");
}

TEST_CASE("config: printed references show names, never text", "[config]") {
    struct Case {
        const char* written;
        const char* want;
    };
    const Case cases[] = {
        {"${NAME}", "${NAME}"},
        {"${NAME:-}", "${NAME:-}"},
        {"${NAME:-sk}", "${NAME:-***}"},
        {"sk-${NAME}", "***${NAME}"},
        {"sk", "***"},
        {"${broken", "***"},
        {"file:/run/key", "file:/run/key"},
        {"file:${DIR:-/run}/key", "file:${DIR:-/run}/key"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.written) {
            CHECK(mask_reference(c.written) == c.want);
        }
    }
}

TEST_CASE("config: every vendor's key makes a platform of its provider", "[config]") {
    const std::pair<const char*, const char*> rows[] = {
        {"OPENAI_API_KEY", "openai"},       {"ANTHROPIC_API_KEY", "anthropic"},
        {"DASHSCOPE_API_KEY", "dashscope"}, {"ARK_API_KEY", "doubao"},
        {"GEMINI_API_KEY", "gemini"},       {"MINIMAX_API_KEY", "minimax"},
    };
    for (const auto& [variable, provider] : rows) {
        DYNAMIC_SECTION(variable) {
            const Variables variables{{{variable, "sk-vendor"}}};
            const Files files;
            const LoadResult loaded = config_from_environment({files, variables.environment()});
            REQUIRE(errors(loaded) == "it loaded");
            REQUIRE(loaded->config.routing.platforms.size() == 1);
            CHECK(loaded->config.routing.platforms[0].name == provider);
            CHECK(loaded->config.routing.platforms[0].provider == provider);
        }
    }
}

TEST_CASE("config: a vendor's key in the environment is a gateway", "[config]") {
    const Variables variables{{{"OPENAI_API_KEY", " sk-openai\n"},
                               {"DASHSCOPE_API_KEY", "sk-dashscope"},
                               {"GATEWAY_API_KEYS", " one , two,, "}}};
    const Files files;
    const LoadResult loaded = config_from_environment({files, variables.environment()});
    REQUIRE(errors(loaded) == "it loaded");
    const auto& platforms = loaded->config.routing.platforms;
    REQUIRE(platforms.size() == 2);
    CHECK(platforms[0].name == "openai");
    CHECK(platforms[0].provider == "openai");
    CHECK(platforms[0].api_key.reveal() == "sk-openai");
    CHECK(platforms[0].api_key.masked() == "${OPENAI_API_KEY}");
    CHECK(platforms[1].name == "dashscope");
    CHECK(platforms[1].provider == "dashscope");
    const auto& keys = loaded->config.auth.static_keys;
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].name == "env-1");
    CHECK(keys[0].key.reveal() == "one");
    CHECK(keys[1].name == "env-2");
    CHECK(keys[1].key.reveal() == "two");
    CHECK(render_lines(loaded->warnings) == "");
    CHECK(loaded->files == std::vector<std::string>{});
}

TEST_CASE("config: what the file says keeps the environment out", "[config]") {
    Files files;
    files.content["gateway.toml"] =
        "[platforms.mine]\nprovider = \"openai\"\n"
        "[[auth.static_keys]]\nname = \"ci\"\nkey = \"${CI}\"\n";
    const LoadResult loaded = load(
        files, {{{"CI", "sk-ci"}, {"OPENAI_API_KEY", "sk-a"}, {"GATEWAY_API_KEYS", "one,two"}}});
    REQUIRE(errors(loaded) == "it loaded");
    CHECK(platform_names(*loaded) == "mine ");
    REQUIRE(loaded->config.auth.static_keys.size() == 1);
    CHECK(loaded->config.auth.static_keys[0].name == "ci");
}

TEST_CASE("config: routes may name the platforms of the environment", "[config]") {
    Files files;
    files.content["gateway.toml"] = "[[routes]]\nto = \"openai\"\n";
    CHECK(errors(load(files, {{{"OPENAI_API_KEY", "sk-a"}}})) == "it loaded");
    CHECK(errors(load(files, {{{"OPENAI_API_KEY", "  "}}})) ==
          "gateway.toml:2:6: routes[0].to names the platform \"openai\", which does not exist: add "
          "[platforms.openai]\n");
}

TEST_CASE("config: keys of the environment that cannot be keys are refused", "[config]") {
    const Files files;
    const Variables variables{
        {{"OPENAI_API_KEY", "two words"}, {"GATEWAY_API_KEYS", "one,t\xc3\xbc,one"}}};
    CHECK(errors(config_from_environment({files, variables.environment()})) ==
          "OPENAI_API_KEY holds a blank, a control character or a letter beyond ASCII: keys travel "
          "in a header\n"
          "GATEWAY_API_KEYS holds a blank, a control character or a letter beyond ASCII: keys "
          "travel in a header\n"
          "GATEWAY_API_KEYS holds a key twice: keep one of them\n");
}

TEST_CASE("config: the configuration file is found in the order of the manual", "[config]") {
    Files files;
    Variables variables{{{"HOME", "/home/u"}}};
    const auto found = [&] { return find_config_file({files, variables.environment()}); };
    CHECK(found() == std::nullopt);
    files.content["/etc/aigw/gateway.toml"] = "";
    CHECK(found() == "/etc/aigw/gateway.toml");
    files.content["/home/u/.config/aigw/gateway.toml"] = "";
    CHECK(found() == "/home/u/.config/aigw/gateway.toml");
    variables.values["XDG_CONFIG_HOME"] = "/xdg";
    CHECK(found() == "/etc/aigw/gateway.toml");
    files.content["/xdg/aigw/gateway.toml"] = "";
    CHECK(found() == "/xdg/aigw/gateway.toml");
    files.content["gateway.toml"] = "";
    CHECK(found() == "gateway.toml");
    variables.values["AIGW_CONFIG"] = "missing.toml";
    CHECK(found() == "missing.toml");
}

TEST_CASE("config: the disk says why it cannot be read", "[config]") {
    namespace fs = std::filesystem;
    const fs::path folder =
        fs::path(AIGW_BINARY_DIR) / ("config-files-test-" + std::to_string(::getpid()));
    fs::create_directories(folder);
    std::ofstream(folder / "a.toml") << "12345";
    const DiskFiles disk;
    const auto reason = [&](const fs::path& path) {
        const auto content = disk.read(path.string(), 5);
        return content ? *content : content.error().message;
    };
    CHECK(reason(folder / "a.toml") == "12345");
    CHECK(reason(folder) == "it is a directory");
    CHECK(reason(folder / "b.toml") == "no such file");
    CHECK(reason(folder / "a.toml" / "b.toml") == "no such file");
    std::ofstream(folder / "a.toml") << "123456";
    CHECK(reason(folder / "a.toml") == "it is larger than 5B");
    CHECK(disk.exists((folder / "a.toml").string()));
    CHECK_FALSE(disk.exists((folder / "b.toml").string()));
    const auto names = disk.list(folder.string());
    REQUIRE(names);
    CHECK(*names == std::vector<std::string>{"a.toml"});
    CHECK(disk.list((folder / "none").string()).error().message == "no such file");
    fs::remove_all(folder);
}

TEST_CASE("config: the environment is that of the process", "[config]") {
    REQUIRE(::setenv("AIGW_CONFIG_TEST", "here", 1) == 0);
    const Environment environment = process_environment();
    CHECK(environment("AIGW_CONFIG_TEST") == "here");
    REQUIRE(::unsetenv("AIGW_CONFIG_TEST") == 0);
    CHECK(environment("AIGW_CONFIG_TEST") == std::nullopt);
}
