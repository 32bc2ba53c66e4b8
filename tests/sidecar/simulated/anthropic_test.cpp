#include <set>

#include "sidecar/simulated/simulator.h"
#include "tests/sidecar/simulated/anthropic_support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

const char* const kAdaptive = R"(,"thinking":{"type":"adaptive"})";
const char* const kRedactedMagic =
    "ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_"
    "46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB";

std::vector<std::string> types_of(const json& message) {
    std::vector<std::string> types;
    for (const json& block : message.at("content")) types.push_back(block.at("type"));
    return types;
}

// The messages of a request, with the answer to it and the user's next blocks behind them.
std::string continued(const std::string& messages, const json& reply, const std::string& blocks) {
    json list = json::parse(messages);
    list.push_back({{"role", "assistant"}, {"content", reply.at("content")}});
    list.push_back({{"role", "user"}, {"content", json::parse(blocks)}});
    return list.dump();
}

std::string message_of_error(const Plan& plan) {
    return body_of(plan).at("error").at("message");
}

}  // namespace

TEST_CASE("simulated: Anthropic guards its door", "[simulated]") {
    struct Case {
        const char* name;
        http::Request request;
        int status;
        const char* type;
        const char* message;
    };
    const auto changed = [](const char* field, const char* value) {
        http::Request request = claude_post("/anthropic/v1/messages", claude_body("sim-claude"));
        if (value == nullptr) {
            request.headers.remove(field);
        } else {
            request.headers.set(field, value);
        }
        return request;
    };
    http::Request bad_bearer = changed("x-api-key", nullptr);
    bad_bearer.headers.add("authorization", "Bearer nonsense");
    http::Request both = changed("x-api-key", "sk-invalid");
    both.headers.add("authorization", "Bearer sk-ant-good");
    const Case cases[] = {
        {"no key", changed("x-api-key", nullptr), 401, "authentication_error",
         "x-api-key header is required"},
        {"wrong key", changed("x-api-key", "nonsense"), 401, "authentication_error",
         "invalid x-api-key"},
        {"wrong bearer", bad_bearer, 401, "authentication_error", "Invalid bearer token"},
        {"x-api-key wins", both, 401, "authentication_error", "invalid x-api-key"},
        {"no version", changed("anthropic-version", nullptr), 400, "invalid_request_error",
         "anthropic-version: header is required"},
        {"unknown version", changed("anthropic-version", "2024-01-01"), 400,
         "invalid_request_error", "anthropic-version: \"2024-01-01\" is not a valid version"},
        {"unknown beta", changed("anthropic-beta", "files-api-2025-04-14, nonsense-2025-01-01"),
         400, "invalid_request_error",
         "Unexpected value(s) `nonsense-2025-01-01` for the `anthropic-beta` header. Please "
         "consult our documentation at docs.claude.com or try again without the header."},
        {"wrong content type", changed("content-type", "text/plain"), 400, "invalid_request_error",
         "content-type: header must be 'application/json'"},
        {"broken JSON", claude_post("/anthropic/v1/messages", "{"), 400, "invalid_request_error",
         "The request body is not valid JSON"},
        {"a list", claude_post("/anthropic/v1/messages", "[]"), 400, "invalid_request_error",
         "Input should be a valid dictionary"},
        {"too large",
         claude_post("/anthropic/v1/messages", std::string(32U * 1024 * 1024 + 1, ' ')), 413,
         "request_too_large", "Request exceeds the maximum size"},
        {"unknown path", claude_get("/anthropic/v1/nothing"), 404, "not_found_error", "Not Found"},
        {"wrong method", claude_get("/anthropic/v1/messages"), 405, "invalid_request_error",
         "Method Not Allowed"},
        {"wrong method of a list", claude_post("/anthropic/v1/models", "{}"), 405,
         "invalid_request_error", "Method Not Allowed"},
        {"unknown model", claude_get("/anthropic/v1/models/claude-gone"), 404, "not_found_error",
         "model: claude-gone"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = ask_claude(c.request);
            CHECK(plan.status == c.status);
            const json body = body_of(plan);
            CHECK(body["type"] == "error");
            CHECK(body["error"] == json({{"type", c.type}, {"message", c.message}}));
            CHECK(plan.headers.find("request-id") == body["request_id"].get<std::string>());
        }
    }
    SECTION("a bearer key, known betas and a query are welcome") {
        http::Request request = changed("x-api-key", nullptr);
        request.target += "?beta=true";
        request.headers.add("authorization", "Bearer sk-any");
        request.headers.add("anthropic-beta", "claude-code-20250219,context-1m-2025-08-07");
        CHECK(ask_claude(request).status == 200);
    }
    SECTION("a beta opens its fields") {
        const std::string body = claude_body("sim-claude", R"(,"context_management":{"edits":[]})");
        http::Request request = claude_post("/anthropic/v1/messages", body);
        CHECK(ask_claude(request).status == 400);
        request.headers.add("anthropic-beta", "context-management-2025-06-27");
        CHECK(ask_claude(request).status == 200);
    }
}

