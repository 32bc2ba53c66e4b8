#include "providers/adapter.h"

#include <catch2/catch.hpp>

#include "providers/vendors.h"

using namespace aigw;
using namespace aigw::providers;
using std::chrono::milliseconds;

namespace {

std::unique_ptr<Adapter> adapter_of(std::string_view vendor) {
    return find_vendor(vendor)->make();
}

std::string edited(std::string_view body, std::string_view upstream_model) {
    const protocol::OwnedPaddedBody padded(body);
    protocol::FactsReader reader;
    const auto facts = reader.read(Operation::Chat, padded.body());
    REQUIRE(facts);
    std::vector<protocol::Edit> edits;
    REQUIRE(adapter_of("openai")->edit(*facts, upstream_model, edits));
    return protocol::splice(body, edits);
}

std::string target_of(std::string_view vendor, std::string_view base) {
    const auto url = http::parse_url(base);
    REQUIRE(url);
    return adapter_of(vendor)->target(*url, {.operation = Operation::Chat});
}

std::string openai_error(std::string_view message, std::string_view code,
                         std::string_view type = "t") {
    return "{\"error\":{\"message\":\"" + std::string(message) + "\",\"type\":\"" +
           std::string(type) + "\",\"param\":null,\"code\":\"" + std::string(code) + "\"}}";
}

std::string google_error(int code, std::string_view status, std::string_view message) {
    return "{\"error\":{\"code\":" + std::to_string(code) + ",\"message\":\"" +
           std::string(message) + "\",\"status\":\"" + std::string(status) + "\"}}";
}

}  // namespace

TEST_CASE("providers: a key and the platform's own fields go with every call", "[providers]") {
    const auto adapter = adapter_of("openai");
    const std::vector<std::pair<std::string, std::string>> extra = {
        {"OpenAI-Project", "p"}, {"X-Two", "a"}, {"X-Two", "b"}};
    CHECK(adapter->headers(Secret("sk-1", ""), extra) ==
          http::Headers{{"authorization", "Bearer sk-1"},
                        {"OpenAI-Project", "p"},
                        {"X-Two", "a"},
                        {"X-Two", "b"}});
    const std::vector<std::pair<std::string, std::string>> own = {{"Authorization", "Basic x"}};
    CHECK(adapter->headers(Secret("sk-1", ""), own) == http::Headers{{"Authorization", "Basic x"}});
    CHECK(adapter->headers(Secret(), {}).empty());
    CHECK(
        adapter_of("gemini")->headers(Secret("AIza1", ""), extra) ==
        http::Headers{
            {"x-goog-api-key", "AIza1"}, {"OpenAI-Project", "p"}, {"X-Two", "a"}, {"X-Two", "b"}});
    CHECK(adapter_of("gemini")->headers(Secret(), {}).empty());
}

