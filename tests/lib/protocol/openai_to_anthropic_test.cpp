#include <catch2/catch.hpp>

#include "tests/lib/protocol/conversion.h"

using namespace aigw::protocol::tests;
using aigw::ErrorCode;
using aigw::protocol::ConversionOptions;
using aigw::protocol::Effort;
using aigw::protocol::MidSystem;
using aigw::protocol::ModelTraits;

namespace {

struct Row {
    const char* name;
    std::string body;
    const char* at;  // a JSON pointer into what is sent
    const char* want;
    const char* losses = "";
};

void check_rows(std::initializer_list<Row> rows, const ModelTraits& traits) {
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = openai_to_anthropic(row.body, traits);
            INFO(made.body << made.error.message);
            CHECK(made.at(row.at) == row.want);
            CHECK(made.losses == row.losses);
        }
    }
}

struct Refused {
    const char* name;
    std::string body;
    const char* param;
    const char* message;
};

void check_refused(std::initializer_list<Refused> rows, const ModelTraits& traits) {
    for (const Refused& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = openai_to_anthropic(row.body, traits);
            INFO(made.body);
            CHECK(made.error.code == ErrorCode::InvalidRequest);
            CHECK(made.error.param == row.param);
            CHECK(made.error.message == row.message);
        }
    }
}

constexpr const char* kTool =
    R"("tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}])";

std::string tool_with(std::string_view parameters) {
    return R"("tools":[{"type":"function","function":{"name":"f","parameters":)" +
           std::string(parameters) + "}}]";
}

// A user, a call of f with these arguments, its result.
std::string call_with(std::string_view arguments, std::string_view rest = "") {
    return talk(R"({"role":"user","content":"hi"},
        {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":)" +
                    std::string(arguments) + R"(}}]},
        {"role":"tool","tool_call_id":"c1","content":"ok"})" +
                    std::string(rest),
                kTool);
}

}  // namespace

TEST_CASE("a plain request goes over whole", "[protocol][conversion]") {
    const Converted made = openai_to_anthropic(
        talk(R"({"role":"system","content":"Be brief."},{"role":"user","content":"hi"})",
             R"("max_tokens":100,"temperature":0.50,"stream":true,"stop":"END","user":"u1")"));
    CHECK(
        made.body ==
        R"({"model":"claude","max_tokens":100,"system":[{"type":"text","text":"Be brief."}],)"
        R"("messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}],)"
        R"("temperature":0.50,"stop_sequences":["END"],"metadata":{"user_id":"u1"},"stream":true})");
    CHECK(made.losses.empty());
}

TEST_CASE("E1: no limit becomes the default", "[protocol][conversion]") {
    check_rows({{"absent", hello(R"("top_p":1)"), "/max_tokens", "8192"},
                {"null", hello(R"("max_tokens":null)"), "/max_tokens", "8192"}},
               old_claude());
    ModelTraits small;
    small.max_output = 4096;
    CHECK(openai_to_anthropic(hello(R"("top_p":1)"), small).at("/max_tokens") == "4096");
    check_refused(
        {{"zero", hello(R"("max_tokens":0)"), "max_tokens", "max_tokens must be at least 1"},
         {"negative", hello(R"("max_completion_tokens":-1)"), "max_completion_tokens",
          "max_completion_tokens must be at least 1"},
         {"a fraction", hello(R"("max_tokens":1.5)"), "max_tokens",
          "max_tokens must be a whole number, not a number"},
         {"a string", hello(R"("max_tokens":"5")"), "max_tokens",
          "max_tokens must be a whole number, not a string"}},
        old_claude());
}

TEST_CASE("E2: of two limits max_completion_tokens counts", "[protocol][conversion]") {
    check_rows({{"both", hello(R"("max_tokens":5,"max_completion_tokens":7)"), "/max_tokens", "7"}},
               old_claude());
}

TEST_CASE("E3: a limit over the model's is clamped", "[protocol][conversion]") {
    check_rows({{"max_tokens", hello(R"("max_tokens":70000)"), "/max_tokens", "64000",
                 "clamped:max_tokens"},
                {"max_completion_tokens", hello(R"("max_completion_tokens":70000)"), "/max_tokens",
                 "64000", "clamped:max_completion_tokens"}},
               old_claude());
}

TEST_CASE("E4: a temperature over 1 is 1", "[protocol][conversion]") {
    check_rows({{"1.2", hello(R"("temperature":1.2)"), "/temperature", "1", "clamped:temperature"},
                {"2", hello(R"("temperature":2)"), "/temperature", "1", "clamped:temperature"},
                {"1", hello(R"("temperature":1)"), "/temperature", "1"},
                {"0", hello(R"("temperature":0)"), "/temperature", "0"}},
               old_claude());
    check_refused({{"over 2", hello(R"("temperature":2.1)"), "temperature",
                    "temperature must be between 0 and 2"}},
                  old_claude());
    check_rows(
        {{"none taken", hello(R"("temperature":0.5)"), "/temperature", "-", "dropped:temperature"},
         {"the default", hello(R"("temperature":1)"), "/temperature", "-"},
         {"top_p", hello(R"("top_p":0.5)"), "/top_p", "-", "dropped:top_p"},
         {"top_k", hello(R"("top_k":5)"), "/top_k", "-", "dropped:top_k"}},
        adaptive_claude());
}

TEST_CASE("E5: where one of them is taken the temperature stays", "[protocol][conversion]") {
    const std::string both = hello(R"("temperature":0.5,"top_p":0.9)");
    check_rows({{"temperature", both, "/temperature", "0.5", "dropped:top_p"},
                {"top_p", both, "/top_p", "-", "dropped:top_p"},
                {"top_p alone", hello(R"("top_p":0.9)"), "/top_p", "0.9"}},
               claude_4_5());
}