TEST_CASE("simulated: Anthropic answers with the prompt's first words", "[simulated]") {
    const Plan plan = ask_claude(
        claude_body("claude-sonnet-4-5", "", claude_user("What is the capital of France")));
    REQUIRE(plan.status == 200);
    CHECK(plan.headers.find("content-type") == "application/json");
    CHECK(plan.headers.find("request-id")->starts_with("req_"));
    CHECK(plan.headers.find("anthropic-organization-id"));
    for (const std::string window : {"requests", "tokens", "input-tokens", "output-tokens"}) {
        const std::string name = "anthropic-ratelimit-" + window;
        CHECK(plan.headers.find(name + "-limit"));
        CHECK(plan.headers.find(name + "-remaining") != "0");
        CHECK(plan.headers.find(name + "-reset") == "2025-11-20T09:13:21Z");
    }
    const json message = body_of(plan);
    CHECK(message["id"].get<std::string>().starts_with("msg_"));
    CHECK(message["type"] == "message");
    CHECK(message["role"] == "assistant");
    CHECK(message["model"] == "claude-sonnet-4-5");
    CHECK(message["stop_reason"] == "end_turn");
    CHECK(message["stop_sequence"].is_null());
    CHECK(message["stop_details"].is_null());
    CHECK(types_of(message) == std::vector<std::string>{"text"});
    CHECK(message["content"][0]["text"].get<std::string>().starts_with(
        "You asked: \"What is the capital of France\". "));
    const json& usage = message["usage"];
    CHECK(usage["input_tokens"] == 9);
    CHECK(usage["cache_read_input_tokens"] == 0);
    CHECK(usage["cache_creation_input_tokens"] == 0);
    CHECK(usage["output_tokens"].get<int>() > 5);
    CHECK(usage["output_tokens_details"]["thinking_tokens"] == 0);
    CHECK(usage["service_tier"] == "standard");
    CHECK(usage["server_tool_use"].is_null());
}

