#include <catch2/catch.hpp>
#include <random>

#include "protocol/openai_request.h"
#include "tests/lib/protocol/openai_body_problem.h"
#include "tests/lib/protocol/openai_dialects.h"
#include "tests/lib/protocol/request_conversion.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::tests;

namespace {

// What a table's row asks and wants.
struct Case {
    const char* name;
    std::string asked;
    std::string want;
    const char* losses = "";
    ModelTraits traits = kGpt;
};

void check_messages(const Case& c) {
    const WrittenRequest converted = anthropic_to_openai(anthropic_body(c.asked), c.traits);
    CHECK(converted.error.empty());
    CHECK(converted.messages() == c.want);
    CHECK(converted.losses == c.losses);
}

void check_fields(const Case& c) {
    const WrittenRequest converted = anthropic_to_openai(anthropic_ask(c.asked), c.traits);
    CHECK(converted.error.empty());
    CHECK(converted.fields() == c.want);
    CHECK(converted.losses == c.losses);
}

ModelTraits with(ModelTraits traits, bool ModelTraits::* column, bool value) {
    traits.*column = value;
    return traits;
}

std::string user(std::string_view blocks) {
    return R"([{"role":"user","content":[)" + std::string(blocks) + "]}]";
}

// A turn with calls `a` and `b`, and the user's turn behind it.
std::string after_calls(std::string_view blocks) {
    return R"([{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}},)"
           R"({"type":"tool_use","id":"b","name":"f","input":{}}]},{"role":"user","content":[)" +
           std::string(blocks) + "]}]";
}
const std::string kCalls =
    R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]})";

// A turn with the call `a`, its result's content, and what else the user says.
std::string result(std::string_view content, std::string_view more = "") {
    return R"([{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},)"
           R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a")" +
           std::string(content) + "}" + std::string(more) + "]}]";
}
std::string after_call(std::string_view messages) {
    return R"([{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},)" +
           std::string(messages) + "]";
}

const std::string kPng =
    R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}})";
const std::string kSentPng =
    R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})";
const std::string kPdf =
    R"({"type":"document","title":"T","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}})";
const std::string kSentPdf =
    R"({"type":"file","file":{"filename":"T","file_data":"data:application/pdf;base64,JVBE"}})";

}  // namespace

// ---- The whole -------------------------------------------------------------------------------

TEST_CASE("openai requests: a whole Anthropic request in OpenAI's words",
          "[protocol][conversion]") {
    const WrittenRequest converted = anthropic_to_openai(R"({
        "model":"claude","max_tokens":1000,"stream":true,
        "system":[{"type":"text","text":"Be brief."},{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}}],
        "messages":[{"role":"user","content":"Weather?"},
          {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"text","text":"I look."},{"type":"tool_use","id":"t1","name":"w","input":{"city": "Oslo", "n": 1.0}}]},
          {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"rain"},{"type":"text","text":"And?"}]}],
        "tools":[{"name":"w","description":"W","input_schema":{"type":"object","properties":{"city":{"type":"string"}}},"cache_control":{"type":"ephemeral"}}],
        "tool_choice":{"type":"any","disable_parallel_tool_use":true},
        "temperature":0.7,"stop_sequences":["END"],"thinking":{"type":"enabled","budget_tokens":2000},
        "metadata":{"user_id":"u1"}})",
                                                         kGpt);
    CHECK(converted.error.empty());
    CHECK(converted.losses.empty());
    CHECK(
        converted.body ==
        R"({"model":"m","messages":[{"role":"system","content":"Be brief.\n\nBe kind."},)"
        R"({"role":"user","content":"Weather?"},)"
        R"({"role":"assistant","content":"I look.","tool_calls":[{"id":"t1","type":"function","function":{"name":"w","arguments":"{\"city\":\"Oslo\",\"n\":1.0}"}}]},)"
        R"({"role":"tool","tool_call_id":"t1","content":"rain"},)"
        R"({"role":"user","content":"And?"}],)"
        R"("tools":[{"type":"function","function":{"name":"w","description":"W","parameters":{"type":"object","properties":{"city":{"type":"string"}}}}}],)"
        R"("tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":1000,)"
        R"("temperature":0.7,"stop":["END"],"reasoning_effort":"medium","user":"u1",)"
        R"("stream":true,"stream_options":{"include_usage":true}})");
}

// ---- 6.1: top-level fields -------------------------------------------------------------------

TEST_CASE("E54: the limit goes by the name that the server knows", "[protocol][conversion]") {
    const auto written = [](std::int64_t limit, const ModelTraits& traits) {
        const WrittenRequest converted =
            anthropic_to_openai(R"({"max_tokens":)" + std::to_string(limit) +
                                    R"(,"messages":[{"role":"user","content":"Hi"}]})",
                                traits);
        return converted.member("max_tokens") + "/" + converted.member("max_completion_tokens") +
               " " + converted.losses;
    };
    CHECK(written(9, kGpt) == "/9 ");
    CHECK(written(9, kQwen) == "9/ ");
    CHECK(written(9, ModelTraits{}) == "9/ ");
    CHECK(written(200'000, kGpt) == "/128000 clamped:max_tokens");
    CHECK(written(200'000, kQwen) == "200000/ ");
}

TEST_CASE("E55: a limit of one token is sent as it is", "[protocol][conversion]") {
    const WrittenRequest converted = anthropic_to_openai(
        R"({"max_tokens":1,"messages":[{"role":"user","content":"quota"}]})", kGpt);
    CHECK(
        converted.body ==
        R"({"model":"m","messages":[{"role":"user","content":"quota"}],"max_completion_tokens":1})");
}

TEST_CASE("openai requests: a limit of nothing is never sent", "[protocol][conversion]") {
    const WrittenRequest converted = anthropic_to_openai(
        R"({"max_tokens":0,"messages":[{"role":"user","content":"Hi"}]})", kGpt);
    CHECK(converted.body == R"({"model":"m","messages":[{"role":"user","content":"Hi"}]})");
}

TEST_CASE("openai requests: top-level fields of Anthropic's", "[protocol][conversion]") {
    const std::string closed =
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
    const std::string open = R"({"type":"object","properties":{"a":{"type":"string"}}})";
    const auto format = [](std::string_view schema, bool is_strict) {
        return R"("response_format":{"type":"json_schema","json_schema":{"name":"structured_output","schema":)" +
               std::string(schema) + R"(,"strict":)" + (is_strict ? "true" : "false") + "}}";
    };
    const Case cases[] = {
        {"nothing", "", ""},
        {"sampling", R"("temperature":0.50,"top_p":0.90)", R"("temperature":0.50,"top_p":0.90)"},
        {"sampling of a model that has none", R"("temperature":0.5,"top_p":0.9)", "",
         "dropped:temperature, dropped:top_p", with(kGpt, &ModelTraits::takes_sampling, false)},
        {"the default of a model that has none", R"("temperature":1,"top_p":1.0)", "", "",
         with(kGpt, &ModelTraits::takes_sampling, false)},
        {"top_p 0 for Alibaba", R"("top_p":0)", R"("top_p":0.001)", "clamped:top_p", kQwen},
        {"temperature 0 for MiniMax", R"("temperature":0)",
         R"("temperature":0.01,"reasoning_split":true)", "clamped:temperature", kMiniMax},
        {"top_k", R"("top_k":40)", R"("top_k":40)", "", kQwen},
        {"top_k for OpenAI", R"("top_k":40)", "", "dropped:top_k"},
        {"service tier", R"("service_tier":"standard_only")", R"("service_tier":"default")"},
        {"service tier auto", R"("service_tier":"auto")", ""},
        {"no service tiers", R"("service_tier":"standard_only")", "", "", kQwen},
        {"a schema that meets the strict rules",
         R"("output_config":{"format":{"type":"json_schema","schema":)" + closed + "}}",
         format(closed, true)},
        {"a schema that does not",
         R"("output_format":{"type":"json_schema","schema":)" + open + "}", format(open, false)},
        {"a stream", R"("stream":true)",
         R"("stream":true,"stream_options":{"include_usage":true})"},
        {"no stream", R"("stream":false)", ""},
        {"marks where the upstream caches by itself", R"("cache_control":{"type":"ephemeral"})",
         ""},
        {"what only Anthropic has",
         R"("mcp_servers":[{"name":"x"}],"container":"c","context_management":{"edits":[]},"inference_geo":"eu","speed":"fast","fallbacks":[{"model":"x"}],"betas":["b"])",
         "",
         "dropped:mcp_servers, dropped:container, dropped:context_management, "
         "dropped:inference_geo, dropped:speed, dropped:fallbacks"},
        {"what asks for nothing", R"("mcp_servers":[],"speed":"standard")", ""},
        {"what nobody knows", R"("hologram":true,"seed":1,"n":3)", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Case plain = c;
            plain.traits.max_field = ModelTraits::MaxField::MaxTokens;
            check_fields(plain);
        }
    }
}

TEST_CASE("openai requests: servers that can't be held to a form are asked in words",
          "[protocol][conversion]") {
    const std::string asked = anthropic_ask(
        R"("output_config":{"format":{"type":"json_schema","schema":{"type": "object"}}})");
    const WrittenRequest minimax = anthropic_to_openai(asked, kMiniMax);
    CHECK(
        minimax.messages() ==
        R"([{"role":"system","content":"Answer with JSON that matches this JSON Schema, and nothing else:\n{\"type\":\"object\"}"},{"role":"user","content":"Hi"}])");
    CHECK(minimax.member("response_format").empty());
    CHECK(minimax.losses == "approximated:output_config.format");
    const WrittenRequest beta = anthropic_to_openai(
        anthropic_ask(R"("output_format":{"type":"json_schema","schema":{"type":"object"}})"),
        kMiniMax);
    CHECK(beta.losses == "approximated:output_format");
    const WrittenRequest elder =
        anthropic_to_openai(asked, with({}, &ModelTraits::json_schema, false));
    CHECK(elder.member("response_format") == R"({"type":"json_object"})");
    CHECK(elder.losses == "approximated:output_config.format");
}

TEST_CASE("E53: stop sequences arrive, four at most", "[protocol][conversion]") {
    const Case cases[] = {
        {"two", R"("stop_sequences":["a","b"])", R"("stop":["a","b"])"},
        {"five", R"("stop_sequences":["a","b","c","d","e"])", R"("stop":["a","b","c","d"])",
         "dropped:stop_sequences"},
        {"blank ones", R"("stop_sequences":["","\n","a"])", R"("stop":["a"])"},
        {"none", R"("stop_sequences":[])", ""},
        {"only blank ones", R"("stop_sequences":[" "])", ""},
        {"a model without", R"("stop_sequences":["a"])", "", "dropped:stop_sequences",
         with(kGpt, &ModelTraits::takes_stop, false)},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Case plain = c;
            plain.traits.max_field = ModelTraits::MaxField::MaxTokens;
            check_fields(plain);
        }
    }
}

TEST_CASE("E58: a long user id is hashed", "[protocol][conversion]") {
    const auto user_of = [](const std::string& id, const ModelTraits& traits) {
        const WrittenRequest converted =
            anthropic_to_openai(anthropic_ask(R"("metadata":{"user_id":")" + id + "\"}"), traits);
        CHECK(converted.member("metadata").empty());
        return converted.member("user") + converted.losses;
    };
    const std::string longest(64, 'u');
    CHECK(user_of(longest, kGpt) == "\"" + longest + "\"");
    CHECK(user_of(longest + "u", kGpt) == "\"" + crypto::sha256_hex(longest + "u") + "\"");
    CHECK(user_of("u", kQwen) == "dropped:metadata.user_id");
}

TEST_CASE("openai requests: the system prompt is one message", "[protocol][conversion]") {
    const auto text = [](std::string_view value) {
        return R"({"type":"text","text":")" + std::string(value) + "\"}";
    };
    const auto messages = [](std::string_view system) {
        return R"([{"role":"system","content":)" + std::string(system) +
               R"(},{"role":"user","content":"Hi"}])";
    };
    const Case cases[] = {
        {"a string", R"("system":"Be brief.")", messages("\"Be brief.\"")},
        {"blocks", R"("system":[)" + text("a") + "," + text(" \\n") + "," + text("b") + "]",
         messages(R"("a\n\nb")")},
        {"blank", R"("system":" ")", R"([{"role":"user","content":"Hi"}])"},
        {"no blocks", R"("system":[])", R"([{"role":"user","content":"Hi"}])"},
        {"a mark that the server does not know",
         R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])",
         messages("\"a\"")},
        {"a mark that it knows",
         R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}},)" +
             text("b") + "]",
         messages(
             R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}])"),
         "", kQwen},
        {"a breakpoint",
         R"("system":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}])",
         messages(R"([{"type":"text","text":"a","prompt_cache_breakpoint":{"mode":"explicit"}}])"),
         "",
         [] {
             ModelTraits traits = kGpt;
             traits.cache_marks = ModelTraits::CacheMarks::Breakpoint;
             return traits;
         }()},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest converted = anthropic_to_openai(anthropic_ask(c.asked), c.traits);
            CHECK(converted.error.empty());
            CHECK(converted.messages() == c.want);
            CHECK(converted.losses == c.losses);
        }
    }
}

