#include "policy/capped_relay.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <random>

#include "protocol/anthropic_stream_relay.h"
#include "protocol/chat_stream_relay.h"
#include "protocol/responses_stream_relay.h"
#include "tests/lib/policy/measured.h"
#include "tests/lib/protocol/assembled_stream.h"

using namespace aigw;
using namespace aigw::policy;
using nlohmann::ordered_json;
using protocol::testing::AsksUsage;
using protocol::testing::Assembled;

namespace {

std::string json_of(std::string_view text) {
    return ordered_json(text).dump();
}

// ---- Upstreams -------------------------------------------------------------------------------

std::string chunk(const std::string& delta, const std::string& finish = "null", int index = 0) {
    return R"(data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000001,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_9","choices":[{"index":)" +
           std::to_string(index) + R"(,"delta":)" + delta + R"(,"logprobs":null,"finish_reason":)" +
           finish + "}]}\n\n";
}

std::string content(const std::string& text, int index = 0) {
    return chunk(R"({"content":)" + json_of(text) + "}", "null", index);
}

const std::string kRole = chunk(R"({"role":"assistant","content":"","refusal":null})");
const std::string kStop = chunk("{}", R"("stop")");
const std::string kUsage =
    R"(data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000001,"model":"gpt-4o-2024-08-06","choices":[],"usage":{"prompt_tokens":21,"completion_tokens":90,"total_tokens":111}})"
    "\n\n";
const std::string kDone = "data: [DONE]\n\n";

std::string claude(const std::string& type, const std::string& members) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + members + "}\n\n";
}

const std::string kMessage = claude(
    "message_start",
    R"(,"message":{"id":"msg_01","type":"message","role":"assistant","model":"claude-x","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":1}})");

std::string block(int index, const std::string& members) {
    return claude("content_block_start",
                  R"(,"index":)" + std::to_string(index) + R"(,"content_block":)" + members);
}
std::string delta(int index, const std::string& type, const std::string& key,
                  const std::string& text) {
    return claude("content_block_delta", R"(,"index":)" + std::to_string(index) +
                                             R"(,"delta":{"type":")" + type + R"(",")" + key +
                                             "\":" + json_of(text) + "}");
}
std::string block_end(int index) {
    return claude("content_block_stop", R"(,"index":)" + std::to_string(index));
}
const std::string kMessageEnd =
    claude(
        "message_delta",
        R"(,"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":90})") +
    claude("message_stop", "");

// ---- Relays ----------------------------------------------------------------------------------

std::unique_ptr<protocol::StreamRelay> passing(const CappedCall& call) {
    switch (call.protocol) {
        case Protocol::OpenAi:
            break;
        case Protocol::Anthropic:
            return std::make_unique<protocol::AnthropicStreamRelay>();
        case Protocol::Responses:
            return std::make_unique<protocol::ResponsesStreamRelay>();
    }
    using protocol::UsageChunk;
    return std::make_unique<protocol::OpenAiStreamRelay>(call.wants_usage ? UsageChunk::Pass
                                                                          : UsageChunk::Hide);
}

struct Relayed {
    std::string text{};
    bool is_cut = false;
    bool is_complete = false;
    bool is_over = false;
    std::optional<Usage> usage{};
    std::string failure{};
    std::size_t read = 0;  // bytes of the upstream, by when it was over
    friend bool operator==(const Relayed& a, const Relayed& b) {
        return a.text == b.text && a.is_cut == b.is_cut && a.is_complete == b.is_complete &&
               a.usage == b.usage && a.failure == b.failure;
    }
};

Relayed relay(std::string_view upstream, const CappedCall& call, const OutputCap& cap,
              std::size_t first, std::size_t piece) {
    Truncation truncation;
    CappedRelay relay(passing(call), make_capped_wire(call, cap, measure_of("gpt-4o")), 7,
                      truncation);
    Relayed got;
    const auto feed = [&](std::string_view bytes) {
        if (relay.is_over()) return;
        const std::string own(bytes);
        got.text += relay.feed(own);
        got.read += own.size();
    };
    feed(upstream.substr(0, first));
    for (std::size_t at = first; at < upstream.size(); at += piece)
        feed(upstream.substr(at, piece));
    if (!relay.is_over()) got.text += relay.finish();
    got.is_cut = truncation.is_cut;
    got.is_complete = relay.is_complete();
    got.is_over = relay.is_over();
    got.usage = relay.usage();
    if (relay.failure()) got.failure = relay.failure()->message;
    return got;
}

