// One request on its way: decide, reserve, execute, settle.
//
// Owner:   the Exchange owns what it reserved and the upstream call; it settles exactly once on
//          every way out: finished, refused, failed, the client gone, the gateway stopping. A
//          streamed reply takes the Exchange with it.
// Order:   candidates are tried in the Decision's order, and only while no byte of an answer has
//          gone to the caller. Threads: everything on the loop of its call.
// Files:   exchange.cpp decides, reserves and tries again; _call.cpp asks one platform; _answer.cpp
//          brings its answer to the caller; _end.cpp settles. upstream_request.h makes what a
//          platform is asked.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/operation.h"
#include "base/principal.h"
#include "base/usage.h"
#include "decision/decision.h"
#include "decision/input_count.h"
#include "limits/cells.h"
#include "policy/output_cap.h"
#include "policy/output_gauge.h"
#include "policy/truncation.h"
#include "protocol/output_meter.h"
#include "protocol/stream_relay.h"
#include "routing/health.h"
#include "routing/retry.h"
#include "sidecar/engine/block_memory.h"
#include "sidecar/engine/http_message.h"
#include "sidecar/engine/server.h"
#include "sidecar/engine/task.h"
#include "sidecar/engine/upstream.h"
#include "sidecar/exchange/pipeline.h"
#include "sidecar/exchange/upstream_request.h"

namespace aigw::exchange {

// What an exchange is told about its caller.
struct Caller {
    const Principal* principal = nullptr;  // the assembly's, or a static one
    std::string_view route{};              // the route's path: a metric label
    std::string_view default_model{};      // of the path, for a body that names none
    std::string upstream_path{};           // that a location makes of the path, where it is no
                                           // route of ours; else empty
    std::string address{};                 // as client_address() gives it
    Protocol protocol = Protocol::OpenAi;  // of the route: of the body, the answer and its errors
};

class Exchange {
public:
    // The assembly of the call's loop is held from here on.
    Exchange(engine::Call& call, Pipeline& pipeline,
             std::shared_ptr<const assembly::Assembly> assembly, Caller caller, Operation operation,
             std::string request_id);
    ~Exchange();
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    static void* operator new(std::size_t bytes) { return engine::BlockMemory::take(bytes); }
    static void operator delete(void* memory, std::size_t bytes) {
        engine::BlockMemory::give_back(memory, bytes);
    }

    static engine::Task<engine::Reply> run(std::unique_ptr<Exchange> self);

private:
    friend class StreamSource;
    using Clock = std::chrono::steady_clock;

