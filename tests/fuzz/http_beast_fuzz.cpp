// The HTTP/1.1 parser against Boost.Beast's: two readers of one message must not see two messages.
//
// Claim:   what the gateway's parser accepts Beast accepts, too, and both agree on the method,
//          target, version, status, fields, framing, keep-alive, the body's bytes and where the
//          next message begins. What only Beast accepts is refused for a rule of `kStricter`.
// But:     what the gateway reads and Beast does not, each harmless as said:
//          - an empty line before a request (RFC 9112, section 2.2, asks servers to skip it);
//          - HTTP/1.2 to 1.9, read as 1.1 (RFC 9110, section 2.5);
//          - a status line that ends after the status, without the blank (many servers send it);
//          - Connection fields that are no list, which say nothing (so does Proxy-Connection, which
//            Beast obeys);
//          - text after a chunk's `;` that has not the form of an extension: it is skipped;
//          - framing fields in a trailer: trailers are dropped unread.
// Input:   the first byte says how the body is split (low bits), and request or reply (0x20), and
//          whether the reply answers HEAD (0x40).

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/rfc7230.hpp>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sidecar/engine/http_parser.h"
#include "tests/fuzz/target.h"

namespace {

namespace beast = boost::beast;
namespace engine = aigw::engine;
using aigw::fuzz::must_hold;
using engine::BodyKind;
using engine::Framing;
using engine::ParseResult;
using engine::ParseState;

// Rules by which the gateway refuses what Beast reads.
constexpr std::string_view kStricter[] = {
    "a line that ends in a bare line feed",
    "a head that is too large",
    "too many header lines",
    "a folded header line",
    "a request target that is too long",
    "a request target with a forbidden character",
    "a request target that is no path",
    "a request target without a host",
    "a request target of * for a method other than OPTIONS",
    "a fragment in the request target",
    "CONNECT, which this server does not do",
    "more than one Host",
    "no Host",
    "more than one Content-Length",
    "two different Content-Length",           // also 5 and 05
    "a Content-Length that is not a number",  // also a list of equal ones
    "both Content-Length and Transfer-Encoding",
    "more than one Transfer-Encoding",
    "a Transfer-Encoding other than chunked",
    "Transfer-Encoding in HTTP/1.0",
    "an unknown expectation",
    "a status line that is not HTTP/1.1",  // a status below 100
};

// The fields on which the length of a message and the life of a connection depend.
constexpr std::pair<std::string_view, engine::Field> kFraming[] = {
    {"connection", engine::Field::Connection},
    {"content-length", engine::Field::ContentLength},
    {"expect", engine::Field::Expect},
    {"host", engine::Field::Host},
    {"transfer-encoding", engine::Field::TransferEncoding},
};

std::string text_of(beast::string_view text) {
    return {text.data(), text.size()};
}

// Beast's parser, and what it saw.
template <bool is_request>
class BeastReader final : public beast::http::basic_parser<is_request> {
public:
    std::string method{};
    std::string target{};
    int version = 0;
    int status = 0;
    std::string reason{};
    std::vector<std::pair<std::string, std::string>> fields{};
    std::string body{};
    std::size_t head_bytes = 0;

    BeastReader(std::string_view text, bool answers_head) {
        this->header_limit(std::numeric_limits<std::uint32_t>::max());
        this->body_limit(boost::none);
        this->skip(answers_head);
        head_bytes = this->put(boost::asio::buffer(text.data(), text.size()), failure_);
    }
    bool is_complete() const { return !failure_ && this->is_header_done(); }

private:
    using Verb = beast::http::verb;
    using Known = beast::http::field;
    using Text = beast::string_view;
    using Code = beast::error_code;

    void on_request_impl(Verb, Text verb, Text goal, int number, Code&) override {
        method = text_of(verb);
        target = text_of(goal);
        version = number;
    }
    void on_response_impl(int code, Text why, int number, Code&) override {
        status = code;
        reason = text_of(why);
        version = number;
    }
    void on_field_impl(Known, Text name, Text value, Code&) override {
        fields.emplace_back(text_of(name), text_of(value));
    }
    void on_header_impl(Code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, Code&) override {}
    std::size_t on_body_impl(Text bytes, Code&) override {
        body += text_of(bytes);
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, Text, Code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text bytes, Code&) override {
        body += text_of(bytes);
        return bytes.size();
    }
    void on_finish_impl(Code&) override {}

