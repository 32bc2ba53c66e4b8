#include "protocol/chat_stream_relay.h"

#include <catch2/catch.hpp>
#include <random>

#include "protocol/sse.h"

using namespace aigw;
using namespace aigw::protocol;

namespace {

const std::string kText =
    R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}],"usage":null})";
const std::string kStop =
    R"(data: {"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":null})";
const std::string kUsage =
    R"(data: {"id":"c","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":3,"total_tokens":24}})";
const std::string kDone = "data: [DONE]";
const std::string kEarlyEnd =
    R"(data: {"error":{"message":"upstream stream ended early","type":"api_response_error","param":null,"code":"response_error"}})"
    "\n\n";

std::string stream(std::initializer_list<std::string> events, std::string_view end = "\n\n") {
    std::string text;
    for (const std::string& event : events) text.append(event).append(end);
    return text;
}

struct Relayed {
    std::string text;
    std::optional<Usage> usage;
    bool is_complete = false;
    std::string failure;
    std::int64_t events = 0;
    friend bool operator==(const Relayed&, const Relayed&) = default;
};

Relayed relay(std::string_view upstream, UsageChunk usage_chunk, std::size_t first,
              std::size_t piece) {
    OpenAiStreamRelay relay(usage_chunk);
    Relayed got;
    // A copy of each piece in its own memory, so that a view that outlives its call is found.
    const auto feed = [&](std::string_view bytes) {
        const std::string own(bytes);
        got.text += relay.feed(own);
    };
    feed(upstream.substr(0, first));
    for (std::size_t at = first; at < upstream.size(); at += piece)
        feed(upstream.substr(at, piece));
    got.text += relay.finish();
    got.usage = relay.usage();
    got.is_complete = relay.is_complete();
    if (relay.failure()) got.failure = relay.failure()->message;
    got.events = relay.events();
    return got;
}

Relayed relay_whole(std::string_view upstream, UsageChunk usage_chunk = UsageChunk::Pass) {
    return relay(upstream, usage_chunk, upstream.size(), 1);
}

}  // namespace