TEST_CASE("providers: a base URL is understood with and without its version", "[providers]") {
    struct Case {
        const char* vendor;
        const char* base;
        const char* target;
    };
    const Case cases[] = {
        {"openai", "https://api.openai.com/v1", "/v1/chat/completions"},
        {"openai", "https://api.openai.com/v1/", "/v1/chat/completions"},
        {"openai", "https://api.openai.com", "/v1/chat/completions"},
        {"openai", "https://proxy/openai", "/openai/v1/chat/completions"},
        {"openai", "https://proxy/v2beta?tenant=a", "/v2beta/chat/completions?tenant=a"},
        {"openai-compatible", "https://api.deepseek.com", "/chat/completions"},
        {"openai-compatible", "https://host/api/paas/v4", "/api/paas/v4/chat/completions"},
        {"dashscope", "https://dashscope.aliyuncs.com/compatible-mode/v1",
         "/compatible-mode/v1/chat/completions"},
        {"dashscope", "https://dashscope.aliyuncs.com/compatible-mode",
         "/compatible-mode/v1/chat/completions"},
        {"dashscope", "https://dashscope-intl.aliyuncs.com",
         "/compatible-mode/v1/chat/completions"},
        {"doubao", "https://ark.cn-beijing.volces.com/api/v3", "/api/v3/chat/completions"},
        {"doubao", "https://ark.cn-beijing.volces.com", "/api/v3/chat/completions"},
        {"doubao", "https://ark.eu-west.bytepluses.com/api", "/api/v3/chat/completions"},
        {"doubao", "https://ark.cn-beijing.volces.com/api/coding/v3",
         "/api/coding/v3/chat/completions"},
        {"minimax", "https://api.minimax.io/v1", "/v1/chat/completions"},
        {"minimax", "https://api.minimaxi.com", "/v1/chat/completions"},
        {"simulated", "http://127.0.0.1:9101", "/v1/chat/completions"},
        {"anthropic", "https://api.anthropic.com", "/v1/messages"},
        {"anthropic", "https://api.anthropic.com/v1/", "/v1/messages"},
        {"anthropic", "https://x/anthropic", "/anthropic/v1/messages"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.vendor << " at " << c.base) {
            CHECK(target_of(c.vendor, c.base) == c.target);
        }
    }
    const auto url = http::parse_url("https://x");
    REQUIRE(url);
    const auto target = [&](std::string_view vendor, Operation operation) {
        return adapter_of(vendor)->target(*url, {.operation = operation});
    };
    CHECK(target("openai", Operation::Embeddings) == "/v1/embeddings");
    CHECK(target("openai", Operation::Models) == "/v1/models");
    CHECK(target("doubao", Operation::Embeddings) == "/api/v3/embeddings");
    CHECK(adapter_of("doubao")->target(*url, {.model = "bot-1"}) ==
          "/api/v3/bots/chat/completions");
    CHECK(target("anthropic", Operation::CountTokens) == "/v1/messages/count_tokens");
    const WireCall response{.operation = Operation::Chat, .caller = Protocol::Responses};
    CHECK(adapter_of("openai")->target(*url, response) == "/v1/responses");
    CHECK(adapter_of("openai-compatible")->target(*url, response) == "/responses");
}

TEST_CASE("providers: a body passes to those who speak its protocol", "[providers]") {
    const auto passes = [](std::string_view vendor, Protocol caller, Operation operation) {
        return adapter_of(vendor)->passes(caller, operation);
    };
    CHECK(passes("openai", Protocol::Responses, Operation::Chat));
    CHECK(passes("simulated", Protocol::Responses, Operation::Chat));
    CHECK_FALSE(passes("openai-compatible", Protocol::Responses, Operation::Chat));
    // They have the path, each in a form of its own.
    for (const std::string_view vendor : {"dashscope", "doubao", "minimax"})
        CHECK_FALSE(passes(vendor, Protocol::Responses, Operation::Chat));
    CHECK_FALSE(passes("anthropic", Protocol::Responses, Operation::Chat));
    CHECK(passes("openai", Protocol::OpenAi, Operation::Completions));
    CHECK_FALSE(passes("anthropic", Protocol::OpenAi, Operation::Completions));
    CHECK_FALSE(passes("doubao", Protocol::OpenAi, Operation::Completions));
    CHECK_FALSE(passes("openai", Protocol::Anthropic, Operation::Chat));
}

TEST_CASE("providers: a vendor who has the model in the address gets it there", "[providers]") {
    struct Case {
        const char* base;
        WireCall call;
        const char* target;
    };
    const auto ask = [](std::string_view model, bool is_stream = false,
                        Operation operation = Operation::Chat) {
        return WireCall{.operation = operation, .model = model, .is_stream = is_stream};
    };
    const Case cases[] = {
        {"https://generativelanguage.googleapis.com/v1beta", ask("gemini-3.8-flash"),
         "/v1beta/models/gemini-3.8-flash:generateContent"},
        {"https://generativelanguage.googleapis.com", ask("models/gemini-3.8-flash", true),
         "/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse"},
        {"https://x/v1/", ask("m"), "/v1/models/m:generateContent"},
        {"https://x/google?tenant=a", ask("m", true),
         "/google/v1beta/models/m:streamGenerateContent?tenant=a&alt=sse"},
        {"https://x/google?tenant=a", ask("m"), "/google/v1beta/models/m:generateContent?tenant=a"},
        {"https://x", ask("m", false, Operation::CountTokens), "/v1beta/models/m:countTokens"},
        {"https://x", ask("", false, Operation::Models), "/v1beta/models"},
        {"https://x", ask("../m?key=a b\r\n/é", true),
         "/v1beta/models/..%2Fm%3Fkey%3Da%20b%0D%0A%2F%C3%A9:streamGenerateContent?alt=sse"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.target) {
            const auto url = http::parse_url(c.base);
            REQUIRE(url);
            CHECK(adapter_of("gemini")->target(*url, c.call) == c.target);
        }
    }
}