TEST_CASE("E6: a stop that says nothing is left out", "[protocol][conversion]") {
    check_rows(
        {{"null", hello(R"("stop":null)"), "/stop_sequences", "-"},
         {"no list", hello(R"("stop":[])"), "/stop_sequences", "-"},
         {"an empty text", hello(R"("stop":"")"), "/stop_sequences", "-", "dropped:stop"},
         {"a line end", hello(R"("stop":["\n"])"), "/stop_sequences", "-", "dropped:stop[0]"},
         {"one of two", hello(R"("stop":["a"," "])"), "/stop_sequences", R"(["a"])",
          "dropped:stop[1]"}},
        old_claude());
    check_refused({{"a null inside", hello(R"("stop":[null])"), "stop[0]",
                    "stop[0] is missing: it must be a string"}},
                  old_claude());
}

TEST_CASE("E7: more than one answer is refused", "[protocol][conversion]") {
    check_refused(
        {{"two", hello(R"("n":2)"), "n", "n must be 1: this model gives one answer to a request"}},
        old_claude());
    check_rows({{"one", hello(R"("n":1)"), "/n", "-"}, {"null", hello(R"("n":null)"), "/n", "-"}},
               old_claude());
}

TEST_CASE("E8: system messages keep their order and marks", "[protocol][conversion]") {
    check_rows(
        {{"system and developer",
          talk(
              R"({"role":"system","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}]},
                  {"role":"developer","content":"b"},{"role":"user","content":"hi"})"),
          "/system",
          R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"b"}])"},
         {"a blank one", talk(R"({"role":"system","content":" "},{"role":"user","content":"hi"})"),
          "/system", "-"},
         {"a later one is moved to the front",
          talk(
              R"({"role":"user","content":"hi"},{"role":"system","content":"s"},{"role":"user","content":"ho"})"),
          "/system", R"([{"type":"text","text":"s"}])", "rewritten:messages[1]"}},
        old_claude());
    check_rows(
        {{"a last one stays where it is",
          talk(R"({"role":"user","content":"hi"},{"role":"system","content":"s"})"), "/messages/1",
          R"({"role":"system","content":[{"type":"text","text":"s"}]})"},
         {"one before the assistant stays",
          talk(
              R"({"role":"user","content":"hi"},{"role":"system","content":"s"},{"role":"assistant","content":"a"},{"role":"user","content":"b"})"),
          "/messages/1/role", R"("system")"},
         {"one between users does not",
          talk(
              R"({"role":"user","content":"hi"},{"role":"system","content":"s"},{"role":"user","content":"b"})"),
          "/system/0/text", R"("s")", "rewritten:messages[1]"}},
        adaptive_claude());
    const std::string later =
        talk(R"({"role":"user","content":"hi"},{"role":"system","content":"s"})");
    CHECK(openai_to_anthropic(later, adaptive_claude(), {.mid_system = MidSystem::User})
              .at("/messages/0/content/1/text") == R"("<system-reminder>\ns\n</system-reminder>")");
    CHECK(openai_to_anthropic(later, adaptive_claude(), {.mid_system = MidSystem::Hoist})
              .at("/system/0/text") == R"("s")");
}

TEST_CASE("E9: a system message does not part a call from its result", "[protocol][conversion]") {
    const std::string body = talk(
        R"({"role":"user","content":"hi"},
        {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"system","content":"s"},{"role":"tool","tool_call_id":"c1","content":"ok"})",
        kTool);
    check_rows({{"moved", body, "/messages/2/content/0/type", R"("tool_result")",
                 "rewritten:messages[2]"}},
               old_claude());
    check_rows({{"behind it", body, "/messages/2/content/0/type", R"("tool_result")",
                 "rewritten:messages[2]"}},
               adaptive_claude());
}

TEST_CASE("E10: only system messages make a user turn", "[protocol][conversion]") {
    check_rows(
        {{"one", talk(R"({"role":"system","content":"s"})"), "/messages",
          R"([{"role":"user","content":[{"type":"text","text":"s"}]}])", "rewritten:messages[0]"},
         {"two", talk(R"({"role":"system","content":"r"},{"role":"system","content":"s"})"),
          "/system", R"([{"type":"text","text":"r"}])", "rewritten:messages[1]"},
         {"a blank one", talk(R"({"role":"system","content":""})"), "/messages/0/content",
          R"([{"type":"text","text":"."}])", "rewritten:messages[0]"}},
        old_claude());
}

TEST_CASE("E11: blank texts are not sent, and nothing goes with them", "[protocol][conversion]") {
    check_rows(
        {{"a part",
          talk(
              R"({"role":"user","content":[{"type":"text","text":"  "},{"type":"text","text":"x "}]})"),
          "/messages/0/content", R"([{"type":"text","text":"x "}])"},
         {"the only turn", talk(R"({"role":"user","content":""})"), "/messages/0/content",
          R"([{"type":"text","text":"."}])"},
         {"a user turn in between",
          talk(
              R"({"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":" "},{"role":"user","content":"c"})"),
          "/messages/2/content", R"([{"type":"text","text":"c"}])"},
         {"an assistant's turn",
          talk(
              R"({"role":"user","content":"a"},{"role":"assistant","content":""},{"role":"user","content":"b"})"),
          "/messages",
          R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}])",
          "repaired:messages[1]"},
         {"a result",
          call_with(R"("{}")").replace(call_with(R"("{}")").find(R"("ok")"), 4, R"(" ")"),
          "/messages/2/content", R"([{"type":"tool_result","tool_use_id":"c1"}])"},
         {"beside a call",
          talk(
              R"({"role":"user","content":"a"},{"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"ok"})",
              kTool),
          "/messages/1/content", R"([{"type":"tool_use","id":"c1","name":"f","input":{}}])"}},
        old_claude());
}

