#include "protocol/responses_stream_relay.h"

#include <catch2/catch.hpp>

using namespace aigw;
using namespace aigw::protocol;

namespace {

std::string event(const std::string& type, const std::string& members,
                  std::string_view end = "\n") {
    std::string text = "event: " + type;
    text.append(end).append("data: {\"type\":\"" + type + "\",").append(members).append("}");
    return text.append(end).append(end);
}

const std::string kCreated =
    event("response.created", R"("sequence_number":0,"response":{"id":"resp_1","error":null})");
const std::string kDelta =
    event("response.output_text.delta", R"("sequence_number":1,"delta":"Hi \"error\""})");
const std::string kItem = event("response.output_item.done",
                                R"("sequence_number":1,"item":{"type":"message","content":[]})");
const std::string kCompleted = event(
    "response.completed",
    R"("sequence_number":2,"response":{"id":"resp_1","usage":{"input_tokens":21,"input_tokens_details":{"cached_tokens":4},"output_tokens":3,"output_tokens_details":{"reasoning_tokens":1},"total_tokens":24}})");
const std::string kIncomplete =
    event("response.incomplete",
          R"("sequence_number":2,"response":{"usage":{"input_tokens":1,"output_tokens":2}})");

std::string error(int number, const std::string& message, const std::string& type,
                  const std::string& code) {
    const std::string words = R"("message":")" + message + R"(",)";
    return "event: error\ndata: {\"type\":\"error\",\"sequence_number\":" + std::to_string(number) +
           "," + words + R"("param":null,"code":")" + code + R"(","error":{)" + words +
           R"("type":")" + type + R"(","param":null,"code":")" + code + "\"}}\n\n";
}

struct Relayed {
    std::string text;
    std::optional<Usage> usage;
    bool is_complete = false;
    std::string failure;
    std::int64_t events = 0;
    friend bool operator==(const Relayed&, const Relayed&) = default;
};

const std::vector<std::string> kSecrets = {"topsecret1"};

Relayed relay(std::string_view upstream, std::size_t first, std::size_t piece) {
    ResponsesStreamRelay relay(kSecrets);
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
    CHECK(relay.is_over());
    return got;
}

Relayed relay_whole(std::string_view upstream) {
    return relay(upstream, upstream.size(), 1);
}

}  // namespace

TEST_CASE("protocol: a stream of Responses is relayed by its bytes, not by their split",
          "[protocol]") {
    struct Case {
        const char* name;
        std::string upstream;
        std::string want;
        bool is_complete;
    };
    const std::string early =
        error(2, "upstream stream ended early", "api_response_error", "response_error");
    const std::string failed = event(
        "response.failed",
        R"("sequence_number":2,"response":{"error":{"code":"server_error","message":"it broke"},"usage":null})");
    const std::string crlf = event("response.output_text.delta", R"("delta":"a")", "\r\n") +
                             event("response.completed", R"("response":{})", "\r\n");
    const Case cases[] = {
        {"as it came", kCreated + kDelta + kCompleted, kCreated + kDelta + kCompleted, true},
        {"CRLF as it came", crlf, crlf, true},
        {"an incomplete answer is whole", kCreated + kItem + kIncomplete,
         kCreated + kItem + kIncomplete, true},
        {"nothing follows the end", kCreated + kDelta + kCompleted + kDelta + kCompleted,
         kCreated + kDelta + kCompleted, true},
        {"[DONE] is not of the protocol", kCreated + kDelta + kCompleted + "data: [DONE]\n\n",
         kCreated + kDelta + kCompleted, true},
        {"… nor an end", kCreated + kDelta + "data: [DONE]\n\n", kCreated + kDelta + early, false},
        {"the type may stand anywhere",
         "data: {\"sequence_number\":0, \"response\":{}, \"type\":\"response.completed\"}\n\n",
         "data: {\"sequence_number\":0, \"response\":{}, \"type\":\"response.completed\"}\n\n",
         true},
        {"the last blank line is added",
         kCreated + kDelta + kCompleted.substr(0, kCompleted.size() - 1),
         kCreated + kDelta + kCompleted, true},
        {"an early end is an error", kCreated + kDelta, kCreated + kDelta + early, false},
        {"an end in an event is an error",
         kCreated + kDelta + kCompleted.substr(0, kCompleted.size() / 2), kCreated + kDelta + early,
         false},
        {"no stream at all is an error", "",
         error(0, "upstream stream ended early", "api_response_error", "response_error"), false},
        {"an error ends the stream",
         kCreated + kDelta +
             event(
                 "error",
                 R"("code":"rate_limit_exceeded","message":"slow down","param":null,"sequence_number":2)") +
             kCompleted,
         kCreated + kDelta + error(2, "slow down", "rate_limit_error", "rate_limit_exceeded"),
         false},
        {"an error inside of its event",
         event(
             "error",
             R"("sequence_number":0,"error":{"type":"server_error","code":"c","message":"no key sk-abcdefgh12345","param":null})"),
         error(0, "no key sk-***", "server_error", "c"), false},
        {"an error without a type",
         R"(data: {"error":{"message":"m topsecret1","type":"t","param":null,"code":"c"}})"
         "\n\n",
         error(0, "m ***", "t", "c"), false},
        {"a failure passes", kCreated + kDelta + failed, kCreated + kDelta + failed, false},
        {"… without the gateway's secrets",
         event("response.failed",
               R"("response":{"error":{"code":"server_error","message":"key topsecret1"}})"),
         error(0, "key ***", "api_response_error", "server_error"), false},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Relayed at_once = relay_whole(c.upstream);
            CHECK(at_once.text == c.want);
            CHECK(at_once.is_complete == c.is_complete);
            CHECK(at_once.failure.empty() == c.is_complete);
            for (std::size_t cut = 0; cut <= c.upstream.size(); ++cut) {
                INFO("cut at " << cut);
                CHECK((relay(c.upstream, cut, c.upstream.size() + 1) == at_once));
            }
            for (const std::size_t piece : {1, 2, 3, 7, 64}) {
                INFO("pieces of " << piece);
                CHECK((relay(c.upstream, 0, piece) == at_once));
            }
        }
    }
}

