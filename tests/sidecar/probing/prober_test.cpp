#include "sidecar/probing/prober.h"

#include "sidecar/simulated/demo.h"
#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::Script;
using fakes::Upstream;
using probing::Outcome;
using std::chrono::milliseconds;

namespace {

const std::string kModels = R"({"object":"list","data":[]})";
const std::string kFailure = R"({"error":{"message":"no"}})";
const Script kGood = {fakes::send(answer(200, kAnswer))};
const Script kFailing = {fakes::send(answer(500, kFailure))};
const std::string kOrder = "[[routes]]\nmatch = { model = \"gpt-4o\" }\nto = [\"a\", \"b\"]\n";

config::Config parse(const std::string& text) {
    const fakes::Files files;
    const fakes::Variables variables;
    auto loaded = config::parse_config(text, "test.toml", {files, variables.environment()});
    if (!loaded) FAIL(config::render_lines(loaded.error().diagnostics));
    return std::move(loaded->config);
}

std::string probed(const std::string& name, const std::string& url, const std::string& health = "",
                   const std::string& lines = "") {
    return platform(name, url,
                    "health = { path = \"/models\", every = \"100ms\"" + health + " }\n" + lines);
}

std::string metrics_of(const Gateway& gateway) {
    return fakes::body_of(ask(gateway, "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n"));
}

std::size_t count_of(const Gateway& gateway, const std::string& series) {
    const std::string text = metrics_of(gateway);
    const std::size_t at = text.find("\n" + series + " ");
    if (at == std::string::npos) return 0;
    return std::strtoul(text.c_str() + at + series.size() + 2, nullptr, 10);
}

std::size_t probes(const Gateway& gateway, Outcome outcome, const std::string& name = "a") {
    return count_of(gateway, "aigw_probes_total{platform=\"" + name + "\",outcome=\"" +
                                 std::string(probing::name_of(outcome)) + "\"}");
}

bool is_called(const Gateway& gateway) {
    return count_of(gateway, "aigw_platform_state{platform=\"a\"}") == 1;
}

// How many requests of that method an upstream got.
std::size_t count_of(const Upstream& upstream, const std::string& method) {
    std::size_t count = 0;
    for (const std::string& request : upstream.requests())
        if (request.starts_with(method)) ++count;
    return count;
}

void wait_for(milliseconds duration) {
    const auto until = std::chrono::steady_clock::now() + duration;
    REQUIRE(eventually([&] { return std::chrono::steady_clock::now() >= until; }));
}

}  // namespace

TEST_CASE("prober: only an answer of the server's own failing, or none, is a failure",
          "[gateway]") {
    for (const int status : {200, 204, 299}) CHECK(probing::outcome_of(status) == Outcome::Healthy);
    for (const int status : {301, 400, 401, 402, 403, 404, 405, 408, 429, 499})
        CHECK(probing::outcome_of(status) == Outcome::Refused);
    for (const int status : {0, 500, 501, 503, 529, 599})
        CHECK(probing::outcome_of(status) == Outcome::Failed);
}

TEST_CASE("prober: a probe is a GET with the platform's key and headers", "[gateway]") {
    Upstream a({{fakes::send(answer(200, kModels))}});
    const auto gateway = start_gateway(
        one_caller() + probed("a", a.url("/v1"), "", "headers = { \"X-Team\" = \"t1\" }\n"));
    REQUIRE(eventually([&] { return a.requests().size() >= 2; }));
    CHECK(a.requests().front() ==
          "GET /v1/models HTTP/1.1\r\nhost: 127.0.0.1:" + std::to_string(a.port()) +
              "\r\nauthorization: Bearer sk-up-a\r\nX-Team: t1\r\naccept: "
              "application/json\r\n\r\n");
    CHECK(a.connections() == 1);  // kept alive
}

TEST_CASE("prober: what a probe's answer is worth", "[gateway]") {
    struct Case {
        const char* name;
        Script script;
        Outcome outcome;
    };
    const Case cases[] = {
        {"200", {fakes::send(answer(200, kModels))}, Outcome::Healthy},
        {"200 with a body that is too long to read",
         {fakes::send(answer(200, std::string(2'000'000, ' ')))},
         Outcome::Healthy},
        {"500", kFailing, Outcome::Failed},
        {"it hangs up", {fakes::hang_up()}, Outcome::Failed},
        {"it resets", {fakes::reset()}, Outcome::Failed},
        {"it says nothing", {fakes::hold()}, Outcome::Failed},
        {"half an answer",
         {fakes::send("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"), fakes::hang_up()},
         Outcome::Failed},
        {"no HTTP", {fakes::send("nonsense\r\n\r\n")}, Outcome::Failed},
        {"401", {fakes::send(answer(401, kFailure))}, Outcome::Refused},
        {"404", {fakes::send(answer(404, kFailure))}, Outcome::Refused},
        {"429", {fakes::send(answer(429, kFailure, "retry-after: 60\r\n"))}, Outcome::Refused},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream a({c.script});
            const auto gateway =
                start_gateway(one_caller() + probed("a", a.url("/v1"), ", failures = 1",
                                                    "timeouts = { first_byte = \"300ms\" }\n"));
            REQUIRE(eventually([&] { return probes(*gateway, c.outcome) >= 2; }));
            CHECK(is_called(*gateway) == (c.outcome != Outcome::Failed));
            std::size_t others = 0;
            for (const Outcome each : {Outcome::Healthy, Outcome::Failed, Outcome::Refused})
                if (each != c.outcome) others += probes(*gateway, each);
            CHECK(others == 0);
        }
    }
}

