#include "protocol/responses_request.h"

#include <catch2/catch.hpp>

#include "tests/lib/protocol/conversion.h"

using namespace aigw::protocol::tests;
using aigw::ErrorCode;
using aigw::protocol::JsonTree;
using aigw::protocol::ModelTraits;

namespace {

struct Row {
    const char* name;
    std::string body;
    const char* at;  // a JSON pointer into what is sent
    const char* want;
    const char* losses = "";
};

using Convert = Converted (*)(std::string_view, const ModelTraits&);

void check_rows(std::initializer_list<Row> rows, Convert convert, const ModelTraits& traits) {
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = convert(row.body, traits);
            INFO(made.body << made.error.message);
            CHECK(made.at(row.at) == row.want);
            CHECK(made.losses == row.losses);
        }
    }
}

std::string ask(std::string_view input, std::string_view members = {}) {
    std::string body = R"({"model":"m","input":)";
    body.append(input);
    if (!members.empty()) body.append(",").append(members);
    return body.append("}");
}

std::string say(std::string_view members) {
    return ask("\"hi\"", members);
}

// A server that takes everything.
const ModelTraits kServer{.reasoning_field = ModelTraits::ReasoningField::Effort,
                          .strict_tools = true,
                          .tool_images = true,
                          .file_parts = true,
                          .custom_tools = true};

constexpr const char* kTools =
    R"("tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}},{"type":"custom","name":"c"}])";

}  // namespace

TEST_CASE("protocol: the input of Responses becomes messages", "[protocol]") {
    check_rows(
        {
            {"a text", say(""), "/messages", R"([{"role":"user","content":"hi"}])"},
            {"instructions stand first", say(R"("instructions":"be brief")"), "/messages",
             R"([{"role":"system","content":"be brief"},{"role":"user","content":"hi"}])"},
            {"a message without type", ask(R"([{"role":"user","content":"hi"}])"), "/messages",
             R"([{"role":"user","content":"hi"}])"},
            {"texts in parts",
             ask(R"([{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}])"),
             "/messages/0/content", R"("a\nb")"},
            {"a developer speaks as the system",
             ask(R"([{"role":"developer","content":"d"},{"role":"user","content":"u"}])"),
             "/messages/0", R"({"role":"system","content":"d"})"},
            {"what the assistant said, and refused",
             ask(R"([{"role":"user","content":"u"},{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[{"type":"output_text","text":"a","annotations":[],"logprobs":[]},{"type":"refusal","refusal":"no"}]},{"role":"user","content":"v"}])"),
             "/messages/1", R"({"role":"assistant","content":"ano"})"},
            {"an image by its URL",
             ask(R"([{"role":"user","content":[{"type":"input_image","image_url":"https://x/y.png","detail":"low"}]}])"),
             "/messages/0/content",
             R"([{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"low"}}])"},
            {"a file by its bytes",
             ask(R"([{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}]}])"),
             "/messages/0/content",
             R"([{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}}])"},
            {"a file of text by its characters",
             ask(R"([{"role":"user","content":[{"type":"input_file","filename":"a.txt","file_data":"data:text/plain;base64,aGk="}]}])"),
             "/messages/0/content", R"("a.txt\nhi")"},
            {"a file that can't be fetched is named",
             ask(R"([{"role":"user","content":[{"type":"input_file","file_url":"https://x/a.pdf"}]}])"),
             "/messages/0/content", R"("[document at https://x/a.pdf]")",
             "dropped:input[0].content[0]"},
            {"sound",
             ask(R"([{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]}])"),
             "/messages/0/content",
             R"([{"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}])"},
            {"what the vendor's tools did becomes words",
             ask(R"([{"role":"user","content":"u"},{"type":"web_search_call","id":"ws_1","status":"completed","action":{"type":"search", "query":"q"}},{"role":"user","content":"v"}])"),
             "/messages/1",
             R"({"role":"assistant","content":"[web_search_call {\"type\":\"search\",\"query\":\"q\"}]"})",
             "rewritten:input[1]"},
        },
        responses_to_openai, kServer);
}

TEST_CASE("protocol: calls and their outputs come in items of Responses", "[protocol]") {
    const auto history = [](std::string_view items) {
        return ask(R"([{"role":"user","content":"u"},)" + std::string(items) + "]", kTools);
    };
    check_rows(
        {
            {"a call and its output",
             history(
                 R"({"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"x\":1.0}"},{"type":"function_call_output","call_id":"call_1","output":"ok"})"),
             "/messages",
             R"([{"role":"user","content":"u"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{\"x\":1.0}"}}]},{"role":"tool","tool_call_id":"call_1","content":"ok"}])"},
            {"calls of one turn, with what was said before them",
             history(
                 R"({"role":"assistant","content":"let me see"},{"type":"function_call","call_id":"1","name":"f","arguments":""},{"type":"custom_tool_call","call_id":"2","name":"c","input":"free text"},{"type":"custom_tool_call_output","call_id":"2","output":"b"},{"type":"function_call_output","call_id":"1","output":[{"type":"input_text","text":"a"}]})"),
             "/messages/1",
             R"({"role":"assistant","content":"let me see","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"2","type":"custom","custom":{"name":"c","input":"free text"}}]})"},
            {"an output without call",
             history(
                 R"({"role":"assistant","content":"a"},{"type":"function_call_output","call_id":"9","output":"x"})"),
             "/messages/2/content", R"("Tool result (9): x")", "repaired:input[2]"},
            {"arguments that are no object",
             history(
                 R"({"type":"function_call","call_id":"1","name":"f","arguments":"[1"},{"type":"function_call_output","call_id":"1","output":""})"),
             "/messages/1/tool_calls/0/function/arguments", R"("{\"_raw_arguments\":\"[1\"}")",
             "repaired:input[1]"},
            {"an image as an output",
             history(
                 R"({"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":[{"type":"input_image","image_url":"https://x/y.png"}]})"),
             "/messages/2/content",
             R"([{"type":"image_url","image_url":{"url":"https://x/y.png"}}])"},
        },
        responses_to_openai, kServer);
}

