#include "sidecar/engine/http_parser.h"

#include <catch2/catch.hpp>
#include <string>

using namespace aigw::engine;

namespace {

struct Parsed {
    ParseResult result;
    RequestHead head;
    Framing framing;
};

Parsed parse(const std::string& text) {
    Parsed parsed;
    parsed.result = HeadParser().parse_request(text, parsed.head, parsed.framing);
    return parsed;
}

const std::string kGood =
    "POST /v1/chat/completions?x=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nX-Y:  z "
    "\t\r\n\r\nhello";

}  // namespace

TEST_CASE("http: a request's head is read in place", "[engine]") {
    const Parsed parsed = parse(kGood);
    REQUIRE(parsed.result.state == ParseState::Complete);
    CHECK(parsed.result.consumed == kGood.size() - 5);
    CHECK(parsed.head.method == "POST");
    CHECK(parsed.head.path == "/v1/chat/completions");
    CHECK(parsed.head.query == "x=1");
    CHECK(parsed.head.find("x-y") == "z");
    CHECK(parsed.framing.kind == BodyKind::Sized);
    CHECK(parsed.framing.length == 5);
    CHECK(parsed.framing.keep_alive);
}

TEST_CASE("http: a head that comes byte by byte is read the same", "[engine]") {
    HeadParser parser;
    RequestHead head;
    Framing framing;
    const std::size_t whole = kGood.size() - 5;
    for (std::size_t size = 1; size < whole; ++size) {
        const ParseResult result =
            parser.parse_request(std::string_view(kGood).substr(0, size), head, framing);
        REQUIRE(result.state == ParseState::Incomplete);
    }
    CHECK(parser.parse_request(kGood, head, framing).state == ParseState::Complete);
    CHECK(head.fields.size() == 3);
}

