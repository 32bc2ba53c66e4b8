#include "sidecar/engine/http_parser.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/text.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace aigw::engine {
namespace {

// RFC 9110, section 5.6.2.
constexpr std::array<bool, 256> make_token_table() {
    std::array<bool, 256> table{};
    for (const char c : std::string_view(
             "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        table[static_cast<unsigned char>(c)] = true;
    return table;
}
constexpr auto kToken = make_token_table();

// RFC 9110, section 5.5: VCHAR, obs-text, blank and tab.
constexpr std::array<bool, 256> make_value_table() {
    std::array<bool, 256> table{};
    for (std::size_t c = 0x20; c < 256; ++c) table[c] = c != 0x7F;
    table['\t'] = true;
    return table;
}
constexpr auto kValue = make_value_table();

bool all(std::string_view text, const std::array<bool, 256>& table) {
    return std::all_of(text.begin(), text.end(),
                       [&](char c) { return table[static_cast<unsigned char>(c)]; });
}

bool is_token(std::string_view text) {
    return !text.empty() && all(text, kToken);
}

ParseResult malformed(int status, std::string_view why) {
    return {.state = ParseState::Malformed, .status = status, .why = why};
}

constexpr ParseResult kOk{.state = ParseState::Complete};

// Takes the line at the start of `rest`, without its CRLF. The caller knows that the head is
// complete.
std::string_view take_line(std::string_view& rest) {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    return line;
}

std::string_view trim_blanks(std::string_view text) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// The first byte from `at` on that no field value may hold; there is one before `end`.
const char* end_of_value(const char* at, [[maybe_unused]] const char* end) {
#if defined(__SSE2__)
    constexpr std::ptrdiff_t kBlock = 16;
    for (; end - at >= kBlock; at += kBlock) {
        const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
        const __m128i control =
            _mm_andnot_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('\t')),
                             _mm_cmpeq_epi8(_mm_min_epu8(block, _mm_set1_epi8(0x1F)), block));
        const __m128i found = _mm_or_si128(control, _mm_cmpeq_epi8(block, _mm_set1_epi8(0x7F)));
        const auto bits = static_cast<unsigned>(_mm_movemask_epi8(found));
        if (bits != 0) return at + std::countr_zero(bits);
    }
#endif
    while (kValue[static_cast<unsigned char>(*at)]) ++at;
    return at;
}

// Why a line is no field that does not begin with a name and a colon.
ParseResult refuse_name(std::string_view line) {
    return line.find(':') == std::string_view::npos
               ? malformed(400, "a header line without a colon")
               : malformed(400, "a header name with a forbidden character");
}

// `rest` is whole: it ends with the empty line, whose CR stops every scan.
ParseResult parse_fields(std::string_view rest, std::size_t max_fields,
                         std::vector<FieldView>& fields) {
    fields.clear();
    const char* at = rest.data();
    const char* const last = rest.data() + rest.size() - 2;  // the empty line
    const auto is = [&at](const std::array<bool, 256>& table) {
        return table[static_cast<unsigned char>(*at)];
    };
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    while (at < last) {
        if (is_blank(*at)) return malformed(400, "a folded header line");
        const char* const begin = at;
        while (is(kToken)) ++at;
        const std::string_view name(begin, static_cast<std::size_t>(at - begin));
        if (name.empty() || *at != ':') {
            const std::string_view line =
                rest.substr(static_cast<std::size_t>(begin - rest.data()));
            return refuse_name(line.substr(0, line.find("\r\n")));
        }
        ++at;
        while (is_blank(*at)) ++at;
        const char* const value = at;
        at = end_of_value(at, last);
        if (at[0] != '\r' || at[1] != '\n')
            return malformed(400, "a header value with a control character");
        const char* end = at;
        while (end > value && is_blank(end[-1])) --end;
        if (fields.size() == max_fields) return malformed(431, "too many header lines");
        fields.push_back({name, {value, static_cast<std::size_t>(end - value)}, field_of(name)});
        at += 2;
    }
    return kOk;
}

// What the framing rules need to know of the fields, gathered in one pass.
struct FramingFields {
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::string_view length{};
    bool lengths_differ = false;
    std::size_t codings = 0;
    std::string_view coding{};
    bool close = false;
    bool keep_alive = false;
    std::string_view expect{};
};

FramingFields gather(const std::vector<FieldView>& fields) {
    FramingFields found;
    for (const FieldView& field : fields) {
        if (field.field == Field::Host) {
            ++found.hosts;
        } else if (field.field == Field::Expect) {
            found.expect = field.value;
        } else if (field.field == Field::Connection) {
            found.close = found.close || has_token(field.value, "close");
            found.keep_alive = found.keep_alive || has_token(field.value, "keep-alive");
        } else if (field.field == Field::ContentLength) {
            found.lengths_differ =
                found.lengths_differ || (found.lengths > 0 && found.length != field.value);
            ++found.lengths;
            found.length = field.value;
        } else if (field.field == Field::TransferEncoding) {
            ++found.codings;
            found.coding = field.value;
        }
    }
    return found;
}

// RFC 9112, section 6. Gives Sized, Chunked or None.
ParseResult frame(const FramingFields& fields, int minor_version, Framing& framing) {
    if (fields.codings > 0 && fields.lengths > 0) {
        return malformed(400, "both Content-Length and Transfer-Encoding");
    }
    if (fields.codings > 0) {
        if (minor_version == 0) return malformed(400, "Transfer-Encoding in HTTP/1.0");
        if (fields.codings > 1) return malformed(400, "more than one Transfer-Encoding");
        if (!equals_ignoring_case(fields.coding, "chunked")) {
            return malformed(501, "a Transfer-Encoding other than chunked");
        }
        framing.kind = BodyKind::Chunked;
    } else if (fields.lengths > 0) {
        const bool digits = std::all_of(fields.length.begin(), fields.length.end(),
                                        [](char c) { return c >= '0' && c <= '9'; });
        const auto length = parse_uint(fields.length);
        if (!digits || !length) return malformed(400, "a Content-Length that is not a number");
        framing.kind = BodyKind::Sized;
        framing.length = *length;
    }
    framing.keep_alive = minor_version >= 1 ? !fields.close : (fields.keep_alive && !fields.close);
    return kOk;
}

// "HTTP/1.1" → 1; -1: not HTTP at all; -2: a version this server does not speak.
int parse_version(std::string_view text) {
    if (text == "HTTP/1.1") return 1;
    if (text == "HTTP/1.0") return 0;
    const bool shaped = text.size() == 8 && text.starts_with("HTTP/") && text[5] >= '0' &&
                        text[5] <= '9' && text[6] == '.' && text[7] >= '0' && text[7] <= '9';
    if (!shaped) return -1;
    return text[5] == '1' ? 1 : -2;
}

// RFC 9112, section 3.2: origin-form, absolute-form, and `*` for OPTIONS.
ParseResult parse_target(RequestHead& head) {
    std::string_view target = head.target;
    const bool is_visible =
        std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7F; });
    if (target.empty() || !is_visible)
        return malformed(400, "a request target with a forbidden character");
    if (target.find('#') != std::string_view::npos)
        return malformed(400, "a fragment in the request target");
    if (head.method == "CONNECT") return malformed(501, "CONNECT, which this server does not do");
    if (target == "*") {
        if (head.method != "OPTIONS")
            return malformed(400, "a request target of * for a method other than OPTIONS");
    } else if (target.front() != '/') {
        const std::size_t scheme = starts_with_ignoring_case(target, "http://")    ? 7
                                   : starts_with_ignoring_case(target, "https://") ? 8
                                                                                   : 0;
        if (scheme == 0) return malformed(400, "a request target that is no path");
        const std::size_t path = target.find_first_of("/?", scheme);
        if (path == scheme) return malformed(400, "a request target without a host");
        target = path == std::string_view::npos ? std::string_view("/") : target.substr(path);
    }
    const std::size_t query = target.find('?');
    head.path = target.substr(0, query);
    if (head.path.empty()) head.path = "/";
    head.query = query == std::string_view::npos ? std::string_view{} : target.substr(query + 1);
    return kOk;
}

