#include <cmath>

#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kHi = R"([{"role":"user","content":"Hi there"}])";
const char* const kWeatherTool =
    R"([{"type":"function","function":{"name":"get_weather","parameters":{"type":"object",)"
    R"("properties":{"city":{"type":"string"},"unit":{"type":"string"}},"required":["city"]}}},)"
    R"({"type":"function","function":{"name":"get_time"}}])";

std::string chat(const std::string& model, const std::string& rest = "",
                 const std::string& messages = kHi) {
    return R"({"model":")" + model + R"(","messages":)" + messages + rest + "}";
}

Plan answer(const http::Request& request) {
    return make_openai({})->answer(request, kNow);
}

Plan answer_chat(const std::string& body) {
    return answer(post("/v1/chat/completions", body));
}

std::string with_tools(const std::string& rest = "") {
    return std::string(R"(,"tools":)") + kWeatherTool + rest;
}

std::string user(const std::string& text) {
    return R"([{"role":"user","content":")" + text + R"("}])";
}

}  // namespace

TEST_CASE("simulated: OpenAI refuses in its own words", "[simulated]") {
    struct Case {
        const char* name;
        std::string body;
        int status;
        const char* param;  // nullptr: null
        const char* code;   // nullptr: null
        const char* message;
    };
    const std::string many_messages = user(std::string(9 * 130'000, 'x'));
    const Case cases[] = {
        {"no model", R"({"messages":[]})", 400, nullptr, nullptr,
         "you must provide a model parameter"},
        {"unknown model", chat("gpt-9"), 404, "model", "model_not_found",
         "The model `gpt-9` does not exist or you do not have access to it."},
        {"embedding model", chat("text-embedding-3-small"), 404, "model", nullptr,
         "This is not a chat model and thus not supported in the v1/chat/completions endpoint. "
         "Did you mean to use v1/completions?"},
        {"model of a wrong type", R"({"model":1,"messages":[]})", 400, "model", "invalid_type",
         "Invalid type for 'model': expected a string, but got an integer instead."},
        {"no messages", R"({"model":"gpt-4o"})", 400, "messages", "missing_required_parameter",
         "Missing required parameter: 'messages'."},
        {"messages of a wrong type", R"({"model":"gpt-4o","messages":"hi"})", 400, "messages",
         "invalid_type",
         "Invalid type for 'messages': expected an array, but got a string instead."},
        {"empty messages", chat("gpt-4o", "", "[]"), 400, "messages", "empty_array",
         "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an "
         "empty array instead."},
        {"unknown role", chat("gpt-4o", "", R"([{"role":"robot","content":"x"}])"), 400,
         "messages[0].role", "invalid_value",
         "Invalid value: 'robot'. Supported values are: 'system', 'assistant', 'user', 'function', "
         "'tool', and 'developer'."},
        {"no content", chat("gpt-4o", "", R"([{"role":"user"}])"), 400, "messages[0].content",
         "missing_required_parameter", "Missing required parameter: 'messages[0].content'."},
        {"image from the assistant",
         chat("gpt-4o", "",
              R"([{"role":"assistant","content":[{"type":"image_url","image_url":{"url":"x"}}]}])"),
         400, "messages[0].content[0]", "invalid_value",
         "Invalid value: 'image_url'. Supported values are: 'text' and 'refusal'."},
        {"tool result without a call",
         chat("gpt-4o", "", R"([{"role":"tool","tool_call_id":"c","content":"x"}])"), 400,
         "messages.[0].role", nullptr,
         "Invalid parameter: messages with role 'tool' must be a response to a preceeding message "
         "with 'tool_calls'."},
        {"tool call without a result",
         chat("gpt-4o", "",
              R"([{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c1",)"
              R"("type":"function","function":{"name":"f","arguments":"{}"}}]},)"
              R"({"role":"user","content":"y"}])"),
         400, "messages.[1].role", nullptr,
         "An assistant message with 'tool_calls' must be followed by tool messages responding to "
         "each 'tool_call_id'. The following tool_call_ids did not have response messages: c1"},
        {"unknown field", chat("gpt-4o", R"(,"frobnicate":1)"), 400, "frobnicate",
         "unknown_parameter", "Unknown parameter: 'frobnicate'."},
        {"temperature too high", chat("gpt-4o", R"(,"temperature":2.5)"), 400, "temperature",
         "decimal_above_max_value",
         "Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 2.5 "
         "instead."},
        {"temperature too low", chat("gpt-4o", R"(,"temperature":-1)"), 400, "temperature",
         "decimal_below_min_value",
         "Invalid 'temperature': decimal below minimum value. Expected a value >= 0, but got -1 "
         "instead."},
        {"temperature of a wrong type", chat("gpt-4o", R"(,"temperature":"hot")"), 400,
         "temperature", "invalid_type",
         "Invalid type for 'temperature': expected a decimal, but got a string instead."},
        {"n too high", chat("gpt-4o", R"(,"n":129)"), 400, "n", "integer_above_max_value",
         "Invalid 'n': integer above maximum value. Expected a value <= 128, but got 129 instead."},
        {"max_tokens of zero", chat("gpt-4o", R"(,"max_tokens":0)"), 400, "max_tokens",
         "integer_below_min_value",
         "Invalid 'max_tokens': integer below minimum value. Expected a value >= 1, but got 0 "
         "instead."},
        {"max_tokens beyond the model", chat("gpt-4o", R"(,"max_tokens":16385)"), 400, "max_tokens",
         "invalid_value",
         "max_tokens is too large: 16385. This model supports at most 16384 completion tokens, "
         "whereas you provided 16385."},
        {"both limits", chat("gpt-4o", R"(,"max_tokens":1,"max_completion_tokens":1)"), 400,
         "max_tokens", "invalid_parameter_combination",
         "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."},
        {"five stops", chat("gpt-4o", R"(,"stop":["a","b","c","d","e"])"), 400, "stop",
         "array_above_max_length",
         "Invalid 'stop': array too long. Expected an array with maximum length 4, but got an "
         "array with length 5 instead."},
        {"stream_options without stream", chat("gpt-4o", R"(,"stream_options":{})"), 400,
         "stream_options", nullptr,
         "The 'stream_options' parameter is only allowed when 'stream' is enabled."},
        {"top_logprobs without logprobs", chat("gpt-4o", R"(,"top_logprobs":2)"), 400,
         "top_logprobs", nullptr,
         "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."},
        {"tool_choice without tools", chat("gpt-4o", R"(,"tool_choice":"auto")"), 400,
         "tool_choice", nullptr,
         "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are "
         "specified."},
        {"tool without a type", chat("gpt-4o", R"(,"tools":[{"function":{"name":"f"}}])"), 400,
         "tools[0].type", "missing_required_parameter",
         "Missing required parameter: 'tools[0].type'."},
        {"tool with a bad name",
         chat("gpt-4o", R"(,"tools":[{"type":"function","function":{"name":"a b"}}])"), 400,
         "tools[0].function.name", "invalid_value",
         "Invalid 'tools[0].function.name': string does not match pattern. Expected a string that "
         "matches the pattern '^[a-zA-Z0-9_-]+$'."},
        {"unknown tool_choice", chat("gpt-4o", with_tools(R"(,"tool_choice":"always")")), 400,
         "tool_choice", "invalid_value",
         "Invalid value: 'always'. Supported values are: 'none', 'auto', and 'required'."},
        {"tool_choice of an absent tool",
         chat("gpt-4o",
              with_tools(R"(,"tool_choice":{"type":"function","function":{"name":"sing"}})")),
         400, "tool_choice", nullptr,
         "Invalid value for 'tool_choice': no tool named 'sing' was specified in the 'tools' "
         "parameter."},
        {"json_object without the word",
         chat("gpt-4o", R"(,"response_format":{"type":"json_object"})"), 400, "messages", nullptr,
         "'messages' must contain the word 'json' in some form, to use 'response_format' of type "
         "'json_object'."},
        {"json_schema without a name",
         chat("gpt-4o", R"(,"response_format":{"type":"json_schema","json_schema":{}})"), 400,
         "response_format.json_schema.name", "missing_required_parameter",
         "Missing required parameter: 'response_format.json_schema.name'."},
        {"max_tokens of a reasoning model", chat("o4-mini", R"(,"max_tokens":10)"), 400,
         "max_tokens", "unsupported_parameter",
         "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
         "'max_completion_tokens' instead."},
        {"temperature of a reasoning model", chat("o4-mini", R"(,"temperature":0.5)"), 400,
         "temperature", "unsupported_value",
         "Unsupported value: 'temperature' does not support 0.5 with this model. Only the default "
         "(1) value is supported."},
        {"stop of a reasoning model", chat("gpt-5", R"(,"stop":"x")"), 400, "stop",
         "unsupported_parameter",
         "Unsupported parameter: 'stop' is not supported with this model."},
        {"effort of a model that does not reason", chat("gpt-4o", R"(,"reasoning_effort":"low")"),
         400, "reasoning_effort", nullptr,
         "Unrecognized request argument supplied: reasoning_effort"},
        {"effort that a model does not have", chat("gpt-6-astra", R"(,"reasoning_effort":"none")"),
         400, "reasoning_effort", "unsupported_value",
         "Unsupported value: 'reasoning_effort' does not support 'none' with this model. Supported "
         "values are: 'low', 'medium', 'high', and 'xhigh'."},
        {"tools with effort", chat("gpt-6-luna", with_tools()), 400, "reasoning_effort", nullptr,
         "Function tools with reasoning_effort are not supported for gpt-6-luna in "
         "/v1/chat/completions. To use function tools, use /v1/responses or set reasoning_effort "
         "to 'none'."},
        {"audio", chat("gpt-4o", R"(,"modalities":["text","audio"])"), 400, "modalities",
         "invalid_value", "Invalid value for 'modalities': this model only supports 'text'."},
        {"too long a prompt", chat("gpt-4o", "", many_messages), 400, "messages",
         "context_length_exceeded",
         "This model's maximum context length is 128000 tokens. However, your messages resulted in "
         "146253 tokens. Please reduce the length of the messages."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = answer_chat(c.body);
            CHECK(plan.status == c.status);
            CHECK(plan.headers.find("content-type") == "application/json");
            const json error = body_of(plan).at("error");
            CHECK(error.at("message") == c.message);
            CHECK(error.at("type") == "invalid_request_error");
            CHECK(error.at("param") == (c.param == nullptr ? json() : json(c.param)));
            CHECK(error.at("code") == (c.code == nullptr ? json() : json(c.code)));
        }
    }
}

TEST_CASE("simulated: OpenAI guards its door", "[simulated]") {
    struct Case {
        const char* name;
        http::Request request;
        int status;
        json code;
        const char* message;
    };
    http::Request keyless = get("/v1/models");
    keyless.headers.remove("authorization");
    http::Request bad_key = get("/v1/models");
    bad_key.headers.set("authorization", "Bearer nonsense-key");
    http::Request form = post("/v1/chat/completions", chat("gpt-4o"));
    form.headers.set("content-type", "text/plain");
    const Case cases[] = {
        {"no key", keyless, 401, nullptr,
         "You didn't provide an API key. You need to provide your API key in an Authorization "
         "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field "
         "(with blank username) if you're accessing the API from your browser and are prompted for "
         "a username and password. You can obtain an API key from "
         "https://platform.openai.com/account/api-keys."},
        {"wrong key", bad_key, 401, "invalid_api_key",
         "Incorrect API key provided: nons****-key. You can find your API key at "
         "https://platform.openai.com/account/api-keys."},
        {"unknown path", get("/v1/nothing?x=1"), 404, nullptr, "Invalid URL (GET /v1/nothing)"},
        {"wrong method", get("/v1/embeddings"), 405, "method_not_supported",
         "Not allowed to GET on /v1/embeddings."},
        {"wrong content type", form, 415, "unsupported_content_type",
         "Unsupported content type: 'text/plain'. This API method only accepts 'application/json' "
         "requests, but you specified the header 'Content-Type: text/plain'. Please try again with "
         "a supported content type."},
        {"broken JSON", post("/v1/chat/completions", "{"), 400, nullptr,
         "We could not parse the JSON body of your request. (HINT: This likely means you aren't "
         "using your HTTP library correctly. The OpenAI API expects a JSON payload, but what was "
         "sent was not valid JSON. If you have trouble figuring out how to fix this, please "
         "contact us through our help center at help.openai.com.)"},
        {"unknown model in the path", get("/v1/models/gpt-9"), 404, "model_not_found",
         "The model 'gpt-9' does not exist"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = answer(c.request);
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["error"]["code"] == c.code);
            CHECK(body_of(plan)["error"]["message"] == c.message);
        }
    }
}