TEST_CASE("openai requests: a mark for the whole prompt stands at its end",
          "[protocol][conversion]") {
    CHECK(
        anthropic_to_openai(anthropic_ask(R"("cache_control":{"type":"ephemeral"})"), kQwen)
            .messages() ==
        R"([{"role":"user","content":[{"type":"text","text":"Hi","cache_control":{"type":"ephemeral"}}]}])");
}

TEST_CASE("openai requests: later system messages go where the configuration wants them",
          "[protocol][conversion]") {
    const std::string late =
        R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"a"},)"
        R"({"role":"user","content":"b"},{"role":"system","content":"s"},{"role":"user","content":"c"}])";
    const std::string in_place =
        R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"a"},)"
        R"({"role":"user","content":"b"},{"role":"system","content":"s"},{"role":"user","content":"c"}])";
    const std::string in_front =
        R"([{"role":"system","content":"s"},{"role":"user","content":"Hi"},)"
        R"({"role":"assistant","content":"a"},{"role":"user","content":"b\nc"}])";
    const std::string in_the_turn =
        R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"a"},)"
        R"({"role":"user","content":"b\n<system-reminder>\ns\n</system-reminder>\nc"}])";
    const ModelTraits able = with(kQwen, &ModelTraits::mid_system, true);
    struct Row {
        const char* name;
        MidSystem wanted;
        const ModelTraits& traits;
        const std::string& want;
        const char* losses;
    };
    const Row rows[] = {
        {"a server of any place", MidSystem::Native, kGpt, in_place, ""},
        {"… keeps them whatever is wanted", MidSystem::User, kGpt, in_place, ""},
        {"a server of one prompt", MidSystem::Native, kQwen, in_front, "rewritten:messages[3]"},
        {"… by choice", MidSystem::Hoist, kQwen, in_front, "rewritten:messages[3]"},
        {"… as a reminder", MidSystem::User, kQwen, in_the_turn, "rewritten:messages[3]"},
        {"a model that takes them", MidSystem::Native, able, in_place, ""},
        {"… and is not to", MidSystem::Hoist, able, in_front, "rewritten:messages[3]"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const WrittenRequest converted =
                anthropic_to_openai(anthropic_body(late), row.traits, {.mid_system = row.wanted});
            CHECK(converted.error.empty());
            CHECK(converted.messages() == row.want);
            CHECK(converted.losses == row.losses);
        }
    }
}

TEST_CASE("openai requests: a reminder stands behind the results of a call",
          "[protocol][conversion]") {
    const WrittenRequest converted = anthropic_to_openai(
        anthropic_body(
            R"([{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},)"
            R"({"role":"system","content":"s"},)"
            R"({"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}])"),
        kQwen, {.mid_system = MidSystem::User});
    CHECK(converted.messages() ==
          after_call(R"({"role":"tool","tool_call_id":"a","content":"1"},)"
                     R"({"role":"user","content":"<system-reminder>\ns\n</system-reminder>"})"));
    CHECK(converted.losses == "rewritten:messages[1]");
}