TEST_CASE("providers: nobody passes to a vendor whose protocol no caller speaks", "[providers]") {
    const auto adapter = adapter_of("gemini");
    for (const Protocol caller : {Protocol::OpenAi, Protocol::Anthropic, Protocol::Responses}) {
        for (const Operation operation :
             {Operation::Chat, Operation::Completions, Operation::Embeddings, Operation::Models,
              Operation::CountTokens})
            CHECK_FALSE(adapter->passes(caller, operation));
    }
    CHECK_FALSE(adapter->read_usage(R"({"prompt_tokens":1,"completion_tokens":1})"));
}

TEST_CASE("providers: some of OpenAI's models have Responses only", "[providers]") {
    const auto takes = [](std::string_view vendor, Protocol caller, std::string_view model) {
        const protocol::RequestFacts facts{.protocol = caller, .model = "any"};
        return adapter_of(vendor)->takes(facts, model, {});
    };
    for (const char* model : {"gpt-5-pro", "gpt-5.2-pro-2026-01-01", "o3-pro", "gpt-5.1-codex-max",
                              "codex-mini-latest"}) {
        INFO(model);
        CHECK_FALSE(takes("openai", Protocol::OpenAi, model));
        CHECK(takes("openai", Protocol::Responses, model));
        CHECK(takes("openai-compatible", Protocol::OpenAi, model));
    }
    // A proxy of all kinds of models may stand at an address of OpenAI's kind.
    for (const char* model : {"gpt-5", "gpt-4o", "o3", "gemini-2.5-pro", "doubao-pro-32k"}) {
        INFO(model);
        CHECK(takes("openai", Protocol::OpenAi, model));
    }
}

TEST_CASE("providers: a body that passes is edited where it must be", "[providers]") {
    struct Case {
        const char* name;
        const char* body;
        const char* upstream_model;
        const char* want;
    };
    const Case cases[] = {
        {"nothing", R"({"model":"a","messages":[{"role":"user"}]})", "a",
         R"({"model":"a","messages":[{"role":"user"}]})"},
        {"no other name", R"({"model":"a","messages":[{"role":"user"}]})", "",
         R"({"model":"a","messages":[{"role":"user"}]})"},
        {"the same name, escaped", R"({"model":"\u0061","messages":[{"role":"user"}]})", "a",
         R"({"model":"\u0061","messages":[{"role":"user"}]})"},
        {"another name", R"({ "x":1e999, "model" : "a","messages":[{"role":"user"}]})", "b\"",
         R"({ "x":1e999, "model" : "b\"","messages":[{"role":"user"}]})"},
        {"usage is asked for", R"( { "model":"a","messages":[{"role":"user"}],"stream":true})", "a",
         R"( {"stream_options":{"include_usage":true}, "model":"a","messages":[{"role":"user"}],"stream":true})"},
        {"both", R"({"model":"a","messages":[{"role":"user"}],"stream":true})", "b",
         R"({"stream_options":{"include_usage":true},"model":"b","messages":[{"role":"user"}],"stream":true})"},
        {"options are null",
         R"({"stream_options":null,"model":"a","messages":[{"role":"user"}],"stream":true})", "b",
         R"({"stream_options":{"include_usage":true},"model":"b","messages":[{"role":"user"}],"stream":true})"},
        {"options are empty",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{ }})", "a",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage":true}})"},
        {"other options stay",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_obfuscation":false}})",
         "a",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false}})"},
        {"usage was declined",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage": false}})",
         "a",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage": true}})"},
        {"usage was asked for",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage": true}})",
         "a",
         R"({"model":"a","messages":[{"role":"user"}],"stream":true,"stream_options":{"include_usage": true}})"},
        {"no stream", R"({"model":"a","messages":[{"role":"user"}],"stream_options":{}})", "a",
         R"({"model":"a","messages":[{"role":"user"}],"stream_options":{}})"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(edited(c.body, c.upstream_model) == c.want);
        }
    }
}

