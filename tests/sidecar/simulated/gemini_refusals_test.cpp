#include "sidecar/simulated/simulator.h"
#include "tests/sidecar/simulated/gemini_support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

std::string unknown_name(const std::string& name, const std::string& at) {
    return "Invalid JSON payload received. Unknown name \"" + name + "\" at '" + at +
           "': Cannot find field.";
}

std::string unfit(const std::string& at, const std::string& problem) {
    return "* GenerateContentRequest." + at + ": " + problem + "\n";
}

std::string config(const std::string& members) {
    return gemini_body(gemini_config(members));
}

std::string parts(const std::string& list, const std::string& role = "user") {
    return gemini_body("", R"([{"role":")" + role + R"(","parts":)" + list + "}]");
}

std::string declaration(const std::string& members) {
    return gemini_body(R"(,"tools":[{"functionDeclarations":[{)" + members + "}]}]");
}

// A call, its results, and what else there is; signatures as the placeholder.
std::string loop(const std::string& calls, const std::string& results) {
    return R"([{"role":"user","parts":[{"text":"get_weather"}]},{"role":"model","parts":)" + calls +
           R"(},{"role":"user","parts":)" + results + "}]";
}

std::string call(const std::string& name, const std::string& id, bool is_signed) {
    return R"({"functionCall":{"id":")" + id + R"(","name":")" + name + R"(","args":{}})" +
           (is_signed ? R"(,"thoughtSignature":"skip_thought_signature_validator"})" : "}");
}

std::string result(const std::string& name, const std::string& id) {
    return R"({"functionResponse":{"id":")" + id + R"(","name":")" + name +
           R"(","response":{"output":4}}})";
}

const char* const kCountMessage =
    "Please ensure that the number of function response parts is equal to the number of function "
    "call parts of the function call turn.";

}  // namespace

