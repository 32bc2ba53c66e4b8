#include "sidecar/simulated/simulator.h"
#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kHi = R"([{"role":"user","content":"Hi there"}])";
const char* const kTools =
    R"(,"tools":[{"type":"function","function":{"name":"get_weather","parameters":{"type":)"
    R"("object","properties":{"city":{"type":"string"}},"required":["city"]}}}])";
const char* const kThinks = "doubao-seed-1-6-251015";
const char* const kPlain = "doubao-1-5-pro-32k-250115";

std::string chat(const std::string& model, const std::string& rest = "",
                 const std::string& messages = kHi) {
    return R"({"model":")" + model + R"(","messages":)" + messages + rest + "}";
}

std::string user(const std::string& content) {
    return R"([{"role":"user","content":)" + content + "}]";
}

Plan answer(const http::Request& request) {
    return make_doubao({})->answer(request, kNow);
}

Plan answer_chat(const std::string& body) {
    return answer(post("/doubao/api/v3/chat/completions", body));
}

std::string tools(const std::string& rest = "") {
    return kTools + rest;
}

// A conversation in which `call` was made and answered.
std::string loop(const std::string& call, const std::string& result) {
    return R"([{"role":"user","content":"get_weather in Oslo"},{"role":"assistant","tool_calls":[)" +
           call + "]}," + result + "]";
}

const char* const kCall =
    R"({"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{}"}})";

std::string not_valid(const std::string& param, const std::string& problem) {
    return "The parameter `" + param + "` specified in the request is not valid: " + problem + ".";
}

std::string not_supported(const std::string& param, const std::string& model) {
    return "The parameter `" + param + "` specified in the request is not supported by model " +
           model + ".";
}

std::string missing(const std::string& param) {
    return "The request failed because it is missing `" + param + "` parameter.";
}

}  // namespace

