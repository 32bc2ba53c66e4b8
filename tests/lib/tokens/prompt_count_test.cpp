#include "tokens/prompt_count.h"

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "base/text.h"
#include "protocol/data_url.h"
#include "tests/lib/tokens/agreement.h"

using namespace aigw;
using namespace aigw::tokens;

namespace {

PromptCount count(std::string_view model, const Prompt& prompt, const CountOptions& options = {}) {
    const ModelCounter counter = ModelCounters().find(model);
    Counter own(built_vocabulary(counter.encoding));
    return count_prompt(prompt, counter, own, options);
}

PromptCount count(std::string_view model, std::string_view body,
                  Protocol protocol = Protocol::OpenAi, Operation operation = Operation::Chat,
                  const CountOptions& options = {}) {
    const auto prompt = read_prompt(body, protocol, operation);
    REQUIRE(prompt);
    return count(model, *prompt, options);
}

PromptCount count_anthropic(std::string_view model, std::string_view body) {
    return count(model, body, Protocol::Anthropic);
}

std::int64_t text_tokens(std::string_view model, std::string_view text) {
    const ModelCounter counter = ModelCounters().find(model);
    Counter own(built_vocabulary(counter.encoding));
    return count_text(text, counter, own).tokens;
}

// One message of the user's.
std::string asks(std::string_view text, std::string_view more = {}) {
    return R"({"messages":[{"role":"user","content":)" + json_string(text) + "}]" +
           std::string(more) + "}";
}

// From the Cookbook's notebook, which gives the API's own counts.
constexpr std::string_view kJargon = R"({"messages":[
  {"role":"system","content":"You are a helpful, pattern-following assistant that translates corporate jargon into plain English."},
  {"role":"system","name":"example_user","content":"New synergies will help drive top-line growth."},
  {"role":"system","name":"example_assistant","content":"Things working well together will increase revenue."},
  {"role":"system","name":"example_user","content":"Let's circle back when we have more bandwidth to touch base on opportunities for increased leverage."},
  {"role":"system","name":"example_assistant","content":"Let's talk later when we're less busy about how to do better."},
  {"role":"user","content":"This late pivot means we don't have time to boil the ocean for the client deliverable."}]})";

constexpr std::string_view kWeather = R"({"messages":[
  {"role":"system","content":"You are a helpful assistant that can answer to questions about the weather."},
  {"role":"user","content":"What's the weather like in San Francisco?"}],
 "tools":[{"type":"function","function":{"name":"get_current_weather",
   "description":"Get the current weather in a given location",
   "parameters":{"type":"object","properties":{
     "location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},
     "unit":{"type":"string","description":"The unit of temperature to return","enum":["celsius","fahrenheit"]}},
    "required":["location"]}}}]})";

constexpr std::string_view kTool =
    R"(,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}])";

// 800 by 600 pixels.
std::string picture(std::size_t more = 0) {
    using namespace std::string_literals;
    return protocol::encode_base64(
        "\x89PNG\r\n\x1A\n\0\0\0\rIHDR\0\0\x03\x20\0\0\x02\x58\x08\x02\0\0\0"s +
        std::string(more, 'A'));
}

std::string with_picture(std::string_view url, std::string_view detail = {}) {
    std::string image = R"({"url":")" + std::string(url) + "\"";
    if (!detail.empty()) image += R"(,"detail":")" + std::string(detail) + "\"";
    return R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"},)"
           R"({"type":"image_url","image_url":)" +
           image + "}}]}]}";
}

}  // namespace

// ---- OpenAI ------------------------------------------------------------------------------------

TEST_CASE("tokens: OpenAI's own examples are counted to the token", "[prompts]") {
    CHECK(count("gpt-4o", kJargon).tokens == 124);
    CHECK(count("gpt-4", kJargon).tokens == 129);
    CHECK(count("gpt-3.5-turbo", kJargon).tokens == 129);
    CHECK(count("gpt-4o", kWeather).tokens == 101);
    CHECK(count("gpt-4", kWeather).tokens == 105);
}