TEST_CASE("providers: a refusal keeps the vendor's words and gets our code", "[providers]") {
    struct Case {
        const char* vendor;
        int status;
        std::string body;
        ErrorCode code;
        const char* message;
        const char* wire_code;
        int seen_status;  // by a caller of the OpenAI protocol
        bool is_retryable;
    };
    using enum ErrorCode;
    const std::string refused = "the upstream refused the gateway's credentials (HTTP ";
    const Case cases[] = {
        {"openai", 400, openai_error("bad temperature", "unsupported_value"), InvalidRequest,
         "bad temperature", "unsupported_value", 400, false},
        {"openai", 400, openai_error("too long", "context_length_exceeded"), ContextTooLong,
         "too long", "", 400, false},
        {"openai", 400, openai_error("This model's maximum context length is 8192", "x"),
         ContextTooLong, "This model's maximum context length is 8192", "", 400, false},
        {"openai", 401, openai_error("Incorrect API key provided: sk-abcd1234", "invalid_api_key"),
         UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 401 invalid_api_key)", "", 502,
         true},
        {"openai", 402, "", UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 402)", "", 502, true},
        {"openai", 403, openai_error("no", "unsupported_country_region_territory"),
         UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 403 "
         "unsupported_country_region_territory)",
         "", 502, true},
        {"openai", 404, openai_error("no such model", "model_not_found"), NotFound, "no such model",
         "model_not_found", 404, false},
        {"openai", 408, "", UpstreamTimeout, "upstream answered HTTP 408 without a reason", "", 504,
         true},
        {"openai", 409, openai_error("busy", "conflict"), Conflict, "busy", "conflict", 409, false},
        {"openai", 413, openai_error("big", "x"), TooLarge, "big", "x", 413, false},
        {"openai", 415, openai_error("type", "x"), InvalidRequest, "type", "x", 415, false},
        {"openai", 422, openai_error("odd", "x"), InvalidRequest, "odd", "x", 422, false},
        {"openai", 429, openai_error("slow down", "rate_limit_exceeded"), RateLimited, "slow down",
         "rate_limit_exceeded", 429, true},
        {"openai", 429, openai_error("no money", "insufficient_quota"), UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 429 insufficient_quota)", "", 502,
         true},
        {"openai", 500, openai_error("oops", "x"), UpstreamInvalid, "oops", "x", 500, true},
        {"openai", 502, "<html><h1>Bad Gateway</h1></html>", UpstreamInvalid,
         "upstream answered HTTP 502: <html><h1>Bad Gateway</h1></html>", "", 502, true},
        {"openai", 503, openai_error("busy", "overloaded"), Overloaded, "busy", "overloaded", 503,
         true},
        {"openai", 504, "", UpstreamTimeout, "upstream answered HTTP 504 without a reason", "", 504,
         true},
        {"openai", 529, "", Overloaded, "upstream answered HTTP 529 without a reason", "", 503,
         true},
        {"openai", 302, "", UpstreamInvalid, "upstream answered HTTP 302 without a reason", "", 502,
         true},
        {"openai-compatible", 422, R"({"detail":[{"msg":"field required"}]})", InvalidRequest,
         "field required", "", 422, false},
        {"openai-compatible", 500, R"({"error":"CUDA out of memory"})", UpstreamInvalid,
         "CUDA out of memory", "", 500, true},
        {"openai-compatible", 429, openai_error("x", "insufficient_quota"), RateLimited, "x", "",
         429, true},
        {"dashscope", 400, R"({"code":"InvalidParameter","message":"bad top_p"})", InvalidRequest,
         "bad top_p", "InvalidParameter", 400, false},
        {"dashscope", 400, R"({"code":"Arrearage","message":"overdue"})", UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 400 Arrearage)", "", 502, true},
        {"dashscope", 400, openai_error("blocked", "data_inspection_failed"), InvalidRequest,
         "blocked", "data_inspection_failed", 400, false},
        {"dashscope", 400,
         R"({"code":"InternalError.Algo.InvalidParameter","message":"Range of input length should be [1, 9]"})",
         ContextTooLong, "Range of input length should be [1, 9]", "", 400, false},
        {"dashscope", 401, R"({"code":"InvalidApiKey","message":"Invalid API-key provided."})",
         UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 401 InvalidApiKey)", "", 502, true},
        {"dashscope", 403, R"({"code":"AllocationQuota.FreeTierOnly","message":"x"})",
         UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 403 AllocationQuota.FreeTierOnly)",
         "", 502, true},
        {"dashscope", 404, openai_error("no such model", "model_not_found"), NotFound,
         "no such model", "model_not_found", 404, false},
        {"dashscope", 429, openai_error("TPM", "insufficient_quota", "insufficient_quota"),
         RateLimited, "TPM", "", 429, true},
        {"dashscope", 429, R"({"code":"Throttling.RateQuota","message":"slow"})", RateLimited,
         "slow", "Throttling.RateQuota", 429, true},
        {"dashscope", 429,
         R"({"code":"Throttling.AllocationQuota","message":"Free allocated quota exceeded."})",
         UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 429 Throttling.AllocationQuota)", "",
         502, true},
        {"dashscope", 429, R"({"code":"PrepaidBillOverdue","message":"x"})", UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 429 PrepaidBillOverdue)", "", 502,
         true},
        {"dashscope", 500, R"({"code":"RequestTimeOut","message":"late"})", UpstreamTimeout, "late",
         "RequestTimeOut", 504, true},
        {"dashscope", 500, R"({"code":"ModelServingError","message":"busy"})", Overloaded, "busy",
         "ModelServingError", 503, true},
        {"dashscope", 500, R"({"code":"InternalError","message":"oops"})", UpstreamInvalid, "oops",
         "InternalError", 500, true},
        {"gemini", 400, google_error(400, "INVALID_ARGUMENT", "API key expired. Renew it."),
         UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 400 API_KEY_INVALID)", "", 502,
         true},
        {"gemini", 400, google_error(400, "FAILED_PRECONDITION", "no billing"), UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 400 FAILED_PRECONDITION)", "", 502,
         true},
        {"gemini", 400, google_error(400, "INVALID_ARGUMENT", "bad topK"), InvalidRequest,
         "bad topK", "", 400, false},
        {"gemini", 401, google_error(401, "UNAUTHENTICATED", "x"), UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 401 UNAUTHENTICATED)", "", 502,
         true},
        {"gemini", 403, "", UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 403)", "", 502, true},
        {"gemini", 404, google_error(404, "NOT_FOUND", "gone"), NotFound, "gone", "model_not_found",
         404, false},
        {"gemini", 429, "[" + google_error(429, "RESOURCE_EXHAUSTED", "slow") + "]", RateLimited,
         "slow", "", 429, true},
        {"gemini", 499, google_error(499, "CANCELLED", "x"), InvalidRequest, "x", "", 499, false},
        {"gemini", 500, google_error(500, "INTERNAL", "oops"), UpstreamInvalid, "oops", "", 500,
         true},
        {"gemini", 503, google_error(503, "UNAVAILABLE", "busy"), Overloaded, "busy", "", 503,
         true},
        {"gemini", 504, google_error(504, "DEADLINE_EXCEEDED", "late"), UpstreamTimeout, "late", "",
         504, true},
        {"gemini", 502, "<html>Bad Gateway</html>", UpstreamInvalid,
         "upstream answered HTTP 502: <html>Bad Gateway</html>", "", 502, true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.vendor << " " << c.status << " " << c.body.substr(0, 70)) {
            const Error error =
                adapter_of(c.vendor)->decode_error({.status = c.status, .body = c.body});
            CHECK(error_row(error.code).name == error_row(c.code).name);
            CHECK(error.message == c.message);
            CHECK(error.wire_code == c.wire_code);
            CHECK(error.http_status() == c.seen_status);
            CHECK(is_retryable(error) == c.is_retryable);
        }
    }
}