TEST_CASE("simulated: Gemini refuses what does not parse, with the field", "[simulated]") {
    struct Case {
        const char* name;
        std::string body;
        const char* field;  // nullptr: the body's own
        std::string message;
    };
    const char* const kPart = "contents[0].parts[0]";
    const Case cases[] = {
        {"a field of OpenAI", gemini_body(R"(,"max_tokens":5)"), nullptr,
         "Invalid JSON payload received. Unknown name \"max_tokens\": Cannot find field."},
        {"a model", gemini_body(R"(,"model":"models/x")"), nullptr,
         "Invalid JSON payload received. Unknown name \"model\": Cannot find field."},
        {"an unknown option", config(R"("bestOf":2)"), "generation_config",
         unknown_name("bestOf", "generation_config")},
        {"an option of a wrong type", config(R"("temperature":"hot")"),
         "generation_config.temperature",
         "Invalid value at 'generation_config.temperature' (TYPE_FLOAT), \"hot\""},
        {"a list for a number", config(R"("topK":[1])"), "generation_config.top_k",
         "Invalid JSON payload received. Unknown name \"topK\" at 'generation_config': Proto field "
         "is not repeating, cannot start list."},
        {"a string for a list", config(R"("stopSequences":"x")"),
         "generation_config.stop_sequences",
         "Invalid JSON payload received. Unknown name \"stopSequences\" at 'generation_config': "
         "Proto field is repeating, expected a list."},
        {"an object for a text", parts(R"([{"text":{}}])"), "contents[0].parts[0].text",
         "Invalid JSON payload received. Unknown name \"text\" at 'contents[0].parts[0]': Starting "
         "an object on a scalar field."},
        {"a stop that is no text", config(R"("stopSequences":["a",5])"),
         "generation_config.stop_sequences[1]",
         "Invalid value at 'generation_config.stop_sequences[1]' (TYPE_STRING), 5"},
        {"an unknown part", parts(R"([{"image_url":{}}])"), kPart,
         unknown_name("image_url", kPart)},
        {"two kinds in a part", parts(R"([{"text":"x","inlineData":{}}])"), kPart,
         "Invalid value at 'contents[0].parts[0]' (oneof), oneof field 'data' is already set. "
         "Cannot set 'inlineData'"},
        {"what is no base64", parts(R"([{"inlineData":{"mimeType":"image/png","data":"?"}}])"),
         "contents[0].parts[0].inline_data.data",
         "Invalid value at 'contents[0].parts[0].inline_data.data' (TYPE_BYTES), Base64 decoding "
         "failed for \"?\""},
        {"an unknown category", gemini_body(R"(,"safetySettings":[{"category":"RUDE"}])"),
         "safety_settings[0].category",
         "Invalid value at 'safety_settings[0].category' "
         "(type.googleapis.com/google.ai.generativelanguage.v1beta.HarmCategory), \"RUDE\""},
        {"an unknown threshold",
         gemini_body(R"(,"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT",)"
                     R"("threshold":"SOME"}])"),
         "safety_settings[0].threshold",
         "Invalid value at 'safety_settings[0].threshold' "
         "(type.googleapis.com/google.ai.generativelanguage.v1beta.SafetySetting."
         "HarmBlockThreshold), \"SOME\""},
        {"an unknown tier", gemini_body(R"(,"serviceTier":"auto")"), "service_tier",
         "Invalid value at 'service_tier' "
         "(type.googleapis.com/google.ai.generativelanguage.v1beta.ServiceTier), \"auto\""},
        {"an unknown mode",
         gemini_body(R"(,"toolConfig":{"functionCallingConfig":{"mode":"required"}})"),
         "tool_config.function_calling_config.mode",
         "Invalid value at 'tool_config.function_calling_config.mode' "
         "(type.googleapis.com/google.ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), "
         "\"required\""},
        {"an unknown level", config(R"("thinkingConfig":{"thinkingLevel":"XHIGH"})"),
         "generation_config.thinking_config.thinking_level",
         "Invalid value at 'generation_config.thinking_config.thinking_level' "
         "(type.googleapis.com/google.ai.generativelanguage.v1beta.ThinkingConfig.ThinkingLevel), "
         "\"XHIGH\""},
        {"a tool of OpenAI", gemini_body(R"(,"tools":[{"type":"function"}])"), "tools[0]",
         unknown_name("type", "tools[0]")},
        {"a strict function", declaration(R"("name":"x","strict":true)"),
         "tools[0].function_declarations[0]",
         unknown_name("strict", "tools[0].function_declarations[0]")},
        {"a keyword of JSON Schema", declaration(R"("name":"x","parameters":{"oneOf":[]})"),
         "tools[0].function_declarations[0].parameters",
         unknown_name("oneOf", "tools[0].function_declarations[0].parameters")},
        {"a list of types",
         declaration(R"("name":"x","parameters":{"type":"OBJECT","properties":)"
                     R"({"a":{"type":["string","null"]}}})"),
         "tools[0].function_declarations[0].parameters.properties['a'].type",
         "Invalid value at 'tools[0].function_declarations[0].parameters.properties['a'].type' "
         "(type.googleapis.com/google.ai.generativelanguage.v1beta.Type), [\"string\",\"null\"]"},
        {"an enum of numbers", declaration(R"("name":"x","parameters":{"enum":[1]})"),
         "tools[0].function_declarations[0].parameters.enum[0]",
         "Invalid value at 'tools[0].function_declarations[0].parameters.enum[0]' (TYPE_STRING), "
         "1"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = ask_gemini("gemini-3.8-flash", c.body);
            json violation = {{"description", c.message}};
            if (c.field != nullptr) violation["field"] = c.field;
            const json bad = {{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                              {"fieldViolations", json::array({violation})}};
            CHECK(plan.status == 400);
            CHECK(body_of(plan) == json({{"error",
                                          {{"code", 400},
                                           {"message", c.message},
                                           {"status", "INVALID_ARGUMENT"},
                                           {"details", json::array({bad})}}}}));
        }
    }
}

TEST_CASE("simulated: Gemini refuses what does not fit", "[simulated]") {
    struct Case {
        const char* name;
        const char* model;
        std::string body;
        std::string message;
    };
    const char* const kNew = "gemini-3.8-flash";
    const char* const kOld = "gemini-2.5-flash";
    const std::string weather = call("get_weather", "a", true);
    const std::string late = call("get_time", "b", false);
    const Case cases[] = {
        {"no contents", kNew, "{}", unfit("contents", "contents is not specified")},
        {"no parts", kNew, gemini_body("", R"([{"role":"user"}])"),
         unfit("contents[0].parts", "contents.parts must not be empty.")},
        {"an empty part", kNew, parts("[{}]"),
         unfit("contents[0].parts[0].data",
               "required oneof field 'data' must have one initialized field")},
        {"a role of OpenAI", kNew, parts(R"([{"text":"x"}])", "assistant"),
         "Please use a valid role: user, model."},
        {"an image that it cannot read", kNew,
         parts(R"([{"inlineData":{"mimeType":"image/gif","data":"AAAA"}}])"),
         "Unsupported MIME type: image/gif"},
        {"a file from elsewhere", kNew, parts(R"([{"fileData":{"fileUri":"file:///etc/passwd"}}])"),
         "Invalid or unsupported file uri: file:///etc/passwd"},
        {"a picture for a system", kNew,
         gemini_body(R"(,"systemInstruction":{"parts":[{"inlineData":{"mimeType":"image/png",)"
                     R"("data":"AAAA"}}]})"),
         "System instruction only takes text parts."},
        {"a call of the user", kNew, parts(R"([{"functionCall":{"name":"x"}}])"),
         "Function call parts belong to the role model."},
        {"a result of the model", kNew,
         parts(R"([{"functionResponse":{"name":"x","response":{}}}])", "model"),
         "Function response parts belong to the role user."},
        {"a result of no call", kNew, parts("[" + result("x", "a") + "]"),
         "Please ensure that function response turn comes immediately after a function call turn."},
        {"a call at the beginning", kNew, parts("[" + weather + "]", "model"),
         "Please ensure that function call turn comes immediately after a user turn or after a "
         "function response turn."},
        {"a call without its result", kNew,
         gemini_body("", R"([{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[)" +
                             weather + "]}]"),
         kCountMessage},
        {"one result of two", kNew,
         gemini_body(
             "", loop("[" + weather + "," + late + "]", "[" + result("get_weather", "a") + "]")),
         kCountMessage},
        {"a result of another function", kOld,
         gemini_body("", loop("[" + weather + "]", "[" + result("x", "a") + "]")),
         "Function response `x` answers no function call of the function call turn."},
        {"results in another order", kNew,
         gemini_body("",
                     loop("[" + weather + "," + late + "]",
                          "[" + result("get_time", "b") + "," + result("get_weather", "a") + "]")),
         "Function response 1 has not the id and name of function call 1."},
        {"a call without a signature", kNew,
         gemini_body("", loop("[" + call("get_weather", "a", false) + "]",
                              "[" + result("get_weather", "a") + "]")),
         "Function call is missing a thought_signature in functionCall parts. This is required for "
         "tools to work correctly, and missing thought_signature may lead to degraded model "
         "performance. Additional data, function call `default_api:get_weather`, position 2. "
         "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more "
         "details."},
        {"a wrong signature", kOld,
         gemini_body("", R"([{"role":"model","parts":[{"text":"x","thoughtSignature":"AAAA"}]},)"
                         R"({"role":"user","parts":[{"text":"y"}]}])"),
         "Thought signature is not valid."},
        {"too hot", kNew, config(R"("temperature":2.5)"),
         unfit("generation_config.temperature", "must be at most 2")},
        {"a limit of zero", kNew, config(R"("maxOutputTokens":0)"),
         unfit("generation_config.max_output_tokens", "must be at least 1")},
        {"a limit beyond the model", kNew, config(R"("maxOutputTokens":65537)"),
         "Unable to submit request because it has a maxOutputTokens value of 65537 but the "
         "supported range is from 1 (inclusive) to 65537 (exclusive)."},
        {"six stops", kNew, config(R"("stopSequences":["1","2","3","4","5","6"])"),
         unfit("generation_config.stop_sequences",
               "the number of stop sequences must be at most 5")},
        {"several candidates", kNew, config(R"("candidateCount":2)"),
         "Multiple candidates is not enabled for this model"},
        {"logprobs alone", kNew, config(R"("logprobs":2)"),
         unfit("generation_config.logprobs", "it may only be set when response_logprobs is true")},
        {"more logprobs than there are", kOld, config(R"("responseLogprobs":true,"logprobs":6)"),
         unfit("generation_config.logprobs", "must be at most 5 for this model")},
        {"an unknown format", kNew, config(R"("responseMimeType":"json_object")"),
         unfit("generation_config.response_mime_type",
               "allowed mimetypes are `text/plain`, `application/json`, `application/xml`, "
               "`application/yaml` and `text/x.enum`.")},
        {"a schema without JSON", kNew, config(R"("responseSchema":{"type":"OBJECT"})"),
         unfit("generation_config.response_schema",
               "response_mime_type must be `application/json` or `text/x.enum`.")},
        {"two schemas", kNew,
         config(R"("responseMimeType":"application/json","responseSchema":{},)"
                R"("responseJsonSchema":{})"),
         unfit("generation_config",
               "response_schema and response_json_schema must not both be set")},
        {"a list of nothing", kNew,
         config(R"("responseMimeType":"application/json","responseSchema":{"type":"ARRAY"})"),
         unfit("generation_config.response_schema.items", "missing field.")},
        {"what is required is not there", kNew,
         config(R"("responseMimeType":"application/json","responseSchema":{"type":"OBJECT",)"
                R"("properties":{},"required":["a"]})"),
         unfit("generation_config.response_schema.required[0]", "property is not defined")},
        {"a voice", kNew, config(R"("responseModalities":["AUDIO"])"),
         "The requested combination of response modalities (\"AUDIO\") is not supported by the "
         "model. models/gemini-3.8-flash accepts the following combination of response "
         "modalities:\n* TEXT\n"},
        {"how a voice sounds", kNew, config(R"("speechConfig":{})"),
         unfit("generation_config.speech_config", "it is not supported by the model")},
        {"budget and level", "sim-x",
         config(R"("thinkingConfig":{"thinkingBudget":5,"thinkingLevel":"LOW"})"),
         "You can only set only one of thinking budget and thinking level at the same time."},
        {"a budget of newer models", kNew, config(R"("thinkingConfig":{"thinkingBudget":1024})"),
         "Thinking budget is not supported for this model. Use thinking level."},
        {"a level of older models", kOld, config(R"("thinkingConfig":{"thinkingLevel":"LOW"})"),
         "Thinking level is not supported for this model."},
        {"minimal where there is none", kNew,
         config(R"("thinkingConfig":{"thinkingLevel":"MINIMAL"})"),
         "Thinking level MINIMAL is not supported for this model. Please retry with other thinking "
         "level."},
        {"who cannot but think", "gemini-2.5-pro",
         config(R"("thinkingConfig":{"thinkingBudget":0})"),
         "Budget 0 is invalid. This model only works in thinking mode."},
        {"a budget too large", kOld, config(R"("thinkingConfig":{"thinkingBudget":24577})"),
         unfit("generation_config.thinking_config.thinking_budget",
               "The thinking budget 24577 is invalid. Please choose a value between 1 and 24576.")},
        {"a function without a name", kNew, declaration(R"("description":"x")"),
         unfit("tools[0].function_declarations[0].name",
               "Invalid function name. Must start with a letter or an underscore. Must be "
               "alphanumeric (a-z, A-Z, 0-9), underscores (_), dots (.), colons (:), or dashes "
               "(-), with a maximum length of 128.")},
        {"two forms of parameters", kNew,
         declaration(R"("name":"x","parameters":{},"parametersJsonSchema":{})"),
         unfit("tools[0].function_declarations[0]",
               "parameters and parameters_json_schema must not both be set")},
        {"a function twice", kNew,
         gemini_body(R"(,"tools":[{"functionDeclarations":[{"name":"x"},{"name":"x"}]}])"),
         "Duplicate function declaration found: x"},
        {"a mode without functions", kNew,
         gemini_body(R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}})"),
         "Function calling config is set without function_declarations."},
        {"names in the mode AUTO", kNew,
         gemini_body(std::string(kGeminiTools) +
                     R"(,"toolConfig":{"functionCallingConfig":{"mode":"AUTO",)"
                     R"("allowedFunctionNames":["get_time"]}})"),
         unfit("tool_config.function_calling_config.allowed_function_names",
               "it may only be set when the mode is ANY or VALIDATED")},
        {"a name of no function", kNew,
         gemini_body(std::string(kGeminiTools) +
                     R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY",)"
                     R"("allowedFunctionNames":["x"]}})"),
         unfit("tool_config.function_calling_config.allowed_function_names",
               "there is no function declaration of the name \"x\"")},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = ask_gemini(c.model, c.body);
            CHECK(plan.status == 400);
            CHECK(
                body_of(plan) ==
                json({{"error",
                       {{"code", 400}, {"message", c.message}, {"status", "INVALID_ARGUMENT"}}}}));
        }
    }
}