TEST_CASE("tokens: a chat of texts is exact where the template is documented", "[prompts]") {
    const PromptCount hi = count("gpt-4o", asks("hi"));
    CHECK(hi.tokens == 8);
    CHECK(hi.is_exact);
    CHECK(hi.margin_percent == 0);
    CHECK(hi.counter == "o200k_base");
    CHECK(hi.parts == PromptParts{.messages = 1, .overhead = 7});
    const PromptCount younger = count("gpt-5", asks("hi"));
    CHECK(younger.tokens == 8);
    CHECK_FALSE(younger.is_exact);
    CHECK(younger.margin_percent == 3);
    CHECK_FALSE(count("gpt-4o", kWeather).is_exact);
}

TEST_CASE("tokens: the parts of a count add up to it", "[prompts]") {
    for (const char* model : {"gpt-4o", "qwen3-8b", "qwen2.5-7b-instruct", "claude-sonnet-4-5",
                              "gemini-2.5-pro", "deepseek-chat", "MiniMax-M2"}) {
        const PromptCount weather = count(model, kWeather);
        CHECK(weather.parts.sum() == weather.tokens);
        CHECK(weather.parts.system > 10);
        CHECK(weather.parts.messages > 5);
        CHECK(weather.parts.tools > 30);
        CHECK(weather.parts.media == 0);
    }
}

TEST_CASE("tokens: what OpenAI's callers can add has a price", "[prompts]") {
    struct Case {
        const char* name;
        std::string body;
        std::int64_t want;
    };
    const Case cases[] = {
        {"an author's name", R"({"messages":[{"role":"user","name":"Tom","content":"hi"}]})", 10},
        {"two texts in one message",
         R"({"messages":[{"role":"user","content":[{"type":"text","text":"hi"},{"type":"text","text":"hi"}]}]})",
         9},
        {"a call and its result",
         R"({"messages":[{"role":"user","content":"hi"},
             {"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
             {"role":"tool","tool_call_id":"1","content":"hi"}]})",
         8 + 4 + 1 + 1 + 3 + 4 + 1},
        // 7 + count("f:") + 12
        {"a tool without parameters", asks("hi", kTool), 8 + 7 + 2 + 12},
        {"a forced tool",
         asks("hi",
              std::string(kTool) + R"(,"tool_choice":{"type":"function","function":{"name":"f"}})"),
         8 + 7 + 2 + 12 + 1 + 4},
        {"thoughts of before are not sent",
         R"({"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"hi","reasoning_content":"long thoughts"}]})",
         8 + 5},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            CHECK(count("gpt-4o", c.body).tokens == c.want);
        }
    }
}

TEST_CASE("tokens: nested properties count like properties", "[prompts]") {
    const auto with = [](std::string_view parameters) {
        return count("gpt-4o",
                     asks("hi",
                          R"(,"tools":[{"type":"function","function":{"name":"f","parameters":)" +
                              std::string(parameters) + "}}]"))
            .parts.tools;
    };
    const auto flat = with(R"({"properties":{"a":{"type":"object"}}})");
    const auto nested =
        with(R"({"properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}})");
    CHECK(nested == flat + 3 + text_tokens("gpt-4o", "b:string:"));
    const auto listed = with(
        R"({"properties":{"a":{"type":"object","items":{"properties":{"b":{"type":"string"}}}}}})");
    CHECK(listed == nested);
}

TEST_CASE("tokens: a schema of the answer is counted, compact, as an estimate", "[prompts]") {
    const PromptCount plain = count(
        "gpt-4o",
        asks(
            "hi",
            R"(,"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type": "object"}}})"));
    CHECK(plain.parts.format == text_tokens("gpt-4o", R"({"type":"object"})"));
    CHECK_FALSE(plain.is_exact);
    CHECK(count("gpt-4o", asks("hi", R"(,"response_format":{"type":"json_object"})")).is_exact);
}

