#include "tests/sidecar/simulated/anthropic_support.h"

using namespace aigw;
using namespace aigw::simulated;
using namespace aigw::simulated::testing;

namespace {

// A request and the message with which it is refused; the status is 400.
struct Case {
    const char* name;
    std::string body;
    std::string message;
};

void check_refused(const Plan& plan, int status, const std::string& type,
                   const std::string& message) {
    CHECK(plan.status == status);
    CHECK(plan.headers.find("content-type") == "application/json");
    const json body = body_of(plan);
    CHECK(body.at("type") == "error");
    CHECK(body.at("error") == json({{"type", type}, {"message", message}}));
    CHECK(body.at("request_id").get<std::string>().starts_with("req_"));
    CHECK(plan.headers.find("request-id") == body.at("request_id").get<std::string>());
}

void check_all(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            check_refused(ask_claude(c.body), 400, "invalid_request_error", c.message);
        }
    }
}

std::string sim(const std::string& rest, const std::string& messages = kClaudeHi) {
    return claude_body("sim-claude", rest, messages);
}

// One user message with these blocks.
std::string blocks(const std::string& list) {
    return R"([{"role":"user","content":[)" + list + "]}]";
}

// A call of get_weather by the assistant, and the user's answer to it.
std::string after_call(const std::string& call, const std::string& answer) {
    return R"([{"role":"user","content":"Weather?"},{"role":"assistant","content":[)" + call +
           R"(]},{"role":"user","content":[)" + answer + "]}]";
}

const char* const kCall =
    R"({"type":"tool_use","id":"toolu_1","name":"get_weather","input":{"city":"Oslo"}})";
const char* const kResult = R"({"type":"tool_result","tool_use_id":"toolu_1","content":"rain"})";
const char* const kText = R"({"type":"text","text":"and?"})";

std::string joined(const std::string& a, const std::string& b) {
    return a + "," + b;
}

// A tool with this schema and these other members.
std::string tool(const std::string& schema, const std::string& rest = "") {
    return R"(,"tools":[{"name":"f","input_schema":)" + schema + rest + "}]";
}

std::string format(const std::string& schema) {
    return R"(,"output_config":{"format":{"type":"json_schema","schema":)" + schema + "}}";
}

const char* const kObject = R"({"type":"object"})";

}  // namespace

TEST_CASE("simulated: Anthropic refuses fields in its own words", "[simulated]") {
    check_all({
        {"no model", R"({"messages":[],"max_tokens":1})", "model: Field required"},
        {"no messages", R"({"model":"sim-claude","max_tokens":1})", "messages: Field required"},
        {"no max_tokens", R"({"model":"sim-claude","messages":[]})", "max_tokens: Field required"},
        {"model of a wrong type", R"({"model":1,"messages":[],"max_tokens":1})",
         "model: Input should be a valid string"},
        {"max_tokens of a wrong type", R"({"model":"sim-claude","messages":[],"max_tokens":"1"})",
         "max_tokens: Input should be a valid integer"},
        {"negative max_tokens", R"({"model":"sim-claude","messages":[],"max_tokens":-1})",
         "max_tokens: Input should be greater than or equal to 0"},
        {"messages of a wrong type", R"({"model":"sim-claude","messages":"x","max_tokens":1})",
         "messages: Input should be a valid list"},
        {"stream of a wrong type", sim(R"(,"stream":1)"),
         "stream: Input should be a valid boolean"},
        {"unknown field", sim(R"(,"frobnicate":1)"), "frobnicate: Extra inputs are not permitted"},
        {"a field of another vendor", sim(R"(,"max_completion_tokens":1)"),
         "max_completion_tokens: Extra inputs are not permitted"},
        {"an assistant's stop", sim(R"(,"stop":"x")"), "stop: Extra inputs are not permitted"},
        {"a beta field without its beta", sim(R"(,"context_management":{})"),
         "context_management: Extra inputs are not permitted"},
        {"max_tokens beyond the model", claude_body("claude-opus-4-1", R"(,"max_tokens":32001)"),
         "max_tokens: 32001 > 32000, which is the maximum allowed number of output tokens for "
         "claude-opus-4-1"},
        {"temperature too high", sim(R"(,"temperature":1.5)"),
         "temperature: Input should be less than or equal to 1"},
        {"temperature too low", sim(R"(,"temperature":-1)"),
         "temperature: Input should be greater than or equal to 0"},
        {"temperature and top_p",
         claude_body("claude-sonnet-4-5", R"(,"temperature":0.5,"top_p":0.5)"),
         "`temperature` and `top_p` cannot both be specified for this model. Please use only one."},
        {"temperature of the newest", claude_body("claude-opus-4-7", R"(,"temperature":0.5)"),
         "`temperature` is deprecated for this model."},
        {"top_p of the newest", claude_body("claude-sonnet-5-5", R"(,"top_p":0.9)"),
         "`top_p` is deprecated for this model."},
        {"top_k of the newest", claude_body("claude-opus-5", R"(,"top_k":1)"),
         "`top_k` is deprecated for this model."},
        {"blank stop sequence", sim(R"(,"stop_sequences":["a","\n "])"),
         "stop_sequences: each stop sequence must contain non-whitespace"},
        {"null stop sequence", sim(R"(,"stop_sequences":[null])"),
         "stop_sequences.0: Input should be a valid string"},
        {"stop sequences as a string", sim(R"(,"stop_sequences":"a")"),
         "stop_sequences: Input should be a valid list"},
        {"an e-mail address", sim(R"(,"metadata":{"user_id":"a.b@example.com"})"),
         "metadata.user_id: user_id appears to contain an email address"},
        {"a phone number", sim(R"(,"metadata":{"user_id":"+47 22 33 44 55"})"),
         "metadata.user_id: user_id appears to contain a phone number"},
        {"a long user", sim(R"(,"metadata":{"user_id":")" + std::string(257, 'x') + "\"}"),
         "metadata.user_id: String should have at most 256 characters"},
        {"other metadata", sim(R"(,"metadata":{"team":"a"})"),
         "metadata.team: Extra inputs are not permitted"},
        {"service tier", sim(R"(,"service_tier":"default")"),
         "service_tier: Input should be 'auto' or 'standard_only'"},
        {"too long a prompt",
         claude_body("sim-claude-narrow", "", claude_user(std::string(8 * 600, 'x'))),
         "prompt is too long: 603 tokens > 512 maximum"},
    });
    SECTION("a model that there is none of") {
        check_refused(ask_claude(claude_body("claude-gone")), 404, "not_found_error",
                      "model: claude-gone");
    }
}