TEST_CASE("E12: marks outlive blank texts, and there are at most four", "[protocol][conversion]") {
    check_rows(
        {{"moved to the part before",
          talk(
              R"({"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"","cache_control":{"type":"ephemeral"}}]})"),
          "/messages/0/content",
          R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])"},
         {"OpenAI's own word for it",
          talk(
              R"({"role":"user","content":[{"type":"text","text":"a","prompt_cache_breakpoint":{}}]})"),
          "/messages/0/content/0/cache_control", R"({"type":"ephemeral"})"},
         {"of a message",
          talk(R"({"role":"user","content":"a","cache_control":{"type":"ephemeral"}})"),
          "/messages/0/content/0/cache_control", R"({"type":"ephemeral"})"},
         {"from inside a result",
          talk(
              R"({"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},
                  {"role":"tool","tool_call_id":"c","content":[{"type":"text","text":"x","cache_control":{"type":"ephemeral"}}]})",
              kTool),
          "/messages/2/content/0",
          R"({"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"x"}],"cache_control":{"type":"ephemeral"}})"}},
        old_claude());
    std::string parts;
    for (int i = 0; i < 5; ++i) {
        if (i > 0) parts += ",";
        parts += R"({"type":"text","text":"a","cache_control":{"type":"ephemeral"}})";
    }
    const Converted made =
        openai_to_anthropic(talk(R"({"role":"user","content":[)" + parts + "]}"));
    CHECK(made.at("/messages/0/content/0/cache_control") == "-");
    CHECK(made.at("/messages/0/content/1/cache_control") == R"({"type":"ephemeral"})");
    CHECK(made.losses == "dropped:messages[0].content[0].cache_control");
}

TEST_CASE("E13: neighbours of one role become one turn", "[protocol][conversion]") {
    check_rows(
        {{"users", talk(R"({"role":"user","content":"\"a\" "},{"role":"user","content":" b"})"),
          "/messages",
          R"([{"role":"user","content":[{"type":"text","text":"\"a\" "},{"type":"text","text":" b"}]}])"}},
        old_claude());
}

TEST_CASE("E14: parallel results stand in one user turn", "[protocol][conversion]") {
    const Converted made = openai_to_anthropic(talk(
        R"({"role":"user","content":"hi"},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"b","content":"B"},{"role":"tool","tool_call_id":"a","content":"A"},{"role":"user","content":"go"})",
        kTool));
    CHECK(made.at("/messages/2/content") ==
          R"([{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"A"}]},)"
          R"({"type":"tool_result","tool_use_id":"b","content":[{"type":"text","text":"B"}]},)"
          R"({"type":"text","text":"go"}])");
    CHECK(made.losses.empty());
}

TEST_CASE("E15: images of a tool stay images in its result", "[protocol][conversion]") {
    const Converted made = openai_to_anthropic(talk(
        R"({"role":"user","content":"hi"},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]})",
        kTool));
    CHECK(made.at("/messages/2/content/0/content/1") ==
          R"({"type":"image","source":{"type":"url","url":"https://x/y.png"}})");
}

TEST_CASE("E16: a result without its call becomes text", "[protocol][conversion]") {
    check_rows(
        {{"an orphan",
          talk(
              R"({"role":"user","content":"hi"},{"role":"tool","tool_call_id":"x","content":"r"})"),
          "/messages/0/content/1", R"({"type":"text","text":"Tool result (x): r"})",
          "repaired:messages[1]"},
         {"of a call further back",
          call_with(
              R"("{}")",
              R"(,{"role":"assistant","content":"a"},{"role":"tool","tool_call_id":"c1","content":"r"})"),
          "/messages/4/content", R"([{"type":"text","text":"Tool result (c1): r"}])",
          "repaired:messages[4]"}},
        old_claude());
}

TEST_CASE("E17: a call without its result gets one that says so", "[protocol][conversion]") {
    const std::string body = talk(
        R"({"role":"user","content":"hi"},
        {"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"user","content":"never mind"})",
        kTool);
    check_rows(
        {{"interrupted", body, "/messages/2/content",
          R"([{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"Tool result missing."}],"is_error":true},{"type":"text","text":"never mind"}])",
          "repaired:messages[1].tool_calls[0]"}},
        old_claude());
    check_refused(
        {{"nothing to answer",
          talk(
              R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]})",
              kTool),
          "messages[1].tool_calls[0]",
          "the conversation ends with tool calls that have no result"}},
        old_claude());
}

TEST_CASE("E18: of two results of one call the last counts", "[protocol][conversion]") {
    check_rows(
        {{"twice", call_with(R"("{}")", R"(,{"role":"tool","tool_call_id":"c1","content":"new"})"),
          "/messages/2/content",
          R"([{"type":"tool_result","tool_use_id":"c1","content":[{"type":"text","text":"new"}]}])",
          "repaired:messages[3]"}},
        old_claude());
    const Converted made = openai_to_anthropic(call_with(
        R"("{}")",
        R"(,{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c1","content":"2"})"));
    CHECK(made.at("/messages/3/content/0/id") == R"("c1_2")");
    CHECK(made.at("/messages/4/content/0/tool_use_id") == R"("c1_2")");
    CHECK(made.losses == "repaired:messages[3].tool_calls[0]");
}

TEST_CASE("E19: ids that Anthropic refuses are rewritten on both sides", "[protocol][conversion]") {
    const auto with_ids =
        [](const std::string& a, const std::string& b) {
            return talk(R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[
            {"id":")" + a + R"(","type":"function","function":{"name":"f","arguments":"{}"}},
            {"id":")" + b + R"(","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":")" +
                            a + R"(","content":"A"},
            {"role":"tool","tool_call_id":")" +
                            b + R"(","content":"B"})",
                        kTool);
        };
    const Converted made = openai_to_anthropic(with_ids("a.b", "a:b"));
    const std::string first = made.json["messages"][1]["content"][0]["id"];
    const std::string second = made.json["messages"][1]["content"][1]["id"];
    CHECK(first.starts_with("a_b_"));
    CHECK(first.size() == 12);
    CHECK(first != second);
    CHECK(made.json["messages"][2]["content"][0]["tool_use_id"] == first);
    CHECK(made.json["messages"][2]["content"][1]["tool_use_id"] == second);
    const Converted empty = openai_to_anthropic(with_ids("", ""));
    const std::string made_up = empty.json["messages"][1]["content"][0]["id"];
    CHECK(made_up.starts_with("toolu_"));
    CHECK(made_up.size() == 6 + 24);
    CHECK(empty.json["messages"][2]["content"][0]["tool_use_id"] == made_up);
    CHECK(empty.at("/messages/2/content/1/content/0/text") == R"("B")");
}

