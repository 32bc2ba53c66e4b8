#include "protocol/gemini_request.h"

#include <catch2/catch.hpp>

#include "tests/lib/protocol/gemini_models.h"
#include "tests/lib/protocol/request_conversion.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::tests;

namespace {

WrittenRequest write(Result<ChatRequest> request, const ModelTraits& traits, Losses losses = {}) {
    WrittenRequest out;
    const ConversionOptions options{.sha256_hex = &crypto::sha256_hex};
    RequestConversion to{
        .model = "m", .traits = traits, .options = options, .losses = losses, .plan = out.plan};
    Result<std::string> body = request ? write_gemini_request(*std::move(request), to)
                                       : Result<std::string>(request.error());
    out.losses = losses.header();
    if (body) {
        out.body = *body;
    } else {
        out.error = body.error().message;
        out.param = body.error().param;
    }
    return out;
}

WrittenRequest from_openai(std::string_view body, const ModelTraits& traits = kGemini3) {
    JsonTree tree;
    const auto root = tree.parse(body);
    if (!root) return {.error = root.error().message};
    Losses losses;
    auto request = read_openai_request(*root, losses);
    return write(std::move(request), traits, losses);
}

WrittenRequest from_anthropic(std::string_view body, const ModelTraits& traits = kGemini3) {
    JsonTree tree;
    const auto root = tree.parse(body);
    if (!root) return {.error = root.error().message};
    Losses losses;
    auto request = read_anthropic_request(*root, MaxTokens::Required, losses);
    return write(std::move(request), traits, losses);
}

std::string talk(std::string_view messages, std::string_view more = "") {
    std::string body = R"({"model":"m","messages":)";
    body.append(messages);
    if (!more.empty()) body.append(",").append(more);
    return body + "}";
}

std::string hello(std::string_view more = "") {
    return talk(R"([{"role":"user","content":"hi"}])", more);
}

const std::string kHello = R"({"role":"user","parts":[{"text":"hi"}]})";
const std::string kTool =
    R"({"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"number","maximum":1.50}}}}})";
const std::string kTools = "\"tools\":[" + kTool + "]";
const std::string kSentTools =
    R"([{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"a":{"type":"number","maximum":1.50}}}}]}])";

std::string user(std::string_view parts) {
    return R"({"role":"user","parts":[)" + std::string(parts) + "]}";
}
std::string model(std::string_view parts) {
    return R"({"role":"model","parts":[)" + std::string(parts) + "]}";
}
std::string call(std::string_view id, std::string_view signature = "") {
    std::string part =
        R"({"functionCall":{"id":")" + std::string(id) + R"(","name":"f","args":{}})";
    if (!signature.empty()) part.append(R"(,"thoughtSignature":")").append(signature).append("\"");
    return part + "}";
}
std::string answer(std::string_view id, std::string_view response) {
    return R"({"functionResponse":{"id":")" + std::string(id) + R"(","name":"f","response":)" +
           std::string(response) + "}}";
}
std::string list(std::initializer_list<std::string> elements) {
    std::string out;
    for (const std::string& element : elements) {
        if (!out.empty()) out.push_back(',');
        out.append(element);
    }
    return "[" + out + "]";
}

// An assistant's message with calls of `f`; ids may bring a signature behind a blank.
std::string openai_calls(std::initializer_list<std::string> ids, std::string_view more = "") {
    std::string out = R"({"role":"assistant",)" + std::string(more) + R"("tool_calls":[)";
    for (const std::string& id : ids) {
        if (out.back() == '}') out.push_back(',');
        const std::size_t blank = id.find(' ');
        out.append(R"({"id":")").append(id.substr(0, blank));
        out.append(R"(","type":"function","function":{"name":"f","arguments":""})");
        if (blank != std::string::npos)
            out.append(R"(,"extra_content":{"google":{"thought_signature":")")
                .append(id.substr(blank + 1))
                .append("\"}}");
        out.push_back('}');
    }
    return out + "]}";
}
std::string openai_result(std::string_view id, std::string_view content) {
    return R"({"role":"tool","tool_call_id":")" + std::string(id) + R"(","content":)" +
           std::string(content) + "}";
}
const std::string kAsk = R"({"role":"user","content":"hi"})";

