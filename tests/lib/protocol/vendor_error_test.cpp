#include "protocol/vendor_error.h"

#include <catch2/catch.hpp>

using namespace aigw::protocol;

TEST_CASE("protocol: a vendor's refusal is understood in every shape", "[protocol]") {
    struct Case {
        const char* name;
        std::string body;
        VendorError want;
    };
    const Case cases[] = {
        {"OpenAI",
         R"({"error":{"message":"no such model","type":"invalid_request_error","param":"model","code":"model_not_found"}})",
         {"no such model", "invalid_request_error", "model_not_found", "model"}},
        {"null fields",
         R"({"error":{"message":"no","type":null,"param":null,"code":null}})",
         {"no", "", "", ""}},
        {"a numeric code", R"({"error":{"message":"no","code":502}})", {"no", "", "502", ""}},
        {"error as text", R"({"error":"no"})", {"no", "", "", ""}},
        {"flat",
         R"({"request_id":"r","code":"InvalidApiKey","message":"Invalid API-key provided."})",
         {"Invalid API-key provided.", "", "InvalidApiKey", ""}},
        {"message alone", R"({"message":"no"})", {"no", "", "", ""}},
        {"detail as text", R"({"detail":"Not Found"})", {"Not Found", "", "", ""}},
        {"detail as a list",
         R"({"detail":[{"loc":["body","model"],"msg":"field required","type":"missing"}]})",
         {"field required", "missing", "", ""}},
        {"a failed status",
         R"({"choices":null,"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})",
         {"insufficient balance", "", "1008", ""}},
        {"errors", R"({"errors":[{"message":"no","code":7}]})", {"no", "", "7", ""}},
        {"an array around", R"([{"error":{"message":"no","code":400}}])", {"no", "", "400", ""}},
        {"another shape", R"({"state":"bad"})", {R"({"state":"bad"})", "", "", ""}},
        {"a page",
         "<html>\n<head><title>502 Bad Gateway</title></head>\n</html>",
         {"<html> <head><title>502 Bad Gateway</title></head> </html>", "", "", ""}},
        {"a long text",
         std::string(150, 'a') + std::string(100, 'b'),
         {std::string(150, 'a') + std::string(50, 'b'), "", "", ""}},
        {"a long text of characters",
         [] {
             std::string text;
             for (int i = 0; i < 250; ++i) text += "汉";
             return text;
         }(),
         {[] {
              std::string text;
              for (int i = 0; i < 200; ++i) text += "汉";
              return text;
          }(),
          "", "", ""}},
        {"nothing", "", {}},
        {"an empty object", "{}", {}},
        {"deep nesting", std::string(100'000, '['), {std::string(200, '['), "", "", ""}},
        {"a key in it",
         R"({"error":{"message":"Incorrect API key provided: sk-proj-abc123DEF. Try again."}})",
         {"Incorrect API key provided: sk-***. Try again.", "", "", ""}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(read_vendor_error(c.body) == c.want);
        }
    }
}

TEST_CASE("protocol: a success may hold an error", "[protocol]") {
    struct Case {
        const char* json;
        std::optional<VendorError> want;
    };
    const Case cases[] = {
        {R"({"error":{"message":"no","code":"x"}})", VendorError{"no", "", "x", ""}},
        {R"({"error":"no"})", VendorError{"no", "", "", ""}},
        {R"({"id":"c","error":{"message":"no","code":502},"choices":[]})",
         VendorError{"no", "", "502", ""}},
        {R"({"code":"Throttling","message":"slow"})", VendorError{"slow", "", "Throttling", ""}},
        {R"({"code":"0","message":"fine","data":[]})", std::nullopt},
        {R"({"choices":[],"base_resp":{"status_code":1002,"status_msg":"slow"}})",
         VendorError{"slow", "", "1002", ""}},
        {R"({"choices":[],"base_resp":{"status_code":0,"status_msg":"success"}})", std::nullopt},
        {R"({"choices":[],"base_resp":null})", std::nullopt},
        {R"({"choices":[],"base_resp":{}})", std::nullopt},
        {R"({"error":null,"choices":[]})", std::nullopt},
        {R"({"error":{},"choices":[]})", std::nullopt},
        {R"({"error":[],"choices":[]})", std::nullopt},
        {R"({"error":false,"choices":[]})", std::nullopt},
        {R"({"error":"","choices":[]})", std::nullopt},
        {R"({"choices":[{"message":{"content":"\"error\":1"}}]})", std::nullopt},
        {"[DONE]", std::nullopt},
        {"", std::nullopt},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.json) {
            CHECK(find_vendor_error(c.json) == c.want);
        }
    }
}

TEST_CASE("protocol: secrets never leave in a message", "[protocol]") {
    struct Case {
        const char* text;
        const char* masked;
    };
    const Case cases[] = {
        {"key sk-abcd1234 is bad", "key sk-*** is bad"},
        {"(sk-proj-a_b-c)", "(sk-***)"},
        {"api_key=sk-abcd1234", "api_key=sk-***"},
        {"Authorization: Bearer abcdef.ghijkl", "Authorization: Bearer ***"},
        {"AIzaSyA1234567890abcdefghijklmnopq", "AIza***"},
        {"a task-oriented desk-lamp, sk-1", "a task-oriented desk-lamp, sk-1"},
        {"Bearer of news", "Bearer of news"},
        {"", ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.text) {
            CHECK(mask_secrets(c.text) == c.masked);
        }
    }
}

TEST_CASE("vendor error: what the vendor was sent in confidence is hidden wherever it repeats it",
          "[protocol]") {
    const std::vector<std::string> secrets{"0123.abcd", "sesame"};
    aigw::Error error{aigw::ErrorCode::InvalidRequest, "'0123.abcd' is no key, 0123.abcd is none"};
    error.wire_code = "sesame_is_no_code";
    error.wire_type = "sesamesesame";
    error.param = "other";
    hide_secrets(error, secrets);
    CHECK(error.message == "'***' is no key, *** is none");
    CHECK(error.wire_code == "***_is_no_code");
    CHECK(error.wire_type == "******");
    CHECK(error.param == "other");
}