TEST_CASE("E20: no arguments are an empty object", "[protocol][conversion]") {
    check_rows({{"empty", call_with(R"("")"), "/messages/1/content/0/input", "{}"},
                {"blank", call_with(R"(" \n")"), "/messages/1/content/0/input", "{}"},
                {"null", call_with("null"), "/messages/1/content/0/input", "{}"},
                {"the text null", call_with(R"("null")"), "/messages/1/content/0/input", "{}"},
                {"an object already", call_with(R"({"a": 1})"), "/messages/1/content/0/input",
                 R"({"a":1})"}},
               old_claude());
}

TEST_CASE("E21: arguments that are no object are put into one", "[protocol][conversion]") {
    check_rows({{"broken", call_with(R"("{\"a\":")"), "/messages/1/content/0/input",
                 R"({"_raw_arguments":"{\"a\":"})", "repaired:messages[1].tool_calls[0]"},
                {"a list", call_with(R"("[1]")"), "/messages/1/content/0/input",
                 R"({"_raw_arguments":"[1]"})", "repaired:messages[1].tool_calls[0]"},
                {"its result stays", call_with(R"("7")"), "/messages/2/content/0/tool_use_id",
                 R"("c1")", "repaired:messages[1].tool_calls[0]"}},
               old_claude());
}

TEST_CASE("E22: arguments keep their digits and their order", "[protocol][conversion]") {
    const Converted made =
        openai_to_anthropic(call_with(R"("{\"id\":9007199254740993,\"b\":1, \"a\":1.0}")"));
    CHECK(made.body.find(R"("input":{"id":9007199254740993,"b":1,"a":1.0})") != std::string::npos);
}

TEST_CASE("E23: a tool without parameters stays", "[protocol][conversion]") {
    constexpr const char* kEmpty = R"({"type":"object","properties":{}})";
    check_rows({{"absent", hello(R"("tools":[{"type":"function","function":{"name":"f"}}])"),
                 "/tools/0", R"({"name":"f","input_schema":{"type":"object","properties":{}}})"},
                {"null", hello(tool_with("null")), "/tools/0/input_schema", kEmpty},
                {"empty", hello(tool_with("{}")), "/tools/0/input_schema", kEmpty},
                {"nulls inside",
                 hello(tool_with(R"({"type":"object","properties":null,"required":null})")),
                 "/tools/0/input_schema", kEmpty}},
               old_claude());
}

TEST_CASE("E24: schemas survive, and their roots are repaired", "[protocol][conversion]") {
    check_rows(
        {{"$defs and $ref",
          hello(tool_with(
              R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":[1.0,2]}},"additionalProperties":false})")),
          "/tools/0/input_schema",
          R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"enum":[1.0,2]}},"additionalProperties":false})"},
         {"no type", hello(tool_with(R"({"properties":{"a":{}}})")), "/tools/0/input_schema",
          R"({"type":"object","properties":{"a":{}}})"},
         {"object or null", hello(tool_with(R"({"type":["object","null"],"properties":{}})")),
          "/tools/0/input_schema", R"({"type":"object","properties":{}})"},
         {"anyOf at the root",
          hello(tool_with(
              R"({"anyOf":[{"type":"object","properties":{"a":{},"b":{}},"required":["a","b"]},{"type":"object","properties":{"b":{},"c":{}},"required":["b"]}]})")),
          "/tools/0/input_schema",
          R"({"type":"object","properties":{"a":{},"b":{},"c":{}},"required":["b"]})",
          "approximated:tools[0]"},
         {"allOf at the root",
          hello(tool_with(
              R"({"type":"object","properties":{"z":{}},"allOf":[{"properties":{"a":{}},"required":["a"]},{"properties":{"b":{}},"required":["b"]}]})")),
          "/tools/0/input_schema",
          R"({"type":"object","properties":{"z":{},"a":{},"b":{}},"required":["a","b"]})",
          "approximated:tools[0]"},
         {"what was lost is said",
          hello(tool_with(R"({"oneOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]})")),
          "/tools/0/description",
          R"("The arguments must fit oneOf: [{\"properties\":{\"a\":{}}},{\"properties\":{\"b\":{}}}]")",
          "approximated:tools[0]"}},
        old_claude());
}

TEST_CASE("E25: none forbids calls and keeps the tools", "[protocol][conversion]") {
    const std::string tool(kTool);
    check_rows(
        {{"none", hello(tool + R"(,"tool_choice":"none")"), "/tool_choice", R"({"type":"none"})"},
         {"the tools", hello(tool + R"(,"tool_choice":"none")"), "/tools/0/name", R"("f")"},
         {"auto", hello(tool + R"(,"tool_choice":"auto")"), "/tool_choice", "-"},
         {"required", hello(tool + R"(,"tool_choice":"required")"), "/tool_choice",
          R"({"type":"any"})"},
         {"named", hello(tool + R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"),
          "/tool_choice", R"({"type":"tool","name":"f"})"},
         {"none without tools", hello(R"("tool_choice":"none")"), "/tool_choice", "-"},
         {"auto without tools", hello(R"("tool_choice":"auto")"), "/tool_choice", "-"}},
        old_claude());
    check_refused(
        {{"required without tools", hello(R"("tool_choice":"required")"), "tool_choice",
          "tool_choice asks for a call, but there are no tools"},
         {"an unknown name",
          hello(tool + R"(,"tool_choice":{"type":"function","function":{"name":"g"}})"),
          "tool_choice", "tool_choice names a tool that is not among the tools"},
         {"an unknown word", hello(tool + R"(,"tool_choice":"any")"), "tool_choice",
          "tool_choice must be one of none, auto, required, or name a tool"},
         {"two of one name",
          hello(
              R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"f"}}])"),
          "tools", "tools has two tools of the name f"}},
        old_claude());
}