TEST_CASE("simulated: an Anthropic stream carries what the plain answer holds", "[simulated]") {
    struct Case {
        const char* name;
        std::string model;
        std::string rest;
        std::string messages;
        std::vector<std::string> types;
        const char* stop_reason;
    };
    const std::string shown = R"(,"thinking":{"type":"adaptive","display":"summarized"})";
    const std::string format =
        R"(,"output_config":{"format":{"type":"json_schema","schema":{"type":"object",)"
        R"("additionalProperties":false,"properties":{"name":{"type":"string"}}}}})";
    const Case cases[] = {
        {"text", "sim-claude", "", kClaudeHi, {"text"}, "end_turn"},
        {"Chinese", "sim-claude", "", claude_user("法国的首都在哪里？"), {"text"}, "end_turn"},
        {"a limit", "sim-claude", R"(,"max_tokens":5)", kClaudeHi, {"text"}, "max_tokens"},
        {"a limit of zero", "sim-claude", R"(,"max_tokens":0)", kClaudeHi, {}, "max_tokens"},
        {"a stop sequence",
         "sim-claude",
         R"(,"stop_sequences":[" there"])",
         kClaudeHi,
         {"text"},
         "stop_sequence"},
        {"a stop sequence at the start",
         "sim-claude",
         R"(,"stop_sequences":["You"])",
         kClaudeHi,
         {},
         "stop_sequence"},
        {"no room left",
         "sim-claude-narrow",
         "",
         claude_user(std::string(8 * 500, 'x')),
         {"text"},
         "model_context_window_exceeded"},
        {"a call",
         "sim-claude",
         with_claude_tools(),
         claude_user("get_weather in Oslo please"),
         {"text", "tool_use"},
         "tool_use"},
        {"parallel calls",
         "sim-claude",
         with_claude_tools(),
         claude_user("get_weather in Oslo and get_time"),
         {"text", "tool_use", "tool_use"},
         "tool_use"},
        {"a forced call",
         "sim-claude",
         with_claude_tools(R"(,"tool_choice":{"type":"any"})"),
         kClaudeHi,
         {"tool_use"},
         "tool_use"},
        {"a call that a limit cuts",
         "sim-claude",
         with_claude_tools(R"(,"tool_choice":{"type":"any"},"max_tokens":1)"),
         kClaudeHi,
         {"tool_use"},
         "max_tokens"},
        {"thoughts that show", "sim-claude", shown, kClaudeHi, {"thinking", "text"}, "end_turn"},
        {"thoughts that do not",
         "claude-opus-5-5",
         "",
         kClaudeHi,
         {"thinking", "text"},
         "end_turn"},
        {"a budget",
         "sim-claude-budget",
         R"(,"thinking":{"type":"enabled","budget_tokens":1024})",
         kClaudeHi,
         {"thinking", "text"},
         "end_turn"},
        {"thoughts before calls",
         "sim-claude",
         with_claude_tools(shown),
         claude_user("get_weather in Oslo, get_time"),
         {"thinking", "text", "tool_use", "tool_use"},
         "tool_use"},
        {"redacted thoughts",
         "sim-claude",
         shown,
         claude_user(kRedactedMagic),
         {"redacted_thinking", "text"},
         "end_turn"},
        {"a refusal",
         "sim-claude",
         "",
         claude_user("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL"),
         {},
         "refusal"},
        {"structured output",
         "sim-claude",
         format,
         claude_user("Who is Ada?"),
         {"text"},
         "end_turn"},
        {"a marked prompt",
         "sim-claude",
         R"(,"cache_control":{"type":"ephemeral"})",
         claude_user(std::string(8 * 1100, 'x')),
         {"text"},
         "end_turn"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plain = ask_claude(claude_body(c.model, c.rest, c.messages));
            const Plan stream =
                ask_claude(claude_body(c.model, c.rest + R"(,"stream":true)", c.messages));
            REQUIRE(plain.status == 200);
            REQUIRE(stream.status == 200);
            CHECK(stream.framing == Framing::Chunked);
            CHECK(stream.headers.find("content-type") == "text/event-stream; charset=utf-8");
            CHECK(stream.headers.find("anthropic-ratelimit-requests-limit") == "4000");
            const json message = body_of(plain);
            CHECK(assemble_message(events_of(stream)) == message);
            CHECK(types_of(message) == c.types);
            CHECK(message["stop_reason"] == c.stop_reason);
        }
    }
}

