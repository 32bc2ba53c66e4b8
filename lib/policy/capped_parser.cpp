#include "policy/capped_parser.h"

#include <utility>

namespace aigw::policy {

using protocol::ChatEvent;
using protocol::ChatEventKind;
using protocol::ChatSink;
using protocol::Stop;

// An event with all that it refers to.
struct CappedParser::Waiting {
    Waiting(const ChatEvent& taken, std::size_t from, std::size_t to)
        : event(taken),
          text(taken.text),
          id(taken.id),
          name(taken.name),
          signature(taken.signature),
          service_tier(taken.service_tier),
          begin(from),
          end(to) {
        if (taken.usage != nullptr) usage = *taken.usage;
        if (taken.stop != nullptr) stop = *taken.stop;
        if (taken.error != nullptr) error = *taken.error;
    }

    // With views of its own.
    ChatEvent view() const {
        ChatEvent own = event;
        own.text = text;
        own.id = id;
        own.name = name;
        own.signature = signature;
        own.service_tier = service_tier;
        own.usage = usage ? &*usage : nullptr;
        own.stop = stop ? &*stop : nullptr;
        own.error = error ? &*error : nullptr;
        return own;
    }

    ChatEvent event;  // its views are not good any more
    std::string text, id, name, signature, service_tier;
    std::optional<Usage> usage{};
    std::optional<Stop> stop{};
    std::optional<Error> error{};
    std::size_t begin, end;  // of what is counted of it, in the answer
};

class CappedParser::Sieve final : public ChatSink {
public:
    Sieve(CappedParser& parser, ChatSink& next) : parser_(parser), next_(next) {}
    void take(const ChatEvent& event) override { parser_.take(event, next_); }

private:
    CappedParser& parser_;
    ChatSink& next_;
};

CappedParser::CappedParser(std::unique_ptr<protocol::ChatStreamParser> parser, OutputCap cap,
                           const Measure& measure, std::int64_t input_tokens,
                           Truncation& truncation)
    : parser_(std::move(parser)),
      cap_(std::move(cap)),
      gauge_(cap_.max_tokens, measure),
      input_tokens_(input_tokens),
      truncation_(truncation) {}

CappedParser::~CappedParser() = default;

void CappedParser::feed(std::string_view bytes, ChatSink& sink) {
    if (is_over()) return;
    Sieve sieve(*this, sink);
    parser_->feed(bytes, sieve);
}

void CappedParser::finish(ChatSink& sink) {
    if (is_over()) return;
    Sieve sieve(*this, sink);
    parser_->finish(sieve);
}

void CappedParser::interrupt(Error error, ChatSink& sink) {
    if (is_over()) return;
    Sieve sieve(*this, sink);
    parser_->interrupt(std::move(error), sieve);
}

void CappedParser::take(const ChatEvent& event, ChatSink& sink) {
    if (is_cut_) return;
    if (event.usage != nullptr) said_ = *event.usage;
    const std::size_t begin = gauge_.taken();
    const std::size_t end = begin + count(event);
    // Probabilities are of the text that follows: they go out with all of it, or not at all.
    const bool waits = event.kind == ChatEventKind::Logprobs || end > gauge_.certain();
    if (waiting_.empty() && !waits && !gauge_.cut()) return sink.take(event);
    waiting_.emplace_back(event, begin, end);
    drain(sink);
}

// Gives how many bytes of the event are counted.
std::size_t CappedParser::count(const ChatEvent& event) {
    using Kind = TextPlace::Kind;
    switch (event.kind) {
        case ChatEventKind::Text:
            gauge_.add({.kind = Kind::Text}, event.text);
            return event.text.size();
        case ChatEventKind::Thinking:
            gauge_.add({.kind = Kind::Thinking}, event.text);
            return event.text.size();
        case ChatEventKind::Refusal:
            gauge_.add({.kind = Kind::Refusal}, event.text);
            return event.text.size();
        case ChatEventKind::Arguments:
            gauge_.add({.kind = Kind::Arguments, .number = event.call}, event.text);
            return event.text.size();
        case ChatEventKind::Call:
            gauge_.add_name(event.call, event.name);
            return event.name.size();
        case ChatEventKind::Signature:
        case ChatEventKind::Redacted:
        case ChatEventKind::CallEnd:
        case ChatEventKind::PartEnd:
        case ChatEventKind::Vendor:
        case ChatEventKind::StopSeen:
        case ChatEventKind::End:
        case ChatEventKind::Failed:
            gauge_.close();
            return 0;
        case ChatEventKind::Start:
        case ChatEventKind::Annotation:
        case ChatEventKind::Logprobs:
        case ChatEventKind::UsageSeen:
            return 0;
    }
    return 0;
}

void CappedParser::drain(ChatSink& sink) {
    while (!waiting_.empty()) {
        const Waiting& first = waiting_.front();
        const bool is_of_next = first.event.kind == ChatEventKind::Logprobs;
        if (is_of_next && waiting_.size() == 1) return;
        const std::size_t end = is_of_next ? waiting_[1].end : first.end;
        if (gauge_.cut() && end > *gauge_.cut()) return this->end(sink);
        if (end > gauge_.certain()) return;
        sink.take(first.view());
        waiting_.pop_front();
    }
}

// The first of those that wait does not fit, or not whole.
void CappedParser::end(ChatSink& sink) {
    is_cut_ = true;
    truncation_.is_cut = true;
    for (const Waiting& waiting : waiting_) {
        if (waiting.event.kind == ChatEventKind::Logprobs) continue;
        give_rest(waiting, sink);
        break;
    }
    waiting_.clear();
    if (!cap_.notice.empty()) sink.take({.kind = ChatEventKind::Text, .text = cap_.notice});
    const Usage used = usage();
    const Stop stop{.reason = protocol::StopReason::MaxTokens};
    sink.take({.kind = ChatEventKind::UsageSeen, .usage = &used});
    sink.take({.kind = ChatEventKind::StopSeen, .stop = &stop});
    sink.take({.kind = ChatEventKind::End});
}

void CappedParser::give_rest(const Waiting& waiting, ChatSink& sink) {
    const std::size_t cut = *gauge_.cut();
    if (waiting.event.kind == ChatEventKind::Call || cut <= waiting.begin) return;
    ChatEvent event = waiting.view();
    event.text = event.text.substr(0, cut - waiting.begin);
    sink.take(event);
}

Usage CappedParser::usage() {
    Usage used = said_.value_or(Usage{.input_tokens = input_tokens_});
    const tokens::AnswerTokens counted = gauge_.tokens();
    used.output_tokens = counted.output;
    used.reasoning_tokens = counted.reasoning;
    used.is_estimated = true;
    return used;
}

}  // namespace aigw::policy