TEST_CASE("E26: one call at a time can be asked for", "[protocol][conversion]") {
    const std::string tool(kTool);
    check_rows(
        {{"without a choice", hello(tool + R"(,"parallel_tool_calls":false)"), "/tool_choice",
          R"({"type":"auto","disable_parallel_tool_use":true})"},
         {"with one", hello(tool + R"(,"parallel_tool_calls":false,"tool_choice":"required")"),
          "/tool_choice", R"({"type":"any","disable_parallel_tool_use":true})"},
         {"with none", hello(tool + R"(,"parallel_tool_calls":false,"tool_choice":"none")"),
          "/tool_choice", R"({"type":"none"})"},
         {"without tools", hello(R"("parallel_tool_calls":false)"), "/tool_choice", "-"},
         {"true", hello(tool + R"(,"parallel_tool_calls":true)"), "/tool_choice", "-"}},
        old_claude());
}

TEST_CASE("E27: allowed tools are the only ones declared", "[protocol][conversion]") {
    const std::string tools =
        R"("tools":[{"type":"function","function":{"name":"f"}},{"type":"function","function":{"name":"g"}}])";
    const std::string choice =
        R"(,"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"g"}}]}})";
    const Converted made = openai_to_anthropic(hello(tools + choice));
    CHECK(made.json["tools"].size() == 1);
    CHECK(made.at("/tools/0/name") == R"("g")");
    CHECK(made.at("/tool_choice") == R"({"type":"any"})");
    CHECK(made.losses == "rewritten:tools");
}

TEST_CASE("E28: calls in a history without tools get them", "[protocol][conversion]") {
    const Converted made = openai_to_anthropic(talk(
        R"({"role":"user","content":"hi"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"r"})"));
    CHECK(made.at("/tools") ==
          R"([{"name":"f","input_schema":{"type":"object","properties":{}}}])");
    CHECK(made.at("/tool_choice") == R"({"type":"none"})");
    CHECK(made.losses == "repaired:tools");
}

TEST_CASE("E29: a forced call wins over thinking", "[protocol][conversion]") {
    const std::string forced =
        hello(std::string(kTool) + R"(,"tool_choice":"required","reasoning_effort":"high")");
    check_rows(
        {{"the call", forced, "/tool_choice", R"({"type":"any"})", "dropped:reasoning_effort"},
         {"no thinking", forced, "/thinking", "-", "dropped:reasoning_effort"}},
        old_claude());
    ModelTraits always = adaptive_claude();
    always.thinking_can_be_off = false;
    check_rows(
        {{"which can't be off", forced, "/tool_choice", "-", "approximated:tool_choice"},
         {"and goes on", forced, "/thinking/type", R"("adaptive")", "approximated:tool_choice"}},
        always);
    ModelTraits by_default = adaptive_claude();
    by_default.thinks_by_default = true;
    check_rows({{"thinking by default", hello(std::string(kTool) + R"(,"tool_choice":"required")"),
                 "/thinking", R"({"type":"disabled"})"}},
               by_default);
    ModelTraits newest = adaptive_claude();
    newest.forced_calls = false;
    check_rows({{"a model without forced calls",
                 hello(std::string(kTool) + R"(,"tool_choice":"required")"), "/tool_choice", "-",
                 "approximated:tool_choice"}},
               newest);
    const std::string json =
        hello(R"("response_format":{"type":"json_object"},"reasoning_effort":"low")");
    check_rows({{"JSON mode forces too", json, "/tool_choice",
                 R"({"type":"tool","name":"aigw_json_output"})", "dropped:reasoning_effort"}},
               old_claude());
}

TEST_CASE("E30: a budget fits below the limit", "[protocol][conversion]") {
    check_rows({{"no limit given", hello(R"("reasoning_effort":"medium")"), "/thinking",
                 R"({"type":"enabled","budget_tokens":8192})"},
                {"its limit", hello(R"("reasoning_effort":"medium")"), "/max_tokens", "12288"},
                {"the model's limit", hello(R"("reasoning_effort":"max")"), "/max_tokens", "64000"},
                {"a budget below it", hello(R"("reasoning_effort":"max")"),
                 "/thinking/budget_tokens", "62976"},
                {"a limit given", hello(R"("reasoning_effort":"high","max_tokens":10000)"),
                 "/thinking/budget_tokens", "8976", "clamped:reasoning_effort"},
                {"a small one", hello(R"("reasoning_effort":"low","max_tokens":2047)"), "/thinking",
                 "-", "dropped:reasoning_effort"},
                {"just enough", hello(R"("reasoning_effort":"low","max_tokens":2048)"),
                 "/thinking/budget_tokens", "1024"},
                {"none", hello(R"("reasoning_effort":"none")"), "/thinking", "-"}},
               old_claude());
    check_refused(
        {{"an unknown word", hello(R"("reasoning_effort":"huge")"), "reasoning_effort",
          "reasoning_effort must be one of none, minimal, low, medium, high, xhigh, max"}},
        old_claude());
    check_rows({{"a model that does not think", hello(R"("reasoning_effort":"high")"), "/thinking",
                 "-", "dropped:reasoning_effort"}},
               ModelTraits{});
}

TEST_CASE("the effort of a model that thinks adaptively", "[protocol][conversion]") {
    check_rows(
        {{"low", hello(R"("reasoning_effort":"minimal")"), "/output_config", R"({"effort":"low"})"},
         {"the nearest that there is", hello(R"("reasoning_effort":"xhigh")"), "/output_config",
          R"({"effort":"max"})"},
         {"thinking is shown", hello(R"("reasoning_effort":"high")"), "/thinking",
          R"({"type":"adaptive","display":"summarized"})"},
         {"none", hello(R"("reasoning_effort":"none")"), "/thinking", R"({"type":"disabled"})"},
         {"absent", hello(R"("top_p":1)"), "/thinking", "-"}},
        adaptive_claude());
    ModelTraits always = adaptive_claude();
    always.thinking_can_be_off = false;
    check_rows({{"none where it can't be", hello(R"("reasoning_effort":"none")"), "/thinking", "-",
                 "approximated:reasoning_effort"}},
               always);
}