TEST_CASE("simulated: OpenAI answers with the prompt's first words", "[simulated]") {
    const Plan plan = answer_chat(chat("gpt-4o", "", user("What is the capital of France")));
    CHECK(plan.status == 200);
    CHECK(plan.headers.find("x-request-id"));
    CHECK(plan.headers.find("openai-processing-ms"));
    CHECK(plan.headers.find("x-ratelimit-limit-requests") == "5000");
    CHECK(plan.headers.find("x-ratelimit-remaining-tokens"));
    const json reply = body_of(plan);
    CHECK(reply["object"] == "chat.completion");
    CHECK(reply["created"] == 1763630000);
    CHECK(reply["model"] == "gpt-4o");
    CHECK(reply["id"].get<std::string>().starts_with("chatcmpl-"));
    const json& choice = reply["choices"][0];
    CHECK(choice["finish_reason"] == "stop");
    CHECK(choice["logprobs"].is_null());
    CHECK(choice["message"]["refusal"].is_null());
    CHECK(choice["message"]["content"].get<std::string>().starts_with(
        "You asked: \"What is the capital of France\". "));
    const json& usage = reply["usage"];
    CHECK(usage["total_tokens"] ==
          usage["prompt_tokens"].get<int>() + usage["completion_tokens"].get<int>());
    CHECK(usage["prompt_tokens_details"]["cached_tokens"] == 0);
    CHECK(usage["completion_tokens_details"]["reasoning_tokens"] == 0);
}

