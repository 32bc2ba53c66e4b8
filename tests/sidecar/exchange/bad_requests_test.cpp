// What a client is told when it sends something wrong, and that nobody else notices.
#include <sys/socket.h>
#include <catch2/catch.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using namespace std::chrono_literals;
using fakes::RawClient;
using fakes::Upstream;

namespace {

std::string error(const std::string& message, const std::string& code,
                  const std::string& param = "",
                  const std::string& type = "invalid_request_error") {
    return R"({"error":{"message":")" + message + R"(","type":")" + type + R"(","param":)" +
           (param.empty() ? "null" : "\"" + param + "\"") + R"(,"code":")" + code + "\"}}";
}
std::string malformed(const std::string& what) {
    return error("the request is malformed: it has " + what, "malformed_http");
}
std::string not_json(const std::string& message) {
    return error(message, "invalid_json");
}
std::string invalid(const std::string& message, const std::string& param = "") {
    return error(message, "invalid_value", param);
}
std::string unauthenticated(const std::string& message, const std::string& code) {
    return error(message, code, "", "authentication_error");
}
std::string times(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
}

const std::string kBrokenChunk = malformed("a broken chunk");
const std::string kNotHttp = malformed("a request line that is not HTTP/1.1");
const std::string kBareFeed = malformed("a line that ends in a bare line feed");
const std::string kTooLarge =
    error("the request body is larger than 65536 bytes: send less, or raise server.max_body",
          "request_too_large");

// A chat call with these fields, and no body.
std::string with(const std::string& fields) {
    return kChatHead + fields + "\r\n\r\n";
}
// A chat call with this body.
std::string chat(const std::string& body) {
    return sized(body);
}
std::string get(const std::string& target) {
    return "GET " + target + " HTTP/1.1\r\nHost: gw\r\n\r\n";
}

enum class Ends : std::uint8_t { Yes, No };  // the connection, after the reply

struct Row {
    std::string name;
    std::string bytes;
    int status;
    std::string body;
    Ends ends;
};

// Sends the row to a gateway, then well-formed calls that must be answered as if nothing had been.
void check(const Gateway& gateway, const Upstream& upstream, const Row& row) {
    RawClient client(gateway.addresses().front());
    client.send(row.bytes);
    std::size_t good = 0;
    if (row.ends == Ends::Yes) {
        bool ended = false;
        const std::string reply = client.read_all(ended);
        CHECK(fakes::status_of(reply) == row.status);
        CHECK(fakes::body_of(reply) == row.body);
        CHECK(reply.find("\r\nconnection: close\r\n") != std::string::npos);
        CHECK(ended);
    } else {
        const std::string reply = client.read_reply();
        CHECK(fakes::status_of(reply) == row.status);
        CHECK(fakes::body_of(reply) == row.body);
        CHECK(reply.find("\r\nconnection: close\r\n") == std::string::npos);
        client.send(sized(kChat));
        CHECK(fakes::body_of(client.read_reply()) == kAnswer);
        ++good;
    }
    CHECK(fakes::body_of(ask(gateway, sized(kChat))) == kAnswer);
    ++good;
    CHECK(upstream.requests().size() == good);
    for (const std::string& seen : upstream.requests()) CHECK(seen.ends_with("\r\n\r\n" + kChat));
}

void check_all(std::span<const Row> rows, const std::string& server = "") {
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            Upstream upstream({{fakes::send(answer(200, kAnswer))}});
            const auto gateway =
                start_gateway(one_caller(server) + platform("a", upstream.url("/v1")));
            check(*gateway, upstream, row);
        }
    }
}

}  // namespace