struct Case {
    const char* name;
    std::string asked;
    std::string want;
    const char* losses = "";
    ModelTraits traits = kGemini3;
};

}  // namespace

// ---- Turns -----------------------------------------------------------------------------------

TEST_CASE("gemini requests: turns of OpenAI's callers", "[protocol][gemini]") {
    const Case cases[] = {
        {"a user", "[" + kAsk + "]", list({kHello})},
        {"neighbours are one turn",
         R"([{"role":"user","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}]}])",
         list({user(R"({"text":"a"},{"text":"b"})")})},
        {"blanks are nothing",
         R"([{"role":"user","content":" "},{"role":"assistant","content":""},)" + kAsk + "]",
         list({kHello}), "repaired:messages[1]"},
        {"the last word is there, however little it says", R"([{"role":"user","content":""}])",
         list({user(R"({"text":"."})")})},
        {"the user is first", R"([{"role":"assistant","content":"a"},)" + kAsk + "]",
         list({user(R"({"text":"."})"), model(R"({"text":"a"})"), kHello}), "repaired:messages[0]"},
        {"and last", "[" + kAsk + R"(,{"role":"assistant","content":"a"}])",
         list({kHello, model(R"({"text":"a"})"), user(R"({"text":"Continue."})")}),
         "approximated:messages[1]"},
        {"unsigned thoughts are of no use",
         "[" + kAsk + R"(,{"role":"assistant","content":"a","reasoning_content":"hm"},)" + kAsk +
             "]",
         list({kHello, model(R"({"text":"a"})"), kHello})},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest written = from_openai(talk(c.asked), c.traits);
            CHECK(written.error.empty());
            CHECK(written.member("contents") == c.want);
            CHECK(written.member("systemInstruction").empty());
            CHECK(written.losses == c.losses);
        }
    }
}

TEST_CASE("gemini requests: system prompts are one instruction", "[protocol][gemini]") {
    const Case cases[] = {
        {"in front",
         R"([{"role":"system","content":"a"},{"role":"developer","content":"b"},)" + kAsk + "]",
         R"({"parts":[{"text":"a"},{"text":"b"}]})", "rewritten:messages[1]"},
        {"behind", "[" + kAsk + R"(,{"role":"system","content":"a"}])",
         R"({"parts":[{"text":"a"}]})", "rewritten:messages[1]"},
        {"blank", R"([{"role":"system","content":" "},)" + kAsk + "]", ""},
        {"a line that no cache likes",
         R"([{"role":"system","content":"x-anthropic-billing-header: 1\na"},)" + kAsk + "]",
         R"({"parts":[{"text":"a"}]})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest written = from_openai(talk(c.asked), c.traits);
            CHECK(written.member("systemInstruction") == c.want);
            CHECK(written.member("contents") == list({kHello}));
            CHECK(written.losses == c.losses);
        }
    }
    const WrittenRequest alone = from_openai(talk(R"([{"role":"system","content":"hi"}])"));
    CHECK(alone.member("systemInstruction").empty());
    CHECK(alone.member("contents") == list({kHello}));
    CHECK(alone.losses == "rewritten:messages[0]");
}