TEST_CASE("simulated: Gemini guards its door", "[simulated]") {
    struct Case {
        const char* name;
        http::Request request;
        int status;
        const char* code;
        std::string message;
    };
    const auto changed = [](const char* key, const char* authorization) {
        http::Request request = gemini_post("sim-x:generateContent", gemini_body());
        request.headers.remove("x-goog-api-key");
        if (key != nullptr) request.headers.add("x-goog-api-key", key);
        if (authorization != nullptr) request.headers.add("authorization", authorization);
        return request;
    };
    http::Request text = gemini_post("sim-x:generateContent", gemini_body());
    text.headers.set("content-type", "text/plain");
    const std::string missing_method = "Method not found.";
    const auto gone = [](const std::string& model, const std::string& method) {
        return "models/" + model +
               " is not found for API version v1beta, or is not supported for " + method +
               ". Call ListModels to see the list of available models and their supported methods.";
    };
    const Case cases[] = {
        {"no key", changed(nullptr, nullptr), 403, "PERMISSION_DENIED",
         "Method doesn't allow unregistered callers (callers without established identity). Please "
         "use API Key or other form of API consumer identity to call this API."},
        {"a wrong key", changed("nonsense", nullptr), 400, "INVALID_ARGUMENT",
         "API key not valid. Please pass a valid API key."},
        {"a key as a bearer", changed(nullptr, "Bearer sk-test"), 401, "UNAUTHENTICATED",
         "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
         "cookie or other valid authentication credential."},
        {"no JSON", text, 400, "INVALID_ARGUMENT",
         "Invalid JSON payload received. Unexpected token."},
        {"broken JSON", gemini_post("sim-x:generateContent", "{"), 400, "INVALID_ARGUMENT",
         "Invalid JSON payload received. Unexpected token."},
        {"a list", gemini_post("sim-x:generateContent", "[]"), 400, "INVALID_ARGUMENT",
         "Invalid JSON payload received. The root element must be a message."},
        {"an unknown path", gemini_get("/nothing"), 404, "NOT_FOUND", missing_method},
        {"an unknown method", gemini_post("sim-x:predict", "{}"), 404, "NOT_FOUND", missing_method},
        {"no method", gemini_post("sim-x", "{}"), 404, "NOT_FOUND", missing_method},
        {"an unknown model", gemini_post("gpt-4o:generateContent", "{}"), 404, "NOT_FOUND",
         gone("gpt-4o", "generateContent")},
        {"an unknown model of the list", gemini_get("/models/gpt-4o"), 404, "NOT_FOUND",
         gone("gpt-4o", "GetModel")},
        {"a model that is gone", gemini_post("gemini-2.0-flash:countTokens", "{}"), 404,
         "NOT_FOUND",
         "This model models/gemini-2.0-flash is no longer available. Please update your code to "
         "use a newer model for the latest features and improvements."},
        {"a cache that was never made",
         gemini_post("sim-x:generateContent",
                     gemini_body(R"(,"cachedContent":"cachedContents/x")")),
         403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)"},
        {"an unknown alt", gemini_post("sim-x:streamGenerateContent?alt=proto", gemini_body()), 400,
         "INVALID_ARGUMENT", "Invalid value \"proto\" for parameter alt."},
        {"a page that is no number", gemini_get("/models?pageSize=x"), 400, "INVALID_ARGUMENT",
         "Invalid value for pageSize."},
        {"an unknown page", gemini_get("/models?pageToken=99"), 400, "INVALID_ARGUMENT",
         "Invalid page token."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = ask_gemini(c.request);
            CHECK(plan.status == c.status);
            json body = body_of(plan);
            // A stream without alt=sse would be an array.
            if (body.is_array()) body = body.at(0);
            CHECK(body["error"]["code"] == c.status);
            CHECK(body["error"]["status"] == c.code);
            CHECK(body["error"]["message"] == c.message);
        }
    }
    const Plan wrong = ask_gemini(changed("sk-invalid-1", nullptr));
    CHECK(body_of(wrong)["error"]["details"][0]["reason"] == "API_KEY_INVALID");
    http::Request by_query = changed(nullptr, nullptr);
    by_query.target += "?key=sk-test";
    CHECK(ask_gemini(by_query).status == 200);
    // Errors are wrapped as answers are.
    const Plan array = ask_gemini(gemini_post("sim-x:streamGenerateContent", "{}"));
    CHECK(body_of(array)[0]["error"]["code"] == 400);
    CHECK(body_of(stream_gemini("sim-x", "{}"))["error"]["code"] == 400);
}