TEST_CASE("simulated: Anthropic refuses what version 2026-10-21 has dropped", "[simulated]") {
    const char* const document =
        R"({"type":"document","source":{"type":"url","url":"https://example.com/a.pdf"}})";
    const std::vector<Case> cases = {
        {"temperature at its default", sim(R"(,"temperature":1)"),
         "temperature: Extra inputs are not permitted"},
        {"top_p", sim(R"(,"top_p":0.9)"), "top_p: Extra inputs are not permitted"},
        {"top_k", sim(R"(,"top_k":5)"), "top_k: Extra inputs are not permitted"},
        {"a document from the assistant",
         sim("", std::string(R"([{"role":"user","content":"a"},{"role":"assistant","content":[)") +
                     document + R"(,{"type":"text","text":"b"}]},{"role":"user","content":"c"}])"),
         "messages.1: `document` blocks can only be in `user` messages"},
        {"citations of the user",
         sim("", blocks(R"({"type":"text","text":"a","citations":[{"type":"page_location"}]})")),
         "messages.0.content.0.text.citations: Extra inputs are not permitted"},
    };
    for (const Case& c : cases) {
        DYNAMIC_SECTION(c.name) {
            http::Request request = claude_post("/anthropic/v1/messages", c.body);
            CHECK(ask_claude(request).status == 200);
            request.headers.set("anthropic-version", "2026-10-21");
            check_refused(ask_claude(request), 400, "invalid_request_error", c.message);
        }
    }
}

