#include "sidecar/simulated/simulated.h"

#include "sidecar/simulated/plan_source.h"
#include "sidecar/simulated/request_log.h"

namespace aigw::simulated {
namespace {

constexpr std::string_view kLogPath = "/__sim/requests";

struct Shared {
    explicit Shared(const Options& options) : simulator(options), log(options.kept_requests) {}
    Simulator simulator;
    RequestLog log;
};

http::Request request_of(const engine::RequestHead& head, std::string_view body) {
    http::Request request{.method = std::string(head.method), .target = std::string(head.target)};
    for (const engine::FieldView& field : head.fields) {
        request.headers.add(field.name, field.value);
    }
    request.body = body;
    return request;
}

engine::Reply json_reply(int status, std::string body) {
    return {.status = status,
            .headers = {{"content-type", "application/json"}},
            .body = std::move(body)};
}

engine::Reply answer_about_log(std::string_view method, RequestLog& log) {
    if (method == "GET") return json_reply(200, log.render());
    if (method != "DELETE") return json_reply(405, R"({"error":{"message":"GET or DELETE"}})");
    log.clear();
    return {.status = 204};
}

// Nothing to wait for and nothing broken: the engine writes head and body at once.
bool is_plain(const Plan& plan) {
    return plan.framing == Framing::Length && plan.ending == Ending::Clean &&
           plan.pieces.size() <= 1 && plan.delay == Wait(0) && !plan.declared_length;
}

engine::Reply reply_of(Plan plan, engine::Loop& loop, RequestLog& log, std::uint64_t number,
                       std::shared_ptr<const void> owner) {
    engine::Reply reply{.status = plan.status, .headers = plan.headers};
    if (is_plain(plan)) {
        reply.body = plan.body();
        log.end(number, Outcome::Done);
        return reply;
    }
    reply.is_raw = plan.framing == Framing::Raw;
    if (plan.framing == Framing::Length) {
        reply.length = plan.declared_length.value_or(plan.body().size());
    }
    // The source holds what the log lives in, and outlives no loop: a connection owns it.
    auto on_end = [&log, number, owner = std::move(owner)](Outcome outcome) {
        log.end(number, outcome);
    };
    reply.body = std::make_unique<PlanSource>(std::move(plan), loop, std::move(on_end));
    return reply;
}

engine::Task<engine::Reply> serve(engine::Call& call, std::shared_ptr<Shared> shared) {
    if (call.head().path == kLogPath) co_return answer_about_log(call.head().method, shared->log);
    auto body = co_await call.body();
    if (!body) {
        co_return engine::Reply{.status = body.error().http_status(),
                                .headers = {{"content-type", "text/plain"}},
                                .body = body.error().message,
                                .close = true};
    }
    const http::Request request = request_of(call.head(), *body);
    Plan plan = shared->simulator.answer(request, call.loop().now());
    const std::uint64_t number = shared->log.begin(request, plan.status);
    RequestLog& log = shared->log;
    co_return reply_of(std::move(plan), call.loop(), log, number, std::move(shared));
}

}  // namespace

engine::Handler make_handler(const Options& options) {
    return [shared = std::make_shared<Shared>(options)](engine::Call& call) {
        return serve(call, shared);
    };
}

}  // namespace aigw::simulated
