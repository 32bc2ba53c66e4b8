#include "protocol/chat_stream_relay.h"

#include <algorithm>
#include <bit>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/text.h"
#include "protocol/chunk_marks.h"
#include "protocol/error_envelope.h"
#include "protocol/object_scanner.h"
#include "protocol/reply_usage.h"
#include "protocol/sse.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kDone = "[DONE]";

// The first CR or LF from `at` on; the size when there is none.
std::size_t find_line_end(std::string_view text, std::size_t at) {
#if defined(__SSE2__)
    constexpr std::size_t kBlock = 16;
    for (; at + kBlock <= text.size(); at += kBlock) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i ends = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\n')),
                                          _mm_cmpeq_epi8(block, _mm_set1_epi8('\r')));
        const auto bits = static_cast<unsigned>(_mm_movemask_epi8(ends));
        if (bits != 0) return at + static_cast<std::size_t>(std::countr_zero(bits));
    }
#endif
    while (at < text.size() && text[at] != '\n' && text[at] != '\r') ++at;
    return at;
}

bool is_empty_array(std::string_view json) {
    return json.starts_with('[') && trim(json.substr(1)) == "]";
}

bool is_object(std::string_view json) {
    return json.starts_with('{');
}

std::string_view field_text(std::string_view object, std::string_view name) {
    const auto place = find_field(object, name);
    return place ? place->of(object) : std::string_view();
}

// Usage stands at the top level; Moonshot puts it into its last chunk's first choice.
std::string_view usage_of(std::string_view chunk) {
    const std::string_view usage = field_text(chunk, "usage");
    if (is_object(usage)) return usage;
    const std::string_view choices = field_text(chunk, "choices");
    const std::size_t first = choices.find('{');
    if (first == std::string_view::npos) return {};
    const std::string_view inner = field_text(choices.substr(first), "usage");
    return is_object(inner) ? inner : std::string_view();
}

Error stream_failure(VendorError said) {
    Error error{.code = ErrorCode::UpstreamInvalid, .message = std::move(said.message)};
    if (error.message.empty()) error.message = "upstream reported an error without a message";
    error.wire_code = std::move(said.code);
    error.wire_type = std::move(said.type);
    error.param = std::move(said.param);
    return error;
}

}  // namespace

// Where the next event ends, as far as it is known.
struct OpenAiStreamRelay::Frame {
    std::string_view bytes;
    bool is_one_line;
};