TEST_CASE("simulated: an Anthropic stream has the vendor's events", "[simulated]") {
    const std::string rest = with_claude_tools(R"(,"stream":true)") + kAdaptive;
    const auto events = events_of(ask_claude(
        claude_body("sim-claude", rest, claude_user("get_weather in Oslo, then get_time"))));
    SECTION("it begins with a message of one token") {
        CHECK(events[0]["message"]["usage"]["output_tokens"] == 1);
        CHECK(events[0]["message"]["usage"]["input_tokens"].get<int>() > 10);
        CHECK(events[1]["content_block"] ==
              json({{"type", "thinking"}, {"thinking", ""}, {"signature", ""}}));
        CHECK(events[2] == json({{"type", "ping"}}));
    }
    SECTION("calls begin empty") {
        std::vector<std::string> first_fragments;
        for (std::size_t i = 0; i + 1 < events.size(); ++i) {
            if (events[i]["type"] != "content_block_start") continue;
            if (events[i]["content_block"]["type"] != "tool_use") continue;
            CHECK(events[i]["content_block"]["input"] == json::object());
            CHECK(events[i]["content_block"]["id"].get<std::string>().starts_with("toolu_"));
            first_fragments.push_back(events[i + 1]["delta"]["partial_json"]);
        }
        CHECK(first_fragments == std::vector<std::string>{"", ""});
    }
    SECTION("a call without arguments has no other fragment") {
        CHECK(events[events.size() - 4]["delta"] ==
              json({{"type", "input_json_delta"}, {"partial_json", ""}}));
        CHECK(events[events.size() - 3]["type"] == "content_block_stop");
    }
    SECTION("the usage at the end is whole") {
        const json& usage = events[events.size() - 2]["usage"];
        CHECK(usage["input_tokens"] == events[0]["message"]["usage"]["input_tokens"]);
        CHECK(usage["output_tokens"].get<int>() > 10);
        CHECK(usage["output_tokens_details"]["thinking_tokens"].get<int>() > 0);
    }
    SECTION("a refusal says why at the end") {
        const auto refused = events_of(
            ask_claude(claude_body("sim-claude", R"(,"stream":true)",
                                   claude_user("ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL"))));
        REQUIRE(refused.size() == 3);
        CHECK(refused[1]["delta"]["stop_details"] ==
              json({{"type", "refusal"},
                    {"category", "general_harms"},
                    {"explanation", "The request asks for what the model will not do."}}));
    }
}

TEST_CASE("simulated: Anthropic calls the tools that it should", "[simulated]") {
    struct Case {
        const char* name;
        std::string rest;
        std::string messages;
        std::vector<std::string> called;
    };
    const Case cases[] = {
        {"named by the user", "", claude_user("call get_weather"), {"get_weather"}},
        {"not named", "", kClaudeHi, {}},
        {"any", R"(,"tool_choice":{"type":"any"})", kClaudeHi, {"get_weather"}},
        {"one by name",
         R"(,"tool_choice":{"type":"tool","name":"get_time"})",
         claude_user("call get_weather"),
         {"get_time"}},
        {"none", R"(,"tool_choice":{"type":"none"})", claude_user("call get_weather"), {}},
        {"one at a time",
         R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true})",
         claude_user("get_time, get_weather"),
         {"get_time"}},
        {"in the order of the text",
         "",
         claude_user("get_time, then get_weather"),
         {"get_time", "get_weather"}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const json message = body_of(
                ask_claude(claude_body("sim-claude", with_claude_tools(c.rest), c.messages)));
            std::vector<std::string> called;
            std::set<std::string> ids;
            for (const json& block : message["content"]) {
                if (block["type"] != "tool_use") continue;
                called.push_back(block["name"]);
                ids.insert(block["id"].get<std::string>());
            }
            CHECK(called == c.called);
            CHECK(ids.size() == called.size());
        }
    }
    SECTION("arguments fit the schema and the prompt, and the result is told") {
        const std::string messages = claude_user("Please get_weather in Oslo");
        const json call =
            body_of(ask_claude(claude_body("sim-claude", with_claude_tools(), messages)));
        CHECK(call["content"][0]["text"] == "I will use get_weather.");
        CHECK(call["content"][1]["input"] == json({{"city", "Oslo"}}));
        const json result = {{{"type", "tool_result"},
                              {"tool_use_id", call["content"][1]["id"]},
                              {"content", json::array({{{"type", "text"}, {"text", "sunny"}}})}}};
        const json reply = body_of(ask_claude(claude_body(
            "sim-claude", with_claude_tools(), continued(messages, call, result.dump()))));
        CHECK(reply["stop_reason"] == "end_turn");
        CHECK(reply["content"][0]["text"].get<std::string>().starts_with(
            "The tool answered: sunny\n"));
    }
    SECTION("a server tool is not the client's to run") {
        const json reply = body_of(ask_claude(claude_body(
            "sim-claude", R"(,"tools":[{"type":"web_search_20250305","name":"web_search"}])",
            claude_user("use web_search"))));
        CHECK(types_of(reply) == std::vector<std::string>{"text"});
    }
}