TEST_CASE("E59: the billing line of a system prompt is removed", "[protocol][conversion]") {
    const auto system = [](std::string_view value) {
        return anthropic_to_openai(anthropic_ask(R"("system":)" + std::string(value)), kGpt)
            .messages();
    };
    const std::string line = "x-anthropic-billing-header: cc_version=2; cch=a1b2;";
    const std::string want = R"([{"role":"system","content":"a"},{"role":"user","content":"Hi"}])";
    CHECK(system(R"([{"type":"text","text":")" + line + R"("},{"type":"text","text":"a"}])") ==
          want);
    CHECK(system("\"" + line + R"(\na")") == want);
    CHECK(system("\"" + line + "\"") == R"([{"role":"user","content":"Hi"}])");
}

// ---- 6.2: messages ---------------------------------------------------------------------------

TEST_CASE("E41: a user turn's results come first and contiguous", "[protocol][conversion]") {
    const std::string a = R"({"type":"tool_result","tool_use_id":"a","content":"1"})";
    const std::string b = R"({"type":"tool_result","tool_use_id":"b","content":"2"})";
    const std::string text = R"({"type":"text","text":"go"})";
    const std::string sent_a = R"({"role":"tool","tool_call_id":"a","content":"1"})";
    const std::string sent_b = R"({"role":"tool","tool_call_id":"b","content":"2"})";
    const std::string sent_text = R"({"role":"user","content":"go"})";
    const std::string want = "[" + kCalls + "," + sent_a + "," + sent_b + "," + sent_text + "]";
    const std::string with_image =
        R"({"type":"tool_result","tool_use_id":"a","content":[)" + kPng + "]}";
    const Case cases[] = {
        {"text first", after_calls(text + "," + a + "," + b), want},
        {"text between", after_calls(a + "," + text + "," + b), want},
        {"in another order", after_calls(b + "," + a + "," + text), want},
        {"only results", after_calls(a + "," + b),
         "[" + kCalls + "," + sent_a + "," + sent_b + "]"},
        {"in two messages",
         after_calls(a).substr(0, after_calls(a).size() - 1) + R"(,{"role":"user","content":[)" +
             text + "," + b + "]}]",
         want},
        {"a system message between",
         after_calls(a + "," + b)
             .insert(after_calls("").find(R"({"role":"user")"),
                     R"({"role":"system","content":"s"},)"),
         "[" + kCalls + "," + sent_a + "," + sent_b + R"(,{"role":"system","content":"s"}])"},
        {"an image in the first of two", after_calls(text + "," + with_image + "," + b),
         "[" + kCalls +
             R"(,{"role":"tool","tool_call_id":"a","content":"[image 1 of tool result a: see next user message]"},)" +
             sent_b +
             R"(,{"role":"user","content":[{"type":"text","text":"Image 1 of tool result a:"},)" +
             kSentPng + R"(,{"type":"text","text":"go"}]}])",
         "rewritten:messages[1].content[1].content[0]"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("E42: an empty result still has its message", "[protocol][conversion]") {
    const std::string empty = after_call(R"({"role":"tool","tool_call_id":"a","content":""})");
    const Case cases[] = {
        {"missing", result(""), empty},
        {"null", result(R"(,"content":null)"), empty},
        {"an empty string", result(R"(,"content":"")"), empty},
        {"an empty list", result(R"(,"content":[])"), empty},
        {"an empty text", result(R"(,"content":[{"type":"text","text":""}])"), empty},
        {"a document alone", result(R"(,"content":[)" + kPdf + "]"),
         after_call(
             R"({"role":"tool","tool_call_id":"a","content":"[document 1 of tool result a: see next user message]"},)"
             R"({"role":"user","content":[{"type":"text","text":"Document 1 of tool result a:"},)" +
             kSentPdf + "]}"),
         "rewritten:messages[1].content[0].content[0]"},
        {"a document that nobody reads", result(R"(,"content":[)" + kPdf + "]"),
         after_call(
             R"({"role":"tool","tool_call_id":"a","content":"[document \"T\" of type application/pdf]"})"),
         "dropped:messages[1].content[0].content[0]", ModelTraits{}},
        {"a text alone", result(R"(,"content":"\n")"),
         after_call(R"({"role":"tool","tool_call_id":"a","content":"\n"})")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("E43: images in results reach the model as images", "[protocol][conversion]") {
    const std::string jpeg = R"({"type":"image","source":{"type":"url","url":"https://x/y.jpg"}})";
    const std::string sent_jpeg = R"({"type":"image_url","image_url":{"url":"https://x/y.jpg"}})";
    const Case cases[] = {
        {"text and two images",
         result(R"(,"content":[{"type":"text","text":"seen"},)" + kPng + "," + jpeg + "]",
                R"(,{"type":"text","text":"go"})"),
         after_call(
             R"({"role":"tool","tool_call_id":"a","content":"seen\n[image 1 of tool result a: see next user message]\n[image 2 of tool result a: see next user message]"},)"
             R"({"role":"user","content":[{"type":"text","text":"Image 1 of tool result a:"},)" +
             kSentPng + R"(,{"type":"text","text":"Image 2 of tool result a:"},)" + sent_jpeg +
             R"(,{"type":"text","text":"go"}]})"),
         "rewritten:messages[1].content[0].content[1], "
         "rewritten:messages[1].content[0].content[2]"},
        {"where a tool message holds images",
         result(R"(,"content":[{"type":"text","text":"seen"},)" + kPng + "]"),
         after_call(
             R"({"role":"tool","tool_call_id":"a","content":[{"type":"text","text":"seen"},)" +
             kSentPng + "]}"),
         "", with(kGpt, &ModelTraits::tool_images, true)},
        {"a model without eyes", result(R"(,"content":[)" + kPng + "," + jpeg + "]"),
         after_call(
             R"({"role":"tool","tool_call_id":"a","content":"[image of type image/png]\n[image https://x/y.jpg]"})"),
         "dropped:messages[1].content[0].content[0], dropped:messages[1].content[0].content[1]",
         with(kGpt, &ModelTraits::images, false)},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("E44: a failed call stays one", "[protocol][conversion]") {
    const auto tool = [](std::string_view value) {
        return after_call(R"({"role":"tool","tool_call_id":"a","content":)" + std::string(value) +
                          "}");
    };
    const Case cases[] = {
        {"text", result(R"(,"is_error":true,"content":"no")"), tool(R"("[tool_error] no")")},
        {"blocks",
         result(
             R"(,"is_error":true,"content":[{"type":"text","text":"a"},{"type":"text","text":"b"}])"),
         tool(R"("[tool_error] a\nb")")},
        {"nothing", result(R"(,"is_error":true)"), tool(R"("[tool_error] ")")},
        {"no error", result(R"(,"is_error":false,"content":"{\"error\":\"x\"}")"),
         tool(R"("{\"error\":\"x\"}")")},
        {"an image in the message", result(R"(,"is_error":true,"content":[)" + kPng + "]"),
         tool(R"([{"type":"text","text":"[tool_error] "},)" + kSentPng + "]"), "",
         with(kGpt, &ModelTraits::tool_images, true)},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("E45: documents are converted or named", "[protocol][conversion]") {
    const auto document = [](std::string_view source, std::string_view more = "") {
        return user(R"({"type":"document","source":)" + std::string(source) + std::string(more) +
                    "}");
    };
    const auto said = [](std::string_view text) {
        return R"([{"role":"user","content":")" + std::string(text) + "\"}]";
    };
    const std::string pdf = R"({"type":"base64","media_type":"application/pdf","data":"JVBE"})";
    const std::string text = R"({"type":"text","media_type":"text/plain","data":"a"})";
    const Case cases[] = {
        {"a PDF", user(kPdf), R"([{"role":"user","content":[)" + kSentPdf + "]}]"},
        {"a PDF without title", document(pdf),
         R"([{"role":"user","content":[{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,JVBE"}}]}])"},
        {"a PDF that nobody reads", user(kPdf), said(R"([document \"T\" of type application/pdf])"),
         "dropped:messages[0].content[0]", ModelTraits{}},
        {"a PDF's address", document(R"({"type":"url","url":"https://x/y.pdf"})"),
         said("[document at https://x/y.pdf]"), "dropped:messages[0].content[0]"},
        {"text", document(text), said("a")},
        {"text with a title", document(text, R"(,"title":"T")"), said("T\\na")},
        {"text with title and context", document(text, R"(,"title":"T","context":"C")"),
         said("T - C\\na")},
        {"blocks",
         document(
             R"({"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]})",
             R"(,"title":"T")"),
         said("T\\na\\nb")},
        {"blocks with an image",
         document(R"({"type":"content","content":[{"type":"text","text":"a"},)" + kPng + "]}"),
         R"([{"role":"user","content":[{"type":"text","text":"a"},)" + kSentPng + "]}]"},
        {"text as bytes", document(R"({"type":"base64","media_type":"text/csv","data":"YSxi"})"),
         said("a,b")},
        {"a search result",
         user(
             R"({"type":"search_result","source":"https://x","title":"T","content":[{"type":"text","text":"a"}]})"),
         said("T\\nhttps://x\\na")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("openai requests: a file that the other vendor keeps is refused",
          "[protocol][conversion]") {
    for (const char* type : {"image", "document"}) {
        const WrittenRequest converted = anthropic_to_openai(
            anthropic_body(user(R"({"type":")" + std::string(type) +
                                R"(","source":{"type":"file","file_id":"f"}})")),
            kGpt);
        CHECK(converted.error ==
              "messages[0].content[0] is a file that another vendor keeps: send its content");
        CHECK(converted.param == "messages[0].content[0]");
    }
}

TEST_CASE("E46: text beside calls survives", "[protocol][conversion]") {
    const auto turn = [](std::string_view blocks) {
        return R"([{"role":"assistant","content":[)" + std::string(blocks) +
               R"(]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}])";
    };
    const auto sent = [](std::string_view content) {
        return R"([{"role":"assistant","content":)" + std::string(content) +
               R"(,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}])";
    };
    const std::string call = R"({"type":"tool_use","id":"a","name":"f","input":null})";
    const Case cases[] = {
        {"before", turn(R"({"type":"text","text":"I look."},)" + call), sent("\"I look.\"")},
        {"around",
         turn(R"({"type":"text","text":"I "},)" + call + R"(,{"type":"text","text":"look."})"),
         sent("\"I look.\"")},
        {"none", turn(call), sent("null")},
        {"blank", turn(R"({"type":"text","text":"\n"},)" + call), sent("null")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("openai requests: turns of text and images", "[protocol][conversion]") {
    const std::string asks = R"([{"role":"user","content":"Hi"},)";
    const Case cases[] = {
        {"texts are one string",
         user(R"({"type":"text","text":"a"},{"type":"text","text":""},{"type":"text","text":"b"})"),
         R"([{"role":"user","content":"a\nb"}])"},
        {"an image makes parts", user(R"({"type":"text","text":"a"},)" + kPng),
         R"([{"role":"user","content":[{"type":"text","text":"a"},)" + kSentPng + "]}]"},
        {"neighbours are one turn",
         R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])",
         R"([{"role":"user","content":"a\nb"}])"},
        {"a turn of nothing", R"([{"role":"user","content":[]}])", "[]"},
        {"an answer of nothing",
         asks +
             R"({"role":"assistant","content":[{"type":"text","text":" "}]},{"role":"user","content":"b"}])",
         R"([{"role":"user","content":"Hi"},{"role":"user","content":"b"}])"},
        {"a system message in between",
         asks + R"({"role":"system","content":"s"},{"role":"user","content":"b"}])",
         R"([{"role":"user","content":"Hi"},{"role":"system","content":"s"},{"role":"user","content":"b"}])"},
        {"a system message that must be the first",
         asks +
             R"({"role":"assistant","content":"a"},{"role":"system","content":"s"},{"role":"user","content":"b"}])",
         R"([{"role":"system","content":"s"},{"role":"user","content":"Hi"},{"role":"assistant","content":"a"},{"role":"user","content":"b"}])",
         "rewritten:messages[2]", kQwen},
        {"the vendor's own tools",
         asks +
             R"({"role":"assistant","content":[{"type":"text","text":"I look."},{"type":"server_tool_use","id":"s","name":"web_search","input":{"q": 1}},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"T","url":"https://x"}]},{"type":"text","text":"So."}]},{"role":"user","content":"b"}])",
         R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"I look.\n[web_search {\"q\":1}]\nT\nhttps://x\nSo."},{"role":"user","content":"b"}])"},
        {"an image by the assistant",
         asks + R"({"role":"assistant","content":[)" + kPng +
             R"(]},{"role":"user","content":"b"}])",
         R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"[image of type image/png]"},{"role":"user","content":"b"}])",
         "dropped:messages[1].content[0]"},
        {"a tool's name found by the vendor",
         result(R"(,"content":[{"type":"tool_reference","tool_name":"g"}])"),
         after_call(R"({"role":"tool","tool_call_id":"a","content":"g"})")},
        {"a change of tools that can't be followed",
         asks +
             R"({"role":"system","content":[{"type":"tool_removal","tool":{"type":"mcp_tool_reference","name":"x"}}]}])",
         R"([{"role":"user","content":"Hi"}])", "dropped:messages[1].content[0]"},
        {"a file in a container", user(R"({"type":"container_upload","file_id":"f"})"),
         R"([{"role":"user","content":"[file f]"}])", "dropped:messages[0].content[0]"},
        {"marks on parts",
         user(R"({"type":"text","text":"a","cache_control":{"type":"ephemeral"}},)" + kPng),
         R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},)" +
             kSentPng + "]}]",
         "", kQwen},
        {"a mark on an empty text",
         user(
             R"({"type":"text","text":"a"},{"type":"text","text":"","cache_control":{"type":"ephemeral"}})"),
         R"([{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}])",
         "", kQwen},
        {"a server of strings", user(R"({"type":"text","text":"a"},)" + kPng),
         R"([{"role":"user","content":"a\n[image of type image/png]"}])",
         "dropped:messages[0].content[1]", with(kGpt, &ModelTraits::content_arrays, false)},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("openai requests: a broken history is put in order", "[protocol][conversion]") {
    const std::string a = R"({"type":"tool_result","tool_use_id":"a","content":"1"})";
    const std::string sent_a = R"({"role":"tool","tool_call_id":"a","content":"1"})";
    const Case cases[] = {
        {"a call without result", after_calls(a),
         "[" + kCalls + "," + sent_a +
             R"(,{"role":"tool","tool_call_id":"b","content":"Tool result missing."}])",
         "repaired:messages[0].content[1]"},
        {"a result without call", user(a), R"([{"role":"user","content":"Tool result (a): 1"}])",
         "repaired:messages[0].content[0]"},
        {"a result twice", result(R"(,"content":"0")", "," + a), after_call(sent_a),
         "repaired:messages[1].content[1]"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("openai requests: an answer that the caller has begun", "[protocol][conversion]") {
    const std::string asked =
        R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"{"}])";
    const std::string before =
        R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"{")";
    ModelTraits plain = kGpt;
    plain.continued_answer = ModelTraits::ContinuedAnswer::Plain;
    const Case cases[] = {
        {"Alibaba", asked, before + R"(,"partial":true}])", "", kQwen},
        {"servers that go on", asked, before + "}]", "", plain},
        {"all others", asked, before + "}]", "approximated:messages[1]"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

TEST_CASE("E51: ids over 40 characters are cut and stay two", "[protocol][conversion]") {
    const std::string longest(40, 'i');
    const std::string one = longest + "1";
    const std::string two = longest + "2";
    const auto sent = [](const std::string& id) {
        return id.substr(0, 31) + "_" + crypto::sha256_hex(id).substr(0, 8);
    };
    std::string asked = after_calls(R"({"type":"tool_result","tool_use_id":"b","content":"2"},)"
                                    R"({"type":"tool_result","tool_use_id":"a","content":"1"})");
    const auto replace_all = [](std::string text, std::string_view from, const std::string& to) {
        for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
            text.replace(at, from.size(), to);
        return text;
    };
    asked = replace_all(replace_all(asked, "\"a\"", "\"" + one + "\""), "\"b\"", "\"" + two + "\"");
    std::string want = "[" + kCalls +
                       R"(,{"role":"tool","tool_call_id":"a","content":"1"},)"
                       R"({"role":"tool","tool_call_id":"b","content":"2"}])";
    want = replace_all(replace_all(want, "\"a\"", "\"" + sent(one) + "\""), "\"b\"",
                       "\"" + sent(two) + "\"");
    const WrittenRequest converted = anthropic_to_openai(anthropic_body(asked), kGpt);
    CHECK(converted.messages() == want);
    CHECK(converted.losses.empty());
    CHECK(sent(one).size() == 40);
    SECTION("no character is cut in two") {
        const std::string id = "汉字汉字汉字汉字汉字汉字汉字";
        const std::string body =
            replace_all(result(R"(,"content":"1")"), "\"a\"", "\"" + id + "\"");
        CHECK(anthropic_to_openai(anthropic_body(body), kGpt).messages() ==
              replace_all(
                  after_call(R"({"role":"tool","tool_call_id":"a","content":"1"})"), "\"a\"",
                  "\"" + id.substr(0, 30) + "_" + crypto::sha256_hex(id).substr(0, 8) + "\""));
    }
    SECTION("others stay as they are") {
        const std::string odd = "functions.Bash:0";
        CHECK(anthropic_to_openai(anthropic_body(replace_all(result(R"(,"content":"1")"), "\"a\"",
                                                             "\"" + odd + "\"")),
                                  kGpt)
                  .messages() ==
              replace_all(after_call(R"({"role":"tool","tool_call_id":"a","content":"1"})"),
                          "\"a\"", "\"" + odd + "\""));
    }
}

TEST_CASE("E56: thoughts go only to those who want them back", "[protocol][conversion]") {
    const std::string thoughts =
        R"({"type":"thinking","thinking":"one","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"thinking","thinking":"two","signature":"s"},)";
    const std::string call = R"({"type":"tool_use","id":"a","name":"f","input":{}})";
    const std::string asked =
        R"([{"role":"assistant","content":[)" + thoughts + call +
        R"(]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}])";
    const auto sent = [](std::string_view more) {
        return R"([{"role":"assistant","content":null)" + std::string(more) +
               R"(,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}])";
    };
    const Case cases[] = {
        {"OpenAI", asked, sent("")},
        {"Alibaba", asked, sent(R"(,"reasoning_content":"one\ntwo")"), "", kQwen},
        {"MiniMax", asked,
         sent(R"(,"reasoning_details":[{"type":"reasoning.text","text":"one\ntwo"}])"), "",
         kMiniMax},
        {"nothing but thoughts",
         R"([{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"}]},{"role":"user","content":"b"}])",
         R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])", "", kQwen},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_messages(c);
        }
    }
}