TEST_CASE("sampling that thinking excludes is given up", "[protocol][conversion]") {
    check_rows(
        {{"temperature", hello(R"("reasoning_effort":"low","temperature":0.5)"), "/temperature",
          "-", "dropped:temperature"},
         {"temperature 1", hello(R"("reasoning_effort":"low","temperature":1)"), "/temperature",
          "-"},
         {"a low top_p", hello(R"("reasoning_effort":"low","top_p":0.9)"), "/top_p", "-",
          "dropped:top_p"},
         {"a high top_p", hello(R"("reasoning_effort":"low","top_p":0.96)"), "/top_p", "0.96"},
         {"top_k", hello(R"("reasoning_effort":"low","top_k":4)"), "/top_k", "-", "dropped:top_k"}},
        old_claude());
}

TEST_CASE("E31: unsigned reasoning is not sent", "[protocol][conversion]") {
    check_rows(
        {{"reasoning_content",
          talk(
              R"({"role":"user","content":"a"},{"role":"assistant","reasoning_content":"hm","content":"b"},{"role":"user","content":"c"})"),
          "/messages/1/content", R"([{"type":"text","text":"b"}])"},
         {"blocks without a signature",
          talk(
              R"({"role":"user","content":"a"},{"role":"assistant","thinking_blocks":[{"type":"thinking","thinking":"hm","signature":""}],"content":"b"},{"role":"user","content":"c"})"),
          "/messages/1/content", R"([{"type":"text","text":"b"}])"}},
        old_claude());
    const std::string loop = call_with(R"("{}")");
    check_rows({{"a loop without its thinking",
                 std::string(loop).insert(loop.size() - 1, R"(,"reasoning_effort":"high")"),
                 "/thinking", "-", "dropped:reasoning_effort"}},
               old_claude());
}

TEST_CASE("E32: signed thinking comes back verbatim and first", "[protocol][conversion]") {
    const Converted made = openai_to_anthropic(talk(
        R"({"role":"user","content":"hi"},
        {"role":"assistant","content":"x","thinking_blocks":[{"type":"thinking","thinking":"hm\u00e9","signature":"S="},{"type":"redacted_thinking","data":"D="}],
         "tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},
        {"role":"tool","tool_call_id":"a","content":"r"})",
        std::string(kTool) + R"(,"reasoning_effort":"low")"));
    CHECK(
        made.at("/messages/1/content") ==
        R"([{"type":"thinking","thinking":"hmé","signature":"S="},{"type":"redacted_thinking","data":"D="},)"
        R"({"type":"text","text":"x"},{"type":"tool_use","id":"a","name":"f","input":{}}])");
    CHECK(made.at("/thinking/budget_tokens") == "1024");
    CHECK(made.losses.empty());
}

TEST_CASE("E33: data URLs in every spelling", "[protocol][conversion]") {
    const auto image = [](std::string_view url) {
        return talk(R"({"role":"user","content":[{"type":"image_url","image_url":{"url":")" +
                    std::string(url) + R"(","detail":"high"}}]})");
    };
    constexpr const char* kSource = "/messages/0/content/0/source";
    check_rows(
        {{"plain", image("data:image/png;base64,iVBORw0KGgo="), kSource,
          R"({"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="})"},
         {"parameters and upper case", image("DATA:Image/PNG;charset=utf-8;BASE64,iVBORw0KGgo="),
          kSource, R"({"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="})"},
         {"line ends and escapes", image("data:image/png;base64,iVBO\\nRw0K Ggo%3D"), kSource,
          R"({"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="})"},
         {"image/jpg", image("data:image/jpg;base64,/9j/4A=="), kSource,
          R"({"type":"base64","media_type":"image/jpeg","data":"/9j/4A=="})"},
         {"the bytes know better", image("data:image/png;base64,/9j/4A=="), kSource,
          R"({"type":"base64","media_type":"image/jpeg","data":"/9j/4A=="})"},
         {"no type", image("data:;base64,R0lGODlh"), kSource,
          R"({"type":"base64","media_type":"image/gif","data":"R0lGODlh"})"},
         {"not base64", image("data:image/gif,GIF89a%01"), kSource,
          R"({"type":"base64","media_type":"image/gif","data":"R0lGODlhAQ=="})"},
         {"an address", image("https://x/y"), kSource, R"({"type":"url","url":"https://x/y"})"}},
        old_claude());
    check_refused(
        {{"no data", image("data:image/png;base64,"), "messages[0].content[0].image_url.url",
          "messages[0].content[0].image_url.url is no good: a data URL without data"},
         {"broken", image("data:image/png;base64,?"), "messages[0].content[0].image_url.url",
          "messages[0].content[0].image_url.url is no good: the data URL's base64 is broken"},
         {"another kind", image("data:image/tiff;base64,AAAA"), "messages[0].content[0]",
          "messages[0].content[0] is no image of type jpeg, png, gif or webp"},
         {"another scheme", image("ftp://x/y"), "messages[0].content[0]",
          "messages[0].content[0] has a URL that is neither http(s) nor data"}},
        old_claude());
}

TEST_CASE("E34: PDFs and texts become documents", "[protocol][conversion]") {
    const auto file = [](std::string_view data) {
        return talk(
            R"({"role":"user","content":[{"type":"file","file":{"filename":"a","file_data":")" +
            std::string(data) + R"("}}]})");
    };
    check_rows(
        {{"a PDF", file("data:application/pdf;base64,JVBERi0="), "/messages/0/content",
          R"([{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0="},"title":"a"},{"type":"text","text":"."}])"},
         {"bytes without a type", file("JVBERi0="), "/messages/0/content/0/source/media_type",
          R"("application/pdf")"},
         {"a text", file("data:text/csv;base64,YSxi"), "/messages/0/content/0",
          R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"a,b"},"title":"a"})"},
         {"a PDF as image",
          talk(
              R"({"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{"url":"data:application/pdf;base64,JVBERi0="}}]})"),
          "/messages/0/content/1/type", R"("document")"}},
        old_claude());
    check_refused(
        {{"another type", file("data:application/zip;base64,AAAA"), "messages[0].content[0]",
          "messages[0].content[0] is neither a PDF nor text"},
         {"an id", talk(R"({"role":"user","content":[{"type":"file","file":{"file_id":"f"}}]})"),
          "messages[0].content[0]", "messages[0].content[0] names a file of another vendor"},
         {"sound",
          talk(
              R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA","format":"wav"}}]})"),
          "messages[0].content[0]",
          "messages[0].content[0] holds sound or video, which this model can't take"}},
        old_claude());
}

