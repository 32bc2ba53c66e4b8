#include <algorithm>

#include "sidecar/simulated/simulator.h"
#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kTools =
    R"(,"tools":[{"type":"function","name":"get_weather","parameters":{"type":"object",)"
    R"("properties":{"city":{"type":"string"}},"required":["city"]}},)"
    R"({"type":"function","name":"get_time"}])";

// `rest` begins with a comma.
std::string request(const std::string& model, const std::string& rest = "",
                    const std::string& input = R"("Hi there")") {
    return R"({"model":")" + model + R"(","input":)" + input + rest + "}";
}

Plan ask(const std::string& body) {
    return make_openai({})->answer(post("/v1/responses", body), kNow);
}

Plan complete(const std::string& body) {
    return make_openai({})->answer(post("/v1/completions", body), kNow);
}

std::vector<json> events_of(const Plan& plan) {
    std::vector<json> events;
    for (const Piece& piece : plan.pieces) {
        REQUIRE(piece.bytes.starts_with("event: "));
        REQUIRE(piece.bytes.ends_with("\n\n"));
        const auto line_end = piece.bytes.find('\n');
        const std::string data = piece.bytes.substr(line_end + 1);
        REQUIRE(data.starts_with("data: "));
        events.push_back(json::parse(data.substr(6)));
        REQUIRE(events.back().at("type") == piece.bytes.substr(7, line_end - 7));
    }
    return events;
}

void append(json& text, const json& delta) {
    text.get_ref<std::string&>() += delta.get<std::string>();
}

// The output items that the events amount to; order and numbers are checked on the way.
json assemble_output(const std::vector<json>& events) {
    json output = json::array();
    for (std::size_t i = 0; i < events.size(); ++i) {
        const json& event = events[i];
        REQUIRE(event.at("sequence_number") == i);
        const auto type = event.at("type").get<std::string>();
        if (!event.contains("output_index")) continue;
        const auto index = event["output_index"].get<std::size_t>();
        if (type == "response.output_item.added") {
            REQUIRE(index == output.size());
            output.push_back(event.at("item"));
            continue;
        }
        REQUIRE(index == output.size() - 1);
        json& item = output.back();
        if (event.contains("item_id")) REQUIRE(event["item_id"] == item["id"]);
        if (type == "response.content_part.added") item["content"].push_back(event.at("part"));
        if (type == "response.reasoning_summary_part.added") {
            item["summary"].push_back(event.at("part"));
        }
        if (type == "response.output_text.delta") {
            append(item["content"][0]["text"], event["delta"]);
        }
        if (type == "response.reasoning_summary_text.delta") {
            append(item["summary"][0]["text"], event["delta"]);
        }
        if (type == "response.function_call_arguments.delta") {
            append(item["arguments"], event["delta"]);
        }
        if (type == "response.custom_tool_call_input.delta") append(item["input"], event["delta"]);
        if (type == "response.output_text.done") {
            CHECK(event["text"] == item["content"][0]["text"]);
        }
        if (type == "response.content_part.done") CHECK(event["part"] == item["content"][0]);
        if (type == "response.function_call_arguments.done") {
            CHECK(event["arguments"] == item["arguments"]);
        }
        if (type == "response.output_item.done") {
            if (item.contains("status")) item["status"] = event["item"]["status"];
            CHECK(item == event["item"]);
        }
    }
    return output;
}

std::vector<std::string> types_of(const json& output) {
    std::vector<std::string> types;
    for (const json& item : output) types.push_back(item.at("type"));
    return types;
}

std::string text_format(const std::string& schema, const std::string& rest = "") {
    return R"(,"text":{"format":{"type":"json_schema","name":"a","schema":)" + schema + rest + "}}";
}

}  // namespace

