#include "protocol/request_facts.h"

#include <catch2/catch.hpp>

#include "base/text.h"

using namespace aigw;
using namespace aigw::protocol;

namespace {

// Facts whose views outlive the call.
struct Read {
    OwnedPaddedBody body;
    FactsReader reader;
    Result<RequestFacts> facts;

    explicit Read(std::string_view text, Operation operation = Operation::Chat)
        : body(text), facts(reader.read(operation, body.body())) {}
};

std::string nested(std::size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
}

std::string chat(std::string_view more) {
    return R"({"model":"m","messages":[{"role":"user","content":"hi"}])" + std::string(more) + "}";
}

std::string needs_text(const Needs& needs) {
    std::string text;
    for (const Need need : kNeeds) {
        if (needs.has(need))
            text += std::string(text.empty() ? "" : " ") + std::string(name_of(need));
    }
    return text;
}

}  // namespace

TEST_CASE("protocol: a chat request gives its facts", "[protocol]") {
    const std::string text =
        R"({"model": "gpt-4o", "messages": [{"role":"user","content":"Say hi"}], "stream": true,)"
        R"( "stream_options": {"include_usage": true}, "max_tokens": 9, "max_completion_tokens": 7, "n": 2})";
    const Read read(text);
    REQUIRE(read.facts);
    const RequestFacts& facts = *read.facts;
    CHECK(facts.operation == Operation::Chat);
    CHECK(facts.protocol == Protocol::OpenAi);
    CHECK(facts.model == "gpt-4o");
    CHECK(facts.stream);
    CHECK(facts.asks_usage);
    CHECK(facts.max_output == 7);
    CHECK(facts.answers == 2);
    CHECK(facts.input_tokens == 6);  // four for the message, "Say hi" is two
    CHECK_FALSE(facts.input_exact);
    CHECK(facts.needs.empty());
    CHECK(facts.first_key == 1);
    CHECK(facts.model_place.of(text) == "\"gpt-4o\"");
    REQUIRE(facts.stream_options);
    CHECK(facts.stream_options->value.of(text) == R"({"include_usage": true})");
    REQUIRE(facts.stream_options->include_usage);
    CHECK(facts.stream_options->include_usage->of(text) == "true");
    CHECK(facts.stream_options->has_fields);
}

TEST_CASE("protocol: null and absent mean the same", "[protocol]") {
    const Read read(chat(R"(,"stream":null,"stream_options":null,"max_tokens":null,"n":null,)"
                         R"("tools":null,"functions":null,"response_format":null)"));
    REQUIRE(read.facts);
    CHECK_FALSE(read.facts->stream);
    CHECK_FALSE(read.facts->asks_usage);
    CHECK_FALSE(read.facts->max_output);
    CHECK(read.facts->answers == 1);
    CHECK(read.facts->needs.empty());
    REQUIRE(read.facts->stream_options);
    CHECK_FALSE(read.facts->stream_options->has_fields);
    CHECK_FALSE(read.facts->stream_options->include_usage);
}

TEST_CASE("protocol: a model written with escapes is read without them", "[protocol]") {
    const std::string text =
        " {\t\"mod\\u0065l\" : \"gpt\\u002d4\\\"o\",\"messages\":[{\"role\":\"user\"}]} \n";
    const Read read(text);
    REQUIRE(read.facts);
    CHECK(read.facts->model == "gpt-4\"o");
    CHECK(read.facts->model_place.of(text) == "\"gpt\\u002d4\\\"o\"");
    CHECK(read.facts->first_key == 2);
}

TEST_CASE("protocol: places are those of the top level only", "[protocol]") {
    const std::string text = R"({"messages":[{"role":"user","content":"\"model\":\"no\" {[\\"}],)"
                             R"("metadata":{"model":"inner","stream_options":{}},"model":"outer"})";
    const Read read(text);
    REQUIRE(read.facts);
    CHECK(read.facts->model == "outer");
    CHECK(read.facts->model_place.of(text) == "\"outer\"");
    CHECK_FALSE(read.facts->stream_options);
}

