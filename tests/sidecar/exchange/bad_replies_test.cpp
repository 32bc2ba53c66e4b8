// What a caller is told when an upstream answers wrongly, and that its next call is none the worse.
#include <catch2/catch.hpp>

#include "tests/sidecar/exchange/whole_gateway.h"

using namespace aigw;
using namespace aigw::sidecar;
using fakes::RawClient;
using fakes::Script;
using fakes::Upstream;

namespace {

std::string error(const std::string& message, const std::string& type, const std::string& code) {
    return R"({"error":{"message":")" + message + R"(","type":")" + type +
           R"(","param":null,"code":")" + code + "\"}}";
}
std::string invalid(const std::string& message) {
    return error(message, "api_response_error", "response_error");
}
const std::string kBroken = invalid("the upstream's answer broke off or was not HTTP");
const std::string kCutOff = invalid("the upstream's answer is not a whole JSON object");
const std::string kCompressed =
    invalid("the upstream's answer is compressed, which was not asked for");
const std::string kUnreachable =
    error("the upstream could not be reached", "api_connection_error", "connection_error");
const std::string kLate = error("the upstream did not answer in time", "server_error", "timeout");
const std::string kEndedEarly = invalid("upstream stream ended early");

const std::string kJson = "content-type: application/json\r\n";
const std::string kLength = "content-length: " + std::to_string(kAnswer.size()) + "\r\n";
const std::string kChunked = "transfer-encoding: chunked\r\n";
const std::string kOk = "HTTP/1.1 200 OK\r\n" + kJson;

const std::string kDelta =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hel\"},"
    "\"finish_reason\":null}]}\n\n";
const std::string kStop =
    "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const std::string kDone = "data: [DONE]\n\n";
const std::string kEvents = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n";

std::string event(const std::string& json) {
    return "data: " + json + "\n\n";
}
std::string times(int count, const std::string& text) {
    std::string all;
    for (int i = 0; i < count; ++i) all += text;
    return all;
}

enum class Then : std::uint8_t { Wait, HangUp, Reset, Stall };

struct Row {
    const char* name;
    std::string bytes;  // the upstream's
    Then then;
    int status;        // what the caller gets
    std::string body;  // the same
};

Script script_of(const Row& row) {
    Script script;
    if (!row.bytes.empty()) script.push_back(fakes::send(row.bytes));
    if (row.then == Then::HangUp) script.push_back(fakes::hang_up());
    if (row.then == Then::Reset) script.push_back(fakes::reset());
    if (row.then == Then::Stall) script.push_back(fakes::hold());
    return script;
}

// Plays the row, then lets the same gateway make a good call.
void check(const Row& row, const std::string& call) {
    Upstream upstream({script_of(row), {fakes::send(answer(200, kAnswer))}});
    const bool stalls = row.then == Then::Stall;
    const auto gateway = start_gateway(
        one_caller() +
        platform("a", upstream.url("/v1"),
                 stalls ? "timeouts = { first_byte = \"400ms\", idle = \"150ms\" }\n" : ""));
    RawClient client(gateway->addresses().front());
    client.send(call);
    const std::string reply = client.read_reply();
    CHECK(fakes::status_of(reply) == row.status);
    CHECK(fakes::body_of(reply) == row.body);
    CHECK(upstream.requests().size() == 1);
    // On the same connection, which a wrong upstream does not cost the caller.
    client.send(sized(kChat));
    const std::string next = client.read_reply();
    CHECK(fakes::status_of(next) == 200);
    CHECK(fakes::body_of(next) == kAnswer);
    CHECK(upstream.requests().size() == 2);
}

}  // namespace

