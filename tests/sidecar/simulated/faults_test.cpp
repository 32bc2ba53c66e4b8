#include "sidecar/simulated/faults.h"

#include "sidecar/simulated/request_log.h"
#include "sidecar/simulated/simulator.h"
#include "tests/sidecar/simulated/support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

http::Request chat(const std::string& model, bool is_stream) {
    return post("/v1/chat/completions", R"({"model":")" + model +
                                            R"(","messages":[{"role":"user","content":"Hi"}],)" +
                                            R"("stream":)" + (is_stream ? "true" : "false") + "}");
}

Plan healthy(bool is_stream) {
    return make_openai({})->answer(chat("sim-x", is_stream), kNow);
}

Plan faulty(const std::string& name, bool is_stream) {
    return Simulator({}).answer(chat("sim-fault-" + name, is_stream), kNow);
}

}  // namespace

TEST_CASE("faults: a status is told in the vendor's words", "[simulated]") {
    struct Case {
        const char* name;
        int status;
        const char* openai_code;
        const char* dashscope_code;
    };
    const Case cases[] = {
        {"400", 400, "invalid_value", "invalid_parameter_error"},
        {"401", 401, "invalid_api_key", "invalid_api_key"},
        {"403", 403, "unsupported_country_region_territory", "access_denied"},
        {"404", 404, "model_not_found", "model_not_found"},
        {"408", 408, "timeout", "RequestTimeOut"},
        {"409", 409, "conflict", "conflict"},
        {"422", 422, "unprocessable_entity", "invalid_parameter_error"},
        {"429", 429, "rate_limit_exceeded", "limit_requests"},
        {"429-quota", 429, "insufficient_quota", "insufficient_quota"},
        {"500", 500, nullptr, "internal_error"},
        {"502", 502, nullptr, "internal_error"},
        {"503", 503, "overloaded", "ModelUnavailable"},
        {"504", 504, nullptr, "internal_error"},
    };
    Simulator simulator({});
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            http::Request request = chat(std::string("sim-fault-") + c.name, true);
            const Plan openai = simulator.answer(request, kNow);
            CHECK(openai.status == c.status);
            CHECK(body_of(openai)["error"]["code"] ==
                  (c.openai_code == nullptr ? json() : json(c.openai_code)));
            request.target = "/compatible-mode/v1/chat/completions";
            const Plan dashscope = simulator.answer(request, kNow);
            CHECK(dashscope.status == c.status);
            CHECK(body_of(dashscope)["error"]["code"] == c.dashscope_code);
            CHECK(body_of(dashscope).contains("request_id"));
        }
    }
    CHECK(faulty("429", false).headers.find("retry-after") == "2");
    CHECK(faulty("status-429", false).headers.find("x-ratelimit-remaining-requests") == "0");
    CHECK_FALSE(faulty("429-quota", false).headers.find("retry-after"));
}