TEST_CASE("simulated: Doubao refuses in its own words", "[simulated]") {
    struct Case {
        const char* name;
        std::string body;
        const char* code;
        const char* param;
        std::string message;
    };
    const char* const kInvalid = "InvalidParameter";
    const char* const kUnsupported = "InvalidParameter.UnsupportedParameter";
    const char* const kMissing = "MissingParameter";
    const Case cases[] = {
        {"no model", R"({"messages":[]})", kMissing, "model", missing("model")},
        {"a model of no text", R"({"model":5,"messages":[]})", kInvalid, "model",
         not_valid("model", "expected a string")},
        {"no messages", R"({"model":"sim-x"})", kMissing, "messages", missing("messages")},
        {"empty messages", chat("sim-x", "", "[]"), kInvalid, "messages",
         not_valid("messages", "expected at least one message")},
        {"developer", chat("sim-x", "", R"([{"role":"developer","content":"x"}])"),
         "InvalidArgumentError.UnknownRole", "messages.0.role", "Unknown role `developer`."},
        {"no content", chat("sim-x", "", R"([{"role":"user"}])"), kMissing, "messages.0.content",
         missing("messages.0.content")},
        {"an assistant's name",
         chat("sim-x", "", R"([{"role":"assistant","content":"x","name":"y"}])"), kUnsupported,
         "messages.0.name", not_supported("messages.0.name", "sim-x")},
        {"an assistant's refusal",
         chat("sim-x", "", R"([{"role":"assistant","content":"x","refusal":"y"}])"), kUnsupported,
         "messages.0.refusal", not_supported("messages.0.refusal", "sim-x")},
        {"thoughts of an older model",
         chat(kThinks, "", R"([{"role":"assistant","content":"x","reasoning_content":"y"}])"),
         kUnsupported, "messages.0.reasoning_content",
         not_supported("messages.0.reasoning_content", "doubao-seed-1-6")},
        {"thoughts of the user",
         chat("sim-x", "", R"([{"role":"user","content":"x","reasoning_content":"y"}])"),
         kUnsupported, "messages.0.reasoning_content",
         not_supported("messages.0.reasoning_content", "sim-x")},
        {"an unknown part", chat("sim-x", "", user(R"([{"type":"image"}])")), kInvalid,
         "messages.0.content.0.type",
         not_valid("messages.0.content.0.type",
                   "supported values are `text`, `image_url`, `video_url`, `input_audio`, `file`, "
                   "but got `image` instead")},
        {"an image for a text model",
         chat(kPlain, "", user(R"([{"type":"image_url","image_url":{"url":"https://a/b"}}])")),
         kInvalid, "messages.0.content.0.type",
         not_valid("messages.0.content.0.type", "model doubao-1-5-pro-32k takes only text")},
        {"an image without a URL",
         chat("sim-x", "", user(R"([{"type":"image_url","image_url":{"url":""}}])")),
         "InvalidImageURL.EmptyURL", "messages.0.content.0.image_url.url",
         "The request failed because the image URL is empty."},
        {"an image from elsewhere",
         chat("sim-x", "", user(R"([{"type":"image_url","image_url":{"url":"gs://a/b"}}])")),
         "InvalidImageURL.InvalidFormat", "messages.0.content.0.image_url.url",
         "The request failed because the image URL is neither a URL of http or https nor base64 "
         "data."},
        {"detail auto",
         chat("sim-x", "",
              user(R"([{"type":"image_url","image_url":{"url":"https://a/b","detail":"auto"}}])")),
         "InvalidArgumentError.InvalidImageDetail", "messages.0.content.0.image_url.detail",
         "Invalid image detail `auto`: expected `low`, `high` or `xhigh`."},
        {"too many pixels",
         chat(kThinks, "",
              user(R"([{"type":"image_url","image_url":{"url":"https://a/b",)"
                   R"("image_pixel_limit":{"max_pixels":4014081}}}])")),
         "InvalidArgumentError.InvalidPixelLimit",
         "messages.0.content.0.image_url.image_pixel_limit",
         "The image pixel limit must be within [3136, 4014080]."},
        {"too many frames a second",
         chat("sim-x", "",
              user(R"([{"type":"video_url","video_url":{"url":"https://a/b","fps":6}}])")),
         kInvalid, "messages.0.content.0.video_url.fps",
         not_valid("messages.0.content.0.video_url.fps", "expected a number within [0.2, 5]")},
        {"a result without an id",
         chat("sim-x", "", loop(kCall, R"({"role":"tool","content":"4","tool_call_id":""})")),
         kMissing, "messages.2.tool_call_id", missing("messages.2.tool_call_id")},
        {"a result of no call",
         chat("sim-x", "", loop(kCall, R"({"role":"tool","content":"4","tool_call_id":"call_2"})")),
         kInvalid, "messages.2.tool_call_id",
         not_valid("messages.2.tool_call_id",
                   "no tool call of the preceding assistant message has the id `call_2`")},
        {"a call without arguments",
         chat("sim-x", "",
              loop(R"({"id":"call_1","type":"function","function":{"name":"get_weather"}})",
                   R"({"role":"tool","content":"4","tool_call_id":"call_1"})")),
         kMissing, "messages.1.tool_calls.0.function.arguments",
         missing("messages.1.tool_calls.0.function.arguments")},
        {"a field of OpenAI", chat("sim-x", R"(,"seed":1)"), kUnsupported, "seed",
         not_supported("seed", "sim-x")},
        {"several answers", chat("sim-x", R"(,"n":2)"), kInvalid, "n",
         not_valid("n", "expected a value <= 1, but got 2 instead")},
        {"temperature", chat("sim-x", R"(,"temperature":2.5)"), kInvalid, "temperature",
         not_valid("temperature", "expected a value <= 2, but got 2.5 instead")},
        {"top_p of zero", chat("sim-x", R"(,"top_p":0)"), kInvalid, "top_p",
         not_valid("top_p", "expected a value > 0, but got 0 instead")},
        {"stream of a wrong type", chat("sim-x", R"(,"stream":"yes")"), kInvalid, "stream",
         not_valid("stream", "expected a boolean")},
        {"both limits", chat("sim-x", R"(,"max_tokens":5,"max_completion_tokens":5)"), kInvalid,
         "max_tokens",
         not_valid("max_tokens",
                   "`max_tokens` and `max_completion_tokens` cannot be set at the same time")},
        {"a limit beyond the model", chat(kPlain, R"(,"max_tokens":12289)"), kInvalid, "max_tokens",
         not_valid("max_tokens", "expected a value <= 12288, but got 12289 instead")},
        {"a limit beyond any model", chat("sim-x", R"(,"max_completion_tokens":65537)"), kInvalid,
         "max_completion_tokens",
         not_valid("max_completion_tokens", "expected a value <= 65536, but got 65537 instead")},
        {"stream_options without a stream", chat("sim-x", R"(,"stream_options":{})"), kInvalid,
         "stream_options", not_valid("stream_options", "it can only be set when `stream` is true")},
        {"an unknown stream option",
         chat("sim-x", R"(,"stream":true,"stream_options":{"include_obfuscation":true})"),
         kUnsupported, "stream_options.include_obfuscation",
         not_supported("stream_options.include_obfuscation", "sim-x")},
        {"a budget of thoughts",
         chat(kThinks, R"(,"thinking":{"type":"enabled","budget_tokens":1024})"), kUnsupported,
         "thinking.budget_tokens", not_supported("thinking.budget_tokens", "doubao-seed-1-6")},
        {"thinking without a type", chat(kThinks, R"(,"thinking":{})"), kMissing, "thinking.type",
         missing("thinking.type")},
        {"auto where there is none",
         chat("doubao-seed-1-8-251228", R"(,"thinking":{"type":"auto"})"), kInvalid,
         "thinking.type",
         not_valid("thinking.type",
                   "supported values are `enabled`, `disabled`, but got `auto` instead")},
        {"thinking of a model that cannot", chat(kPlain, R"(,"thinking":{"type":"disabled"})"),
         kUnsupported, "thinking", not_supported("thinking", "doubao-1-5-pro-32k")},
        {"effort of a model that cannot", chat(kPlain, R"(,"reasoning_effort":"low")"),
         kUnsupported, "reasoning_effort", not_supported("reasoning_effort", "doubao-1-5-pro-32k")},
        {"an effort of newer models", chat(kThinks, R"(,"reasoning_effort":"xhigh")"), kInvalid,
         "reasoning_effort",
         not_valid("reasoning_effort",
                   "supported values are `minimal`, `low`, `medium`, `high`, but got `xhigh` "
                   "instead")},
        {"effort without thinking",
         chat(kThinks, R"(,"thinking":{"type":"disabled"},"reasoning_effort":"low")"), kInvalid,
         "reasoning_effort",
         not_valid("reasoning_effort", "`low` contradicts `thinking.type` of `disabled`")},
        {"a tier of OpenAI", chat("sim-x", R"(,"service_tier":"priority")"), kInvalid,
         "service_tier",
         not_valid("service_tier",
                   "supported values are `auto`, `default`, `fast`, `flex`, but got `priority` "
                   "instead")},
        {"fixed sampling", chat("doubao-seed-2-0-pro-260215", R"(,"temperature":0.5)"),
         kUnsupported, "temperature", not_supported("temperature", "doubao-seed-2-0-pro")},
        {"a penalty of newer models", chat("doubao-seed-1-8-251228", R"(,"presence_penalty":1)"),
         kUnsupported, "presence_penalty", not_supported("presence_penalty", "doubao-seed-1-8")},
        {"stop of a reasoner", chat(kThinks, R"(,"stop":"x")"), kUnsupported, "stop",
         not_supported("stop", "doubao-seed-1-6")},
        {"probabilities of a reasoner", chat(kThinks, R"(,"logprobs":true)"), kUnsupported,
         "logprobs", not_supported("logprobs", "doubao-seed-1-6")},
        {"five stops", chat(kPlain, R"(,"stop":["1","2","3","4","5"])"), kInvalid, "stop",
         not_valid("stop", "expected at most 4 sequences, but got 5 instead")},
        {"top_logprobs alone", chat(kPlain, R"(,"top_logprobs":2)"), kInvalid, "top_logprobs",
         not_valid("top_logprobs", "it can only be set when `logprobs` is true")},
        {"a bias too strong", chat(kPlain, R"(,"logit_bias":{"5":101})"), kInvalid, "logit_bias.5",
         not_valid("logit_bias.5", "expected a number within [-100, 100]")},
        {"no tools", chat("sim-x", R"(,"tools":[])"), kInvalid, "tools",
         not_valid("tools", "expected at least one tool")},
        {"a custom tool", chat("sim-x", R"(,"tools":[{"type":"custom","custom":{"name":"x"}}])"),
         kInvalid, "tools.0.type",
         not_valid("tools.0.type", "supported values are `function`, but got `custom` instead")},
        {"a tool choice of older models", chat(kPlain, tools(R"(,"tool_choice":"auto")")),
         kUnsupported, "tool_choice", not_supported("tool_choice", "doubao-1-5-pro-32k")},
        {"one call at a time of older models",
         chat(kPlain, tools(R"(,"parallel_tool_calls":false)")), kUnsupported,
         "parallel_tool_calls", not_supported("parallel_tool_calls", "doubao-1-5-pro-32k")},
        {"a choice of no tool",
         chat("sim-x", tools(R"(,"tool_choice":{"type":"function","function":{"name":"x"}})")),
         kInvalid, "tool_choice.function.name",
         not_valid("tool_choice.function.name", "there is no tool `x`")},
        {"a choice without tools", chat("sim-x", R"(,"tool_choice":"auto")"), kInvalid,
         "tool_choice", not_valid("tool_choice", "it can only be set together with `tools`")},
        {"a schema of older models",
         chat(kPlain, R"(,"response_format":{"type":"json_schema","json_schema":{"name":"x"}})"),
         kUnsupported, "response_format.type",
         not_supported("response_format.type", "doubao-1-5-pro-32k")},
        {"a schema without a schema",
         chat("sim-x", R"(,"response_format":{"type":"json_schema","json_schema":{"name":"x"}})"),
         kMissing, "response_format.json_schema.schema",
         missing("response_format.json_schema.schema")},
        {"a sensitive prompt", chat("sim-x", "", user(R"("SIM_BLOCK_SAFETY")")),
         "InputTextSensitiveContentDetected", "",
         "The request failed because the input text may contain sensitive information."},
        {"a long prompt", chat(kPlain, "", user("\"" + std::string(8 * 32'768, 'x') + "\"")),
         "OutofContextError", "messages",
         "Total tokens of the request exceed the max message tokens: 32771 > 32768."},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = answer_chat(c.body);
            CHECK(plan.status == 400);
            const std::string id(*plan.headers.find("x-request-id"));
            CHECK(id.starts_with("0217"));
            CHECK(body_of(plan) == json({{"error",
                                          {{"code", c.code},
                                           {"message", c.message + " Request id: " + id},
                                           {"param", c.param},
                                           {"type", "BadRequest"}}}}));
        }
    }
}

TEST_CASE("simulated: Doubao guards its door", "[simulated]") {
    struct Case {
        const char* name;
        http::Request request;
        int status;
        const char* type;
        const char* code;
    };
    http::Request keyless = post("/doubao/api/v3/chat/completions", chat("sim-x"));
    keyless.headers.remove("authorization");
    http::Request bad_key = post("/doubao/api/v3/chat/completions", chat("sim-x"));
    bad_key.headers.set("authorization", "Bearer sk-invalid-1");
    const auto model = [](const char* id) {
        return post("/doubao/api/v3/chat/completions", chat(id));
    };
    const Case cases[] = {
        {"no key", keyless, 401, "Unauthorized", "AuthenticationError"},
        {"wrong key", bad_key, 401, "Unauthorized", "AuthenticationError"},
        {"unknown path", get("/doubao/api/v3/nothing"), 404, "NotFound", "NotFound.Path"},
        {"wrong method", get("/doubao/api/v3/chat/completions"), 404, "NotFound", "NotFound.Path"},
        {"broken JSON", post("/doubao/api/v3/chat/completions", "{"), 400, "BadRequest",
         "InvalidParameter"},
        {"unknown model", model("gpt-4o"), 404, "NotFound", "InvalidEndpointOrModel.NotFound"},
        {"a model of BytePlus", model("seed-1-6-250915"), 404, "NotFound",
         "InvalidEndpointOrModel.NotFound"},
        {"no endpoint", model("ep-2025-abcde"), 404, "NotFound", "InvalidEndpointOrModel.NotFound"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = answer(c.request);
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["error"]["type"] == c.type);
            CHECK(body_of(plan)["error"]["code"] == c.code);
        }
    }
    CHECK(answer(model("ep-20250101120000-abcde")).status == 200);
    // A bot answers on its own path, and only there.
    const char* const bot = "bot-20250101120000-abcde";
    CHECK(answer(model(bot)).status == 404);
    CHECK(answer(post("/doubao/api/v3/bots/chat/completions", chat(bot))).status == 200);
    CHECK(answer(post("/doubao/api/v3/bots/chat/completions", chat(kThinks))).status == 404);
    http::Request named = post("/doubao/api/v3/chat/completions", chat("sim-x"));
    named.headers.add("X-Client-Request-Id", "mine");
    CHECK(answer(named).headers.find("x-client-request-id") == "mine");
}

TEST_CASE("simulated: Doubao answers in its own shape", "[simulated]") {
    const Plan plan = answer_chat(chat(kThinks, R"(,"max_completion_tokens":4)"));
    REQUIRE(plan.status == 200);
    const std::string id(*plan.headers.find("x-request-id"));
    CHECK(plan.body() ==
          R"({"id":")" + id +
              R"(","object":"chat.completion","created":1763630000,)"
              R"("model":"doubao-seed-1-6-251015","service_tier":"default","choices":[{"index":0,)"
              R"("finish_reason":"length","logprobs":null,"message":{"role":"assistant",)"
              R"("content":"","reasoning_content":"The user asks \"Hi"}}],"usage":)"
              R"({"prompt_tokens":5,"completion_tokens":4,"total_tokens":9,)"
              R"("prompt_tokens_details":{"cached_tokens":0},)"
              R"("completion_tokens_details":{"reasoning_tokens":4}}})");
    const Plan stream = answer_chat(chat(
        kThinks,
        R"(,"max_completion_tokens":1,"stream":true,"stream_options":{"include_usage":true})"));
    const std::string head = R"(data: {"id":")" +
                             std::string(*stream.headers.find("x-request-id")) +
                             R"(","object":"chat.completion.chunk","created":1763630000,)"
                             R"("model":"doubao-seed-1-6-251015","choices":)";
    CHECK(stream.headers.find("content-type") == "text/event-stream; charset=utf-8");
    CHECK(stream.body() ==
          head +
              R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})" +
              "\n\n" + head +
              R"([{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":"The"},)"
              R"("finish_reason":null}]})"
              "\n\n" +
              head +
              R"([{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":"length"}]})"
              "\n\n" +
              head +
              R"([],"usage":{"prompt_tokens":5,"completion_tokens":1,"total_tokens":6,)"
              R"("prompt_tokens_details":{"cached_tokens":0},)"
              R"("completion_tokens_details":{"reasoning_tokens":1}}})"
              "\n\ndata: [DONE]\n\n");
}