TEST_CASE("gemini requests: calls and their results", "[protocol][gemini]") {
    const Case cases[] = {
        {"results in the order of the calls, texts behind them",
         list({kAsk, openai_calls({"a S", "b"}), openai_result("b", R"("2")"),
               openai_result("a", R"("{ \"x\": 1.0 }")"), kAsk}),
         list({kHello, model(call("a", "S") + "," + call("b")),
               user(answer("a", R"({"output":{"x":1.0}})") + "," +
                    answer("b", R"({"output":"2"})") + R"(,{"text":"hi"})")})},
        {"a missing result is said to be missing", list({kAsk, openai_calls({"a S"}), kAsk}),
         list({kHello, model(call("a", "S")),
               user(answer("a", R"({"error":"Tool result missing."})") + R"(,{"text":"hi"})")}),
         "repaired:messages[1].tool_calls[0]"},
        {"a call of another vendor's model gets a placeholder",
         list({kAsk, openai_calls({"a", "b"}, R"("content":"x",)"), openai_result("a", R"("1")"),
               openai_result("b", "null")}),
         list({kHello, model(R"({"text":"x"},)" + call("a", "placeholder") + "," + call("b")),
               user(answer("a", R"({"output":"1"})") + "," + answer("b", R"({"output":""})"))}),
         "repaired:messages[1].tool_calls[0]"},
        {"elder models want none",
         list({kAsk, openai_calls({"a"}), openai_result("a", R"("[1,2.50]")")}),
         list({kHello, model(call("a")), user(answer("a", R"({"output":[1,2.50]})"))}), "",
         kGemini25},
        {"its own signature, which thinking brings along, too",
         list(
             {kAsk,
              openai_calls(
                  {"a S"},
                  R"("thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"gemini:S"}],)"),
              openai_result("a", R"("1")")}),
         list({kHello, model(call("a", "S")), user(answer("a", R"({"output":"1"})"))})},
        {"media of a result follow the results",
         list(
             {kAsk, openai_calls({"a S"}),
              openai_result(
                  "a",
                  R"([{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}])")}),
         list(
             {kHello, model(call("a", "S")),
              user(
                  answer("a", R"({"output":"see\n[image 1 of tool result a: see below]"})") +
                  R"(,{"text":"[image 1 of tool result a]"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}})")}),
         "rewritten:messages[2].content[1]"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest written = from_openai(talk(c.asked), c.traits);
            CHECK(written.error.empty());
            CHECK(written.member("contents") == c.want);
            CHECK(written.losses == c.losses);
        }
    }
    const WrittenRequest open = from_openai(talk(list({kAsk, openai_calls({"a"})})));
    CHECK(open.error == "the conversation ends with tool calls that have no result");
    CHECK(open.param == "messages[1].tool_calls[0]");
}

TEST_CASE("gemini requests: signatures come back with the parts that had them",
          "[protocol][gemini]") {
    const auto thinking = [](const std::string& signature) {
        return R"({"type":"thinking","thinking":"","signature":")" + signature + R"("})";
    };
    const std::string text = R"({"type":"text","text":"a"})";
    const std::string use = R"({"type":"tool_use","id":"c","name":"f","input":{}})";
    const std::string second = R"({"type":"tool_use","id":"d","name":"f","input":{}})";
    const std::string result = answer("c", R"({"output":"1"})");
    const std::string both = result + "," + answer("d", R"({"output":"1"})");
    struct Row {
        const char* name;
        std::string blocks;
        std::string sent;
    };
    const Row rows[] = {
        {"of a text", text + "," + thinking("gemini:S"), R"({"text":"a","thoughtSignature":"S"})"},
        {"of a text, put in front", thinking("gemini:S") + "," + text,
         R"({"text":"a","thoughtSignature":"S"})"},
        {"of nothing", thinking("gemini:S"), R"({"text":"","thoughtSignature":"S"})"},
        {"of another vendor", thinking("EqQB") + "," + text, R"({"text":"a"})"},
        {"of a call", thinking("gemini:S") + "," + use, call("c", "S")},
        {"of the first call", thinking("gemini:S") + "," + use + "," + second,
         call("c", "S") + "," + call("d")},
        {"of two calls",
         thinking("gemini:S") + "," + use + "," + thinking("gemini:T") + "," + second,
         call("c", "S") + "," + call("d", "T")},
        {"of a text and a call",
         text + "," + thinking("gemini:T") + "," + thinking("gemini:S") + "," + use,
         R"({"text":"a","thoughtSignature":"T"},)" + call("c", "S")},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const bool calls = row.sent.find("functionCall") != std::string::npos;
            const bool calls_twice = row.blocks.find(second) != std::string::npos;
            std::string results;
            if (calls) results = R"({"type":"tool_result","tool_use_id":"c","content":"1"},)";
            if (calls_twice)
                results += R"({"type":"tool_result","tool_use_id":"d","content":"1"},)";
            const WrittenRequest written = from_anthropic(anthropic_body(
                R"([{"role":"user","content":"hi"},{"role":"assistant","content":[)" + row.blocks +
                R"(]},{"role":"user","content":[)" + results + text + "]}]"));
            CHECK(written.error.empty());
            std::string last = calls ? (calls_twice ? both : result) + "," : std::string();
            CHECK(written.member("contents") ==
                  list({kHello, model(row.sent), user(last + R"({"text":"a"})")}));
            CHECK(written.losses.empty());
        }
    }
}