// ---- 6.3: tools ------------------------------------------------------------------------------

namespace {

const std::string kTool =
    R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}])";
const std::string kSentTool =
    R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}])";
const std::string kTwoTools =
    R"("tools":[{"name":"f","input_schema":{"type":"object","properties":{}}},{"name":"g","input_schema":{"type":"object","properties":{}}}])";
const std::string kSentTwoTools =
    R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}])";

// OpenAI's dialect with the limit under the elder name, which `fields` leaves out.
ModelTraits gpt() {
    ModelTraits traits = kGpt;
    traits.max_field = ModelTraits::MaxField::MaxTokens;
    return traits;
}

std::string choice(std::string_view type, std::string_view more = "") {
    return R"(,"tool_choice":{"type":")" + std::string(type) + "\"" + std::string(more) + "}";
}
const std::string kNamedF = R"(,"tool_choice":{"type":"function","function":{"name":"f"}})";

}  // namespace

TEST_CASE("E47: a choice of tools keeps its meaning", "[protocol][conversion]") {
    ModelTraits unnamed = gpt();
    unnamed.choice_named = false;
    ModelTraits qwen = kQwen;
    qwen.parallel_by_default = true;
    ModelTraits hybrid = qwen;
    hybrid.thinks_by_default = true;
    ModelTraits thinker = hybrid;
    thinker.thinking_can_be_off = false;
    const std::string asked_to_think = R"(,"thinking":{"type":"adaptive"})";
    const Case cases[] = {
        {"none given", kTool, kSentTool, "", gpt()},
        {"auto", kTool + choice("auto"), kSentTool, "", gpt()},
        {"none", kTool + choice("none"), kSentTool + R"(,"tool_choice":"none")", "", gpt()},
        {"any", kTool + choice("any"), kSentTool + R"(,"tool_choice":"required")", "", gpt()},
        {"one tool", kTool + choice("tool", R"(,"name":"f")"), kSentTool + kNamedF, "", gpt()},
        {"any of one, not known", kTool + choice("any"), kSentTool + kNamedF, "", qwen},
        {"any of two, not known", kTwoTools + choice("any"), kSentTwoTools,
         "approximated:tool_choice", qwen},
        {"one tool, not known", kTwoTools + choice("tool", R"(,"name":"f")"),
         kSentTwoTools + R"(,"tool_choice":"required")", "approximated:tool_choice", unnamed},
        {"neither known", kTool + choice("tool", R"(,"name":"f")"),
         kSentTool + R"(,"reasoning_split":true)", "approximated:tool_choice",
         [] {
             ModelTraits traits = kMiniMax;
             traits.max_field = ModelTraits::MaxField::MaxTokens;
             return traits;
         }()},
        {"a model that thinks unasked", kTool + choice("tool", R"(,"name":"f")"),
         kSentTool + kNamedF + R"(,"enable_thinking":false)", "", hybrid},
        {"a model that was asked to think",
         kTool + choice("tool", R"(,"name":"f")") + asked_to_think,
         kSentTool + R"(,"enable_thinking":true)", "approximated:tool_choice", hybrid},
        {"a model that always thinks", kTool + choice("tool", R"(,"name":"f")"), kSentTool,
         "approximated:tool_choice", thinker},
        {"no tools", R"("tool_choice":{"type":"auto"})", "", "", gpt()},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_fields(c);
        }
    }
}

