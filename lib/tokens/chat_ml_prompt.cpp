#include "tokens/chat_ml_prompt.h"

#include <string>
#include <string_view>

#include "protocol/json_tree.h"
#include "protocol/json_writer.h"
#include "tokens/part_tokens.h"
#include "tokens/spaced_json.h"
#include "tokens/tool_tokens.h"

namespace aigw::tokens {
namespace {

using protocol::ChatRequest;

// ---- Text between special tokens ---------------------------------------------------------------

class ChatMlWriter {
public:
    explicit ChatMlWriter(PromptTally& tally) : tally_(tally) {}

    // <|im_start|>, the role and a line end.
    void begin(std::string_view role, PromptPart part) {
        special();
        part_ = part;
        text(role);
        text("\n");
        overhead_ = 2;
    }
    void text(std::string_view text) { run_.append(text); }
    void special() {
        flush();
        tally_.add_fixed(PromptPart::Overhead, 1);
    }
    // What follows belongs to another part. Only where no piece of text can reach across.
    void cut(PromptPart part) {
        flush();
        part_ = part;
    }
    // <|im_end|> and a line end.
    void end() {
        special();
        part_ = PromptPart::Overhead;
        text("\n");
    }
    void flush() {
        tally_.add_run(part_, run_, overhead_);
        run_.clear();
        overhead_ = 0;
    }

private:
    PromptTally& tally_;
    std::string run_;
    PromptPart part_ = PromptPart::Overhead;
    std::int64_t overhead_ = 0;  // tokens of the run that are the role's
};

// ---- Tools -------------------------------------------------------------------------------------

constexpr std::string_view kToolsHead =
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";
constexpr std::string_view kToolsTail =
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments "
    "within ";
constexpr std::string_view kCallForm =
    "\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n";

// In the form in which OpenAI's callers send it.
std::string json_of(const protocol::Tool& tool) {
    if (tool.kind == protocol::ToolKind::Vendor) return tool.json;
    std::string out;
    protocol::JsonWriter json(out);
    json.begin_object();
    json.field("type", "function");
    json.key("function");
    json.begin_object();
    json.field("name", tool.name);
    if (!tool.description.empty()) json.field("description", tool.description);
    if (!tool.parameters.empty()) json.raw_field("parameters", tool.parameters);
    if (tool.is_strict) json.boolean_field("strict", *tool.is_strict);
    json.end_object();
    json.end_object();
    return out;
}

std::string spaced(const std::string& json) {
    protocol::JsonTree tree;
    const auto value = tree.parse(json);
    if (!value) return json;
    std::string out;
    append_spaced(out, *value);
    return out;
}

// ---- Thoughts ----------------------------------------------------------------------------------

std::string_view without_line_ends(std::string_view text) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text;
}

std::string_view after_line_ends(std::string_view text) {
    while (text.starts_with('\n')) text.remove_prefix(1);
    return text;
}

// An assistant's answer, its thoughts apart.
struct Answer {
    std::string_view thoughts{};
    std::string_view content{};
};

// Servers that do not separate them leave them in the text.
Answer split_answer(std::string_view thoughts, std::string_view content) {
    constexpr std::string_view kEnd = "</think>";
    const std::size_t end = content.rfind(kEnd);
    if (!thoughts.empty() || end == std::string_view::npos) return {thoughts, content};
    std::string_view inside = content.substr(0, content.find(kEnd));
    constexpr std::string_view kBegin = "<think>";
    if (const std::size_t begin = inside.rfind(kBegin); begin != std::string_view::npos)
        inside.remove_prefix(begin + kBegin.size());
    return {without_line_ends(inside), after_line_ends(content.substr(end + kEnd.size()))};
}

// `enable_thinking` of the vendor's and of servers with open weights, or the caller's protocol.
bool thinks(const ChatRequest& chat) {
    if (const auto* own = chat.find_extra("enable_thinking")) return own->json != "false";
    if (const auto* own = chat.find_extra("chat_template_kwargs")) {
        protocol::JsonTree tree;
        const auto values = tree.parse(own->json);
        if (values && (*values)["enable_thinking"].boolean() == false) return false;
    }
    return chat.reasoning.mode != protocol::Reasoning::Mode::Disabled;
}

// ---- The prompt --------------------------------------------------------------------------------

class ChatMlPrompt {
public:
    ChatMlPrompt(const ChatRequest& chat, std::span<const Turn> turns, PromptTally& tally)
        : chat_(chat),
          turns_(turns),
          tally_(tally),
          template_(tally.model().chat_ml),
          detail_(usual_detail(chat)),
          question_(last_question(turns)),
          writer_(tally) {}

    void add() {
        const bool has_system = !turns_.empty() && turns_.front().speaker == Speaker::System;
        add_system(has_system);
        for (std::size_t i = has_system ? 1 : 0; i < turns_.size(); ++i) add_turn(i);
        add_answer();
        add_constraints(chat_, tally_);
    }

private:
    bool is_qwen3() const { return template_.generation == ChatMl::Generation::Qwen3; }

    void add_system(bool has_system) {
        const bool has_tools = !chat_.tools.empty();
        if (!has_system && !has_tools && template_.default_system.empty()) return;
        const bool has_text = has_system || !template_.default_system.empty();
        writer_.begin("system", has_system ? PromptPart::System : PromptPart::Overhead);
        if (has_system) {
            add_content(turns_.front(), PromptPart::System);
        } else {
            writer_.text(template_.default_system);
        }
        if (has_tools) add_tools(has_text);
        writer_.end();
    }

