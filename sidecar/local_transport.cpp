#include "sidecar/local_transport.h"

#include <future>
#include <random>

#include "protocol/request_facts.h"
#include "sidecar/assembly/assembly.h"
#include "sidecar/engine/server.h"
#include "sidecar/exchange/pipeline.h"
#include "sidecar/log/log.h"
#include "sidecar/routes.h"

namespace aigw::sidecar {
namespace {

class LocalCall final : public engine::Call {
public:
    LocalCall(engine::Loop& loop, const http::Request& request, const Principal& caller)
        : loop_(loop),
          caller_(caller),
          body_(request.body),
          started_(std::chrono::steady_clock::now()) {
        head_ = engine::head_of(request);
    }

    const engine::RequestHead& head() const override { return head_; }
    engine::Loop& loop() const override { return loop_; }
    std::string_view peer() const override { return "local"; }
    const Principal* principal() const override { return &caller_; }
    std::chrono::steady_clock::time_point started() const override { return started_; }
    engine::Task<Result<std::string_view>> body() override { co_return body_.body().bytes(); }
    engine::Task<bool> wait_for_close(std::chrono::milliseconds duration) override {
        co_await loop_.sleep(duration);
        co_return false;
    }
    void on_gone(std::function<void()>) override {}  // the caller waits in send(): it can't go

private:
    engine::Loop& loop_;
    const Principal& caller_;
    engine::RequestHead head_;
    protocol::OwnedPaddedBody body_;
    std::chrono::steady_clock::time_point started_;
};

engine::Task<Result<void>> deliver(engine::Reply reply, http::ReplySink& sink) {
    sink.on_head(reply.status, reply.headers);
    if (const auto* body = std::get_if<std::string>(&reply.body)) {
        if (!body->empty() && !sink.on_bytes(*body))
            co_return Error{ErrorCode::Cancelled, "the answer's reader went away"};
        co_return Result<void>{};
    }
    engine::BodySource& source = *std::get<std::unique_ptr<engine::BodySource>>(reply.body);
    while (true) {
        CO_TRY(const engine::Chunk chunk, co_await source.next());
        if (!chunk.bytes.empty() && !sink.on_bytes(chunk.bytes)) {
            co_return Error{ErrorCode::Cancelled, "the answer's reader went away"};
        }
        if (chunk.is_last) co_return Result<void>{};
    }
}

config::LogOptions quiet(config::LogOptions options) {
    options.level = std::max(options.level, config::LogLevel::Warn);
    options.format = config::LogFormat::Text;
    return options;
}

}  // namespace

struct LocalTransport::Parts {
    Parts(const std::shared_ptr<const assembly::Assembly>& assembly, Principal principal)
        : caller(std::move(principal)),
          log(quiet(assembly->config.log)),
          loops(1, std::random_device{}()),
          pipeline(loops, assembly, log),
          handler(make_handler(pipeline)) {}
    ~Parts() { loops.stop(); }

    Principal caller;
    log::Log log;
    engine::LoopSet loops;
    exchange::Pipeline pipeline;
    engine::Handler handler;
};

LocalTransport::LocalTransport() = default;
LocalTransport::~LocalTransport() = default;

Result<std::unique_ptr<LocalTransport>> LocalTransport::make(config::Config config,
                                                             Principal caller) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto assembly = TRY(assembly::assemble(std::move(config), now));
    std::unique_ptr<LocalTransport> transport(new LocalTransport());
    transport->parts_ = std::make_unique<Parts>(assembly, std::move(caller));
    return transport;
}

Result<void> LocalTransport::send(const http::Request& request, http::ReplySink& sink) {
    engine::Loop& loop = parts_->loops.at(0);
    std::promise<Result<void>> done;
    loop.spawn([&]() -> engine::Task<void> {
        LocalCall call(loop, request, parts_->caller);
        engine::Reply reply = co_await parts_->handler(call);
        auto outcome = co_await deliver(std::move(reply), sink);
        done.set_value(std::move(outcome));
    });
    return done.get_future().get();
}

}  // namespace aigw::sidecar