TEST_CASE("openai requests: a choice of what is not there is refused", "[protocol][conversion]") {
    const WrittenRequest named =
        anthropic_to_openai(anthropic_ask(kTool + choice("tool", R"(,"name":"g")")), kGpt);
    CHECK(named.error == "tool_choice names a tool that is not among the tools");
    CHECK(named.param == "tool_choice");
    const WrittenRequest any =
        anthropic_to_openai(anthropic_ask(R"("tool_choice":{"type":"any"})"), kGpt);
    CHECK(any.error == "tool_choice asks for a call, but there are no tools");
}

TEST_CASE("E48: one call at a time", "[protocol][conversion]") {
    const std::string one = R"(,"disable_parallel_tool_use":true)";
    const Case cases[] = {
        {"disabled", kTool + choice("auto", one), kSentTool + R"(,"parallel_tool_calls":false)", "",
         gpt()},
        {"not disabled", kTool + choice("auto", R"(,"disable_parallel_tool_use":false)"), kSentTool,
         "", gpt()},
        {"disabled where one is the default", kTool + choice("auto", one),
         kSentTool + R"(,"parallel_tool_calls":false)", "", kQwen},
        {"not disabled where one is the default", kTool,
         kSentTool + R"(,"parallel_tool_calls":true)", "", kQwen},
        {"a server that does not know it", kTool + choice("auto", one),
         kSentTool + R"(,"reasoning_split":true)", "dropped:tool_choice.disable_parallel_tool_use",
         [] {
             ModelTraits traits = kMiniMax;
             traits.max_field = ModelTraits::MaxField::MaxTokens;
             return traits;
         }()},
        {"without tools", R"("tool_choice":{"type":"auto","disable_parallel_tool_use":true})", "",
         "", gpt()},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_fields(c);
        }
    }
}

TEST_CASE("E49: a tool is its schema and nothing else", "[protocol][conversion]") {
    const auto tool = [](std::string_view inside) {
        return R"("tools":[{"name":"f")" + std::string(inside) + "}]";
    };
    const auto sent = [](std::string_view parameters, std::string_view more = "") {
        return R"("tools":[{"type":"function","function":{"name":"f","parameters":)" +
               std::string(parameters) + std::string(more) + "}}]";
    };
    const std::string closed =
        R"({"type":"object","properties":{"a":{"type":"string"}},"required":["a"],"additionalProperties":false})";
    const Case cases[] = {
        {"keys of the tool",
         tool(
             R"(,"type":"custom","input_schema":{"type":"object","properties":{}},"cache_control":{"type":"ephemeral"},"defer_loading":true,"input_examples":[{}],"eager_input_streaming":true,"allowed_callers":["direct"])"),
         sent(R"({"type":"object","properties":{}})")},
        {"a schema is copied whole",
         tool(
             R"(,"input_schema":{"$defs":{"x": {"type":"integer","maximum":9007199254740993}},"type":"object","properties":{"x":{"$ref":"#/$defs/x"}},"additionalProperties":true})"),
         sent(
             R"({"$defs":{"x":{"type":"integer","maximum":9007199254740993}},"type":"object","properties":{"x":{"$ref":"#/$defs/x"}},"additionalProperties":true})")},
        {"no schema", tool(""), sent(R"({"type":"object","properties":{}})")},
        {"an empty schema", tool(R"(,"input_schema":{})"),
         sent(R"({"type":"object","properties":{}})")},
        {"no type", tool(R"(,"input_schema":{"properties":{"a":{}}})"),
         sent(R"({"type":"object","properties":{"a":{}}})")},
        {"no properties", tool(R"(,"input_schema":{"type":"object"})"),
         sent(R"({"type":"object","properties":{}})")},
        {"null properties", tool(R"(,"input_schema":{"type":"object","properties":null,"x":1})"),
         sent(R"({"type":"object","x":1,"properties":{}})")},
        {"strict", tool(R"(,"strict":true,"input_schema":)" + closed),
         sent(closed, R"(,"strict":true)")},
        {"strict, but the schema is open",
         tool(R"(,"strict":true,"input_schema":{"type":"object","properties":{}})"),
         sent(R"({"type":"object","properties":{}})"), "dropped:tools[0].strict"},
        {"strict for a server that does not know it",
         tool(R"(,"strict":true,"input_schema":)" + closed), sent(closed),
         "dropped:tools[0].strict", ModelTraits{}},
        {"not strict", tool(R"(,"strict":false,"input_schema":)" + closed), sent(closed)},
        {"never made strict", tool(R"(,"input_schema":)" + closed), sent(closed)},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Case plain = c;
            plain.traits.max_field = ModelTraits::MaxField::MaxTokens;
            check_fields(plain);
        }
    }
}

TEST_CASE("E50: long names of tools work in all four places", "[protocol][conversion]") {
    const std::string asked = "mcp__" + std::string(60, 'x');
    const std::string sent = asked.substr(0, 55) + "_" + crypto::sha256_hex(asked).substr(0, 8);
    const std::string body = anthropic_body(
        R"([{"role":"assistant","content":[{"type":"tool_use","id":"a","name":")" + asked +
            R"(","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}])",
        R"("tools":[{"name":")" + asked + R"("}],"tool_choice":{"type":"tool","name":")" + asked +
            "\"}");
    const WrittenRequest converted = anthropic_to_openai(body, gpt());
    CHECK(converted.losses.empty());
    CHECK(converted.messages().find("\"name\":\"" + sent + "\"") != std::string::npos);
    CHECK(
        converted.fields() ==
        R"("tools":[{"type":"function","function":{"name":")" + sent +
            R"(","parameters":{"type":"object","properties":{}}}}],"tool_choice":{"type":"function","function":{"name":")" +
            sent + "\"}}");
    CHECK(converted.plan.names == std::vector<AnswerPlan::Rename>{{sent, asked}});
    CHECK(converted.body.find(asked) == std::string::npos);
    CHECK(sent.size() == 64);
}

TEST_CASE("openai requests: names that a server refuses are changed", "[protocol][conversion]") {
    const auto sent_name = [](const std::string& name, const ModelTraits& traits) {
        const WrittenRequest converted =
            anthropic_to_openai(anthropic_ask(R"("tools":[{"name":")" + name + "\"}]"), traits);
        return converted.plan.names.empty() ? name : converted.plan.names[0].sent;
    };
    const auto hash = [](std::string_view name) {
        return "_" + crypto::sha256_hex(name).substr(0, 8);
    };
    CHECK(sent_name(std::string(64, 'x'), kGpt) == std::string(64, 'x'));
    CHECK(sent_name("a.b/c", kGpt) == "a_b_c" + hash("a.b/c"));
    CHECK(sent_name("a:b/c", kGpt) == "a_b_c" + hash("a:b/c"));
    CHECK(sent_name("search", kGpt) == "search");
    CHECK(sent_name("search", kQwen) == "search" + hash("search"));
}