TEST_CASE("faults: each one breaks the answer in its own way", "[simulated]") {
    const std::string stream = healthy(true).body();
    const std::string plain = healthy(false).body();
    SECTION("cut-stream ends in the middle of an event") {
        const Plan plan = faulty("cut-stream", true);
        CHECK(plan.ending == Ending::Cut);
        CHECK_FALSE(plan.body().ends_with("\n\n"));
        CHECK(plan.pieces.size() > 1);
    }
    SECTION("cut-stream of a plain answer promises all and gives half") {
        const Plan plan = faulty("cut-stream", false);
        CHECK(plan.body().size() == *plan.declared_length / 2);
        CHECK(plan.ending == Ending::Cut);
    }
    SECTION("cut-body promises more than it has") {
        const Plan plan = faulty("cut-body", false);
        CHECK(plan.framing == Framing::Length);
        CHECK(*plan.declared_length == plan.body().size() + 64);
        CHECK(plan.ending == Ending::Cut);
    }
    SECTION("stall-stream hangs after half") {
        const Plan plan = faulty("stall-stream", true);
        CHECK(plan.ending == Ending::Hang);
        CHECK(plan.body().ends_with("\n\n"));
    }
    SECTION("error-event ends with the vendor's error") {
        const Plan plan = faulty("error-event", true);
        CHECK(
            plan.pieces.back().bytes ==
            R"(data: {"error":{"message":"The server had an error while processing your request. )"
            R"(Sorry about that!","type":"server_error","param":null,"code":null}})"
            "\n\n");
        CHECK(faulty("error-event", false).status == 500);
    }
    SECTION("no-done lacks only its last frame") {
        const Plan plan = faulty("no-done", true);
        CHECK(plan.body().find("[DONE]") == std::string::npos);
        CHECK(plan.body().find("\"finish_reason\":\"stop\"") != std::string::npos);
    }
    SECTION("garbage is not HTTP") {
        const Plan plan = faulty("garbage", false);
        CHECK(plan.framing == Framing::Raw);
        CHECK_FALSE(plan.body().starts_with("HTTP/"));
    }
    SECTION("bad-chunk has a chunk without a size") {
        const Plan plan = faulty("bad-chunk", true);
        CHECK(plan.framing == Framing::Raw);
        CHECK(plan.body().starts_with("HTTP/1.1 200 \r\n"));
        CHECK(plan.body().find("transfer-encoding: chunked\r\n\r\n") != std::string::npos);
        CHECK(plan.body().find("\r\nxyzzy\r\n") != std::string::npos);
    }
    SECTION("never and close send nothing") {
        CHECK(faulty("never", false) == Plan{.framing = Framing::Raw, .ending = Ending::Hang});
        CHECK(faulty("close", false) == Plan{.framing = Framing::Raw, .ending = Ending::Cut});
    }
    SECTION("200-error-body") {
        const Plan plan = faulty("200-error-body", false);
        CHECK(plan.status == 200);
        CHECK(body_of(plan).contains("error"));
    }
    SECTION("html-500 and empty-500") {
        CHECK(faulty("html-500", false).headers.find("content-type") == "text/html");
        CHECK(faulty("empty-500", false).body().empty());
        CHECK(faulty("empty-500", false).status == 500);
    }
    SECTION("huge-headers") {
        std::size_t bytes = 0;
        for (const http::Header& field : faulty("huge-headers", false).headers) {
            bytes += field.name.size() + field.value.size() + 4;
        }
        CHECK(bytes > 256U * 1024);
    }
    SECTION("slow answers come byte by byte") {
        const Plan head = faulty("slow-headers", false);
        CHECK(head.framing == Framing::Raw);
        CHECK(head.pieces.front() == Piece{std::chrono::milliseconds(100), "H"});
        CHECK(head.pieces.back().bytes.find("sim-fault-slow-headers") != std::string::npos);
        const Plan body = faulty("slow-body", false);
        CHECK(body.pieces.size() == body.body().size());
    }
    SECTION("split-bytes keeps the bytes") {
        const Plan plan = faulty("split-bytes", true);
        const Plan whole = make_openai({})->answer(chat("sim-fault-split-bytes", true), kNow);
        CHECK(plan.body() == whole.body());
        CHECK(plan.pieces.size() > 100);
    }
    SECTION("keep-alive and crlf-stream keep the meaning") {
        CHECK(faulty("keep-alive", true).body().starts_with(": keep-alive\n\ndata: {"));
        CHECK(faulty("crlf-stream", true).body().ends_with("data: [DONE]\r\n\r\n"));
    }
}