TEST_CASE("protocol: a stream is relayed by its bytes, not by their split", "[protocol]") {
    struct Case {
        const char* name;
        std::string upstream;
        UsageChunk usage_chunk;
        std::string want;
    };
    const std::string whole = stream({kText, kText, kStop, kUsage, kDone});
    const std::string without_usage = stream({kText, kText, kStop, kDone});
    constexpr auto kPass = UsageChunk::Pass;
    constexpr auto kHide = UsageChunk::Hide;
    const Case cases[] = {
        {"as it came", whole, kPass, whole},
        {"without the usage chunk", whole, kHide, without_usage},
        {"CRLF as it came", stream({kText, kStop, kDone}, "\r\n\r\n"), kPass,
         stream({kText, kStop, kDone}, "\r\n\r\n")},
        {"CRLF without the usage chunk", stream({kText, kStop, kUsage, kDone}, "\r\n\r\n"), kHide,
         stream({kText, kStop, kDone}, "\r\n\r\n")},
        {"lone CR", stream({kText, kStop, kUsage}, "\r\r") + kDone + "\n\n", kHide,
         stream({kText, kStop}, "\r\r") + kDone + "\n\n"},
        {"comments and a byte order mark",
         "\xEF\xBB\xBF: hello\n\n" + stream({": ping", kStop, kDone}), kPass,
         "\xEF\xBB\xBF: hello\n\n" + stream({": ping", kStop, kDone})},
        {"a byte order mark before data", "\xEF\xBB\xBF" + stream({kUsage, kStop, kDone}), kHide,
         stream({kStop, kDone})},
        {"blank lines between events", "\n\n" + stream({kText}) + "\n" + stream({kStop, kDone}),
         kPass, "\n\n" + stream({kText}) + "\n" + stream({kStop, kDone})},
        {"usage beside choices stays",
         stream({R"(data: {"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})",
                 kDone}),
         kHide,
         stream({R"(data: {"choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":1}})",
                 kDone})},
        {"a leading chunk without choices stays",
         stream({R"(data: {"choices":[],"prompt_filter_results":[]})", kStop, kDone}), kHide,
         stream({R"(data: {"choices":[],"prompt_filter_results":[]})", kStop, kDone})},
        {"usage over two data lines",
         stream({"data: {\"choices\":[],\ndata: \"usage\":{\"prompt_tokens\":1}}", kStop, kDone}),
         kHide, stream({kStop, kDone})},
        {"nothing follows [DONE]", stream({kStop, kDone, kDone, kText, kUsage}), kPass,
         stream({kStop, kDone})},
        {"[DONE] without a blank", stream({kStop, "data:[DONE]"}), kPass,
         stream({kStop, "data:[DONE]"})},
        {"[DONE] alone is an end", stream({kText, kDone}), kPass, stream({kText, kDone})},
        {"[DONE] is added when it is missing", stream({kText, kStop}), kPass,
         stream({kText, kStop, kDone})},
        {"[DONE] is added after a hidden usage chunk", stream({kText, kStop, kUsage}), kHide,
         stream({kText, kStop, kDone})},
        {"the last blank line is added", stream({kText, kStop}) + kDone, kPass,
         stream({kText, kStop, kDone})},
        {"the last blank line of a chunk is added", stream({kText}) + kStop + "\n", kPass,
         stream({kText, kStop, kDone})},
        {"half an event at the end is dropped", stream({kText, kStop}) + kUsage.substr(0, 60),
         kPass, stream({kText, kStop, kDone})},
        {"an early end is an error", stream({kText}), kPass, stream({kText}) + kEarlyEnd},
        {"an end in an event is an error", stream({kText}) + kText.substr(0, 40), kPass,
         stream({kText}) + kEarlyEnd},
        {"no stream at all is an error", "", kPass, kEarlyEnd},
        {"an error ends the stream",
         stream(
             {kText,
              R"(data: {"error":{"message":"try later","type":"server_error","param":null,"code":null}})",
              kDone}),
         kPass,
         stream(
             {kText,
              R"(data: {"error":{"message":"try later","type":"server_error","param":null,"code":"response_error"}})"})},
        {"a flat error becomes OpenAI's",
         stream({kText, R"(data: {"code":"Throttling","message":"slow down","request_id":"r"})"}),
         kPass,
         stream(
             {kText,
              R"(data: {"error":{"message":"slow down","type":"api_response_error","param":null,"code":"Throttling"}})"})},
        {"an error as text, after an event line",
         stream({"event: error\ndata: {\"error\":\"no key sk-abcdefgh12345\"}"}), kPass,
         stream(
             {R"(data: {"error":{"message":"no key sk-***","type":"api_response_error","param":null,"code":"response_error"}})"})},
        {"an error that is null is none",
         stream({R"(data: {"error":null,"choices":[]})", kStop, kDone}), kPass,
         stream({R"(data: {"error":null,"choices":[]})", kStop, kDone})},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Relayed at_once = relay_whole(c.upstream, c.usage_chunk);
            CHECK(at_once.text == c.want);
            for (std::size_t cut = 0; cut <= c.upstream.size(); ++cut) {
                INFO("cut at " << cut);
                CHECK((relay(c.upstream, c.usage_chunk, cut, c.upstream.size() + 1) == at_once));
            }
            for (const std::size_t piece : {1, 2, 3, 7, 64}) {
                INFO("pieces of " << piece);
                CHECK((relay(c.upstream, c.usage_chunk, 0, piece) == at_once));
            }
        }
    }
}

TEST_CASE("protocol: a relay knows how its stream went", "[protocol]") {
    struct Case {
        const char* name;
        std::string upstream;
        bool is_complete;
        const char* failure;
        std::int64_t events;
        std::optional<Usage> usage;
    };
    const std::string late =
        R"(data: {"choices":[{"delta":{}}],"usage":{"prompt_tokens":30,"completion_tokens":5}})";
    const std::string moonshot =
        R"(data: {"choices":[{"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":4,"completion_tokens":2}}]})";
    const Case cases[] = {
        {"whole", stream({kText, kStop, kUsage, kDone}), true, "", 3,
         Usage{.input_tokens = 21, .output_tokens = 3}},
        {"no usage", stream({kText, kStop, kDone}), true, "", 2, std::nullopt},
        {"no [DONE]", stream({kText, kStop}), true, "", 2, std::nullopt},
        {"the last usage wins", stream({kUsage, late, kStop, kDone}), true, "", 3,
         Usage{.input_tokens = 30, .output_tokens = 5}},
        {"usage in the choice", stream({moonshot, kDone}), true, "", 1,
         Usage{.input_tokens = 4, .output_tokens = 2}},
        {"cut", stream({kText, kUsage}), false, "upstream stream ended early", 2,
         Usage{.input_tokens = 21, .output_tokens = 3}},
        {"an error", stream({kText, "data: {\"error\":{\"message\":\"no\"}}"}), false, "no", 2,
         std::nullopt},
        {"an error without words", stream({"data: {\"error\":{\"type\":\"x\"}}"}), false,
         "upstream reported an error without a message", 1, std::nullopt},
        {"usage as words in the text",
         stream({R"(data: {"choices":[{"delta":{"content":"\"usage\":{\"prompt_tokens\":1}"}}]})",
                 kDone}),
         true, "", 1, std::nullopt},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Relayed got = relay_whole(c.upstream);
            CHECK(got.is_complete == c.is_complete);
            CHECK(got.failure == c.failure);
            CHECK(got.events == c.events);
            CHECK(got.usage == c.usage);
        }
    }
}