// Whole, byte by byte, and split in two at every place: all the same.
Relayed relay_in_every_split(std::string_view upstream, const CappedCall& call,
                             const OutputCap& cap) {
    const Relayed whole = relay(upstream, call, cap, upstream.size(), 1);
    CHECK(relay(upstream, call, cap, 0, 1) == whole);
    for (std::size_t first = 1; first < upstream.size(); ++first) {
        INFO("split at " << first);
        REQUIRE(relay(upstream, call, cap, first, upstream.size()) == whole);
    }
    return whole;
}

const CappedCall kChat{.protocol = Protocol::OpenAi};
const CappedCall kChatWithUsage{.protocol = Protocol::OpenAi, .wants_usage = true};
const CappedCall kClaude{.protocol = Protocol::Anthropic};

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    for (std::size_t at = 0; (at = text.find(old, at)) != std::string::npos; at += by.size())
        text.replace(at, old.size(), by);
    return text;
}

Assembled assembled(const Relayed& got, const CappedCall& call) {
    switch (call.protocol) {
        case Protocol::OpenAi:
            break;
        case Protocol::Anthropic:
            return protocol::testing::assemble_anthropic(got.text);
        case Protocol::Responses:
            return protocol::testing::assemble_responses(got.text);
    }
    // The reader knows what the gateway writes itself: `usage` in all chunks, and none of these.
    std::string text = replaced(got.text, R"("system_fingerprint":"fp_9",)", "");
    text = replaced(text, R"("logprobs":null,)", "");
    text = replaced(text, R"(,"refusal":null)", "");
    if (call.wants_usage) text = replaced(text, "}]}\n\n", "}],\"usage\":null}\n\n");
    return protocol::testing::assemble_openai(text,
                                              call.wants_usage ? AsksUsage::Yes : AsksUsage::No);
}

}  // namespace

// ---- Chat completions ------------------------------------------------------------------------

TEST_CASE("capped relay: a chat that fits passes byte for byte", "[policy]") {
    const std::string upstream =
        kRole + content("one two") + content(" three") + kStop + kUsage + kDone;
    for (const std::int64_t most : {3, 4, 1000}) {
        const Relayed got = relay_in_every_split(upstream, kChatWithUsage, {.max_tokens = most});
        CHECK(got.text == upstream);
        CHECK(!got.is_cut);
        CHECK(got.usage == Usage{.input_tokens = 21, .output_tokens = 90});
    }
}

TEST_CASE("capped relay: a chat is cut in the delta that is too long", "[policy]") {
    const std::string upstream =
        kRole + content("one two") + content(" three four five") + content(" six") + kStop + kDone;
    const Relayed got =
        relay_in_every_split(upstream, kChat, {.max_tokens = 4, .notice = " [cut]"});
    const std::string head =
        R"(data: {"id":"chatcmpl-7","object":"chat.completion.chunk","created":1760000001,"model":"gpt-4o-2024-08-06","system_fingerprint":"fp_9","choices":[)";
    CHECK(
        got.text ==
        kRole + content("one two") + head +
            R"({"index":0,"delta":{"content":" three four"},"logprobs":null,"finish_reason":null}]})"
            "\n\n" +
            head +
            R"({"index":0,"delta":{"content":" [cut]"},"finish_reason":null}]})"
            "\n\n" +
            head +
            R"({"index":0,"delta":{},"finish_reason":"length"}]})"
            "\n\n" +
            kDone);
    CHECK(got.is_cut);
    CHECK(got.is_complete);
    CHECK(got.is_over);
    CHECK(got.failure.empty());
    CHECK(got.usage == Usage{.input_tokens = 7, .output_tokens = 4, .is_estimated = true});
}

TEST_CASE("capped relay: nothing is read behind a cut", "[policy]") {
    const std::string sent = kRole + content("one two three four");
    const std::string rest = content(" five") + content(" six") + kStop + kDone;
    const Relayed got = relay(sent + rest, kChat, {.max_tokens = 2}, 0, 1);
    CHECK(got.is_over);
    CHECK(got.read == sent.size());
}