TEST_CASE("simulated: signed thoughts come back unchanged or not at all", "[simulated]") {
    const std::string messages = claude_user("Please get_weather in Oslo");
    const std::string model = GENERATE("claude-opus-5-5", "claude-sonnet-5-5", "sim-claude");
    CAPTURE(model);
    const std::string rest = with_claude_tools(kAdaptive);
    const json reply = body_of(ask_claude(claude_body(model, rest, messages)));
    REQUIRE(reply["content"][0]["type"] == "thinking");
    const json result = {{{"type", "tool_result"},
                          {"tool_use_id", reply["content"].back()["id"]},
                          {"content", "sunny"}}};
    const std::string next = continued(messages, reply, result.dump());
    const char* const invalid = "messages.1.content.0: Invalid `signature` in `thinking` block";
    const std::string other_conversation =
        std::string(invalid) + ". The block is bound to a different conversation.";
    const bool is_bound = model != "sim-claude";

    SECTION("unchanged") {
        CHECK(ask_claude(claude_body(model, rest, next)).status == 200);
    }
    SECTION("and the next ones too") {
        const json second = body_of(ask_claude(claude_body(model, rest, next)));
        REQUIRE(second["content"][0]["type"] == "thinking");
        const std::string third =
            continued(next, second, R"([{"type":"text","text":"Thank you"}])");
        CHECK(ask_claude(claude_body(model, rest, third)).status == 200);
    }
    SECTION("with a changed text") {
        json changed = json::parse(next);
        changed[1]["content"][0]["thinking"] = "Something else";
        CHECK(message_of_error(ask_claude(claude_body(model, rest, changed.dump()))) == invalid);
    }
    SECTION("with a cut signature") {
        json changed = json::parse(next);
        changed[1]["content"][0]["signature"].get_ref<std::string&>().pop_back();
        CHECK(message_of_error(ask_claude(claude_body(model, rest, changed.dump()))) == invalid);
    }
    SECTION("at another model") {
        CHECK(message_of_error(ask_claude(claude_body("claude-haiku-5-5", rest, next))) == invalid);
    }
    SECTION("with marks for the cache, and other spelling of the same") {
        json changed = json::parse(next);
        changed[0]["content"] = json::array({{{"type", "text"},
                                              {"text", "Please get_weather in Oslo"},
                                              {"cache_control", {{"type", "ephemeral"}}}}});
        CHECK(ask_claude(claude_body(model, rest, changed.dump())).status == 200);
    }
    SECTION("after a changed history") {
        json changed = json::parse(next);
        changed[0]["content"] = "Please get_weather in Rome";
        const Plan plan = ask_claude(claude_body(model, rest, changed.dump()));
        REQUIRE(plan.status == (is_bound ? 400 : 200));
        if (is_bound) CHECK(message_of_error(plan) == other_conversation);
    }
    SECTION("under another system prompt") {
        const Plan plan = ask_claude(claude_body(model, rest + R"(,"system":"Be brief.")", next));
        REQUIRE(plan.status == (is_bound ? 400 : 200));
        if (is_bound) CHECK(message_of_error(plan) == other_conversation);
    }
    SECTION("after a changed history, where the client has them dropped") {
        json changed = json::parse(next);
        changed[0]["content"] = "Please get_weather in Rome";
        const std::string drop = R"(,"thinking":{"type":"adaptive","block_binding":)"
                                 R"({"prefix_mismatch_behavior":"drop_block"}})";
        http::Request request = claude_post(
            "/anthropic/v1/messages", claude_body(model, with_claude_tools(drop), changed.dump()));
        request.headers.add("anthropic-beta", "thinking-binding-controls-2026-08-01");
        CHECK(ask_claude(request).status == 200);
    }
    SECTION("with another key") {
        http::Request request =
            claude_post("/anthropic/v1/messages", claude_body(model, rest, next));
        request.headers.set("x-api-key", "sk-ant-other");
        CHECK(ask_claude(request).status == (model == "claude-sonnet-5-5" ? 400 : 200));
    }
}