TEST_CASE("gemini requests: media", "[protocol][gemini]") {
    const Case cases[] = {
        {"an image", R"({"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}})",
         R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}})"},
        {"at an address", R"({"type":"image_url","image_url":{"url":"https://x/a.WebP?b=.png"}})",
         R"({"fileData":{"mimeType":"image/webp","fileUri":"https://x/a.WebP?b=.png"}})"},
        {"at one that says nothing", R"({"type":"image_url","image_url":{"url":"gs://x/a"}})",
         R"({"fileData":{"fileUri":"gs://x/a"}})"},
        {"a file of Google's", R"({"type":"file","file":{"file_id":"https://g/v1beta/files/a"}})",
         R"({"fileData":{"fileUri":"https://g/v1beta/files/a"}})"},
        {"sound", R"({"type":"input_audio","input_audio":{"data":"AAAA","format":"mp3"}})",
         R"({"inlineData":{"mimeType":"audio/mp3","data":"AAAA"}})"},
        {"film", R"({"type":"video_url","video_url":{"url":"data:video/webm;base64,AAAA"}})",
         R"({"inlineData":{"mimeType":"video/webm","data":"AAAA"}})"},
        {"a document and its title",
         R"({"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,JVBERi0="}})",
         R"({"text":"a.pdf"},{"inlineData":{"mimeType":"application/pdf","data":"JVBERi0="}})"},
        {"a text",
         R"({"type":"file","file":{"filename":"a.txt","file_data":"data:text/plain;base64,aGk="}})",
         R"({"text":"a.txt\nhi"})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest written =
                from_openai(talk(R"([{"role":"user","content":[)" + c.asked + "]}]"), c.traits);
            CHECK(written.error.empty());
            CHECK(written.member("contents") == list({user(c.want)}));
            CHECK(written.losses == c.losses);
        }
    }
    const auto refused = [](std::string_view part) {
        return from_openai(talk(R"([{"role":"user","content":[)" + std::string(part) + "]}]"))
            .error;
    };
    CHECK(refused(R"({"type":"file","file":{"file_id":"file-1"}})") ==
          "messages[0].content[0] names a file of another vendor");
    CHECK(refused(R"({"type":"image_url","image_url":{"url":"ftp://x/a.png"}})") ==
          "messages[0].content[0] has a URL that is neither http(s), gs nor data");
    CHECK(refused(R"({"type":"video_url","video_url":{"url":"data:video/mp4;base64,?"}})")
              .starts_with("messages[0].content[0] is no good: "));
}

// ---- Tools -----------------------------------------------------------------------------------

TEST_CASE("gemini requests: tools and the choice among them", "[protocol][gemini]") {
    struct Row {
        const char* name;
        std::string asked;
        std::string tools;
        std::string config;
        const char* losses = "";
    };
    const auto config = [](std::string_view inside) {
        return R"({"functionCallingConfig":{)" + std::string(inside) + "}}";
    };
    const Row rows[] = {
        {"none", "", "", ""},
        {"one", kTools, kSentTools, ""},
        {"as it likes", kTools + R"(,"tool_choice":"auto")", kSentTools, ""},
        {"not now", kTools + R"(,"tool_choice":"none","parallel_tool_calls":false)", kSentTools,
         config(R"("mode":"NONE")")},
        {"any", kTools + R"(,"tool_choice":"required")", kSentTools, config(R"("mode":"ANY")")},
        {"that one", kTools + R"(,"tool_choice":{"type":"function","function":{"name":"f"}})",
         kSentTools, config(R"("mode":"ANY","allowedFunctionNames":["f"])")},
        {"one at a time", kTools + R"(,"parallel_tool_calls":false)", kSentTools, "",
         "dropped:parallel_tool_calls"},
        {"without arguments",
         R"("tools":[{"type":"function","function":{"name":"f","description":"d"}}])",
         R"([{"functionDeclarations":[{"name":"f","description":"d"}]}])", ""},
        {"strictly", R"("tools":[{"type":"function","function":{"name":"f","strict":true}}])",
         R"([{"functionDeclarations":[{"name":"f"}]}])", "", "dropped:tools[0].strict"},
        {"only some",
         R"("tools":[)" + kTool +
             R"(,{"type":"function","function":{"name":"g"}}],)"
             R"("tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}}]}})",
         kSentTools, config(R"("mode":"ANY")"), "rewritten:tools"},
        {"another vendor's own", R"("tools":[{"type":"web_search"}])", "", "", "dropped:tools[0]"},
        {"free text", R"("tools":[{"type":"custom","custom":{"name":"f"}}])",
         R"([{"functionDeclarations":[{"name":"f","parametersJsonSchema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}]}])",
         ""},
        {"the web", R"("web_search_options":{})", R"([{"googleSearch":{}}])", ""},
        {"the web beside functions", kTools + R"(,"web_search_options":{})", kSentTools, "",
         "dropped:web_search_options"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const WrittenRequest written = from_openai(hello(row.asked));
            CHECK(written.error.empty());
            CHECK(written.member("tools") == row.tools);
            CHECK(written.member("toolConfig") == row.config);
            CHECK(written.losses == row.losses);
        }
    }
    CHECK(from_openai(hello(R"("tool_choice":"required")")).error ==
          "tool_choice asks for a call, but there are no tools");
}

