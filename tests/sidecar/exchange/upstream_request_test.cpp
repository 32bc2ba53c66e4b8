// What a platform is sent for a request, without any socket; and that what is shown of it is what a
// gateway sends.
#include "sidecar/exchange/upstream_request.h"

#include "decision/decision.h"
#include "decision/observed.h"
#include "sidecar/exchange/shown_request.h"
#include "sidecar/routes.h"
#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::exchange;
using fakes::Upstream;

namespace {

constexpr TimePoint kNow{std::chrono::microseconds(1'790'000'000'000'000)};

const std::string kOpenAi =
    "[platforms.gpt]\nprovider = \"openai\"\nbase_url = \"http://gpt.test/v1\"\n"
    "api_key = \"sk-up-secret\"\n";
const std::string kClaude =
    "[platforms.claude]\nprovider = \"anthropic\"\nbase_url = \"http://claude.test\"\n"
    "api_key = \"sk-ant-secret\"\n";
const std::string kGemini =
    "[platforms.gemini]\nprovider = \"gemini\"\nbase_url = \"http://gemini.test\"\n"
    "api_key = \"AIza-secret\"\n";
const std::string kAnyModel = "[auto_route]\nenabled = true\n";

config::Loaded load(const std::string& text) {
    const fakes::Files files;
    const fakes::Variables variables{
        .values = {{"GPT_KEY", "sk-up-secret"}, {"TEAM", "the-whole-team"}}};
    auto loaded = config::parse_config(text, "test.toml", {files, variables.environment()});
    if (!loaded) FAIL(config::render_lines(loaded.error().diagnostics));
    return std::move(*loaded);
}

std::string route_to(const std::string& platforms) {
    return "[[routes]]\nmatch = { model = \"*\" }\nto = " + platforms + "\n";
}

// One request that nobody sends.
struct Request {
    std::string path = "/v1/chat/completions";
    std::string body{};
    http::Headers headers{{"Content-Type", "application/json"}};
};

const std::string kHi = R"("messages":[{"role":"user","content":"hi"}])";
std::string chat(const std::string& members = "") {
    return R"({"model":"m",)" + members + kHi + "}";
}

// A configuration and a request that has been read for it.
class Scene {
public:
    Scene(const std::string& config, Request request)
        : loaded_(load(config)), request_(std::move(request)), body_(request_.body) {
        auto assembled = assembly::assemble(loaded_.config, kNow);
        if (!assembled) FAIL(render_line(assembled.error()));
        assembly_ = std::move(assembled).take();
        const sidecar::Relayed relayed = *sidecar::find_route("POST", request_.path)->relays;
        auto facts = reader_.read(relayed.operation, body_.body(),
                                  sidecar::model_of_path(request_.path), relayed.protocol);
        if (!facts) FAIL(render_line(facts.error()));
        facts_ = std::move(facts).take();
        http_.headers = request_.headers;
        head_ = engine::head_of(http_);
    }

    Asked asked() const {
        return {.facts = facts_,
                .body = body_.body().bytes(),
                .head = head_,
                .conversion = assembly_->config.conversion,
                .request_id = "req_1",
                .at = kNow};
    }

    // The whole request to a platform, by its number; or what there is instead of one.
    std::string written(std::size_t platform = 0, std::string_view model = {}) {
        const Recipient to{.platform = assembly_->platforms[platform], .model = model};
        if (const auto prepared = upstream_.prepare(asked(), to); !prepared)
            return "error: " + render_line(prepared.error());
        if (upstream_.needs_no_call()) return "no call";
        std::string head;
        protocol::Pieces pieces;
        const auto made = upstream_.write(asked(), to, to.platform.fields, head, pieces);
        if (!made) return "error: " + render_line(made.error());
        std::string whole;
        for (const std::string_view piece : pieces) whole += piece;
        return whole;
    }

    Shown shown(std::string_view platform = {}) const {
        const decision::ObservedNothing observed;
        const Principal principal{.kind = PrincipalKind::Local, .role = Role::Admin};
        const auto decision =
            decision::decide(assembly_->snapshot, facts_, principal, observed, kNow);
        return show_request({.assembly = *assembly_,
                             .provenance = loaded_.provenance,
                             .decision = decision,
                             .facts = facts_,
                             .body = body_.body().bytes(),
                             .headers = request_.headers,
                             .platform = platform});
    }

    UpstreamRequest& upstream() { return upstream_; }

private:
    config::Loaded loaded_;
    Request request_;
    protocol::OwnedPaddedBody body_;
    std::shared_ptr<const assembly::Assembly> assembly_;
    protocol::FactsReader reader_;
    protocol::RequestFacts facts_;
    http::Request http_{.method = "POST"};
    engine::RequestHead head_;
    UpstreamRequest upstream_;
};

std::string with_length(const std::string& head, const std::string& body) {
    return head + "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::string replace_all(std::string text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at))
        text.replace(at, from.size(), to);
    return text;
}

// As it would stand on the wire.
std::string wire_of(const ShownRequest& shown) {
    const std::string rest = shown.url.substr(shown.url.find("://") + 3);
    return shown.method + " " + rest.substr(rest.find('/')) + " HTTP/1.1\r\n" +
           std::string(shown.headers.lines()) + "\r\n" + shown.body;
}

}  // namespace

TEST_CASE("upstream request: a body that passes is sent as it came, but for its edits",
          "[gateway][upstream]") {
    const std::string head =
        "POST /v1/chat/completions HTTP/1.1\r\nhost: gpt.test\r\n"
        "authorization: Bearer sk-up-secret\r\nContent-Type: application/json\r\n";
    struct Case {
        const char* name;
        std::string body;
        std::string model;  // as the vendor calls it
        std::string sent;
    };
    const std::string odd = R"({ "model":"m", "odd":[1.10,2], )" + kHi + " }";
    const Case cases[] = {
        {"every byte", odd, "", odd},
        {"with the vendor's name of the model", odd, "gpt-4o",
         R"({ "model":"gpt-4o", "odd":[1.10,2], )" + kHi + " }"},
        {"a stream that says what it used", chat(R"("stream":true,)"), "",
         R"({"stream_options":{"include_usage":true},"model":"m","stream":true,)" + kHi + "}"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scene scene(kOpenAi + kAnyModel, {.body = c.body});
            CHECK(scene.written(0, c.model) == with_length(head, c.sent));
            CHECK(scene.upstream().conversion() == nullptr);
        }
    }
}

TEST_CASE("upstream request: of a caller's fields only those go along that are the vendor's",
          "[gateway][upstream]") {
    const http::Headers headers{{"Host", "gw"},           {"Authorization", "Bearer sk-mine"},
                                {"x-api-key", "sk-mine"}, {"Cookie", "a=b"},
                                {"X-Aigw-Strict", "0"},   {"OpenAI-Beta", "x=1"},
                                {"Connection", "X-Hop"},  {"X-Hop", "1"},
                                {"X-Team", "theirs"},     {"Accept-Encoding", "gzip"}};
    const std::string platform = kOpenAi + "headers = { \"X-Team\" = \"ours\" }\n";
    Scene passing(platform + kAnyModel, {.body = chat(), .headers = headers});
    CHECK(passing.written() ==
          with_length("POST /v1/chat/completions HTTP/1.1\r\nhost: gpt.test\r\n"
                      "authorization: Bearer sk-up-secret\r\nX-Team: ours\r\n"
                      "OpenAI-Beta: x=1\r\n",
                      chat()));
    Scene converted(kClaude + kAnyModel, {.body = chat(), .headers = headers});
    const std::string sent = converted.written();
    CHECK(
        sent.starts_with("POST /v1/messages HTTP/1.1\r\nhost: claude.test\r\n"
                         "x-api-key: sk-ant-secret\r\nanthropic-version: 2023-06-01\r\n"
                         "content-type: application/json\r\naccept: application/json\r\n"
                         "content-length: "));
}

TEST_CASE("upstream request: a body that does not pass is written in the vendor's words",
          "[gateway][upstream]") {
    const std::string config = kOpenAi + kClaude + kGemini + kAnyModel;
    const auto body_of = [](const std::string& request) {
        return request.substr(request.find("\r\n\r\n") + 4);
    };
    SECTION("OpenAI's callers reach Anthropic") {
        Scene scene(config, {.body = chat(R"("seed":1,)")});
        CHECK(
            body_of(scene.written(1)) ==
            R"({"model":"m","max_tokens":8192,"messages":[{"role":"user","content":[{"type":"text","text":"hi"}]}]})");
        REQUIRE(scene.upstream().conversion() != nullptr);
        CHECK(scene.upstream().conversion()->losses().header() == "dropped:seed");
    }
    SECTION("a stream is asked for as one, at Gemini in the address") {
        Scene scene(config, {.body = chat(R"("stream":true,)")});
        const std::string sent = scene.written(2, "gemini-2.5-flash");
        CHECK(sent.starts_with(
            "POST /v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse HTTP/1.1\r\n"));
        CHECK(has(sent, "accept: text/event-stream\r\n"));
    }
    SECTION("after one candidate the next is asked in its own words") {
        Scene scene(config, {.body = chat()});
        CHECK(scene.written(1).starts_with("POST /v1/messages "));
        CHECK(body_of(scene.written(0)) == chat());
        CHECK(scene.upstream().conversion() == nullptr);
    }
    SECTION("who is strict is refused what would be lost") {
        Scene scene(config, {.body = chat(R"("seed":1,)"), .headers = {{"X-Aigw-Strict", "1"}}});
        CHECK(scene.written(1) ==
              "error: seed would be dropped for this model, and the request is strict: leave it "
              "out, or do without X-Aigw-Strict");
        CHECK(body_of(scene.written(0)) == chat(R"("seed":1,)"));
    }
    SECTION("a strict configuration gives way to its caller") {
        const std::string strict = config + "[conversion]\nstrict = true\n";
        Scene refused(strict, {.body = chat(R"("seed":1,)")});
        CHECK(refused.written(1).starts_with("error: seed would be dropped"));
        Scene taken(strict, {.body = chat(R"("seed":1,)"), .headers = {{"X-Aigw-Strict", "0"}}});
        CHECK(taken.written(1).starts_with("POST /v1/messages "));
    }
}

TEST_CASE("upstream request: what is answered here needs no call, except of Anthropic",
          "[gateway][upstream]") {
    const std::string config = kOpenAi + kClaude + kAnyModel;
    struct Case {
        const char* name;
        Request request;
        bool at_openai;
        bool at_anthropic;
    };
    const Case cases[] = {
        {"tokens are counted", {.path = "/v1/messages/count_tokens", .body = chat()}, true, false},
        {"an answer of no token",
         {.path = "/v1/messages", .body = chat(R"("max_tokens":0,)")},
         true,
         false},
        {"an answer of one token",
         {.path = "/v1/messages", .body = chat(R"("max_tokens":1,)")},
         false,
         false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Scene scene(config, c.request);
            CHECK((scene.written(0) == "no call") == c.at_openai);
            CHECK((scene.written(1) == "no call") == c.at_anthropic);
        }
    }
}

TEST_CASE("upstream request: what is shown is what a gateway sends, without its key",
          "[gateway][upstream]") {
    struct Case {
        const char* name;
        const char* provider;
        std::string path;
        std::string body;
        std::string fields;  // of the caller
    };
    const std::string prompt = R"({"model":"m","prompt":"hi"})";
    const std::string input = R"({"model":"m","input":"hi"})";
    const std::string bounded = chat(R"("max_tokens":9,)");
    const Case cases[] = {
        {"a chat that passes", "openai", "/v1/chat/completions", chat(R"("odd":1.10,)"),
         "OpenAI-Beta: x=1\r\nX-Empty: \r\nCookie: a=b\r\n"},
        {"a stream that passes", "openai", "/v1/chat/completions", chat(R"("stream":true,)"), ""},
        {"an elder path", "openai", "/api/v1/chat", chat(), ""},
        {"a path that names the model", "openai", "/v1/engines/m/completions", R"({"prompt":"hi"})",
         ""},
        {"Responses that pass", "openai", "/v1/responses", input, ""},
        {"completions that pass", "openai", "/v1/completions", prompt, ""},
        {"embeddings that pass", "openai", "/v1/embeddings", input, ""},
        {"Messages that are converted", "openai", "/v1/messages", bounded,
         "anthropic-version: 2023-06-01\r\n"},
        {"Messages that pass", "anthropic", "/v1/messages", bounded, "anthropic-beta: a,b\r\n"},
        {"tokens that Anthropic counts", "anthropic", "/v1/messages/count_tokens", chat(), ""},
        {"a chat that is converted", "anthropic", "/v1/chat/completions", chat(R"("seed":1,)"), ""},
        {"Responses that are converted", "anthropic", "/v1/responses", input, ""},
        {"completions that are converted", "anthropic", "/v1/completions", prompt, ""},
        {"a chat at Gemini", "gemini", "/v1/chat/completions", chat(), ""},
        {"a stream at Gemini", "gemini", "/v1/chat/completions", chat(R"("stream":true,)"), ""},
        {"embeddings at Gemini", "gemini", "/v1/embeddings", input, ""},
        {"a chat at DashScope", "dashscope", "/v1/chat/completions", chat(), ""},
        {"a chat at Doubao", "doubao", "/v1/chat/completions", chat(), ""},
        {"a chat at MiniMax", "minimax", "/v1/chat/completions", chat(), ""},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream({{fakes::send(sidecar::answer(400, R"({"error":"no"})"))}});
            const std::string config =
                sidecar::one_caller() + "[platforms.up]\nprovider = \"" + c.provider +
                "\"\nbase_url = \"" + upstream.url() +
                "\"\nkeys = [{ name = \"k1\", key = \"sk-up-first\" }, "
                "{ name = \"k2\", key = \"sk-up-second\" }]\n"
                "headers = { \"X-Api-Token\" = \"t0k3n\", \"X-Team\" = "
                "\"${TEAM:-the-whole-team}\", \"X-Plain\" = \"in the clear\" }\n"
                "retry = { attempts = 1 }\n" +
                route_to("\"up\"");
            const auto gateway = sidecar::start_gateway(config);
            sidecar::ask(*gateway, "POST " + c.path +
                                       " HTTP/1.1\r\nHost: gw\r\nx-api-key: sk-ci\r\n"
                                       "Content-Type: application/json\r\n" +
                                       c.fields + "Content-Length: " +
                                       std::to_string(c.body.size()) + "\r\n\r\n" + c.body);
            REQUIRE(upstream.requests().size() == 1);

            http::Headers headers{
                {"Host", "gw"}, {"x-api-key", "sk-ci"}, {"Content-Type", "application/json"}};
            for (std::string_view rest = c.fields; !rest.empty();) {
                const std::string_view line = rest.substr(0, rest.find("\r\n"));
                headers.add(line.substr(0, line.find(": ")), line.substr(line.find(": ") + 2));
                rest.remove_prefix(line.size() + 2);
            }
            const Shown shown = Scene(config, {c.path, c.body, headers}).shown();
            REQUIRE(shown.request);
            CHECK(shown.passed_over.empty());
            std::string sent = upstream.requests().front();
            for (const char* secret : {"sk-up-first", "t0k3n", "the-whole-team"}) {
                CHECK(has(sent, secret));
                CHECK_FALSE(has(wire_of(*shown.request), secret));
                sent = replace_all(sent, secret, "***");
            }
            CHECK(wire_of(*shown.request) == sent);
            CHECK(has(sent, "X-Plain: in the clear\r\n"));
            CHECK(shown.request->url.starts_with(upstream.url("/")));
            CHECK(shown.request->platform == "up");
        }
    }
}

TEST_CASE("upstream request: a secret that the caller repeats is hidden as well",
          "[gateway][upstream]") {
    const Shown shown = Scene(kOpenAi + kAnyModel + route_to("\"gpt\""),
                              {.body = chat(R"("user":"sk-up-secret",)"),
                               .headers = {{"X-Note", "my sk-up-secret"}}})
                            .shown();
    REQUIRE(shown.request);
    CHECK(shown.request->body == chat(R"("user":"***",)"));
    CHECK(shown.request->headers.find("x-note") == "my ***");
}

TEST_CASE("upstream request: the field of the key is named, and the variable that holds it",
          "[gateway][upstream]") {
    const std::string head = "[platforms.up]\nprovider = \"openai\"\n";
    struct Case {
        const char* name;
        std::string config;
        std::string field;
        std::string variable;
        std::optional<std::string_view> shown;  // its value
    };
    const Case cases[] = {
        {"from the environment", head + "api_key = \"${GPT_KEY}\"\n", "authorization", "GPT_KEY",
         "Bearer ***"},
        {"with a default", head + "api_key = \"${GPT_KEY:-none}\"\n", "authorization", "GPT_KEY",
         "Bearer ***"},
        {"put together", head + "api_key = \"a${GPT_KEY}\"\n", "authorization", "", "Bearer ***"},
        {"in the clear, and short", head + "api_key = \"o\"\n", "authorization", "", "Bearer ***"},
        {"none", head, "", "", std::nullopt},
        {"the first of several",
         head +
             "keys = [{ name = \"a\", key = \"${GPT_KEY}\" }, { name = \"b\", key = \"other\" }]\n",
         "authorization", "GPT_KEY", "Bearer ***"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Shown shown = Scene(c.config + route_to("\"up\""), {.body = chat()}).shown();
            REQUIRE(shown.request);
            CHECK(shown.request->key_field == c.field);
            CHECK(shown.request->key_variable == c.variable);
            CHECK(shown.request->headers.find("authorization") == c.shown);
            CHECK(shown.request->body == chat());
            CHECK(shown.request->headers.find("content-type") == "application/json");
        }
    }
}

TEST_CASE("upstream request: where none is sent it is said why", "[gateway][upstream]") {
    const std::string both = kOpenAi + kClaude;
    SECTION("the call is refused") {
        const Shown shown = Scene(both + route_to("\"gpt\"") +
                                      "[platforms.off]\n"
                                      "provider = \"openai\"\nenabled = false\n[[routes]]\n"
                                      "match = { model = \"m\" }\nto = \"off\"\n",
                                  {.body = chat()})
                                .shown();
        CHECK_FALSE(shown.request);
        CHECK(shown.why_none == "the call is refused");
    }
    SECTION("the gateway answers by itself") {
        const Shown shown = Scene(both + route_to("[\"gpt\", \"claude\"]"),
                                  {.path = "/v1/messages/count_tokens", .body = chat()})
                                .shown();
        CHECK_FALSE(shown.request);
        CHECK(shown.why_none == "the gateway answers by itself");
    }
    const Request strict{.body = chat(R"("seed":1,)"), .headers = {{"X-Aigw-Strict", "1"}}};
    const std::string why =
        "seed would be dropped for this model, and the request is strict: leave it out, or do "
        "without X-Aigw-Strict";
    SECTION("what can't be said to the first is said to the next") {
        const Shown shown = Scene(both + route_to("[\"claude\", \"gpt\"]"), strict).shown();
        REQUIRE(shown.request);
        CHECK(shown.request->platform == "gpt");
        REQUIRE(shown.passed_over.size() == 1);
        CHECK(shown.passed_over[0].platform == "claude");
        CHECK(render_line(shown.passed_over[0].error) == why);
    }
    SECTION("nobody can be told") {
        const Shown shown = Scene(both + route_to("\"claude\""), strict).shown();
        CHECK_FALSE(shown.request);
        CHECK(shown.why_none == "it can't be said to any platform");
        REQUIRE(shown.passed_over.size() == 1);
        CHECK(render_line(shown.passed_over[0].error) == why);
    }
    SECTION("a candidate that is named is shown, be it in or out") {
        const Shown shown =
            Scene(both + route_to("[\"claude\", \"gpt\"]"), {.body = chat()}).shown("gpt");
        REQUIRE(shown.request);
        CHECK(shown.request->platform == "gpt");
        CHECK(shown.request->body == chat());
    }
}