TEST_CASE("simulated: redacted thoughts come back unchanged or not at all", "[simulated]") {
    const std::string messages = claude_user(kRedactedMagic);
    const json reply = body_of(ask_claude(claude_body("sim-claude-adaptive", kAdaptive, messages)));
    REQUIRE(reply["content"][0]["type"] == "redacted_thinking");
    json next = json::parse(continued(messages, reply, R"([{"type":"text","text":"And?"}])"));
    CHECK(ask_claude(claude_body("sim-claude-adaptive", kAdaptive, next.dump())).status == 200);
    next[1]["content"][0]["data"] = "Zm9v";
    CHECK(
        message_of_error(ask_claude(claude_body("sim-claude-adaptive", kAdaptive, next.dump()))) ==
        "messages.1.content.0: Invalid `data` in `redacted_thinking` block");
}

TEST_CASE("simulated: Claude thinks when it should", "[simulated]") {
    struct Case {
        const char* name;
        const char* model;
        const char* thinking;
        bool thinks;
        bool shows;
    };
    const Case cases[] = {
        {"the newest by default, unseen", "claude-opus-5-5", "", true, false},
        {"the newest, seen", "claude-opus-5-5",
         R"(,"thinking":{"type":"adaptive","display":"summarized"})", true, true},
        {"Opus 4.6 when asked", "claude-opus-4-6", kAdaptive, true, true},
        {"Opus 4.6 not by default", "claude-opus-4-6", "", false, false},
        {"Haiku 5.5 not when told so", "claude-haiku-5-5", R"(,"thinking":{"type":"disabled"})",
         false, false},
        {"a budget, unseen", "claude-sonnet-4-5",
         R"(,"thinking":{"type":"enabled","budget_tokens":1024,"display":"omitted"})", true, false},
        {"between tools, but there are none", "sim-claude-between",
         R"(,"thinking":{"type":"between_tools"})", false, false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const json reply = body_of(ask_claude(claude_body(c.model, c.thinking)));
            const json& first = reply["content"][0];
            CHECK((first["type"] == "thinking") == c.thinks);
            CHECK((reply["usage"]["output_tokens_details"]["thinking_tokens"] != 0) == c.thinks);
            if (!c.thinks) return;
            CHECK(first["thinking"].get<std::string>().empty() != c.shows);
            CHECK_FALSE(first["signature"].get<std::string>().empty());
        }
    }
}