TEST_CASE("http: what could be read in two ways is refused", "[engine]") {
    struct Case {
        const char* name;
        std::string text;
        int status;  // 0: accepted
    };
    const std::string host = "Host: a\r\n";
    const Case cases[] = {
        {"plain", "GET / HTTP/1.1\r\n" + host + "\r\n", 0},
        {"one empty line before", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 0},
        {"two empty lines before", "\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"absolute-form", "GET http://a/x?y HTTP/1.1\r\n" + host + "\r\n", 0},
        {"absolute-form without host", "GET http:///x HTTP/1.1\r\n" + host + "\r\n", 400},
        {"authority-form", "GET a:80 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"CONNECT", "CONNECT a:80 HTTP/1.1\r\n" + host + "\r\n", 501},
        {"asterisk-form", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 0},
        {"asterisk-form of GET", "GET * HTTP/1.1\r\n" + host + "\r\n", 400},
        {"fragment", "GET /a#b HTTP/1.1\r\n" + host + "\r\n", 400},
        {"control byte in target", std::string("GET /a\x01 HTTP/1.1\r\n") + host + "\r\n", 400},
        {"non-ASCII target", "GET /\xC3\xA9 HTTP/1.1\r\n" + host + "\r\n", 400},
        {"two blanks", "GET  / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"no version", "GET /\r\n" + host + "\r\n", 400},
        {"lower-case version", "GET / http/1.1\r\n" + host + "\r\n", 400},
        {"HTTP/2.0", "GET / HTTP/2.0\r\n" + host + "\r\n", 505},
        {"HTTP/1.0 without host", "GET / HTTP/1.0\r\n\r\n", 0},
        {"bad method", "G(T / HTTP/1.1\r\n" + host + "\r\n", 400},
        {"bare line feed", "GET / HTTP/1.1\n" + host + "\r\n", 400},
        {"bare carriage return", "GET / HTTP/1.1\r\nX: a\rb\r\n" + host + "\r\n", 400},
        {"no host", "GET / HTTP/1.1\r\n\r\n", 400},
        {"two hosts", "GET / HTTP/1.1\r\n" + host + host + "\r\n", 400},
        {"folded line", "GET / HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n", 400},
        {"blank before colon", "GET / HTTP/1.1\r\n" + host + "X : a\r\n\r\n", 400},
        {"no colon", "GET / HTTP/1.1\r\n" + host + "X\r\n\r\n", 400},
        {"empty name", "GET / HTTP/1.1\r\n" + host + ": a\r\n\r\n", 400},
        {"NUL in value", "GET / HTTP/1.1\r\n" + host + "X: a" + std::string(1, '\0') + "\r\n\r\n",
         400},
        {"two lengths",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
        {"list of lengths", "POST / HTTP/1.1\r\n" + host + "Content-Length: 1, 1\r\n\r\n", 400},
        {"signed length", "POST / HTTP/1.1\r\n" + host + "Content-Length: +1\r\n\r\n", 400},
        {"hex length", "POST / HTTP/1.1\r\n" + host + "Content-Length: 0x1\r\n\r\n", 400},
        {"endless length",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 99999999999999999999\r\n\r\n", 400},
        {"empty length", "POST / HTTP/1.1\r\n" + host + "Content-Length:\r\n\r\n", 400},
        {"length and coding",
         "POST / HTTP/1.1\r\n" + host + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"chunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n", 0},
        {"chunked twice",
         "POST / HTTP/1.1\r\n" + host +
             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
         400},
        {"chunked, chunked",
         "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked, chunked\r\n\r\n", 501},
        {"gzip, chunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: gzip, chunked\r\n\r\n",
         501},
        {"xchunked", "POST / HTTP/1.1\r\n" + host + "Transfer-Encoding: xchunked\r\n\r\n", 501},
        {"chunked in 1.0", "POST / HTTP/1.0\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n",
         400},
        {"unknown expectation", "POST / HTTP/1.1\r\n" + host + "Expect: tea\r\n\r\n", 417},
        {"long target", "GET /" + std::string(17000, 'a') + " HTTP/1.1\r\n" + host + "\r\n", 414},
        {"large head", "GET / HTTP/1.1\r\n" + host + "X: " + std::string(70000, 'a') + "\r\n\r\n",
         431},
        {"many lines",
         [&] {
             std::string text = "GET / HTTP/1.1\r\n" + host;
             for (int i = 0; i < 200; ++i) text += "X: a\r\n";
             return text + "\r\n";
         }(),
         431},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Parsed parsed = parse(c.text);
            if (c.status == 0) {
                CHECK(parsed.result.state == ParseState::Complete);
            } else {
                REQUIRE(parsed.result.state == ParseState::Malformed);
                CHECK(parsed.result.status == c.status);
                CHECK_FALSE(parsed.result.why.empty());
            }
        }
    }
}

TEST_CASE("http: keep-alive follows version and Connection", "[engine]") {
    struct Case {
        const char* text;
        bool keep_alive;
    };
    const Case cases[] = {
        {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
        {"GET / HTTP/1.1\r\nHost: a\r\nConnection: x, Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.text) {
            CHECK(parse(c.text).framing.keep_alive == c.keep_alive);
        }
    }
}

TEST_CASE("http: a reply's body is framed by its status and fields", "[engine]") {
    struct Case {
        const char* name;
        const char* text;
        bool answers_head;
        int status;  // 0: malformed
        BodyKind kind;
    };
    const Case cases[] = {
        {"sized", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", false, 200, BodyKind::Sized},
        {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", false, 200,
         BodyKind::Chunked},
        {"until close", "HTTP/1.1 200 OK\r\n\r\n", false, 200, BodyKind::UntilClose},
        {"no reason", "HTTP/1.1 200\r\nContent-Length: 3\r\n\r\n", false, 200, BodyKind::Sized},
        {"empty reason", "HTTP/1.1 200 \r\nContent-Length: 3\r\n\r\n", false, 200, BodyKind::Sized},
        {"204", "HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\n", false, 204, BodyKind::None},
        {"answer to HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", true, 200,
         BodyKind::None},
        {"same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\n",
         false, 200, BodyKind::Sized},
        {"different lengths", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
         false, 0, BodyKind::None},
        {"not HTTP", "SSH-2.0-OpenSSH\r\n\r\n", false, 0, BodyKind::None},
        {"two-digit status", "HTTP/1.1 20 OK\r\n\r\n", false, 0, BodyKind::None},
        {"control in reason", "HTTP/1.1 200 O\x01K\r\n\r\n", false, 0, BodyKind::None},
        {"carriage return in reason", "HTTP/1.1 200 OK\rX: y\r\n\r\n", false, 0, BodyKind::None},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            ResponseHead head;
            Framing framing;
            const ParseResult result =
                HeadParser().parse_response(c.text, c.answers_head, head, framing);
            REQUIRE(result.state == (c.status == 0 ? ParseState::Malformed : ParseState::Complete));
            if (c.status == 0) continue;
            CHECK(head.status == c.status);
            CHECK(framing.kind == c.kind);
        }
    }
}

namespace {

// Decodes in pieces of `step` bytes; "!" when malformed.
std::string decode(const std::string& text, std::size_t step) {
    ChunkedDecoder decoder;
    std::string body;
    for (std::size_t at = 0; at < text.size();) {
        std::string piece = text.substr(at, step);
        const ChunkedDecoder::Step result = decoder.decode(piece.data(), piece.size());
        if (result.is_malformed) return "!";
        body += piece.substr(0, result.payload);
        at += result.consumed;
        if (result.is_done) return body + "|" + text.substr(at);
    }
    return body + "…";
}

}  // namespace

TEST_CASE("http: chunks decode the same in every split", "[engine]") {
    struct Case {
        const char* name;
        std::string text;
        std::string want;
    };
    const Case cases[] = {
        {"two chunks", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", "abc0123456789|"},
        {"next request follows", "1\r\na\r\n0\r\n\r\nGET", "a|GET"},
        {"extension", "1;x=\"y\"\r\na\r\n0\r\n\r\n", "a|"},
        {"trailer", "1\r\na\r\n0\r\nX: y\r\nZ: w\r\n\r\n", "a|"},
        {"cut", "5\r\nab", "ab…"},
        {"no digits", "\r\n", "!"},
        {"bare line feed", "1\na\r\n0\r\n\r\n", "!"},
        {"too long a size", "1000000000000000\r\n", "!"},
        {"chunk longer than said", "1\r\nabc\r\n", "!"},
        {"blank in size", "1 \r\na\r\n0\r\n\r\n", "!"},
        {"signed size", "+1\r\na\r\n0\r\n\r\n", "!"},
        {"trailer without colon", "1\r\na\r\n0\r\nX\r\n\r\n", "!"},
        {"trailer with a blank before its colon", "1\r\na\r\n0\r\nX : y\r\n\r\n", "!"},
        {"folded trailer", "1\r\na\r\n0\r\nX: y\r\n z\r\n\r\n", "!"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            for (std::size_t step = 1; step <= c.text.size(); ++step)
                REQUIRE(decode(c.text, step) == c.want);
        }
    }
}
