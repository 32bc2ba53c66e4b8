#include "tests/sidecar/simulated/gemini_support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kNew = "gemini-3.8-flash";
const char* const kOld = "gemini-2.5-flash";

// A conversation goes on: the model's answer, then what the user says or brings.
std::string continued(const std::string& contents, const json& content, const std::string& parts) {
    json list = json::parse(contents);
    list.push_back(content);
    list.push_back({{"role", "user"}, {"parts", json::parse(parts)}});
    return list.dump();
}

json content_of(const Plan& plan) {
    return body_of(plan).at("candidates").at(0).at("content");
}

std::string results_of(const json& content) {
    json parts = json::array();
    for (const json& part : content.at("parts")) {
        if (!part.contains("functionCall")) continue;
        json response = {{"name", part["functionCall"]["name"]}, {"response", {{"output", 4}}}};
        if (part["functionCall"].contains("id")) response["id"] = part["functionCall"]["id"];
        parts.push_back({{"functionResponse", response}});
    }
    return parts.dump();
}

}  // namespace

TEST_CASE("simulated: Gemini answers in its own shape", "[simulated]") {
    const std::string body = gemini_body(
        gemini_config(R"("maxOutputTokens":6,"thinkingConfig":{"thinkingBudget":0})") +
        R"(,"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"}])");
    const Plan plan = ask_gemini(kOld, body);
    REQUIRE(plan.status == 200);
    CHECK(plan.headers.find("content-type") == "application/json; charset=UTF-8");
    CHECK(plan.headers.find("x-gemini-service-tier") == "standard");
    const std::string id = body_of(plan)["responseId"];
    CHECK(id.size() == 22);
    CHECK(plan.body() ==
          R"({"candidates":[{"content":{"parts":[{"text":"You asked: \"Hi there\". It helps"}],)"
          R"("role":"model"},"finishReason":"MAX_TOKENS","safetyRatings":[{"category":)"
          R"("HARM_CATEGORY_HARASSMENT","probability":"NEGLIGIBLE"}],"index":0}],)"
          R"("usageMetadata":{"promptTokenCount":2,"candidatesTokenCount":6,"totalTokenCount":8,)"
          R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":2}]},)"
          R"("modelVersion":"gemini-2.5-flash","responseId":")" +
              id + "\"}");
    const Plan events = stream_gemini(kOld, body);
    CHECK(events.headers.find("content-type") == "text/event-stream");
    const std::string first =
        R"({"candidates":[{"content":{"parts":[{"text":"You asked: \"Hi there\"."}],)"
        R"("role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":2,)"
        R"("candidatesTokenCount":4,"totalTokenCount":6,"promptTokensDetails":[{"modality":)"
        R"("TEXT","tokenCount":2}]},"modelVersion":"gemini-2.5-flash","responseId":")" +
        id + "\"}";
    CHECK(events.pieces[0].bytes == "data: " + first + "\r\n\r\n");
    CHECK(events.pieces.size() == 2);
    const Plan array = ask_gemini(gemini_post("gemini-2.5-flash:streamGenerateContent", body));
    CHECK(array.headers.find("content-type") == "application/json; charset=UTF-8");
    CHECK(array.pieces[0].bytes == "[" + first);
    CHECK(array.pieces[1].bytes.starts_with(",\r\n{"));
    CHECK(array.pieces[1].bytes.ends_with("}\n]\n"));
    CHECK(body_of(array) == json(answers_of(events)));
}