TEST_CASE("prober: a platform nobody calls is left alone and comes back by its probes",
          "[gateway]") {
    Upstream a({kFailing, kFailing, {fakes::await_release(), kGood[0]}, kGood});
    Upstream b({kGood});
    const auto gateway = start_gateway(
        one_caller() + probed("a", a.url("/v1"), ", failures = 2, open_for = \"1h\"") +
        platform("b", b.url("/v1")) + kOrder);
    REQUIRE(eventually([&] { return !is_called(*gateway); }));
    CHECK(probes(*gateway, Outcome::Failed) == 2);
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK(b.requests().size() == 1);

    a.release();
    REQUIRE(eventually([&] { return is_called(*gateway); }));
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK(b.requests().size() == 1);
    CHECK(count_of(a, "POST") == 1);
}

TEST_CASE("prober: a vendor whose list is well and whose model is not stays under suspicion",
          "[gateway]") {
    // A call, the probe that ends its time, and another call: one failure is enough again.
    Upstream a({kFailing,
                kFailing,
                {fakes::send(answer(200, kModels))},
                {fakes::await_release(), kFailing[0]},
                kFailing});
    Upstream b({kGood});
    const std::string health = "failures = 2, open_for = \"1h\"";
    const std::string rest = platform("b", b.url("/v1")) + kOrder;
    const auto gateway = start_gateway(
        one_caller() + platform("a", a.url("/v1"), "health = { " + health + " }\n") + rest);
    for (int i = 0; i < 3; ++i) CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK(count_of(a, "POST") == 2);
    CHECK_FALSE(is_called(*gateway));

    const std::string text = one_caller() + probed("a", a.url("/v1"), ", " + health) + rest;
    REQUIRE(gateway->reload(parse(text)).has_value());
    REQUIRE(eventually([&] { return is_called(*gateway); }));
    REQUIRE(eventually([&] { return count_of(a, "GET") == 2; }));  // held until it is released
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK(count_of(a, "POST") == 3);
    CHECK_FALSE(is_called(*gateway));
    a.release();
}

TEST_CASE("prober: what a vendor has asked for no probe ends", "[gateway]") {
    Upstream a({{fakes::send(answer(429, kFailure, "retry-after: 60\r\n"))}, kGood});
    Upstream b({kGood});
    const std::string rest = platform("b", b.url("/v1")) + kOrder;
    const auto gateway = start_gateway(one_caller() + platform("a", a.url("/v1")) + rest);
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK_FALSE(is_called(*gateway));
    REQUIRE(gateway->reload(parse(one_caller() + probed("a", a.url("/v1")) + rest)).has_value());
    REQUIRE(eventually([&] { return probes(*gateway, Outcome::Healthy) >= 2; }));
    CHECK_FALSE(is_called(*gateway));
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    CHECK(count_of(a, "POST") == 1);
}

TEST_CASE("prober: of several keys a probe has the first that does not rest", "[gateway]") {
    Upstream a({{fakes::send(answer(401, kFailure))}, kGood});
    const std::string keyed =
        one_caller() + "[platforms.a]\nprovider = \"openai\"\nbase_url = \"" + a.url("/v1") +
        "\"\nkeys = [{ name = \"k1\", key = \"sk-secret-1\" }, { name = \"k2\", key = "
        "\"sk-secret-2\" }]\nretry = { attempts = 1 }\n";
    const auto gateway = start_gateway(keyed);
    CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 200);
    const std::string health = "health = { path = \"/models\", every = \"100ms\" }\n";
    REQUIRE(gateway->reload(parse(keyed + health)).has_value());
    REQUIRE(eventually([&] { return count_of(a, "GET") == 1; }));
    CHECK(a.requests().back().find("Bearer sk-secret-2\r\n") != std::string::npos);
}

TEST_CASE("prober: a platform has one probe at a time, whatever the number of loops", "[gateway]") {
    Upstream a({{fakes::hold()}});
    const auto gateway = start_gateway(one_caller() + probed("a", a.url("/v1")));
    REQUIRE(eventually([&] { return a.requests().size() == 1; }));
    wait_for(milliseconds(500));
    CHECK(a.requests().size() == 1);
}