TEST_CASE("E119: long names and ids are the same in every process", "[protocol][conversion]") {
    const std::string name(70, 'n');
    const std::string id(50, 'i');
    const std::string body = anthropic_body(
        R"([{"role":"assistant","content":[{"type":"tool_use","id":")" + id + R"(","name":")" +
        name + R"("}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":")" + id +
        "\"}]}]");
    const WrittenRequest once = anthropic_to_openai(body, kGpt);
    const WrittenRequest again = anthropic_to_openai(body, kGpt);
    CHECK(once.body == again.body);
    CHECK(
        once.messages() ==
        R"([{"role":"assistant","content":null,"tool_calls":[{"id":"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii_)" +
            crypto::sha256_hex(id).substr(0, 8) + R"(","type":"function","function":{"name":")" +
            name.substr(0, 55) + "_" + crypto::sha256_hex(name).substr(0, 8) +
            R"(","arguments":"{}"}}]},{"role":"tool","tool_call_id":"iiiiiiiiiiiiiiiiiiiiiiiiiiiiiii_)" +
            crypto::sha256_hex(id).substr(0, 8) + R"(","content":""}])");
}

TEST_CASE("E52: nobody is offered tools that only the other vendor runs",
          "[protocol][conversion]") {
    const std::string search = R"({"type":"web_search_20250305","name":"web_search"})";
    const Case cases[] = {
        {"the only tool", R"("tools":[)" + search + "]", "", "dropped:tools[0]"},
        {"with a choice", R"("tools":[)" + search + "]" + choice("any"), "", "dropped:tools[0]"},
        {"with its own choice",
         R"("tools":[)" + search + "]" +
             choice("tool", R"(,"name":"web_search","disable_parallel_tool_use":true)"),
         "", "dropped:tools[0]"},
        {"beside another", R"("tools":[)" + search + R"(,{"name":"f"}])", kSentTool,
         "dropped:tools[0]"},
        {"named beside another",
         R"("tools":[)" + search + R"(,{"name":"f"}])" + choice("tool", R"(,"name":"web_search")"),
         kSentTool, "dropped:tools[0], approximated:tool_choice"},
        {"all kinds",
         R"("tools":[{"type":"web_fetch_20250910","name":"web_fetch"},{"type":"code_execution_20250825","name":"code_execution"},{"type":"tool_search_tool_regex_20251119","name":"tool_search_tool_regex"},{"type":"mcp_toolset","mcp_server_name":"x"}])",
         "", "dropped:tools[0], dropped:tools[1], dropped:tools[2], dropped:tools[3]"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Case plain = c;
            plain.traits = gpt();
            check_fields(plain);
        }
    }
}

TEST_CASE("openai requests: tools that the caller runs become functions",
          "[protocol][conversion]") {
    const auto sent = [](std::string_view type, std::string_view name) {
        const WrittenRequest converted =
            anthropic_to_openai(anthropic_ask(R"("tools":[{"type":")" + std::string(type) +
                                              R"(","name":")" + std::string(name) + "\"}]"),
                                kGpt);
        CHECK(converted.losses == "approximated:tools[0]");
        JsonTree tree;
        const auto root = tree.parse(converted.body);
        REQUIRE(root);
        for (const JsonValue& tool : (*root)["tools"]) {
            CHECK(tool["type"].is("function"));
            CHECK(tool["function"]["name"].is(name));
            CHECK(tool["function"]["parameters"]["properties"]["command"].is_object());
        }
        return (*root)["tools"].size();
    };
    CHECK(sent("bash_20250124", "bash") == 1);
    CHECK(sent("text_editor_20250728", "str_replace_based_edit_tool") == 1);
    CHECK(sent("memory_20250818", "memory") == 1);
}

// ---- 6.4: reasoning --------------------------------------------------------------------------