TEST_CASE("simulated: the cache has what was marked and said before", "[simulated]") {
    const std::string long_text(8 * 2000, 'x');
    const std::string mark = R"("cache_control":{"type":"ephemeral")";
    const auto usage_of = [&](const std::string& rest, const std::string& messages) {
        return body_of(ask_claude(claude_body("sim-claude", rest, messages)))["usage"];
    };
    const std::string system = R"(,"system":[{"type":"text","text":")" + long_text + "\"";
    SECTION("without a mark nothing is cached") {
        const json usage = usage_of(system + "}]", kClaudeHi);
        CHECK(usage["input_tokens"] == 2005);
        CHECK(usage["cache_creation_input_tokens"] == 0);
    }
    SECTION("the first call writes") {
        const json usage = usage_of(system + "," + mark + "}}]", kClaudeHi);
        CHECK(usage["input_tokens"] == 5);
        CHECK(usage["cache_creation_input_tokens"] == 2000);
        CHECK(usage["cache_creation"] ==
              json({{"ephemeral_5m_input_tokens", 2000}, {"ephemeral_1h_input_tokens", 0}}));
        CHECK(usage["cache_read_input_tokens"] == 0);
    }
    SECTION("for an hour, when asked") {
        const json usage = usage_of(system + "," + mark + R"(,"ttl":"1h"}}])", kClaudeHi);
        CHECK(usage["cache_creation"]["ephemeral_1h_input_tokens"] == 2000);
    }
    SECTION("a later call reads what was there, and writes the rest") {
        const json usage =
            usage_of(system + "}]," + mark + "}",
                     R"([{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"},)"
                     R"({"role":"user","content":"And?"}])");
        CHECK(usage["cache_read_input_tokens"] == 2004);
        CHECK(usage["cache_creation_input_tokens"] == 8);
        CHECK(usage["input_tokens"] == 0);
    }
    SECTION("what is short is not cached") {
        const json usage = usage_of("," + mark + "}", kClaudeHi);
        CHECK(usage["input_tokens"] == 5);
        CHECK(usage["cache_creation_input_tokens"] == 0);
    }
}