TEST_CASE("protocol: reasoning comes back as its vendor gave it, or not at all", "[protocol]") {
    const auto thought = [](std::string_view item) {
        return ask(
            R"([{"role":"user","content":"u"},{"type":"reasoning","id":"rs_1",)" +
                std::string(item) +
                R"(},{"type":"function_call","call_id":"1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"1","output":"ok"}])",
            kTools);
    };
    const char* const kCall = R"({"type":"tool_use","id":"1","name":"f","input":{}})";
    const std::string call_alone = std::string("[") + kCall + "]";
    const std::string with_signature =
        std::string(R"([{"type":"thinking","thinking":"t","signature":"s1"},)") + kCall + "]";
    const std::string without_text =
        std::string(R"([{"type":"thinking","thinking":"","signature":"s1"},)") + kCall + "]";
    const std::string redacted =
        std::string(R"([{"type":"redacted_thinking","data":"d1"},)") + kCall + "]";
    check_rows(
        {
            {"signed",
             thought(
                 R"("summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"aigw-signed:s1")"),
             "/messages/1/content", with_signature.c_str()},
            {"signed and without a word",
             thought(R"("summary":[],"encrypted_content":"aigw-signed:s1")"), "/messages/1/content",
             without_text.c_str()},
            {"redacted", thought(R"("summary":[],"encrypted_content":"aigw-redacted:d1")"),
             "/messages/1/content", redacted.c_str()},
            {"sealed by OpenAI",
             thought(
                 R"("summary":[{"type":"summary_text","text":"t"}],"encrypted_content":"gAAAAAB")"),
             "/messages/1/content", call_alone.c_str()},
            {"unsigned", thought(R"("summary":[{"type":"summary_text","text":"t"}])"),
             "/messages/1/content", call_alone.c_str()},
            {"with nothing in it", thought(R"("summary":[])"), "/messages/1/content",
             call_alone.c_str()},
        },
        responses_to_anthropic, old_claude());
    ModelTraits qwen = kServer;
    qwen.replays_reasoning = true;
    check_rows(
        {
            {"its words where a server wants them",
             thought(
                 R"("summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}])"),
             "/messages/1/reasoning_content", R"("a\n\nb")"},
            {"as they were before any summary",
             thought(
                 R"("summary":[{"type":"summary_text","text":"a"}],"content":[{"type":"reasoning_text","text":"raw"}])"),
             "/messages/1/reasoning_content", R"("raw")"},
        },
        responses_to_openai, qwen);
}