TEST_CASE("openai requests: thinking in the words of each dialect", "[protocol][conversion]") {
    const auto budget = [](int tokens) {
        return R"("thinking":{"type":"enabled","budget_tokens":)" + std::to_string(tokens) + "}";
    };
    const std::string adaptive = R"("thinking":{"type":"adaptive"})";
    const std::string off = R"("thinking":{"type":"disabled"})";
    const auto effort = [](std::string_view level) {
        return R"("output_config":{"effort":")" + std::string(level) + "\"}";
    };
    const auto sent = [](std::string_view level) {
        return R"("reasoning_effort":")" + std::string(level) + "\"";
    };
    const ModelTraits gpt_traits = gpt();
    ModelTraits always = gpt_traits;
    always.efforts = {Effort::Low, Effort::Medium, Effort::High};
    ModelTraits dull = gpt_traits;
    dull.reasoning_field = ModelTraits::ReasoningField::None;
    ModelTraits doubao = kDoubao;
    doubao.max_field = ModelTraits::MaxField::MaxTokens;
    ModelTraits minimax = kMiniMax;
    minimax.max_field = ModelTraits::MaxField::MaxTokens;
    minimax.reasoning_split = false;
    ModelTraits fixed = minimax;
    fixed.thinking_can_be_off = false;
    ModelTraits open_qwen = kQwen;
    open_qwen.thinks_by_default = true;
    open_qwen.thinks_only_in_streams = true;
    const Case cases[] = {
        {"OpenAI: 1,024 tokens", budget(1'024), sent("low"), "", gpt_traits},
        {"OpenAI: 8,192 tokens", budget(8'192), sent("medium"), "", gpt_traits},
        {"OpenAI: 24,576 tokens", budget(24'576), sent("high"), "", gpt_traits},
        {"OpenAI: more tokens", budget(24'577), sent("xhigh"), "", gpt_traits},
        {"OpenAI: the nearest level", budget(31'999), sent("high"), "", always},
        {"OpenAI: adaptive", adaptive, sent("high"), "", gpt_traits},
        {"OpenAI: adaptive with effort", adaptive + "," + effort("low"), sent("low"), "",
         gpt_traits},
        {"OpenAI: off", off, sent("none"), "", gpt_traits},
        {"OpenAI: off where nothing says so", off, "", "", always},
        {"OpenAI: effort alone", effort("medium"), sent("medium"), "", gpt_traits},
        {"OpenAI: max", effort("max"), sent("xhigh"), "", gpt_traits},
        {"OpenAI: nothing", "", "", "", gpt_traits},
        {"no reasoning model", budget(2'000), "", "dropped:thinking", dull},
        {"no reasoning model, effort", effort("high"), "", "dropped:output_config.effort", dull},
        {"no reasoning model, off", off, "", "", dull},
        {"Alibaba: a budget", budget(2'000), R"("enable_thinking":true,"thinking_budget":2000)", "",
         kQwen},
        {"Alibaba: adaptive", adaptive, R"("enable_thinking":true)", "", kQwen},
        {"Alibaba: effort", effort("low"), R"("enable_thinking":true)", "", kQwen},
        {"Alibaba: off", off, R"("enable_thinking":false)", "", kQwen},
        {"Alibaba: nothing", "", "", "", kQwen},
        {"Alibaba: nothing, and only streams can think", "", R"("enable_thinking":false)", "",
         open_qwen},
        {"Alibaba: nothing, in a stream", R"("stream":true)",
         R"("stream":true,"stream_options":{"include_usage":true})", "", open_qwen},
        {"Volcengine: a budget", budget(2'000),
         R"("thinking":{"type":"enabled"},"reasoning_effort":"medium")", "", doubao},
        {"Volcengine: adaptive", adaptive, R"("thinking":{"type":"auto"})", "", doubao},
        {"Volcengine: effort", effort("high"),
         R"("thinking":{"type":"enabled"},"reasoning_effort":"high")", "", doubao},
        {"Volcengine: off", off, R"("thinking":{"type":"disabled"})", "", doubao},
        {"MiniMax: a budget", budget(2'000), R"("thinking":{"type":"adaptive"})",
         "dropped:thinking.budget_tokens", minimax},
        {"MiniMax: off", off, R"("thinking":{"type":"disabled"})", "", minimax},
        {"MiniMax: off where it can't be", off, "", "approximated:thinking", fixed},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_fields(c);
        }
    }
}

TEST_CASE("E57: models that refuse an effort beside tools get none", "[protocol][conversion]") {
    const std::string thinking = R"("thinking":{"type":"enabled","budget_tokens":2000})";
    ModelTraits newest = gpt();
    newest.effort_with_tools = false;
    const Case cases[] = {
        {"with tools", kTool + "," + thinking, kSentTool, "dropped:thinking", newest},
        {"effort alone", kTool + R"(,"output_config":{"effort":"high"})", kSentTool,
         "dropped:output_config.effort", newest},
        {"no effort", kTool + R"(,"thinking":{"type":"disabled"})",
         kSentTool + R"(,"reasoning_effort":"none")", "", newest},
        {"without tools", thinking, R"("reasoning_effort":"medium")", "", newest},
        {"only tools that are gone",
         R"("tools":[{"type":"web_search_20250305","name":"web_search"}],)" + thinking,
         R"("reasoning_effort":"medium")", "dropped:tools[0]", newest},
        {"older models", kTool + "," + thinking, kSentTool + R"(,"reasoning_effort":"medium")", "",
         gpt()},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_fields(c);
        }
    }
}

TEST_CASE("E60: nothing that is Anthropic's alone reaches the server", "[protocol][conversion]") {
    const std::string mark = R"("cache_control":{"type":"ephemeral"})";
    const WrittenRequest converted = anthropic_to_openai(
        anthropic_body(
            R"([{"role":"user","content":[{"type":"text","text":"a","citations":[{"type":"char_location"}],)" +
                mark +
                R"(}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"a","name":"f","input":{},"caller":{"type":"direct"},)" +
                mark + R"(}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a",)" +
                mark + R"(,"content":[{"type":"text","text":"1",)" + mark + "}]}]}]",
            R"("tools":[{"name":"f",)" + mark +
                R"(}],"metadata":{"user_id":"u","x":1},"top_k":3,"thinking":{"type":"adaptive"},"betas":["b"],"anthropic_version":"v",)" +
                mark),
        gpt());
    CHECK(
        converted.body ==
        R"({"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}],)" +
            kSentTool + R"(,"max_tokens":9,"reasoning_effort":"high","user":"u"})");
    CHECK(converted.losses == "dropped:top_k");
}

// ---- Whatever the caller speaks --------------------------------------------------------------

TEST_CASE("openai requests: one OpenAI dialect in the words of another", "[protocol][conversion]") {
    const auto ask = [](std::string_view more) {
        return R"({"model":"x","messages":[{"role":"user","content":"Hi"}],)" + std::string(more) +
               "}";
    };
    ModelTraits minimax = kMiniMax;
    minimax.reasoning_split = false;
    const Case cases[] = {
        {"extras that the server has",
         R"("seed":7,"presence_penalty":0.5,"logit_bias":{"1": 2},"n":2)",
         R"("seed":7,"presence_penalty":0.5,"logit_bias":{"1":2},"n":2)", "", ModelTraits{}},
        {"extras that it lacks", R"("frequency_penalty":0.5,"store":true,"verbosity":"low")", "",
         "dropped:frequency_penalty, dropped:store, dropped:verbosity", kQwen},
        {"defaults of what it lacks",
         R"("frequency_penalty":0.0,"store":false,"logit_bias":{},"modalities":["text"],"verbosity":null)",
         "", "", kQwen},
        {"its own fields", R"("enable_search":true,"repetition_penalty":1.05,"hologram":1)",
         R"("enable_search":true,"repetition_penalty":1.05,"hologram":1)", "", kQwen},
        {"a seed that is too large", R"("seed":4294967297)", R"("seed":1)", "clamped:seed", kQwen},
        {"a seed below zero", R"("seed":-1)", R"("seed":2147483647)", "clamped:seed", kQwen},
        {"a seed in range", R"("seed":2147483647)", R"("seed":2147483647)", "", kQwen},
        {"a seed of which nothing is known", R"("seed":-1)", R"("seed":-1)", "", ModelTraits{}},
        {"probabilities", R"("logprobs":true,"top_logprobs":20)",
         R"("logprobs":true,"top_logprobs":5)", "clamped:top_logprobs", kQwen},
        {"two answers", R"("n":2)", R"("n":2)", "", kQwen},
        {"two answers beside tools",
         R"("n":2,"tools":[{"type":"function","function":{"name":"f"}}])",
         kSentTool + R"(,"parallel_tool_calls":true)", "dropped:n", kQwen},
        {"two answers of one who thinks", R"("n":2,"enable_thinking":true)",
         R"("enable_thinking":true)", "dropped:n", kQwen},
        {"a search", R"("web_search_options":{})", R"("enable_search":true)", "", kQwen},
        {"a search of a kind",
         R"("web_search_options":{"search_context_size":"high","user_location":null})",
         R"("enable_search":true)", "dropped:web_search_options.search_context_size", kQwen},
        {"a search that is said twice", R"("web_search_options":{},"enable_search":false)",
         R"("enable_search":false)", "", kQwen},
        {"its own words win", R"("reasoning_effort":"low","enable_thinking":false)",
         R"("enable_thinking":false)", "", kQwen},
        {"what only Anthropic has", R"("container":"c","mcp_servers":[])", "", "dropped:container",
         kQwen},
        {"one answer", R"("n":1)", "", "", kDoubao},
        {"a limit of all", R"("max_completion_tokens":9)", R"("max_completion_tokens":9)", "",
         kDoubao},
        {"heat", R"("temperature":2)", R"("temperature":1.99)", "clamped:temperature", kQwen},
        {"a line end stops", R"("stop":"\n")", R"("stop":"\n")", "", kQwen},
        {"stops in a list", R"("stop":["a"])", R"("stop":["a"])", "", kQwen},
        {"five stops", R"("stop":["a","b","c","d","e"])", R"("stop":["a","b","c","d"])",
         "dropped:stop", kQwen},
        {"a user", R"("user":"u")", "", "dropped:user", kQwen},
        {"a tier", R"("service_tier":"flex")", R"("service_tier":"flex")", "", kDoubao},
        {"a faster tier", R"("service_tier":"priority")", R"("service_tier":"fast")",
         "approximated:service_tier", kDoubao},
        {"a tier of another vendor", R"("service_tier":"scale")", "", "dropped:service_tier",
         kDoubao},
        {"the usual tier", R"("service_tier":"default")", R"("service_tier":"default")", "",
         kDoubao},
        {"a tier that it lacks", R"("service_tier":"flex")", "", "dropped:service_tier", kQwen},
        {"effort", R"("reasoning_effort":"xhigh")",
         R"("thinking":{"type":"enabled"},"reasoning_effort":"high")",
         "approximated:reasoning_effort", kDoubao},
        {"the least effort", R"("reasoning_effort":"minimal")", R"("reasoning_effort":"minimal")",
         "", kDoubao},
        {"effort as a budget", R"("reasoning_effort":"medium")",
         R"("enable_thinking":true,"thinking_budget":4096)", "", kQwen},
        {"hardly any effort", R"("reasoning_effort":"minimal")", R"("enable_thinking":false)", "",
         kQwen},
        {"no effort", R"("reasoning_effort":"none")", R"("thinking":{"type":"disabled"})", "",
         kDoubao},
        {"a schema as asked",
         R"("response_format":{"type":"json_schema","json_schema":{"name":"r","description":"R","schema":{"type": "object"},"strict":true}})",
         R"("response_format":{"type":"json_schema","json_schema":{"name":"r","description":"R","schema":{"type":"object"},"strict":true}})",
         "", kQwen},
        {"JSON", R"("response_format":{"type":"json_object"})",
         R"("response_format":{"type":"json_object"})", "", kQwen},
        {"JSON of one who thinks",
         R"("reasoning_effort":"high","response_format":{"type":"json_object"})",
         R"("response_format":{"type":"json_object"},"enable_thinking":false)",
         "dropped:reasoning_effort", kQwen},
        {"JSON that can't be asked for", R"("response_format":{"type":"json_object"})", "",
         "approximated:response_format", minimax},
        {"allowed tools",
         R"("tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}},{"type":"function","function":{"name":"g"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}})",
         kSentTool + kNamedF + R"(,"parallel_tool_calls":true)", "rewritten:tools", kQwen},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest converted = openai_to_openai(ask(c.asked), c.traits);
            CHECK(converted.error.empty());
            CHECK(converted.fields() == c.want);
            CHECK(converted.losses == c.losses);
        }
    }
    SECTION("a limit of the answer alone") {
        const WrittenRequest converted = openai_to_openai(ask(R"("max_tokens":9)"), kDoubao);
        CHECK(converted.member("max_tokens") == "9");
        CHECK(converted.fields().empty());
    }
    SECTION("several answers") {
        const WrittenRequest converted = openai_to_openai(ask(R"("n":2)"), kDoubao);
        CHECK(converted.error == "n must be 1: this model gives one answer");
        CHECK(converted.param == "n");
    }
    SECTION("an answer in sound") {
        CHECK(openai_to_openai(ask(R"("modalities":["text","audio"])"), kQwen).error ==
              "modalities asks for sound, which this model does not produce");
    }
}

TEST_CASE("openai requests: models that answer in streams only are asked for one",
          "[protocol][conversion]") {
    const auto ask = [](std::string_view more) {
        return R"({"model":"x","messages":[{"role":"user","content":"Hi"}])" + std::string(more) +
               "}";
    };
    const std::string stream = R"("stream":true,"stream_options":{"include_usage":true})";
    ModelTraits open_qwen = kQwen;
    open_qwen.thinks_by_default = true;
    open_qwen.thinks_only_in_streams = true;
    ModelTraits qwq = open_qwen;
    qwq.thinking_can_be_off = false;
    const ModelTraits omni = with(kQwen, &ModelTraits::answers_only_in_streams, true);
    struct Row {
        const char* name;
        std::string asked;
        std::string want;
        bool is_assembled;
        ModelTraits traits;
    };
    const Row rows[] = {
        {"one that always thinks", ask(""), stream, true, qwq},
        {"one that answers so", ask(""), stream, true, omni},
        {"one that is asked to think", ask(R"(,"reasoning_effort":"low")"),
         R"("enable_thinking":true,"thinking_budget":1024,)" + stream, true, open_qwen},
        {"one that is asked in its own words", ask(R"(,"enable_thinking":true)"),
         stream + R"(,"enable_thinking":true)", true, open_qwen},
        {"one that needs not think", ask(""), R"("enable_thinking":false)", false, open_qwen},
        {"a stream as asked", ask(R"(,"stream":true)"), stream, false, qwq},
        {"any other", ask(""), "", false, kQwen},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const WrittenRequest written = openai_to_openai(row.asked, row.traits);
            CHECK(written.fields() == row.want);
            CHECK(written.plan.is_assembled == row.is_assembled);
            CHECK(written.losses.empty());
        }
    }
    SECTION("sound can't be put together") {
        ModelTraits speaking = omni;
        speaking.missing_fields = "";
        const WrittenRequest written =
            openai_to_openai(ask(R"(,"modalities":["text","audio"])"), speaking);
        CHECK(written.error == "modalities asks for sound, which this model gives in streams");
        CHECK(written.param == "modalities");
    }
}

TEST_CASE("openai requests: JSON and thinking, where they exclude each other",
          "[protocol][conversion]") {
    const std::string format = R"("response_format":{"type":"json_object"})";
    const auto ask = [&](std::string_view text, std::string_view more) {
        return R"({"model":"x","messages":[{"role":"user","content":")" + std::string(text) +
               "\"}]," + format + std::string(more) + "}";
    };
    const std::string asked_in_words =
        R"([{"role":"system","content":"Answer with one JSON object and nothing else."},{"role":"user","content":"Hi"}])";
    ModelTraits qwq = kQwen;
    qwq.thinks_by_default = true;
    qwq.thinking_can_be_off = false;
    SECTION("one that always thinks is asked in words") {
        const WrittenRequest written = openai_to_openai(ask("Hi", ""), qwq);
        CHECK(written.messages() == asked_in_words);
        CHECK(written.fields().empty());
        CHECK(written.losses == "approximated:response_format");
    }
    SECTION("the word is put where it is missing") {
        CHECK(
            openai_to_openai(ask("Hi", ""), kQwen).messages() ==
            R"([{"role":"system","content":"Answer with JSON."},{"role":"user","content":"Hi"}])");
        CHECK(openai_to_openai(ask("As Json", ""), kQwen).messages() ==
              R"([{"role":"user","content":"As Json"}])");
    }
}

TEST_CASE("openai requests: messages of OpenAI callers for another server",
          "[protocol][conversion]") {
    const auto ask = [](std::string_view messages) {
        return R"({"model":"x","messages":[)" + std::string(messages) + "]}";
    };
    const std::string custom =
        R"({"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"f","input":"free \"text\""}}]},{"role":"tool","tool_call_id":"a","content":"1"})";
    const Case cases[] = {
        {"system messages become one",
         R"({"role":"developer","content":"a"},{"role":"user","content":"Hi"},{"role":"system","content":"b"})",
         R"([{"role":"system","content":"a\n\nb"},{"role":"user","content":"Hi"}])",
         "rewritten:messages[2]", kQwen},
        {"an image's detail",
         R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"low"}}]})",
         R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"low"}}]}])",
         "", ModelTraits{}},
        {"a detail that it does not know",
         R"({"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x","detail":"low"}}]})",
         R"([{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x"}}]}])",
         "", kQwen},
        {"sound and film",
         R"({"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"video_url","video_url":{"url":"https://x"}}]})",
         R"([{"role":"user","content":[{"type":"input_audio","input_audio":{"data":"AA==","format":"wav"}},{"type":"video_url","video_url":{"url":"https://x"}}]}])",
         "", kQwen},
        {"a custom call", custom, "[" + custom + "]", "", kGpt},
        {"a custom call for a server of functions", custom,
         R"([{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"input\":\"free \\\"text\\\"\"}"}}]},{"role":"tool","tool_call_id":"a","content":"1"}])",
         "", ModelTraits{}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest converted = openai_to_openai(ask(c.asked), c.traits);
            CHECK(converted.error.empty());
            CHECK(converted.messages() == c.want);
            CHECK(converted.losses == c.losses);
        }
    }
}