TEST_CASE("simulated: OpenAI refuses responses in its own words", "[simulated]") {
    struct Case {
        const char* name;
        std::string body;
        int status;
        const char* param;  // nullptr: null
        const char* code;   // nullptr: null
        std::string message;
    };
    const auto moved = [](const std::string& from, const std::string& to) {
        return "Unsupported parameter: '" + from +
               "'. In the Responses API, this parameter has moved to '" + to +
               "'. Try again with the new parameter. See the API documentation for more "
               "information: https://platform.openai.com/docs/api-reference/responses/create.";
    };
    const std::string call =
        R"([{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"})";
    const std::string strict_tool =
        R"(,"tools":[{"type":"function","name":"f","strict":true,"parameters":)";
    const Case cases[] = {
        {"no model", R"({"input":"x"})", 400, nullptr, nullptr,
         "you must provide a model parameter"},
        {"unknown model", request("gpt-9"), 404, "model", "model_not_found",
         "The model `gpt-9` does not exist or you do not have access to it."},
        {"embedding model", request("text-embedding-3-small"), 400, "model", "unsupported_model",
         "The requested model 'text-embedding-3-small' cannot be used with the Responses API."},
        {"no input", R"({"model":"gpt-4o"})", 400, "input", "missing_required_parameter",
         "Missing required parameter: 'input'."},
        {"empty input", request("gpt-4o", "", "[]"), 400, "input", "empty_array",
         "Invalid 'input': empty array. Expected an array with minimum length 1, but got an empty "
         "array instead."},
        {"messages", R"({"model":"gpt-4o","messages":[]})", 400, "messages",
         "unsupported_parameter", moved("messages", "input")},
        {"max_tokens", request("gpt-4o", R"(,"max_tokens":5)"), 400, "max_tokens",
         "unsupported_parameter", moved("max_tokens", "max_output_tokens")},
        {"max_completion_tokens", request("gpt-4o", R"(,"max_completion_tokens":5)"), 400,
         "max_completion_tokens", "unsupported_parameter",
         moved("max_completion_tokens", "max_output_tokens")},
        {"response_format", request("gpt-4o", R"(,"response_format":{})"), 400, "response_format",
         "unsupported_parameter", moved("response_format", "text.format")},
        {"reasoning_effort", request("gpt-5", R"(,"reasoning_effort":"low")"), 400,
         "reasoning_effort", "unsupported_parameter",
         moved("reasoning_effort", "reasoning.effort")},
        {"n", request("gpt-4o", R"(,"n":2)"), 400, "n", "unknown_parameter",
         "Unknown parameter: 'n'."},
        {"stop", request("gpt-4o", R"(,"stop":"x")"), 400, "stop", "unknown_parameter",
         "Unknown parameter: 'stop'."},
        {"a small limit", request("gpt-4o", R"(,"max_output_tokens":5)"), 400, "max_output_tokens",
         "integer_below_min_value",
         "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but "
         "got 5 instead."},
        {"a limit beyond the model", request("gpt-4o", R"(,"max_output_tokens":16385)"), 400,
         "max_output_tokens", "invalid_value",
         "max_output_tokens is too large: 16385. This model supports at most 16384 completion "
         "tokens, whereas you provided 16385."},
        {"a response of before", request("gpt-4o", R"(,"previous_response_id":"resp_1")"), 400,
         "previous_response_id", "previous_response_not_found",
         "Previous response with id 'resp_1' not found."},
        {"a conversation", request("gpt-4o", R"(,"conversation":{"id":"conv_1"})"), 404,
         "conversation", nullptr, "Conversation with id 'conv_1' not found."},
        {"both", request("gpt-4o", R"(,"conversation":"c","previous_response_id":"r")"), 400,
         "previous_response_id", "mutually_exclusive_parameters",
         "Mutually exclusive parameters: 'previous_response_id' and 'conversation'. Ensure you are "
         "only providing one of: 'previous_response_id' or 'conversation'."},
        {"background", request("gpt-4o", R"(,"background":true)"), 400, "background",
         "unsupported_value",
         "Unsupported value: 'background' does not support true with this model."},
        {"role tool", request("gpt-4o", "", R"([{"role":"tool","content":"x"}])"), 400,
         "input[0].role", "invalid_value",
         "Invalid value: 'tool'. Supported values are: 'assistant', 'system', 'developer', and "
         "'user'."},
        {"a part of chat",
         request("gpt-4o", "", R"([{"role":"user","content":[{"type":"text","text":"x"}]}])"), 400,
         "input[0].content[0]", "invalid_value",
         "Invalid value: 'text'. Supported values are: 'input_text', 'input_image', and "
         "'input_file'."},
        {"input from the assistant",
         request("gpt-4o", "",
                 R"([{"role":"assistant","content":[{"type":"input_text","text":"x"}]}])"),
         400, "input[0].content[0]", "invalid_value",
         "Invalid value: 'input_text'. Supported values are: 'output_text' and 'refusal'."},
        {"an image as of chat",
         request("gpt-4o", "",
                 R"([{"role":"user","content":[{"type":"input_image","image_url":{"url":"x"}}]}])"),
         400, "input[0].content[0].image_url", "invalid_type",
         "Invalid type for 'input[0].content[0].image_url': expected a string, but got an object "
         "instead."},
        {"unknown item", request("gpt-4o", "", R"([{"type":"tool_call"}])"), 400, "input[0]",
         "invalid_value",
         "Invalid value: 'tool_call'. Supported values are: 'message', 'function_call', "
         "'function_call_output', 'custom_tool_call', 'custom_tool_call_output', 'reasoning', and "
         "'item_reference'."},
        {"call without an id",
         request("gpt-4o", "", R"([{"type":"function_call","name":"f","arguments":"{}"}])"), 400,
         "input[0].call_id", "missing_required_parameter",
         "Missing required parameter: 'input[0].call_id'."},
        {"arguments as an object",
         request("gpt-4o", "",
                 R"([{"type":"function_call","call_id":"c","name":"f","arguments":{}}])"),
         400, "input[0].arguments", "invalid_type",
         "Invalid type for 'input[0].arguments': expected a string, but got an object instead."},
        {"call without output", request("gpt-4o", "", call + "]"), 400, "input", nullptr,
         "No tool output found for function call c1."},
        {"output without a call",
         request("gpt-4o", "", R"([{"type":"function_call_output","call_id":"c","output":"x"}])"),
         400, "input", nullptr, "No tool call found for function call output with call_id c."},
        {"call without the output's text",
         request("gpt-4o", "", call + R"(,{"type":"function_call_output","call_id":"c1"}])"), 400,
         "input[1].output", "missing_required_parameter",
         "Missing required parameter: 'input[1].output'."},
        {"a thought alone",
         request("gpt-5", "", R"([{"type":"reasoning","id":"rs_1","summary":[]}])"), 400, "input",
         nullptr,
         "Item 'rs_1' of type 'reasoning' was provided without its required following item."},
        {"a made-up thought",
         request("gpt-5", "",
                 R"([{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},)"
                 R"({"role":"assistant","content":"y"}])"),
         400, nullptr, "invalid_encrypted_content",
         "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content "
         "could not be decrypted or parsed."},
        {"a reference", request("gpt-5", "", R"([{"type":"item_reference","id":"msg_1"}])"), 404,
         "input", nullptr, "Item with id 'msg_1' not found."},
        {"a tool as of chat",
         request("gpt-4o", R"(,"tools":[{"type":"function","function":{"name":"f"}}])"), 400,
         "tools[0].name", "missing_required_parameter",
         "Missing required parameter: 'tools[0].name'."},
        {"a tool with a bad name",
         request("gpt-4o", R"(,"tools":[{"type":"function","name":"a b"}])"), 400, "tools[0].name",
         "invalid_value",
         "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches "
         "the pattern '^[a-zA-Z0-9_-]+$'."},
        {"an open strict tool", request("gpt-4o", strict_tool + R"({"type":"object"}}])"), 400,
         "tools[0].parameters", "invalid_function_parameters",
         "Invalid schema for function 'f': In context=(), 'additionalProperties' is required to be "
         "supplied and to be false."},
        {"an optional property of a strict tool",
         request("gpt-4o", strict_tool + R"({"type":"object","additionalProperties":false,)"
                                         R"("properties":{"a":{"type":"string"}}}}])"),
         400, "tools[0].parameters", "invalid_function_parameters",
         "Invalid schema for function 'f': In context=(), 'required' is required to be supplied "
         "and to be an array including every key in properties. Missing 'a'."},
        {"unknown choice", request("gpt-4o", std::string(kTools) + R"(,"tool_choice":"any")"), 400,
         "tool_choice", "invalid_value",
         "Invalid value: 'any'. Supported values are: 'none', 'auto', and 'required'."},
        {"required without tools", request("gpt-4o", R"(,"tool_choice":"required")"), 400,
         "tool_choice", nullptr,
         "Tool choice 'required' must be specified with 'tools' parameter."},
        {"a choice as of chat",
         request("gpt-4o", std::string(kTools) +
                               R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"),
         400, "tool_choice.name", "missing_required_parameter",
         "Missing required parameter: 'tool_choice.name'."},
        {"a choice of an absent tool",
         request("gpt-4o",
                 std::string(kTools) + R"(,"tool_choice":{"type":"function","name":"sing"})"),
         400, "tool_choice", nullptr, "Tool choice 'function' not found in 'tools' parameter."},
        {"a format as of chat",
         request("gpt-4o",
                 R"(,"text":{"format":{"type":"json_schema","json_schema":{"name":"a"}}})"),
         400, "text.format.name", "missing_required_parameter",
         "Missing required parameter: 'text.format.name'."},
        {"an open strict format",
         request("gpt-4o",
                 text_format(R"({"type":"object","additionalProperties":false,"properties":)"
                             R"({"a":{"type":"object"}},"required":["a"]})",
                             R"(,"strict":true)")),
         400, "text.format.schema", "invalid_json_schema",
         "Invalid schema for response_format 'a': In context=('properties', 'a'), "
         "'additionalProperties' is required to be supplied and to be false."},
        {"a strict format of a list",
         request("gpt-4o", text_format(R"({"type":"array"})", R"(,"strict":true)")), 400,
         "text.format.schema", "invalid_json_schema",
         "Invalid schema for response_format 'a': schema must be a JSON Schema of 'type: "
         "\"object\"', got 'type: \"array\"'."},
        {"json_object without the word",
         request("gpt-4o", R"(,"text":{"format":{"type":"json_object"}})"), 400, "input", nullptr,
         "Response input messages must contain the word 'json' in some form to use 'text.format' "
         "of type 'json_object'."},
        {"verbosity", request("gpt-5", R"(,"text":{"verbosity":"max"})"), 400, "text.verbosity",
         "invalid_value",
         "Invalid value: 'max'. Supported values are: 'low', 'medium', and 'high'."},
        {"effort of a model that does not reason",
         request("gpt-4o", R"(,"reasoning":{"effort":"low"})"), 400, "reasoning.effort",
         "unsupported_parameter",
         "Unsupported parameter: 'reasoning.effort' is not supported with this model."},
        {"effort that a model does not have", request("gpt-5", R"(,"reasoning":{"effort":"none"})"),
         400, "reasoning.effort", "unsupported_value",
         "Unsupported value: 'none' is not supported with the 'gpt-5' model. Supported values are: "
         "'minimal', 'low', 'medium', and 'high'."},
        {"unknown summary", request("gpt-5", R"(,"reasoning":{"summary":"long"})"), 400,
         "reasoning.summary", "invalid_value",
         "Invalid value: 'long'. Supported values are: 'concise', 'detailed', and 'auto'."},
        {"temperature of a reasoning model", request("gpt-5", R"(,"temperature":0.5)"), 400,
         "temperature", "unsupported_parameter",
         "Unsupported parameter: 'temperature' is not supported with this model."},
        {"unknown include", request("gpt-4o", R"(,"include":["usage"])"), 400, "include[0]",
         "invalid_value",
         "Invalid value: 'usage'. Supported values are: 'code_interpreter_call.outputs', "
         "'computer_call_output.output.image_url', 'file_search_call.results', "
         "'message.input_image.image_url', 'message.output_text.logprobs', "
         "'reasoning.encrypted_content', 'web_search_call.action.sources', and "
         "'web_search_call.results'."},
        {"thoughts of a model without any",
         request("gpt-4o", R"(,"include":["reasoning.encrypted_content"])"), 400, "include",
         nullptr, "Encrypted content is not supported with this model."},
        {"truncation", request("gpt-4o", R"(,"truncation":"middle")"), 400, "truncation",
         "invalid_value", "Invalid value: 'middle'. Supported values are: 'auto' and 'disabled'."},
        {"stream_options without stream", request("gpt-4o", R"(,"stream_options":{})"), 400,
         "stream_options", nullptr,
         "The 'stream_options' parameter is only allowed when 'stream' is enabled."},
        {"too long an input", request("gpt-4o", "", "\"" + std::string(8 * 130'000, 'x') + "\""),
         400, "input", "context_length_exceeded",
         "Your input exceeds the context window of this model. Please adjust your input and try "
         "again."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = ask(c.body);
            CHECK(plan.status == c.status);
            const json error = body_of(plan).at("error");
            CHECK(error.at("message") == c.message);
            CHECK(error.at("type") == "invalid_request_error");
            CHECK(error.at("param") == (c.param == nullptr ? json() : json(c.param)));
            CHECK(error.at("code") == (c.code == nullptr ? json() : json(c.code)));
        }
    }
}

TEST_CASE("simulated: OpenAI answers responses with the prompt's first words", "[simulated]") {
    const Plan plan = ask(request("gpt-4o", R"(,"instructions":"Be brief.","store":false)",
                                  R"("What is the capital of France")"));
    REQUIRE(plan.status == 200);
    CHECK(plan.headers.find("x-request-id"));
    CHECK(plan.headers.find("x-ratelimit-limit-requests") == "5000");
    const json response = body_of(plan);
    CHECK(response["id"].get<std::string>().starts_with("resp_"));
    CHECK(response["object"] == "response");
    CHECK(response["created_at"] == 1763630000);
    CHECK(response["status"] == "completed");
    CHECK(response["error"].is_null());
    CHECK(response["model"] == "gpt-4o");
    CHECK(response["instructions"] == "Be brief.");
    CHECK(response["store"] == false);
    REQUIRE(types_of(response["output"]) == std::vector<std::string>{"message"});
    const json& part = response["output"][0]["content"][0];
    CHECK(part["type"] == "output_text");
    CHECK(part["annotations"] == json::array());
    CHECK(part["text"].get<std::string>().starts_with(
        "You asked: \"What is the capital of France\". "));
    const json& usage = response["usage"];
    CHECK(usage["total_tokens"] ==
          usage["input_tokens"].get<int>() + usage["output_tokens"].get<int>());
    CHECK(usage["input_tokens_details"]["cached_tokens"] == 0);
    CHECK(usage["output_tokens_details"]["reasoning_tokens"] == 0);
}

TEST_CASE("simulated: a stream of a response carries what the plain one holds", "[simulated]") {
    struct Case {
        const char* name;
        std::string model;
        std::string rest;
        std::string input;
        std::vector<std::string> types;
        const char* status;
    };
    const Case cases[] = {
        {"text", "gpt-4o", "", R"("Hi")", {"message"}, "completed"},
        {"Chinese", "gpt-4o", "", R"("法国的首都在哪里？")", {"message"}, "completed"},
        {"a limit",
         "gpt-4o",
         R"(,"max_output_tokens":16)",
         R"("Tell me all about it please")",
         {"message"},
         "incomplete"},
        {"a call",
         "gpt-4o",
         kTools,
         R"("get_weather in Oslo please")",
         {"function_call"},
         "completed"},
        {"parallel calls",
         "gpt-4o",
         kTools,
         R"("get_weather in Oslo and get_time")",
         {"function_call", "function_call"},
         "completed"},
        {"a custom tool",
         "gpt-4o",
         R"(,"tools":[{"type":"custom","name":"shell"}],"tool_choice":"required")",
         R"("Hi")",
         {"custom_tool_call"},
         "completed"},
        {"reasoning", "gpt-5", "", R"("Hi")", {"reasoning", "message"}, "completed"},
        {"a summary",
         "gpt-5",
         R"(,"reasoning":{"summary":"auto"},"include":["reasoning.encrypted_content"])",
         R"("Hi")",
         {"reasoning", "message"},
         "completed"},
        {"tools with effort",
         "gpt-6-luna",
         kTools,
         R"("get_time")",
         {"reasoning", "function_call"},
         "completed"},
        {"nothing but thoughts",
         "gpt-5",
         R"(,"max_output_tokens":16)",
         R"("one two three four five six seven eight nine ten")",
         {"reasoning"},
         "incomplete"},
        {"a schema",
         "gpt-4o",
         text_format(R"({"type":"object","properties":{"name":{"type":"string"}}})"),
         R"("Who is Ada?")",
         {"message"},
         "completed"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plain = ask(request(c.model, c.rest, c.input));
            const Plan stream = ask(request(c.model, c.rest + R"(,"stream":true)", c.input));
            REQUIRE(plain.status == 200);
            REQUIRE(stream.status == 200);
            CHECK(stream.framing == Framing::Chunked);
            CHECK(stream.headers.find("content-type") == "text/event-stream; charset=utf-8");
            const json response = body_of(plain);
            const auto events = events_of(stream);
            CHECK(assemble_output(events) == response["output"]);
            CHECK(types_of(response["output"]) == c.types);
            CHECK(response["status"] == c.status);
            CHECK(events[0]["type"] == "response.created");
            CHECK(events[0]["response"]["status"] == "in_progress");
            CHECK(events[1]["type"] == "response.in_progress");
            CHECK(events.back()["type"] == std::string("response.") + c.status);
            CHECK(events.back()["response"] == response);
        }
    }
}

TEST_CASE("simulated: a response goes on from items that came back", "[simulated]") {
    const std::string first = R"([{"role":"user","content":"Please get_weather in Oslo"}])";
    const std::string rest =
        std::string(kTools) + R"(,"include":["reasoning.encrypted_content"],"store":false)";
    const json call = body_of(ask(request("gpt-6-luna", rest, first)));
    json input = json::parse(first);
    for (const json& item : call["output"]) input.push_back(item);
    REQUIRE(input.back()["type"] == "function_call");
    CHECK(input.back()["arguments"] == R"({"city":"Oslo"})");
    input.push_back({{"type", "function_call_output"},
                     {"call_id", input.back()["call_id"]},
                     {"output", "sunny"}});
    const Plan plan = ask(request("gpt-6-luna", rest, input.dump()));
    REQUIRE(plan.status == 200);
    const json reply = body_of(plan);
    CHECK(reply["output"].back()["content"][0]["text"].get<std::string>().starts_with(
        "The tool answered: sunny\n"));
    SECTION("but not at another model") {
        CHECK(body_of(ask(request("gpt-6-astra", rest, input.dump())))["error"]["code"] ==
              "invalid_encrypted_content");
    }
}

TEST_CASE("simulated: what is sent to responses is heeded", "[simulated]") {
    SECTION("images") {
        const json response = body_of(
            ask(request("gpt-4o", "",
                        R"([{"role":"user","content":[{"type":"input_text","text":"What?"},)"
                        R"({"type":"input_image","image_url":"https://example.com/a.png"}]}])")));
        CHECK(response["output"][0]["content"][0]["text"].get<std::string>().starts_with(
            "You asked: \"What?\". I can see 1 image."));
    }
    SECTION("padding, unless it is not wanted") {
        const auto has_padding = [](const std::string& options) {
            const auto events = events_of(ask(request("gpt-4o", R"(,"stream":true)" + options)));
            return std::any_of(events.begin(), events.end(),
                               [](const json& event) { return event.contains("obfuscation"); });
        };
        CHECK(has_padding(""));
        CHECK_FALSE(has_padding(R"(,"stream_options":{"include_obfuscation":false})"));
    }
    SECTION("unknown fields, for the echo") {
        CHECK(body_of(ask(request("gpt-4o", R"(,"frobnicate":1,"x_echo":true)"))).at("x_echo") ==
              json({{"frobnicate", 1}}));
    }
    SECTION("faults") {
        Simulator simulator({});
        const Plan plan = simulator.answer(
            post("/v1/responses", request("sim-fault-error-event", R"(,"stream":true)")), kNow);
        CHECK(plan.pieces.back().bytes ==
              "event: error\n"
              R"(data: {"type":"error","code":"server_error","message":"The server had an error )"
              R"(while processing your request. Sorry about that!","param":null})"
              "\n\n");
        const auto events = events_of(simulator.answer(
            post("/v1/responses", request("sim-fault-no-done", R"(,"stream":true)")), kNow));
        CHECK(events.back()["type"] == "response.output_item.done");
    }
}

TEST_CASE("simulated: OpenAI completes text in the older way", "[simulated]") {
    const std::string begin = R"({"model":"gpt-3.5-turbo-instruct","prompt":"Once upon a time")";
    SECTION("at most sixteen tokens, unless more are asked for") {
        const json reply = body_of(complete(begin + "}"));
        CHECK(reply["object"] == "text_completion");
        CHECK(reply["id"].get<std::string>().starts_with("cmpl-"));
        CHECK(reply["choices"][0]["finish_reason"] == "length");
        CHECK(reply["usage"] ==
              json({{"prompt_tokens", 4}, {"completion_tokens", 16}, {"total_tokens", 20}}));
    }
    struct Case {
        const char* name;
        std::string body;
    };
    const Case cases[] = {
        {"text", begin},
        {"two choices", begin + R"(,"n":2,"max_tokens":100)"},
        {"two prompts", R"({"model":"sim-x","prompt":["a","b"],"max_tokens":100)"},
        {"tokens", R"({"model":"sim-x","prompt":[1,2,3])"},
        {"the prompt again", begin + R"(,"echo":true)"},
        {"a stop", begin + R"(,"stop":" asked")"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION("a stream of " << c.name << " carries what the plain answer holds") {
            const json reply = body_of(complete(c.body + "}"));
            const auto frames = frames_of(
                complete(c.body + R"(,"stream":true,"stream_options":{"include_usage":true}})"));
            json choices = json::array();
            for (const json& choice : reply["choices"]) {
                choices.push_back({{"text", ""}, {"finish_reason", nullptr}});
                CHECK(choice["index"] == choices.size() - 1);
            }
            for (const json& frame : frames) {
                CHECK(frame["object"] == "text_completion");
                CHECK(frame["id"] == reply["id"]);
                for (const json& choice : frame["choices"]) {
                    json& whole = choices[choice["index"].get<std::size_t>()];
                    append(whole["text"], choice["text"]);
                    if (!choice["finish_reason"].is_null()) {
                        whole["finish_reason"] = choice["finish_reason"];
                    }
                }
            }
            for (std::size_t i = 0; i < choices.size(); ++i) {
                CHECK(choices[i]["text"] == reply["choices"][i]["text"]);
                CHECK(choices[i]["finish_reason"] == reply["choices"][i]["finish_reason"]);
            }
            CHECK(frames.back()["usage"] == reply["usage"]);
        }
    }
    struct Refused {
        const char* name;
        std::string body;
        int status;
        const char* message;
    };
    const Refused refused[] = {
        {"no prompt", R"({"model":"sim-x"})", 400, "Missing required parameter: 'prompt'."},
        {"messages", R"({"model":"sim-x","messages":[]})", 400, "Unknown parameter: 'messages'."},
        {"a chat model", R"({"model":"gpt-4o","prompt":"x"})", 404,
         "This is a chat model and not supported in the v1/completions endpoint. Did you mean to "
         "use v1/chat/completions?"},
        {"an embedding model", R"({"model":"text-embedding-3-small","prompt":"x"})", 404,
         "This model is not supported in the v1/completions endpoint."},
        {"too much", begin + R"(,"max_tokens":4093})", 400,
         "This model's maximum context length is 4096 tokens, however you requested 4097 tokens (4 "
         "in your prompt; 4093 for the completion). Please reduce your prompt; or completion "
         "length."},
        {"best_of below n", begin + R"(,"n":3,"best_of":2})", 400,
         "You requested that the server return more choices than it will generate (HINT: you must "
         "set 'n' (currently 3) to be at most 'best_of' (currently 2))."},
        {"best_of in a stream", begin + R"(,"best_of":2,"stream":true})", 400,
         "Cannot stream results with 'best_of' greater than 1."},
        {"a prompt of a wrong type", R"({"model":"sim-x","prompt":{}})", 400,
         "Invalid type for 'prompt': expected one of a string, array of strings, array of integers "
         "or array of integer arrays, but got an object instead."},
    };
    for (const Refused& c : refused) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = complete(c.body);
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["error"]["message"] == c.message);
        }
    }
}
