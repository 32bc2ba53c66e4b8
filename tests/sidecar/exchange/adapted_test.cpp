// Whatever callers of both protocols ask for, the adapters put it so that the simulated vendors,
// which refuse what the vendors refuse, take it.
#include <vector>

#include "sidecar/engine/loop.h"
#include "sidecar/engine/server.h"
#include "sidecar/simulated/simulated.h"
#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;

namespace {

// The simulated vendors, on a loop of their own.
class Vendors {
public:
    Vendors() {
        auto server = engine::Server::listen({.listen = {"127.0.0.1:0"}}, loops_,
                                             simulated::make_handler({}));
        REQUIRE(server);
        server_ = std::move(server).take();
    }
    ~Vendors() { server_->stop(); }
    Vendors(const Vendors&) = delete;
    Vendors& operator=(const Vendors&) = delete;

    std::string url(const std::string& mount) const {
        return "http://" + server_->addresses().front() + mount;
    }

private:
    engine::LoopSet loops_{1, 1};
    std::unique_ptr<engine::Server> server_{};
};

struct Vendor {
    const char* name;
    const char* mount;
    std::vector<std::string> models;
};

const std::vector<Vendor>& rows() {
    static const std::vector<Vendor> rows = {
        {"dashscope",
         "/compatible-mode/v1",
         {"qwen-plus", "qwen-max", "qwen3-max", "qwen3.5-plus", "qwen3-32b", "qwq-plus",
          "qwen3-30b-a3b-thinking-2507", "qwen3-30b-a3b-instruct-2507", "qwen-vl-plus",
          "qwen3-coder-plus", "deepseek-v3.2"}},
        {"doubao",
         "/doubao/api/v3",
         {"doubao-seed-2-0-pro", "doubao-seed-1-8-251228", "doubao-seed-1-6-251015",
          "doubao-seed-1-6-lite", "doubao-seed-1-6-flash", "doubao-seed-1-6-thinking",
          "doubao-1-5-pro-32k-250115", "doubao-1-5-vision-pro-32k", "deepseek-v3-2",
          "ep-20250101120000-abcde"}},
        {"minimax",
         "/minimax",
         {"MiniMax-M3", "MiniMax-M2.5", "MiniMax-M2", "MiniMax-M1", "MiniMax-Text-01"}},
    };
    return rows;
}

struct Wish {
    const char* name;
    std::string members;
};

const std::string kSchema =
    R"({"type":"object","properties":{"city":{"type":"string"}},"required":["city"],"additionalProperties":false})";
const std::string kHi = R"("messages":[{"role":"user","content":"Weather in Oslo?"}])";

std::vector<Wish> openai_wishes() {
    const std::string tools =
        R"("tools":[{"type":"function","function":{"name":"weather","strict":true,"parameters":)" +
        kSchema + "}}]";
    const std::string call =
        R"({"role":"assistant","content":null,"reasoning_content":"hm","tool_calls":[{"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]})";
    return {
        {"nothing more", kHi},
        {"a developer", R"("messages":[{"role":"developer","content":"Be brief."},)"
                        R"({"role":"user","content":"hi"}])"},
        {"a late system", R"("messages":[{"role":"user","content":"hi"},)"
                          R"({"role":"system","content":"Be brief."},)"
                          R"({"role":"user","content":"hi"}])"},
        {"parts",
         R"("messages":[{"role":"user","content":[{"type":"text","text":"What is it?"},)"
         R"({"type":"image_url","image_url":{"url":"https://x.invalid/a.png","detail":"auto"}}]}])"},
        {"limits", kHi + R"(,"max_completion_tokens":200)"},
        {"the elder limit", kHi + R"(,"max_tokens":200)"},
        {"both limits", kHi + R"(,"max_tokens":100,"max_completion_tokens":200)"},
        {"heat", kHi + R"(,"temperature":2,"top_p":1)"},
        {"no heat at all", kHi + R"(,"temperature":0,"top_p":0)"},
        {"stops", kHi + R"(,"stop":["END","\n\n"])"},
        {"penalties and biases",
         kHi + R"(,"frequency_penalty":1,"presence_penalty":1,"logit_bias":{"1":5})"},
        {"probabilities", kHi + R"(,"logprobs":true,"top_logprobs":20)"},
        {"a seed", kHi + R"(,"seed":9007199254740993)"},
        {"who asks", kHi + R"(,"user":"u","safety_identifier":"s","metadata":{"a":"b"})"},
        {"a tier", kHi + R"(,"service_tier":"priority")"},
        {"the rest", kHi + R"(,"store":true,"verbosity":"low","prompt_cache_key":"k")"},
        {"no effort", kHi + R"(,"reasoning_effort":"none")"},
        {"the least effort", kHi + R"(,"reasoning_effort":"minimal")"},
        {"effort", kHi + R"(,"reasoning_effort":"high")"},
        {"more effort", kHi + R"(,"reasoning_effort":"xhigh")"},
        {"tools", kHi + "," + tools + R"(,"parallel_tool_calls":false)"},
        {"tools, forced", kHi + "," + tools + R"(,"tool_choice":"required")"},
        {"tools, named",
         kHi + "," + tools +
             R"(,"tool_choice":{"type":"function","function":{"name":"weather"}},"reasoning_effort":"low")"},
        {"tools, none", kHi + "," + tools + R"(,"tool_choice":"none")"},
        {"elder tools", kHi + R"(,"functions":[{"name":"weather","parameters":)" + kSchema + "}]"},
        {"results", R"("messages":[{"role":"user","content":"hi"},)" + call +
                        R"(,{"role":"tool","tool_call_id":"call_1","content":"4"}],)" + tools},
        {"a result that is missing", R"("messages":[{"role":"user","content":"hi"},)" + call +
                                         R"(,{"role":"user","content":"Well?"}],)" + tools},
        {"JSON", kHi + R"(,"response_format":{"type":"json_object"})"},
        {"JSON by schema",
         kHi + R"(,"response_format":{"type":"json_schema","json_schema":{"name":"a","schema":)" +
             kSchema + "}}"},
        {"JSON beside effort",
         kHi + R"(,"reasoning_effort":"high","response_format":{"type":"json_object"})"},
    };
}