    // A `#` after line ends begins a piece of its own.
    void add_tools(bool has_text) {
        tally_.note_guess();
        if (has_text) writer_.text("\n\n");
        writer_.cut(PromptPart::Tools);
        writer_.text(kToolsHead);
        for (const protocol::Tool& tool : chat_.tools) {
            writer_.text("\n");
            writer_.text(spaced(json_of(tool)));
        }
        writer_.text(kToolsTail);
        writer_.special();  // <tool_call>
        writer_.special();  // </tool_call>
        writer_.text(" XML tags:\n");
        writer_.special();
        writer_.text(kCallForm);
        writer_.special();
    }

    void add_turn(std::size_t index) {
        const Turn& turn = turns_[index];
        switch (turn.speaker) {
            case Speaker::System:
                add_plain("system", turn, PromptPart::System);
                break;
            case Speaker::User:
                add_plain("user", turn, PromptPart::Messages);
                break;
            case Speaker::Assistant:
                add_assistant(index);
                break;
            case Speaker::Tool:
                add_result(index);
                break;
        }
    }

    void add_plain(std::string_view role, const Turn& turn, PromptPart part) {
        writer_.begin(role, part);
        add_content(turn, part);
        writer_.end();
    }

    // The texts; media besides.
    void add_content(const Turn& turn, PromptPart part) { writer_.text(text_of(turn, part)); }

    std::string text_of(const Turn& turn, PromptPart part) {
        std::string text;
        std::size_t texts = 0;
        for (const protocol::Part* value : turn.parts) {
            if (add_if_media(*value, part, detail_, tally_)) continue;
            std::string_view piece;
            if (const auto* own = value->as<protocol::TextPart>()) piece = own->text;
            if (const auto* own = value->as<protocol::VendorPart>()) piece = own->text;
            if (piece.empty()) continue;
            if (texts++ > 0) text.push_back('\n');
            text.append(piece);
        }
        if (texts > 1) tally_.note_guess();
        return text;
    }

    // Neighbouring results share one turn of the user's.
    void add_result(std::size_t index) {
        const bool is_first = index == 0 || turns_[index - 1].speaker != Speaker::Tool;
        const bool is_last =
            index + 1 == turns_.size() || turns_[index + 1].speaker != Speaker::Tool;
        if (is_first) {
            writer_.begin("user", PromptPart::Messages);
        } else {
            writer_.text("\n");
        }
        add_mark("<tool_response>");
        writer_.text("\n");
        add_content(turns_[index], PromptPart::Messages);
        writer_.text("\n");
        add_mark("</tool_response>");
        if (is_last) writer_.end();
    }

    // Special tokens since the third generation.
    void add_mark(std::string_view mark) {
        if (is_qwen3()) {
            writer_.special();
        } else {
            writer_.text(mark);
        }
    }

    void add_assistant(std::size_t index) {
        const Turn& turn = turns_[index];
        writer_.begin("assistant", PromptPart::Messages);
        const std::string text = text_of(turn, PromptPart::Messages);
        Answer answer{.content = text};
        if (is_qwen3()) answer = split_answer(thoughts_of(turn), text);
        if (is_qwen3() && static_cast<std::int64_t>(index) > question_)
            add_thoughts(answer, index + 1 == turns_.size());
        writer_.text(answer.content);
        add_calls(turn, !answer.content.empty());
        writer_.end();
    }

    static std::string_view thoughts_of(const Turn& turn) {
        for (const protocol::Part* value : turn.parts) {
            if (const auto* thinking = value->as<protocol::ThinkingPart>()) return thinking->text;
        }
        return {};
    }

    // Those since the last question are shown to the model again.
    void add_thoughts(Answer& answer, bool is_last) {
        if (answer.thoughts.empty() && !is_last) return;
        writer_.special();  // <think>
        writer_.text("\n");
        writer_.text(without_line_ends(answer.thoughts));
        writer_.text("\n");
        writer_.special();  // </think>
        writer_.text("\n\n");
        answer.content = after_line_ends(answer.content);
    }

    void add_calls(const Turn& turn, bool has_content) {
        for (const protocol::Part* value : turn.parts) {
            const auto* call = value->as<protocol::CallPart>();
            if (call == nullptr) continue;
            tally_.note_guess();
            if (has_content) writer_.text("\n");
            has_content = true;
            writer_.special();  // <tool_call>
            writer_.text("\n{\"name\": \"");
            writer_.text(call->name);
            writer_.text("\", \"arguments\": ");
            writer_.text(call->arguments);
            writer_.text("}\n");
            writer_.special();  // </tool_call>
        }
    }

    // The head of the answer, perhaps with an empty thought or the beginning of one.
    void add_answer() {
        writer_.begin("assistant", PromptPart::Overhead);
        if (template_.thinks_first) {
            writer_.special();
            writer_.text("\n");
        } else if (is_qwen3() && !thinks(chat_)) {
            writer_.special();
            writer_.text("\n\n");
            writer_.special();
            writer_.text("\n\n");
        }
        writer_.flush();
    }

    const ChatRequest& chat_;
    std::span<const Turn> turns_;
    PromptTally& tally_;
    const ChatMl& template_;
    std::string_view detail_;
    std::int64_t question_;
    ChatMlWriter writer_;
};

}  // namespace

void add_chat_ml_prompt(const ChatRequest& chat, std::span<const Turn> turns, PromptTally& tally) {
    ChatMlPrompt(chat, turns, tally).add();
}

}  // namespace aigw::tokens