TEST_CASE("protocol: an error in a relayed stream means what the vendor means by it",
          "[protocol]") {
    struct Case {
        const char* name;
        const char* event;
        ErrorCode code;
        const char* want;  // what the caller reads
    };
    const Case cases[] = {
        {"a code", R"({"error":{"message":"slow","type":"t","code":"rate_limit_exceeded"}})",
         ErrorCode::RateLimited,
         R"({"error":{"message":"slow","type":"t","param":null,"code":"rate_limit_exceeded"}})"},
        {"a type", R"({"error":{"message":"busy","type":"overloaded_error"}})",
         ErrorCode::Overloaded,
         R"({"error":{"message":"busy","type":"overloaded_error","param":null,"code":"overloaded"}})"},
        {"a status as code", R"({"error":{"message":"m","type":"","code":504}})",
         ErrorCode::UpstreamTimeout,
         R"({"error":{"message":"m","type":"server_error","param":null,"code":"504"}})"},
        {"words of a long prompt",
         R"({"error":{"message":"prompt is too long","type":"BadRequestError","code":"400"}})",
         ErrorCode::ContextTooLong,
         R"({"error":{"message":"prompt is too long","type":"invalid_request_error","param":null,"code":"context_length_exceeded"}})"},
        {"the gateway's own key",
         R"({"error":{"message":"bad key sk-1","type":"authentication_error","code":"invalid_api_key"}})",
         ErrorCode::UpstreamCredentials,
         R"({"error":{"message":"the upstream refused the gateway's credentials","type":"server_error","param":null,"code":"upstream_authentication"}})"},
        {"a name of the vendor's own", R"({"error":{"message":"m","code":"Throttling"}})",
         ErrorCode::RateLimited,
         R"({"error":{"message":"m","type":"rate_limit_error","param":null,"code":"Throttling"}})"},
        {"nothing that is known", R"({"error":{"message":"m","type":"t","code":"c"}})",
         ErrorCode::UpstreamInvalid,
         R"({"error":{"message":"m","type":"t","param":null,"code":"c"}})"},
    };
    const VendorMeaning own = [](const VendorError& said) {
        return said.code == "Throttling" ? std::optional(ErrorCode::RateLimited) : std::nullopt;
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            OpenAiStreamRelay relay(UsageChunk::Pass, {}, own);
            const std::string upstream = stream({kText, "data: " + std::string(c.event)});
            CHECK(relay.feed(upstream) == stream({kText, "data: " + std::string(c.want)}));
            REQUIRE(relay.failure());
            CHECK(relay.failure()->code == c.code);
        }
    }
}

TEST_CASE("protocol: whole events pass without a copy", "[protocol]") {
    const std::string upstream = stream({kText, kText}) + kText.substr(0, 10);
    OpenAiStreamRelay relay(UsageChunk::Hide);
    const std::string_view out = relay.feed(upstream);
    CHECK(out.data() == upstream.data());
    CHECK(out == stream({kText, kText}));
    CHECK(relay.feed("").empty());
    CHECK(relay.feed(kText.substr(10)).empty());
    CHECK(relay.feed("\n\n" + kStop) == stream({kText}));
    const std::string next = "\n\n" + stream({kUsage, kDone});
    CHECK(relay.feed(next) == stream({kStop, kDone}));
    CHECK(relay.is_over());
    CHECK(relay.feed(stream({kText})).empty());
    CHECK(relay.finish().empty());
}