std::vector<Wish> anthropic_wishes() {
    const std::string tools =
        R"("tools":[{"name":"weather","description":"w","input_schema":)" + kSchema + "}]";
    const std::string history =
        R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":""},{"type":"tool_use","id":"a","name":"weather","input":{"city":"Oslo"}},{"type":"tool_use","id":"b","name":"weather","input":{"city":"Rome"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"b","content":"21"},{"type":"tool_result","tool_use_id":"a","content":[],"is_error":true},{"type":"text","text":"And?"}]}])";
    return {
        {"nothing more", kHi},
        {"a long limit", R"("max_tokens":128000,)" + kHi},
        {"a system's blocks",
         R"("system":[{"type":"text","text":"Be brief.","cache_control":{"type":"ephemeral"}}],)" +
             kHi},
        {"sampling", kHi + R"(,"temperature":0,"top_p":0.5,"top_k":4,"stop_sequences":["END"])"},
        {"an image",
         R"("messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x.invalid/a.png"}},{"type":"text","text":"What is it?"}]}])"},
        {"thinking", kHi + R"(,"thinking":{"type":"enabled","budget_tokens":1024})"},
        {"adaptive thinking", kHi + R"(,"thinking":{"type":"adaptive"})"},
        {"no thinking", kHi + R"(,"thinking":{"type":"disabled"})"},
        {"effort", kHi + R"(,"output_config":{"effort":"max"})"},
        {"tools", kHi + "," + tools + R"(,"tool_choice":{"type":"any"})"},
        {"tools, one at a time",
         kHi + "," + tools +
             R"(,"tool_choice":{"type":"auto","disable_parallel_tool_use":true},"thinking":{"type":"enabled","budget_tokens":1024})"},
        {"tools, named",
         kHi + "," + tools +
             R"(,"tool_choice":{"type":"tool","name":"weather"},"thinking":{"type":"adaptive"})"},
        {"tools, none", kHi + "," + tools + R"(,"tool_choice":{"type":"none"})"},
        {"results", history + "," + tools},
        {"JSON",
         kHi + R"(,"output_config":{"format":{"type":"json_schema","schema":)" + kSchema + "}}"},
        {"who asks", kHi + R"(,"metadata":{"user_id":"u"},"service_tier":"standard_only")"},
        {"an answer begun",
         R"("messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"The"}])"},
    };
}

std::string post(const std::string& path, const std::string& body) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\nContent-Type: application/json\r\n"
           "Content-Length: " +
           std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string openai_body(const std::string& model, const Wish& wish, bool is_stream) {
    return R"({"model":")" + model + "\"," + wish.members +
           (is_stream ? R"(,"stream":true})" : "}");
}

std::string anthropic_body(const std::string& model, const Wish& wish, bool is_stream) {
    const bool has_limit = wish.members.starts_with("\"max_tokens\"");
    return R"({"model":")" + model + "\"," + (has_limit ? "" : R"("max_tokens":4000,)") +
           wish.members + (is_stream ? R"(,"stream":true})" : "}");
}