TEST_CASE("protocol: the estimate counts text, definitions and messages", "[protocol]") {
    struct Case {
        const char* name;
        Operation operation;
        const char* body;
        std::int64_t tokens;
    };
    constexpr auto kChat = Operation::Chat;
    constexpr auto kEmbeddings = Operation::Embeddings;
    const Case cases[] = {
        {"an empty message", kChat, R"({"model":"m","messages":[{"role":"user","content":""}]})",
         4},
        {"null content", kChat, R"({"model":"m","messages":[{"role":"assistant","content":null}]})",
         4},
        {"rounded up once over all", kChat,
         R"({"model":"m","messages":[{"role":"user","content":"abc"},{"role":"user","content":"ab"}]})",
         10},
        {"UTF-8 bytes, not escapes", kChat,
         R"({"model":"m","messages":[{"role":"user","content":"\u6c49\u5b57"}]})", 6},
        {"text parts", kChat,
         R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"abcd"},{"type":"image_url","image_url":{"url":"x"}}]}]})",
         5},
        {"tool definitions as they are written", kChat,
         R"({"model":"m","messages":[{"role":"user","content":""}],"tools":[{"type": "function"}]})",
         10},
        {"what an assistant called", kChat,
         R"({"model":"m","messages":[{"role":"assistant","tool_calls":[{"function":{"name":"abcd","arguments":"{}{}"}}]}]})",
         6},
        {"one text", kEmbeddings, R"({"model":"m","input":"abcde"})", 2},
        {"several texts", kEmbeddings, R"({"model":"m","input":["abc","ab"]})", 2},
        {"token ids", kEmbeddings, R"({"model":"m","input":[1,2,3]})", 3},
        {"arrays of token ids", kEmbeddings, R"({"model":"m","input":[[1,2],[3]]})", 3},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Read read(c.body, c.operation);
            REQUIRE(read.facts);
            CHECK(read.facts->input_tokens == c.tokens);
        }
    }
}

TEST_CASE("protocol: needs are what the request asks of a model", "[protocol]") {
    struct Case {
        const char* more;
        const char* needs;
    };
    const Case cases[] = {
        {R"(,"tools":[{"type":"function"}])", "tools"},
        {R"(,"functions":[{"name":"f"}])", "tools"},
        {R"(,"tools":[])", ""},
        {R"(,"response_format":{"type":"json_schema"})", "json_schema"},
        {R"(,"response_format":{"type":"json_object"})", ""},
        {R"(,"modalities":["text","audio"])", "audio"},
        {R"(,"reasoning_effort":"low")", "reasoning"},
        {R"(,"reasoning_effort":"none")", ""},
        {R"(,"enable_thinking":true)", "reasoning"},
        {R"(,"enable_thinking":false)", ""},
        {R"(,"thinking":{"type":"enabled"})", "reasoning"},
        {R"(,"thinking":{"type":"disabled"})", ""},
        {R"(,"modalities":7,"thinking":"odd","enable_thinking":"odd")", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.more) {
            const Read read(chat(c.more));
            REQUIRE(read.facts);
            CHECK(needs_text(read.facts->needs) == c.needs);
        }
    }
    const Read parts(R"({"model":"m","messages":[{"role":"user","content":[{"type":"image_url"},)"
                     R"({"type":"input_audio"},{"type":"file"},{"type":"thing of tomorrow"}]}]})");
    REQUIRE(parts.facts);
    CHECK(needs_text(parts.facts->needs) == "vision audio files");
}

