#include "protocol/event_relay.h"

#include "base/text.h"
#include "protocol/error_envelope.h"
#include "protocol/object_scanner.h"
#include "protocol/reply_usage.h"
#include "protocol/sse.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The usual event: one line with one object.
bool is_one_object(const EventFramer::Frame& frame) {
    return frame.lines == 1 &&
           (frame.bytes.starts_with("data: {") || frame.bytes.starts_with("data:{"));
}

}  // namespace

std::string_view EventRelay::feed(std::string_view bytes) {
    if (is_over()) return {};
    if (given_ > 0) {
        tail_.erase(0, given_);
        given_ = 0;
    }
    if (!tail_.empty()) {
        tail_.append(bytes);
        return relay(tail_, given_);
    }
    std::size_t taken = 0;
    const std::string_view out = relay(bytes, taken);
    tail_.assign(bytes.substr(taken));
    return out;
}

// Events that follow one another go out as one view; only where something is left out or put in
// between are they copied.
std::string_view EventRelay::relay(std::string_view window, std::size_t& taken) {
    out_.clear();
    std::size_t run = 0;  // from here to `taken` everything goes out as it came
    taken = 0;
    framer_.open(window);
    const auto flush = [&] { out_.append(window.substr(run, taken - run)); };
    while (!is_over()) {
        if (const auto run_of_alike = framer_.take_alike(); run_of_alike.events > 0) {
            taken += run_of_alike.bytes;
            events_ += static_cast<std::int64_t>(run_of_alike.events);
        }
        const auto frame = framer_.next();
        if (!frame) break;
        const Verdict verdict = judge(*frame);
        if (verdict == Verdict::Pass) {
            taken += frame->bytes.size();
            continue;
        }
        flush();
        taken += frame->bytes.size();
        run = taken;
        if (verdict == Verdict::Replace) append_failure(out_);
    }
    if (!is_over() && window.size() - taken > kMaxEventBytes) {
        flush();
        run = taken;
        fail_oversized();
        append_failure(out_);
    }
    const std::string_view rest = window.substr(run, taken - run);
    if (is_over()) taken = window.size();
    if (out_.empty()) return rest;
    return out_.append(rest);
}

EventRelay::Verdict EventRelay::judge(const Frame& frame) {
    if (frame.bytes.size() > kMaxEventBytes) {
        fail_oversized();
        return Verdict::Replace;
    }
    const bool is_simple = frame.is_whole_look && is_one_object(frame);
    if (is_simple && frame.found == 0) {
        is_first_ = false;
        count_event();
        framer_.note_nothing_in(frame.bytes);
        return Verdict::Pass;
    }
    seen_ = is_simple ? std::optional(frame.found) : std::nullopt;
    const auto data = data_in(frame);
    if (!data) return Verdict::Pass;  // a comment, a blank line
    return look_into(*data);
}

// A byte order mark may stand before the first event.
std::optional<std::string_view> EventRelay::data_in(Frame frame) {
    if (is_first_ && frame.bytes.starts_with(kByteOrderMark))
        frame.bytes.remove_prefix(kByteOrderMark.size());
    is_first_ = false;
    return data_of(frame, data_);
}

void EventRelay::fail_oversized() {
    failure_ = Error{ErrorCode::UpstreamInvalid, "an event of the upstream's stream is over 8 MiB"};
}

std::string_view EventRelay::finish() {
    return interrupt(Error{ErrorCode::UpstreamInvalid, "upstream stream ended early"});
}

std::string_view EventRelay::interrupt(Error error) {
    if (is_over()) return {};
    std::string last = tail_.substr(given_);
    while (last.ends_with('\n') || last.ends_with('\r')) last.pop_back();
    last.append("\n\n");
    framer_.reset();
    std::size_t taken = 0;
    tail_.clear();
    given_ = 0;
    if (is_whole_event(last)) tail_ = relay(last, taken);
    if (is_over()) return tail_;
    if (has_reason_) {
        is_done_ = true;
        tail_.append(last_event());
    } else {
        failure_ = std::move(error);
        append_failure(tail_);
    }
    return tail_;
}

// Half an event is worth nothing; a whole one only lacks its blank line.
bool EventRelay::is_whole_event(std::string_view bytes) const {
    SseReader reader;
    reader.feed(bytes);
    const auto event = reader.next();
    return event && *event && is_whole(trim((*event)->data));
}

EventRelay::Verdict EventRelay::fail_with(Error error) {
    failure_ = std::move(error);
    hide_secrets(*failure_, secrets_);
    return Verdict::Replace;
}

void EventRelay::append_failure(std::string& out) const {
    out.append(render_failure(*failure_));
}

std::string EventRelay::render_failure(const Error& error) const {
    return render_stream_error(error, envelope_, {});
}

}  // namespace aigw::protocol