// ---- Qwen --------------------------------------------------------------------------------------

TEST_CASE("tokens: Qwen's prompts are rendered to the token", "[prompts]") {
    constexpr std::string_view kCall =
        R"({"messages":[{"role":"user","content":"hi"},
            {"role":"assistant","content":"","tool_calls":[{"id":"1","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"1","content":"hi"},{"role":"tool","tool_call_id":"2","content":"hi"}]})";
    struct Case {
        const char* name;
        const char* model;
        std::string body;
        std::int64_t want;
    };
    const Case cases[] = {
        {"Qwen3", "Qwen3-8B", asks("hi"), 9},
        {"thinking is on", "Qwen3-8B", asks("hi", R"(,"enable_thinking":true)"), 9},
        {"thinking is off", "Qwen3-8B", asks("hi", R"(,"enable_thinking":false)"), 13},
        {"thinking is off, as vLLM has it", "Qwen3-8B",
         asks("hi", R"(,"chat_template_kwargs":{"enable_thinking":false})"), 13},
        {"Qwen2.5 brings a system message", "Qwen2.5-72B-Instruct", asks("hi"), 30},
        {"Qwen2.5 with one of the caller's", "Qwen2.5-72B-Instruct",
         R"({"messages":[{"role":"system","content":"hi"},{"role":"user","content":"hi"}]})", 15},
        {"Qwen2 brings a shorter one", "Qwen2-7B-Instruct", asks("hi"), 9 + 11},
        {"an empty message", "Qwen3-8B", asks(""), 8},
        {"line ends merge with the one behind the role", "Qwen3-8B", asks("\n\nhi"), 9},
        {"the answer begins with a thought", "QWQ-32B", asks("hi"), 11},
        // user 6; assistant 5 + 2 marks + the call's text; two results in one turn; answer 3
        {"calls and results", "Qwen3-8B", std::string(kCall), 0},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            if (c.want != 0) {
                CHECK(count(c.model, c.body).tokens == c.want);
                CHECK(count(c.model, c.body).is_exact);
                return;
            }
            const std::int64_t call =
                text_tokens("Qwen3-8B", "\n{\"name\": \"f\", \"arguments\": {}}\n");
            CHECK(count(c.model, c.body).tokens == 6 + (5 + 2 + call) + (5 + 2 * 5 + 1) + 3);
        }
    }
}

TEST_CASE("tokens: Qwen's fixed text for tools costs 82, in 2.5 77 beside its system message",
          "[prompts]") {
    const std::int64_t tool =
        text_tokens("Qwen3-8B",
                    "\n{\"type\": \"function\", \"function\": {\"name\": \"f\", \"parameters\": "
                    "{\"type\": \"object\", \"properties\": {}}}}\n");
    const PromptCount three = count("Qwen3-8B", asks("hi", kTool));
    CHECK(three.tokens == 9 + 82 + tool - 1);  // the line end behind the tools is in both
    CHECK_FALSE(three.is_exact);
    CHECK(count("Qwen2.5-7B-Instruct", asks("hi", kTool)).tokens == 30 + 77 + tool - 1);
}

TEST_CASE("tokens: Qwen3 sees thoughts again only since the last question", "[prompts]") {
    const auto chat = [](std::string_view messages) {
        return count("Qwen3-8B", R"({"messages":[)" + std::string(messages) + "]}").tokens;
    };
    const std::string question = R"({"role":"user","content":"hi"})";
    const std::string thought = R"({"role":"assistant","content":"<think>\nwell\n</think>\n\nhi"})";
    const std::string apart = R"({"role":"assistant","content":"hi","reasoning_content":"well"})";
    CHECK(chat(question + "," + thought + "," + question) == 6 + 6 + 6 + 3);
    CHECK(chat(question + "," + apart + "," + question) == 6 + 6 + 6 + 3);
    // Then they stand between two marks: LF well LF, and two LF that are one token.
    CHECK(chat(question + "," + apart) == 6 + 6 + 2 + 3 + 1 + 3);
    CHECK(chat(question + "," + thought) == chat(question + "," + apart));
}

// ---- Others ------------------------------------------------------------------------------------

TEST_CASE("tokens: other vendors' envelopes stand around the factors", "[prompts]") {
    struct Case {
        const char* model;
        std::int64_t overhead;
    };
    constexpr Case kCases[] = {{"claude-sonnet-4-5", 6 + 3 + 3}, {"gemini-2.5-pro", 0},
                               {"deepseek-chat", 1 + 2 + 1},     {"doubao-seed-1.6", 3 + 3 * 4},
                               {"MiniMax-M2", 3 + 3 * 4},        {"nobody-knows", 3 + 3 * 4}};
    constexpr std::string_view kBody =
        R"({"messages":[{"role":"system","content":"hi"},{"role":"user","content":"hi"},{"role":"assistant","content":"hi"}]})";
    for (const Case& c : kCases) {
        DYNAMIC_SECTION(c.model) {
            const PromptCount found = count(c.model, kBody);
            CHECK(found.parts.overhead == c.overhead);
            CHECK_FALSE(found.is_exact);
        }
    }
}

TEST_CASE("tokens: a factor is that of the text's script", "[prompts]") {
    const std::string english = "The quick brown fox jumps over the lazy dog. ";
    std::string text;
    for (int i = 0; i < 100; ++i) text += english;
    const auto plain = static_cast<double>(text_tokens("gpt-4o", text));
    CHECK(text_tokens("claude-sonnet-4-5", text) == std::llround(plain * 1.2));
    CHECK(text_tokens("claude-opus-4-8", text) == std::llround(plain * 1.56));
    CHECK(text_tokens("gemini-2.5-pro", text) == std::llround(plain * 1.08));
    CHECK(text_tokens("kimi-k2", text) == std::llround(plain));
    CHECK(text_tokens("doubao-pro-32k", "天空为什么这么蓝") == 4);
    CHECK(text_tokens("gpt-4", "天空为什么这么蓝") == 11);
    CHECK(text_tokens("claude-sonnet-4-5", "天空为什么这么蓝") == 5);  // 4 x 1.35
}

TEST_CASE("tokens: margins follow the scripts that were measured", "[prompts]") {
    const auto margin = [](std::string_view model, std::string_view text) {
        return count(model, asks(std::string(200, ' ') + std::string(text))).margin_percent;
    };
    std::string latin;
    std::string korean;
    for (int i = 0; i < 300; ++i) {
        latin += "word ";
        korean += "한국어 ";
    }
    CHECK(margin("claude-sonnet-4-5", latin) == 10);
    CHECK(margin("claude-sonnet-4-5", korean) > 20);
    CHECK(margin("claude-sonnet-5", latin) == 30);
    CHECK(margin("deepseek-chat", korean) == 10);
    CHECK(margin("nobody-knows", latin) == 30);
}

TEST_CASE("tokens: tools of other vendors are JSON behind a prompt of the vendor's", "[prompts]") {
    constexpr std::string_view kBody =
        R"({"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":{"type":"object"}}])";
    const auto json = [](std::string_view model) {
        return text_tokens(model, R"({"name":"f","input_schema":{"type":"object"}})");
    };
    const PromptCount claude = count_anthropic("claude-sonnet-4-5", std::string(kBody) + "}");
    CHECK(claude.parts.tools == 346 + json("claude-sonnet-4-5"));
    const PromptCount forced = count_anthropic(
        "claude-sonnet-4-5", std::string(kBody) + R"(,"tool_choice":{"type":"any"}})");
    CHECK(forced.parts.tools == 313 + json("claude-sonnet-4-5"));
    const PromptCount deepseek = count_anthropic("deepseek-chat", std::string(kBody) + "}");
    CHECK(deepseek.parts.tools == 140 + json("deepseek-chat"));
}

// ---- Media -------------------------------------------------------------------------------------

TEST_CASE("tokens: pictures count by their size, never by their base64", "[prompts]") {
    const std::string url = "data:image/png;base64," + picture();
    const PromptCount large = count("gpt-4o", with_picture(url));
    CHECK(large.parts.media == 765);  // 800 x 600: two by two tiles
    CHECK(large.parts.messages == 1);
    CHECK(large.has_media);
    CHECK(count("gpt-4o", with_picture(url, "low")).parts.media == 85);
    CHECK(count("claude-sonnet-4-5", with_picture(url)).parts.media == 29 * 22);
    CHECK(count("qwen3-vl-plus", with_picture(url)).parts.media == 25 * 19 + 2);
    CHECK(count("gpt-4o", with_picture("https://example.com/a.png")).parts.media == 765);
    const std::string long_url = "data:image/png;base64," + picture(4'000'000);
    CHECK(count("gpt-4o", with_picture(long_url)) == large);
}

TEST_CASE("tokens: pictures in results of tools count too", "[prompts]") {
    const std::string body =
        R"({"messages":[{"role":"user","content":"hi"},
            {"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[
              {"type":"image","source":{"type":"base64","media_type":"image/png","data":")" +
        picture() + R"("}}]}]}]})";
    CHECK(count_anthropic("claude-sonnet-4-5", body).parts.media == 29 * 22);
    CHECK(count_anthropic("gpt-4o", body).parts.media == 765);
}