TEST_CASE("simulated: Anthropic refuses contents in its own words", "[simulated]") {
    const char* const tags =
        "'bash_code_execution_tool_result', 'code_execution_tool_result', 'container_upload', "
        "'document', 'image', 'redacted_thinking', 'search_result', 'server_tool_use', 'text', "
        "'text_editor_code_execution_tool_result', 'thinking', 'tool_result', "
        "'tool_search_tool_result', 'tool_use', 'web_fetch_tool_result', 'web_search_tool_result'";
    check_all({
        {"no messages at all", sim("", "[]"), "messages: at least one message is required"},
        {"no role", sim("", R"([{"content":"a"}])"), "messages.0.role: Field required"},
        {"no content", sim("", R"([{"role":"user"}])"), "messages.0.content: Field required"},
        {"null content", sim("", R"([{"role":"user","content":null}])"),
         "messages.0.content: Field required"},
        {"content of a wrong type", sim("", R"([{"role":"user","content":{}}])"),
         "messages.0.content: Input should be a valid list"},
        {"role tool", sim("", R"([{"role":"tool","content":"a"}])"),
         R"(messages: Unexpected role "tool". Allowed roles are "user" or "assistant".)"},
        {"role system of an older model",
         claude_body("claude-sonnet-4-5", "", R"([{"role":"system","content":"a"}])"),
         "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` "
         "parameter, not \"system\" as an input message role."},
        {"a member of another vendor", sim("", R"([{"role":"user","content":"a","name":"b"}])"),
         "messages.0.name: Extra inputs are not permitted"},
        {"empty string", sim("", R"([{"role":"user","content":""}])"),
         "messages.0: all messages must have non-empty content except for the optional final "
         "assistant message"},
        {"empty list", sim("", R"([{"role":"user","content":[]}])"),
         "messages.0: all messages must have non-empty content except for the optional final "
         "assistant message"},
        {"blank string", sim("", R"([{"role":"user","content":" \n"}])"),
         "messages: text content blocks must contain non-whitespace text"},
        {"empty text", sim("", blocks(R"({"type":"text","text":""})")),
         "messages: text content blocks must be non-empty"},
        {"blank text", sim("", blocks(R"({"type":"text","text":" "})")),
         "messages: text content blocks must contain non-whitespace text"},
        {"empty text with a mark",
         sim("", blocks(R"({"type":"text","text":"","cache_control":{"type":"ephemeral"}})")),
         "messages.0.content.0.text: cache_control cannot be set for empty text blocks"},
        {"empty system", sim(R"(,"system":[{"type":"text","text":""}])"),
         "system: text content blocks must be non-empty"},
        {"system of a wrong type", sim(R"(,"system":1)"), "system: Input should be a valid list"},
        {"image in the system", sim(R"(,"system":[{"type":"image"}])"),
         "system.0: Input tag 'image' found using 'type' does not match any of the expected tags: "
         "'text'"},
        {"unknown block", sim("", blocks(R"({"type":"image_url","image_url":{"url":"x"}})")),
         std::string("messages.0.content.0: Input tag 'image_url' found using 'type' does not "
                     "match any of the expected tags: ") +
             tags},
        {"block without a type", sim("", blocks(R"({"text":"a"})")),
         "messages.0.content.0.type: Field required"},
        {"block that is none", sim("", blocks("1")),
         "messages.0.content.0: Input should be a valid dictionary"},
        {"text without text", sim("", blocks(R"({"type":"text"})")),
         "messages.0.content.0.text.text: Field required"},
        {"unknown member of a block", sim("", blocks(R"({"type":"text","text":"a","x":1})")),
         "messages.0.content.0.text.x: Extra inputs are not permitted"},
        {"a call by the user", sim(with_claude_tools(), blocks(kCall)),
         "messages.0: `tool_use` blocks can only be in `assistant` messages"},
        {"a thought by the user",
         sim("", blocks(R"({"type":"thinking","thinking":"a","signature":"b"})")),
         "messages.0: `thinking` blocks can only be in `assistant` messages"},
        {"a result by the assistant", sim(with_claude_tools(), after_call(kResult, kText)),
         "messages.1: `tool_result` blocks can only be in `user` messages"},
        {"an image by the assistant",
         sim("", after_call(R"({"type":"image","source":{"type":"url","url":"https://a.b/c"}})",
                            kText)),
         "messages.1: `image` blocks can only be in `user` messages"},
        {"image of another kind",
         sim("", blocks(R"({"type":"image","source":{"type":"base64","media_type":"image/jpg",)"
                        R"("data":"/9j/4AAQ"}})")),
         "messages.0.content.0.image.source.base64.media_type: Input should be 'image/jpeg', "
         "'image/png', 'image/gif' or 'image/webp'"},
        {"image under a wrong name",
         sim("", blocks(R"({"type":"image","source":{"type":"base64","media_type":"image/png",)"
                        R"("data":"/9j/4AAQ"}})")),
         "messages.0.content.0.image.source.base64.data: The image was specified using the "
         "image/png media type, but the image appears to be a image/jpeg image"},
        {"image with line ends",
         sim("", blocks(R"({"type":"image","source":{"type":"base64","media_type":"image/png",)"
                        R"("data":"iVBO\nRw0="}})")),
         "messages.0.content.0.image.source.base64.data: Invalid base64 data"},
        {"image without data",
         sim("", blocks(R"({"type":"image","source":{"type":"base64","media_type":"image/png"}})")),
         "messages.0.content.0.image.source.base64.data: Field required"},
        {"image by a data URL",
         sim("", blocks(R"({"type":"image","source":{"type":"url","url":"data:image/png,x"}})")),
         "messages.0.content.0.image.source.url.url: Input should be a valid URL"},
        {"source of another kind",
         sim("", blocks(R"({"type":"image","source":{"type":"text","data":"x"}})")),
         "messages.0.content.0.image.source: Input tag 'text' found using 'type' does not match "
         "any of the expected tags: 'base64', 'url', 'file'"},
        {"document of another kind",
         sim("", blocks(R"({"type":"document","source":{"type":"base64","media_type":)"
                        R"("application/msword","data":"AAAA"}})")),
         "messages.0.content.0.document.source.base64.media_type: Input should be "
         "'application/pdf'"},
        {"document without text",
         sim("", blocks(R"({"type":"document","source":{"type":"text","media_type":"text/plain",)"
                        R"("data":"x"}})")),
         "messages.0: a message with `document` blocks must also contain a `text` block"},
        {"blank text in a result",
         sim(with_claude_tools(),
             after_call(kCall, R"({"type":"tool_result","tool_use_id":"toolu_1","content":)"
                               R"([{"type":"text","text":""}]})")),
         "messages: text content blocks must be non-empty"},
        {"a mark within a result",
         sim(with_claude_tools(),
             after_call(kCall,
                        R"({"type":"tool_result","tool_use_id":"toolu_1","content":)"
                        R"([{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]})")),
         "messages.2.content.0.tool_result.content.0.text.cache_control: Extra inputs are not "
         "permitted"},
        {"an image in a failed result",
         sim(with_claude_tools(),
             after_call(kCall, R"({"type":"tool_result","tool_use_id":"toolu_1","is_error":true,)"
                               R"("content":[{"type":"image","source":{"type":"url","url":)"
                               R"("https://a.b/c"}}]})")),
         "messages.2.content.0.tool_result: all content must be type `text` if `is_error` is true"},
        {"content of a result as an object",
         sim(with_claude_tools(),
             after_call(kCall, R"({"type":"tool_result","tool_use_id":"toolu_1","content":{}})")),
         "messages.2.content.0.tool_result.content: Input should be a valid list"},
        {"unknown kind of mark",
         sim("", blocks(R"({"type":"text","text":"a","cache_control":{"type":"forever"}})")),
         "messages.0.content.0.text.cache_control.type: Input should be 'ephemeral'"},
        {"unknown life of a mark",
         sim("", blocks(R"({"type":"text","text":"a","cache_control":)"
                        R"({"type":"ephemeral","ttl":"2h"}})")),
         "messages.0.content.0.text.cache_control.ttl: Input should be '5m' or '1h'"},
    });
}

TEST_CASE("simulated: Anthropic refuses a broken order in its own words", "[simulated]") {
    const std::string mark = R"(,"cache_control":{"type":"ephemeral"}})";
    const std::string marked = R"({"type":"text","text":"a")" + mark;
    const std::string long_marked =
        R"({"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}})";
    const char* const missing =
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: "
        "toolu_1. Each `tool_use` block must have a corresponding `tool_result` block in the next "
        "message.";
    check_all({
        {"assistant first", sim("", R"([{"role":"assistant","content":"a"}])"),
         "messages: first message must use the \"user\" role"},
        {"late system before the user",
         sim("", R"([{"role":"user","content":"a"},{"role":"system","content":"b"},)"
                 R"({"role":"user","content":"c"}])"),
         "messages.1: a `system` message must be the last one or directly precede an `assistant` "
         "message"},
        {"trailing whitespace of a prefill",
         sim("", R"([{"role":"user","content":"a"},{"role":"assistant","content":"b "}])"),
         "messages: final assistant content cannot end with trailing whitespace"},
        {"prefill of the newest",
         claude_body("claude-opus-4-6", "",
                     R"([{"role":"user","content":"a"},{"role":"assistant","content":"b"}])"),
         "This model does not support assistant message prefill. The conversation must end with a "
         "user message."},
        {"calls without tools", sim("", after_call(kCall, kResult)),
         "Requests which include `tool_use` or `tool_result` blocks must define tools."},
        {"call without a result", sim(with_claude_tools(), after_call(kCall, kText)), missing},
        {"result after text", sim(with_claude_tools(), after_call(kCall, joined(kText, kResult))),
         missing},
        {"call at the end",
         sim(with_claude_tools(),
             std::string(R"([{"role":"user","content":"a"},{"role":"assistant","content":[)") +
                 kCall + "]}]"),
         missing},
        {"a system message between call and result",
         sim(with_claude_tools(),
             std::string(R"([{"role":"user","content":"a"},{"role":"assistant","content":[)") +
                 kCall + R"(]},{"role":"system","content":"b"}])"),
         missing},
        {"one of two results",
         sim(with_claude_tools(),
             after_call(
                 joined(kCall,
                        R"({"type":"tool_use","id":"toolu_2","name":"get_time","input":{}})"),
                 R"({"type":"tool_result","tool_use_id":"toolu_2"})")),
         missing},
        {"result without a call", sim(with_claude_tools(), after_call(kText, kResult)),
         "messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: toolu_1. "
         "Each `tool_result` block must have a corresponding `tool_use` block in the previous "
         "message."},
        {"two results of one call",
         sim(with_claude_tools(), after_call(kCall, joined(kResult, kResult))),
         "messages.2.content.1: each tool_use must have a single result. Found multiple "
         "`tool_result` blocks with id: toolu_1"},
        {"two calls of one id", sim(with_claude_tools(), after_call(joined(kCall, kCall), kResult)),
         "messages.1.content.1: `tool_use` ids must be unique"},
        {"id of a call",
         sim(with_claude_tools(),
             after_call(R"({"type":"tool_use","id":"functions.f:0","name":"f","input":{}})",
                        kText)),
         "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"},
        {"id of a result",
         sim(with_claude_tools(),
             after_call(kCall, R"({"type":"tool_result","tool_use_id":"a.b","content":"c"})")),
         "messages.2.content.0.tool_result.tool_use_id: String should match pattern "
         "'^[a-zA-Z0-9_-]+$'"},
        {"name of a call",
         sim(with_claude_tools(),
             after_call(R"({"type":"tool_use","id":"a","name":"a b","input":{}})", kText)),
         "messages.1.content.0.tool_use.name: String should match pattern "
         "'^[a-zA-Z0-9_-]{1,128}$'"},
        {"input of a call as text",
         sim(with_claude_tools(),
             after_call(R"({"type":"tool_use","id":"a","name":"f","input":"{}"})", kText)),
         "messages.1.content.0.tool_use.input: Input should be a valid dictionary"},
        {"call without input",
         sim(with_claude_tools(), after_call(R"({"type":"tool_use","id":"a","name":"f"})", kText)),
         "messages.1.content.0.tool_use.input: Field required"},
        {"five marks",
         sim(R"(,"cache_control":{"type":"ephemeral"})",
             blocks(marked + "," + marked + "," + marked + "," + marked)),
         "A maximum of 4 blocks with cache_control may be provided. Found 5."},
        {"a long mark after a short one", sim("", blocks(marked + "," + long_marked)),
         "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come "
         "after a ttl='5m' cache_control block. Note that blocks are processed in the following "
         "order: `tools`, `system`, `messages`."},
    });
}