    Code failure_{};
};

// A field that Beast obeys or refuses where the gateway does not look.
template <class Head>
bool has_odd_connection(const Head& head) {
    for (const engine::FieldView& field : head.fields) {
        if (aigw::equals_ignoring_case(field.name, "proxy-connection")) return true;
        if (!aigw::equals_ignoring_case(field.name, "connection")) continue;
        const beast::http::opt_token_list tokens(
            beast::string_view(field.value.data(), field.value.size()));
        if (!beast::http::validate_list(tokens)) return true;
    }
    return false;
}

template <bool is_request, class Head>
void compare_fields(const Head& head, const BeastReader<is_request>& other) {
    must_hold(head.fields.size() == other.fields.size(), "both see as many fields");
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
        must_hold(head.fields[i].name == other.fields[i].first, "a field has one name");
        must_hold(head.fields[i].value == other.fields[i].second, "a field has one value");
        for (const auto& [name, field] : kFraming) {
            must_hold((head.fields[i].field == field) ==
                          aigw::equals_ignoring_case(head.fields[i].name, name),
                      "a field that frames a message is known as such in any case of letters");
        }
    }
}

template <bool is_request>
void compare_framing(const Framing& framing, const BeastReader<is_request>& other, bool says_both) {
    const auto length = other.content_length();
    switch (framing.kind) {
        case BodyKind::None:
            must_hold(other.is_done(), "both see no body");
            break;
        case BodyKind::Sized:
            must_hold(length && *length == framing.length, "both see one length");
            must_hold(other.is_done() == (framing.length == 0), "both see a sized body");
            break;
        case BodyKind::Chunked:
            must_hold(other.chunked() && !other.is_done(), "both see chunks");
            break;
        case BodyKind::UntilClose:
            must_hold(other.need_eof() && !other.is_done(), "both read to the end");
            break;
    }
    // Of "keep-alive, close" in HTTP/1.0 the gateway obeys the close.
    must_hold(framing.keep_alive == other.keep_alive() || (says_both && !framing.keep_alive),
              "both keep the connection, or both close it");
}

template <class Head>
bool says_keep_alive_and_close(const Head& head) {
    bool keep_alive = false;
    bool close = false;
    for (const engine::FieldView& field : head.fields) {
        if (!aigw::equals_ignoring_case(field.name, "connection")) continue;
        keep_alive = keep_alive || engine::has_token(field.value, "keep-alive");
        close = close || engine::has_token(field.value, "close");
    }
    return keep_alive && close;
}

// ---- Chunked bodies --------------------------------------------------------------------------

struct Body {
    std::string bytes{};
    std::size_t consumed = 0;
    bool is_done = false;
    bool is_malformed = false;
};

Body decode_by_gateway(const aigw::fuzz::Input& input) {
    engine::ChunkedDecoder decoder;
    Body body;
    aigw::fuzz::feed_in_pieces(input, [&](std::string_view piece) {
        if (body.is_done || body.is_malformed) return;
        std::string bytes(piece);
        const auto step = decoder.decode(bytes.data(), bytes.size());
        body.bytes.append(bytes, 0, step.payload);
        body.consumed += step.consumed;
        body.is_done = step.is_done;
        body.is_malformed = step.is_malformed;
    });
    return body;
}

template <bool is_request>
Body decode_by_beast(BeastReader<is_request>& head, std::string_view text) {
    Body body;
    head.eager(true);
    beast::error_code failure;
    body.consumed = head.put(boost::asio::buffer(text.data(), text.size()), failure);
    body.is_malformed = failure && failure != beast::http::error::need_more;
    body.is_done = !failure && head.is_done();
    body.bytes = head.body;
    return body;
}

// What a chunked body has, line by line, beside its data.
struct ChunkLines {
    bool has_long_size = false;       // more than 15 digits: a number that some readers cut
    bool has_odd_extension = false;   // blanks before the `;`, control characters
    bool has_free_extension = false;  // any at all
    bool has_folded_trailer = false;
    bool has_framing_trailer = false;  // or one that Beast obeys
    std::size_t overhead = 0;
};

ChunkLines lines_of(std::string_view text) {
    ChunkLines lines;
    const auto take_line = [&]() -> std::optional<std::string_view> {
        const std::size_t end = text.find("\r\n");
        if (end == std::string_view::npos) return std::nullopt;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end + 2);
        return line;
    };
    std::uint64_t left = 0;
    do {
        const auto line = take_line();
        if (!line) return lines;
        const std::size_t digits =
            std::min(line->find_first_not_of("0123456789abcdefABCDEF"), line->size());
        const std::string_view extension = line->substr(digits);
        lines.has_long_size = lines.has_long_size || digits > 15;
        lines.has_free_extension = lines.has_free_extension || !extension.empty();
        const bool is_odd = (!extension.empty() && extension.front() != ';') ||
                            std::any_of(extension.begin(), extension.end(), [](char c) {
                                return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F;
                            });
        lines.has_odd_extension = lines.has_odd_extension || is_odd;
        lines.overhead += extension.size();
        left = 0;
        for (const char c : line->substr(0, std::min(digits, std::size_t{16})))
            left = left * 16 + std::stoul(std::string(1, c), nullptr, 16);
        if (left + 2 > text.size()) return lines;
        if (left > 0) text.remove_prefix(static_cast<std::size_t>(left) + 2);
    } while (left > 0);
    while (const auto line = take_line()) {
        if (line->empty()) break;
        lines.overhead += line->size() + 2;
        const bool is_folded = line->front() == ' ' || line->front() == '\t';
        lines.has_folded_trailer = lines.has_folded_trailer || is_folded;
        for (const std::string_view name :
             {"content-length", "transfer-encoding", "connection", "proxy-connection"}) {
            if (aigw::equals_ignoring_case(line->substr(0, line->find(':')), name))
                lines.has_framing_trailer = true;
        }
    }
    return lines;
}