// One call after the other: a section each would start the vendors anew for each.
class Asker {
public:
    Asker(const Gateway& gateway, const std::string& model) : gateway_(gateway), model_(model) {}

    void ask_openai(const Wish& wish, bool is_stream) const {
        check_taken("/v1/chat/completions", openai_body(model_, wish, is_stream));
    }
    void ask_anthropic(const Wish& wish, bool is_stream) const {
        check_taken("/v1/messages", anthropic_body(model_, wish, is_stream));
    }

private:
    void check_taken(const std::string& path, const std::string& body) const {
        const std::string reply = ask(gateway_, post(path, body));
        const bool has_error = reply.find("\"error\":{") != std::string::npos;
        if (fakes::status_of(reply) == 200 && !has_error) return;
        // That is decided before any adapter is asked.
        if (reply.find("does not serve vision") != std::string::npos) return;
        INFO(body << "\n" << reply);
        CHECK(false);
    }

    const Gateway& gateway_;
    const std::string& model_;
};

}  // namespace

TEST_CASE("gateway: vendors take what the adapters make of any wish", "[gateway]") {
    const Vendors vendors;
    for (const Vendor& vendor : rows()) {
        const std::string setup = "[platforms.it]\nprovider = \"" + std::string(vendor.name) +
                                  "\"\nbase_url = \"" + vendors.url(vendor.mount) +
                                  "\"\napi_key = \"sk-simulated\"\nretry = { attempts = 1 }\n"
                                  "[[routes]]\nmatch = { model = \"*\" }\nto = \"it\"\n";
        const auto gateway = start_gateway(one_caller() + setup);
        for (const std::string& model : vendor.models) {
            const Asker asker(*gateway, model);
            bool is_stream = false;  // every other time
            for (const Wish& wish : openai_wishes()) asker.ask_openai(wish, is_stream = !is_stream);
            for (const Wish& wish : anthropic_wishes())
                asker.ask_anthropic(wish, is_stream = !is_stream);
        }
    }
}

TEST_CASE("gateway: embeddings are put so that the vendors take them", "[gateway]") {
    const Vendors vendors;
    struct Row {
        const char* vendor;
        const char* mount;
        const char* model;
    };
    for (const Row& row : {Row{"dashscope", "/compatible-mode/v1", "text-embedding-v4"},
                           Row{"doubao", "/doubao/api/v3", "doubao-embedding-text-240715"}}) {
        const std::string setup = "[platforms.it]\nprovider = \"" + std::string(row.vendor) +
                                  "\"\nbase_url = \"" + vendors.url(row.mount) +
                                  "\"\napi_key = \"sk-simulated\"\nretry = { attempts = 1 }\n"
                                  "[[routes]]\nmatch = { model = \"*\" }\nto = \"it\"\n";
        const auto gateway = start_gateway(one_caller() + setup);
        const auto embed = [&](const std::string& members) {
            return ask(*gateway, post("/v1/embeddings", R"({"model":")" + std::string(row.model) +
                                                            "\"," + members + "}"));
        };
        INFO(row.vendor);
        const std::string numbers = embed(R"("input":["a","b"])");
        CHECK(fakes::status_of(numbers) == 200);
        CHECK(numbers.find(R"("embedding":[)") != std::string::npos);
        const std::string encoded = embed(R"("input":"a","encoding_format":"base64","user":"u")");
        CHECK(fakes::status_of(encoded) == 200);
        CHECK(encoded.find(R"("embedding":")") != std::string::npos);
        CHECK(fakes::status_of(embed(R"("input":[1,2])")) == 400);
    }
}

TEST_CASE("gateway: more texts than a vendor takes at once are refused before any call",
          "[gateway]") {
    const auto gateway = start_gateway(
        one_caller() +
        "[platforms.it]\nprovider = \"dashscope\"\nbase_url = \"http://127.0.0.1:1\"\n"
        "api_key = \"sk-simulated\"\nretry = { attempts = 1 }\n"
        "[[routes]]\nmatch = { model = \"*\" }\nto = \"it\"\n");
    std::string texts = "\"a\"";
    for (int i = 0; i < 10; ++i) texts += ",\"a\"";
    const std::string reply =
        ask(*gateway, post("/v1/embeddings", R"({"model":"text-embedding-v4",)"
                                             R"("input":[)" +
                                                 texts + "]}"));
    CHECK(fakes::status_of(reply) == 400);
    CHECK(reply.find("input holds 11 texts: this model takes at most 10 at once") !=
          std::string::npos);
}