TEST_CASE("simulated: Anthropic refuses tools in its own words", "[simulated]") {
    const std::string long_name(65, 'f');
    check_all({
        {"tool without a name", sim(R"(,"tools":[{"input_schema":{"type":"object"}}])"),
         "tools.0.custom.name: Field required"},
        {"tool without a schema", sim(R"(,"tools":[{"name":"f"}])"),
         "tools.0.custom.input_schema: Field required"},
        {"tool of another vendor", sim(R"(,"tools":[{"type":"function","function":{"name":"f"}}])"),
         "tools.0: Input tag 'function' found using 'type' does not match any of the expected "
         "tags: 'custom', 'bash_…', 'code_execution_…', 'computer_…', 'memory_…', 'text_editor_…', "
         "'tool_search_tool_bm25_…', 'tool_search_tool_regex_…', 'web_fetch_…', 'web_search_…'"},
        {"server tool under another name",
         sim(R"(,"tools":[{"type":"web_search_20250305","name":"search"}])"),
         "tools.0.web_search_20250305.name: Input should be 'web_search'"},
        {"unknown member of a tool", sim(tool(kObject, R"(,"parameters":{})")),
         "tools.0.custom.parameters: Extra inputs are not permitted"},
        {"name with a dot", sim(R"(,"tools":[{"name":"a.b","input_schema":{"type":"object"}}])"),
         "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"},
        {"name too long for an older model",
         claude_body("claude-opus-4-1", R"(,"tools":[{"name":")" + long_name +
                                            R"(","input_schema":{"type":"object"}}])"),
         "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,64}$'"},
        {"two tools of one name",
         sim(R"(,"tools":[{"name":"f","input_schema":{"type":"object"}},)"
             R"({"name":"f","input_schema":{"type":"object"}}])"),
         "tools: Tool names must be unique."},
        {"schema without a type", sim(tool(R"({"properties":{}})")),
         "tools.0.custom.input_schema.type: Field required"},
        {"schema of a list", sim(tool(R"({"type":"array"})")),
         "tools.0.custom.input_schema.type: Input should be 'object'"},
        {"schema of two types", sim(tool(R"({"type":["object","null"]})")),
         "tools.0.custom.input_schema.type: Input should be 'object'"},
        {"anyOf at the root", sim(tool(R"({"type":"object","anyOf":[{"required":["a"]}]})")),
         "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at "
         "the top level"},
        {"required as null", sim(tool(R"({"type":"object","required":null})")),
         "tools.0.custom.input_schema.required: Input should be a valid list"},
        {"property with a blank", sim(tool(R"({"type":"object","properties":{"a b":{}}})")),
         "tools.0.custom.input_schema.properties: Property keys should match pattern "
         "'^[a-zA-Z0-9_.-]{1,64}$'"},
        {"strict tool of an older model",
         claude_body("sim-claude-plain", tool(kObject, R"(,"strict":true)")),
         "tools.0.custom.strict: This model does not support strict tools."},
        {"choice without tools", sim(R"(,"tool_choice":{"type":"auto"})"),
         "`tool_choice` may only be specified while providing `tools`."},
        {"choice as a string", sim(with_claude_tools(R"(,"tool_choice":"auto")")),
         "tool_choice: Input should be a valid dictionary"},
        {"choice of another vendor",
         sim(with_claude_tools(R"(,"tool_choice":{"type":"function","function":{"name":"f"}})")),
         "tool_choice: Input tag 'function' found using 'type' does not match any of the expected "
         "tags: 'auto', 'any', 'tool', 'none'"},
        {"choice without a name", sim(with_claude_tools(R"(,"tool_choice":{"type":"tool"})")),
         "tool_choice.tool.name: Field required"},
        {"choice of an absent tool",
         sim(with_claude_tools(R"(,"tool_choice":{"type":"tool","name":"sing"})")),
         "Tool 'sing' not found in provided tools"},
        {"none with a wish",
         sim(with_claude_tools(
             R"(,"tool_choice":{"type":"none","disable_parallel_tool_use":true})")),
         "tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted"},
        {"forced choice of the newest",
         claude_body("claude-opus-5-5", with_claude_tools(R"(,"tool_choice":{"type":"any"})")),
         "\"tool_choice.type.any\" is not supported for this model."},
    });
}