TEST_CASE("simulated: Anthropic counts tokens without a limit", "[simulated]") {
    const auto count = [](const std::string& rest, const std::string& messages) {
        return ask_claude(
            claude_post("/anthropic/v1/messages/count_tokens",
                        R"({"model":"sim-claude","messages":)" + messages + rest + "}"));
    };
    CHECK(body_of(count("", kClaudeHi)) == json({{"input_tokens", 5}}));
    CHECK(body_of(count(R"(,"system":"Be brief.")", kClaudeHi))["input_tokens"] == 7);
    CHECK(body_of(count(with_claude_tools(), kClaudeHi))["input_tokens"].get<int>() > 30);
    CHECK(body_of(count("", R"([{"role":"user","content":[{"type":"image","source":)"
                            R"({"type":"url","url":"https://example.com/a.png"}}]}])")) ==
          json({{"input_tokens", 1603}}));
    CHECK(body_of(count("", R"([{"role":"user","content":[{"type":"document","source":)"
                            R"({"type":"base64","media_type":"application/pdf","data":"AAAA"}},)"
                            R"({"type":"text","text":"What?"}]}])")) ==
          json({{"input_tokens", 2004}}));
    CHECK(message_of_error(count(R"(,"max_tokens":1)", kClaudeHi)) ==
          "max_tokens: Extra inputs are not permitted");
    CHECK(message_of_error(count("", R"([{"role":"user","content":""}])")) ==
          "messages.0: all messages must have non-empty content except for the optional final "
          "assistant message");
}

TEST_CASE("simulated: Anthropic lists its models page by page", "[simulated]") {
    const auto page = [](const std::string& query) {
        return body_of(ask_claude(claude_get("/anthropic/v1/models" + query)));
    };
    const json all = page("");
    CHECK(all["has_more"] == false);
    CHECK(all["first_id"] == "claude-opus-5-5");
    CHECK(all["last_id"] == all["data"].back()["id"]);
    CHECK(all["data"][0]["type"] == "model");
    CHECK(all["data"][0]["display_name"] == "Claude Opus 5.5");
    CHECK(all["data"][0]["max_input_tokens"] == 1'000'000);
    CHECK(all["data"][0]["max_tokens"] == 128'000);
    CHECK(all["data"][0]["capabilities"]["thinking"]["types"]["enabled"]["supported"] == false);
    const json first = page("?limit=2");
    CHECK(first["has_more"] == true);
    CHECK(first["data"].size() == 2);
    const json second = page("?limit=2&after_id=" + first["last_id"].get<std::string>());
    CHECK(second["data"][0]["id"] == all["data"][2]["id"]);
    const json back = page("?limit=2&before_id=" + all["data"][3]["id"].get<std::string>());
    CHECK(back["first_id"] == all["data"][1]["id"]);
    CHECK(back["last_id"] == all["data"][2]["id"]);
    CHECK(page("?limit=0")["error"]["message"] == "limit: Input should be between 1 and 1000");
    CHECK(body_of(ask_claude(claude_get("/anthropic/v1/models/claude-opus-4-5")))["id"] ==
          "claude-opus-4-5");
}

TEST_CASE("simulated: the same Claude answers the same request alike", "[simulated]") {
    const http::Request request = claude_post("/anthropic/v1/messages", claude_body("sim-claude"));
    const VendorOptions other_seed{.seed = 2};
    CHECK(ask_claude(request) == ask_claude(request));
    CHECK(ask_claude(request) != make_anthropic(other_seed)->answer(request, kNow));
    CHECK(body_of(ask_claude(claude_body("sim-tokens-500")))["usage"]["output_tokens"] == 500);
    CHECK(body_of(ask_claude(claude_body("sim-claude", R"(,"frobnicate":1,"x_echo":true)")))
              .at("x_echo") == json({{"frobnicate", 1}}));
}

TEST_CASE("simulated: faults are told in Anthropic's words", "[simulated]") {
    struct Case {
        const char* name;
        int status;
        const char* type;
    };
    const Case cases[] = {
        {"400", 400, "invalid_request_error"},
        {"401", 401, "authentication_error"},
        {"402", 402, "billing_error"},
        {"403", 403, "permission_error"},
        {"404", 404, "not_found_error"},
        {"413", 413, "request_too_large"},
        {"429", 429, "rate_limit_error"},
        {"429-quota", 400, "invalid_request_error"},
        {"500", 500, "api_error"},
        {"503", 503, "api_error"},
        {"504", 504, "timeout_error"},
        {"529", 529, "overloaded_error"},
    };
    Simulator simulator({});
    const auto faulty = [&](const std::string& name, bool is_stream) {
        const std::string rest = is_stream ? R"(,"stream":true)" : "";
        return simulator.answer(
            claude_post("/anthropic/v1/messages", claude_body("sim-fault-" + name, rest)), kNow);
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = faulty(c.name, true);
            CHECK(plan.status == c.status);
            CHECK(body_of(plan)["type"] == "error");
            CHECK(body_of(plan)["error"]["type"] == c.type);
            CHECK(plan.headers.find("request-id") ==
                  body_of(plan)["request_id"].get<std::string>());
        }
    }
    SECTION("too many requests tell when to come back") {
        const Plan plan = faulty("429", false);
        CHECK(plan.headers.find("retry-after") == "2");
        for (const std::string window : {"requests", "tokens", "input-tokens", "output-tokens"}) {
            const std::string name = "anthropic-ratelimit-" + window;
            CHECK(plan.headers.find(name + "-limit"));
            CHECK(plan.headers.find(name + "-remaining") == "0");
            CHECK(plan.headers.find(name + "-reset") == "2025-11-20T09:13:22Z");
        }
        CHECK(faulty("529", false).headers.find("retry-after"));
        CHECK_FALSE(faulty("429-quota", false).headers.find("retry-after"));
    }
    SECTION("in mid-stream an event tells it") {
        const auto events = events_of(faulty("error-event", true));
        CHECK(events.back()["error"] ==
              json({{"type", "overloaded_error"}, {"message", "Overloaded"}}));
        CHECK(events.front()["type"] == "message_start");
    }
    SECTION("without its end a stream lacks message_stop") {
        CHECK(events_of(faulty("no-done", true)).back()["type"] == "message_delta");
    }
    SECTION("a key in x-api-key asks for one too") {
        http::Request request = claude_post("/anthropic/v1/messages", claude_body("sim-claude"));
        request.headers.set("x-api-key", "sk-fault-529");
        CHECK(simulator.answer(request, kNow).status == 529);
    }
}