TEST_CASE("E35: addresses of people are hashed", "[protocol][conversion]") {
    check_rows(
        {{"an opaque id", hello(R"("user":"u-17")"), "/metadata", R"({"user_id":"u-17"})"},
         {"the safety identifier first", hello(R"("user":"u","safety_identifier":"s")"),
          "/metadata", R"({"user_id":"s"})"},
         {"from the metadata", hello(R"("metadata":{"user_id":"m"})"), "/metadata",
          R"({"user_id":"m"})"},
         {"metadata", hello(R"("metadata":{"a":"b"})"), "/metadata", "-", "dropped:metadata"},
         {"a mail address", hello(R"("user":"a@b.org")"), "/metadata",
          R"({"user_id":"u_5b26064bbe849dabc6e30cd26694c2cf"})", "rewritten:user"}},
        old_claude());
    const Converted phone = openai_to_anthropic(hello(R"("safety_identifier":"+49 30 1234567")"));
    CHECK(phone.json["metadata"]["user_id"].get<std::string>().starts_with("u_"));
    CHECK(phone.losses == "rewritten:safety_identifier");
}

TEST_CASE("E36: JSON mode gives a tool whose object is the answer", "[protocol][conversion]") {
    const std::string schema =
        R"({"type":"object","properties":{"value":{"type":"string"},"properties":{"type":"array"}}})";
    const std::string asked =
        hello(R"("response_format":{"type":"json_schema","json_schema":{"name":"x","schema":)" +
              schema + "}}");
    const Converted made = openai_to_anthropic(asked);
    CHECK(made.at("/tools/0/input_schema") == schema);
    CHECK(made.at("/tool_choice") == R"({"type":"tool","name":"aigw_json_output"})");
    CHECK(made.plan.json_tool == "aigw_json_output");
    CHECK_FALSE(made.plan.is_json_wrapped);
    const Converted list = openai_to_anthropic(hello(
        R"("response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"array","items":{"type":"integer"}}}})"));
    CHECK(list.plan.is_json_wrapped);
    CHECK(list.at("/tools/0/input_schema/properties/value") ==
          R"({"type":"array","items":{"type":"integer"}})");
    CHECK(openai_to_anthropic(hello(R"("response_format":{"type":"json_object"})"))
              .at("/tools/0/input_schema") == R"({"type":"object","additionalProperties":true})");
    CHECK(openai_to_anthropic(hello(R"("response_format":{"type":"text"})")).at("/tools") == "-");
    const Converted beside = openai_to_anthropic(
        hello(std::string(kTool) + R"(,"response_format":{"type":"json_object"})"));
    CHECK(beside.at("/tool_choice") == "-");
    CHECK(beside.losses == "approximated:response_format");
    CHECK(beside.json["system"].size() == 1);
    CHECK(openai_to_anthropic(
              hello(std::string(kTool) +
                    R"(,"tool_choice":"required","response_format":{"type":"json_object"})"))
              .at("/tool_choice") == R"({"type":"any"})");
}

TEST_CASE("E37: structured output closes every object", "[protocol][conversion]") {
    const auto asked = [](std::string_view schema) {
        return hello(
            R"("response_format":{"type":"json_schema","json_schema":{"name":"x","schema":)" +
            std::string(schema) + "}}");
    };
    constexpr const char* kSchema = "/output_config/format/schema";
    check_rows(
        {{"nested",
          asked(
              R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{}}},"b":{"anyOf":[{"type":"object"},{"type":"null"}]}},"$defs":{"C":{"type":"object"}},"required":["a"]})"),
          kSchema,
          R"({"type":"object","properties":{"a":{"type":"array","items":{"type":"object","properties":{},"additionalProperties":false}},"b":{"anyOf":[{"type":"object","additionalProperties":false},{"type":"null"}]}},"$defs":{"C":{"type":"object","additionalProperties":false}},"required":["a"],"additionalProperties":false})"},
         {"keywords become words",
          asked(
              R"({"type":"object","properties":{"n":{"type":"integer","minimum":1,"description":"count"},"s":{"type":"string","format":"date","pattern":"x"}}})"),
          "/output_config/format/schema/properties",
          R"~({"n":{"type":"integer","description":"count (minimum: 1)"},"s":{"type":"string","format":"date","description":"(pattern: \"x\")"}})~",
          "approximated:response_format"},
         {"oneOf", asked(R"({"type":"object","properties":{"a":{"oneOf":[{"type":"string"}]}}})"),
          "/output_config/format/schema/properties/a", R"({"anyOf":[{"type":"string"}]})"},
         {"an open object needs a tool",
          asked(R"({"type":"object","properties":{},"additionalProperties":{"type":"string"}})"),
          "/tool_choice/name", R"("aigw_json_output")"},
         {"so does a schema without end",
          asked(
              R"({"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}}}}})"),
          "/tool_choice/name", R"("aigw_json_output")"}},
        claude_4_5());
}

