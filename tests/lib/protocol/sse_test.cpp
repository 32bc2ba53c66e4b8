#include "protocol/sse.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

namespace {

// Every event as "type|data|id", the stream fed in pieces of `piece` bytes.
std::vector<std::string> read_all(std::string_view stream, std::size_t piece) {
    SseReader reader;
    std::vector<std::string> events;
    const auto drain = [&](Result<std::optional<SseEvent>> event) {
        for (; event && *event; event = reader.next()) {
            events.push_back(std::string((*event)->type) + "|" + std::string((*event)->data) + "|" +
                             std::string((*event)->id));
        }
        if (!event) events.push_back("error: " + event.error().message);
    };
    for (std::size_t at = 0; at < stream.size(); at += piece) {
        reader.feed(stream.substr(at, piece));
        drain(reader.next());
    }
    drain(reader.finish());
    return events;
}

}  // namespace

TEST_CASE("protocol: an event stream is read in any split", "[protocol]") {
    struct Case {
        const char* name;
        std::string stream;
        std::vector<std::string> events;
    };
    const Case cases[] = {
        {"line feeds", "data: a\n\ndata: b\n\n", {"message|a|", "message|b|"}},
        {"CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", {"message|a|", "message|b|"}},
        {"lone CR", "data: a\r\rdata: b\r\r", {"message|a|", "message|b|"}},
        {"mixed line ends",
         "data: a\r\n\ndata: b\r\r\ndata: c\n\r",
         {"message|a|", "message|b|", "message|c|"}},
        {"a byte order mark",
         "\xEF\xBB\xBF"
         "data: a\n\n",
         {"message|a|"}},
        {"a mark in the middle is data", "data: \xEF\xBB\xBF\n\n", {"message|\xEF\xBB\xBF|"}},
        {"comments", ": keep-alive\n\n:\n\ndata: a\n: between\ndata: b\n\n", {"message|a\nb|"}},
        {"no blank after the colon", "data:a\n\n", {"message|a|"}},
        {"only one blank is dropped", "data:  a\n\n", {"message| a|"}},
        {"several data lines", "data: a\ndata\ndata: b\n\n", {"message|a\n\nb|"}},
        {"a type after the data",
         "data: a\nevent: error\n\ndata: b\n\n",
         {"error|a|", "message|b|"}},
        {"an id stays", "id: 7\ndata: a\n\ndata: b\n\n", {"message|a|7", "message|b|7"}},
        {"unknown fields", "retry: 3\nfoo: x\ndata: a\n\n", {"message|a|"}},
        {"an event without data", "event: ping\n\ndata: a\n\n", {"message|a|"}},
        {"empty data", "data:\n\n", {"message||"}},
        {"no last blank line", "data: a\n\ndata: b", {"message|a|", "message|b|"}},
        {"no last line feed", "data: a\n\ndata: b\n", {"message|a|", "message|b|"}},
        {"multi-byte characters",
         "data: 汉字 \xF0\x9F\x98\x80\n\n",
         {"message|汉字 \xF0\x9F\x98\x80|"}},
        {"nothing", "", {}},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            for (std::size_t piece = 1; piece <= c.stream.size() + 1; ++piece) {
                INFO("pieces of " << piece);
                CHECK(read_all(c.stream, piece) == c.events);
            }
        }
    }
}

TEST_CASE("protocol: an event over 8 MiB ends the reading", "[protocol]") {
    SseReader reader;
    const std::string megabyte(std::size_t{1} << 20, 'x');
    reader.feed("data: small\n\ndata: ");
    auto event = reader.next();
    REQUIRE((event && *event));
    for (int i = 0; i < 8; ++i) {
        CHECK(reader.next());
        reader.feed(megabyte);
    }
    event = reader.next();
    REQUIRE_FALSE(event);
    CHECK(event.error().message == "an event of the upstream's stream is over 8 MiB");
    CHECK(event.error().code == ErrorCode::UpstreamInvalid);
    reader.feed("\n\ndata: after\n\n");
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.finish());
}

TEST_CASE("protocol: what is written as an event is read back", "[protocol]") {
    std::string out;
    append_sse_event(out, "a\nb", "delta");
    append_sse_event(out, "[DONE]");
    append_sse_event(out, "");
    CHECK(out == "event: delta\ndata: a\ndata: b\n\ndata: [DONE]\n\ndata: \n\n");
    CHECK(read_all(out, 3) ==
          std::vector<std::string>{"delta|a\nb|", "message|[DONE]|", "message||"});
}

TEST_CASE("protocol: no line end in an event's data can begin a line of its own", "[protocol]") {
    std::string out;
    append_sse_event(out, "a\rdata: b\r\nid: 1\r");
    CHECK(out == "data: a\ndata: data: b\ndata: id: 1\ndata: \n\n");
    CHECK(read_all(out, 1) == std::vector<std::string>{"message|a\ndata: b\nid: 1\n|"});
}