TEST_CASE("simulated: a Doubao stream carries what the plain answer holds", "[simulated]") {
    struct Case {
        const char* name;
        std::string model;
        std::string rest;
        std::string messages;
        const char* finish_reason;
    };
    const std::string weather = user(R"("get_weather in Oslo")");
    const std::string twice = user(R"("get_weather of Oslo and get_weather of Rome")");
    const Case cases[] = {
        {"thoughts and text", kThinks, "", kHi, "stop"},
        {"no thoughts", kThinks, R"(,"thinking":{"type":"disabled"})", kHi, "stop"},
        {"minimal effort", kThinks, R"(,"reasoning_effort":"minimal")", kHi, "stop"},
        {"a text model", kPlain, "", kHi, "stop"},
        {"probabilities", kPlain, R"(,"logprobs":true,"top_logprobs":2)", kHi, "stop"},
        {"a stop", kPlain, R"(,"stop":"there")", kHi, "stop"},
        {"a limit", "sim-x", R"(,"max_tokens":3)", kHi, "length"},
        {"an image", "sim-x", "",
         user(R"([{"type":"text","text":"What is it?"},{"type":"image_url","image_url":)"
              R"({"url":"data:image/png;base64,AAAA","detail":"low"}}])"),
         "stop"},
        {"a call", kThinks, tools(), weather, "tool_calls"},
        {"two calls", "sim-x", tools(), twice, "tool_calls"},
        {"one call at a time", "sim-x", tools(R"(,"parallel_tool_calls":false)"), twice,
         "tool_calls"},
        {"a forced call", "sim-x", tools(R"(,"tool_choice":"required")"), kHi, "tool_calls"},
        {"a call and its result", "sim-x", tools(),
         loop(kCall, R"({"role":"tool","content":"4 degrees","tool_call_id":"call_1"})"), "stop"},
        {"JSON", "sim-x", R"(,"response_format":{"type":"json_object"})", kHi, "stop"},
        {"a schema", "sim-x",
         R"(,"response_format":{"type":"json_schema","json_schema":{"name":"x","strict":true,)"
         R"("schema":{"type":"object","properties":{"city":{"type":"string"}}}}})",
         kHi, "stop"},
        {"a stopped answer", "sim-x", "", user(R"("SIM_FINISH_SAFETY")"), "content_filter"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plain = answer_chat(chat(c.model, c.rest, c.messages));
            const Plan stream = answer_chat(
                chat(c.model, c.rest + R"(,"stream":true,"stream_options":{"include_usage":true})",
                     c.messages));
            REQUIRE(plain.status == 200);
            REQUIRE(stream.status == 200);
            const json reply = body_of(plain);
            const auto frames = frames_of(stream);
            CHECK(assemble(frames) == choices_of(reply));
            CHECK(frames.back()["usage"] == reply["usage"]);
            CHECK(reply["choices"][0]["finish_reason"] == c.finish_reason);
            for (const json& frame : frames) {
                CHECK_FALSE((frame.contains("usage") && frame["usage"].is_null()));
            }
        }
    }
}

