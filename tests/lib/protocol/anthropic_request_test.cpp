#include "protocol/anthropic_request.h"

#include <catch2/catch.hpp>

#include "tests/lib/protocol/request_conversion.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::tests;

namespace {

Result<ChatRequest> read(std::string_view body, MaxTokens max_tokens = MaxTokens::Required) {
    JsonTree tree;
    const JsonValue root = TRY(tree.parse(body));
    Losses losses;
    return read_anthropic_request(root, max_tokens, losses);
}

ChatRequest must_read(std::string_view body) {
    auto request = read(body);
    INFO((request ? "" : request.error().message));
    REQUIRE(request);
    return *std::move(request);
}

Place content(std::int32_t message, std::int32_t part = -1, std::int32_t nested = -1) {
    return {.list = Place::List::Messages,
            .inside = Place::Inside::Content,
            .index = message,
            .part = part,
            .nested = nested};
}

}  // namespace

TEST_CASE("anthropic requests: every field finds its place", "[protocol][conversion]") {
    const ChatRequest request = must_read(R"({
        "model": "claude-x", "max_tokens": 32000, "stream": true,
        "system": [{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral","ttl":"1h"}}],
        "messages": [{"role":"user","content":"Hi"}],
        "temperature": 0.50, "top_p": 1.0, "top_k": 40, "stop_sequences": ["a", "b"],
        "thinking": {"type":"enabled","budget_tokens":2048,"display":"summarized"},
        "output_config": {"effort":"xhigh","format":{"type":"json_schema","schema":{"type": "object"}}},
        "metadata": {"user_id":"u1"}, "service_tier": "standard_only",
        "cache_control": {"type":"ephemeral"},
        "tools": [{"name":"f","description":"F","input_schema":{"b": 1, "a": 2},"strict":true}],
        "tool_choice": {"type":"tool","name":"f","disable_parallel_tool_use":true},
        "mcp_servers": [{"name":"x"}], "unknown": 1})");
    CHECK(request.protocol == Protocol::Anthropic);
    CHECK(request.model == "claude-x");
    CHECK(request.max_tokens == 32000);
    CHECK(request.is_stream);
    CHECK(request.wants_usage);
    REQUIRE(request.messages.size() == 2);
    CHECK(request.messages[0].role == Role::System);
    CHECK(request.messages[0].parts[0].cache == CacheMark{"1h"});
    CHECK(path_of(request.messages[0].parts[0].place) == "system[0]");
    CHECK(path_of(request.messages[1].parts[0].place) == "messages[0].content");
    CHECK(request.temperature == Number{0.5, "0.50"});
    CHECK(request.top_p == Number{1, "1.0"});
    CHECK(request.top_k == Number{40, "40"});
    CHECK(request.stop == std::vector<std::string>{"a", "b"});
    CHECK(request.reasoning == Reasoning{.mode = Reasoning::Mode::Budget,
                                         .budget = 2048,
                                         .display = "summarized",
                                         .effort = Effort::Xhigh});
    CHECK(request.format == ResponseFormat{.kind = ResponseFormat::Kind::JsonSchema,
                                           .schema = R"({"type":"object"})"});
    CHECK(request.user == "u1");
    CHECK(request.service_tier == ServiceTier::Standard);
    CHECK(request.cache == CacheMark{});
    CHECK(request.tools == std::vector<Tool>{{.name = "f",
                                              .description = "F",
                                              .parameters = R"({"b":1,"a":2})",
                                              .is_strict = true}});
    CHECK(request.tool_choice == ToolChoice{.mode = ToolChoice::Mode::Named, .name = "f"});
    CHECK(request.parallel_calls == false);
    CHECK(request.extras == std::vector<ExtraField>{{"mcp_servers", R"([{"name":"x"}])"}});
}

TEST_CASE("anthropic requests: null means the same as absent", "[protocol][conversion]") {
    const ChatRequest plain = must_read(anthropic_ask(""));
    const ChatRequest nulls = must_read(anthropic_ask(
        R"("system":null,"stop_sequences":null,"temperature":null,"top_p":null,"top_k":null,
           "thinking":null,"output_config":null,"output_format":null,"metadata":null,
           "service_tier":null,"tools":null,"tool_choice":null,"stream":null,"cache_control":null,
           "mcp_servers":null,"container":null)"));
    CHECK(nulls == plain);
}

TEST_CASE("anthropic requests: counting tokens needs no limit", "[protocol][conversion]") {
    const std::string body = R"({"model":"c","messages":[{"role":"user","content":"Hi"}]})";
    const auto counted = read(body, MaxTokens::Optional);
    REQUIRE(counted);
    CHECK_FALSE(counted->max_tokens);
    const auto refused = read(body);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "max_tokens is missing: it must be a whole number");
    CHECK(refused.error().param == "max_tokens");
    CHECK(refused.error().wire_code == "invalid_value");
}

TEST_CASE("anthropic requests: a limit of nothing is kept for the one who answers",
          "[protocol][conversion]") {
    CHECK(must_read(R"({"max_tokens":0,"messages":[{"role":"user","content":"Hi"}]})").max_tokens ==
          0);
}

TEST_CASE("anthropic requests: every kind of block is read", "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* role;
        const char* block;
        Part want;
    };
    const Media png{.media_type = "image/png", .data = "AAAA"};
    const Case cases[] = {
        {"text", "user", R"({"type":"text","text":"a","citations":[]})", text_part("a")},
        {"a cache mark",
         "user",
         R"({"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"5m"}})",
         {.value = TextPart{"a"}, .cache = CacheMark{"5m"}}},
        {"an image's bytes",
         "user",
         R"({"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}})",
         {.value = ImagePart{.media = png}}},
        {"an image's address",
         "user",
         R"({"type":"image","source":{"type":"url","url":"https://x/y"}})",
         {.value = ImagePart{.media = {.source = Media::Source::Url, .data = "https://x/y"}}}},
        {"an image's file",
         "user",
         R"({"type":"image","source":{"type":"file","file_id":"f1"}})",
         {.value = ImagePart{.media = {.source = Media::Source::FileId, .data = "f1"}}}},
        {"a document's bytes",
         "user",
         R"({"type":"document","title":"T","context":"C","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}})",
         {.value = DocumentPart{.media = {.media_type = "application/pdf", .data = "JVBE"},
                                .title = "T",
                                .context = "C"}}},
        {"a document's text",
         "user",
         R"({"type":"document","source":{"type":"text","media_type":"text/plain","data":"a"}})",
         {.value = DocumentPart{.media = {.source = Media::Source::Text,
                                          .media_type = "text/plain",
                                          .data = "a"}}}},
        {"a document of blocks",
         "user",
         R"({"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}})",
         {.value = DocumentPart{.media = {.source = Media::Source::Text,
                                          .media_type = "text/plain",
                                          .data = "a\nb"}}}},
        {"thinking",
         "assistant",
         R"({"type":"thinking","thinking":"t","signature":"s"})",
         {.value = ThinkingPart{"t", "s"}}},
        {"redacted thinking",
         "assistant",
         R"({"type":"redacted_thinking","data":"d"})",
         {.value = RedactedThinkingPart{"d"}}},
        {"a call keeps digits and order",
         "assistant",
         R"({"type":"tool_use","id":"c","name":"f","input":{"id": 9007199254740993, "b": 1, "a": 1.0}})",
         {.value = CallPart{.id = "c",
                            .name = "f",
                            .arguments = R"({"id":9007199254740993,"b":1,"a":1.0})"}}},
        {"a call with null",
         "assistant",
         R"({"type":"tool_use","id":"c","name":"f","input":null})",
         {.value = CallPart{.id = "c", .name = "f", .arguments = "{}"}}},
        {"a call without input",
         "assistant",
         R"({"type":"tool_use","id":"c","name":"f"})",
         {.value = CallPart{.id = "c", .name = "f", .arguments = "{}"}}},
        {"a result of text",
         "user",
         R"({"type":"tool_result","tool_use_id":"c","content":"a","is_error":true})",
         {.value = ResultPart{.call_id = "c", .is_error = true, .content = {text_part("a")}}}},
        {"a result of nothing",
         "user",
         R"({"type":"tool_result","tool_use_id":"c","content":null})",
         {.value = ResultPart{.call_id = "c", .content = {}}}},
        {"a result of blocks",
         "user",
         R"({"type":"tool_result","tool_use_id":"c","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}}]})",
         {.value = ResultPart{.call_id = "c",
                              .content = {text_part("a"), {.value = ImagePart{.media = png}}}}}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const ChatRequest request = must_read(anthropic_body(
                std::string(R"([{"role":")") + c.role + R"(","content":[)" + c.block + "]}]"));
            REQUIRE(request.messages.size() == 1);
            REQUIRE(request.messages[0].parts.size() == 1);
            CHECK(request.messages[0].parts[0] == c.want);
            CHECK(request.messages[0].parts[0].place == content(0, 0));
        }
    }
}