TEST_CASE("protocol: what is no JSON is refused as such", "[protocol]") {
    struct Case {
        const char* name;
        std::string body;
        const char* message;
    };
    const Case cases[] = {
        {"empty", "", "the request body is empty, a JSON object is expected"},
        {"blank", " \r\n\t", "the request body is empty, a JSON object is expected"},
        {"cut off", R"({"model":)", "the request body is not valid JSON: see line 1, column 10"},
        {"a comma too many", "{\n  \"model\": \"m\",\n}",
         "the request body is not valid JSON: see line 3, column 1"},
        {"single quotes", "{'model':'m'}",
         "the request body is not valid JSON: see line 1, column 2"},
        {"two documents", "{} {}", "the request body is not valid JSON: see line 1, column 4"},
        {"a leading zero", chat(R"(,"seed":007)"),
         "the request body is not valid JSON: see line 1, column 66"},
        {"a raw line break in a string", "{\"a\":\"\n\"}",
         "the request body is not valid JSON: see line 1, column 7"},
        {"half a surrogate pair", R"({"a":"\ud83d"})",
         "the request body is not valid JSON: see line 1, column 13"},
        {"a form", "model=m&stream=true",
         "the request body is not valid JSON: see line 1, column 1"},
        {"invalid UTF-8", "{\"model\":\"\xFF\"}", "the request body is not valid UTF-8"},
        {"a large body", "{" + std::string(100'000, ' '), "the request body is not valid JSON"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Read read(c.body);
            REQUIRE_FALSE(read.facts);
            CHECK(read.facts.error().message == c.message);
            CHECK(read.facts.error().code == ErrorCode::InvalidRequest);
            CHECK(read.facts.error().wire_code == "invalid_json");
            CHECK(read.facts.error().param.empty());
        }
    }
}

TEST_CASE("protocol: a refused field is named with what was expected", "[protocol]") {
    struct Case {
        std::string body;
        const char* param;
        const char* line;
    };
    const std::string many_bytes(300, 'm');
    const Case cases[] = {
        {"[1]", "", "the request body must be a JSON object, not an array"},
        {"\"text\"", "", "the request body must be a JSON object, not a string"},
        {"null", "", "the request body must be a JSON object, not null"},
        {R"({"a":1,"b":2,"a":3})", "a", R"(the request body has the key "a" twice)"},
        {R"({"model":"a","messages":[],"mod\u0065l":"b"})", "model",
         R"(the request body has the key "model" twice)"},
        {R"({"messages":[]})", "model", "model is missing: GET /v1/models lists the names"},
        {R"({"model":null})", "model", "model is missing: GET /v1/models lists the names"},
        {R"({"model":7})", "model", "model must be a string, not a number"},
        {R"({"model":""})", "model", "model must not be empty"},
        {R"({"model":")" + many_bytes + R"("})", "model", "model must have at most 256 bytes"},
        {R"({"model":"m"})", "messages",
         "messages is missing: send an array with at least one message"},
        {R"({"model":"m","messages":"hi"})", "messages", "messages must be an array, not a string"},
        {R"({"model":"m","messages":[]})", "messages", "messages must hold at least one message"},
        {R"({"model":"m","messages":["hi"]})", "messages[0]",
         "messages[0] must be an object, not a string"},
        {R"({"model":"m","messages":[{"role":"user"},{"content":"x"}]})", "messages[1].role",
         "messages[1].role is missing: say who speaks, such as \"user\""},
        {R"({"model":"m","messages":[{"role":1}]})", "messages[0].role",
         "messages[0].role must be a string, not a number"},
        {R"({"model":"m","messages":[{"role":"user","content":{}}]})", "messages[0].content",
         "messages[0].content must be a string, an array of parts or null, not an object"},
        {R"({"model":"m","messages":[{"role":"user","content":["x"]}]})", "messages[0].content[0]",
         "messages[0].content[0] must be an object, not a string"},
        {R"({"model":"m","messages":[{"role":"user","content":[{"text":"x"}]}]})",
         "messages[0].content[0].type",
         "messages[0].content[0].type is missing: say what the part is, such as \"text\""},
        {R"({"model":"m","messages":[{"role":"user","content":[{"type":true}]}]})",
         "messages[0].content[0].type",
         "messages[0].content[0].type must be a string, not a boolean"},
        {R"({"model":"m","messages":[{"role":"user","content":[{"type":"text","text":null}]}]})",
         "messages[0].content[0].text", "messages[0].content[0].text must be a string, not null"},
        {chat(R"(,"stream":"yes")"), "stream", "stream must be true or false, not a string"},
        {chat(R"(,"stream_options":[])"), "stream_options",
         "stream_options must be an object, not an array"},
        {chat(R"(,"stream_options":{"include_usage":1})"), "stream_options.include_usage",
         "stream_options.include_usage must be true or false, not a number"},
        {chat(R"(,"stream_options":{"include_usage":true,"include_usage":false})"),
         "stream_options.include_usage", R"(stream_options has the key "include_usage" twice)"},
        {chat(R"(,"max_tokens":"9")"), "max_tokens", "max_tokens must be an integer, not a string"},
        {chat(R"(,"max_tokens":0)"), "max_tokens",
         "max_tokens must be an integer from 1 to 2147483647"},
        {chat(R"(,"max_tokens":1.5)"), "max_tokens",
         "max_tokens must be an integer from 1 to 2147483647"},
        {chat(R"(,"max_completion_tokens":-1)"), "max_completion_tokens",
         "max_completion_tokens must be an integer from 1 to 2147483647"},
        {chat(R"(,"max_tokens":99999999999999999999999)"), "max_tokens",
         "max_tokens must be an integer from 1 to 2147483647"},
        {chat(R"(,"n":false)"), "n", "n must be an integer, not a boolean"},
        {chat(R"(,"tools":{})"), "tools", "tools must be an array, not an object"},
        {chat(R"(,"tools":[{},7])"), "tools[1]", "tools[1] must be an object, not a number"},
        {chat(R"(,"functions":"f")"), "functions", "functions must be an array, not a string"},
        {chat(R"(,"response_format":"json")"), "response_format",
         "response_format must be an object, not a string"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.body.substr(0, 100)) {
            const Read read(c.body);
            REQUIRE_FALSE(read.facts);
            CHECK(render_line(read.facts.error()) == c.line);
            CHECK(read.facts.error().param == c.param);
            CHECK(read.facts.error().code == ErrorCode::InvalidRequest);
            CHECK(read.facts.error().wire_code == "invalid_value");
        }
    }
}

TEST_CASE("protocol: an embeddings request takes text or token ids", "[protocol]") {
    struct Case {
        const char* body;
        const char* line;
    };
    const Case cases[] = {
        {R"({"model":"m"})", "input is missing: send the text to embed, or an array of texts"},
        {R"({"model":"m","input":7})",
         "input must be a string, an array of strings, an array of token ids or an array of such "
         "arrays, not a number"},
        {R"({"model":"m","input":[]})", "input must hold at least one item"},
        {R"({"model":"m","input":[{}]})",
         "input[0] must be a string or an array of token ids, not an object"},
        {R"({"model":"m","input":["a",1]})", "input[1] must be a string, not a number"},
        {R"({"model":"m","input":[1,"a"]})", "input[1] must be a token id, as the others are"},
        {R"({"model":"m","input":[-1]})", "input[0] must be a token id, as the others are"},
        {R"({"model":"m","input":[[1],[]]})", "input[1] must hold at least one token id"},
        {R"({"model":"m","input":[[1,"a"]]})", "input[0][1] must be a token id, as the others are"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.body) {
            const Read read(c.body, Operation::Embeddings);
            REQUIRE_FALSE(read.facts);
            CHECK(render_line(read.facts.error()) == c.line);
        }
    }
}

TEST_CASE("protocol: 128 levels are read, 129 are refused", "[protocol]") {
    CHECK(Read(chat(",\"metadata\":" + nested(127))).facts);
    const Read read(chat(",\"metadata\":" + nested(128)));
    REQUIRE_FALSE(read.facts);
    CHECK(read.facts.error().message == "the request body is nested more than 128 levels deep");
    CHECK_FALSE(Read(std::string(200'000, '[')).facts);
}

TEST_CASE("protocol: numbers larger than a machine word pass unread", "[protocol]") {
    const std::string text = chat(
        R"(,"tools":[{"maximum":123456789012345678901234567890,"minimum":-1e999}],"max_tokens":5)");
    const Read read(text);
    REQUIRE(read.facts);
    CHECK(read.facts->max_output == 5);
    CHECK(read.facts->model_place.of(text) == "\"m\"");
    const Read broken(chat(R"(,"seed":123456789012345678901234567890e)"));
    REQUIRE_FALSE(broken.facts);
    CHECK(broken.facts.error().wire_code == "invalid_json");
}

TEST_CASE("protocol: the number of top-level fields is bounded", "[protocol]") {
    const auto with_fields = [](std::size_t count) {
        std::string more;
        for (std::size_t i = 0; i < count; ++i) more += ",\"x" + std::to_string(i) + "\":0";
        return chat(more);
    };
    CHECK(Read(with_fields(998)).facts);
    const Read read(with_fields(999));
    REQUIRE_FALSE(read.facts);
    CHECK(read.facts.error().message == "the request body has more than 1000 fields");
    const Read twin(chat([&] {
        std::string more;
        for (int i = 0; i < 50; ++i) more += ",\"x" + std::to_string(i) + "\":0";
        return more + ",\"x7\":1";
    }()));
    REQUIRE_FALSE(twin.facts);
    CHECK(twin.facts.error().message == "the request body has the key \"x7\" twice");
}

TEST_CASE("protocol: a reader reads one body after the other", "[protocol]") {
    FactsReader reader;
    const OwnedPaddedBody broken("{");
    const OwnedPaddedBody large(chat(",\"user\":" + json_string(std::string(3'000'000, 'x'))));
    const OwnedPaddedBody small(chat(""));
    for (int round = 0; round < 2; ++round) {
        CHECK_FALSE(reader.read(Operation::Chat, broken.body()));
        CHECK(reader.read(Operation::Chat, large.body()));
        const auto facts = reader.read(Operation::Chat, small.body());
        REQUIRE(facts);
        CHECK(facts->model == "m");
    }
}

TEST_CASE("protocol: facts of a small request", "[.][benchmark]") {
    const OwnedPaddedBody body(
        R"({"model":"gpt-4o-mini","messages":[{"role":"system","content":"You are a helpful assistant."},)"
        R"({"role":"user","content":"Write one sentence about the sea, please."}],"temperature":0.7,)"
        R"("max_tokens":128,"stream":true,"stream_options":{"include_usage":true}})");
    FactsReader reader;
    BENCHMARK("a 250-byte chat body") {
        return reader.read(Operation::Chat, body.body());
    };
}