TEST_CASE("simulated: Doubao thinks unless it is told not to", "[simulated]") {
    const auto thinks = [](const std::string& model, const std::string& rest) {
        const json reply = body_of(answer_chat(chat(model, rest)));
        const bool has_thoughts = reply["choices"][0]["message"].contains("reasoning_content");
        const json& details = reply["usage"]["completion_tokens_details"];
        CHECK((details["reasoning_tokens"] != 0) == has_thoughts);
        return has_thoughts;
    };
    CHECK(thinks(kThinks, ""));
    CHECK(thinks(kThinks, R"(,"thinking":{"type":"auto"})"));
    CHECK(thinks(kThinks, R"(,"reasoning_effort":"high")"));
    CHECK_FALSE(thinks(kThinks, R"(,"thinking":{"type":"disabled"})"));
    CHECK_FALSE(thinks("doubao-seed-2-0-pro-260215", R"(,"reasoning_effort":"none")"));
    CHECK_FALSE(thinks("sim-x", ""));
    CHECK(thinks("sim-x", R"(,"thinking":{"type":"enabled"})"));
}

TEST_CASE("simulated: max_tokens of Doubao does not count thoughts", "[simulated]") {
    const json reply = body_of(answer_chat(chat(kThinks, R"(,"max_tokens":2)")));
    const json& usage = reply["usage"];
    const int reasoning = usage["completion_tokens_details"]["reasoning_tokens"];
    CHECK(reasoning > 2);
    CHECK(usage["completion_tokens"] == reasoning + 2);
}