TEST_CASE("protocol: a relayed event has at most 8 MiB", "[protocol]") {
    const std::string error =
        R"(data: {"error":{"message":"an event of the upstream's stream is over 8 MiB","type":"api_response_error","param":null,"code":"response_error"}})"
        "\n\n";
    const std::string large = "data: " + std::string(kMaxEventBytes, 'x') + "\n\n";
    CHECK(relay_whole(stream({kText}) + large).text == stream({kText}) + error);
    CHECK(relay(stream({kText}) + large, UsageChunk::Pass, 0, 100'000).text ==
          stream({kText}) + error);
    const std::string fits = "data: " + std::string(kMaxEventBytes - 8, 'x') + "\n\n";
    CHECK(relay(fits + stream({kDone}), UsageChunk::Pass, 0, 100'000).text ==
          fits + stream({kDone}));
}

TEST_CASE("protocol: relaying a stream", "[.][benchmark]") {
    std::string upstream;
    for (int i = 0; i < 1000; ++i) {
        upstream +=
            R"(data: {"id":"chatcmpl-A2B3C4D5E6F7G8H9","object":"chat.completion.chunk","created":1763630001,)"
            R"("model":"gpt-4o-mini-2024-07-18","service_tier":"default","system_fingerprint":"fp_44709d6fcb",)"
            R"("choices":[{"index":0,"delta":{"content":" user"},"logprobs":null,"finish_reason":null}],"usage":null})"
            "\n\n";
    }
    BENCHMARK("1000 events in one read") {
        OpenAiStreamRelay relay(UsageChunk::Hide);
        return relay.feed(upstream).size();
    };
    BENCHMARK("1000 events in reads of 4096") {
        OpenAiStreamRelay relay(UsageChunk::Hide);
        std::size_t bytes = 0;
        for (std::size_t at = 0; at < upstream.size(); at += 4096)
            bytes += relay.feed(std::string_view(upstream).substr(at, 4096)).size();
        return bytes;
    };
}

namespace {

// Events that are alike, and those that only seem so.
std::string random_event(std::mt19937& random) {
    constexpr const char* kTexts[] = {
        " word",         "",          R"(\n)", R"(\"quoted\")",
        R"(\\)",         "你好",      "usage", R"(\"usage\":{)",
        "finish_reason", R"(\u00e4)", "a\tb",  "long text without an end"};
    const std::string text = kTexts[random() % std::size(kTexts)];
    const std::string head = R"(data: {"id":"c","choices":[{"index":0,"delta":{"content":")";
    switch (random() % 16) {
        case 0:
            return head + text + R"("},"finish_reason":"stop"}],"usage":null})";
        case 1:
            return head + text + R"("},"finish_reason":null}],"usage":{"prompt_tokens":1}})";
        case 2:
            return head + text + R"("},"finish_reason":null}],"error":null})";
        case 3:
            return R"(data: {"choices":[{"delta":{"tool_calls":[{"function":{"arguments":")" +
                   text + R"("}}]},"finish_reason":null}]})";
        case 4:
            return head + text;
        case 5:
            return head + text + R"(":{"x":1}},"finish_reason":null}]})";
        case 6:
            return ": comment";
        case 7:
            return random() % 8 == 0 ? R"(data: {"error":{"message":"broken"}})" : "event: x";
        default:
            return head + text + R"("},"finish_reason":null}],"usage":null})";
    }
}

}  // namespace

TEST_CASE("protocol: events that are alike are relayed as each of them would be", "[protocol]") {
    std::mt19937 random(5);
    for (int round = 0; round < 2000; ++round) {
        std::string text;
        const std::size_t events = random() % 30 + 1;
        for (std::size_t i = 0; i < events; ++i) {
            const std::string event = random_event(random);
            const std::size_t repeats = random() % 3 == 0 ? random() % 5 + 1 : 1;
            for (std::size_t j = 0; j < repeats; ++j)
                text += event + (random() % 20 == 0 ? "\r\n\r\n" : "\n\n");
        }
        if (random() % 2 == 0) text += "data: [DONE]\n\n";
        INFO(text);
        const Relayed whole = relay_whole(text, UsageChunk::Hide);
        CHECK(relay(text, UsageChunk::Hide, 0, 1) == whole);
        CHECK(relay(text, UsageChunk::Hide, random() % text.size(), random() % 700 + 1) == whole);
    }
}