TEST_CASE("gemini requests: names that are no good are other ones on the wire",
          "[protocol][gemini]") {
    const std::string name(70, 'n');
    const std::string sent = std::string(55, 'n') + "_" + crypto::sha256_hex(name).substr(0, 8);
    const WrittenRequest written = from_anthropic(anthropic_body(
        R"([{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":")" +
            name +
            R"(","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c","content":"1"}]}])",
        R"("tools":[{"name":")" + name +
            R"(","input_schema":{"type":"object"}},{"type":"bash_20250124","name":"bash"}],"tool_choice":{"type":"tool","name":")" +
            name + "\"}"));
    CHECK(written.error.empty());
    std::size_t count = 0;
    for (std::size_t at = written.body.find(sent); at != std::string::npos;
         at = written.body.find(sent, at + 1))
        ++count;
    CHECK(count == 4);  // the tool, the choice, the call and its result
    CHECK(written.body.find(name) == std::string::npos);
    CHECK(written.plan.names == std::vector{AnswerPlan::Rename{.sent = sent, .asked = name}});
    CHECK(written.body.find(R"({"name":"bash","description":)") != std::string::npos);
    CHECK(written.losses == "approximated:tools[1], repaired:messages[1].content[0]");
}

// ---- How to answer ---------------------------------------------------------------------------