TEST_CASE("simulated: Anthropic refuses structured output in its own words", "[simulated]") {
    check_all({
        {"an older model", claude_body("sim-claude-plain", format(kObject)),
         "'sim-claude-plain' does not support output format."},
        {"format of another vendor", sim(R"(,"output_config":{"format":{"type":"json_object"}})"),
         "output_config.format.type: Input should be 'json_schema'"},
        {"the name of another vendor",
         sim(R"(,"output_config":{"format":{"type":"json_schema","name":"a","schema":{}}})"),
         "output_config.format.name: Extra inputs are not permitted"},
        {"no schema", sim(R"(,"output_config":{"format":{"type":"json_schema"}})"),
         "output_config.format.schema: Field required"},
        {"unknown member", sim(R"(,"output_config":{"verbosity":"low"})"),
         "output_config.verbosity: Extra inputs are not permitted"},
        {"open object", sim(format(kObject)),
         "output_config.format.schema: For 'object' type, 'additionalProperties' must be "
         "explicitly set to false"},
        {"open object within",
         sim(format(R"({"type":"object","additionalProperties":false,"properties":)"
                    R"({"a":{"type":"array","items":{"type":"object"}}}})")),
         "output_config.format.schema: For 'object' type, 'additionalProperties' must be "
         "explicitly set to false"},
        {"open definition",
         sim(format(R"({"type":"object","additionalProperties":false,"$defs":)"
                    R"({"a":{"type":"object","additionalProperties":true}}})")),
         "output_config.format.schema: For 'object' type, 'additionalProperties' must be "
         "explicitly set to false"},
        {"minimum",
         sim(format(R"({"type":"object","additionalProperties":false,"properties":)"
                    R"({"a":{"type":"integer","minimum":1}}})")),
         "output_config.format.schema: For 'integer' type, property 'minimum' is not supported"},
        {"pattern",
         sim(format(R"({"type":"object","additionalProperties":false,"properties":)"
                    R"({"a":{"type":"string","pattern":"x"}}})")),
         "output_config.format.schema: For 'string' type, property 'pattern' is not supported"},
        {"minItems",
         sim(format(R"({"type":"object","additionalProperties":false,"properties":)"
                    R"({"a":{"type":"array","minItems":2}}})")),
         "output_config.format.schema: For 'array' type, 'minItems' values other than 0 or 1 are "
         "not supported"},
        {"format",
         sim(format(R"({"type":"object","additionalProperties":false,"properties":)"
                    R"({"a":{"type":"string","format":"phone"}}})")),
         "output_config.format.schema: For 'string' type, 'format' 'phone' is not supported"},
        {"oneOf", sim(format(R"({"oneOf":[{"type":"string"}]})")),
         "output_config.format.schema: Schema type 'oneOf' is not supported"},
        {"recursion",
         sim(format(R"({"$ref":"#/$defs/a","$defs":{"a":{"type":"object","additionalProperties":)"
                    R"(false,"properties":{"next":{"$ref":"#/$defs/a"}}}}})")),
         "output_config.format.schema: Circular reference detected in schema definitions: "
         "#/$defs/a"},
    });
}

TEST_CASE("simulated: Anthropic refuses thinking in its own words", "[simulated]") {
    const std::string page =
        "https://platform.claude.com/docs/en/build-with-claude/extended-thinking";
    const char* const budget = R"(,"thinking":{"type":"enabled","budget_tokens":1024})";
    const char* const adaptive = R"(,"thinking":{"type":"adaptive"})";
    const char* const disabled = R"(,"thinking":{"type":"disabled"})";
    const char* const only_adaptive =
        "\"thinking.type.enabled\" is not supported for this model. Use "
        "\"thinking.type.adaptive\" and \"output_config.effort\" to control thinking behavior.";
    check_all({
        {"unknown type", sim(R"(,"thinking":{"type":"auto"})"),
         "thinking: Input tag 'auto' found using 'type' does not match any of the expected tags: "
         "'adaptive', 'between_tools', 'disabled', 'enabled'"},
        {"no budget", sim(R"(,"thinking":{"type":"enabled"})"),
         "thinking.enabled.budget_tokens: Field required"},
        {"small budget", sim(R"(,"thinking":{"type":"enabled","budget_tokens":1023})"),
         "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"},
        {"budget of an adaptive order", sim(R"(,"thinking":{"type":"adaptive","budget_tokens":1})"),
         "thinking.adaptive.budget_tokens: Extra inputs are not permitted"},
        {"budget as large as the limit",
         sim(R"(,"thinking":{"type":"enabled","budget_tokens":2000})"),
         "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
         "documentation at " +
             page + "#max-tokens-and-context-window-size"},
        {"unknown display", sim(R"(,"thinking":{"type":"adaptive","display":"full"})"),
         "thinking.adaptive.display: Input should be 'summarized' or 'omitted'"},
        {"binding without its beta", sim(R"(,"thinking":{"type":"adaptive","block_binding":{}})"),
         "thinking.adaptive.block_binding: Extra inputs are not permitted"},
        {"budget of Opus 5.5", claude_body("claude-opus-5-5", budget), only_adaptive},
        {"budget of Sonnet 5", claude_body("claude-sonnet-5", budget), only_adaptive},
        {"budget of Opus 4.7", claude_body("claude-opus-4-7", budget), only_adaptive},
        {"disabled of Fable 5.1", claude_body("claude-fable-5-1", disabled),
         "\"thinking.type.disabled\" is not supported for this model."},
        {"disabled of Sonnet 5.5", claude_body("claude-sonnet-5-5", disabled),
         "\"thinking.type.disabled\" is not supported for this model."},
        {"between tools of Haiku 5.5",
         claude_body("claude-haiku-5-5", R"(,"thinking":{"type":"between_tools"})"),
         "\"thinking.type.between_tools\" is not supported for this model."},
        {"adaptive of Sonnet 4.5", claude_body("claude-sonnet-4-5", adaptive),
         "adaptive thinking is not supported on this model"},
        {"disabled at great effort",
         claude_body("claude-haiku-5-5",
                     std::string(disabled) + R"(,"output_config":{"effort":"max"})"),
         "\"thinking.type.disabled\" is not supported with effort level 'max'."},
        {"between tools at great effort",
         claude_body("claude-sonnet-5-5",
                     R"(,"thinking":{"type":"between_tools"},"output_config":{"effort":"xhigh"})"),
         "\"thinking.type.between_tools\" is not supported with effort level 'xhigh'."},
        {"unknown effort", sim(R"(,"output_config":{"effort":"minimal"})"),
         "output_config.effort: Input should be 'low', 'medium', 'high', 'xhigh' or 'max'"},
        {"effort of an older model",
         claude_body("claude-sonnet-4-5", R"(,"output_config":{"effort":"low"})"),
         "This model does not support the effort parameter."},
        {"effort that a model does not have",
         claude_body("claude-opus-4-6", R"(,"output_config":{"effort":"xhigh"})"),
         "This model does not support effort level 'xhigh'. Supported levels: 'low', 'medium', "
         "'high' or 'max'."},
        {"a forced call with a budget",
         sim(with_claude_tools(std::string(budget) + R"(,"tool_choice":{"type":"any"})")),
         "Thinking may not be enabled when tool_choice forces tool use."},
        {"a forced call with adaptive thinking",
         sim(with_claude_tools(std::string(adaptive) +
                               R"(,"tool_choice":{"type":"tool","name":"get_time"})")),
         "Thinking may not be enabled when tool_choice forces tool use."},
        {"temperature", sim(std::string(budget) + R"(,"temperature":0.5)"),
         "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode. Please "
         "consult our documentation at " +
             page},
        {"top_p", sim(std::string(budget) + R"(,"top_p":0.9)"),
         "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled or in "
         "adaptive mode. Please consult our documentation at " +
             page},
        {"top_k", sim(std::string(budget) + R"(,"top_k":5)"),
         "`top_k` must be unset when thinking is enabled or in adaptive mode. Please consult our "
         "documentation at " +
             page},
        {"an unsigned thought",
         sim("",
             after_call(R"({"type":"thinking","thinking":"a"},{"type":"text","text":"b"})", kText)),
         "messages.1.content.0.thinking.signature: Field required"},
        {"a made-up signature",
         sim("", after_call(R"({"type":"thinking","thinking":"a","signature":"Zm9v"},)"
                            R"({"type":"text","text":"b"})",
                            kText)),
         "messages.1.content.0: Invalid `signature` in `thinking` block"},
        {"an empty signature",
         sim("", after_call(R"({"type":"thinking","thinking":"a","signature":""},)"
                            R"({"type":"text","text":"b"})",
                            kText)),
         "messages.1.content.0: Invalid `signature` in `thinking` block"},
        {"a made-up redaction",
         sim("", after_call(R"({"type":"redacted_thinking","data":"Zm9v"},)"
                            R"({"type":"text","text":"b"})",
                            kText)),
         "messages.1.content.0: Invalid `data` in `redacted_thinking` block"},
        {"a thought after text",
         sim("", after_call(R"({"type":"text","text":"b"},)"
                            R"({"type":"thinking","thinking":"a","signature":"Zm9v"})",
                            kText)),
         "messages.1.content.0.type: If an assistant message contains any thinking blocks, the "
         "first block must be `thinking` or `redacted_thinking`. Found `text`."},
        {"a thought at the end",
         sim("", after_call(R"({"type":"thinking","thinking":"a","signature":"Zm9v"})", kText)),
         "messages.1: The final block in an assistant message cannot be `thinking`."},
        {"a mark on a thought",
         sim("", after_call(R"({"type":"thinking","thinking":"a","signature":"b",)"
                            R"("cache_control":{"type":"ephemeral"}})",
                            kText)),
         "messages.1.content.0.thinking.cache_control: Extra inputs are not permitted"},
        {"calls without the thoughts before them",
         claude_body("sim-claude-budget", with_claude_tools(budget), after_call(kCall, kResult)),
         "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found "
         "`tool_use`. When `thinking` is enabled, a final `assistant` message must start with a "
         "thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We "
         "recommend you include thinking blocks from previous turns. To avoid this requirement, "
         "disable `thinking`. Please consult our documentation at " +
             page},
    });
}

TEST_CASE("simulated: Anthropic takes what it should not refuse", "[simulated]") {
    struct Accepted {
        const char* name;
        std::string body;
    };
    const std::string marks = R"({"type":"text","text":"a","cache_control":{"type":"ephemeral"}})";
    const Accepted cases[] = {
        {"defaults of sampling", claude_body("claude-opus-5-5", R"(,"temperature":1,"top_p":1)")},
        {"sampling of an older model",
         claude_body("sim-claude-plain", R"(,"temperature":0.2,"top_p":0.5,"top_k":3)")},
        {"absent as null", sim(R"(,"stop_sequences":null,"system":null,"tools":null)")},
        {"a date behind the model", claude_body("claude-sonnet-4-5-20250929")},
        {"no tools, and none chosen", sim(R"(,"tools":[])")},
        {"four marks", sim("", blocks(marks + "," + marks + "," + marks + "," + marks))},
        {"neighbours of one role",
         sim("", R"([{"role":"user","content":"a"},{"role":"user","content":"b"}])")},
        {"a result and text after it",
         sim(with_claude_tools(), after_call(kCall, joined(kResult, kText)))},
        {"a result without content",
         sim(with_claude_tools(),
             after_call(kCall, R"({"type":"tool_result","tool_use_id":"toolu_1"})"))},
        {"a late system message",
         sim("", R"([{"role":"user","content":"a"},{"role":"system","content":"b"}])")},
        {"a prefill",
         sim("", R"([{"role":"user","content":"a"},{"role":"assistant","content":"{"}])")},
        {"a server tool", sim(R"(,"tools":[{"type":"web_search_20250305","name":"web_search"}])")},
        {"disabled thinking of a model that never thinks",
         claude_body("sim-claude-plain", R"(,"thinking":{"type":"disabled"})")},
        {"a forced call where thinking is only the default",
         claude_body("claude-haiku-5-5", with_claude_tools(R"(,"tool_choice":{"type":"any"})"))},
        {"an opaque user", sim(R"(,"metadata":{"user_id":"u_12345678"})")},
        {"an image", sim("", blocks(R"({"type":"image","source":{"type":"base64","media_type":)"
                                    R"("image/jpeg","data":"/9j/4AAQ"}})"))},
        {"the echo of unknown fields", sim(R"(,"frobnicate":1,"x_echo":true)")},
    };
    for (const Accepted& c : cases) {
        DYNAMIC_SECTION(c.name) {
            const Plan plan = ask_claude(c.body);
            CHECK(plan.status == 200);
            CHECK(body_of(plan).at("type") == "message");
        }
    }
}
