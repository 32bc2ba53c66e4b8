#include "tests/providers/golden_exchange.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "crypto/digest.h"
#include "protocol/answer_restorer.h"
#include "protocol/anthropic_reply.h"
#include "protocol/anthropic_request.h"
#include "protocol/anthropic_stream.h"
#include "protocol/converting_relay.h"
#include "protocol/error_envelope.h"
#include "protocol/object_scanner.h"
#include "protocol/openai_reply.h"
#include "protocol/openai_request.h"
#include "protocol/openai_stream.h"
#include "protocol/reply_assembler.h"
#include "protocol/responses_reply.h"
#include "protocol/responses_request.h"
#include "protocol/responses_stream.h"
#include "protocol/splice.h"

namespace aigw::providers::tests {
namespace {

constexpr int kGood = 200;

http::Response read_reply(const std::string& text) {
    const std::size_t blank = text.find("\n\n");
    REQUIRE(blank != std::string::npos);
    http::Response reply{.body = text.substr(blank + 2)};
    std::istringstream head(text.substr(0, blank));
    std::string line;
    std::getline(head, line);
    reply.status = std::stoi(line.substr(line.find(' ') + 1));
    while (std::getline(head, line))
        reply.headers.add(line.substr(0, line.find(": ")), line.substr(line.find(": ") + 2));
    return reply;
}

bool is_event_stream(const http::Response& reply) {
    return reply.headers.find("content-type") == "text/event-stream";
}

// ---- Each caller's protocol
// ----------------------------------------------------------------------

Result<protocol::ChatRequest> read_request(Protocol caller, protocol::JsonValue body,
                                           protocol::Losses& losses) {
    switch (caller) {
        case Protocol::OpenAi:
            return protocol::read_openai_request(body, losses);
        case Protocol::Anthropic:
            return protocol::read_anthropic_request(body, protocol::MaxTokens::Required, losses);
        case Protocol::Responses:
            return protocol::read_responses_request(body, losses);
    }
    return Error{ErrorCode::Internal, "no such caller"};
}

std::string write_reply(Protocol caller, const protocol::ChatReply& reply,
                        const protocol::AnswerPlan& plan) {
    switch (caller) {
        case Protocol::OpenAi:
            return protocol::write_openai_reply(reply, plan);
        case Protocol::Anthropic:
            return protocol::write_anthropic_reply(reply, plan);
        case Protocol::Responses:
            return protocol::write_responses_reply(reply, plan);
    }
    return {};
}

std::unique_ptr<protocol::ChatStreamWriter> make_writer(Protocol caller,
                                                        const protocol::AnswerPlan& plan) {
    switch (caller) {
        case Protocol::OpenAi:
            return protocol::make_openai_stream_writer(plan);
        case Protocol::Anthropic:
            return protocol::make_anthropic_stream_writer(plan, "req_golden");
        case Protocol::Responses:
            return protocol::make_responses_stream_writer(plan);
    }
    return nullptr;
}

// ---- Files
// ---------------------------------------------------------------------------------------

std::string render_usage(const std::optional<Usage>& usage) {
    if (!usage) return "usage: none\n";
    return "usage: input " + std::to_string(usage->input_tokens) + ", cached " +
           std::to_string(usage->cached_input_tokens) + ", cache write " +
           std::to_string(usage->cache_write_tokens) + ", output " +
           std::to_string(usage->output_tokens) + ", reasoning " +
           std::to_string(usage->reasoning_tokens) + "\n";
}

std::string render_failure(const Error& error, Protocol caller) {
    const auto rendered =
        protocol::render_error(error, protocol::envelope_of(caller), "req_golden");
    std::string text = "HTTP/1.1 " + std::to_string(rendered.status) + "\n";
    if (const auto delay = protocol::retry_after_header(error))
        text += "retry-after: " + *delay + "\n";
    return text + "retryable: " + (is_retryable(error) ? "yes" : "no") + "\n\n" + rendered.body;
}

// A stream that the adapter asked for, though its caller wants the answer whole; or one that the
// test wants whole.
Result<protocol::ChatReply> assemble(const Adapter& adapter, const std::string& body) {
    protocol::ReplyAssembler assembler;
    const auto parser = adapter.make_parser();
    parser->feed(body, assembler);
    parser->finish(assembler);
    return std::move(assembler).reply();
}

}  // namespace

// A body that does not pass, in the vendor's words, and what its answer must know.
struct GoldenExchange::Converted {
    protocol::Losses losses{};
    Protocol wire = Protocol::OpenAi;  // which of the vendor's forms it has
    std::unique_ptr<protocol::AnswerPlan> plan = std::make_unique<protocol::AnswerPlan>();
    std::string body{};
    protocol::VectorForm vectors = protocol::VectorForm::Numbers;  // of embeddings