    engine::Task<Result<void>> read_request();
    std::uint64_t draw_ticket(const routing::Balance& balance);
    bool wants_count(const decision::Selection& selection) const;
    engine::Task<void> count_input(decision::Selection& selection);
    tokens::ModelCounter counter_of(std::string_view model) const;
    std::optional<tokens::PromptCount> count_plain(const tokens::ModelCounter& model) const;
    void learn_from(const Usage& usage);
    engine::Task<Result<engine::Reply>> execute();
    Result<const decision::Candidate*> reserve_next();
    const decision::Candidate* find_untried() const;
    engine::Task<Result<engine::Reply>> call_platform(decision::Candidate candidate);
    const assembly::Key* choose_key(const assembly::Platform& platform);
    bool rest_key(const decision::Candidate& candidate, const Error& error);
    TimePoint first_key_back(const assembly::Platform& platform, TimePoint now) const;
    bool may_call(const decision::Candidate& candidate);
    engine::Task<bool> pause(std::chrono::milliseconds duration);
    void note_success(const decision::Candidate& candidate);
    void count_failure(const decision::Candidate& candidate, const Error& error);
    std::optional<std::chrono::milliseconds> note_failure(const decision::Candidate& candidate,
                                                          const Error& error, std::uint32_t calls);
    void leave_alone_after(const routing::Failure& failure, const decision::Candidate& candidate,
                           const Error& error);
    bool reserve_again(const decision::Candidate& candidate);
    engine::Task<Result<engine::Reply>> attempt(const decision::Candidate& candidate);
    engine::Task<Result<void>> send(const decision::Candidate& candidate);
    Result<void> prepare(const decision::Candidate& candidate);
    engine::Reply answer_here(const decision::Candidate& candidate);
    engine::Task<std::string> render_answer(protocol::ChatReply answer);
    engine::Task<std::optional<Usage>> count_answer(const protocol::ChatReply& answer);
    std::unique_ptr<protocol::OutputMeter> make_meter(const decision::Candidate& candidate);
    std::string render_vectors(const protocol::EmbeddingsReply& answer);
    void count_losses();
    void log_ignored();
    void note_estimated_usage();
    std::unique_ptr<protocol::ChatStreamParser> make_parser(const decision::Candidate& candidate);
    std::unique_ptr<protocol::StreamRelay> make_relay(const decision::Candidate& candidate);
    engine::Task<void> prepare_cap(const decision::Candidate& candidate);
    engine::Task<void> cut_answer(protocol::ChatReply& answer);
    engine::Task<std::string> cut_passing(std::string body);
    using MeasuredWork = std::function<void(const policy::Measure&)>;
    engine::Task<void> measure_answer(std::size_t bytes, const MeasuredWork& work);
    bool has_let_go() const { return !upstream_ || upstream_->is_whole(); }
    engine::Task<Result<engine::Reply>> receive_whole(const decision::Candidate& candidate);
    engine::Task<Result<engine::Reply>> receive_assembled(const decision::Candidate& candidate);
    engine::Task<Result<engine::Reply>> receive_stream(const decision::Candidate& candidate);
    engine::Task<Result<std::string_view>> next_of_stream();
    void forget_request();
    static std::unique_ptr<engine::BodySource> source_of(std::unique_ptr<Exchange> self);
    Clock::time_point keep_alive_due(Clock::time_point silent_since) const;
    Error told(Error error);
    Error seen_by_caller(Error error);
    engine::Reply refuse(const Error& error);
    void add_request_id(engine::Reply& reply) const;
    void add_answer_headers(engine::Reply& reply) const;
    void add_caller_limits(engine::Reply& reply) const;
    Error lost_race(const decision::Candidate& candidate, const limits::Refusal& refusal) const;
    std::string server_timing() const;
    void settle(int status);
    Usage estimated_usage(std::size_t body_bytes) const;
    Usage usage_so_far() const;
    std::string_view counted_by(const Usage& usage) const;
    void write_log_line(int status, const Usage& usage, std::chrono::nanoseconds duration);
    std::string_view name_of(const decision::Candidate& candidate) const {
        return assembly_->snapshot.platform(candidate.platform).name;
    }
    // Header lines of a call with the key whose turn it is.
    const std::string& fields_of(const assembly::Platform& platform) const {
        return key_ != nullptr ? key_->fields : platform.fields;
    }
    // As the vendor calls it.
    std::string_view upstream_model(const decision::Candidate& candidate) const {
        return recipient(candidate).model_of(facts_);
    }
    Asked asked() const;
    Recipient recipient(const decision::Candidate& candidate) const {
        return {.platform = platform_of(candidate), .model = candidate.upstream_model};
    }
    // Of the last attempt, where the upstream needs one; else nullptr.
    Conversion* conversion() { return request_.conversion(); }
    const Conversion* conversion() const { return request_.conversion(); }
    const assembly::Platform& platform_of(const decision::Candidate& candidate) const {
        return assembly_->platforms[candidate.platform];
    }

    engine::Call& call_;
    Pipeline& pipeline_;
    LoopState& loop_state_;
    std::shared_ptr<const assembly::Assembly> assembly_;
    Caller caller_;
    Operation operation_;
    std::string request_id_;

    std::string
        model_;  // as the caller said it; the facts' view outlives the reader's memory through it
    std::string_view body_;
    protocol::RequestFacts facts_;
    std::optional<decision::Decision> decision_;
    limits::Grant caller_grant_;    // of what counts its caller: held through all attempts
    limits::Grant platform_grant_;  // of the last attempt
    routing::InFlight in_flight_;   // of the last platform
    std::vector<std::uint16_t>
        tried_;  // platforms that failed, or were full by the time they were asked
    bool holds_key_limits_ = false;
    const assembly::Key* key_ = nullptr;  // of the last attempt, where there are several
    bool is_probe_ = false;               // its end has to be said

    std::optional<engine::UpstreamCall> upstream_;
    std::optional<decision::Candidate>
        current_;              // the last one tried; a copy, since deciding again replaces the list
    UpstreamRequest request_;  // of the last attempt
    std::optional<policy::OutputCap> output_cap_;  // of the answer, where it has one
    policy::Measure measure_;                      // … what counts a streamed one
    policy::Truncation truncation_;                // … and what became of it
    std::unique_ptr<protocol::StreamRelay> relay_;
    std::string_view first_bytes_;                    // of a stream; valid until more of it is read
    std::optional<tokens::PromptCount> input_count_;  // where it had to be known
    Usage usage_;
    std::optional<std::uint64_t> settled_tokens_;
    std::optional<pricing::Price> price_;
    int attempts_ = 0;
    int upstream_status_ = 0;  // of the last attempt; 0: no head came
    std::chrono::nanoseconds first_byte_{};
    std::chrono::nanoseconds waited_{};   // for upstreams
    Clock::time_point given_at_{};        // the last part of a stream, to its caller
    std::chrono::nanoseconds held_up_{};  // by a caller who is slow to take it
    std::string failure_;                 // why, for the log; never a vendor's text
    bool is_answered_ = false;
    bool is_settled_ = false;
    bool is_open_stream_ = false;
};

}  // namespace aigw::exchange