TEST_CASE("protocol: tools of Responses are flat", "[protocol]") {
    check_rows(
        {
            {"a function", say(kTools), "/tools/0",
             R"({"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}})"},
            {"free text", say(kTools), "/tools/1", R"({"type":"custom","custom":{"name":"c"}})"},
            {"free text of a grammar",
             say(R"("tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark","definition":"x"}}])"),
             "/tools/0/custom/format",
             R"({"type":"grammar","grammar":{"syntax":"lark","definition":"x"}})"},
            {"what the vendor runs is left out",
             say(R"("tools":[{"type":"web_search"},{"type":"function","name":"f"}])"),
             "/tools/0/function/name", R"("f")", "dropped:tools[0]"},
            {"nothing else is left of it", say(R"("tools":[{"type":"file_search"}])"), "/tools",
             "-", "dropped:tools[0]"},
            {"a named choice",
             say(std::string(kTools) + R"(,"tool_choice":{"type":"function","name":"f"})"),
             "/tool_choice", R"({"type":"function","function":{"name":"f"}})"},
            {"a named choice of free text",
             say(std::string(kTools) + R"(,"tool_choice":{"type":"custom","name":"c"})"),
             "/tool_choice", R"({"type":"custom","custom":{"name":"c"}})"},
            {"a choice in one word", say(std::string(kTools) + R"(,"tool_choice":"required")"),
             "/tool_choice", R"("required")"},
            {"some of the tools",
             say(std::string(kTools) +
                 R"(,"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"custom","name":"c"}]})"),
             "/tools", R"([{"type":"custom","custom":{"name":"c"}}])", "rewritten:tools"},
            {"a choice of what the vendor runs",
             say(std::string(kTools) + R"(,"tool_choice":{"type":"web_search_preview"})"),
             "/tool_choice", "-", "dropped:tool_choice"},
            {"one call at a time", say(std::string(kTools) + R"(,"parallel_tool_calls":false)"),
             "/parallel_tool_calls", "false"},
        },
        responses_to_openai, kServer);
}

TEST_CASE("protocol: fields of Responses find their places", "[protocol]") {
    check_rows(
        {
            {"the limit", say(R"("max_output_tokens":99)"), "/max_tokens", "99"},
            {"sampling as it was written", say(R"("temperature":0.70,"top_p":0.50)"),
             "/temperature", "0.7"},
            {"an object", say(R"("text":{"format":{"type":"json_object"}})"), "/response_format",
             R"({"type":"json_object"})"},
            {"a schema",
             say(R"("text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object"},"strict":true}})"),
             "/response_format",
             R"({"type":"json_schema","json_schema":{"name":"n","description":"d","schema":{"type":"object"},"strict":true}})"},
            {"how much is said", say(R"("text":{"verbosity":"low"})"), "/verbosity", R"("low")"},
            {"how much is thought", say(R"("reasoning":{"effort":"low","summary":"auto"})"),
             "/reasoning_effort", R"("low")"},
            {"who asks", say(R"("user":"u","safety_identifier":"s")"), "/user", R"("s")"},
            {"the tier", say(R"("service_tier":"flex")"), "/service_tier", R"("flex")"},
            {"the cache's key", say(R"("prompt_cache_key":"k")"), "/prompt_cache_key", R"("k")"},
            {"a stream asks for its usage",
             say(R"("stream":true,"stream_options":{"include_obfuscation":false})"),
             "/stream_options", R"({"include_usage":true})"},
            {"what asks for nothing is no loss",
             say(R"("store":false,"truncation":"disabled","top_logprobs":0,"include":["reasoning.encrypted_content"],"background":false,"context_management":[],"previous_response_id":null)"),
             "/store", "-"},
            {"what can't be done is said",
             say(R"("store":true,"truncation":"auto","top_logprobs":2,"max_tool_calls":1,"include":["reasoning.encrypted_content","message.output_text.logprobs"],"reasoning":{"context":"x"})"),
             "/store", "-",
             "dropped:reasoning.context, dropped:store, dropped:truncation, "
             "dropped:max_tool_calls, dropped:top_logprobs, dropped:include[1]"},
        },
        responses_to_openai, kServer);
    check_rows(
        {
            {"losses have their paths in Responses",
             say(R"("text":{"verbosity":"low"},"reasoning":{"effort":"low"},"max_output_tokens":70000,"prompt_cache_key":"k")"),
             "/max_tokens", "8192",
             "clamped:max_output_tokens, dropped:reasoning.effort, dropped:text.verbosity, "
             "dropped:prompt_cache_key"},
            {"words for a form that a server does not know",
             say(R"("text":{"format":{"type":"json_object"}})"), "/tool_choice",
             R"({"type":"tool","name":"aigw_json_output"})"},
        },
        responses_to_anthropic, ModelTraits{.max_output = 8192});
}