TEST_CASE("simulated: a Gemini stream carries what the plain answer holds", "[simulated]") {
    struct Case {
        const char* name;
        const char* model;
        std::string body;
        const char* finish_reason;
    };
    const std::string shown = R"("thinkingConfig":{"includeThoughts":true})";
    const std::string schema =
        R"("responseMimeType":"application/json","responseSchema":{"type":"OBJECT","properties":)"
        R"({"city":{"type":"STRING"}},"required":["city"]})";
    const std::string twice = gemini_user("get_weather of Oslo and get_time");
    const auto calling = [](const std::string& members) {
        return std::string(kGeminiTools) + R"(,"toolConfig":{"functionCallingConfig":{)" + members +
               "}}";
    };
    const Case cases[] = {
        {"hidden thoughts", kNew, gemini_body(), "STOP"},
        {"shown thoughts", kNew, gemini_body(gemini_config(shown)), "STOP"},
        {"thoughts of a budget", kOld,
         gemini_body(
             gemini_config(R"("thinkingConfig":{"includeThoughts":true,"thinkingBudget":3})")),
         "STOP"},
        {"no thoughts", "sim-x", gemini_body(), "STOP"},
        {"a system", kNew, gemini_body(R"(,"systemInstruction":{"parts":[{"text":"Be terse."}]})"),
         "STOP"},
        {"a limit among the thoughts", kNew, gemini_body(gemini_config(R"("maxOutputTokens":5)")),
         "MAX_TOKENS"},
        {"a stop", "sim-x", gemini_body(gemini_config(R"("stopSequences":["there"])")), "STOP"},
        {"candidates", "sim-x", gemini_body(gemini_config(R"("candidateCount":3)")), "STOP"},
        {"an image", kNew,
         gemini_body("", R"([{"role":"user","parts":[{"text":"What is it?"},{"inlineData":)"
                         R"({"mimeType":"image/png","data":"AAAA"}}]}])"),
         "STOP"},
        {"a call", kNew, gemini_body(kGeminiTools, gemini_user("get_weather in Oslo")), "STOP"},
        {"two calls", kNew, gemini_body(kGeminiTools, twice), "STOP"},
        {"a call after shown thoughts", kNew,
         gemini_body(kGeminiTools + gemini_config(shown), twice), "STOP"},
        {"an older model's call", kOld, gemini_body(kGeminiTools, twice), "STOP"},
        {"a forced call", kNew, gemini_body(calling(R"("mode":"ANY")")), "STOP"},
        {"one function allowed", kNew,
         gemini_body(calling(R"("mode":"ANY","allowedFunctionNames":["get_time"])"), twice),
         "STOP"},
        {"no calls", kNew, gemini_body(calling(R"("mode":"NONE")"), twice), "STOP"},
        {"JSON", kNew, gemini_body(gemini_config(R"("responseMimeType":"application/json")")),
         "STOP"},
        {"a schema", kNew, gemini_body(gemini_config(schema)), "STOP"},
        {"logprobs", kOld, gemini_body(gemini_config(R"("responseLogprobs":true,"logprobs":2)")),
         "STOP"},
        {"a search", kNew, gemini_body(R"(,"tools":[{"googleSearch":{}}])"), "STOP"},
        {"a stopped answer", kNew, gemini_body("", gemini_user("SIM_FINISH_SAFETY")), "SAFETY"},
        {"a broken call", kNew, gemini_body("", gemini_user("SIM_FINISH_MALFORMED_FUNCTION_CALL")),
         "MALFORMED_FUNCTION_CALL"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plain = ask_gemini(c.model, c.body);
            const Plan stream = stream_gemini(c.model, c.body);
            REQUIRE(plain.status == 200);
            REQUIRE(stream.status == 200);
            const json whole = body_of(plain);
            const auto answers = answers_of(stream);
            const json candidates = candidates_of(answers);
            CHECK(candidates == candidates_of({whole}));
            CHECK(candidates[0]["finishReason"] == c.finish_reason);
            CHECK(answers.back()["usageMetadata"] == whole["usageMetadata"]);
            for (const json& answer : answers) CHECK(answer["responseId"] == whole["responseId"]);
            const json& usage = whole["usageMetadata"];
            CHECK(usage["totalTokenCount"] == usage.value("promptTokenCount", 0) +
                                                  usage.value("toolUsePromptTokenCount", 0) +
                                                  usage.value("candidatesTokenCount", 0) +
                                                  usage.value("thoughtsTokenCount", 0));
        }
    }
}