TEST_CASE("simulated: the same request is answered alike", "[simulated]") {
    const http::Request request = post("/v1/chat/completions", chat("gpt-4o"));
    const VendorOptions other_seed{.seed = 2};
    CHECK(answer(request) == answer(request));
    CHECK(answer(request) != answer(post("/v1/chat/completions", chat("gpt-4o-mini"))));
    CHECK(answer(request) != make_openai(other_seed)->answer(request, kNow));
}

TEST_CASE("simulated: an OpenAI stream carries what the plain answer holds", "[simulated]") {
    struct Case {
        const char* name;
        std::string model;
        std::string rest;
        std::string messages;
    };
    const Case cases[] = {
        {"text", "gpt-4o", "", kHi},
        {"Chinese", "gpt-4o", "", user("法国的首都在哪里？")},
        {"three choices", "gpt-4o", R"(,"n":3)", kHi},
        {"a limit", "gpt-4o", R"(,"max_tokens":5)", kHi},
        {"a stop", "gpt-4o", R"(,"stop":["asked"])", kHi},
        {"a tool call", "gpt-4o", with_tools(), user("get_weather in Oslo please")},
        {"parallel calls", "gpt-4o", with_tools(), user("get_weather for Oslo and get_time")},
        {"a custom tool", "gpt-4o",
         R"(,"tools":[{"type":"custom","custom":{"name":"shell"}}],"tool_choice":"required")", kHi},
        {"JSON", "gpt-4o", R"(,"response_format":{"type":"json_object"})", user("Give me json")},
        {"reasoning", "o4-mini", R"(,"max_completion_tokens":200)", kHi},
        {"logprobs", "gpt-4o", R"(,"logprobs":true,"top_logprobs":2)", kHi},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plain = answer_chat(chat(c.model, c.rest, c.messages));
            const Plan stream = answer_chat(
                chat(c.model, c.rest + R"(,"stream":true,"stream_options":{"include_usage":true})",
                     c.messages));
            REQUIRE(plain.status == 200);
            REQUIRE(stream.status == 200);
            CHECK(stream.framing == Framing::Chunked);
            CHECK(stream.headers.find("content-type") == "text/event-stream; charset=utf-8");
            const auto frames = frames_of(stream);
            const json reply = body_of(plain);
            CHECK(assemble(frames) == choices_of(reply));
            CHECK(frames.back()["usage"] == reply["usage"]);
            CHECK(frames.back()["choices"].empty());
            for (std::size_t i = 0; i + 1 < frames.size(); ++i) {
                REQUIRE(frames[i].at("usage").is_null());
                REQUIRE(frames[i].at("id") == reply["id"]);
                REQUIRE(frames[i].at("object") == "chat.completion.chunk");
                REQUIRE(frames[i].contains("obfuscation"));
            }
        }
    }
}

