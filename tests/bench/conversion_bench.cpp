// What a conversion between the protocols costs: microseconds of the fastest of several runs, a
// line for each figure.
//
// Shape:   a stream is fed event by event, as a vendor sends it, from its bytes to the caller's; a
//          request is 100 KB of a long conversation with tools, from body to body.
// Usage:   aigw_bench_conversion   build it with the release preset; `sh tests/bench/run.sh` runs
// it
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/digest.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_stream.h"
#include "protocol/converting_relay.h"
#include "protocol/json_tree.h"
#include "protocol/openai_request.h"
#include "protocol/openai_stream.h"

namespace {

using namespace aigw;
using namespace aigw::protocol;

constexpr int kRuns = 60;
constexpr std::size_t kDeltas = 1'000;
constexpr std::size_t kRequestBytes = 100'000;

[[noreturn]] void fail(std::string_view what) {
    std::fprintf(stderr, "conversion_bench: %.*s\n", static_cast<int>(what.size()), what.data());
    std::exit(1);
}

// The fastest run, in microseconds for each of `units`.
template <class Work>
void measure(const char* name, std::size_t units, Work work) {
    double best = 1e18;
    for (int run = 0; run < kRuns; ++run) {
        const auto start = std::chrono::steady_clock::now();
        work();
        const std::chrono::duration<double, std::micro> took =
            std::chrono::steady_clock::now() - start;
        best = std::min(best, took.count() / static_cast<double>(units));
    }
    std::printf("%s %.3f\n", name, best);
}

// ---- Streams ---------------------------------------------------------------------------------

std::string claude_event(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
}

std::vector<std::string> claude_stream() {
    std::vector<std::string> events = {
        claude_event(
            "message_start",
            R"(,"message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":10,"output_tokens":1}})"),
        claude_event("content_block_start",
                     R"(,"index":0,"content_block":{"type":"text","text":""})")};
    for (std::size_t i = 0; i < kDeltas; ++i)
        events.push_back(
            claude_event("content_block_delta",
                         R"(,"index":0,"delta":{"type":"text_delta","text":" a word or two)" +
                             std::to_string(i) + R"(\n"})"));
    events.push_back(claude_event("content_block_stop", R"(,"index":0)"));
    events.push_back(claude_event(
        "message_delta",
        R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1000})"));
    events.push_back(claude_event("message_stop", ""));
    return events;
}

std::string gpt_chunk(const std::string& delta, const std::string& finish) {
    return R"(data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1760000000,"model":"gpt-x","service_tier":"default","system_fingerprint":"fp_1","choices":[{"index":0,"delta":)" +
           delta + R"(,"logprobs":null,"finish_reason":)" + finish + "}]}\n\n";
}

std::vector<std::string> gpt_stream() {
    std::vector<std::string> events = {
        gpt_chunk(R"({"role":"assistant","content":"","refusal":null})", "null")};
    for (std::size_t i = 0; i < kDeltas; ++i)
        events.push_back(
            gpt_chunk(R"({"content":" a word or two)" + std::to_string(i) + R"(\n"})", "null"));
    events.push_back(gpt_chunk("{}", R"("stop")"));
    events.push_back("data: [DONE]\n\n");
    return events;
}

template <class MakeParser, class MakeWriter>
void bench_stream(const char* name, const std::vector<std::string>& events, MakeParser make_parser,
                  MakeWriter make_writer) {
    std::size_t bytes = 0;
    measure(name, events.size(), [&] {
        auto plan = std::make_unique<const AnswerPlan>(
            AnswerPlan{.model = "m", .created = 1760000000, .fallback_id = "req_1"});
        auto writer = make_writer(*plan);
        ConvertingRelay relay(std::move(plan), make_parser(), std::move(writer), {});
        for (const std::string& event : events) bytes += relay.feed(event).size();
        bytes += relay.finish().size();
        if (!relay.is_complete()) fail("the stream did not end well");
    });
    if (bytes == 0) fail("nothing was written");
}