TEST_CASE("capped relay: a cut chat keeps its grammar, and its usage is that of its text",
          "[policy]") {
    const std::string words =
        "The café on 12 Rue de l'Été sells 咖啡和茶, 👩‍👩‍👧 and naïve   "
        "blanks.\n\n";
    std::string upstream = kRole;
    for (std::size_t at = 0; at < words.size();) {
        std::size_t end = at + 1;
        while (end < words.size() && (words[end] & '\xC0') == '\x80') ++end;
        upstream += content(words.substr(at, end - at));
        at = end;
    }
    upstream += kStop + kUsage + kDone;
    const auto all = static_cast<std::int64_t>(tokens_in(words));
    for (std::int64_t most = 1; most <= all; ++most) {
        INFO("at most " << most);
        const Relayed got = relay(upstream, kChatWithUsage, {.max_tokens = most}, 0, 17);
        const Assembled read = assembled(got, kChatWithUsage);
        CHECK(read.problem == "");
        CHECK(got.is_cut == (most < all));
        if (!got.is_cut) continue;
        const std::string text = read.message["choices"][0]["message"]["content"];
        CHECK(words.starts_with(text));
        CHECK(read.message["choices"][0]["finish_reason"] == "length");
        CHECK(read.message["usage"]["completion_tokens"] == tokens_in(text));
        CHECK(tokens_in(text) <= static_cast<std::size_t>(most));
        CHECK(got.usage->output_tokens == static_cast<std::int64_t>(tokens_in(text)));
    }
}

TEST_CASE("capped relay: all in one delta is cut like any other", "[policy]") {
    const std::string upstream =
        chunk(R"({"role":"assistant","content":"one two three four"})", R"("stop")") + kDone;
    const Relayed got = relay_in_every_split(upstream, kChat, {.max_tokens = 3});
    const Assembled read = assembled(got, kChat);
    CHECK(read.problem == "");
    CHECK(read.message["choices"][0]["message"]["content"] == "one two three");
    CHECK(read.message["choices"][0]["finish_reason"] == "length");
}

TEST_CASE("capped relay: thoughts count, and are cut, too", "[policy]") {
    const std::string upstream = kRole + chunk(R"({"reasoning_content":"I think so"})") +
                                 chunk(R"({"reasoning_content":" a lot"})") + content("yes") +
                                 kStop + kDone;
    const Relayed in_thoughts =
        relay_in_every_split(upstream, kChatWithUsage, {.max_tokens = 4, .notice = "cut"});
    const Assembled read = assembled(in_thoughts, kChatWithUsage);
    CHECK(read.problem == "");
    CHECK(read.message["choices"][0]["message"]["reasoning_content"] == "I think so a");
    CHECK(read.message["choices"][0]["message"]["content"] == "cut");
    CHECK(in_thoughts.usage ==
          Usage{.input_tokens = 7, .reasoning_tokens = 4, .is_estimated = true});
    const Relayed behind = relay_in_every_split(upstream, kChat, {.max_tokens = 5});
    CHECK(behind.is_cut);
    CHECK(behind.text.find("yes") == std::string::npos);
}

TEST_CASE("capped relay: a call is cut in its arguments", "[policy]") {
    const auto arguments = [](const std::string& piece) {
        return chunk(R"({"tool_calls":[{"index":0,"function":{"arguments":)" + json_of(piece) +
                     "}}]}");
    };
    const std::string upstream =
        kRole +
        chunk(
            R"({"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"get","arguments":""}}]})") +
        arguments(R"({"city":)") + arguments(R"("Paris and Rome"})") +
        chunk("{}", R"("tool_calls")") + kDone;
    const auto most = static_cast<std::int64_t>(1 + tokens_in(R"({"city":"Paris and)"));
    const Relayed got = relay_in_every_split(upstream, kChatWithUsage, {.max_tokens = most});
    const Assembled read = assembled(got, kChatWithUsage);
    CHECK(read.problem == "");
    const ordered_json& choice = read.message["choices"][0];
    CHECK(choice["message"]["tool_calls"][0]["function"]["arguments"] == R"({"city":"Paris and)");
    CHECK(choice["message"]["tool_calls"][0]["id"] == "call_1");
    CHECK(choice["finish_reason"] == "length");
    CHECK(got.usage->output_tokens == most);
    const Relayed none = relay_in_every_split(upstream, kChat, {.max_tokens = 1});
    CHECK(none.text.find("tool_calls") == std::string::npos);
    CHECK(none.usage->output_tokens == 0);
}