TEST_CASE("simulated: OpenAI streams usage and padding only when wanted", "[simulated]") {
    const auto frames = frames_of(answer_chat(
        chat("gpt-4o", R"(,"stream":true,"stream_options":{"include_obfuscation":false})")));
    for (const json& frame : frames) {
        CHECK_FALSE(frame.contains("usage"));
        CHECK_FALSE(frame.contains("obfuscation"));
        CHECK(frame["choices"].size() == 1);
    }
    CHECK(frames.front()["choices"][0]["delta"] ==
          json({{"role", "assistant"}, {"content", ""}, {"refusal", nullptr}}));
    CHECK(frames.back()["choices"][0]["delta"].empty());
}

TEST_CASE("simulated: choices of a stream are interleaved", "[simulated]") {
    const auto frames = frames_of(answer_chat(chat("gpt-4o", R"(,"n":2,"stream":true)")));
    CHECK(frames[0]["choices"][0]["index"] == 0);
    CHECK(frames[1]["choices"][0]["index"] == 1);
    CHECK(frames[2]["choices"][0]["index"] == 0);
    CHECK(frames[3]["choices"][0]["index"] == 1);
}

TEST_CASE("simulated: OpenAI calls the tools that it should", "[simulated]") {
    struct Case {
        const char* name;
        std::string rest;
        std::string messages;
        std::vector<std::string> called;
    };
    const char* const after_result =
        R"([{"role":"user","content":"get_weather in Oslo"},{"role":"assistant","tool_calls":)"
        R"([{"id":"c","type":"function","function":{"name":"get_weather","arguments":"{}"}}]},)"
        R"({"role":"tool","tool_call_id":"c","content":"sunny"}])";
    const Case cases[] = {
        {"named by the user", "", user("call get_weather"), {"get_weather"}},
        {"not named", "", kHi, {}},
        {"required", R"(,"tool_choice":"required")", kHi, {"get_weather"}},
        {"forced by name",
         R"(,"tool_choice":{"type":"function","function":{"name":"get_time"}})",
         user("call get_weather"),
         {"get_time"}},
        {"forbidden", R"(,"tool_choice":"none")", user("call get_weather"), {}},
        {"in the order of the text",
         "",
         user("get_time, then get_weather"),
         {"get_time", "get_weather"}},
        {"one at a time",
         R"(,"parallel_tool_calls":false)",
         user("get_time, get_weather"),
         {"get_time"}},
        {"not again after its result", "", after_result, {}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const json choice =
                body_of(answer_chat(chat("gpt-4o", with_tools(c.rest), c.messages)))["choices"][0];
            std::vector<std::string> called;
            for (const json& call : choice["message"].value("tool_calls", json::array())) {
                called.push_back(call["function"]["name"]);
            }
            CHECK(called == c.called);
            CHECK(choice["finish_reason"] == (called.empty() ? "stop" : "tool_calls"));
            CHECK(choice["message"]["content"].is_null() == !called.empty());
        }
    }
    SECTION("the deprecated form") {
        const std::string body =
            R"({"model":"gpt-4o","messages":[{"role":"user","content":"Say it: get_time"}],)"
            R"("functions":[{"name":"get_time"}],"stream":)";
        const json choice = body_of(answer_chat(body + "false}"))["choices"][0];
        CHECK(choice["finish_reason"] == "function_call");
        CHECK(choice["message"]["function_call"] ==
              json({{"name", "get_time"}, {"arguments", "{}"}}));
        const auto frames = frames_of(answer_chat(body + "true}"));
        CHECK(frames[1]["choices"][0]["delta"]["function_call"] ==
              json({{"name", "get_time"}, {"arguments", ""}}));
        CHECK(frames[2]["choices"][0]["delta"]["function_call"]["arguments"] == "{}");
    }
    SECTION("arguments fit the schema and the prompt") {
        const json reply =
            body_of(answer_chat(chat("gpt-4o", with_tools(), user("Please get_weather in Oslo"))));
        const json& call = reply["choices"][0]["message"]["tool_calls"][0];
        CHECK(call["function"]["arguments"] == R"({"city":"Oslo"})");
        CHECK(call["id"].get<std::string>().starts_with("call_"));
    }
    SECTION("the result is told") {
        const json reply = body_of(answer_chat(chat("gpt-4o", with_tools(), after_result)));
        CHECK(reply["choices"][0]["message"]["content"].get<std::string>().starts_with(
            "The tool answered: sunny\n"));
    }
}