TEST_CASE("providers: a throttle keeps the delay that the vendor asked for", "[providers]") {
    struct Case {
        http::Headers headers;
        std::optional<milliseconds> delay;
    };
    const Case cases[] = {
        {{}, std::nullopt},
        {{{"retry-after", "2"}}, milliseconds(2000)},
        {{{"Retry-After", "0.5"}}, milliseconds(500)},
        {{{"retry-after", "2"}, {"retry-after-ms", "1500"}}, milliseconds(1500)},
        {{{"retry-after", "2"}, {"retry-after-ms", "soon"}}, milliseconds(2000)},
        {{{"retry-after", "Fri, 20 Nov 2026 10:00:00 GMT"}}, std::nullopt},
        {{{"retry-after", "-1"}}, std::nullopt},
        {{{"retry-after", "80000000"}}, milliseconds(86'400'000)},
        {{{"retry-after", "99999999999999999999"}}, std::nullopt},
    };
    for (const Case& c : cases) {
        http::Response reply{.status = 429, .headers = c.headers, .body = ""};
        CHECK(adapter_of("openai")->decode_error(reply).retry_after == c.delay);
        reply.status = 400;
        CHECK_FALSE(adapter_of("openai")->decode_error(reply).retry_after);
    }
}

TEST_CASE("providers: Gemini says in the body how long to wait", "[providers]") {
    struct Case {
        const char* name;
        const char* details;
        http::Headers headers;
        std::optional<milliseconds> delay;
    };
    const std::string retry =
        R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":)";
    const std::string daily = R"({"violations":[{"quotaId":"RequestsPerDayPerProject"}]})";
    const std::string both = retry + "\"17s\"}," + daily;
    const std::string half = retry + "\"0.5s\"}";
    const std::string week = retry + "\"604800s\"}";
    const std::string bad = retry + "\"soon\"}";
    const std::string negative = retry + "\"-3s\"}";
    const http::Headers night{{"date", "Sun, 29 Nov 2026 07:59:30 GMT"}};
    const http::Headers noon{{"date", "Sun, 29 Nov 2026 12:00:00 GMT"}};
    const Case cases[] = {
        {"nothing", "", {}, std::nullopt},
        {"in a header", "", {{"retry-after", "2"}}, milliseconds(2000)},
        {"half a second", half.c_str(), {{"retry-after", "2"}}, milliseconds(500)},
        {"longer than a day", week.c_str(), {}, milliseconds(86'400'000)},
        {"no number", bad.c_str(), {}, std::nullopt},
        {"the past", negative.c_str(), {}, std::nullopt},
        {"a day's quota, no clock", both.c_str(), {}, milliseconds(17'000)},
        {"a day's quota, soon over", both.c_str(), night, milliseconds(30'000)},
        {"a day's quota", daily.c_str(), noon, milliseconds(72'000'000)},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            http::Response reply{
                .status = 429,
                .headers = c.headers,
                .body = R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","details":[)" +
                        std::string(c.details) + "]}}"};
            CHECK(adapter_of("gemini")->decode_error(reply).retry_after == c.delay);
            reply.status = 400;
            CHECK_FALSE(adapter_of("gemini")->decode_error(reply).retry_after);
        }
    }
}

TEST_CASE("providers: a success that holds an error is an error", "[providers]") {
    struct Case {
        const char* vendor;
        const char* body;
        std::optional<ErrorCode> code;
        const char* message;
    };
    using enum ErrorCode;
    const Case cases[] = {
        {"openai", R"({"id":"c","choices":[{"message":{"content":"x"}}]})", std::nullopt, ""},
        {"openai", R"({"object":"list","data":[]})", std::nullopt, ""},
        {"openai", R"({"error":{"message":"oops"}})", UpstreamInvalid, "oops"},
        {"openai", R"({"error":{"message":"bad","type":"invalid_request_error"}})", InvalidRequest,
         "bad"},
        {"openai", R"({"error":{"message":"slow","code":429}})", RateLimited, "slow"},
        {"openai", R"({"error":{"message":"key","code":"invalid_api_key"}})", UpstreamCredentials,
         "the upstream refused the gateway's credentials (HTTP 200 invalid_api_key)"},
        {"dashscope", R"({"code":"Throttling","message":"slow"})", RateLimited, "slow"},
        {"openai", "<html>login</html>", UpstreamInvalid,
         "upstream answered HTTP 200: <html>login</html>"},
        {"openai", "", UpstreamInvalid, "upstream answered HTTP 200 without a reason"},
        {"gemini", R"({"candidates":[{"content":{"parts":[{"text":"x"}]}}]})", std::nullopt, ""},
        {"gemini", R"([{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}])",
         Overloaded, "busy"},
        {"gemini", R"({"error":{"message":"slow","status":"RESOURCE_EXHAUSTED"}})", RateLimited,
         "slow"},
        {"gemini", "<html>login</html>", UpstreamInvalid,
         "upstream answered HTTP 200: <html>login</html>"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.vendor << " " << c.body) {
            const auto checked = adapter_of(c.vendor)->check_reply({.status = 200, .body = c.body});
            REQUIRE(checked.has_value() == !c.code.has_value());
            if (checked) return;
            CHECK(error_row(checked.error().code).name == error_row(*c.code).name);
            CHECK(checked.error().message == c.message);
            CHECK(checked.error().http_status() == error_row(*c.code).http);
        }
    }
    CHECK_FALSE(adapter_of("openai")->check_reply({.status = 500, .body = "{}"}));
}