template <bool is_request>
void compare_chunks(const aigw::fuzz::Input& input, BeastReader<is_request>& head) {
    const Body ours = decode_by_gateway(input);
    const Body theirs = decode_by_beast(head, input.text);
    const ChunkLines lines = lines_of(input.text);
    if (ours.is_done) {
        if (!theirs.is_done && (lines.has_free_extension || lines.has_framing_trailer)) return;
        must_hold(theirs.is_done, "chunks that the gateway accepts are accepted by Beast");
        must_hold(ours.bytes == theirs.bytes, "chunks have one payload");
        must_hold(ours.consumed == theirs.consumed, "chunks end in one place");
    } else if (theirs.is_done) {
        const bool is_stricter = lines.has_long_size || lines.has_odd_extension ||
                                 lines.has_folded_trailer || lines.overhead > 16 * 1024;
        must_hold(ours.is_malformed && is_stricter, "chunks are refused for a rule that is listed");
    }
}

template <bool is_request>
void compare_body(const Framing& framing, std::size_t piece, std::string_view text,
                  BeastReader<is_request>& head) {
    if (framing.kind == BodyKind::Chunked) {
        compare_chunks({piece, text}, head);
    } else if (framing.kind == BodyKind::Sized && framing.length > 0 && !text.empty() &&
               framing.length <= text.size()) {
        const Body theirs = decode_by_beast(head, text);
        must_hold(theirs.is_done && theirs.consumed == framing.length &&
                      theirs.bytes == text.substr(0, framing.length),
                  "a sized body has one end");
    }
}

// ---- Messages --------------------------------------------------------------------------------

template <bool is_request>
void check_refusal(const ParseResult& result, const BeastReader<is_request>& other) {
    if (result.state != ParseState::Malformed || !other.is_complete()) return;
    must_hold(std::ranges::find(kStricter, result.why) != std::end(kStricter),
              "a head is refused for a rule that is listed");
}

void compare_requests(std::size_t piece, std::string_view text) {
    engine::RequestHead head;
    Framing framing;
    const ParseResult result = engine::HeadParser().parse_request(text, head, framing);
    const std::size_t skipped = text.starts_with("\r\n") ? 2 : 0;
    BeastReader<true> other(text.substr(skipped), false);
    if (result.state != ParseState::Complete) return check_refusal(result, other);

    const std::string_view version = text.substr(text.find(" HTTP/1.") + 8, 1);
    if (version != "0" && version != "1") return;
    const bool is_odd = has_odd_connection(head);
    if (is_odd && !other.is_complete()) return;
    must_hold(other.is_complete(), "a request that the gateway accepts is accepted by Beast");
    must_hold(result.consumed == other.head_bytes + skipped, "a head ends in one place");
    must_hold(head.method == other.method, "a request has one method");
    must_hold(head.target == other.target, "a request has one target");
    must_hold(10 + head.minor_version == other.version, "a request has one version");
    compare_fields(head, other);
    if (is_odd) return;
    compare_framing(framing, other, says_keep_alive_and_close(head));
    compare_body(framing, piece, text.substr(result.consumed), other);
}

void compare_replies(std::size_t piece, bool answers_head, std::string_view text) {
    engine::ResponseHead head;
    Framing framing;
    const ParseResult result =
        engine::HeadParser().parse_response(text, answers_head, head, framing);
    BeastReader<false> other(text, answers_head);
    if (result.state != ParseState::Complete) return check_refusal(result, other);

    if (text[7] != '0' && text[7] != '1') return;
    if (text[12] == '\r') return;  // no blank after the status
    const bool is_odd = has_odd_connection(head);
    if (is_odd && !other.is_complete()) return;
    must_hold(other.is_complete(), "a reply that the gateway accepts is accepted by Beast");
    must_hold(result.consumed == other.head_bytes, "a head ends in one place");
    must_hold(head.status == other.status, "a reply has one status");
    must_hold(head.reason == other.reason, "a reply has one reason");
    must_hold(10 + head.minor_version == other.version, "a reply has one version");
    compare_fields(head, other);
    if (is_odd) return;
    compare_framing(framing, other, says_keep_alive_and_close(head));
    compare_body(framing, piece, text.substr(result.consumed), other);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    const unsigned kind = size > 0 ? data[0] : 0U;
    if ((kind & 0x20U) == 0) {
        compare_requests(input.piece, input.text);
    } else {
        compare_replies(input.piece, (kind & 0x40U) != 0, input.text);
    }
    return 0;
}