TEST_CASE("faults: whoever asks gets the fault", "[simulated]") {
    Simulator simulator({});
    SECTION("by header") {
        http::Request request = chat("gpt-4o", false);
        request.headers.add("X-Sim-Fault", "status-503");
        CHECK(simulator.answer(request, kNow).status == 503);
    }
    SECTION("by key") {
        http::Request request = chat("gpt-4o", false);
        request.headers.set("authorization", "Bearer sk-fault-429-quota");
        CHECK(simulator.answer(request, kNow).status == 429);
    }
    SECTION("a model's name in a message is no model") {
        http::Request request = chat("gpt-4o", false);
        request.body =
            R"({"model":"gpt-4o","messages":[{"role":"user","content":"sim-fault-500"}]})";
        CHECK(simulator.answer(request, kNow).status == 200);
    }
    SECTION("an unknown one is refused") {
        const Plan plan = simulator.answer(chat("sim-fault-cut-steam", false), kNow);
        CHECK(plan.status == 400);
        CHECK(body_of(plan)["error"]["message"] ==
              "unknown fault \"cut-steam\": did you mean \"cut-stream\"?");
    }
    SECTION("flap fails every second time") {
        const http::Request request = chat("sim-fault-flap", false);
        CHECK(simulator.answer(request, kNow).status == 200);
        CHECK(simulator.answer(request, kNow).status == 503);
        CHECK(simulator.answer(request, kNow).status == 200);
    }
    SECTION("no vendor is mounted there") {
        const Plan plan = simulator.answer(get("/v1x/models"), kNow);
        CHECK(plan.status == 404);
        CHECK(body_of(plan)["error"]["message"] == "no simulated vendor at /v1x/models");
    }
}

TEST_CASE("faults: a share of all requests fails", "[simulated]") {
    const auto count_failures = [](const char* share) {
        const auto parsed = parse_fault_share(share);
        REQUIRE(parsed);
        Simulator simulator({.faults = {*parsed}});
        int failures = 0;
        for (int i = 0; i < 1000; ++i) {
            failures += simulator.answer(get("/v1/models"), kNow).status == 500 ? 1 : 0;
        }
        return failures;
    };
    CHECK(count_failures("500") == 1000);
    const int quarter = count_failures("500:25%");
    CHECK(quarter > 200);
    CHECK(quarter < 300);
    CHECK(quarter == count_failures("500:25%"));
}

TEST_CASE("faults: a bad share is refused with a hint", "[simulated]") {
    struct Case {
        const char* text;
        const char* message;
    };
    const Case cases[] = {
        {"500:0%",
         "the share of fault \"500:0%\" is no percentage: write it as "
         "\"status-500:25%\""},
        {"500:101%",
         "the share of fault \"500:101%\" is no percentage: write it as "
         "\"status-500:25%\""},
        {"500:5", "the share of fault \"500:5\" is no percentage: write it as \"status-500:25%\""},
        {"nonsense", "unknown fault \"nonsense\": `aigw mock --list-faults` lists them"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.text) {
            const auto share = parse_fault_share(c.text);
            REQUIRE_FALSE(share);
            CHECK(render_line(share.error()) == c.message);
            CHECK(share.error().code == ErrorCode::Usage);
        }
    }
    CHECK(parse_fault_share("close:0.5%")->per_million == 5000);
    CHECK_FALSE(check_profile("openia"));
    CHECK(check_profile("dashscope"));
}

TEST_CASE("request log: it counts all and keeps the newest", "[simulated]") {
    RequestLog log(2);
    const auto first = log.begin(get("/a"), 200);
    const auto second = log.begin(get("/b"), 200);
    const auto third = log.begin(post("/c", "x\xFF"), 503);
    log.end(first, Outcome::Done);
    log.end(second, Outcome::Aborted);
    const json shown = json::parse(log.render());
    CHECK(shown["count"] == 3);
    CHECK(shown["open"] == 1);
    CHECK(shown["aborted"] == 1);
    REQUIRE(shown["requests"].size() == 2);
    CHECK(shown["requests"][0]["outcome"] == "aborted");
    CHECK(shown["requests"][1]["status"] == 503);
    CHECK(shown["requests"][1]["headers"][0] == json({"Authorization", "Bearer sk-test"}));
    log.clear();
    log.end(third, Outcome::Done);
    CHECK(json::parse(log.render()) ==
          json::parse(R"({"count":0,"open":0,"aborted":0,"requests":[]})"));
}
