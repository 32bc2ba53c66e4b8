// OpenAI's elder completions for models that only chat.

#include <catch2/catch.hpp>

#include "protocol/completions_answer.h"
#include "tests/lib/protocol/conversion.h"

using namespace aigw;
using namespace aigw::protocol;
using namespace aigw::protocol::tests;

namespace {

AnswerPlan plan_of_caller(bool wants_usage = false) {
    return {.model = "m", .created = 1'700'000'000, .wants_usage = wants_usage, .input_tokens = 5};
}

// The answer in pieces.
std::string streamed(const AnswerPlan& plan, const Stop& stop) {
    const Usage usage{.input_tokens = 3, .output_tokens = 2};
    const auto writer = make_completion_stream_writer(plan);
    writer->take({.kind = ChatEventKind::Start, .id = "msg_1", .name = "claude-x"});
    writer->take({.kind = ChatEventKind::Thinking, .text = "hm"});
    writer->take({.kind = ChatEventKind::Text, .text = "Hel"});
    writer->take({.kind = ChatEventKind::Text, .text = "lo"});
    writer->take({.kind = ChatEventKind::UsageSeen, .usage = &usage});
    writer->take({.kind = ChatEventKind::StopSeen, .stop = &stop});
    writer->take({.kind = ChatEventKind::End});
    writer->take({.kind = ChatEventKind::Text, .text = "late"});
    return writer->take_output();
}

}  // namespace

TEST_CASE("protocol: a prompt is what one user says", "[protocol]") {
    struct Row {
        const char* name;
        const char* body;
        const char* at;
        const char* want;
        const char* losses = "";
    };
    const Row rows[] = {
        {"a text", R"({"model":"m","prompt":"go on"})", "/messages",
         R"([{"role":"user","content":[{"type":"text","text":"go on"}]}])"},
        {"a list of one", R"({"model":"m","prompt":["go on"]})", "/messages/0/content/0/text",
         R"("go on")"},
        {"the protocol's own limit", R"({"model":"m","prompt":"x"})", "/max_tokens", "16"},
        {"the caller's limit", R"({"model":"m","prompt":"x","max_tokens":99})", "/max_tokens",
         "99"},
        {"where to stop", R"({"model":"m","prompt":"x","stop":"END","temperature":0.5})",
         "/stop_sequences", R"(["END"])"},
        {"what is lost is said",
         R"({"model":"m","prompt":"x","echo":true,"best_of":3,"logprobs":2,"n":1,"suffix":""})",
         "/max_tokens", "16", "dropped:echo, dropped:best_of, dropped:logprobs"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = completions_to_anthropic(row.body);
            INFO(made.body << made.error.message);
            CHECK(made.at(row.at) == row.want);
            CHECK(made.losses == row.losses);
        }
    }
}

TEST_CASE("protocol: a prompt that can't be said is refused", "[protocol]") {
    struct Row {
        const char* name;
        const char* body;
        const char* param;
        const char* message;
    };
    const Row rows[] = {
        {"several", R"({"prompt":["a","b"]})", "prompt",
         "prompt must hold one text: this model gives one answer"},
        {"tokens", R"({"prompt":[1,2]})", "prompt",
         "prompt must be a text: this model has another vocabulary"},
        {"nothing", R"({"prompt":[]})", "prompt", "prompt must hold one text"},
        {"a text behind the answer", R"({"prompt":"a","suffix":"b"})", "suffix",
         "suffix can't be said to this model: it writes on from the prompt"},
        {"several answers", R"({"prompt":"a","n":2})", "n",
         "n must be 1: this model gives one answer to a request"},
    };
    for (const Row& row : rows) {
        DYNAMIC_SECTION(row.name) {
            const Converted made = completions_to_anthropic(row.body);
            CHECK(made.error.param == row.param);
            CHECK(made.error.message == row.message);
        }
    }
}

TEST_CASE("protocol: a completion is the answer's text", "[protocol]") {
    ChatReply reply{.id = "msg_1", .stop = {.reason = StopReason::MaxTokens}};
    reply.parts = {{.value = ThinkingPart{.text = "hm"}},
                   {.value = TextPart{"Hel"}},
                   {.value = TextPart{"lo"}}};
    reply.usage = Usage{.input_tokens = 3, .output_tokens = 2};
    CHECK(
        write_completion(reply, plan_of_caller()) ==
        R"({"id":"cmpl-msg_1","object":"text_completion","created":1700000000,"model":"m","choices":[{"text":"Hello","index":0,"logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0}}})");
}

TEST_CASE("protocol: a completion streams its text", "[protocol]") {
    const std::string head =
        R"(data: {"id":"cmpl-msg_1","object":"text_completion","created":1700000000,"model":"m","choices":[)";
    const auto chunk = [&](const char* text, const char* finish, const char* usage) {
        return head + R"({"text":")" + text + R"(","index":0,"logprobs":null,"finish_reason":)" +
               finish + "}]" + usage + "}\n\n";
    };
    const Stop stop{.reason = StopReason::EndTurn};
    CHECK(streamed(plan_of_caller(), stop) == chunk("Hel", "null", "") + chunk("lo", "null", "") +
                                                  chunk("", "\"stop\"", "") + "data: [DONE]\n\n");
    const char* const null = R"(,"usage":null)";
    CHECK(
        streamed(plan_of_caller(true), stop) ==
        chunk("Hel", "null", null) + chunk("lo", "null", null) + chunk("", "\"stop\"", null) +
            head +
            R"(],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":0}}})"
            "\n\ndata: [DONE]\n\n");
}

TEST_CASE("protocol: a completion that fails ends in an error", "[protocol]") {
    const AnswerPlan plan = plan_of_caller();
    const auto writer = make_completion_stream_writer(plan);
    const Error error{ErrorCode::UpstreamInvalid, "upstream stream ended early"};
    writer->take({.kind = ChatEventKind::Failed, .error = &error});
    CHECK(writer->is_over());
    CHECK(
        writer->take_output() ==
        R"(data: {"error":{"message":"upstream stream ended early","type":"api_response_error","param":null,"code":"response_error"}})"
        "\n\n");
}