    explicit Converted(const GoldenExchange& exchange) {
        protocol::JsonTree tree;
        const auto root = tree.parse(exchange.body_.body().bytes());
        REQUIRE(root);
        if (exchange.case_.operation == Operation::Embeddings) {
            encode_embeddings(exchange, *root);
        } else {
            encode_chat(exchange, *root);
        }
    }

    void encode_chat(const GoldenExchange& exchange, protocol::JsonValue root) {
        using Mode = protocol::Reasoning::Mode;
        const Protocol caller = exchange.case_.caller;
        auto request = read_request(caller, root, losses);
        REQUIRE(request);
        *plan = {.model = request->model,
                 .created = 1'760'000'000,
                 .fallback_id = "req_golden",
                 .wants_usage = request->wants_usage,
                 .uses_functions = request->uses_functions,
                 .hides_thinking = request->reasoning.mode == Mode::Disabled,
                 .stop = request->stop,
                 .input_tokens = exchange.facts_.input_tokens,
                 .sha256_hex = crypto::sha256_hex};
        if (caller == Protocol::Responses) plan->echo = protocol::make_responses_echo(root);
        const std::string model = exchange.model();
        const protocol::ModelTraits traits = exchange.adapter_->traits(model);
        const protocol::ConversionOptions options{.sha256_hex = crypto::sha256_hex};
        protocol::RequestConversion to{
            .model = model, .traits = traits, .options = options, .losses = losses, .plan = *plan};
        auto written = exchange.adapter_->encode(std::move(request).take(), to);
        if (!written) FAIL(written.error().message);
        body = std::move(written).take();
        wire = to.wire;
    }

    void encode_embeddings(const GoldenExchange& exchange, protocol::JsonValue root) {
        auto request = protocol::read_embeddings_request(root);
        REQUIRE(request);
        using protocol::VectorForm;
        vectors = request->wants_base64 ? VectorForm::Base64 : VectorForm::Numbers;
        *plan = {.model = request->model, .input_tokens = exchange.facts_.input_tokens};
        const std::string model = exchange.model();
        const protocol::ModelTraits traits = exchange.adapter_->traits(model);
        const protocol::ConversionOptions options{};
        protocol::RequestConversion to{
            .model = model, .traits = traits, .options = options, .losses = losses, .plan = *plan};
        auto written = exchange.adapter_->encode_embeddings(*request, to);
        if (!written) FAIL(written.error().message);
        body = std::move(written).take();
    }