TEST_CASE("simulated: limits and stops end an answer where they say", "[simulated]") {
    SECTION("max_tokens") {
        const json reply = body_of(answer_chat(chat("gpt-4o", R"(,"max_tokens":3)")));
        CHECK(reply["choices"][0]["finish_reason"] == "length");
        CHECK(reply["usage"]["completion_tokens"] == 3);
    }
    SECTION("a stop sequence is left out") {
        const json reply = body_of(answer_chat(chat("gpt-4o", R"(,"stop":" asked")")));
        CHECK(reply["choices"][0]["message"]["content"] == "You");
        CHECK(reply["choices"][0]["finish_reason"] == "stop");
    }
    SECTION("thoughts use up max_completion_tokens") {
        const json reply = body_of(answer_chat(chat("o4-mini", R"(,"max_completion_tokens":2)")));
        CHECK(reply["choices"][0]["message"]["content"] == "");
        CHECK(reply["choices"][0]["finish_reason"] == "length");
        CHECK(reply["usage"]["completion_tokens"] == 2);
        CHECK(reply["usage"]["completion_tokens_details"]["reasoning_tokens"] == 2);
    }
    SECTION("an ordered length") {
        const json reply = body_of(answer_chat(chat("sim-tokens-500")));
        CHECK(reply["usage"]["completion_tokens"] == 500);
    }
}