TEST_CASE("simulated: Gemini shows its thoughts to those who ask, and counts them", "[simulated]") {
    const json hidden = body_of(ask_gemini(kNew, gemini_body()));
    CHECK(hidden["usageMetadata"]["thoughtsTokenCount"] > 0);
    CHECK(hidden["candidates"][0]["content"]["parts"].size() == 1);
    const json shown = body_of(ask_gemini(
        kNew, gemini_body(gemini_config(
                  R"("thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"})"))));
    const json& parts = shown["candidates"][0]["content"]["parts"];
    REQUIRE(parts.size() == 2);
    CHECK(parts[0]["thought"] == true);
    CHECK_FALSE(parts[1].contains("thought"));
    const auto thinks = [](const char* model, const std::string& config) {
        const std::string members = R"("thinkingConfig":{)" + config + "}";
        const json reply = body_of(ask_gemini(model, gemini_body(gemini_config(members))));
        return reply.at("usageMetadata").contains("thoughtsTokenCount");
    };
    CHECK_FALSE(thinks(kOld, R"("thinkingBudget":0)"));
    CHECK(thinks(kOld, R"("thinkingBudget":-1)"));
    CHECK_FALSE(thinks("gemini-3.5-flash-lite", R"("thinkingLevel":"MINIMAL")"));
    CHECK(thinks("gemini-3.5-flash-lite", R"("thinkingLevel":"LOW")"));
}

TEST_CASE("simulated: Gemini takes its calls back with their signatures", "[simulated]") {
    const std::string asked = gemini_user("get_weather of Oslo and get_time");
    const auto again = [&](const char* model, const json& content) {
        return ask_gemini(
            model, gemini_body(kGeminiTools, continued(asked, content, results_of(content))));
    };
    for (const char* model : {kNew, "gemini-3.1-pro-preview", kOld}) {
        DYNAMIC_SECTION(model) {
            const bool is_new = std::string_view(model) != kOld;
            json content = content_of(ask_gemini(model, gemini_body(kGeminiTools, asked)));
            REQUIRE(content["parts"].size() == 2);
            // Of parallel calls the first one has it.
            CHECK(content["parts"][0].contains("thoughtSignature"));
            CHECK_FALSE(content["parts"][1].contains("thoughtSignature"));
            CHECK(content["parts"][0]["functionCall"].contains("id") == is_new);
            CHECK(content["parts"][0]["functionCall"]["args"] == json({{"city", "Oslo"}}));
            const Plan told = again(model, content);
            REQUIRE(told.status == 200);
            CHECK(content_of(told)["parts"][0]["text"].get<std::string>().starts_with(
                "The tool answered: {\"output\":4}"));
            json bare = content;
            bare["parts"][0].erase("thoughtSignature");
            CHECK(again(model, bare).status == (is_new ? 400 : 200));
            json changed = content;
            changed["parts"][0]["functionCall"]["args"]["city"] = "Rome";
            CHECK(again(model, changed).status == 400);
            json foreign = content;
            foreign["parts"][0]["thoughtSignature"] = "skip_thought_signature_validator";
            CHECK(again(model, foreign).status == 200);
        }
    }
    SECTION("a function without parameters has no arguments") {
        const char* const tools =
            R"(,"tools":[{"functionDeclarations":[{"name":"ping"},{"name":"pong",)"
            R"("parametersJsonSchema":{}}]}])";
        const json content =
            content_of(ask_gemini(kNew, gemini_body(tools, gemini_user("ping and pong"))));
        REQUIRE(content["parts"].size() == 2);
        for (const json& part : content["parts"]) {
            CHECK(part["functionCall"]["args"] == json::object());
        }
    }
    SECTION("a stream signs a text after it") {
        const auto answers = answers_of(stream_gemini(kNew, gemini_body()));
        const json part = answers.back()["candidates"][0]["content"]["parts"][0];
        CHECK(part["text"] == "");
        json content = {{"role", "model"}, {"parts", json::array({{{"text", "Hi"}}, part})}};
        const auto reply = [&] {
            return ask_gemini(kNew,
                              gemini_body("", continued(kGeminiHi, content, R"([{"text":"x"}])")));
        };
        CHECK(reply().status == 200);
        content["parts"][1]["thoughtSignature"] = "CpQB";
        CHECK(reply().status == 400);
    }
}