TEST_CASE("tokens: documents of text count as text, others by their pages", "[prompts]") {
    constexpr std::string_view kText =
        R"({"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text","media_type":"text/plain","data":"hi"}}]}]})";
    CHECK(count_anthropic("claude-sonnet-4-5", kText).parts.media == 0);
    CHECK(count_anthropic("claude-sonnet-4-5", kText).parts.messages == 1);
    const std::string pdf =
        R"({"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":")" +
        protocol::encode_base64(std::string(120'000, 'x')) + R"("}}]}]})";
    CHECK(count_anthropic("claude-sonnet-4-5", pdf).parts.media == 3 * 2250);
}

// ---- Bodies ------------------------------------------------------------------------------------

TEST_CASE("tokens: the three protocols' bodies of one chat count alike", "[prompts]") {
    const auto openai = count(
        "gpt-4o",
        R"({"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}]})");
    const auto anthropic = count_anthropic(
        "gpt-4o", R"({"system":"Be brief.","messages":[{"role":"user","content":"hi"}]})");
    const auto responses =
        count("gpt-4o", R"({"instructions":"Be brief.","input":"hi"})", Protocol::Responses);
    CHECK(openai == anthropic);
    CHECK(openai == responses);
    CHECK(openai.is_exact);
}

TEST_CASE("tokens: completions and embeddings count their inputs", "[prompts]") {
    struct Case {
        const char* name;
        Operation operation;
        const char* body;
        std::int64_t want;
    };
    constexpr Case kCases[] = {
        {"a text", Operation::Embeddings, R"({"input":"hi there"})", 2},
        {"several", Operation::Embeddings, R"({"input":["hi","hi there"]})", 3},
        {"tokens", Operation::Embeddings, R"({"input":[1,2,3]})", 3},
        {"lists of tokens", Operation::Embeddings, R"({"input":[[1,2,3],[4]]})", 4},
        {"a prompt", Operation::Completions, R"({"prompt":"hi there"})", 2},
        {"prompts", Operation::Completions, R"({"prompt":["hi","hi"]})", 2},
        {"a suffix", Operation::Completions, R"({"prompt":"hi","suffix":" there"})", 2},
    };
    for (const Case& c : kCases) {
        DYNAMIC_SECTION(c.name) {
            const auto found =
                count("text-embedding-3-small", c.body, Protocol::OpenAi, c.operation);
            CHECK(found.tokens == c.want);
            CHECK(found.is_exact);
        }
    }
}