TEST_CASE("simulated: Doubao counts in every chunk when it is asked to", "[simulated]") {
    const auto frames = frames_of(
        answer_chat(chat(kThinks, R"(,"stream":true,"stream_options":{"include_usage":true,)"
                                  R"("chunk_include_usage":true},"max_completion_tokens":3)")));
    std::vector<int> counts;
    for (const json& frame : frames) counts.push_back(frame["usage"]["completion_tokens"]);
    CHECK(counts == std::vector<int>{0, 1, 2, 3, 3, 3});
    CHECK(frames[1]["usage"]["completion_tokens_details"]["reasoning_tokens"] == 1);
}

TEST_CASE("simulated: Doubao embeds texts", "[simulated]") {
    const auto embeddings = [](const std::string& body) {
        return answer(post("/doubao/api/v3/embeddings", body));
    };
    const Plan plan = embeddings(
        R"({"model":"doubao-embedding-text-240715","input":["a","b c"],"dimensions":64})");
    REQUIRE(plan.status == 200);
    const json reply = body_of(plan);
    CHECK(plan.headers.find("x-request-id") == reply["id"].get<std::string>());
    CHECK(reply["object"] == "list");
    CHECK(reply["created"] == 1763630000);
    CHECK(reply["model"] == "doubao-embedding-text-240715");
    REQUIRE(reply["data"].size() == 2);
    CHECK(reply["data"][1]["index"] == 1);
    CHECK(reply["data"][1]["embedding"].size() == 64);
    CHECK(reply["usage"] == json::parse(R"({"prompt_tokens":3,"total_tokens":3})"));
    const json standard =
        body_of(embeddings(R"({"model":"doubao-embedding-text-240715","input":"a"})"));
    CHECK(standard["data"][0]["embedding"].size() == 2560);
    struct Case {
        const char* name;
        const char* body;
        int status;
        const char* code;
        const char* param;
    };
    const Case cases[] = {
        {"no model", R"({"input":"a"})", 400, "MissingParameter", "model"},
        {"unknown model", R"({"model":"text-embedding-v4","input":"a"})", 404,
         "InvalidEndpointOrModel.NotFound", ""},
        {"a chat model", R"({"model":"doubao-seed-1-6-251015","input":"a"})", 404,
         "UnsupportedModel", ""},
        {"no input", R"({"model":"sim-x"})", 400, "MissingParameter", "input"},
        {"token ids", R"({"model":"sim-x","input":[1,2]})", 400, "InvalidParameter", "input"},
        {"an empty text", R"({"model":"sim-x","input":""})", 400, "InvalidParameter", "input"},
        {"base64", R"({"model":"sim-x","input":"a","encoding_format":"base64"})", 400,
         "InvalidParameter", "encoding_format"},
        {"too many dimensions", R"({"model":"sim-x","input":"a","dimensions":2049})", 400,
         "InvalidParameter", "dimensions"},
        {"an unknown field", R"({"model":"sim-x","input":"a","task":"x"})", 400,
         "InvalidParameter.UnsupportedParameter", "task"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan refused = embeddings(c.body);
            CHECK(refused.status == c.status);
            CHECK(body_of(refused)["error"]["code"] == c.code);
            CHECK(body_of(refused)["error"]["param"] == c.param);
        }
    }
    CHECK(answer_chat(chat("doubao-embedding-text-240715")).status == 404);
}