TEST_CASE("simulated: Gemini takes both spellings of a field", "[simulated]") {
    const std::string camel =
        R"({"contents":[{"role":"user","parts":[{"text":"get_weather of Oslo"},{"inlineData":)"
        R"({"mimeType":"image/png","data":"AAAA"}}]}],"generationConfig":{"maxOutputTokens":50},)"
        R"("tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT",)"
        R"("properties":{"topK":{"type":"STRING"}}}}]}]})";
    const std::string snake =
        R"({"contents":[{"role":"user","parts":[{"text":"get_weather of Oslo"},{"inline_data":)"
        R"({"mime_type":"image/png","data":"AAAA"}}]}],"generation_config":{"max_output_tokens":)"
        R"(50},"tools":[{"function_declarations":[{"name":"get_weather","parameters":{"type":)"
        R"("OBJECT","properties":{"topK":{"type":"STRING"}}}}]}]})";
    CHECK(ask_gemini(kNew, camel).body() == ask_gemini(kNew, snake).body());
    // Names of the caller's are no fields.
    const json parts = content_of(ask_gemini(kNew, snake)).at("parts");
    CHECK(parts[0]["functionCall"]["args"].contains("topK"));
}

TEST_CASE("simulated: Gemini counts by modality, cache and tool", "[simulated]") {
    const std::string media =
        R"([{"role":"user","parts":[{"text":"What is it?"},)"
        R"({"inlineData":{"mimeType":"image/png","data":"AAAA"}},)"
        R"({"inlineData":{"mimeType":"application/pdf","data":"AAAA"}},)"
        R"({"fileData":{"mimeType":"audio/mp3","fileUri":"https://example.com/a.mp3"}}]}])";
    const json details = json::parse(
        R"([{"modality":"TEXT","tokenCount":3},{"modality":"IMAGE","tokenCount":258},)"
        R"({"modality":"AUDIO","tokenCount":258},{"modality":"DOCUMENT","tokenCount":258}])");
    const json usage = body_of(ask_gemini(kNew, gemini_body("", media)))["usageMetadata"];
    CHECK(usage["promptTokenCount"] == 777);
    CHECK(usage["promptTokensDetails"] == details);
    CHECK_FALSE(usage.contains("cachedContentTokenCount"));
    CHECK(content_of(ask_gemini(kNew, gemini_body("", media)))["parts"][0]["text"]
              .get<std::string>()
              .find("I can see 1 image.") != std::string::npos);

    const json counted =
        body_of(ask_gemini(gemini_post("gemini-3.8-flash:countTokens", gemini_body("", media))));
    CHECK(counted == json({{"totalTokens", 777}, {"promptTokensDetails", details}}));
    const std::string request = R"({"generateContentRequest":{"model":"models/gemini-3.8-flash",)"
                                R"("contents":)" +
                                media +
                                R"(,"systemInstruction":{"parts":[{"text":"Be terse."}]}}})";
    CHECK(body_of(ask_gemini(
              gemini_post("gemini-3.8-flash:countTokens", request)))["totalTokens"] == 779);
    CHECK(ask_gemini(gemini_post("sim-x:countTokens", "{}")).status == 400);

    const json cached = body_of(ask_gemini(
        kNew, gemini_body("", gemini_user(std::string(8 * 2048, 'x')))))["usageMetadata"];
    CHECK(cached["promptTokenCount"] == 2048);
    CHECK(cached["cachedContentTokenCount"] == 1024);
    CHECK(cached["cacheTokensDetails"][0]["tokenCount"] == 1024);

    const json searched =
        body_of(ask_gemini(kNew, gemini_body(R"(,"tools":[{"googleSearch":{}}])")));
    CHECK(searched["usageMetadata"]["toolUsePromptTokenCount"] == 64);
    const json& grounding = searched["candidates"][0]["groundingMetadata"];
    CHECK(grounding["webSearchQueries"] == json::array({"Hi there"}));
    CHECK(grounding["groundingChunks"][0]["web"]["title"] == "example.com");
    CHECK(grounding["groundingSupports"][0]["segment"]["text"] ==
          searched["candidates"][0]["content"]["parts"][0]["text"]);
}