ParseResult parse_request_line(std::string_view line, const HeadLimits& limits, RequestHead& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return malformed(400, "a request line that is not HTTP/1.1");
    head.method = line.substr(0, first);
    head.target = line.substr(first + 1, last - first - 1);
    if (!is_token(head.method)) return malformed(400, "a method with a forbidden character");
    head.minor_version = parse_version(line.substr(last + 1));
    if (head.minor_version == -1) return malformed(400, "a request line that is not HTTP/1.1");
    if (head.minor_version == -2) return malformed(505, "an HTTP version other than 1.1");
    if (head.target.size() > limits.max_target)
        return malformed(414, "a request target that is too long");
    return parse_target(head);
}

}  // namespace

bool has_token(std::string_view list, std::string_view token) {
    while (!list.empty()) {
        const std::size_t comma = list.find(',');
        if (equals_ignoring_case(trim_blanks(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
    return false;
}

// Finds the blank line that ends a head; looks at new bytes only.
ParseResult HeadParser::find_end(std::string_view data, std::size_t& end) {
    std::size_t at = scanned_;
    while (at < data.size()) {
        const void* found = std::memchr(data.data() + at, '\n', data.size() - at);
        if (found == nullptr) break;
        at = static_cast<std::size_t>(static_cast<const char*>(found) - data.data());
        if (at == 0 || data[at - 1] != '\r')
            return malformed(400, "a line that ends in a bare line feed");
        if (at >= 3 && data[at - 2] == '\n' && data[at - 3] == '\r') {
            end = at + 1;
            return end > limits_.max_bytes ? malformed(431, "a head that is too large") : kOk;
        }
        ++at;
    }
    scanned_ = data.size();
    if (data.size() >= limits_.max_bytes) return malformed(431, "a head that is too large");
    return {};
}

ParseResult HeadParser::parse_request(std::string_view data, RequestHead& head, Framing& framing) {
    // RFC 9112, section 2.2: an empty line before the request line is ignored; one is enough.
    std::size_t skipped = 0;
    if (data.starts_with("\r\n")) skipped = 2;
    data.remove_prefix(skipped);
    if (scanned_ < skipped) scanned_ = 0;

    std::size_t end = 0;
    ParseResult result = find_end(data, end);
    if (result.state != ParseState::Complete) return result;

    std::string_view rest = data.substr(0, end);
    result = parse_request_line(take_line(rest), limits_, head);
    if (result.state == ParseState::Malformed) return result;
    result = parse_fields(rest, limits_.max_fields, head.fields);
    if (result.state == ParseState::Malformed) return result;

    framing = {};
    const FramingFields fields = gather(head.fields);
    if (fields.hosts > 1) return malformed(400, "more than one Host");
    if (fields.hosts == 0 && head.minor_version >= 1) return malformed(400, "no Host");
    if (fields.lengths > 1) return malformed(400, "more than one Content-Length");
    result = frame(fields, head.minor_version, framing);
    if (result.state == ParseState::Malformed) return result;
    if (!fields.expect.empty() && head.minor_version >= 1) {
        if (!equals_ignoring_case(fields.expect, "100-continue"))
            return malformed(417, "an unknown expectation");
        framing.expects_continue = framing.kind != BodyKind::None;
    }
    return {.state = ParseState::Complete, .consumed = skipped + end};
}

ParseResult HeadParser::parse_response(std::string_view data, bool answers_head, ResponseHead& head,
                                       Framing& framing) {
    ParseResult result = read_response(data, answers_head, head, framing);
    if (result.state == ParseState::Malformed) result.status = 502;
    return result;
}

ParseResult HeadParser::read_response(std::string_view data, bool answers_head, ResponseHead& head,
                                      Framing& framing) {
    std::size_t end = 0;
    ParseResult result = find_end(data, end);
    if (result.state != ParseState::Complete) return result;

    std::string_view rest = data.substr(0, end);
    const std::string_view line = take_line(rest);
    head.minor_version = parse_version(line.substr(0, std::min<std::size_t>(line.size(), 8)));
    const auto status =
        line.size() >= 12 && line[8] == ' ' ? parse_uint(line.substr(9, 3)) : std::nullopt;
    const bool has_reason = line.size() == 12 || (line.size() > 12 && line[12] == ' ');
    if (head.minor_version < 0 || !status || *status < 100 || *status > 599 || !has_reason) {
        return malformed(502, "a status line that is not HTTP/1.1");
    }
    head.status = static_cast<int>(*status);
    head.reason = line.size() > 13 ? line.substr(13) : std::string_view{};
    if (!all(head.reason, kValue)) return malformed(502, "a reason with a control character");
    result = parse_fields(rest, limits_.max_fields, head.fields);
    if (result.state == ParseState::Malformed) return result;

    framing = {};
    const FramingFields fields = gather(head.fields);
    if (fields.lengths_differ) return malformed(502, "two different Content-Length");
    result = frame(fields, head.minor_version, framing);
    if (result.state == ParseState::Malformed) return result;
    const bool bodiless =
        answers_head || head.status < 200 || head.status == 204 || head.status == 304;
    if (bodiless) {
        framing.kind = BodyKind::None;
        framing.length = 0;
    } else if (framing.kind == BodyKind::None) {
        framing.kind = BodyKind::UntilClose;
        framing.keep_alive = false;
    }
    return {.state = ParseState::Complete, .consumed = end};
}

namespace {

int hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

}  // namespace

// One byte outside of chunk data (RFC 9112, section 7.1); false: malformed.
bool ChunkedDecoder::step(char c) {
    constexpr std::size_t kMaxOverhead = 16 * 1024;
    constexpr unsigned kMaxDigits = 15;
    switch (state_) {
        case State::Size: {
            const int digit = hex_digit(c);
            if (digit >= 0) {
                left_ = left_ * 16 + static_cast<unsigned>(digit);
                return ++digits_ <= kMaxDigits;
            }
            if (digits_ == 0) return false;
            if (c == ';') state_ = State::Extension;
            if (c == '\r') state_ = State::SizeLf;
            return c == ';' || c == '\r';
        }
        case State::Extension:
            if (c == '\r') state_ = State::SizeLf;
            return ++overhead_ <= kMaxOverhead &&
                   (c == '\r' || kValue[static_cast<unsigned char>(c)]);
        case State::SizeLf:
            state_ = left_ > 0 ? State::Data : State::Trailer;
            digits_ = 0;
            return c == '\n';
        case State::DataCr:
            state_ = State::DataLf;
            return c == '\r';
        case State::DataLf:
            state_ = State::Size;
            return c == '\n';
        case State::Trailer:
            state_ = c == '\r' ? State::EndLf : State::TrailerName;
            return ++overhead_ <= kMaxOverhead &&
                   (c == '\r' || kToken[static_cast<unsigned char>(c)]);
        case State::TrailerName:
            if (c == ':') state_ = State::TrailerLine;
            return ++overhead_ <= kMaxOverhead &&
                   (c == ':' || kToken[static_cast<unsigned char>(c)]);
        case State::TrailerLine:
            if (c == '\r') state_ = State::TrailerLf;
            return ++overhead_ <= kMaxOverhead &&
                   (c == '\r' || kValue[static_cast<unsigned char>(c)]);
        case State::TrailerLf:
            state_ = State::Trailer;
            return c == '\n';
        case State::EndLf:
            state_ = State::Done;
            return c == '\n';
        case State::Data:
        case State::Done:
            break;
    }
    return false;
}

// The usual case, without a step per byte: the line end after a chunk's data, and a size line
// without extensions, each whole in the buffer. Gives the bytes taken; 0: it is something else.
std::size_t ChunkedDecoder::take_line(const char* data, std::size_t size) {
    constexpr std::size_t kLongest = 8;  // digits
    std::size_t at = 0;
    const bool is_after_data = state_ == State::DataCr;
    if (is_after_data) {
        if (last_.size > 0 && size >= last_.size &&
            std::memcmp(data, last_.bytes.data(), last_.size) == 0) {
            left_ = last_.length;
            state_ = State::Data;
            return last_.size;
        }
        if (size < 2 || data[0] != '\r' || data[1] != '\n') return 0;
        state_ = State::Size;
        at = 2;
    }
    if (state_ != State::Size || digits_ != 0) return at;
    const std::size_t begin = at;
    std::uint64_t length = 0;
    for (; at < size && at < begin + kLongest; ++at) {
        const int digit = hex_digit(data[at]);
        if (digit < 0) break;
        length = length * 16 + static_cast<unsigned>(digit);
    }
    const bool is_line = at > begin && at + 2 <= size && data[at] == '\r' && data[at + 1] == '\n';
    if (!is_line) return begin;
    left_ = length;
    state_ = length > 0 ? State::Data : State::Trailer;
    if (is_after_data && length > 0 && at + 2 <= last_.bytes.size()) {
        std::memcpy(last_.bytes.data(), data, at + 2);
        last_.size = static_cast<std::uint8_t>(at + 2);
        last_.length = length;
    }
    return at + 2;
}

ChunkedDecoder::Step ChunkedDecoder::decode(char* data, std::size_t size) {
    Step result;
    while (result.consumed < size && state_ != State::Done) {
        if (state_ != State::Data) {
            const std::size_t taken = take_line(data + result.consumed, size - result.consumed);
            result.consumed += taken;
            if (taken > 0) continue;
            if (!step(data[result.consumed++])) {
                result.is_malformed = true;
                return result;
            }
            continue;
        }
        const auto take =
            static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - result.consumed));
        if (result.payload != result.consumed) {
            std::memmove(data + result.payload, data + result.consumed, take);
        }
        result.payload += take;
        result.consumed += take;
        left_ -= take;
        if (left_ == 0) state_ = State::DataCr;
    }
    result.is_done = state_ == State::Done;
    return result;
}

}  // namespace aigw::engine