TEST_CASE("faults: Gemini fails in its own words", "[simulated]") {
    struct Case {
        const char* fault;
        int status;
        const char* code;
    };
    const Case cases[] = {
        {"400", 400, "INVALID_ARGUMENT"},
        {"401", 400, "INVALID_ARGUMENT"},
        {"402", 400, "FAILED_PRECONDITION"},
        {"403", 403, "PERMISSION_DENIED"},
        {"404", 404, "NOT_FOUND"},
        {"413", 413, "INVALID_ARGUMENT"},
        {"429", 429, "RESOURCE_EXHAUSTED"},
        {"429-quota", 429, "RESOURCE_EXHAUSTED"},
        {"500", 500, "INTERNAL"},
        {"503", 503, "UNAVAILABLE"},
        {"504", 504, "DEADLINE_EXCEEDED"},
    };
    Simulator simulator({});
    const auto faulty = [&](const std::string& name, const char* method) {
        return simulator.answer(gemini_post("sim-fault-" + name + method, gemini_body()), kNow);
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.fault) {
            const Plan plan = faulty(c.fault, ":generateContent");
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["error"]["code"] == c.status);
            CHECK(body_of(plan)["error"]["status"] == c.code);
        }
    }
    SECTION("a 429 says of what and for how long") {
        const json rate = body_of(faulty("429", ":generateContent"))["error"]["details"];
        CHECK(rate[0]["violations"][0]["quotaId"] == "GenerateRequestsPerMinutePerProjectPerModel");
        CHECK(rate[1]["retryDelay"] == "2s");
        const json quota = body_of(faulty("429-quota", ":generateContent"))["error"]["details"];
        CHECK(quota.size() == 1);
        CHECK(quota[0]["violations"][0]["quotaId"] == "GenerateRequestsPerDayPerProjectPerModel");
    }
    SECTION("by key") {
        http::Request request = gemini_post("sim-x:generateContent", gemini_body());
        request.headers.set("x-goog-api-key", "sk-fault-503");
        CHECK(simulator.answer(request, kNow).status == 503);
        request.headers.remove("x-goog-api-key");
        request.target += "?key=sk-fault-500";
        CHECK(simulator.answer(request, kNow).status == 500);
    }
    SECTION("in the middle of a stream") {
        const Plan events = faulty("error-event", ":streamGenerateContent?alt=sse");
        CHECK(json::parse(events.pieces.back().bytes.substr(6))["error"]["status"] ==
              "UNAVAILABLE");
        const json array = body_of(faulty("error-event", ":streamGenerateContent"));
        CHECK(array.back()["error"]["code"] == 503);
    }
    SECTION("no-done leaves out the finish reason") {
        const Plan events = faulty("no-done", ":streamGenerateContent?alt=sse");
        CHECK(events.pieces.size() > 1);
        CHECK(events.body().find("finishReason") == std::string::npos);
        const Plan array = faulty("no-done", ":streamGenerateContent");
        CHECK(array.body().find("finishReason") == std::string::npos);
        CHECK_FALSE(array.body().ends_with("]\n"));
    }
    SECTION("lines keep their ends, and only events are kept alive") {
        const Plan lines = faulty("crlf-stream", ":streamGenerateContent?alt=sse");
        CHECK(lines.body().find("\r\r") == std::string::npos);
        CHECK(body_of(faulty("keep-alive", ":streamGenerateContent")).is_array());
        CHECK(faulty("keep-alive", ":streamGenerateContent?alt=sse")
                  .body()
                  .starts_with(": keep-alive\n\ndata: {"));
    }
}