TEST_CASE("capped relay: each of several answers has the cap for itself", "[policy]") {
    const CappedCall call{.protocol = Protocol::OpenAi, .answers = 2, .wants_usage = true};
    const std::string upstream = content("a b c d", 0) + content("A B", 1) + content(" e f", 0) +
                                 content(" C", 1) + chunk("{}", R"("stop")", 1) +
                                 content(" never", 0) + kUsage + kDone;
    const Relayed got = relay_in_every_split(upstream, call, {.max_tokens = 5});
    std::map<int, std::string> texts;
    std::map<int, std::string> ends;
    ordered_json usage;
    std::size_t at = 0;
    while ((at = got.text.find("data: {", at)) != std::string::npos) {
        const auto event =
            ordered_json::parse(got.text.substr(at + 6, got.text.find("\n\n", at) - at - 6));
        if (event["choices"].empty()) usage = event["usage"];
        for (const auto& choice : event["choices"]) {
            texts[choice["index"]] += choice["delta"].value("content", "");
            if (choice["finish_reason"].is_string())
                ends[choice["index"]] = choice["finish_reason"];
        }
        ++at;
    }
    CHECK(texts[0] == "a b c d e");
    CHECK(texts[1] == "A B C");
    CHECK(ends == std::map<int, std::string>{{0, "length"}, {1, "stop"}});
    CHECK(usage["completion_tokens"] == 8);
    CHECK(got.text.ends_with(kDone));
    CHECK(got.is_over);
    CHECK(got.usage->output_tokens == 8);
}

TEST_CASE("capped relay: a vendor that gives fewer answers ends the stream", "[policy]") {
    const CappedCall call{.protocol = Protocol::OpenAi, .answers = 3, .wants_usage = true};
    const std::string upstream =
        kRole + content("a b c d") + content(" e") + kStop + kUsage + kDone;
    const Relayed got = relay_in_every_split(upstream, call, {.max_tokens = 2});
    const Assembled read = assembled(got, kChatWithUsage);
    CHECK(read.problem == "");
    CHECK(read.message["usage"]["completion_tokens"] == 2);
    CHECK(read.message["choices"][0]["message"]["content"] == "a b");
    // So does one that just closes.
    const Relayed closed =
        relay_in_every_split(kRole + content("a b c d"), call, {.max_tokens = 2});
    CHECK(closed.text.ends_with(kDone));
    CHECK(closed.failure.empty());
}

TEST_CASE("capped relay: the elder completions are cut in their own form", "[policy]") {
    const auto text = [](const std::string& piece, const std::string& finish) {
        return R"(data: {"id":"cmpl-1","object":"text_completion","created":1,"choices":[{"text":)" +
               json_of(piece) + R"(,"index":0,"logprobs":null,"finish_reason":)" + finish +
               R"(}],"model":"m"})" + "\n\n";
    };
    const CappedCall call{.protocol = Protocol::OpenAi, .operation = Operation::Completions};
    const std::string upstream =
        text("one two", "null") + text(" three four", "null") + text("", R"("stop")") + kDone;
    const Relayed got = relay_in_every_split(upstream, call, {.max_tokens = 3, .notice = "..."});
    const std::string head =
        R"(data: {"id":"cmpl-1","object":"text_completion","created":1,"model":"m","choices":[)";
    CHECK(got.text == text("one two", "null") + head +
                          R"({"text":" three","index":0,"logprobs":null,"finish_reason":null}]})"
                          "\n\n" +
                          head +
                          R"({"index":0,"text":"...","logprobs":null,"finish_reason":null}]})"
                          "\n\n" +
                          head +
                          R"({"index":0,"text":"","logprobs":null,"finish_reason":"length"}]})"
                          "\n\n" +
                          kDone);
    CHECK(got.usage->output_tokens == 3);
}

TEST_CASE("capped relay: an error before the cut stays the stream's end", "[policy]") {
    const std::string upstream = kRole + content("one") +
                                 R"(data: {"error":{"message":"broken","type":"server_error"}})" +
                                 "\n\n";
    const Relayed got = relay_in_every_split(upstream, kChat, {.max_tokens = 1});
    CHECK(!got.is_cut);
    CHECK(got.failure == "broken");
    CHECK(got.text.find("one") != std::string::npos);
    const Relayed broken_off =
        relay_in_every_split(kRole + content("one"), kChat, {.max_tokens = 1});
    CHECK(broken_off.failure == "upstream stream ended early");
    CHECK(!broken_off.is_complete);
}

TEST_CASE("capped relay: a last event without its blank line is judged, too", "[policy]") {
    const std::string last = content("one two three");
    const std::string upstream = kRole + last.substr(0, last.size() - 2);
    const Relayed got = relay_in_every_split(upstream, kChat, {.max_tokens = 2});
    CHECK(got.is_cut);
    CHECK(assembled(got, kChat).message["choices"][0]["message"]["content"] == "one two");
}

TEST_CASE("capped relay: comments, other line ends and blank deltas change nothing", "[policy]") {
    std::string upstream = ": hello\n\n" + kRole + content("") + ": still here\n\n" +
                           content("one two") + content("") + content(" three") + kStop + kDone;
    for (const std::string_view end : {"\n", "\r\n", "\r"}) {
        std::string ended;
        for (const char c : upstream) c == '\n' ? ended.append(end) : ended.append(1, c);
        const Relayed got = relay_in_every_split(ended, kChat, {.max_tokens = 2});
        CHECK(got.is_cut);
        CHECK(got.text.find("two") != std::string::npos);
        CHECK(got.text.find("three") == std::string::npos);
        CHECK(got.usage->output_tokens == 2);
    }
}