TEST_CASE("openai requests: custom tools become functions with one property",
          "[protocol][conversion]") {
    const std::string body =
        R"({"model":"x","messages":[{"role":"user","content":"Hi"}],"tools":[{"type":"custom","custom":{"name":"f","description":"F","format":{"type":"text"}}}],"tool_choice":{"type":"custom","custom":{"name":"f"}}})";
    const WrittenRequest kept = openai_to_openai(body, kGpt);
    CHECK(
        kept.fields() ==
        R"("tools":[{"type":"custom","custom":{"name":"f","description":"F","format":{"type":"text"}}}],"tool_choice":{"type":"custom","custom":{"name":"f"}})");
    CHECK(kept.plan.custom_tools.empty());
    const WrittenRequest changed = openai_to_openai(body, ModelTraits{});
    CHECK(
        changed.fields() ==
        R"("tools":[{"type":"function","function":{"name":"f","description":"F\nThe input has this format: {\"type\":\"text\"}","parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}}],"tool_choice":{"type":"function","function":{"name":"f"}})");
    CHECK(changed.plan.custom_tools == std::vector<std::string>{"f"});
    CHECK(changed.losses == "approximated:tools[0]");
}

// ---- Properties ------------------------------------------------------------------------------

namespace {

// Conversations that no client should have: calls, results and everything else in any order.
class RandomHistory {
public:
    explicit RandomHistory(unsigned seed) : random_(seed) {}

    std::string body() {
        return anthropic_body("[" + list(1 + pick(8), [&] { return message(); }) + "]",
                              R"("tools":[{"name":"f","cache_control":{"type":"ephemeral"}}])");
    }

private:
    unsigned pick(unsigned count) { return static_cast<unsigned>(random_() % count); }

    template <class Make>
    static std::string list(unsigned count, Make make) {
        std::string out;
        for (unsigned i = 0; i < count; ++i) out += (i > 0 ? "," : "") + make();
        return out;
    }

    std::string id() {
        const std::string ids[] = {"a",
                                   "b",
                                   "c",
                                   "a.b",
                                   "a:b",
                                   "",
                                   std::string(40, 'x'),
                                   std::string(41, 'x'),
                                   std::string(41, 'y')};
        return ids[pick(std::size(ids))];
    }

    std::string message() {
        const unsigned role = pick(7);
        if (role == 0) return R"({"role":"system","content":"s"})";
        const bool is_user = role < 4;
        const std::string blocks = list(pick(5), [&] { return is_user ? said() : answered(); });
        return std::string(R"({"role":")") + (is_user ? "user" : "assistant") + R"(","content":[)" +
               blocks + "]}";
    }

    std::string said() {
        const std::string blocks[] = {
            R"({"type":"text","text":"t","citations":[],"cache_control":{"type":"ephemeral"}})",
            R"({"type":"text","text":""})",
            kPng,
            kPdf,
            R"({"type":"tool_result","tool_use_id":")" + id() + R"(","content":"r"})",
            R"({"type":"tool_result","tool_use_id":")" + id() + R"(","is_error":true,"content":[)" +
                kPng + "," + kPdf + "]}",
            R"({"type":"tool_result","tool_use_id":")" + id() + "\"}",
        };
        return blocks[pick(std::size(blocks))];
    }

    std::string answered() {
        const std::string blocks[] = {
            R"({"type":"text","text":"t"})",
            R"({"type":"thinking","thinking":"t","signature":"s"})",
            R"({"type":"redacted_thinking","data":"d"})",
            R"({"type":"server_tool_use","id":"s","name":"web_search","input":{}})",
            R"({"type":"tool_use","id":")" + id() + R"(","name":"f","input":{"signature":1}})",
            R"({"type":"tool_use","id":")" + id() +
                R"(","name":"f","input":{},"caller":{"type":"direct"}})",
        };
        return blocks[pick(std::size(blocks))];
    }

    std::mt19937 random_;
};

}  // namespace

TEST_CASE("openai requests: for any history calls and results stay paired, and nothing leaks",
          "[protocol][conversion]") {
    int written = 0;
    for (unsigned seed = 0; seed < 3'000; ++seed) {
        const std::string body = RandomHistory(seed).body();
        for (const ModelTraits& traits : {ModelTraits{}, kGpt, kQwen, kDoubao, kMiniMax}) {
            const WrittenRequest converted = anthropic_to_openai(body, traits);
            INFO(body << "\n" << converted.body << "\n" << converted.error);
            if (converted.body.empty()) {
                REQUIRE(converted.error ==
                        "the conversation ends with tool calls that have no result");
                continue;
            }
            ++written;
            JsonTree tree;
            const auto root = tree.parse(converted.body);
            REQUIRE(root);
            REQUIRE(pairing_problem((*root)["messages"]) == "");
            REQUIRE(foreign_key(*root) == "");
        }
    }
    CHECK(written > 10'000);
}