std::string_view OpenAiStreamRelay::feed(std::string_view bytes) {
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
std::string_view OpenAiStreamRelay::relay(std::string_view window, std::size_t& taken) {
    out_.clear();
    std::size_t run = 0;  // from here to `taken` everything goes out as it came
    taken = 0;
    const auto flush = [&] { out_.append(window.substr(run, taken - run)); };
    while (!is_over()) {
        const auto frame = find_event(window, taken);
        if (!frame) break;
        const Verdict verdict = judge(*frame);
        if (verdict == Verdict::Pass) {
            taken += frame->bytes.size();
            continue;
        }
        flush();
        taken += frame->bytes.size();
        run = taken;
        if (verdict == Verdict::Replace)
            out_.append(render_stream_error(*failure_, Envelope::OpenAi, {}));
    }
    if (!is_over() && window.size() - taken > kMaxEventBytes) {
        flush();
        run = taken;
        fail_oversized();
        out_.append(render_stream_error(*failure_, Envelope::OpenAi, {}));
    }
    const std::string_view rest = window.substr(run, taken - run);
    if (is_over()) taken = window.size();
    if (out_.empty()) return rest;
    return out_.append(rest);
}

// An event ends with a blank line. A CR at the end of the window may be half of a CRLF: it waits.
std::optional<OpenAiStreamRelay::Frame> OpenAiStreamRelay::find_event(std::string_view window,
                                                                      std::size_t begin) {
    const std::string_view rest = window.substr(begin);
    for (;;) {
        const std::size_t end = find_line_end(rest, search_.scanned);
        search_.scanned = end;
        if (end == rest.size() || (rest[end] == '\r' && end + 1 == rest.size()))
            return std::nullopt;
        const std::size_t next = rest[end] == '\r' && rest[end + 1] == '\n' ? end + 2 : end + 1;
        if (end == search_.line) {
            const Frame frame{rest.substr(0, next), search_.lines == 1};
            search_ = {};
            return frame;
        }
        search_.line = search_.scanned = next;
        ++search_.lines;
    }
}

OpenAiStreamRelay::Verdict OpenAiStreamRelay::judge(const Frame& frame) {
    if (frame.bytes.size() > kMaxEventBytes) {
        fail_oversized();
        return Verdict::Replace;
    }
    const auto data = data_of(frame);
    if (!data) return Verdict::Pass;  // a comment, a blank line
    if (*data == kDone) {
        is_done_ = true;
        return Verdict::Pass;
    }
    ++events_;
    return look_into(*data);
}

std::optional<std::string_view> OpenAiStreamRelay::data_of(const Frame& frame) {
    std::string_view bytes = frame.bytes;
    if (is_first_ && bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
    is_first_ = false;
    constexpr std::string_view kData = "data:";
    if (frame.is_one_line && bytes.starts_with(kData)) return trim(bytes.substr(kData.size()));
    SseReader reader;
    reader.feed(bytes);
    const auto event = reader.next();
    if (!event || !*event) return std::nullopt;
    data_ = (*event)->data;
    return trim(data_);
}

OpenAiStreamRelay::Verdict OpenAiStreamRelay::look_into(std::string_view data) {
    const ChunkMarks marks = find_chunk_marks(data);
    if (marks.error || marks.message) {
        if (auto said = find_vendor_error(data)) {
            failure_ = stream_failure(*std::move(said));
            hide_secrets(*failure_, secrets_);
            return Verdict::Replace;
        }
    }
    if (marks.finish_reason) has_finish_reason_ = true;
    if (!marks.usage) return Verdict::Pass;
    const std::string_view usage = usage_of(data);
    if (usage.empty()) return Verdict::Pass;
    usage_json_ = usage;
    const std::string_view choices = field_text(data, "choices");
    const bool is_only_usage = choices.empty() || is_empty_array(choices);
    return is_only_usage && usage_chunk_ == UsageChunk::Hide ? Verdict::Drop : Verdict::Pass;
}

void OpenAiStreamRelay::fail_oversized() {
    failure_ = Error{ErrorCode::UpstreamInvalid, "an event of the upstream's stream is over 8 MiB"};
}

std::string_view OpenAiStreamRelay::finish() {
    return interrupt(Error{ErrorCode::UpstreamInvalid, "upstream stream ended early"});
}

std::string_view OpenAiStreamRelay::interrupt(Error error) {
    if (is_over()) return {};
    std::string last = tail_.substr(given_);
    while (last.ends_with('\n') || last.ends_with('\r')) last.pop_back();
    last.append("\n\n");
    search_ = {};
    std::size_t taken = 0;
    tail_.clear();
    given_ = 0;
    if (is_whole_event(last)) tail_ = relay(last, taken);
    if (is_over()) return tail_;
    if (has_finish_reason_) {
        is_done_ = true;
        append_sse_event(tail_, kDone);
    } else {
        failure_ = std::move(error);
        tail_.append(render_stream_error(*failure_, Envelope::OpenAi, {}));
    }
    return tail_;
}

// Half an event is worth nothing; a whole one only lacks its blank line.
bool OpenAiStreamRelay::is_whole_event(std::string_view bytes) {
    SseReader reader;
    reader.feed(bytes);
    const auto event = reader.next();
    if (!event || !*event) return false;
    const std::string_view data = trim((*event)->data);
    return data == kDone || is_whole_object(data);
}

std::optional<Usage> OpenAiStreamRelay::usage() const {
    return read_usage_object(usage_json_);
}

}  // namespace aigw::protocol
