// Counting tokens for whoever asks, through a whole gateway.
#include <nlohmann/json.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using nlohmann::json;

namespace {

std::string post(const std::string& path, const std::string& body,
                 const std::string& key = "Authorization: Bearer sk-ci\r\n") {
    return "POST " + path + " HTTP/1.1\r\nHost: gw\r\n" + key +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

json counted(const Gateway& gateway, const std::string& path, const std::string& body) {
    const std::string reply = ask(gateway, post(path, body));
    INFO(reply);
    REQUIRE(fakes::status_of(reply) == 200);
    return json::parse(fakes::body_of(reply));
}

}  // namespace

TEST_CASE("gateway: texts and chats are counted for their models", "[gateway][tokens]") {
    const auto gateway = start_gateway(one_caller() +
                                       "[tokens.models]\n\"acme-*\" = { counter = \"qwen\", "
                                       "factor = \"1.5\" }\n[platforms.a]\nprovider = \"openai\"\n"
                                       "api_key = \"sk-up\"\n[[routes]]\nmatch = { model = "
                                       "\"routed\" }\nto = \"a\"\n");
    struct Case {
        const char* name;
        const char* body;
        std::int64_t tokens;
        bool is_exact;
        const char* counter;
    };
    const Case cases[] = {
        {"a text", R"({"text":"hello world","model_name":"gpt-4o"})", 2, true, "o200k_base"},
        {"no text", R"({"text":"","model_name":"gpt-4o"})", 0, true, "o200k_base"},
        {"of an older encoding", R"({"text":"hello world","model_name":"gpt-4"})", 2, true,
         "cl100k_base"},
        {"by `model`", R"({"text":"hello","model":"Qwen3-8B"})", 1, true, "qwen"},
        {"a chat with what its template adds",
         R"({"model":"Qwen3-8B","messages":[{"role":"user","content":"hi"}]})", 9, true, "qwen"},
        {"the chat's texts alone",
         R"({"model":"Qwen3-8B","messages":[{"role":"user","content":"hi"}],"count":"content"})", 1,
         true, "qwen"},
        {"further fields are ignored",
         R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi","x":1}],"y":2})", 8, true,
         "o200k_base"},
        {"a model that is estimated", R"({"text":"hello","model_name":"Deepseek-R1"})", 1, false,
         "o200k_base x 1.03 (deepseek)"},
        {"a model of the configuration", R"({"text":"a b c d","model_name":"acme-1"})", 6, false,
         "qwen x 1.50 (configured)"},
        {"a model that is only routed", R"({"text":"hello","model_name":"routed"})", 1, false,
         "o200k_base x 1.00 (unknown)"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const json reply = counted(*gateway, "/calculate", c.body);
            CHECK(reply["token_count"] == c.tokens);
            CHECK(reply["exact"] == c.is_exact);
            CHECK(reply["counter"] == c.counter);
            CHECK(reply["success"] == true);
        }
    }
    SECTION("several texts at once") {
        const json reply = counted(*gateway, "/batch-calculate",
                                   R"({"texts":["hello","","a b c"],"model_name":"gpt-4o"})");
        CHECK(reply == json{{"token_counts", {1, 0, 3}},
                            {"total_tokens", 4},
                            {"model", "gpt-4o"},
                            {"success", true},
                            {"exact", true},
                            {"counter", "o200k_base"}});
    }
    SECTION("long texts, off the loops") {
        const json long_text{{"text", std::string(50'000, 'a')}, {"model_name", "gpt-4o"}};
        CHECK(counted(*gateway, "/calculate", long_text.dump())["token_count"] == 6250);
    }
}

TEST_CASE("gateway: what can't be counted is refused with its reason", "[gateway][tokens]") {
    const auto gateway = start_gateway(one_caller());
    struct Case {
        const char* name;
        const char* path;
        const char* body;
        const char* detail;
    };
    const Case cases[] = {
        {"no JSON", "/calculate", "hello", "the request body must be a JSON object"},
        {"no object", "/calculate", "[]", "the request body must be a JSON object"},
        {"no model", "/calculate", R"({"text":"a"})", "model_name is missing"},
        {"no text", "/calculate", R"({"model":"gpt-4o"})", "text or messages is missing"},
        {"text of a wrong type", "/calculate", R"({"model":"gpt-4o","text":1})",
         "text must be a string"},
        {"messages of a wrong type", "/calculate", R"({"model":"gpt-4o","messages":{}})",
         "messages must be an array of messages"},
        {"no messages", "/calculate", R"({"model":"gpt-4o","messages":[]})",
         "messages must be an array of messages"},
        {"a way to count that there is not", "/calculate",
         R"({"model":"gpt-4o","messages":[{"role":"user","content":"a"}],"count":"x"})",
         "count must be \"prompt\" or \"content\""},
        {"an unknown model", "/calculate", R"({"text":"a","model_name":"klingon"})",
         "the model \"klingon\" is not known"},
        {"no texts", "/batch-calculate", R"({"model_name":"gpt-4o"})", "texts is missing"},
        {"texts of a wrong type", "/batch-calculate", R"({"model_name":"gpt-4o","texts":["a",1]})",
         "texts must be an array of strings"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const std::string reply = ask(*gateway, post(c.path, c.body));
            CHECK(fakes::status_of(reply) == 400);
            CHECK(json::parse(fakes::body_of(reply)) == json{{"detail", c.detail}});
        }
    }
    SECTION("without a key") {
        const std::string reply =
            ask(*gateway, post("/calculate", R"({"text":"a","model_name":"gpt-4o"})", ""));
        CHECK(fakes::status_of(reply) == 401);
        CHECK(json::parse(fakes::body_of(reply))["error"]["code"] == "api_key_required");
    }
    SECTION("the wrong method") {
        CHECK(fakes::status_of(ask(*gateway, "GET /calculate HTTP/1.1\r\nHost: gw\r\n\r\n")) ==
              405);
    }
}