    std::string vectors_in(const Result<protocol::EmbeddingsReply>& reply) const {
        REQUIRE(reply);
        return "HTTP/1.1 200\n" + render_usage(reply->usage) + "\n" +
               protocol::write_embeddings(*reply, *plan, vectors);
    }
};

GoldenExchange::GoldenExchange(const GoldenCase& golden)
    : case_(golden), adapter_(golden.vendor->make()), body_(golden.text("request.json")) {
    if (!golden.has_body()) return;
    auto read = reader_.read(golden.operation, body_.body(), {}, golden.caller);
    INFO(golden.folder);
    REQUIRE(read);
    facts_ = *read;
}

GoldenExchange::~GoldenExchange() = default;

std::string GoldenExchange::model() const {
    return case_.upstream_model.empty() ? std::string(facts_.model) : case_.upstream_model;
}

bool GoldenExchange::passes() const {
    if (!case_.has_body()) return true;
    return adapter_->passes(case_.caller, case_.operation) &&
           adapter_->takes(facts_, case_.upstream_model, {});
}

protocol::ChatRequest GoldenExchange::request() const {
    protocol::JsonTree tree;
    protocol::Losses losses;
    const auto root = tree.parse(body_.body().bytes());
    REQUIRE(root);
    auto request = read_request(case_.caller, *root, losses);
    REQUIRE(request);
    return std::move(request).take();
}

Result<protocol::ChatReply> GoldenExchange::reply() const {
    const http::Response answer = read_reply(case_.text("reply.http"));
    if (answer.status != kGood) return adapter_->decode_error(answer);
    if (is_event_stream(answer)) return assemble(*adapter_, answer.body);
    TRY(adapter_->check_reply(answer));
    return adapter_->decode(answer.body);
}

// ---- What went up
// --------------------------------------------------------------------------------

std::string GoldenExchange::head(Protocol wire, bool is_stream) const {
    const auto url = http::parse_url(case_.base_url);
    REQUIRE(url);
    const std::string model = this->model();
    const WireCall call{
        .operation = case_.operation, .caller = wire, .model = model, .is_stream = is_stream};
    std::string text = (case_.has_body() ? "POST " : "GET ") + adapter_->target(*url, call) + "\n";
    text += "host: " + url->authority() + "\n";
    for (const http::Header& field : adapter_->headers(Secret("sk-golden", ""), case_.headers))
        text.append(field.name).append(": ").append(field.value).append("\n");
    return text + "\n";
}

std::string GoldenExchange::upstream() const {
    if (!case_.has_body()) return head(case_.caller, false);
    if (!passes()) {
        const Converted made(*this);
        std::string text = head(made.wire, facts_.stream || made.plan->is_assembled);
        const std::string lost = made.losses.header();
        if (!lost.empty()) text += "(warnings: " + lost + ")\n";
        return text + made.body;
    }
    std::vector<protocol::Edit> edits;
    REQUIRE(adapter_->edit(facts_, case_.upstream_model, edits));
    return head(case_.caller, facts_.stream) + protocol::splice(body_.body().bytes(), edits);
}

// ---- What the caller got
// -------------------------------------------------------------------------

std::unique_ptr<protocol::StreamRelay> GoldenExchange::make_relay() const {
    if (passes()) return adapter_->make_relay(facts_, {});
    Converted made(*this);
    auto writer = make_writer(case_.caller, *made.plan);
    return std::make_unique<protocol::ConvertingRelay>(std::move(made.plan),
                                                       adapter_->make_parser(), std::move(writer),
                                                       std::span<const std::string>());
}

std::string GoldenExchange::relayed(const std::string& body, std::size_t first,
                                    std::size_t piece) const {
    const auto relay = make_relay();
    std::string text(relay->feed(std::string_view(body).substr(0, first)));
    for (std::size_t at = first; at < body.size(); at += piece)
        text += relay->feed(std::string_view(body).substr(at, piece));
    text += relay->finish();
    return "HTTP/1.1 200\n" + render_usage(relay->usage()) + "\n" + text;
}

// Whole, byte by byte, and in every two pieces.
std::string GoldenExchange::streamed(const std::string& body) const {
    std::string uncut = relayed(body, body.size(), 1);
    CHECK(relayed(body, 0, 1) == uncut);
    for (std::size_t cut = 0; cut < body.size(); ++cut)
        CHECK(relayed(body, cut, body.size()) == uncut);
    return uncut;
}

std::string GoldenExchange::whole(const http::Response& answer) const {
    const std::string& body = answer.body;
    if (passes()) {
        const auto place = protocol::find_field(body, "usage");
        const auto usage = place ? adapter_->read_usage(place->of(body)) : std::nullopt;
        return "HTTP/1.1 200\n" + render_usage(usage) + "\n" + body;
    }
    const Converted made(*this);
    if (case_.operation == Operation::Embeddings)
        return made.vectors_in(adapter_->decode_embeddings(body));
    const bool is_stream = is_event_stream(answer);
    CHECK(made.plan->is_assembled == is_stream);
    auto reply = is_stream ? assemble(*adapter_, body) : adapter_->decode(body);
    if (!reply) return render_failure(reply.error(), case_.caller);
    protocol::restore_answer(*reply, *made.plan);
    return "HTTP/1.1 200\n" + render_usage(reply->usage) + "\n" +
           write_reply(case_.caller, *reply, *made.plan);
}

std::string GoldenExchange::response() const {
    const http::Response reply = read_reply(case_.text("reply.http"));
    if (reply.status != kGood) return render_failure(adapter_->decode_error(reply), case_.caller);
    if (facts_.stream) return streamed(reply.body);
    if (is_event_stream(reply)) return whole(reply);
    if (const auto checked = adapter_->check_reply(reply); !checked)
        return render_failure(checked.error(), case_.caller);
    return whole(reply);
}

}  // namespace aigw::providers::tests