TEST_CASE("gemini requests: how OpenAI's callers want the answer", "[protocol][gemini]") {
    const Case cases[] = {
        {"nothing", "", ""},
        {"digits stay", R"("temperature":0.70,"top_p":1e-1,"top_k":40,"seed":12345678901234567890)",
         R"({"temperature":0.70,"topP":1e-1,"topK":40,"seed":12345678901234567890})", "",
         kGemini25},
        {"no sampling", R"("temperature":0.7,"top_p":0.1,"top_k":40)", "",
         "dropped:temperature, dropped:top_p, dropped:top_k"},
        {"what asks for nothing", R"("temperature":1,"top_p":1.0,"n":1,"logprobs":false)", ""},
        {"penalties", R"("presence_penalty":-0.50,"frequency_penalty":2)",
         R"({"presencePenalty":-0.50,"frequencyPenalty":2})"},
        {"a limit", R"("max_completion_tokens":9)", R"({"maxOutputTokens":9})"},
        {"too high a limit", R"("max_tokens":100000)", R"({"maxOutputTokens":65536})",
         "clamped:max_tokens"},
        {"stops", R"("stop":["1","","2"])", R"({"stopSequences":["1","2"]})"},
        {"too many stops", R"("stop":["1","2","3","4","5","6"])",
         R"({"stopSequences":["1","2","3","4","5"]})", "dropped:stop"},
        {"JSON", R"("response_format":{"type":"json_object"})",
         R"({"responseMimeType":"application/json"})"},
        {"JSON beside tools", kTools + R"(,"response_format":{"type":"json_object"})",
         R"({"responseMimeType":"application/json"})"},
        {"JSON of a form",
         R"("response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object", "minProperties":1.0}}})",
         R"({"responseMimeType":"application/json","responseJsonSchema":{"type":"object","minProperties":1.0}})"},
        {"text and pictures", R"("modalities":["text","image"])",
         R"({"responseModalities":["TEXT","IMAGE"]})"},
        {"pictures", R"("modalities":["image"])", R"({"responseModalities":["IMAGE"]})"},
        {"text", R"("modalities":["text"])", ""},
        {"probabilities", R"("logprobs":true,"top_logprobs":3)",
         R"({"responseLogprobs":true,"logprobs":3})"},
        {"those of the chosen tokens alone", R"("logprobs":true,"top_logprobs":0)",
         R"({"responseLogprobs":true})"},
        {"what has no name here", R"("logit_bias":{"1":2},"user":"u")", "",
         "dropped:user, dropped:logit_bias"},
        {"by Gemini's own names",
         R"("thinkingConfig":{"thinkingLevel":"LOW"},"media_resolution":"MEDIA_RESOLUTION_LOW","reasoning_effort":"high")",
         R"({"thinkingConfig":{"thinkingLevel":"LOW"},"mediaResolution":"MEDIA_RESOLUTION_LOW"})"},
        {"as Google's other door takes them",
         R"("extra_body":{"google":{"thinking_config":{"thinking_budget":9},"unknown":1}})",
         R"({"thinkingConfig":{"thinking_budget":9}})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const WrittenRequest written = from_openai(hello(c.asked), c.traits);
            CHECK(written.error.empty());
            CHECK(written.member("generationConfig") == c.want);
            CHECK(written.losses == c.losses);
        }
    }
    CHECK(from_openai(hello(R"("n":2)")).error == "n must be 1: this model gives one answer");
    CHECK(from_openai(hello(R"("modalities":["text","audio"])")).error ==
          "modalities asks for sound, which this model does not produce");
}

TEST_CASE("gemini requests: what stands beside the conversation", "[protocol][gemini]") {
    const WrittenRequest own = from_openai(hello(
        R"("safety_settings":[{"category":"C", "threshold":"OFF"}],"google":{"cached_content":"cachedContents/a"},"service_tier":"priority")"));
    CHECK(
        own.body ==
        R"({"contents":[)" + kHello +
            R"(],"safetySettings":[{"category":"C","threshold":"OFF"}],"cachedContent":"cachedContents/a","serviceTier":"priority"})");
    CHECK(own.losses.empty());
    CHECK(from_openai(hello(R"("service_tier":"scale")")).losses == "dropped:service_tier");
    CHECK(from_openai(hello(R"("service_tier":"fast")")).losses == "approximated:service_tier");
    CHECK(from_openai(hello(R"("service_tier":"auto","stream":true)")).body ==
          R"({"contents":[)" + kHello + "]}");
}

