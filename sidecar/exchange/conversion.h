// One chat whose caller and upstream speak different protocols.
//
// Shape:   the caller's body is read once; for each candidate it is written anew in that vendor's
//          words, with what was lost and what the answer must know. Answers come back the same way.
// Errors:  invalid_request, `param` the path in the caller's body. Of a strict caller also for what
//          would have been lost.
// Threads: one per exchange.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/chat_reply.h"
#include "protocol/chat_request.h"
#include "protocol/conversion.h"
#include "protocol/losses.h"
#include "protocol/model_traits.h"
#include "protocol/output_meter.h"
#include "protocol/request_facts.h"
#include "protocol/stream_relay.h"
#include "providers/adapter.h"

namespace aigw::exchange {

enum class Strict : bool { No, Yes };

class Conversion {
public:
    // What an answer needs from its exchange.
    struct Occasion {
        std::string_view request_id{};
        std::int64_t created = 0;  // seconds of the Unix epoch
    };

    // To whom it is to be said.
    struct Upstream {
        const providers::Adapter& adapter;
        std::string_view model{};  // as the vendor calls it
        protocol::ModelTraits traits{};
    };

    explicit Conversion(protocol::ConversionOptions options) : options_(options) {}

    // For this candidate; after a failure another may be tried.
    Result<void> write(const protocol::RequestFacts& facts, std::string_view body,
                       const Upstream& upstream, const Occasion& occasion, Strict strict);

    // It has been sent, and will not be again.
    void forget_request() {
        request_.reset();
        std::string().swap(body_);
    }

    // What was written.
    const std::string& body() const { return body_; }
    // What it speaks, where the vendor has more than one form.
    Protocol wire() const { return wire_; }
    // Value of `anthropic-beta`; empty: none is asked for.
    const std::string& betas() const { return betas_; }
    const protocol::Losses& losses() const { return losses_; }
    // One that the answer showed.
    void add_loss(protocol::LossKind kind, std::string_view path) { losses_.add(kind, path); }
    // The upstream was asked for a stream, though the caller wants its answer whole.
    bool is_assembled() const { return plan_.is_assembled; }

    // What a whole answer says that it used, else the estimate that its caller will read.
    Usage usage_of(const protocol::ChatReply& reply) const;
    // A whole answer in the caller's words; `reply` is what the adapter read.
    std::string render(protocol::ChatReply reply) const;
    // The same of embeddings.
    Usage usage_of(const protocol::EmbeddingsReply& reply) const;
    std::string render(const protocol::EmbeddingsReply& reply) const;
    // A streamed one, as the parser reads it. `secrets` outlive the relay.
    std::unique_ptr<protocol::StreamRelay> make_relay(
        std::unique_ptr<protocol::ChatStreamParser> parser, std::span<const std::string> secrets,
        std::string_view request_id, std::unique_ptr<protocol::OutputMeter> meter) const;
    // The answer to a caller who wants none: no token, cut off at once.
    std::string render_nothing(const protocol::RequestFacts& facts,
                               std::string_view request_id) const;

private:
    // What the caller's answers look like.
    enum class Form : std::uint8_t { Chat, Completion, Message, Response };
    static Form form_of(const protocol::RequestFacts& facts);
    static std::unique_ptr<protocol::ChatStreamWriter> make_writer(Form form,
                                                                   const protocol::AnswerPlan& plan,
                                                                   std::string_view request_id);
    Result<void> read(const protocol::RequestFacts& facts, std::string_view body);
    Result<void> write_chat(const protocol::RequestFacts& facts, std::string_view body,
                            const Upstream& upstream, const Occasion& occasion);
    Result<void> write_embeddings(const protocol::RequestFacts& facts, std::string_view body,
                                  const Upstream& upstream);

    protocol::ConversionOptions options_;
    Form form_ = Form::Chat;
    std::optional<protocol::ChatRequest> request_{};
    protocol::VectorForm vectors_ = protocol::VectorForm::Numbers;  // that the caller wants
    std::string echo_{};                                            // of the request, in the answer
    protocol::Losses read_losses_{};  // those of reading, which every candidate shares
    protocol::Losses losses_{};
    protocol::AnswerPlan plan_{};
    std::string body_{};
    Protocol wire_ = Protocol::OpenAi;
    std::string betas_{};
};

}  // namespace aigw::exchange