TEST_CASE("simulated: Doubao says what moderation hit and which tier served", "[simulated]") {
    const json stopped = body_of(answer_chat(chat("sim-x", "", user(R"("SIM_FINISH_VIOLENCE")"))));
    CHECK(stopped["choices"][0]["moderation_hit_type"] == "violence");
    const auto frames =
        frames_of(answer_chat(chat("sim-x", R"(,"stream":true)", user(R"("SIM_FINISH_X")"))));
    CHECK(frames.back()["choices"][0]["moderation_hit_type"] == "violence");
    CHECK(body_of(answer_chat(chat("sim-x", R"(,"service_tier":"fast")")))["service_tier"] ==
          "fast");
    CHECK(body_of(answer_chat(chat("sim-x", R"(,"service_tier":"flex")")))["service_tier"] ==
          "default");
    const Plan echo = answer_chat(chat("sim-x", R"(,"x_echo":true,"brand_new":1,"n":1)"));
    CHECK(body_of(echo)["x_echo"] == json::parse(R"({"brand_new":1})"));
}

TEST_CASE("faults: Doubao fails in its own words", "[simulated]") {
    struct Case {
        const char* fault;
        int status;
        const char* type;
        const char* code;
    };
    const Case cases[] = {
        {"400", 400, "BadRequest", "InvalidParameter"},
        {"401", 401, "Unauthorized", "AuthenticationError"},
        {"402", 403, "Forbidden", "AccountOverdueError"},
        {"403", 403, "Forbidden", "AccessDenied"},
        {"404", 404, "NotFound", "InvalidEndpointOrModel.NotFound"},
        {"429", 429, "TooManyRequests", "RateLimitExceeded.EndpointRPMExceeded"},
        {"429-quota", 429, "TooManyRequests", "SetLimitExceeded"},
        {"500", 500, "InternalServerError", "InternalServiceError"},
        {"503", 503, "InternalServerError", "InternalServiceError"},
    };
    Simulator simulator({});
    const auto faulty = [&](const std::string& name) {
        return simulator.answer(
            post("/doubao/api/v3/chat/completions", chat("sim-fault-" + name, R"(,"stream":true)")),
            kNow);
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.fault) {
            const Plan plan = faulty(c.fault);
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["error"]["type"] == c.type);
            CHECK(body_of(plan)["error"]["code"] == c.code);
            const bool has_hint = std::string_view(c.fault) == "429";
            CHECK(plan.headers.find("retry-after").has_value() == has_hint);
        }
    }
    const Plan plan = faulty("error-event");
    const std::string& last = plan.pieces.back().bytes;
    REQUIRE(last.starts_with("data: "));
    CHECK(json::parse(last.substr(6))["error"]["code"] == "InternalServiceError");
    CHECK(faulty("no-done").body().ends_with("\"finish_reason\":\"stop\"}]}\n\n"));
}