TEST_CASE("gemini requests: models that give no JSON beside tools are asked for it",
          "[protocol][gemini]") {
    const WrittenRequest written = from_openai(
        talk(
            R"([{"role":"system","content":"a"},)" + kAsk + "]",
            kTools +
                R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}})"),
        kGemini25);
    CHECK(
        written.member("systemInstruction") ==
        R"({"parts":[{"text":"a"},{"text":"When you give your final answer, give one JSON object that fits this JSON Schema: {\"type\":\"object\"}. Write no other text with it."}]})");
    CHECK(written.member("generationConfig").empty());
    CHECK(written.losses == "approximated:response_format");
}

TEST_CASE("gemini requests: how much a model is to think", "[protocol][gemini]") {
    struct Row {
        const char* name;
        const char* asked;
        const char* budget;  // of models that know tokens
        const char* budget_losses;
        const char* level;  // of those that know levels
        const char* level_losses;
    };
    const Row openai[] = {
        {"unsaid", "", "", "", "", ""},
        {"none", R"("reasoning_effort":"none")", R"("thinkingBudget":0)", "",
         R"("thinkingLevel":"LOW")", "approximated:reasoning_effort"},
        {"minimal", R"("reasoning_effort":"minimal")",
         R"("includeThoughts":true,"thinkingBudget":1024)", "",
         R"("includeThoughts":true,"thinkingLevel":"LOW")", ""},
        {"low", R"("reasoning_effort":"low")", R"("includeThoughts":true,"thinkingBudget":1024)",
         "", R"("includeThoughts":true,"thinkingLevel":"LOW")", ""},
        {"medium", R"("reasoning_effort":"medium")",
         R"("includeThoughts":true,"thinkingBudget":8192)", "",
         R"("includeThoughts":true,"thinkingLevel":"MEDIUM")", ""},
        {"high", R"("reasoning_effort":"high")", R"("includeThoughts":true,"thinkingBudget":24576)",
         "", R"("includeThoughts":true,"thinkingLevel":"HIGH")", ""},
        {"max", R"("reasoning_effort":"max")", R"("includeThoughts":true,"thinkingBudget":24576)",
         "", R"("includeThoughts":true,"thinkingLevel":"HIGH")", ""},
    };
    const Row anthropic[] = {
        {"disabled", R"("thinking":{"type":"disabled"})", R"("thinkingBudget":0)", "",
         R"("thinkingLevel":"LOW")", "approximated:thinking"},
        {"a budget", R"("thinking":{"type":"enabled","budget_tokens":9000})",
         R"("includeThoughts":true,"thinkingBudget":9000)", "",
         R"("includeThoughts":true,"thinkingLevel":"HIGH")", ""},
        {"too small a budget", R"("thinking":{"type":"enabled","budget_tokens":9})",
         R"("includeThoughts":true,"thinkingBudget":128)", "clamped:thinking",
         R"("includeThoughts":true,"thinkingLevel":"LOW")", ""},
        {"too large a budget", R"("thinking":{"type":"enabled","budget_tokens":90000})",
         R"("includeThoughts":true,"thinkingBudget":24576)", "clamped:thinking",
         R"("includeThoughts":true,"thinkingLevel":"HIGH")", ""},
        {"as the model likes", R"("thinking":{"type":"adaptive"})",
         R"("includeThoughts":true,"thinkingBudget":-1)", "", R"("includeThoughts":true)", ""},
        {"unseen", R"("thinking":{"type":"adaptive","display":"omitted"})",
         R"("thinkingBudget":-1)", "", "", ""},
        {"an effort", R"("output_config":{"effort":"medium"})",
         R"("includeThoughts":true,"thinkingBudget":8192)", "",
         R"("includeThoughts":true,"thinkingLevel":"MEDIUM")", ""},
    };
    const auto config = [](const WrittenRequest& written) {
        JsonTree tree;
        const auto root = tree.parse(written.body);
        REQUIRE(root);
        return std::string((*root)["generationConfig"]["thinkingConfig"].raw());
    };
    const auto in_braces = [](std::string_view inside) {
        return inside.empty() ? std::string() : "{" + std::string(inside) + "}";
    };
    for (const Row& row : openai) {
        DYNAMIC_SECTION("OpenAI: " << row.name) {
            const WrittenRequest budget = from_openai(hello(row.asked), kGemini25);
            CHECK(config(budget) == in_braces(row.budget));
            CHECK(budget.losses == row.budget_losses);
            const WrittenRequest level = from_openai(hello(row.asked), kGemini3);
            CHECK(config(level) == in_braces(row.level));
            CHECK(level.losses == row.level_losses);
        }
    }
    for (const Row& row : anthropic) {
        DYNAMIC_SECTION("Anthropic: " << row.name) {
            const WrittenRequest budget = from_anthropic(anthropic_ask(row.asked), kGemini25);
            CHECK(config(budget) == in_braces(row.budget));
            CHECK(budget.losses == row.budget_losses);
            const WrittenRequest level = from_anthropic(anthropic_ask(row.asked), kGemini3);
            CHECK(config(level) == in_braces(row.level));
            CHECK(level.losses == row.level_losses);
        }
    }
    ModelTraits always = kGemini25;
    always.thinking_can_be_off = false;
    const WrittenRequest least = from_openai(hello(R"("reasoning_effort":"none")"), always);
    CHECK(config(least) == R"({"thinkingBudget":128})");
    CHECK(least.losses == "approximated:reasoning_effort");
    const WrittenRequest never =
        from_openai(hello(R"("reasoning_effort":"low")"), {.missing_fields = kMissingInGemini});
    CHECK(config(never).empty());
    CHECK(never.losses == "dropped:reasoning_effort");
}