// ---- Messages --------------------------------------------------------------------------------

TEST_CASE("capped relay: a message that fits passes byte for byte", "[policy]") {
    const std::string upstream = kMessage + block(0, R"({"type":"text","text":""})") +
                                 delta(0, "text_delta", "text", "one two") +
                                 delta(0, "text_delta", "text", " three") + block_end(0) +
                                 kMessageEnd;
    for (const std::int64_t most : {3, 1000}) {
        const Relayed got = relay_in_every_split(upstream, kClaude, {.max_tokens = most});
        CHECK(got.text == upstream);
        CHECK(!got.is_cut);
    }
}

TEST_CASE("capped relay: a message is cut in its open block", "[policy]") {
    const std::string before = kMessage + claude("ping", "") +
                               block(0, R"({"type":"text","text":""})") +
                               delta(0, "text_delta", "text", "one two");
    const std::string upstream = before + delta(0, "text_delta", "text", " three four five") +
                                 delta(0, "text_delta", "text", " six") + block_end(0) +
                                 kMessageEnd;
    const std::string end =
        block_end(0) +
        claude(
            "message_delta",
            R"(,"delta":{"stop_reason":"max_tokens","stop_sequence":null},"usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":5,"output_tokens":4})") +
        claude("message_stop", "");
    const Relayed got = relay_in_every_split(upstream, kClaude, {.max_tokens = 4});
    CHECK(got.text == before + delta(0, "text_delta", "text", " three four") + end);
    CHECK(got.usage == Usage{.input_tokens = 12,
                             .cached_input_tokens = 5,
                             .output_tokens = 4,
                             .is_estimated = true});
    const Relayed noted =
        relay_in_every_split(upstream, kClaude, {.max_tokens = 4, .notice = " [cut]"});
    CHECK(noted.text == before + delta(0, "text_delta", "text", " three four") +
                            delta(0, "text_delta", "text", " [cut]") + end);
    Relayed without_ping = noted;
    without_ping.text = replaced(noted.text, claude("ping", ""), "");
    CHECK(assembled(without_ping, kClaude).problem == "");
}