TEST_CASE("E38: the answer's beginning loses its last blanks", "[protocol][conversion]") {
    const std::string prefilled =
        talk(R"({"role":"user","content":"a"},{"role":"assistant","content":"{ \n"})");
    check_rows({{"trimmed", prefilled, "/messages/1/content", R"([{"type":"text","text":"{"}])"}},
               old_claude());
    check_rows({{"not taken", prefilled, "/messages/2",
                 R"({"role":"user","content":[{"type":"text","text":"Continue."}]})",
                 "approximated:messages[1]"}},
               adaptive_claude());
    check_rows({{"not while it thinks",
                 talk(R"({"role":"user","content":"a"},{"role":"assistant","content":"b"})",
                      R"("reasoning_effort":"low")"),
                 "/messages/2/role", R"("user")", "approximated:messages[1]"}},
               old_claude());
    check_rows({{"a leading one gets a user before it",
                 talk(R"({"role":"assistant","content":"a"},{"role":"user","content":"b"})"),
                 "/messages/0", R"({"role":"user","content":[{"type":"text","text":"."}]})",
                 "repaired:messages[0]"}},
               old_claude());
}

TEST_CASE("E39: only the caller says that a result is an error", "[protocol][conversion]") {
    const std::string body = call_with(R"("{}")");
    std::string error = body;
    error.replace(error.find(R"("content":"ok")"), 14, R"("content":"{\"error\":\"x\"}")");
    check_rows({{"words", error, "/messages/2/content/0/is_error", "-"}}, old_claude());
    std::string said = body;
    said.replace(said.find(R"("content":"ok")"), 14, R"("content":"x","is_error":true)");
    check_rows({{"said", said, "/messages/2/content/0/is_error", "true"}}, old_claude());
}

TEST_CASE("E40: what is no message is refused by its place", "[protocol][conversion]") {
    check_refused(
        {{"an unknown role", talk(R"({"role":"robot","content":"x"})"), "messages[0].role",
          "messages[0].role must be one of system, developer, user, assistant, tool"},
         {"no role", talk(R"({"content":"x"})"), "messages[0].role",
          "messages[0].role is missing: it must be a string"},
         {"a number", talk("7"), "messages[0]", "messages[0] must be an object, not a number"},
         {"content of a number", talk(R"({"role":"user","content":7})"), "messages[0].content",
          "messages[0].content must be a string or an array of parts, not a number"},
         {"no content", talk(R"({"role":"user"})"), "messages[0].content",
          "messages[0].content is missing: it must be a string or an array of parts"},
         {"a part of a number", talk(R"({"role":"user","content":[7]})"), "messages[0].content[0]",
          "messages[0].content[0] must be an object, not a number"},
         {"an unknown part", talk(R"({"role":"user","content":[{"type":"smell"}]})"),
          "messages[0].content[0].type",
          "messages[0].content[0].type is no kind of content that a message can hold"},
         {"a call without its function",
          talk(R"({"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c"}]})"),
          "messages[1].tool_calls[0].function",
          "messages[1].tool_calls[0].function is missing: it must be an object"},
         {"calls of a string", talk(R"({"role":"assistant","tool_calls":"x"})"),
          "messages[0].tool_calls", "messages[0].tool_calls must be an array, not a string"},
         {"no messages", R"({"model":"m","messages":[]})", "messages",
          "messages must not be empty"},
         {"messages of an object", R"({"model":"m","messages":{}})", "messages",
          "messages must be an array, not an object"},
         {"tools of a string", hello(R"("tools":"x")"), "tools",
          "tools must be an array, not a string"},
         {"a tool without a name", hello(R"("tools":[{"type":"function","function":{}}])"),
          "tools[0].function.name", "tools[0].function.name is missing: it must be a string"},
         {"an unknown format", hello(R"("response_format":{"type":"xml"})"), "response_format.type",
          "response_format.type must be one of text, json_object, json_schema"},
         {"sound", hello(R"("modalities":["text","audio"])"), "modalities",
          "modalities must be text alone: this model does not speak"}},
        old_claude());
}

TEST_CASE("fields that Anthropic lacks are named, defaults are not", "[protocol][conversion]") {
    check_rows(
        {{"lost",
          hello(
              R"("seed":1,"logit_bias":{"1":2},"presence_penalty":0.5,"logprobs":true,"store":true,"verbosity":"low")"),
          "/seed", "-",
          "dropped:seed, dropped:logit_bias, dropped:presence_penalty, dropped:logprobs, "
          "dropped:store, dropped:verbosity"},
         {"defaults",
          hello(
              R"("presence_penalty":0,"frequency_penalty":0.0,"logprobs":false,"store":false,"logit_bias":{},"top_p":1,"service_tier":"auto","tool_choice":"auto","parallel_tool_calls":true,"seed":null)"),
          "/seed", "-"},
         {"unknown ones", hello(R"("something_new":1)"), "/something_new", "-"},
         {"its own go as they are", hello(R"("thinking":{"type":"enabled","budget_tokens":2000})"),
          "/thinking", R"({"type":"enabled","budget_tokens":2000})"},
         {"tiers", hello(R"("service_tier":"default")"), "/service_tier", R"("standard_only")"},
         {"a near one", hello(R"("service_tier":"priority")"), "/service_tier", R"("auto")",
          "approximated:service_tier"},
         {"one that is not there", hello(R"("service_tier":"flex")"), "/service_tier", "-",
          "dropped:service_tier"},
         {"strict tools",
          hello(R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])"),
          "/tools/0/strict", "-", "dropped:tools[0].strict"},
         {"custom tools",
          hello(R"("tools":[{"type":"custom","custom":{"name":"c","format":{"type":"text"}}}])"),
          "/tools/0",
          R"({"name":"c","description":"`input` has this format: {\"type\":\"text\"}","input_schema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}})",
          "approximated:tools[0]"}},
        old_claude());
    CHECK(openai_to_anthropic(hello(R"("betas":["a","b"])")).betas == "a,b");
}

TEST_CASE("the elder form of tools goes over as tools", "[protocol][conversion]") {
    const Converted made = openai_to_anthropic(talk(
        R"({"role":"user","content":"hi"},{"role":"assistant","content":null,"function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"})",
        R"("functions":[{"name":"f","parameters":{"type":"object","properties":{}}}],"function_call":{"name":"f"})"));
    CHECK(made.at("/tools/0/name") == R"("f")");
    CHECK(made.at("/tool_choice") == R"({"type":"tool","name":"f"})");
    CHECK(made.at("/messages/1/content/0/id") == R"("call_fn_1")");
    CHECK(made.at("/messages/2/content/0/tool_use_id") == R"("call_fn_1")");
    CHECK(made.losses.empty());
}