TEST_CASE("simulated: Gemini answers in the form that is wanted", "[simulated]") {
    const auto text_of = [](const std::string& config) {
        return content_of(ask_gemini("sim-x", gemini_body(gemini_config(config))))["parts"][0]
            .at("text")
            .get<std::string>();
    };
    CHECK(json::parse(text_of(R"("responseMimeType":"application/json")"))["answer"] == "Hi there");
    CHECK(text_of(R"("responseMimeType":"text/x.enum","responseSchema":{"type":"STRING",)"
                  R"("enum":["only"]})") == "only");
    CHECK(json::parse(text_of(
              R"("responseMimeType":"application/json","responseJsonSchema":{"type":"object",)"
              R"("additionalProperties":false,"properties":{"n":{"const":5}}})")) ==
          json({{"n", 5}}));
    const json likely = body_of(ask_gemini(
        "sim-x",
        gemini_body(gemini_config(R"("responseLogprobs":true,"logprobs":2,"maxOutputTokens":3)"))));
    const json& result = likely["candidates"][0]["logprobsResult"];
    CHECK(result["chosenCandidates"].size() == 3);
    CHECK(result["topCandidates"][0]["candidates"].size() == 2);
    CHECK(result["chosenCandidates"][0]["token"] == "You");
    CHECK(likely["candidates"][0]["avgLogprobs"] <= 0);
}

TEST_CASE("simulated: Gemini declines a prompt and stops an answer", "[simulated]") {
    const std::string settings =
        R"(,"safetySettings":[{"category":"HARM_CATEGORY_HARASSMENT","threshold":"BLOCK_NONE"}])";
    const std::string blocked = gemini_body(settings, gemini_user("SIM_BLOCK_PROHIBITED_CONTENT"));
    const json whole = body_of(ask_gemini(kNew, blocked));
    CHECK_FALSE(whole.contains("candidates"));
    CHECK(whole["promptFeedback"] ==
          json::parse(R"({"blockReason":"PROHIBITED_CONTENT","safetyRatings":[{"category":)"
                      R"("HARM_CATEGORY_HARASSMENT","probability":"HIGH","blocked":true}]})"));
    CHECK(whole["usageMetadata"]["totalTokenCount"] == whole["usageMetadata"]["promptTokenCount"]);
    CHECK(answers_of(stream_gemini(kNew, blocked)) == std::vector<json>{whole});
    struct Case {
        const char* asked;
        const char* reason;
        bool has_text;
    };
    const Case cases[] = {
        {"SAFETY", "SAFETY", true},
        {"RECITATION", "RECITATION", true},
        {"LANGUAGE", "LANGUAGE", true},
        {"NONSENSE", "OTHER", true},
        {"UNEXPECTED_TOOL_CALL", "UNEXPECTED_TOOL_CALL", false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.asked) {
            const json reply = body_of(ask_gemini(
                "sim-x", gemini_body("", gemini_user(std::string("SIM_FINISH_") + c.asked))));
            const json& candidate = reply["candidates"][0];
            CHECK(candidate["finishReason"] == c.reason);
            CHECK(candidate["content"].contains("parts") == c.has_text);
            CHECK(reply["usageMetadata"].contains("candidatesTokenCount") == c.has_text);
        }
    }
}

TEST_CASE("simulated: Gemini lists its models page by page", "[simulated]") {
    const json all = body_of(ask_gemini(gemini_get("/models")));
    REQUIRE(all["models"].size() == 10);
    CHECK_FALSE(all.contains("nextPageToken"));
    CHECK(all["models"][0]["name"] == "models/gemini-3.8-flash");
    CHECK(all["models"][0]["thinking"] == true);
    json models = json::array();
    std::string token;
    do {
        const std::string target = "/models?pageSize=4&pageToken=" + token;
        const json page = body_of(ask_gemini(gemini_get(target)));
        for (const json& model : page["models"]) models.push_back(model);
        token = page.value("nextPageToken", "");
    } while (!token.empty());
    CHECK(models == all["models"]);
    CHECK(body_of(ask_gemini(gemini_get("/models/gemini-2.5-pro"))) == all["models"][7]);
}

TEST_CASE("simulated: Gemini serves the tier and echoes what is unknown", "[simulated]") {
    const Plan flex = ask_gemini(kNew, gemini_body(R"(,"serviceTier":"flex")"));
    CHECK(flex.headers.find("x-gemini-service-tier") == "flex");
    const Plan echo = ask_gemini(kNew, gemini_body(R"(,"x_echo":true,"brandNew":{"top_k":1})"));
    CHECK(body_of(echo)["x_echo"] == json::parse(R"({"brandNew":{"top_k":1}})"));
}
