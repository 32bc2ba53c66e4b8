#include "cmd/call/chat_request.h"

#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cmd/call/data_uri.h"
#include "cmd/input.h"

namespace aigw::cmd {
namespace {

using Json = nlohmann::ordered_json;

Result<Json> read_json_file(const std::string& path, Program& program) {
    Json value = Json::parse(TRY(read_input(path, program)), nullptr, false);
    if (value.is_discarded())
        return usage_error(json_string(path) + " is not JSON", "correct the file");
    return value;
}

// A tool as the protocol wraps it, or the bare function that most files hold.
Result<Json> wrap_tool(const Json& tool, const std::string& path) {
    if (tool.is_object() && tool.contains("type")) return tool;
    if (tool.is_object() && tool.contains("name"))
        return Json{{"type", "function"}, {"function", tool}};
    return usage_error(json_string(path) + " describes no tool",
                       R"(write {"name": "...", "description": "...", "parameters": {...}})");
}

Result<Json> read_tools(const std::vector<std::string>& paths, Program& program) {
    Json tools = Json::array();
    for (const std::string& path : paths) {
        const Json file = TRY(read_json_file(path, program));
        if (!file.is_array()) {
            tools.push_back(TRY(wrap_tool(file, path)));
            continue;
        }
        for (const Json& tool : file) tools.push_back(TRY(wrap_tool(tool, path)));
    }
    return tools;
}

Result<Json> read_response_format(const std::string& path, Program& program) {
    Json schema = TRY(read_json_file(path, program));
    if (!schema.is_object())
        return usage_error(json_string(path) + " is not a JSON schema", "write an object");
    if (!schema.contains("schema")) schema = Json{{"name", "answer"}, {"schema", schema}};
    return Json{{"type", "json_schema"}, {"json_schema", schema}};
}

bool is_url(std::string_view text) {
    return starts_with_ignoring_case(text, "https://") ||
           starts_with_ignoring_case(text, "http://") || starts_with_ignoring_case(text, "data:");
}

Result<Json> read_image(const std::string& image, Program& program) {
    const std::string url = is_url(image) ? image : TRY(read_image_as_data_uri(image, program));
    return Json{{"type", "image_url"}, {"image_url", {{"url", url}}}};
}

// The words, then what was piped in; "-" among the words says where the piped text goes.
Result<std::string> read_prompt(const std::vector<std::string>& words, Program& program) {
    std::string prompt;
    bool has_read = false;
    for (const std::string& word : words) {
        if (!prompt.empty()) prompt += ' ';
        if (word == "-" && !has_read) {
            prompt += trim(TRY(read_input("-", program)));
            has_read = true;
        } else {
            prompt += word;
        }
    }
    if (!has_read) {
        const std::string piped = read_piped_input(program);
        const std::string_view context = trim(piped);
        if (!prompt.empty() && !context.empty()) prompt += "\n\n";
        prompt += context;
    }
    if (prompt.empty())
        return usage_error("there is no prompt", "give it as an argument or on standard input");
    return prompt;
}

Result<Json> read_messages(const ChatOptions& options, Program& program) {
    Json messages = Json::array();
    if (!options.system.empty()) {
        const std::string system = TRY(read_text_or_file(options.system, program));
        messages.push_back({{"role", "system"}, {"content", system}});
    }
    const std::string prompt = TRY(read_prompt(options.prompt, program));
    Json content = prompt;
    if (!options.images.empty()) {
        content = Json::array({{{"type", "text"}, {"text", prompt}}});
        for (const std::string& image : options.images)
            content.push_back(TRY(read_image(image, program)));
    }
    messages.push_back({{"role", "user"}, {"content", content}});
    return messages;
}

// -p name=value: a value that is JSON is that JSON, any other is a string.
Result<void> set_parameter(Json& body, const std::string& parameter) {
    const std::size_t equals = parameter.find('=');
    if (equals == 0 || equals == std::string::npos) {
        return usage_error("parameter " + json_string(parameter) + " has no value",
                           "write it as -p name=value");
    }
    const std::string name = parameter.substr(0, equals);
    for (const std::string_view own : {"model", "messages", "stream"}) {
        if (name == own)
            return usage_error("-p cannot set " + json_string(name),
                               "use the option or the argument");
    }
    const std::string text = parameter.substr(equals + 1);
    const Json value = Json::parse(text, nullptr, false);
    body[name] = value.is_discarded() ? Json(text) : value;
    return {};
}

}  // namespace

Result<std::string> render_chat_request(const ChatOptions& options, Program& program) {
    Json body{{"model", options.model}};
    body["messages"] = TRY(read_messages(options, program));
    if (!options.tools.empty()) body["tools"] = TRY(read_tools(options.tools, program));
    if (!options.json_schema.empty())
        body["response_format"] = TRY(read_response_format(options.json_schema, program));
    else if (options.json_mode)
        body["response_format"] = {{"type", "json_object"}};
    if (options.max_tokens) body["max_tokens"] = *options.max_tokens;
    if (options.temperature) body["temperature"] = *options.temperature;
    body["stream"] = options.streams;
    if (options.streams && options.wants_usage) body["stream_options"] = {{"include_usage", true}};
    for (const std::string& parameter : options.parameters) TRY(set_parameter(body, parameter));

    std::string text = body.dump(-1, ' ', false, Json::error_handler_t::ignore);
    if (!is_utf8(options.model) ||
        text != body.dump(-1, ' ', false, Json::error_handler_t::replace))
        return usage_error("the request is not UTF-8", "convert the prompt and the files to UTF-8");
    return text;
}

}  // namespace aigw::cmd