TEST_CASE("protocol: what only the vendor keeps is refused in Responses", "[protocol]") {
    struct Refused {
        const char* name;
        std::string body;
        const char* param;
        const char* message;
    };
    const Refused rows[] = {
        {"an earlier answer", say(R"("previous_response_id":"resp_1")"), "previous_response_id",
         "previous_response_id names an answer that nobody has kept: send the whole conversation "
         "as input"},
        {"a conversation", say(R"("conversation":{"id":"conv_1"})"), "conversation",
         "conversation names a conversation that nobody has kept: send the whole of it as input"},
        {"a stored prompt", say(R"("prompt":{"id":"pmpt_1"})"), "prompt",
         "prompt names a prompt that is kept elsewhere: send its text as instructions"},
        {"an item by its id", ask(R"([{"type":"item_reference","id":"msg_1"}])"), "input[0]",
         "input[0] refers to an item that nobody has kept: send it whole"},
        {"a file by its id",
         ask(R"([{"role":"user","content":[{"type":"input_file","file_id":"file_1"}]}])"),
         "input[0].content[0]",
         "input[0].content[0] is a file that another vendor keeps: send its content"},
        {"an item that only one vendor knows", ask(R"([{"type":"computer_call","call_id":"c"}])"),
         "input[0].type", "input[0].type is no kind of item that this model can read"},
        {"a part of no kind", ask(R"([{"role":"user","content":[{"type":"input_smell"}]}])"),
         "input[0].content[0].type",
         "input[0].content[0].type is no kind of content that an item can hold"},
        {"a role of no kind", ask(R"([{"role":"tool","content":"x"}])"), "input[0].role",
         "input[0].role must be one of system, developer, user, assistant"},
        {"an output of a wrong kind",
         ask(R"([{"type":"function_call_output","call_id":"1","output":7}])"), "input[0].output",
         "input[0].output must be a string or an array of parts, not a number"},
        {"a call without name", ask(R"([{"type":"function_call","call_id":"1"}])"), "input[0].name",
         "input[0].name is missing: it must be a string"},
        {"no input", R"({"model":"m"})", "input",
         "input is missing: it must be a string or an array of items"},
        {"an effort of no kind", say(R"("reasoning":{"effort":"huge"})"), "reasoning.effort",
         "reasoning.effort must be one of none, minimal, low, medium, high, xhigh, max"},
        {"a form of no kind", say(R"("text":{"format":{"type":"xml"}})"), "text.format.type",
         "text.format.type must be one of text, json_object, json_schema"},
        {"a tool without name", say(R"("tools":[{"type":"function"}])"), "tools[0].name",
         "tools[0].name is missing: it must be a string"},
        {"a choice without name", say(R"("tool_choice":{"type":"function"})"), "tool_choice.name",
         "tool_choice.name is missing: it must be a string"},
    };
    for (const Refused& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = responses_to_openai(row.body, kServer);
            INFO(made.body);
            CHECK(made.error.code == ErrorCode::InvalidRequest);
            CHECK(made.error.param == row.param);
            CHECK(made.error.message == row.message);
        }
    }
}

TEST_CASE("protocol: an answer of Responses repeats what was asked", "[protocol]") {
    const auto echo_of = [](const std::string& body) {
        JsonTree tree;
        const auto root = tree.parse(body);
        REQUIRE(root);
        return Json::parse("{" + aigw::protocol::make_responses_echo(*root) + "}");
    };
    const Json defaults = echo_of(say(""));
    CHECK(defaults["instructions"].is_null());
    CHECK(defaults["tools"] == Json::array());
    CHECK(defaults["tool_choice"] == "auto");
    CHECK(defaults["metadata"] == Json::object());
    CHECK(defaults["store"] == false);
    const Json asked = echo_of(say(
        R"("instructions":"i","tools":[{"type":"function","name":"f"}],"temperature":0.25,"store":true,"metadata":{"a":"b"})"));
    CHECK(asked["instructions"] == "i");
    CHECK(asked["tools"][0]["name"] == "f");
    CHECK(asked["temperature"] == 0.25);
    CHECK(asked["metadata"]["a"] == "b");
    CHECK(asked["store"] == false);
}