// ---- Requests --------------------------------------------------------------------------------

const std::string kWords(1'500, 'w');
const std::string kSchema =
    R"({"type":"object","properties":{"path":{"type":"string"},"lines":{"type":"integer"}},"required":["path"]})";

// Adds turns until the body is as long as it is to be.
template <class Turn>
std::string conversation(std::string head, Turn turn, const std::string& tail) {
    for (int i = 0; head.size() + tail.size() < kRequestBytes; ++i) head += turn(std::to_string(i));
    head.pop_back();  // the last comma
    return head + tail;
}

std::string openai_request() {
    return conversation(
        R"({"model":"m","max_tokens":1000,"messages":[{"role":"system","content":"be kind"},)",
        [](const std::string& i) {
            return R"({"role":"user","content":[{"type":"text","text":"look \"here\"\n)" + kWords +
                   R"("}]},{"role":"assistant","content":"I look","tool_calls":[{"id":"call_)" + i +
                   R"(","type":"function","function":{"name":"read_file","arguments":"{\"path\":\"a/)" +
                   i + R"(.txt\",\"lines\":7.50}"}}]},{"role":"tool","tool_call_id":"call_)" + i +
                   R"(","content":")" + kWords + R"("},)";
        },
        R"(],"tools":[{"type":"function","function":{"name":"read_file","parameters":)" + kSchema +
            "}}]}");
}

std::string anthropic_request() {
    return conversation(
        R"({"model":"m","max_tokens":1000,"system":"be kind","messages":[)",
        [](const std::string& i) {
            return R"({"role":"user","content":[{"type":"text","text":"look \"here\"\n)" + kWords +
                   R"("}]},{"role":"assistant","content":[{"type":"text","text":"I look"},{"type":"tool_use","id":"toolu_)" +
                   i + R"(","name":"read_file","input":{"path":"a/)" + i +
                   R"(.txt","lines":7.50}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_)" +
                   i + R"(","content":")" + kWords + R"("}]},)";
        },
        R"(],"tools":[{"name":"read_file","input_schema":)" + kSchema + "}]}");
}

template <class Read, class Write>
void bench_request(const char* name, const std::string& body, Read read, Write write) {
    const ModelTraits traits;
    const ConversionOptions options{.sha256_hex = &crypto::sha256_hex};
    measure(name, 1, [&] {
        Losses losses;
        AnswerPlan plan;
        RequestConversion to{
            .model = "m", .traits = traits, .options = options, .losses = losses, .plan = plan};
        JsonTree tree;
        const auto root = tree.parse(body);
        if (!root) fail("the request is no JSON");
        auto request = read(*root, losses);
        if (!request) fail(request.error().message);
        const auto written = write(*std::move(request), to);
        if (!written || written->size() < kRequestBytes / 2) fail("the request was not written");
    });
}

}  // namespace

int main() {
    bench_stream("event_to_openai_us", claude_stream(), make_anthropic_stream_parser,
                 [](const AnswerPlan& plan) { return make_openai_stream_writer(plan); });
    bench_stream(
        "event_to_anthropic_us", gpt_stream(), [] { return make_openai_stream_parser(); },
        [](const AnswerPlan& plan) { return make_anthropic_stream_writer(plan, "req_1"); });
    bench_request(
        "request_to_anthropic_us", openai_request(),
        [](JsonValue body, Losses& losses) { return read_openai_request(body, losses); },
        [](ChatRequest request, RequestConversion& to) {
            return write_anthropic_request(std::move(request), to);
        });
    bench_request(
        "request_to_openai_us", anthropic_request(),
        [](JsonValue body, Losses& losses) {
            return read_anthropic_request(body, MaxTokens::Required, losses);
        },
        [](ChatRequest request, RequestConversion& to) {
            return write_openai_request(std::move(request), to);
        });
    return 0;
}