TEST_CASE("capped relay: thoughts and calls of a message are cut, and what follows is not begun",
          "[policy]") {
    const std::string upstream =
        kMessage + block(0, R"({"type":"thinking","thinking":"","signature":""})") +
        delta(0, "thinking_delta", "thinking", "I think so") +
        delta(0, "signature_delta", "signature", "c2ln") + block_end(0) +
        block(1, R"({"type":"server_tool_use","id":"s1","name":"web_search","input":{}})") +
        delta(1, "input_json_delta", "partial_json", R"({"query":"a b c d e f"})") + block_end(1) +
        block(2, R"({"type":"tool_use","id":"toolu_1","name":"get","input":{}})") +
        delta(2, "input_json_delta", "partial_json", R"({"city":"Paris and Rome"})") +
        block_end(2) + kMessageEnd;
    const Relayed in_thoughts =
        relay_in_every_split(upstream, kClaude, {.max_tokens = 2, .notice = "cut"});
    const Assembled thoughts = assembled(in_thoughts, kClaude);
    CHECK(thoughts.problem == "");
    CHECK(thoughts.message["content"].size() == 2);
    CHECK(thoughts.message["content"][0]["thinking"] == "I think");
    CHECK(thoughts.message["content"][1]["text"] == "cut");
    CHECK(thoughts.message["stop_reason"] == "max_tokens");
    CHECK(in_thoughts.usage->reasoning_tokens == 2);

    const auto arguments = static_cast<std::int64_t>(tokens_in(R"({"city":"Paris and)"));
    const Relayed in_call =
        relay_in_every_split(upstream, kClaude, {.max_tokens = 3 + 1 + arguments});
    CHECK(in_call.text.find(json_of(R"({"city":"Paris and)")) != std::string::npos);
    CHECK(in_call.text.find("Rome") == std::string::npos);
    CHECK(in_call.text.find("a b c d e f") != std::string::npos);
    CHECK(in_call.usage->output_tokens == 1 + arguments);

    const Relayed before_call = relay_in_every_split(upstream, kClaude, {.max_tokens = 4});
    CHECK(before_call.text.find("toolu_1") == std::string::npos);
    CHECK(before_call.usage->total_output() == 3);
    CHECK(before_call.text.find(R"("stop_reason":"max_tokens")") != std::string::npos);
}

TEST_CASE("capped relay: a block that begins with all of its text is cut in its beginning",
          "[policy]") {
    const std::string upstream = kMessage + block(0, R"({"type":"text","text":"one two three"})") +
                                 block_end(0) + kMessageEnd;
    const Relayed got = relay_in_every_split(upstream, kClaude, {.max_tokens = 2});
    CHECK(got.text.starts_with(kMessage + block(0, R"({"type":"text","text":"one two"})") +
                               block_end(0)));
}

// ---- Responses -------------------------------------------------------------------------------

namespace {

const CappedCall kResponses{.protocol = Protocol::Responses};

// Numbers the events as they are added.
class ResponseStream {
public:
    ResponseStream& add(const std::string& type, const std::string& members) {
        text += "event: " + type + "\ndata: {\"type\":\"" + type +
                "\",\"sequence_number\":" + std::to_string(next_++) + members + "}\n\n";
        return *this;
    }
    ResponseStream& begin() {
        const std::string response =
            R"(,"response":{"id":"resp_1","object":"response","created_at":1760000001,"status":"in_progress","error":null,"incomplete_details":null,"instructions":"be kind","model":"gpt-4o-2024-08-06","output":[],"temperature":1.0,"usage":null})";
        return add("response.created", response).add("response.in_progress", response);
    }
    ResponseStream& item(int output, const std::string& json) {
        return add("response.output_item.added",
                   R"(,"output_index":)" + std::to_string(output) + R"(,"item":)" + json);
    }
    ResponseStream& part(int output, const std::string& id) {
        return add(
            "response.content_part.added",
            place(output, id) +
                R"(,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]})");
    }
    ResponseStream& text_delta(int output, const std::string& id, const std::string& piece) {
        return add("response.output_text.delta", place(output, id) +
                                                     R"(,"content_index":0,"delta":)" +
                                                     json_of(piece) + R"(,"logprobs":[])");
    }
    ResponseStream& text_end(int output, const std::string& id, const std::string& whole) {
        const std::string part_json = R"({"type":"output_text","text":)" + json_of(whole) +
                                      R"(,"annotations":[],"logprobs":[]})";
        add("response.output_text.done", place(output, id) + R"(,"content_index":0,"text":)" +
                                             json_of(whole) + R"(,"logprobs":[])");
        add("response.content_part.done",
            place(output, id) + R"(,"content_index":0,"part":)" + part_json);
        return add("response.output_item.done",
                   R"(,"output_index":)" + std::to_string(output) + R"(,"item":{"id":")" + id +
                       R"(","type":"message","status":"completed","role":"assistant","content":[)" +
                       part_json + "]}");
    }
    ResponseStream& end() {
        return add(
            "response.completed",
            R"(,"response":{"id":"resp_1","object":"response","created_at":1760000001,"status":"completed","error":null,"incomplete_details":null,"model":"gpt-4o-2024-08-06","output":[],"usage":{"input_tokens":21,"output_tokens":90,"total_tokens":111}})");
    }

    static std::string place(int output, const std::string& id) {
        return R"(,"item_id":")" + id + R"(","output_index":)" + std::to_string(output);
    }

    std::string text{};

private:
    int next_ = 0;
};

const std::string kMessageItem =
    R"({"id":"msg_a","type":"message","status":"in_progress","role":"assistant","content":[]})";

std::string kinds_of(const std::string& text) {
    std::string kinds;
    std::size_t at = 0;
    while ((at = text.find("event: response.", at)) != std::string::npos) {
        const std::size_t begin = at + std::string("event: response.").size();
        kinds += text.substr(begin, text.find('\n', begin) - begin) + " ";
        ++at;
    }
    return kinds;
}

ordered_json last_event(const std::string& text) {
    return ordered_json::parse(text.substr(text.rfind("data: ") + 6));
}

}  // namespace

TEST_CASE("capped relay: a response that fits passes byte for byte", "[policy]") {
    ResponseStream stream;
    stream.begin().item(0, kMessageItem).part(0, "msg_a");
    stream.text_delta(0, "msg_a", "one two").text_delta(0, "msg_a", " three");
    stream.text_end(0, "msg_a", "one two three").end();
    const Relayed got = relay_in_every_split(stream.text, kResponses, {.max_tokens = 3});
    CHECK(got.text == stream.text);
    CHECK(!got.is_cut);
    CHECK(got.usage == Usage{.input_tokens = 21, .output_tokens = 90});
}

TEST_CASE("capped relay: a response is cut, and ends as incomplete", "[policy]") {
    ResponseStream stream;
    stream.begin()
        .item(0, R"({"id":"ws_1","type":"web_search_call","status":"in_progress"})")
        .add(
            "response.output_item.done",
            R"(,"output_index":0,"item":{"id":"ws_1","type":"web_search_call","status":"completed"})")
        .item(1, kMessageItem)
        .part(1, "msg_a")
        .text_delta(1, "msg_a", "one two");
    const std::string before = stream.text;
    stream.text_delta(1, "msg_a", " three four five").text_delta(1, "msg_a", " six");
    stream.text_end(1, "msg_a", "one two three four five six").end();
    const Relayed got = relay_in_every_split(stream.text, kResponses, {.max_tokens = 4});
    REQUIRE(got.text.starts_with(before));
    CHECK(kinds_of(got.text.substr(before.size())) ==
          "output_text.delta output_text.done content_part.done output_item.done incomplete ");
    const ordered_json response = last_event(got.text)["response"];
    CHECK(response["id"] == "resp_1");
    CHECK(response["instructions"] == "be kind");
    CHECK(response["status"] == "incomplete");
    CHECK(response["incomplete_details"] == ordered_json{{"reason", "max_output_tokens"}});
    CHECK(response["output"][0]["type"] == "web_search_call");
    CHECK(response["output"][1]["id"] == "msg_a");
    CHECK(response["output"][1]["status"] == "incomplete");
    CHECK(response["output"][1]["content"][0]["text"] == "one two three four");
    CHECK(response["usage"]["output_tokens"] == 4);
    CHECK(response["usage"]["input_tokens"] == 7);
    CHECK(got.usage == Usage{.input_tokens = 7, .output_tokens = 4, .is_estimated = true});
    CHECK(got.text.find("[DONE]") == std::string::npos);

    const Relayed noted =
        relay_in_every_split(stream.text, kResponses, {.max_tokens = 4, .notice = " [cut]"});
    CHECK(last_event(noted.text)["response"]["output"][1]["content"][0]["text"] ==
          "one two three four [cut]");
}

TEST_CASE("capped relay: a response that is cut keeps its grammar", "[policy]") {
    ResponseStream stream;
    stream.begin().item(0, kMessageItem).part(0, "msg_a");
    stream.text_delta(0, "msg_a", "one two three").text_delta(0, "msg_a", " four");
    stream.text_end(0, "msg_a", "one two three four").end();
    for (const std::int64_t most : {1, 2, 3}) {
        for (const char* notice : {"", " [cut]"}) {
            const Relayed got = relay_in_every_split(stream.text, kResponses,
                                                     {.max_tokens = most, .notice = notice});
            const Assembled read = assembled(got, kResponses);
            CHECK(read.problem == "");
            CHECK(read.message["usage"]["output_tokens"] == most);
        }
    }
}

TEST_CASE("capped relay: a response's call and thoughts are cut", "[policy]") {
    ResponseStream stream;
    stream.begin()
        .item(0, R"({"id":"rs_1","type":"reasoning","summary":[]})")
        .add("response.reasoning_summary_part.added",
             ResponseStream::place(0, "rs_1") +
                 R"(,"summary_index":0,"part":{"type":"summary_text","text":""})")
        .add("response.reasoning_summary_text.delta",
             ResponseStream::place(0, "rs_1") + R"(,"summary_index":0,"delta":"I think so")")
        .add("response.reasoning_summary_text.done",
             ResponseStream::place(0, "rs_1") + R"(,"summary_index":0,"text":"I think so")")
        .add("response.reasoning_summary_part.done",
             ResponseStream::place(0, "rs_1") +
                 R"(,"summary_index":0,"part":{"type":"summary_text","text":"I think so"})")
        .add(
            "response.output_item.done",
            R"(,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"I think so"}]})")
        .item(
            1,
            R"({"id":"fc_1","type":"function_call","status":"in_progress","call_id":"call_1","name":"get","arguments":""})")
        .add("response.function_call_arguments.delta",
             ResponseStream::place(1, "fc_1") + R"(,"delta":"{\"city\":\"Paris and Rome\"}")")
        .add("response.function_call_arguments.done",
             ResponseStream::place(1, "fc_1") +
                 R"(,"name":"get","arguments":"{\"city\":\"Paris and Rome\"}")")
        .add(
            "response.output_item.done",
            R"(,"output_index":1,"item":{"id":"fc_1","type":"function_call","status":"completed","call_id":"call_1","name":"get","arguments":"{\"city\":\"Paris and Rome\"}"})")
        .end();

    const Relayed in_thoughts =
        relay_in_every_split(stream.text, kResponses, {.max_tokens = 2, .notice = "cut"});
    CHECK(assembled(in_thoughts, kResponses).problem == "");
    const ordered_json thoughts = last_event(in_thoughts.text)["response"]["output"];
    CHECK(thoughts[0]["summary"][0]["text"] == "I think");
    CHECK(thoughts[1]["content"][0]["text"] == "cut");
    CHECK(in_thoughts.usage->reasoning_tokens == 2);

    const auto arguments = static_cast<std::int64_t>(tokens_in(R"({"city":"Paris and)"));
    const Relayed in_call =
        relay_in_every_split(stream.text, kResponses, {.max_tokens = 4 + arguments});
    CHECK(assembled(in_call, kResponses).problem == "");
    const ordered_json call = last_event(in_call.text)["response"]["output"][1];
    CHECK(call["arguments"] == R"({"city":"Paris and)");
    CHECK(call["status"] == "incomplete");
    CHECK(in_call.usage->output_tokens == 1 + arguments);

    const Relayed before_call = relay_in_every_split(stream.text, kResponses, {.max_tokens = 4});
    CHECK(before_call.text.find("fc_1") == std::string::npos);
    CHECK(before_call.usage->total_output() == 3);
}

TEST_CASE("capped relay: a response's text that comes with the item's end fits or is left out",
          "[policy]") {
    ResponseStream stream;
    stream.begin().item(0, kMessageItem);
    stream.text_end(0, "msg_a", "one two three").end();
    CHECK(!relay_in_every_split(stream.text, kResponses, {.max_tokens = 3}).is_cut);
    ResponseStream bare;
    bare.begin().add(
        "response.output_item.done",
        R"(,"output_index":0,"item":{"id":"msg_a","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"one two three","annotations":[]}]})");
    bare.end();
    const Relayed got = relay_in_every_split(bare.text, kResponses, {.max_tokens = 2});
    CHECK(got.is_cut);
    CHECK(got.usage->output_tokens == 0);
    CHECK(last_event(got.text)["response"]["output"].empty());
    CHECK(!relay_in_every_split(bare.text, kResponses, {.max_tokens = 3}).is_cut);
}

// ---- All of them -----------------------------------------------------------------------------

TEST_CASE("capped relay: whatever text comes, its usage is what a count of it gives", "[policy]") {
    std::mt19937_64 random(11);
    for (std::uint64_t seed = 0; seed < 120; ++seed) {
        const std::string text = whole_text(seed);
        const auto all = static_cast<std::int64_t>(tokens_in(text));
        const auto most = static_cast<std::int64_t>(1 + random() % 50);
        const std::vector<std::string> pieces = in_pieces(text, 1 + random() % 6);
        std::string chat = kRole;
        std::string message = kMessage + block(0, R"({"type":"text","text":""})");
        ResponseStream response;
        response.begin().item(0, kMessageItem).part(0, "msg_a");
        for (const std::string& piece : pieces) {
            chat += content(piece);
            message += delta(0, "text_delta", "text", piece);
            response.text_delta(0, "msg_a", piece);
        }
        response.text_end(0, "msg_a", text).end();
        const std::string upstreams[] = {chat + kStop + kDone, message + block_end(0) + kMessageEnd,
                                         response.text};
        const CappedCall calls[] = {kChatWithUsage, kClaude, kResponses};
        for (std::size_t i = 0; i < 3; ++i) {
            INFO("seed " << seed << ", protocol " << i << ", at most " << most);
            const Relayed got = relay(upstreams[i], calls[i], {.max_tokens = most}, 0, 29);
            REQUIRE(got.is_cut == (all > most));
            if (!got.is_cut) {
                REQUIRE(got.text == upstreams[i]);
                continue;
            }
            const Assembled read = assembled(got, calls[i]);
            REQUIRE(read.problem == "");
            const std::string sent =
                i == 0   ? read.message["choices"][0]["message"]["content"].get<std::string>()
                : i == 1 ? read.message["content"][0]["text"].get<std::string>()
                         : read.message["output"][0]["content"][0]["text"].get<std::string>();
            REQUIRE(text.starts_with(sent));
            const auto said = i == 0 ? read.message["usage"]["completion_tokens"]
                                     : read.message["usage"]["output_tokens"];
            REQUIRE(said == tokens_in(sent));
            REQUIRE(said <= most);
            REQUIRE(got.usage->output_tokens == static_cast<std::int64_t>(tokens_in(sent)));
        }
    }
}