TEST_CASE("protocol: a relayed stream of Responses says what was used", "[protocol]") {
    const Usage usage{
        .input_tokens = 17, .cached_input_tokens = 4, .output_tokens = 2, .reasoning_tokens = 1};
    CHECK(relay_whole(kCreated + kDelta + kCompleted).usage == usage);
    CHECK(relay_whole(kCreated + kIncomplete).usage ==
          Usage{.input_tokens = 1, .output_tokens = 2});
    CHECK(relay_whole(kCreated + kDelta).usage == std::nullopt);
    CHECK(relay_whole(kCreated + kDelta + kCompleted).events == 3);
}

TEST_CASE("protocol: what an upstream fails by ends a stream of Responses", "[protocol]") {
    ResponsesStreamRelay relay;
    CHECK(relay.feed(kCreated) == kCreated);
    const Error reset{ErrorCode::UpstreamUnreachable, "the upstream could not be reached"};
    CHECK(relay.interrupt(reset) == error(1, "the upstream could not be reached",
                                          "api_connection_error", "connection_error"));
    CHECK(relay.failure() == reset);
}

TEST_CASE("protocol: an error in a relayed response means what the vendor means by it",
          "[protocol]") {
    struct Case {
        const char* name;
        std::string event;
        ErrorCode code;
        std::string want;
    };
    const auto failed = [](const std::string& code) {
        return event("response.failed", R"("sequence_number":1,"response":{"error":{"code":")" +
                                            code + R"(","message":"m"}})");
    };
    const Case cases[] = {
        {"an error event",
         event("error", R"("code":"rate_limit_exceeded","message":"m","param":null)"),
         ErrorCode::RateLimited, error(1, "m", "rate_limit_error", "rate_limit_exceeded")},
        {"an answer that failed", failed("rate_limit_exceeded"), ErrorCode::RateLimited,
         failed("rate_limit_exceeded")},
        {"… by the vendor's own word", failed("own"), ErrorCode::Overloaded, failed("own")},
        {"… because of the gateway's account", failed("insufficient_quota"),
         ErrorCode::UpstreamCredentials,
         error(1, "the upstream refused the gateway's credentials", "server_error",
               "upstream_authentication")},
    };
    const VendorMeaning own = [](const VendorError& said) {
        return said.code == "own" ? std::optional(ErrorCode::Overloaded) : std::nullopt;
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            ResponsesStreamRelay relay(kSecrets, own);
            CHECK(relay.feed(kCreated + c.event) == kCreated + c.want);
            REQUIRE(relay.failure());
            CHECK(relay.failure()->code == c.code);
        }
    }
}