TEST_CASE("gateway: a whole answer is right, or told to be wrong", "[gateway]") {
    const Row rows[] = {
        // How long the body is.
        {"sized", kOk + kLength + "\r\n" + kAnswer, Then::Wait, 200, kAnswer},
        {"the same length twice", kOk + kLength + kLength + "\r\n" + kAnswer, Then::Wait, 200,
         kAnswer},
        {"two lengths", kOk + kLength + "content-length: 3\r\n\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"a length that is none", kOk + "content-length: ten\r\n\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"a negative length", kOk + "content-length: -1\r\n\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"an endless length", kOk + "content-length: 99999999999999999999\r\n\r\n", Then::Wait, 502,
         kBroken},
        {"a length beyond all bounds", kOk + "content-length: 9999999999999\r\n\r\n{", Then::HangUp,
         502, kBroken},
        {"a body shorter than said", kOk + kLength + "\r\n" + kAnswer.substr(9), Then::HangUp, 502,
         kBroken},
        {"a body that stops", kOk + kLength + "\r\n" + kAnswer.substr(9), Then::Stall, 504, kLate},
        {"a body that is reset", kOk + kLength + "\r\n" + kAnswer.substr(9), Then::Reset, 502,
         kUnreachable},
        {"a body longer than said", kOk + kLength + "\r\n" + kAnswer + answer(200, "{\"evil\":1}"),
         Then::Wait, 200, kAnswer},
        {"until the end of the connection", kOk + "\r\n" + kAnswer, Then::HangUp, 200, kAnswer},
        {"cut at the end of the connection", kOk + "\r\n" + kAnswer.substr(0, 100), Then::HangUp,
         502, kCutOff},
        {"cut at a brace at the end of the connection",
         kOk + "\r\n" + kAnswer.substr(0, kAnswer.size() - 1), Then::HangUp, 502, kCutOff},
        {"nothing at the end of the connection", kOk + "\r\n", Then::HangUp, 502,
         invalid("upstream answered HTTP 200 without a reason")},
        // Chunks.
        {"chunks",
         kOk + kChunked + "\r\n" + chunk(kAnswer.substr(0, 7)) + chunk(kAnswer.substr(7)) +
             "0\r\n\r\n",
         Then::Wait, 200, kAnswer},
        {"a chunk with an extension",
         kOk + kChunked + "\r\n1;a=\"b\"\r\n{\r\n" + chunk(kAnswer.substr(1)) + "0;x\r\n\r\n",
         Then::Wait, 200, kAnswer},
        {"trailers", kOk + kChunked + "\r\n" + chunk(kAnswer) + "0\r\nX-Sum: 1\r\nY: 2\r\n\r\n",
         Then::Wait, 200, kAnswer},
        {"bytes behind the last chunk",
         kOk + kChunked + "\r\n" + chunk(kAnswer) + "0\r\n\r\n" + answer(200, "{\"evil\":1}"),
         Then::Wait, 200, kAnswer},
        {"no last chunk", kOk + kChunked + "\r\n" + chunk(kAnswer), Then::HangUp, 502, kBroken},
        {"half a last chunk", kOk + kChunked + "\r\n" + chunk(kAnswer) + "0\r\n", Then::HangUp, 502,
         kBroken},
        {"no last chunk, then silence", kOk + kChunked + "\r\n" + chunk(kAnswer), Then::Stall, 504,
         kLate},
        {"a chunk size that is none", kOk + kChunked + "\r\nzz\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"a chunk size with a sign", kOk + kChunked + "\r\n+5\r\nhello\r\n0\r\n\r\n", Then::Wait,
         502, kBroken},
        {"a chunk size in 0x", kOk + kChunked + "\r\n0x5\r\nhello\r\n0\r\n\r\n", Then::Wait, 502,
         kBroken},
        {"a chunk size beyond all bounds", kOk + kChunked + "\r\nffffffffffffffff\r\nhello",
         Then::Wait, 502, kBroken},
        {"a chunk longer than said", kOk + kChunked + "\r\n2\r\nhello\r\n0\r\n\r\n", Then::Wait,
         502, kBroken},
        {"a chunk line that ends in a bare line feed", kOk + kChunked + "\r\n5\nhello\r\n0\r\n\r\n",
         Then::Wait, 502, kBroken},
        {"an endless extension", kOk + kChunked + "\r\n5;" + std::string(20'000, 'x'), Then::Wait,
         502, kBroken},
        {"endless trailers",
         kOk + kChunked + "\r\n" + chunk(kAnswer) + "0\r\n" + times(4'000, "X: y\r\n"), Then::Wait,
         502, kBroken},
        {"chunks and a length", kOk + kChunked + kLength + "\r\n" + chunk(kAnswer) + "0\r\n\r\n",
         Then::Wait, 502, kBroken},
        {"chunked twice", kOk + kChunked + kChunked + "\r\n" + chunk(kAnswer) + "0\r\n\r\n",
         Then::Wait, 502, kBroken},
        {"gzip, then chunked",
         kOk + "transfer-encoding: gzip, chunked\r\n\r\n" + chunk(kAnswer) + "0\r\n\r\n",
         Then::Wait, 502, kBroken},
        // Versions.
        {"HTTP/1.0", "HTTP/1.0 200 OK\r\n" + kJson + "\r\n" + kAnswer, Then::HangUp, 200, kAnswer},
        {"HTTP/1.0 with a length", "HTTP/1.0 200 OK\r\n" + kJson + kLength + "\r\n" + kAnswer,
         Then::Wait, 200, kAnswer},
        {"HTTP/1.0 that stays",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + kJson + kLength + "\r\n" + kAnswer,
         Then::Wait, 200, kAnswer},
        {"HTTP/1.0 that stays without a length",
         "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + kJson + "\r\n" + kAnswer, Then::HangUp,
         200, kAnswer},
        {"chunks in HTTP/1.0",
         "HTTP/1.0 200 OK\r\n" + kJson + kChunked + "\r\n" + chunk(kAnswer) + "0\r\n\r\n",
         Then::Wait, 502, kBroken},
        {"HTTP/2.0", "HTTP/2.0 200 OK\r\n" + kJson + kLength + "\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"frames of HTTP/2",
         std::string("\0\0\x12\4\0\0\0\0\0\0\3\0\0\0\x64\0\4\0\x10\0\0\0\6\0\1\0\0\r\n\r\n", 31),
         Then::Wait, 502, kBroken},
        {"HTTP/0.9", kAnswer, Then::HangUp, 502, kBroken},
        {"another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", Then::Wait, 502, kBroken},
        {"garbage", "\x01\x02\xFF garbage\r\n\r\n", Then::Wait, 502, kBroken},
        // Heads.
        {"nothing", "", Then::HangUp, 502, kUnreachable},
        {"nothing, and a reset", "", Then::Reset, 502, kUnreachable},
        {"silence", "", Then::Stall, 504, kLate},
        {"half a head", kOk, Then::HangUp, 502, kBroken},
        {"half a head, then silence", kOk, Then::Stall, 504, kLate},
        {"an empty line before the head", "\r\n" + kOk + kLength + "\r\n" + kAnswer, Then::Wait,
         502, kBroken},
        {"lines that end in a bare line feed", "HTTP/1.1 200 OK\ncontent-length: 2\n\n{}",
         Then::Wait, 502, kBroken},
        {"a folded line", kOk + "X: a\r\n b\r\n" + kLength + "\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"a blank before the colon", kOk + "X : a\r\n" + kLength + "\r\n" + kAnswer, Then::Wait,
         502, kBroken},
        {"a control character in a value", kOk + "X: a\x01\r\n" + kLength + "\r\n" + kAnswer,
         Then::Wait, 502, kBroken},
        {"a head of 70 kB", kOk + "X: " + std::string(70'000, 'x') + "\r\n" + kLength + "\r\n",
         Then::Wait, 502, kBroken},
        {"200 header lines", kOk + times(200, "X: y\r\n") + kLength + "\r\n" + kAnswer, Then::Wait,
         502, kBroken},
        {"no reason", "HTTP/1.1 200\r\n" + kJson + kLength + "\r\n" + kAnswer, Then::Wait, 200,
         kAnswer},
        {"a status of two digits", "HTTP/1.1 20 OK\r\n" + kLength + "\r\n" + kAnswer, Then::Wait,
         502, kBroken},
        {"a status of four digits", "HTTP/1.1 2000 OK\r\n" + kLength + "\r\n" + kAnswer, Then::Wait,
         502, kBroken},
        {"a status below 100", "HTTP/1.1 099 OK\r\n" + kLength + "\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        {"a status above 599", "HTTP/1.1 999 No\r\n" + kLength + "\r\n" + kAnswer, Then::Wait, 502,
         kBroken},
        // Interim answers.
        {"one interim answer", "HTTP/1.1 100 Continue\r\n\r\n" + kOk + kLength + "\r\n" + kAnswer,
         Then::Wait, 200, kAnswer},
        {"a few interim answers",
         times(16, "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n") + kOk + kLength + "\r\n" +
             kAnswer,
         Then::Wait, 200, kAnswer},
        {"interim answers without end",
         times(1'000, "HTTP/1.1 102 Processing\r\n\r\n") + kOk + kLength + "\r\n" + kAnswer,
         Then::Wait, 502, kBroken},
        {"an interim answer alone", "HTTP/1.1 100 Continue\r\n\r\n", Then::HangUp, 502, kBroken},
        {"an interim answer, then silence", "HTTP/1.1 100 Continue\r\n\r\n", Then::Stall, 504,
         kLate},
        {"another protocol unasked",
         "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n\r\n\x81\x01x", Then::Wait, 502,
         kBroken},
        // Statuses.
        {"201", "HTTP/1.1 201 Created\r\n" + kJson + kLength + "\r\n" + kAnswer, Then::Wait, 201,
         kAnswer},
        {"204", "HTTP/1.1 204 No Content\r\n\r\n", Then::Wait, 502,
         invalid("upstream answered HTTP 204 without a reason")},
        {"204 with a body", "HTTP/1.1 204 No Content\r\n" + kLength + "\r\n" + kAnswer, Then::Wait,
         502, invalid("upstream answered HTTP 204 without a reason")},
        {"304 with a body", "HTTP/1.1 304 Not Modified\r\n" + kLength + "\r\n" + kAnswer,
         Then::Wait, 502, invalid("upstream answered HTTP 304 without a reason")},
        {"a redirection",
         "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n",
         Then::Wait, 502, invalid("upstream answered HTTP 302 without a reason")},
        {"an error that breaks off", "HTTP/1.1 500 X\r\ncontent-length: 99\r\n\r\n{\"error\":",
         Then::HangUp, 500, invalid("upstream answered HTTP 500 without a reason")},
        {"a throttle that breaks off",
         "HTTP/1.1 429 X\r\ncontent-length: 99\r\n\r\n{\"error\":", Then::HangUp, 429,
         error("upstream answered HTTP 429 without a reason", "rate_limit_error",
               "rate_limit_exceeded")},
        {"an error without an end",
         "HTTP/1.1 500 X\r\n" + kChunked + "\r\n" + times(20, chunk(std::string(20'000, 'x'))),
         Then::Wait, 500, invalid("upstream answered HTTP 500 without a reason")},
        {"a page instead of an error",
         "HTTP/1.1 503 X\r\ncontent-type: text/html\r\ncontent-length: 20\r\n\r\n"
         "<html>\r\nbusy\r\n</html>",
         Then::HangUp, 503,
         error("upstream answered HTTP 503: <html> busy </html", "server_error", "overloaded")},
        // Bodies.
        {"an array", answer(200, "[1,2]"), Then::Wait, 502, invalid("1")},
        {"a number", answer(200, "42"), Then::Wait, 502, invalid("upstream answered HTTP 200: 42")},
        {"an empty body", answer(200, ""), Then::Wait, 502,
         invalid("upstream answered HTTP 200 without a reason")},
        {"blanks", answer(200, "  \r\n"), Then::Wait, 502,
         invalid("upstream answered HTTP 200 without a reason")},
        {"a page", answer(200, "<html>log in</html>"), Then::Wait, 502,
         invalid("upstream answered HTTP 200: <html>log in</html>")},
        {"half an object", answer(200, kAnswer.substr(0, 60)), Then::Wait, 502, kCutOff},
        {"bytes that are no text", answer(200, "\xFF\xFE\x01"), Then::Wait, 502,
         invalid("upstream answered HTTP 200: \xEF\xBF\xBD\xEF\xBF\xBD ")},
        {"an error object",
         answer(200, R"({"error":{"message":"no","type":"x","param":null,"code":"y"}})"),
         Then::Wait, 502, error("no", "x", "y")},
        {"an error object of the caller's",
         answer(
             200,
             R"({"error":{"message":"no","type":"invalid_request_error","param":"n","code":"y"}})"),
         Then::Wait, 400,
         R"({"error":{"message":"no","type":"invalid_request_error","param":"n","code":"y"}})"},
        {"compressed unasked", answer(200, "\x1F\x8B\x08 nonsense", "content-encoding: gzip\r\n"),
         Then::Wait, 502, kCompressed},
        {"said to be compressed", answer(200, kAnswer, "Content-Encoding: br\r\n"), Then::Wait, 502,
         kCompressed},
        {"not compressed, as it says", answer(200, kAnswer, "content-encoding: identity\r\n"),
         Then::Wait, 200, kAnswer},
        {"a compressed error", answer(429, "\x1F\x8B\x08 nonsense", "content-encoding: gzip\r\n"),
         Then::Wait, 429,
         error("upstream answered HTTP 429 without a reason", "rate_limit_error",
               "rate_limit_exceeded")},
        {"another content type",
         "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n" + kLength + "\r\n" + kAnswer, Then::Wait,
         200, kAnswer},
        {"no content type", "HTTP/1.1 200 OK\r\n" + kLength + "\r\n" + kAnswer, Then::Wait, 200,
         kAnswer},
        {"events that nobody asked for", kEvents + "\r\n" + kDelta + kStop + kDone, Then::HangUp,
         502,
         invalid(R"(upstream answered HTTP 200: data: {\"id\":\"c\",\"choices\":[{\"index\":0,)"
                 R"(\"delta\":{\"content\":\"hel\"},\"finish_reason\":null}]} )"
                 R"(data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},)"
                 R"(\"finish_reason\":\"stop\"}]} data: [DONE])")},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            check(row, sized(kChat));
        }
    }
}

TEST_CASE("gateway: a streamed answer is right, or ends with an error event", "[gateway]") {
    const Row rows[] = {
        {"chunks", kEvents + kChunked + "\r\n" + chunk(kDelta + kStop + kDone) + "0\r\n\r\n",
         Then::Wait, 200, kDelta + kStop + kDone},
        {"until the end of the connection", kEvents + "\r\n" + kDelta + kStop + kDone, Then::HangUp,
         200, kDelta + kStop + kDone},
        {"HTTP/1.0",
         "HTTP/1.0 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + kDelta + kStop + kDone,
         Then::HangUp, 200, kDelta + kStop + kDone},
        {"no [DONE]", kEvents + "\r\n" + kDelta + kStop, Then::HangUp, 200, kDelta + kStop + kDone},
        {"no [DONE] in chunks", kEvents + kChunked + "\r\n" + chunk(kDelta + kStop) + "0\r\n\r\n",
         Then::Wait, 200, kDelta + kStop + kDone},
        {"no [DONE], and a reset", kEvents + kChunked + "\r\n" + chunk(kDelta + kStop), Then::Reset,
         200, kDelta + kStop + kDone},
        {"no finish_reason", kEvents + "\r\n" + kDelta, Then::HangUp, 200,
         kDelta + event(kEndedEarly)},
        {"cut within an event", kEvents + "\r\n" + kDelta + kStop.substr(0, 30), Then::HangUp, 200,
         kDelta + event(kEndedEarly)},
        {"cut within a chunk", kEvents + kChunked + "\r\n" + chunk(kDelta) + "99\r\ndata",
         Then::HangUp, 200, kDelta + event(kBroken)},
        {"a reset", kEvents + kChunked + "\r\n" + chunk(kDelta), Then::Reset, 200,
         kDelta + event(kUnreachable)},
        {"silence", kEvents + kChunked + "\r\n" + chunk(kDelta), Then::Stall, 200,
         kDelta + event(kLate)},
        {"a broken chunk", kEvents + kChunked + "\r\n" + chunk(kDelta) + "zz\r\n", Then::Wait, 200,
         kDelta + event(kBroken)},
        {"a length that is too short",
         kEvents + "content-length: " + std::to_string(kDelta.size()) + "\r\n\r\n" + kDelta + kStop,
         Then::Wait, 200, kDelta + event(kEndedEarly)},
        {"a comment, then the end", kEvents + kChunked + "\r\n" + chunk(": busy\n\n"), Then::HangUp,
         200, ": busy\n\n" + event(kBroken)},
        {"a comment, then silence", kEvents + kChunked + "\r\n" + chunk(": busy\n\n"), Then::Stall,
         200, ": busy\n\n" + event(kLate)},
        {"nothing", kEvents + "\r\n", Then::HangUp, 502, kEndedEarly},
        {"no event in chunks", kEvents + kChunked + "\r\n0\r\n\r\n", Then::Wait, 502, kEndedEarly},
        {"a head, then silence", kEvents + kChunked + "\r\n", Then::Stall, 504, kLate},
        {"a head, then a reset", kEvents + kChunked + "\r\n", Then::Reset, 502, kUnreachable},
        {"half an event, then the end", kEvents + "\r\n" + kDelta.substr(0, 20), Then::HangUp, 502,
         kEndedEarly},
        {"[DONE] at once", kEvents + "\r\n" + kDone, Then::HangUp, 200, kDone},
        {"events after [DONE]",
         kEvents + kChunked + "\r\n" + chunk(kDelta + kStop + kDone + kDelta) + "0\r\n\r\n",
         Then::Wait, 200, kDelta + kStop + kDone},
        {"an answer behind the stream",
         kEvents + kChunked + "\r\n" + chunk(kDelta + kStop + kDone) + "0\r\n\r\n" +
             answer(200, "{\"evil\":1}"),
         Then::Wait, 200, kDelta + kStop + kDone},
        {"a stream that does not end after [DONE]",
         kEvents + kChunked + "\r\n" + chunk(kDelta + kStop + kDone), Then::Stall, 200,
         kDelta + kStop + kDone},
        {"compressed",
         kEvents + kChunked + "content-encoding: gzip\r\n\r\n" + chunk(kDelta) + "0\r\n\r\n",
         Then::Wait, 502, kCompressed},
        {"a whole answer", answer(200, kAnswer), Then::Wait, 200, kAnswer},
        {"events under another content type",
         "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n" + kStop, Then::HangUp, 502,
         invalid(R"(upstream answered HTTP 200: data: {\"id\":\"c\",\"choices\":[{\"index\":0,)"
                 R"(\"delta\":{},\"finish_reason\":\"stop\"}]})")},
        {"an error with a good content type",
         "HTTP/1.1 500 X\r\ncontent-type: text/event-stream\r\n\r\n" + kDelta, Then::HangUp, 500,
         invalid(R"(upstream answered HTTP 500: data: {\"id\":\"c\",\"choices\":[{\"index\":0,)"
                 R"(\"delta\":{\"content\":\"hel\"},\"finish_reason\":null}]})")},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            check(row, sized(kChatStream));
        }
    }
}

TEST_CASE("gateway: an answer that comes unasked on an idle connection reaches nobody",
          "[gateway]") {
    // The first connection gets a second answer while it is idle: the upstream sends it before it
    // reads the next request.
    Upstream upstream(
        {{fakes::send(answer(200, kAnswer)),
          fakes::send_after(std::chrono::milliseconds(20), answer(200, "{\"evil\":1}"))},
         {fakes::send(answer(200, kAnswer))}});
    const auto gateway = start_gateway(one_caller() + platform("a", upstream.url("/v1")));
    CHECK(fakes::body_of(ask(*gateway, sized(kChat))) == kAnswer);
    REQUIRE(eventually([&] { return upstream.sent() == 2; }));
    CHECK(fakes::body_of(ask(*gateway, sized(kChat))) == kAnswer);
    CHECK(upstream.connections() == 2);
}

TEST_CASE("gateway: an upstream that fails at any byte never leaves a caller with half an answer",
          "[gateway]") {
    struct Case {
        const char* name;
        std::string call;
        std::string answer;
        std::string body;  // of the caller's good answer
        bool is_stream;
        bool is_told;  // by the answer itself where it ends
    };
    const std::string stream = kDelta + kStop + kDone;
    const Case cases[] = {
        {"sized", sized(kChat), answer(200, kAnswer), kAnswer, false, true},
        {"in chunks", sized(kChat),
         kOk + kChunked + "\r\n" + chunk(kAnswer.substr(0, 100)) + chunk(kAnswer.substr(100)) +
             "0\r\n\r\n",
         kAnswer, false, true},
        {"until the end of the connection", sized(kChat), kOk + "\r\n" + kAnswer, kAnswer, false,
         false},
        {"a stream in chunks", sized(kChatStream),
         kEvents + kChunked + "\r\n" + chunk(kDelta) + chunk(kStop) + chunk(kDone) + "0\r\n\r\n",
         stream, true, true},
        {"a stream until the end of the connection", sized(kChatStream), kEvents + "\r\n" + stream,
         stream, true, true},
    };
    for (const Case& c : cases) {
        for (const bool resets : {false, true}) {
            DYNAMIC_SECTION(c.name << (resets ? ", reset" : ", closed")) {
                const Script good_answer{
                    fakes::send(answer(200, kAnswer, "connection: close\r\n"))};
                std::vector<Script> scripts{good_answer};
                for (std::size_t size = 0; size <= c.answer.size(); ++size) {
                    scripts.push_back({fakes::send(c.answer.substr(0, size)),
                                       resets ? fakes::reset() : fakes::hang_up()});
                }
                scripts.push_back(good_answer);
                const std::size_t count = scripts.size();
                Upstream upstream(std::move(scripts));
                const auto gateway =
                    start_gateway(one_caller() + platform("a", upstream.url("/v1")));
                RawClient client(gateway->addresses().front());
                client.send(sized(kChat));
                CHECK(fakes::body_of(client.read_reply()) == kAnswer);
                const auto before = descriptors();
                std::size_t good = 0;
                for (std::size_t size = 0; size <= c.answer.size(); ++size) {
                    INFO(size << " bytes");
                    client.send(c.call);
                    const std::string reply = client.read_reply();
                    const std::string body = fakes::body_of(reply);
                    const int status = fakes::status_of(reply);
                    if (status == 200 && body == c.body) {
                        ++good;
                    } else if (status == 200) {
                        REQUIRE(c.is_stream);
                        const std::size_t error = body.find("data: {\"error\":");
                        REQUIRE(error != std::string::npos);
                        REQUIRE(body.find("[DONE]") == std::string::npos);
                        REQUIRE(stream.starts_with(body.substr(0, error)));
                        REQUIRE(body.find("\n\n", error) == body.size() - 2);
                    } else {
                        REQUIRE(status == 502);
                        REQUIRE(body.starts_with("{\"error\":{\"message\":\""));
                        REQUIRE(body.ends_with("\"}}"));
                    }
                }
                CHECK((good > 0) == (!resets || c.is_told));
                client.send(sized(kChat));
                CHECK(fakes::body_of(client.read_reply()) == kAnswer);
                CHECK(upstream.requests().size() == count);
                CHECK(eventually([&] { return descriptors() <= before; }));
            }
        }
    }
}