TEST_CASE("anthropic requests: blocks of the vendor's own say in words what they are",
          "[protocol][conversion]") {
    struct Case {
        const char* name;
        const char* block;
        const char* want;
    };
    const Case cases[] = {
        {"a search",
         R"({"type":"server_tool_use","id":"s","name":"web_search","input":{"query": "x"}})",
         R"([web_search {"query":"x"}])"},
        {"what it found",
         R"({"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"web_search_result","title":"T","url":"https://x","encrypted_content":"zzz","page_age":"1d"}]})",
         "T\nhttps://x"},
        {"that it failed",
         R"({"type":"web_search_tool_result","tool_use_id":"s","content":{"type":"web_search_tool_result_error","error_code":"max_uses_exceeded"}})",
         "max_uses_exceeded"},
        {"a fetched page",
         R"({"type":"web_fetch_tool_result","tool_use_id":"s","content":{"type":"web_fetch_result","url":"https://x","content":{"type":"document","source":{"type":"text","media_type":"text/plain","data":"page"},"title":"T"}}})",
         "https://x\npage\nT"},
        {"fetched bytes",
         R"({"type":"web_fetch_tool_result","tool_use_id":"s","content":{"type":"web_fetch_result","url":"https://x","content":{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBE"}}}})",
         "https://x\napplication/pdf"},
        {"code that ran",
         R"({"type":"code_execution_tool_result","tool_use_id":"s","content":{"type":"code_execution_result","stdout":"1","stderr":"","return_code":0,"content":[]}})",
         "1"},
        {"nothing to say",
         R"({"type":"bash_code_execution_tool_result","tool_use_id":"s","content":{"type":"bash_code_execution_result","stdout":"","return_code":0}})",
         "[bash_code_execution_tool_result]"},
        {"another server's tool",
         R"({"type":"mcp_tool_use","id":"s","name":"q","server_name":"x","input":{}})", "[q {}]"},
        {"its answer",
         R"({"type":"mcp_tool_result","tool_use_id":"s","is_error":false,"content":[{"type":"text","text":"a"}]})",
         "a"},
        {"a summary", R"({"type":"compaction","content":"so far"})", "so far"},
        {"a search result",
         R"({"type":"search_result","content":[{"type":"text","text":"a"}],"source":"https://x","title":"T"})",
         "T\nhttps://x\na"},
        {"a file in a container", R"({"type":"container_upload","file_id":"f1"})", "[file f1]"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const ChatRequest request = must_read(anthropic_body(
                std::string(R"([{"role":"assistant","content":[)") + c.block + "]}]"));
            const auto* part = request.messages.at(0).parts.at(0).as<VendorPart>();
            REQUIRE(part != nullptr);
            CHECK(part->text == c.want);
            CHECK(part->json == c.block);
        }
    }
}

