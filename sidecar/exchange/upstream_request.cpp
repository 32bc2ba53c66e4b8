#include "sidecar/exchange/upstream_request.h"

#include <array>
#include <charconv>
#include <chrono>

#include "crypto/digest.h"
#include "protocol/responses_reasoning.h"
#include "sidecar/exchange/forwarding.h"

namespace aigw::exchange {
namespace {

constexpr std::size_t kUsualHead = 512;  // of a request, without the platform's own fields

void append_length(std::string& out, std::size_t length) {
    std::array<char, 24> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), length).ptr;
    out.append("content-length: ").append(digits.data(), end).append("\r\n\r\n");
}

// Thoughts that another vendor has signed must not reach one who would refuse them.
bool passes(const Asked& asked, const Recipient& to) {
    const protocol::RequestFacts& facts = asked.facts;
    if (facts.protocol == Protocol::Responses && protocol::has_own_seal(asked.body)) return false;
    return to.platform.passes(facts.protocol, facts.operation) &&
           to.platform.adapter->takes(facts, to.model, to.platform.caps_of(to.model_of(facts)));
}

// The caller's own wish goes before the configuration's.
Strict strictness(const Asked& asked) {
    const auto wish = asked.head.find("x-aigw-strict");
    const bool is_strict = wish ? *wish == "1" || *wish == "true" : asked.conversion.strict;
    return is_strict ? Strict::Yes : Strict::No;
}

}  // namespace

// What is no part of the body stays: where it came from, and how it was counted.
Result<void> UpstreamRequest::change(const Asked& asked, std::span<const protocol::Edit> params) {
    const bool was_changed = changed_ != nullptr;
    changed_.reset();
    if (was_changed || !params.empty()) conversion_.reset();  // it has read another body
    if (params.empty()) return {};
    changed_.reset(new Changed{protocol::OwnedPaddedBody(protocol::splice(asked.body, params))});
    changed_->facts = TRY(changed_->reader.read(asked.facts.operation, changed_->body.body(),
                                                asked.facts.model, asked.facts.protocol));
    protocol::RequestFacts& facts = changed_->facts;
    facts.client_ip = asked.facts.client_ip;
    facts.input_tokens = asked.facts.input_tokens;
    facts.input_exact = asked.facts.input_exact;
    facts.input_margin_percent = asked.facts.input_margin_percent;
    facts.input_counter = asked.facts.input_counter;
    return {};
}

Asked UpstreamRequest::effective(const Asked& asked) const {
    if (changed_ == nullptr) return asked;
    return {.facts = changed_->facts,
            .body = changed_->body.body().bytes(),
            .head = asked.head,
            .conversion = asked.conversion,
            .request_id = asked.request_id,
            .at = asked.at,
            .path = asked.path};
}

Result<void> UpstreamRequest::prepare(const Asked& caller, const Recipient& to,
                                      std::span<const protocol::Edit> params) {
    TRY(change(caller, params));
    const Asked asked = effective(caller);
    const bool is_counted = asked.facts.operation == Operation::CountTokens;
    const bool asks_for_none = is_counted || asked.facts.max_output == 0;
    const bool is_passed = passes(asked, to);
    is_answered_here_ = asks_for_none && !is_passed;
    if (!is_passed && !is_counted) return convert(asked, to);
    conversion_.reset();
    return {};
}

// Writes the request in the vendor's words.
Result<void> UpstreamRequest::convert(const Asked& asked, const Recipient& to) {
    if (!conversion_)
        conversion_.emplace(
            protocol::ConversionOptions{.default_max_tokens = asked.conversion.default_max_tokens,
                                        .mid_system = asked.conversion.mid_system,
                                        .sha256_hex = crypto::sha256_hex});
    const auto created =
        std::chrono::duration_cast<std::chrono::seconds>(asked.at.time_since_epoch());
    const std::string_view model = to.model_of(asked.facts);
    return conversion_->write(
        asked.facts, asked.body,
        {.adapter = *to.platform.adapter, .model = model, .traits = to.platform.traits(model)},
        {.request_id = asked.request_id, .created = created.count()}, strictness(asked));
}

Result<void> UpstreamRequest::write(const Asked& caller, const Recipient& to,
                                    std::string_view fields, std::string& head,
                                    protocol::Pieces& pieces) {
    const Asked asked = effective(caller);
    edits_.clear();
    pieces.push_back({});  // the head, once the body's length is known
    if (conversion_) {
        pieces.push_back(conversion_->body());
    } else {
        TRY(to.platform.adapter->edit(asked.facts, to.model, edits_));
        protocol::splice_views(asked.body, edits_, pieces);
    }
    std::size_t length = 0;
    for (const std::string_view piece : pieces) length += piece.size();
    head.reserve(kUsualHead + fields.size());
    append_head(asked, to, fields, head);
    append_length(head, length);
    pieces[0] = head;
    return {};
}

// A caller's fields are for those who speak its protocol.
void UpstreamRequest::append_head(const Asked& asked, const Recipient& to, std::string_view fields,
                                  std::string& head) const {
    if (conversion_) return append_converted_head(asked, to, fields, head);
    head.append("POST ")
        .append(asked.path.empty() ? to.platform.target(asked.facts.protocol, asked.facts.operation)
                                   : asked.path)
        .append(" HTTP/1.1\r\n")
        .append(fields);
    append_forwarded(head, asked.head, to.platform.names);
}

void UpstreamRequest::append_converted_head(const Asked& asked, const Recipient& to,
                                            std::string_view fields, std::string& head) const {
    const Operation operation = asked.facts.operation;
    const bool is_stream = asks_for_stream(asked.facts);
    const providers::WireCall call{
        .operation = operation == Operation::Embeddings ? operation : Operation::Chat,
        .caller = conversion_->wire(),
        .model = to.model_of(asked.facts),
        .is_stream = is_stream};
    head.append("POST ")
        .append(to.platform.adapter->target(to.platform.base, call))
        .append(" HTTP/1.1\r\n")
        .append(fields)
        .append("content-type: application/json\r\naccept: ")
        .append(is_stream ? "text/event-stream" : "application/json")
        .append("\r\n");
    if (!conversion_->betas().empty())
        head.append("anthropic-beta: ").append(conversion_->betas()).append("\r\n");
}

void UpstreamRequest::forget() {
    edits_.clear();
    changed_.reset();
    if (conversion_) conversion_->forget_request();
}

}  // namespace aigw::exchange