TEST_CASE("tokens: what a reader refuses counts as its texts", "[prompts]") {
    const std::string body =
        R"({"messages":[{"role":"poet","content":[{"type":"rhyme","text":"hi there"},
            {"type":"image_url","image_url":{"url":"data:image/png;base64,)" +
        std::string(100'000, 'A') + R"("}},{"type":"sound","data":"AAAA"}]}]})";
    const PromptCount found = count("gpt-4o", body);
    CHECK(found.tokens == 2);
    CHECK_FALSE(found.is_exact);
    CHECK(found.margin_percent == 10);
    const auto vectors = count("text-embedding-3-small", R"({"input":[{"text":"hi there"}]})",
                               Protocol::OpenAi, Operation::Embeddings);
    CHECK(vectors.tokens == 2);
    CHECK_FALSE(vectors.is_exact);
    const auto broken = read_prompt("{\"messages\"", Protocol::OpenAi, Operation::Chat);
    CHECK_FALSE(broken);
    CHECK(count("gpt-4o", "{}", Protocol::OpenAi, Operation::Models).tokens == 0);
}

TEST_CASE("tokens: contents alone have no template", "[prompts]") {
    constexpr std::string_view kBody =
        R"({"model":"Qwen3-8B","temperature":3,"messages":[{"role":"system","content":"Be brief."},
            {"role":"user","content":"hi"},
            {"role":"assistant","content":null,"tool_calls":[{"function":{"name":"f","arguments":"{\"a\":1}"}}]}]})";
    const auto found =
        count("Qwen3-8B", kBody, Protocol::OpenAi, Operation::Chat, {.mode = CountMode::Contents});
    CHECK(found.tokens == text_tokens("Qwen3-8B", "Be brief.\nhi\nf\n{\"a\":1}"));
    CHECK(found.is_exact);
    CHECK(found.parts.overhead == 0);
}