TEST_CASE("simulated: OpenAI sees images, writes JSON and echoes the unknown", "[simulated]") {
    SECTION("images") {
        const json reply = body_of(answer_chat(
            chat("gpt-4o", "",
                 R"([{"role":"user","content":[{"type":"text","text":"What is this?"},)"
                 R"({"type":"image_url","image_url":{"url":"https://example.com/a.png"}},)"
                 R"({"type":"image_url","image_url":{"url":"https://example.com/b.png"}}]}])")));
        CHECK(reply["choices"][0]["message"]["content"].get<std::string>().starts_with(
            "You asked: \"What is this?\". I can see 2 images."));
    }
    SECTION("a schema") {
        const json reply = body_of(answer_chat(chat(
            "gpt-4o",
            R"(,"response_format":{"type":"json_schema","json_schema":{"name":"city","schema":)"
            R"({"type":"object","properties":{"name":{"type":"string"},"size":{"type":"integer",)"
            R"("minimum":10,"maximum":12}},"required":["name","size"]}}})")));
        const json content =
            json::parse(reply["choices"][0]["message"]["content"].get<std::string>());
        CHECK(content["name"].is_string());
        CHECK(content["size"] >= 10);
        CHECK(content["size"] <= 12);
        CHECK(content.size() == 2);
    }
    SECTION("unknown fields") {
        const json reply =
            body_of(answer_chat(chat("gpt-4o", R"(,"x_echo":true,"brand_new":{"a":[1]})")));
        CHECK(reply["x_echo"] == json::parse(R"({"brand_new":{"a":[1]}})"));
    }
    SECTION("a long prompt is cached in part") {
        const json reply = body_of(answer_chat(chat("gpt-4o", "", user(std::string(16'384, 'x')))));
        CHECK(reply["usage"]["prompt_tokens"] == 2051);
        CHECK(reply["usage"]["prompt_tokens_details"]["cached_tokens"] == 1024);
    }
}

TEST_CASE("simulated: OpenAI embeds", "[simulated]") {
    const auto embed = [](const std::string& rest) {
        return answer(post("/v1/embeddings", R"({"model":"text-embedding-3-small")" + rest + "}"));
    };
    SECTION("a text becomes a unit vector") {
        const json reply = body_of(embed(R"(,"input":"hello world")"));
        CHECK(reply["object"] == "list");
        CHECK(reply["model"] == "text-embedding-3-small");
        CHECK(reply["usage"]["prompt_tokens"] == reply["usage"]["total_tokens"]);
        double sum = 0;
        for (const json& component : reply["data"][0]["embedding"]) {
            sum += std::pow(component.get<double>(), 2);
        }
        CHECK(sum == Approx(1.0));
        CHECK(reply["data"][0]["embedding"].size() == 1536);
    }
    SECTION("dimensions, several inputs and tokens") {
        const json reply = body_of(embed(R"(,"input":["a","b"],"dimensions":8)"));
        REQUIRE(reply["data"].size() == 2);
        CHECK(reply["data"][1]["index"] == 1);
        CHECK(reply["data"][1]["embedding"].size() == 8);
        CHECK(reply["data"][0]["embedding"] != reply["data"][1]["embedding"]);
        CHECK(body_of(embed(R"(,"input":[1,2,3])"))["usage"]["total_tokens"] == 3);
    }
    SECTION("base64 has four bytes a number") {
        const json reply =
            body_of(embed(R"(,"input":"a","dimensions":3,"encoding_format":"base64")"));
        CHECK(reply["data"][0]["embedding"].get<std::string>().size() == 16);
    }
    struct Case {
        const char* name;
        std::string rest;
        const char* message;
    };
    std::string many = R"(,"input":["x")";
    for (int i = 0; i < 2048; ++i) many += R"(,"x")";
    const Case cases[] = {
        {"no input", "", "Missing required parameter: 'input'."},
        {"empty input", R"(,"input":"")", "Invalid 'input': input cannot be an empty string."},
        {"mixed input", R"(,"input":["a",1])",
         "Invalid type for 'input': expected one of a string, array of strings, array of integers "
         "or array of integer arrays, but got an array instead."},
        {"too many inputs", many + "]",
         "Invalid 'input': array too long. Expected an array with maximum length 2048, but got an "
         "array with length 2049 instead."},
        {"too long an input", R"(,"input":")" + std::string(8 * 8193, 'x') + "\"",
         "This model's maximum context length is 8192 tokens, however you requested 8193 tokens "
         "(8193 in your prompt; 0 for the completion). Please reduce your prompt; or completion "
         "length."},
        {"too many dimensions", R"(,"input":"a","dimensions":1537)",
         "Invalid value for 'dimensions' = 1537. Must be less than or equal to 1536."},
        {"unknown encoding", R"(,"input":"a","encoding_format":"hex")",
         "Invalid value: 'hex'. Supported values are: 'float' and 'base64'."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = embed(c.rest);
            CHECK(plan.status == 400);
            CHECK(body_of(plan)["error"]["message"] == c.message);
        }
    }
}

TEST_CASE("simulated: OpenAI lists its models", "[simulated]") {
    const json list = body_of(answer(get("/v1/models")));
    CHECK(list["object"] == "list");
    CHECK(list["data"][0] == json::parse(R"({"id":"gpt-4o","object":"model","created":1715367049,)"
                                         R"("owned_by":"openai","shutdown_date":"2027-01-14"})"));
    CHECK(body_of(answer(get("/v1/models/o4-mini")))["shutdown_date"].is_null());
}

TEST_CASE("simulated: a pace delays the head and the tokens", "[simulated]") {
    using namespace std::chrono_literals;
    const VendorOptions options{.seed = 1, .pace = {.latency = 100ms, .tokens_per_second = 50}};
    const auto vendor = make_openai(options);
    const std::string body =
        R"({"model":"sim-tokens-50","messages":[{"role":"user","content":"x"}])";
    SECTION("a plain answer waits for its last token") {
        const Plan plan = vendor->answer(post("/v1/chat/completions", body + "}"), kNow);
        CHECK(plan.delay >= 990ms);
        CHECK(plan.delay <= 1210ms);
    }
    SECTION("a stream waits between its tokens") {
        const Plan plan =
            vendor->answer(post("/v1/chat/completions", body + R"(,"stream":true})"), kNow);
        CHECK(plan.delay >= 90ms);
        CHECK(plan.delay <= 110ms);
        CHECK(plan.pieces.front().wait == 0ms);
        CHECK(plan.pieces[2].wait >= 18ms);
        CHECK(plan.pieces[2].wait <= 22ms);
    }
}