TEST_CASE("prober: it follows the configuration, and stops with the gateway", "[gateway]") {
    Upstream a({{fakes::send(answer(200, kModels))}});
    const std::string off = one_caller() + probed("a", a.url("/v1"), "", "enabled = false\n");
    const std::string without = one_caller() + platform("a", a.url("/v1"));
    const std::string on = one_caller() + probed("a", a.url("/v1"));
    auto gateway = start_gateway(off);
    wait_for(milliseconds(300));
    CHECK(a.requests().empty());

    REQUIRE(gateway->reload(parse(on)).has_value());
    REQUIRE(eventually([&] { return a.requests().size() >= 2; }));
    const auto stays_silent = [&](const auto& stop) {
        stop();
        wait_for(milliseconds(150));  // for one that was under way
        const std::size_t before = a.requests().size();
        wait_for(milliseconds(300));
        CHECK(a.requests().size() == before);
    };
    SECTION("a platform without a path") {
        stays_silent([&] { REQUIRE(gateway->reload(parse(without)).has_value()); });
    }
    SECTION("a platform that is switched off") {
        stays_silent([&] { REQUIRE(gateway->reload(parse(off)).has_value()); });
    }
    SECTION("draining") {
        stays_silent([&] { CHECK(gateway->drain()); });
    }
    SECTION("the end") {
        stays_silent([&] { gateway.reset(); });
    }
}

TEST_CASE("prober: a gateway that ends waits for no probe", "[gateway]") {
    Upstream silent({{fakes::hold()}});
    auto gateway = start_gateway(one_caller() + probed("a", silent.url("/v1")) +
                                 probed("b", "http://no-such-host.invalid/v1") +
                                 probed("c", "http://127.0.0.1:9/v1"));
    REQUIRE(eventually([&] { return silent.requests().size() == 1; }));
    const auto begin = std::chrono::steady_clock::now();
    gateway.reset();
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(5));
    CHECK(silent.wait_until_peer_closed());
}

TEST_CASE("prober: a path stands behind what a vendor's SDKs complete in the base URL",
          "[gateway]") {
    struct Case {
        const char* provider;
        const char* base_url;
        const char* path;
        const char* target;
    };
    const Case cases[] = {
        {"openai", "https://api.openai.com/v1", "/models", "/v1/models"},
        {"openai", "https://api.openai.com", "/models", "/v1/models"},
        {"openai-compatible", "http://vllm:8000/v1/", "/models?limit=1", "/v1/models?limit=1"},
        {"anthropic", "https://api.anthropic.com", "/models", "/v1/models"},
        {"gemini", "https://generativelanguage.googleapis.com", "/models", "/v1beta/models"},
        {"dashscope", "https://dashscope.aliyuncs.com", "/models", "/compatible-mode/v1/models"},
        {"doubao", "https://ark.cn-beijing.volces.com", "/ping", "/api/v3/ping"},
        {"minimax", "https://api.minimax.io", "/models", "/v1/models"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.provider << " " << c.base_url) {
            const auto assembled =
                assembly::assemble(parse(one_caller() + "[platforms.a]\nprovider = \"" +
                                         c.provider + "\"\nbase_url = \"" + c.base_url +
                                         "\"\nhealth = { path = \"" + c.path + "\" }\n"),
                                   TimePoint());
            REQUIRE(assembled.has_value());
            CHECK((*assembled)->platforms.front().probe_target == c.target);
        }
    }
}

TEST_CASE("prober: the simulated vendors answer where the real ones list their models",
          "[gateway]") {
    std::string text = one_caller();
    for (const providers::VendorRow& vendor : providers::vendors()) {
        text += probed("on-" + std::string(vendor.name), "http://127.0.0.1:1");
        const std::string provider = "provider = \"openai\"";
        text.replace(text.rfind(provider), provider.size(),
                     "provider = \"" + std::string(vendor.name) + "\"");
    }
    const auto demo = simulated::Demo::start(1);
    REQUIRE(demo.has_value());
    config::Config config = parse(text);
    (*demo)->apply(config);
    const auto gateway = Gateway::start(std::move(config), {.seed = 1});
    REQUIRE(gateway.has_value());
    for (const providers::VendorRow& vendor : providers::vendors()) {
        DYNAMIC_SECTION(vendor.name) {
            const bool has_list = vendor.models == providers::Models::Yes;
            const Outcome wanted = has_list ? Outcome::Healthy : Outcome::Refused;
            const std::string name = "on-" + std::string(vendor.name);
            CHECK(eventually([&] { return probes(**gateway, wanted, name) > 0; }));
        }
    }
}