// ---- Bounds ------------------------------------------------------------------------------------

TEST_CASE("tokens: beyond the bound texts are estimated, and the count says so", "[prompts]") {
    std::string text;
    while (text.size() < 3'000'000) text += "The quick brown fox jumps over the lazy dog. ";
    const PromptCount whole = count("gpt-4o", asks(text));
    CHECK(whole.is_exact);
    const auto sampled = count("gpt-4o", asks(text), Protocol::OpenAi, Operation::Chat,
                               {.max_exact_bytes = 1'000'000});
    CHECK(sampled.is_sampled);
    CHECK_FALSE(sampled.is_exact);
    CHECK(sampled.margin_percent == 10);
    CHECK(static_cast<double>(sampled.tokens) ==
          Approx(static_cast<double>(whole.tokens)).epsilon(0.02));
}

TEST_CASE("tokens: many short texts beyond the bound cost no counting", "[prompts]") {
    Prompt prompt;
    for (int i = 0; i < 1000; ++i) prompt.texts.emplace_back("The quick brown fox. ");
    const PromptCount whole = count("gpt-4o", prompt);
    const PromptCount bounded = count("gpt-4o", prompt, {.max_exact_bytes = 1000});
    CHECK(bounded.tokens == whole.tokens);
    CHECK(bounded.is_sampled);
    const PromptCount blind = count("gpt-4o", prompt, {.max_exact_bytes = 0});
    CHECK(blind.tokens == std::llround(21'000 / 3.6));
}

TEST_CASE("tokens: a limit is refused only by more than the margin", "[prompts]") {
    const PromptCount exact{.tokens = 100, .is_exact = true};
    CHECK_FALSE(exact.surely_exceeds(100));
    CHECK(exact.surely_exceeds(99));
    CHECK(exact.with_margin() == 100);
    const PromptCount rough{.tokens = 110, .margin_percent = 10};
    CHECK_FALSE(rough.surely_exceeds(100));
    CHECK(rough.surely_exceeds(99));
    CHECK(rough.with_margin() == 121);
    CHECK(PromptCount{.tokens = 1, .margin_percent = 3}.with_margin() == 2);
}