TEST_CASE("gateway: what is no HTTP/1.1, or could be read in two ways, is refused", "[gateway]") {
    const std::string smuggled = "GET /metrics HTTP/1.1\r\nHost: gw\r\n\r\n";
    const Row rows[] = {
        // Two parsers might see two bodies.
        {"the same length twice", with("Content-Length: 2\r\nContent-Length: 2") + "{}" + smuggled,
         400, malformed("more than one Content-Length"), Ends::Yes},
        {"two lengths", with("Content-Length: 2\r\nContent-Length: 50") + "{}" + smuggled, 400,
         malformed("more than one Content-Length"), Ends::Yes},
        {"a list of lengths", with("Content-Length: 2, 2") + "{}", 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"a length with a sign", with("Content-Length: +2") + "{}", 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"a negative length", with("Content-Length: -2") + "{}", 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"a length in 0x", with("Content-Length: 0x2") + "{}", 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"a length with a blank inside", with("Content-Length: 1 2") + "{}", 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"an empty length", with("Content-Length:") + "{}", 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"an endless length", with("Content-Length: 99999999999999999999"), 400,
         malformed("a Content-Length that is not a number"), Ends::Yes},
        {"a length and chunks",
         with("Content-Length: 5\r\nTransfer-Encoding: chunked") + "0\r\n\r\n" + smuggled, 400,
         malformed("both Content-Length and Transfer-Encoding"), Ends::Yes},
        {"chunks and a length",
         with("Transfer-Encoding: chunked\r\nContent-Length: 5") + "0\r\n\r\n" + smuggled, 400,
         malformed("both Content-Length and Transfer-Encoding"), Ends::Yes},
        {"chunked twice",
         with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked") + "0\r\n\r\n", 400,
         malformed("more than one Transfer-Encoding"), Ends::Yes},
        {"chunked and something else",
         with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity") + "0\r\n\r\n", 400,
         malformed("more than one Transfer-Encoding"), Ends::Yes},
        {"chunked, chunked", with("Transfer-Encoding: chunked, chunked") + "0\r\n\r\n", 501,
         malformed("a Transfer-Encoding other than chunked"), Ends::Yes},
        {"chunked, then gzip", with("Transfer-Encoding: chunked, gzip") + "0\r\n\r\n", 501,
         malformed("a Transfer-Encoding other than chunked"), Ends::Yes},
        {"gzip, then chunked", with("Transfer-Encoding: gzip, chunked") + "0\r\n\r\n", 501,
         malformed("a Transfer-Encoding other than chunked"), Ends::Yes},
        {"a coding that only looks chunked", with("Transfer-Encoding: xchunked") + "0\r\n\r\n", 501,
         malformed("a Transfer-Encoding other than chunked"), Ends::Yes},
        {"an empty coding", with("Transfer-Encoding:") + "0\r\n\r\n", 501,
         malformed("a Transfer-Encoding other than chunked"), Ends::Yes},
        {"chunks in HTTP/1.0",
         "POST /v1/chat/completions HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
         malformed("Transfer-Encoding in HTTP/1.0"), Ends::Yes},
        {"a blank before the colon", with("Transfer-Encoding : chunked") + "0\r\n\r\n", 400,
         malformed("a header name with a forbidden character"), Ends::Yes},
        {"a tab before the colon", with("Transfer-Encoding\t: chunked") + "0\r\n\r\n", 400,
         malformed("a header name with a forbidden character"), Ends::Yes},
        {"a vertical tab in the coding", with("Transfer-Encoding: \vchunked") + "0\r\n\r\n", 400,
         malformed("a header value with a control character"), Ends::Yes},
        {"a folded line", with("Transfer-Encoding:\r\n chunked") + "0\r\n\r\n", 400,
         malformed("a folded header line"), Ends::Yes},
        {"a folded line with a tab", with("X: a\r\n\tContent-Length: 2") + "{}", 400,
         malformed("a folded header line"), Ends::Yes},
        {"a fold before the first line", "GET / HTTP/1.1\r\n Host: gw\r\n\r\n", 400,
         malformed("a folded header line"), Ends::Yes},
        // Lines.
        {"a request line that ends in a bare line feed", "GET / HTTP/1.1\nHost: gw\r\n\r\n", 400,
         kBareFeed, Ends::Yes},
        {"a header line that ends in a bare line feed", with("X: a\nContent-Length: 2"), 400,
         kBareFeed, Ends::Yes},
        {"a head that ends in a bare line feed", "GET / HTTP/1.1\r\nHost: gw\r\n\n", 400, kBareFeed,
         Ends::Yes},
        {"a bare carriage return", with("X: a\rContent-Length: 2"), 400,
         malformed("a header value with a control character"), Ends::Yes},
        {"a NUL in a value", with("X: a" + std::string(1, '\0')), 400,
         malformed("a header value with a control character"), Ends::Yes},
        {"a NUL in a name", with("X" + std::string(1, '\0') + ": a"), 400,
         malformed("a header name with a forbidden character"), Ends::Yes},
        {"a name in another alphabet", with("X-\xC3\xA9: a"), 400,
         malformed("a header name with a forbidden character"), Ends::Yes},
        {"a line without a name", with(": a"), 400,
         malformed("a header name with a forbidden character"), Ends::Yes},
        {"a line without a colon", with("X"), 400, malformed("a header line without a colon"),
         Ends::Yes},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", 400, malformed("no Host"), Ends::Yes},
        {"two Hosts", with("Host: other"), 400, malformed("more than one Host"), Ends::Yes},
        {"two empty lines before", "\r\n\r\n" + get("/"), 400, kNotHttp, Ends::Yes},
        // The request line.
        {"a blank too many", "GET  / HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a request target with a forbidden character"), Ends::Yes},
        {"a blank at the end", "GET / HTTP/1.1 \r\nHost: gw\r\n\r\n", 400, kNotHttp, Ends::Yes},
        {"a blank at the start", " GET / HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a method with a forbidden character"), Ends::Yes},
        {"a tab between", "GET\t/ HTTP/1.1\r\nHost: gw\r\n\r\n", 400, kNotHttp, Ends::Yes},
        {"a method that is none", "G(T / HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a method with a forbidden character"), Ends::Yes},
        {"HTTP/0.9", "GET /\r\n\r\n", 400, kNotHttp, Ends::Yes},
        {"HTTP in small letters", "GET / http/1.1\r\nHost: gw\r\n\r\n", 400, kNotHttp, Ends::Yes},
        {"HTTP/1.10", "GET / HTTP/1.10\r\nHost: gw\r\n\r\n", 400, kNotHttp, Ends::Yes},
        {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: gw\r\n\r\n", 505,
         malformed("an HTTP version other than 1.1"), Ends::Yes},
        {"HTTP/2's own beginning", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
         malformed("an HTTP version other than 1.1"), Ends::Yes},
        {"garbage", "\x01\x02\xFF\r\n\r\n", 400, kNotHttp, Ends::Yes},
        {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03\r\n\r\n", 15), 400,
         kNotHttp, Ends::Yes},
        // Targets.
        {"authority-form", "GET gw:80 HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a request target that is no path"), Ends::Yes},
        {"CONNECT", "CONNECT gw:80 HTTP/1.1\r\nHost: gw\r\n\r\n", 501,
         malformed("CONNECT, which this server does not do"), Ends::Yes},
        {"CONNECT with a path", "CONNECT / HTTP/1.1\r\nHost: gw\r\n\r\n", 501,
         malformed("CONNECT, which this server does not do"), Ends::Yes},
        {"asterisk-form of GET", "GET * HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a request target of * for a method other than OPTIONS"), Ends::Yes},
        {"absolute-form without a host", "GET http:///health HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a request target without a host"), Ends::Yes},
        {"absolute-form of another scheme", "GET ftp://gw/health HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a request target that is no path"), Ends::Yes},
        {"a path without its slash", "GET health HTTP/1.1\r\nHost: gw\r\n\r\n", 400,
         malformed("a request target that is no path"), Ends::Yes},
        {"a fragment", get("/health#x"), 400, malformed("a fragment in the request target"),
         Ends::Yes},
        {"a blank in the target", get("/health x"), 400,
         malformed("a request target with a forbidden character"), Ends::Yes},
        {"a target in another alphabet", get("/h\xC3\xA9"), 400,
         malformed("a request target with a forbidden character"), Ends::Yes},
        {"a control character in the target", get("/h\x7F"), 400,
         malformed("a request target with a forbidden character"), Ends::Yes},
        // Floods.
        {"a target of 17 kB", get("/" + std::string(17'000, 'a')), 414,
         malformed("a request target that is too long"), Ends::Yes},
        {"a head of 70 kB", with("X: " + std::string(70'000, 'a')), 431,
         malformed("a head that is too large"), Ends::Yes},
        {"a head without an end", "GET /" + std::string(200'000, 'a'), 431,
         malformed("a head that is too large"), Ends::Yes},
        {"200 header lines", with(times(200, "X: a\r\n") + "Y: b"), 431,
         malformed("too many header lines"), Ends::Yes},
        {"an unknown expectation", with("Expect: tea\r\nContent-Length: 2") + "{}", 417,
         malformed("an unknown expectation"), Ends::Yes},
    };
    check_all(rows);
}

TEST_CASE("gateway: chunks that are wrong are refused", "[gateway]") {
    const Row rows[] = {
        {"a size that is none", in_chunks("zz\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk, Ends::Yes},
        {"no size", in_chunks("\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk, Ends::Yes},
        {"a size with a sign", in_chunks("+2\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk, Ends::Yes},
        {"a negative size", in_chunks("-2\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk, Ends::Yes},
        {"a size in 0x", in_chunks("0x2\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk, Ends::Yes},
        {"a size with an underscore", in_chunks("0_2\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"a blank before the size", in_chunks(" 2\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"a blank behind the size", in_chunks("2 \r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"a size of sixteen digits", in_chunks("0000000000000002\r\n{}\r\n0\r\n\r\n"), 400,
         kBrokenChunk, Ends::Yes},
        {"a size beyond all bounds", in_chunks("ffffffffffffffff\r\n{}"), 400, kBrokenChunk,
         Ends::Yes},
        {"a chunk longer than said", in_chunks("1\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"a chunk shorter than said", in_chunks("3\r\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"a size line that ends in a bare line feed", in_chunks("2\n{}\r\n0\r\n\r\n"), 400,
         kBrokenChunk, Ends::Yes},
        {"a size line that ends in a bare carriage return", in_chunks("2\r{}\r\n0\r\n\r\n"), 400,
         kBrokenChunk, Ends::Yes},
        {"a chunk that ends in a bare line feed", in_chunks("2\r\n{}\n0\r\n\r\n"), 400,
         kBrokenChunk, Ends::Yes},
        {"a control character in an extension", in_chunks("2;\x01\r\n{}\r\n0\r\n\r\n"), 400,
         kBrokenChunk, Ends::Yes},
        {"a line feed in an extension", in_chunks("2;a\n{}\r\n0\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"an endless extension", in_chunks("2;" + std::string(20'000, 'a')), 400, kBrokenChunk,
         Ends::Yes},
        {"small extensions without end", in_chunks(times(5'000, "1;abcd\r\n \r\n")), 400,
         kBrokenChunk, Ends::Yes},
        {"a trailer without a colon's name", in_chunks("0\r\n: a\r\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"a folded trailer", in_chunks("0\r\nX: a\r\n b\r\n\r\n"), 400, kBrokenChunk, Ends::Yes},
        {"a trailer that ends in a bare line feed", in_chunks("0\r\nX: a\n\r\n"), 400, kBrokenChunk,
         Ends::Yes},
        {"trailers without end", in_chunks("0\r\n" + times(4'000, "X: a\r\n")), 400, kBrokenChunk,
         Ends::Yes},
        {"more than a body may have", in_chunks(times(9, chunk(std::string(8'000, ' ')))), 413,
         kTooLarge, Ends::Yes},
        {"one chunk of more than a body may have",
         in_chunks("fffffff\r\n" + std::string(70'000, ' ')), 413, kTooLarge, Ends::Yes},
        {"no body in them", in_chunks("0\r\n\r\n"), 400,
         not_json("the request body is empty, a JSON object is expected"), Ends::No},
        {"no JSON in them", in_chunks("2\r\n{]\r\n0\r\n\r\n"), 400,
         not_json("the request body is not valid JSON: see line 1, column 2"), Ends::No},
    };
    check_all(rows);
}

TEST_CASE("gateway: bodies that are no chat are refused", "[gateway]") {
    const auto message = [](const std::string& text) {
        return chat(R"({"model":"gpt-4o","messages":[)" + text + "]}");
    };
    const auto field = [](const std::string& text) {
        return chat(R"({"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],)" + text +
                    "}");
    };
    const std::string empty = not_json("the request body is empty, a JSON object is expected");
    const Row rows[] = {
        {"no body", with("X: a"), 400, empty, Ends::No},
        {"an empty body", chat(""), 400, empty, Ends::No},
        {"blanks", chat(" \r\n\t "), 400, empty, Ends::No},
        {"half a body", chat(R"({"model":"gpt-4o","messages":[)"), 400,
         not_json("the request body is not valid JSON: see line 1, column 31"), Ends::No},
        {"no JSON", chat("hello"), 400,
         not_json("the request body is not valid JSON: see line 1, column 1"), Ends::No},
        {"a comma too many", chat(R"({"model":"gpt-4o",})"), 400,
         not_json("the request body is not valid JSON: see line 1, column 19"), Ends::No},
        {"something behind it", chat(kChat + "{}"), 400,
         not_json("the request body is not valid JSON: see line 1, column 63"), Ends::No},
        {"single quotes", chat("{'model':'gpt-4o'}"), 400,
         not_json("the request body is not valid JSON: see line 1, column 2"), Ends::No},
        {"NaN", field(R"("temperature":NaN)"), 400,
         not_json("the request body is not valid JSON: see line 1, column 77"), Ends::No},
        {"a leading zero", field(R"("temperature":01)"), 400,
         not_json("the request body is not valid JSON: see line 1, column 78"), Ends::No},
        {"a comment", chat("{/*x*/\"model\":\"gpt-4o\"}"), 400,
         not_json("the request body is not valid JSON: see line 1, column 2"), Ends::No},
        {"a NUL behind it", chat(kChat + std::string(1, '\0')), 400,
         not_json("the request body is not valid JSON"), Ends::No},
        {"a control character in a string", chat("{\"model\":\"gpt\x01-4o\"}"), 400,
         not_json("the request body is not valid JSON: see line 1, column 14"), Ends::No},
        {"half a surrogate pair", field(R"("user":"\ud800")"), 400,
         not_json("the request body is not valid JSON: see line 1, column 77"), Ends::No},
        {"bytes that are no UTF-8", field("\"user\":\"\xFF\""), 400,
         not_json("the request body is not valid UTF-8"), Ends::No},
        {"an overlong sequence", field("\"user\":\"\xC0\xAF\""), 400,
         not_json("the request body is not valid UTF-8"), Ends::No},
        {"a surrogate in UTF-8", field("\"user\":\"\xED\xA0\x80\""), 400,
         not_json("the request body is not valid UTF-8"), Ends::No},
        {"an array", chat("[1]"), 400,
         invalid("the request body must be a JSON object, not an array"), Ends::No},
        {"a string", chat("\"hi\""), 400,
         invalid("the request body must be a JSON object, not a string"), Ends::No},
        {"null", chat("null"), 400, invalid("the request body must be a JSON object, not null"),
         Ends::No},
        {"nesting of 200 levels", field("\"x\":" + times(200, "[") + times(200, "]")), 400,
         invalid("the request body is nested more than 128 levels deep"), Ends::No},
        {"nesting of 20000 levels", field("\"x\":" + times(20'000, "[") + times(20'000, "]")), 400,
         invalid("the request body is nested more than 128 levels deep"), Ends::No},
        {"nesting without an end", field("\"x\":" + times(5'000, "{\"a\":")), 400,
         invalid("the request body is nested more than 128 levels deep"), Ends::No},
        {"a model twice", field(R"("model":"gpt-4")"), 400,
         invalid("the request body has the key \\\"model\\\" twice", "model"), Ends::No},
        {"a model twice, once escaped", field(R"("mod\u0065l":"gpt-4")"), 400,
         invalid("the request body has the key \\\"model\\\" twice", "model"), Ends::No},
        {"an unknown field twice", field(R"("x":1,"x":2)"), 400,
         invalid("the request body has the key \\\"x\\\" twice", "x"), Ends::No},
        {"2000 fields",
         [&] {
             std::string all;
             for (int i = 0; i < 2'000; ++i)
                 all += (i > 0 ? ",\"x" : "\"x") + std::to_string(i) + "\":0";
             return field(all);
         }(),
         400, invalid("the request body has more than 1000 fields"), Ends::No},
        {"no model", chat(R"({"messages":[{"role":"user","content":"hi"}]})"), 400,
         invalid("model is missing: GET /v1/models lists the names", "model"), Ends::No},
        {"an empty model", chat(R"({"model":"","messages":[]})"), 400,
         invalid("model must not be empty", "model"), Ends::No},
        {"a number for a model", chat(R"({"model":4,"messages":[]})"), 400,
         invalid("model must be a string, not a number", "model"), Ends::No},
        {"a model of 300 bytes", chat("{\"model\":\"" + std::string(300, 'g') + "\"}"), 400,
         invalid("model must have at most 256 bytes", "model"), Ends::No},
        {"no messages", chat(R"({"model":"gpt-4o"})"), 400,
         invalid("messages is missing: send an array with at least one message", "messages"),
         Ends::No},
        {"no message", message(""), 400,
         invalid("messages must hold at least one message", "messages"), Ends::No},
        {"a string for messages", chat(R"({"model":"gpt-4o","messages":"hi"})"), 400,
         invalid("messages must be an array, not a string", "messages"), Ends::No},
        {"a string for a message", message("\"hi\""), 400,
         invalid("messages[0] must be an object, not a string", "messages[0]"), Ends::No},
        {"a message without a role", message(R"({"content":"hi"})"), 400,
         invalid("messages[0].role is missing: say who speaks, such as \\\"user\\\"",
                 "messages[0].role"),
         Ends::No},
        {"a number for a role", message(R"({"role":1,"content":"hi"})"), 400,
         invalid("messages[0].role must be a string, not a number", "messages[0].role"), Ends::No},
        {"a number for content", message(R"({"role":"user","content":1})"), 400,
         invalid("messages[0].content must be a string, an array of parts or null, not a number",
                 "messages[0].content"),
         Ends::No},
        {"a string for a part", message(R"({"role":"user","content":["hi"]})"), 400,
         invalid("messages[0].content[0] must be an object, not a string",
                 "messages[0].content[0]"),
         Ends::No},
        {"a part without a type", message(R"({"role":"user","content":[{"text":"hi"}]})"), 400,
         invalid(
             "messages[0].content[0].type is missing: say what the part is, such as \\\"text\\\"",
             "messages[0].content[0].type"),
         Ends::No},
        {"a string for stream", field(R"("stream":"yes")"), 400,
         invalid("stream must be true or false, not a string", "stream"), Ends::No},
        {"an array for stream_options", field(R"("stream":true,"stream_options":[])"), 400,
         invalid("stream_options must be an object, not an array", "stream_options"), Ends::No},
        {"a number for include_usage",
         field(R"("stream":true,"stream_options":{"include_usage":1})"), 400,
         invalid("stream_options.include_usage must be true or false, not a number",
                 "stream_options.include_usage"),
         Ends::No},
        {"include_usage twice",
         field(R"("stream":true,"stream_options":{"include_usage":true,"include_usage":false})"),
         400,
         invalid("stream_options has the key \\\"include_usage\\\" twice",
                 "stream_options.include_usage"),
         Ends::No},
        {"no answers", field(R"("n":0)"), 400,
         invalid("n must be an integer from 1 to 2147483647", "n"), Ends::No},
        {"a negative bound", field(R"("max_tokens":-1)"), 400,
         invalid("max_tokens must be an integer from 1 to 2147483647", "max_tokens"), Ends::No},
        {"half a token", field(R"("max_tokens":1.5)"), 400,
         invalid("max_tokens must be an integer from 1 to 2147483647", "max_tokens"), Ends::No},
        {"a bound beyond all bounds", field(R"("max_tokens":99999999999999999999)"), 400,
         invalid("max_tokens must be an integer from 1 to 2147483647", "max_tokens"), Ends::No},
        {"a string for a bound", field(R"("max_completion_tokens":"9")"), 400,
         invalid("max_completion_tokens must be an integer, not a string", "max_completion_tokens"),
         Ends::No},
        {"an object for tools", field(R"("tools":{})"), 400,
         invalid("tools must be an array, not an object", "tools"), Ends::No},
        {"a string for response_format", field(R"("response_format":"json")"), 400,
         invalid("response_format must be an object, not a string", "response_format"), Ends::No},
    };
    check_all(rows);
}

TEST_CASE("gateway: what is odd and still HTTP/1.1 is served", "[gateway]") {
    const std::string ready = R"({"status":"ready"})";
    struct Case {
        const char* name;
        std::string bytes;
        int status;
        std::string body;
    };
    const Case cases[] = {
        {"absolute-form", get("http://gw/health/ready"), 200, ready},
        {"absolute-form with a query", get("HTTPS://other:99/health/ready?a=b"), 200, ready},
        {"absolute-form without a path", "GET http://gw HTTP/1.1\r\nHost: gw\r\n\r\n", 200, "?"},
        {"asterisk-form", "OPTIONS * HTTP/1.1\r\nHost: gw\r\n\r\n", 404,
         error("there is no * here: the paths begin with /v1", "not_found")},
        {"an empty Host", "GET /health/ready HTTP/1.1\r\nHost:\r\n\r\n", 200, ready},
        {"HTTP/1.0 without a Host", "GET /health/ready HTTP/1.0\r\n\r\n", 200, ready},
        {"HTTP/1.0 that stays", "GET /health/ready HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200,
         ready},
        {"a later HTTP/1", "GET /health/ready HTTP/1.7\r\nHost: gw\r\n\r\n", 200, ready},
        {"an empty line before", "\r\n" + get("/health/ready"), 200, ready},
        {"a body that nobody wants",
         "GET /health/ready HTTP/1.1\r\nHost: gw\r\nContent-Length: 5\r\n\r\nhello", 200, ready},
        {"blanks around a value", "GET /health/ready HTTP/1.1\r\nHost: \t gw \t\r\nX:\r\n\r\n", 200,
         ready},
        {"a chunk with an extension",
         in_chunks("1;a=\"b\"\r\n{\r\n" + chunk(kChat.substr(1)) + "0;c\r\n\r\n"), 200, kAnswer},
        {"a chunk of each byte",
         [] {
             std::string all;
             for (const char c : kChat) all += chunk(std::string(1, c));
             return in_chunks(all + "0\r\n\r\n");
         }(),
         200, kAnswer},
        {"trailers", in_chunks(chunk(kChat) + "0\r\nAuthorization: Bearer x\r\nY: z\r\n\r\n"), 200,
         kAnswer},
        {"a chunk size with zeros", in_chunks("0000" + chunk(kChat) + "000\r\n\r\n"), 200, kAnswer},
        {"CHUNKED", kChatHead + "Transfer-Encoding: CHUNKED\r\n\r\n" + chunk(kChat) + "0\r\n\r\n",
         200, kAnswer},
        {"an expectation that is met at once", sized(kChat, "Expect: 100-continue\r\n"), 200,
         kAnswer},
        {"the largest body", sized(kChat + std::string(65'536 - kChat.size(), ' ')), 200, kAnswer},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream({{fakes::send(answer(200, kAnswer))}});
            const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")));
            const std::string reply = ask(*gateway, c.bytes);
            CHECK(fakes::status_of(reply) == c.status);
            if (c.body != "?") CHECK(fakes::body_of(reply) == c.body);
            for (const std::string& seen : upstream.requests()) {
                CHECK(seen.find("Bearer x") == std::string::npos);
                CHECK(seen.find("xpect") == std::string::npos);
                CHECK(seen.find("hunked") == std::string::npos);
            }
        }
    }
}

TEST_CASE("gateway: requests that were sent together are answered in order", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")));
    const std::string ready = R"({"status":"ready"})";
    RawClient client(gateway->addresses().front());
    client.send(sized(kChat) + in_chunks(chunk(kChat) + "0\r\n\r\n") + get("/health/ready") +
                sized("{") + sized(kChat) + get("/#") + get("/health/ready"));
    CHECK(fakes::body_of(client.read_reply()) == kAnswer);
    CHECK(fakes::body_of(client.read_reply()) == kAnswer);
    CHECK(fakes::body_of(client.read_reply()) == ready);
    CHECK(fakes::status_of(client.read_reply()) == 400);
    CHECK(fakes::body_of(client.read_reply()) == kAnswer);
    // Where one is malformed nothing behind it can be trusted.
    CHECK(fakes::body_of(client.read_all()) == malformed("a fragment in the request target"));
    CHECK(upstream.requests().size() == 3);
}

TEST_CASE("gateway: fields that Connection names go no further, either way", "[gateway]") {
    Upstream upstream({{fakes::send(answer(
        200, kAnswer,
        "Connection: keep-alive, X-A\r\nX-A: 1\r\nCONNECTION: x-b\r\nX-B: 2\r\nX-C: 3\r\n"))}});
    const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")));
    const std::string reply =
        ask(*gateway,
            sized(kChat, "X-D: 4\r\nConnection: X-D\r\nX-E: 5\r\nConnection: , x-e\r\nX-F: 6\r\n"));
    CHECK(fakes::body_of(reply) == kAnswer);
    CHECK(reply.find("X-A: ") == std::string::npos);
    CHECK(reply.find("X-B: ") == std::string::npos);
    CHECK(reply.find("\r\nX-C: 3\r\n") != std::string::npos);
    REQUIRE(upstream.requests().size() == 1);
    const std::string sent = upstream.requests().front();
    CHECK(sent.find("X-D: ") == std::string::npos);
    CHECK(sent.find("X-E: ") == std::string::npos);
    CHECK(sent.find("\r\nX-F: 6\r\n") != std::string::npos);
}

TEST_CASE("gateway: a client that does not read slows its upstream, and is cut after a while",
          "[gateway]") {
    constexpr std::size_t kPieces = 4'000;  // of 16 kB
    const std::string event =
        "data: {\"choices\":[{\"delta\":{\"content\":\"" + std::string(16'000, 'x') + "\"}}]}\n\n";
    fakes::Script script{
        fakes::send("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: "
                    "chunked\r\n\r\n")};
    for (std::size_t i = 0; i < kPieces; ++i) script.push_back(fakes::send(chunk(event)));
    Upstream upstream({script, {fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(one_caller("timeouts = { write = \"300ms\" }\n") +
                                       platform("a", upstream.url("/v1")));
    const auto metric = [&](const std::string& line) {
        return ask(*gateway, get("/metrics")).find(line) != std::string::npos;
    };
    RawClient client(gateway->addresses().front());
    client.send(sized(kChatStream));
    CHECK(eventually([&] { return metric("\naigw_open_streams 1\n"); }));
    CHECK(eventually([&] { return metric("\naigw_open_streams 0\n"); }));
    // What the kernel holds for all four ends, and one piece: nothing piles up in the gateway.
    CHECK(upstream.sent() < kPieces / 2);
    CHECK(metric("code=\"499\""));
    CHECK(fakes::body_of(ask(*gateway, sized(kChat))) == kAnswer);
}

TEST_CASE("gateway: HEAD has the length of the body that GET would have, and no body",
          "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")));
    const auto length = [](const std::string& reply) {
        const std::size_t at = reply.find("\r\ncontent-length: ");
        return reply.substr(at + 2, reply.find("\r\n", at + 2) - at - 2);
    };
    for (const char* path : {"/health/ready", "/v1/models", "/v1/models/nobody", "/nowhere"}) {
        INFO(path);
        const std::string rest =
            std::string(path) + " HTTP/1.1\r\nHost: gw\r\nAuthorization: Bearer sk-ci\r\n\r\n";
        const std::string whole = ask(*gateway, "GET " + rest);
        RawClient client(gateway->addresses().front());
        client.send("HEAD " + rest + get("/health/ready"));
        const std::string both = client.read_until("\"ready\"}");
        CHECK(fakes::status_of(both) == fakes::status_of(whole));
        CHECK(length(both) == length(whole));
        // The next reply follows at once.
        const std::size_t end = both.find("\r\n\r\n");
        REQUIRE(end != std::string::npos);
        CHECK(both.substr(end + 4).starts_with("HTTP/1.1 200 OK\r\n"));
    }
}

TEST_CASE("gateway: a refusal does not wait for the body, nor ask for it", "[gateway]") {
    const std::string no_key =
        "POST /v1/chat/completions HTTP/1.1\r\nHost: gw\r\nContent-Type: application/json\r\n";
    const std::string bad_key = no_key + "Authorization: Bearer sk-no\r\n";
    const std::string nowhere = "POST /v1/chat HTTP/1.1\r\nHost: gw\r\n";
    const std::string no_post = "POST /v1/models HTTP/1.1\r\nHost: gw\r\n";
    struct Framing {
        const char* name;
        std::string fields;
        bool is_too_large;
    };
    const Framing framings[] = {
        {", a body that is allowed", "Content-Length: 65536\r\nExpect: 100-continue\r\n\r\n",
         false},
        {", a body that is too large", "Content-Length: 9999999\r\n\r\n", true},
        {", one too large that waits", "Content-Length: 9999999\r\nExpect: 100-continue\r\n\r\n",
         true},
        {", chunks", "Transfer-Encoding: chunked\r\n\r\n", false},
        {", chunks that wait", "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", false},
    };
    struct Refusal {
        const char* name;
        std::string head;
        int status;
        std::string body;
    };
    const Refusal refusals[] = {
        {"no key", no_key, 401,
         unauthenticated(
             "no API key was presented: send `Authorization: Bearer KEY` or `x-api-key: KEY`",
             "api_key_required")},
        {"an unknown key", bad_key, 401,
         unauthenticated("the presented API key is not known here: check the key and the address "
                         "it was sent to",
                         "invalid_api_key")},
        {"no such path", nowhere, 404,
         error("there is no /v1/chat here: the paths begin with /v1", "not_found")},
        {"another method", no_post, 405,
         error("/v1/models does not take POST: use GET", "method_not_allowed")},
    };
    std::vector<Row> rows;
    for (const Framing& framing : framings) {
        for (const Refusal& refusal : refusals) {
            rows.push_back({std::string(refusal.name) + framing.name, refusal.head + framing.fields,
                            refusal.status, refusal.body, Ends::Yes});
        }
        if (framing.is_too_large) {
            rows.push_back({std::string("a known key") + framing.name, kChatHead + framing.fields,
                            413, kTooLarge, Ends::Yes});
        }
    }
    check_all(rows);
}

TEST_CASE("gateway: a caller at its limit is refused before its body, unless it may depend on it",
          "[gateway]") {
    const std::string fields = "Content-Length: 60000\r\nExpect: 100-continue";
    struct Case {
        const char* name;
        const char* limit;
        bool is_early;
    };
    const Case cases[] = {
        {"of its key", "by = \"key\"\nrpm = 1\n", true},
        {"of its address", "by = \"ip\"\nrpm = 1\n", true},
        {"for some models", "by = \"key\"\nrpm = 1\nmatch = { model = \"gpt*\" }\n", false},
        {"that is only watched", "by = \"key\"\nrpm = 1\nmode = \"monitor\"\n", false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            Upstream upstream({{fakes::send(answer(200, kAnswer))}});
            const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")) +
                                               "[[limits]]\n" + c.limit);
            RawClient first(gateway->addresses().front());
            first.send(with(fields));
            CHECK(first.read_reply() == "HTTP/1.1 100 Continue\r\n\r\n");
            first.send(kChat + std::string(60'000 - kChat.size(), ' '));
            CHECK(fakes::body_of(first.read_reply()) == kAnswer);

            RawClient second(gateway->addresses().front());
            second.send(with(fields));
            if (!c.is_early) {
                CHECK(second.read_reply() == "HTTP/1.1 100 Continue\r\n\r\n");
                continue;
            }
            bool ended = false;
            const std::string reply = second.read_all(ended);
            CHECK(fakes::status_of(reply) == 429);
            CHECK(reply.find("\r\nretry-after: ") != std::string::npos);
            CHECK(reply.find("\r\nX-RateLimit-Limit: 1\r\n") != std::string::npos);
            CHECK(reply.find("\r\nconnection: close\r\n") != std::string::npos);
            CHECK(fakes::body_of(reply).find(R"("code":"rate_limit_exceeded")") !=
                  std::string::npos);
            CHECK(ended);
            CHECK(fakes::status_of(ask(*gateway, sized(kChat))) == 429);
            CHECK(upstream.requests().size() == 1);
        }
    }
}

TEST_CASE("gateway: a client that is too slow is told so", "[gateway]") {
    const std::string late_head =
        error("the request's head did not arrive in time", "malformed_http");
    const std::string late_body =
        error("the request's body did not arrive in time", "malformed_http");
    const Row rows[] = {
        {"half a request line", "GET /hea", 408, late_head, Ends::Yes},
        {"one byte", "G", 408, late_head, Ends::Yes},
        {"an empty line", "\r\n", 408, late_head, Ends::Yes},
        {"a head without its last line", kChatHead, 408, late_head, Ends::Yes},
        {"bytes that are no text", "\x16\x03\x01\x02", 408, late_head, Ends::Yes},
        {"no body", with("Content-Length: 5"), 408, late_body, Ends::Yes},
        {"half a body", with("Content-Length: 5") + "{}", 408, late_body, Ends::Yes},
        {"no chunk", in_chunks(""), 408, late_body, Ends::Yes},
        {"half a chunk", in_chunks("5\r\n{}"), 408, late_body, Ends::Yes},
        {"no last chunk", in_chunks(chunk(kChat)), 408, late_body, Ends::Yes},
        {"half a last chunk", in_chunks(chunk(kChat) + "0\r\n"), 408, late_body, Ends::Yes},
    };
    check_all(rows, "timeouts = { header = \"80ms\", body = \"80ms\" }\n");
}

TEST_CASE("gateway: a head and a body have one time each, however they drip", "[gateway]") {
    Upstream upstream({{fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(
        one_caller("timeouts = { header = \"150ms\", body = \"150ms\", idle = \"150ms\" }\n") +
        platform("a", upstream.url("/v1")));
    const auto drip = [&](const std::string& start) {
        RawClient client(gateway->addresses().front());
        client.send(start);
        std::thread dripping([&] {
            while (client.send("a")) std::this_thread::sleep_for(10ms);
        });
        const std::string reply = client.read_all();
        client.finish_sending();
        dripping.join();
        return fakes::status_of(reply);
    };
    CHECK(drip("GET /") == 408);
    CHECK(drip(with("Content-Length: 50000")) == 408);
    CHECK(drip(in_chunks("ffff\r\n")) == 408);
    // Who says nothing at all is let go in silence.
    bool ended = false;
    CHECK(RawClient(gateway->addresses().front()).read_all(ended).empty());
    CHECK(ended);
    CHECK(upstream.requests().empty());
}

TEST_CASE("gateway: a client may leave at any byte of its request", "[gateway]") {
    enum class How : std::uint8_t { Close, HalfClose, Reset };
    struct Case {
        const char* name;
        How how;
    };
    const Case cases[] = {
        {"closed", How::Close}, {"half closed", How::HalfClose}, {"reset", How::Reset}};
    const std::string requests[] = {
        sized(kChat), in_chunks(chunk(kChat.substr(0, 9)) + chunk(kChat.substr(9)) + "0\r\n\r\n"),
        sized(kChat, "Expect: 100-continue\r\n")};
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            // Kept connections would be counted below.
            Upstream upstream({{fakes::send(answer(200, kAnswer, "connection: close\r\n"))}});
            const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")));
            CHECK(fakes::body_of(ask(*gateway, sized(kChat))) == kAnswer);
            const auto before = descriptors();
            std::size_t whole = 1;
            for (const std::string& request : requests) {
                for (std::size_t size = 0; size <= request.size(); ++size) {
                    RawClient client(gateway->addresses().front());
                    REQUIRE(client.send(request.substr(0, size)));
                    if (c.how == How::HalfClose) {
                        client.finish_sending();
                        const std::string reply = client.read_all();
                        INFO(size << " bytes: " << reply);
                        // Of a call that takes longer it would be a client that has gone.
                        const bool is_whole = size == request.size();
                        const bool is_right = fakes::body_of(reply).ends_with(kAnswer);
                        REQUIRE((is_right || reply.find("HTTP/1.1 200") == std::string::npos));
                        REQUIRE((is_whole || !is_right));
                    }
                    if (c.how == How::Reset) client.reset();
                }
                ++whole;
            }
            // Each client has been forgotten, and its call with it.
            CHECK(eventually([&] { return descriptors() <= before; }));
            CHECK(fakes::body_of(ask(*gateway, sized(kChat))) == kAnswer);
            CHECK(upstream.requests().size() <= whole + 1);
            for (const std::string& seen : upstream.requests())
                REQUIRE(seen.ends_with("\r\n\r\n" + kChat));
        }
    }
}