TEST_CASE("anthropic requests: what the protocol forbids is refused and named",
          "[protocol][conversion]") {
    struct Case {
        const char* name;
        std::string body;
        const char* message;
        const char* param;
    };
    const auto blocks = [](const char* role, const char* block) {
        return anthropic_body(std::string(R"([{"role":")") + role + R"(","content":[)" + block +
                              "]}]");
    };
    const Case cases[] = {
        {"an array", "[]", "the body must be an object, not an array", ""},
        {"no limit", R"({"messages":[]})", "max_tokens is missing: it must be a whole number",
         "max_tokens"},
        {"a negative limit", R"({"max_tokens":-1})", "max_tokens must be at least 0", "max_tokens"},
        {"half a token", R"({"max_tokens":1.5})", "max_tokens must be a whole number, not a number",
         "max_tokens"},
        {"a limit in words", R"({"max_tokens":"9"})",
         "max_tokens must be a whole number, not a string", "max_tokens"},
        {"no messages", R"({"max_tokens":9})", "messages is missing: it must be an array",
         "messages"},
        {"empty messages", anthropic_body("[]"), "messages must have at least one message",
         "messages"},
        {"a message that is none", anthropic_body("[1]"),
         "messages[0] must be an object, not a number", "messages[0]"},
        {"no role", anthropic_body(R"([{"content":"a"}])"),
         "messages[0].role is missing: it must be a string", "messages[0].role"},
        {"another role", anthropic_body(R"([{"role":"tool","content":"a"}])"),
         "messages[0].role must be one of user, assistant, system", "messages[0].role"},
        {"no content", anthropic_body(R"([{"role":"user"}])"),
         "messages[0].content is missing: it must be a string or an array of blocks",
         "messages[0].content"},
        {"content of another kind", anthropic_body(R"([{"role":"user","content":{}}])"),
         "messages[0].content must be a string or an array of blocks, not an object",
         "messages[0].content"},
        {"a block that is none", blocks("user", "null"),
         "messages[0].content[0] is missing: it must be an object", "messages[0].content[0]"},
        {"a block without type", blocks("user", "{}"),
         "messages[0].content[0].type is missing: it must be a string",
         "messages[0].content[0].type"},
        {"a kind nobody knows", blocks("user", R"({"type":"hologram"})"),
         "messages[0].content[0].type is no kind of block that is known",
         "messages[0].content[0].type"},
        {"a call by the user", blocks("user", R"({"type":"tool_use","id":"a","name":"f"})"),
         "messages[0].content[0].type is a kind of block that a user's message can't hold",
         "messages[0].content[0].type"},
        {"a result by the assistant",
         blocks("assistant", R"({"type":"tool_result","tool_use_id":"a"})"),
         "messages[0].content[0].type is a kind of block that an assistant's message can't hold",
         "messages[0].content[0].type"},
        {"an image in the system prompt", anthropic_ask(R"("system":[{"type":"image"}])"),
         "system[0].type is a kind of block that a system prompt can't hold", "system[0].type"},
        {"a call in a result",
         blocks("user",
                R"({"type":"tool_result","tool_use_id":"a","content":[{"type":"tool_use"}]})"),
         "messages[0].content[0].content[0].type is a kind of block that a tool's result can't "
         "hold",
         "messages[0].content[0].content[0].type"},
        {"text of another kind", blocks("user", R"({"type":"text","text":1})"),
         "messages[0].content[0].text must be a string, not a number",
         "messages[0].content[0].text"},
        {"an image without source", blocks("user", R"({"type":"image","source":"x"})"),
         "messages[0].content[0].source must be an object, not a string",
         "messages[0].content[0].source"},
        {"a source of another kind", blocks("user", R"({"type":"image","source":{"type":"x"}})"),
         "messages[0].content[0].source.type must be one of base64, url, text, content, file",
         "messages[0].content[0].source.type"},
        {"an image of text",
         blocks("user", R"({"type":"image","source":{"type":"text","data":"x"}})"),
         "messages[0].content[0].source.type must be one of base64, url, file",
         "messages[0].content[0].source.type"},
        {"an image without data", blocks("user", R"({"type":"image","source":{"type":"base64"}})"),
         "messages[0].content[0].source.data is missing: it must be a string",
         "messages[0].content[0].source.data"},
        {"a call without name", blocks("assistant", R"({"type":"tool_use","id":"a"})"),
         "messages[0].content[0].name is missing: it must be a string",
         "messages[0].content[0].name"},
        {"a call with a list",
         blocks("assistant", R"({"type":"tool_use","id":"a","name":"f","input":[]})"),
         "messages[0].content[0].input must be an object, not an array",
         "messages[0].content[0].input"},
        {"a result without call", blocks("user", R"({"type":"tool_result"})"),
         "messages[0].content[0].tool_use_id is missing: it must be a string",
         "messages[0].content[0].tool_use_id"},
        {"an error in words",
         blocks("user", R"({"type":"tool_result","tool_use_id":"a","is_error":"yes"})"),
         "messages[0].content[0].is_error must be a boolean, not a string",
         "messages[0].content[0].is_error"},
        {"a mark in words", blocks("user", R"({"type":"text","text":"a","cache_control":"yes"})"),
         "messages[0].content[0].cache_control must be an object, not a string",
         "messages[0].content[0].cache_control"},
        {"heat", anthropic_ask(R"("temperature":1.5)"), "temperature must be between 0 and 1",
         "temperature"},
        {"heat in words", anthropic_ask(R"("temperature":"hot")"),
         "temperature must be a number, not a string", "temperature"},
        {"top_k", anthropic_ask(R"("top_k":-1)"), "top_k must be a whole number of at least 0",
         "top_k"},
        {"a single stop", anthropic_ask(R"("stop_sequences":"a")"),
         "stop_sequences must be an array of strings, not a string", "stop_sequences"},
        {"a stop that is none", anthropic_ask(R"("stop_sequences":["a",null])"),
         "stop_sequences[1] is missing: it must be a string", "stop_sequences[1]"},
        {"thinking in words", anthropic_ask(R"("thinking":"hard")"),
         "thinking must be an object, not a string", "thinking"},
        {"another thinking", anthropic_ask(R"("thinking":{"type":"hard"})"),
         "thinking.type must be one of enabled, adaptive, disabled", "thinking.type"},
        {"thinking without budget", anthropic_ask(R"("thinking":{"type":"enabled"})"),
         "thinking.budget_tokens must be a whole number of at least 1", "thinking.budget_tokens"},
        {"another effort", anthropic_ask(R"("output_config":{"effort":"all"})"),
         "output_config.effort must be one of low, medium, high, xhigh, max",
         "output_config.effort"},
        {"another format", anthropic_ask(R"("output_config":{"format":{"type":"xml"}})"),
         "output_config.format.type must be json_schema", "output_config.format.type"},
        {"a format without schema", anthropic_ask(R"("output_format":{"type":"json_schema"})"),
         "output_format.schema is missing: it must be an object", "output_format.schema"},
        {"a user that is a number", anthropic_ask(R"("metadata":{"user_id":1})"),
         "metadata.user_id must be a string, not a number", "metadata.user_id"},
        {"another tier", anthropic_ask(R"("service_tier":"gold")"),
         "service_tier must be one of auto, standard_only", "service_tier"},
        {"tools that are none", anthropic_ask(R"("tools":{})"),
         "tools must be an array, not an object", "tools"},
        {"a tool without name", anthropic_ask(R"("tools":[{}])"),
         "tools[0].name is missing: it must be a name", "tools[0].name"},
        {"a schema that is none", anthropic_ask(R"("tools":[{"name":"f","input_schema":[]}])"),
         "tools[0].input_schema must be an object, not an array", "tools[0].input_schema"},
        {"a choice in words", anthropic_ask(R"("tool_choice":"auto")"),
         "tool_choice must be an object, not a string", "tool_choice"},
        {"another choice", anthropic_ask(R"("tool_choice":{"type":"required"})"),
         "tool_choice.type must be one of auto, any, tool, none", "tool_choice.type"},
        {"a choice without name", anthropic_ask(R"("tool_choice":{"type":"tool"})"),
         "tool_choice.name is missing: it must be a string", "tool_choice.name"},
        {"a stream in words", anthropic_ask(R"("stream":"yes")"),
         "stream must be a boolean, not a string", "stream"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const auto request = read(c.body);
            REQUIRE_FALSE(request);
            CHECK(request.error().code == ErrorCode::InvalidRequest);
            CHECK(request.error().wire_code == "invalid_value");
            CHECK(request.error().message == c.message);
            CHECK(request.error().param == c.param);
        }
    }
}

TEST_CASE("anthropic requests: a conversation may change its tools", "[protocol][conversion]") {
    const auto names_after = [](std::string_view changes) {
        const ChatRequest request = must_read(anthropic_body(
            std::string(R"([{"role":"user","content":"Hi"},{"role":"system","content":[)") +
                std::string(changes) + "]}]",
            R"("tools":[{"name":"a"},{"name":"b"}])"));
        std::string names;
        for (const Tool& tool : request.tools) names += tool.name + tool.description + " ";
        return names + std::to_string(request.messages.back().parts.size());
    };
    const std::string add_c =
        R"({"type":"tool_addition","tool":{"type":"tool_definition","definition":{"name":"c"}}})";
    const std::string add_a =
        R"({"type":"tool_addition","tool":{"type":"tool_reference","name":"a"}})";
    const std::string new_a =
        R"({"type":"tool_addition","tool":{"type":"tool_definition","definition":{"name":"a","description":"2"}}})";
    const std::string remove_a =
        R"({"type":"tool_removal","tool":{"type":"tool_reference","name":"a"}})";
    const std::string remove_x =
        R"({"type":"tool_removal","tool":{"type":"mcp_toolset_reference","server_name":"x"}})";
    CHECK(names_after(add_c) == "a b c 0");
    CHECK(names_after(remove_a) == "b 0");
    CHECK(names_after(remove_a + "," + add_a) == "a b 0");
    CHECK(names_after(new_a) == "a2 b 0");
    CHECK(names_after(remove_x) == "a b 1");
    CHECK(names_after(add_a) == "a b 0");
}

TEST_CASE("E120: deep and huge Anthropic bodies take bounded time", "[protocol][conversion]") {
    SECTION("nested 10,000 deep") {
        const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
        CHECK_FALSE(read(anthropic_body(deep)));
    }
    SECTION("nested 100 deep") {
        std::string blocks = R"({"type":"text","text":"a"})";
        for (int i = 0; i < 20; ++i)
            blocks =
                R"({"type":"document","source":{"type":"content","content":[)" + blocks + "]}}";
        CHECK(read(anthropic_body(R"([{"role":"user","content":[)" + blocks + "]}]")));
    }
    SECTION("100,000 blocks in 10,000 messages") {
        std::string messages;
        for (int i = 0; i < 10'000; ++i) {
            if (i > 0) messages += ",";
            messages +=
                i % 2 == 0 ? R"({"role":"user","content":[)" : R"({"role":"assistant","content":[)";
            for (int k = 0; k < 10; ++k)
                messages +=
                    k == 0 ? R"({"type":"text","text":"a"})" : R"(,{"type":"text","text":"a"})";
            messages += "]}";
        }
        const WrittenRequest converted = anthropic_to_openai(anthropic_body("[" + messages + "]"));
        CHECK(converted.error.empty());
        CHECK(converted.body.size() > 200'000);
    }
    SECTION("50,000 calls of one turn and their results") {
        std::string calls;
        std::string results;
        for (int i = 0; i < 50'000; ++i) {
            if (i > 0) calls += ",";
            if (i > 0) results += ",";
            calls += R"({"type":"tool_use","name":"f","id":"c)" + std::to_string(i) + R"("})";
            results += R"({"type":"tool_result","tool_use_id":"c)" + std::to_string(i) + R"("})";
        }
        const WrittenRequest converted = anthropic_to_openai(
            anthropic_body(R"([{"role":"assistant","content":[)" + calls +
                           R"(]},{"role":"user","content":[)" + results + "]}]"));
        CHECK(converted.error.empty());
        CHECK(converted.losses.empty());
    }
    SECTION("50,000 calls of one id") {
        std::string calls = R"({"type":"tool_use","name":"f","id":"c"})";
        std::string results = R"({"type":"tool_result","tool_use_id":"c"})";
        for (int i = 1; i < 50'000; ++i) {
            calls += R"(,{"type":"tool_use","name":"f","id":"c"})";
            results += R"(,{"type":"tool_result","tool_use_id":"c"})";
        }
        CHECK(anthropic_to_openai(anthropic_body(R"([{"role":"assistant","content":[)" + calls +
                                                 R"(]},{"role":"user","content":[)" + results +
                                                 "]}]"))
                  .error.empty());
    }
    SECTION("20,000 changes of the tools") {
        std::string changes;
        for (int i = 0; i < 20'000; ++i) {
            if (i > 0) changes += ",";
            changes +=
                R"({"type":"tool_addition","tool":{"type":"tool_definition","definition":{"name":"t)" +
                std::to_string(i) + R"("}}})";
        }
        const auto request = read(anthropic_body(
            R"([{"role":"user","content":"a"},{"role":"system","content":[)" + changes + "]}]"));
        REQUIRE(request);
        CHECK(request->tools.size() == 20'000);
    }
}