TEST_CASE("gemini requests: a whole Anthropic request in Gemini's words", "[protocol][gemini]") {
    const WrittenRequest written = from_anthropic(
        R"({"model":"claude","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":"hi"}],)"
        R"("tools":[{"name":"f","description":"d","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}],)"
        R"("tool_choice":{"type":"tool","name":"f","disable_parallel_tool_use":true},"temperature":0.5,"top_k":3,)"
        R"("stop_sequences":["x"," "],"metadata":{"user_id":"u"},"mcp_servers":[{"url":"u"}],"stream":true})",
        kGemini25);
    CHECK(
        written.body ==
        R"({"systemInstruction":{"parts":[{"text":"s"}]},"contents":[)" + kHello +
            R"(],"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object","properties":{}}}]}],)"
            R"("toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},)"
            R"("generationConfig":{"maxOutputTokens":9,"temperature":0.5,"topK":3,"stopSequences":["x"]}})");
    CHECK(written.losses ==
          "dropped:tool_choice.disable_parallel_tool_use, dropped:metadata.user_id, "
          "dropped:mcp_servers");
}

TEST_CASE("anthropic requests: signatures of Gemini's are not Claude's", "[protocol][gemini]") {
    JsonTree tree;
    const auto root = tree.parse(
        R"({"model":"c","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"a",)"
        R"("thinking_blocks":[{"type":"thinking","thinking":"hm","signature":"gemini:S"},{"type":"thinking","thinking":"ah","signature":"EqQB"}]},)"
        R"({"role":"user","content":"b"}]})");
    REQUIRE(root);
    Losses losses;
    auto request = read_openai_request(*root, losses);
    REQUIRE(request);
    AnswerPlan plan;
    const ModelTraits traits;
    const ConversionOptions options{.sha256_hex = &crypto::sha256_hex};
    RequestConversion to{
        .model = "c", .traits = traits, .options = options, .losses = losses, .plan = plan};
    const auto body = write_anthropic_request(*std::move(request), to);
    REQUIRE(body);
    CHECK(body->find("gemini:") == std::string::npos);
    CHECK(body->find(R"({"type":"thinking","thinking":"ah","signature":"EqQB"})") !=
          std::string::npos);
}
