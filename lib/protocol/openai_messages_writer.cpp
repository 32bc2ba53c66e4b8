#include "protocol/openai_messages_writer.h"

#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "protocol/history.h"
#include "protocol/json_tree.h"
#include "protocol/openai_content.h"
#include "protocol/openai_parts.h"
#include "protocol/sealed_reasoning.h"

namespace aigw::protocol {
namespace {

using Kind = OpenAiPart::Kind;
using ContinuedAnswer = ModelTraits::ContinuedAnswer;

constexpr std::string_view kErrorMark = "[tool_error] ";
constexpr std::string_view kBillingHeader = "x-anthropic-billing-header";

Marked mark_of(const Part& part) {
    return part.cache ? Marked::Yes : Marked::No;
}

std::string_view name_of(Kind kind) {
    switch (kind) {
        case Kind::Nothing:
        case Kind::Text:
            return "text";
        case Kind::Image:
            return "image";
        case Kind::Document:
            return "document";
        case Kind::Audio:
            return "audio";
        case Kind::Video:
            return "video";
    }
    return "";
}

std::string capitalized(std::string_view word) {
    std::string text(word);
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
    return text;
}

void add(OpenAiContent& content, OpenAiPart part, Marked marked) {
    if (part.kind == Kind::Nothing) return;
    if (part.kind == Kind::Text) {
        content.add_text(std::move(part.text), marked);
    } else {
        content.add_part(std::move(part.json), marked);
    }
}

// ---- Results ---------------------------------------------------------------------------------

// One `tool` message, and what of it goes into the user's message behind all of them.
class ResultWriter {
public:
    ResultWriter(RequestConversion& to, OpenAiContent& later)
        : to_(to), later_(later), content_(to.traits) {}

    Result<void> write(const Part& part, JsonWriter& json) {
        const ResultPart& result = *part.as<ResultPart>();
        needs_mark_ = result.is_error && !is_made_up(result);
        for (const Part& inner : result.content) TRY(add_inner(inner, result));
        if (needs_mark_) add_text("");
        if (part.cache) content_.mark_last();
        json.begin_object();
        json.field("role", "tool");
        json.field("tool_call_id", result.call_id);
        json.key("content");
        content_.write(json, "\n");
        json.end_object();
        return {};
    }

private:
    static bool is_made_up(const ResultPart& result) {
        if (result.content.size() != 1) return false;
        const auto* text = result.content.front().as<TextPart>();
        return text != nullptr && text->text == kMissingResult;
    }

    // The protocol has no flag for a failed call: the first text says it.
    void add_text(std::string text, Marked marked = Marked::No) {
        if (std::exchange(needs_mark_, false)) text.insert(0, kErrorMark);
        content_.add_text(std::move(text), marked);
    }

    Result<void> add_inner(const Part& inner, const ResultPart& result) {
        OpenAiPart made = TRY(make_openai_part(inner, to_));
        if (made.kind == Kind::Nothing) return {};
        if (made.kind == Kind::Text) {
            add_text(std::move(made.text), mark_of(inner));
        } else if (to_.traits.tool_images) {
            if (needs_mark_) add_text("");
            content_.add_part(std::move(made.json), mark_of(inner));
        } else {
            put_off(std::move(made), result.call_id);
            to_.losses.add(LossKind::Rewritten, inner.place);
        }
        return {};
    }

    void put_off(OpenAiPart made, const std::string& id) {
        int& count = counts_[static_cast<std::size_t>(made.kind)];
        const std::string which = " " + std::to_string(++count) + " of tool result " + id;
        add_text("[" + std::string(name_of(made.kind)) + which + ": see next user message]");
        later_.add_text(capitalized(name_of(made.kind)) + which + ":");
        later_.add_part(std::move(made.json));
    }

    RequestConversion& to_;
    OpenAiContent& later_;
    OpenAiContent content_;
    bool needs_mark_ = false;
    std::array<int, 6> counts_{};  // by kind
};

// ---- What the assistant said -----------------------------------------------------------------

// Thoughts that OpenAI has sealed, and how many calls stand before them.
struct SealedThoughts {
    const ThinkingPart* thinking = nullptr;
    std::size_t calls = 0;
};

struct AssistantTurn {
    OpenAiContent content;
    std::string thoughts{};
    std::vector<SealedThoughts> sealed{};
    std::vector<const CallPart*> calls{};
};

// Pieces of text follow each other as they are; what stands for a block of another kind is a
// paragraph.
class Joiner {
public:
    explicit Joiner(OpenAiContent& content) : content_(content) {}

    void add(OpenAiPart part, Marked marked) {
        if (part.text.empty()) {
            if (marked == Marked::Yes) content_.mark_last();
            return;
        }
        const bool needs_line = !is_first_ && (part.is_apart || was_apart_) && last_ != '\n' &&
                                part.text.front() != '\n';
        if (needs_line) part.text.insert(0, 1, '\n');
        is_first_ = false;
        was_apart_ = part.is_apart;
        last_ = part.text.back();
        content_.add_text(std::move(part.text), marked);
    }

private:
    OpenAiContent& content_;
    bool is_first_ = true;
    bool was_apart_ = false;
    char last_ = '\n';
};

Result<AssistantTurn> read_turn(const Message& message, RequestConversion& to) {
    AssistantTurn turn{.content = OpenAiContent(to.traits)};
    Joiner joiner(turn.content);
    for (const Part& part : message.parts) {
        if (const auto* call = part.as<CallPart>()) {
            turn.calls.push_back(call);
            if (part.cache) turn.content.mark_last();
        } else if (const auto* thought = part.as<ThinkingPart>()) {
            const bool is_sealed =
                to.traits.replays_sealed && find_sealed_reasoning(thought->signature);
            if (is_sealed) turn.sealed.push_back({thought, turn.calls.size()});
            if (!is_sealed && !to.traits.replays_reasoning) to.losses.ignore(part.place);
            if (!turn.thoughts.empty() && !thought->text.empty()) turn.thoughts.push_back('\n');
            turn.thoughts.append(thought->text);
        } else {
            if (part.is<RedactedThinkingPart>()) to.losses.ignore(part.place);
            auto made = TRY(make_openai_words(part, to));
            joiner.add(std::move(made), mark_of(part));
        }
    }
    return turn;
}

void write_thoughts(const AssistantTurn& turn, const ModelTraits& traits, JsonWriter& json) {
    if (!traits.replays_reasoning || turn.thoughts.empty()) return;
    if (!traits.reasoning_split) {
        json.field("reasoning_content", turn.thoughts);
        return;
    }
    json.key("reasoning_details");
    json.begin_array();
    json.begin_object();
    json.field("type", "reasoning.text");
    json.field("text", turn.thoughts);
    json.end_object();
    json.end_array();
}

// As nobody's wire has them: for who puts the chat into items.
void write_sealed(const AssistantTurn& turn, JsonWriter& json) {
    if (turn.sealed.empty()) return;
    json.key(kSealedThoughts);
    json.begin_array();
    for (const SealedThoughts& thoughts : turn.sealed) {
        json.begin_object();
        json.field("thinking", thoughts.thinking->text);
        json.field("signature", thoughts.thinking->signature);
        json.integer_field("calls", static_cast<std::int64_t>(thoughts.calls));
        json.end_object();
    }
    json.end_array();
}

// Free text as the one property of an object, for servers that know functions only.
std::string wrapped_input(std::string_view input) {
    std::string out;
    JsonWriter json(out);
    json.begin_object();
    json.field("input", input);
    json.end_object();
    return out;
}

std::string arguments_of(const CallPart& call) {
    if (call.is_custom) return wrapped_input(call.arguments);
    std::string arguments;
    append_compact(arguments, call.arguments.empty() ? "{}" : call.arguments);
    return arguments;
}

void write_call(const CallPart& call, const ModelTraits& traits, JsonWriter& json) {
    const bool is_custom = call.is_custom && traits.custom_tools;
    json.begin_object();
    json.field("id", call.id);
    json.field("type", is_custom ? "custom" : "function");
    json.key(is_custom ? "custom" : "function");
    json.begin_object();
    json.field("name", call.name);
    if (is_custom) {
        json.field("input", call.arguments);
    } else {
        json.field("arguments", arguments_of(call));
    }
    json.end_object();
    json.end_object();
}

void write_calls(const AssistantTurn& turn, const ModelTraits& traits, JsonWriter& json) {
    if (turn.calls.empty()) return;
    json.key("tool_calls");
    json.begin_array();
    for (const CallPart* call : turn.calls) write_call(*call, traits, json);
    json.end_array();
}

// ---- Messages --------------------------------------------------------------------------------

class MessagesWriter {
public:
    MessagesWriter(const ChatRequest& request, RequestConversion& to, JsonWriter& json)
        : request_(request), to_(to), json_(json) {}

    Result<void> run() {
        json_.begin_array();
        for (const Message& message : request_.messages) TRY(write(message));
        json_.end_array();
        return {};
    }

private:
    Result<void> write(const Message& message) {
        switch (message.role) {
            case Role::System:
                return write_system(message);
            case Role::User:
                return write_user(message);
            case Role::Assistant:
                return write_assistant(message);
        }
        return {};
    }

    Result<void> write_system(const Message& message) {
        OpenAiContent content(to_.traits);
        for (const Part& part : message.parts) {
            auto made = TRY(make_openai_words(part, to_));
            made.text = without_billing_header(std::move(made.text));
            if (is_blank(made.text)) made.text.clear();
            add(content, std::move(made), mark_of(part));
        }
        if (!content.empty()) write_plain("system", content, "\n\n");
        return {};
    }

    Result<void> write_user(const Message& message) {
        OpenAiContent content(to_.traits);
        bool has_results = false;
        for (const Part& part : message.parts) {
            if (!part.is<ResultPart>()) continue;
            has_results = true;
            TRY(ResultWriter(to_, content).write(part, json_));
        }
        for (const Part& part : message.parts) {
            if (part.is<ResultPart>()) continue;
            auto made = TRY(make_openai_part(part, to_));
            add(content, std::move(made), mark_of(part));
        }
        if (!content.empty() || !has_results) write_plain("user", content, "\n");
        return {};
    }

    Result<void> write_assistant(const Message& message) {
        const AssistantTurn turn = TRY(read_turn(message, to_));
        const bool has_text = !is_blank(turn.content.text(""));
        if (!has_text && turn.calls.empty()) return {};
        json_.begin_object();
        json_.field("role", "assistant");
        json_.key("content");
        if (has_text) {
            turn.content.write(json_, "");
        } else {
            json_.null();
        }
        write_thoughts(turn, to_.traits, json_);
        write_sealed(turn, json_);
        write_calls(turn, to_.traits, json_);
        if (&message == &request_.messages.back()) continue_answer(message);
        json_.end_object();
        return {};
    }

    // The caller has begun the answer itself.
    void continue_answer(const Message& message) {
        switch (to_.traits.continued_answer) {
            case ContinuedAnswer::None:
                to_.losses.add(LossKind::Approximated, message.place);
                return;
            case ContinuedAnswer::Partial:
                json_.boolean_field("partial", true);
                return;
            case ContinuedAnswer::Plain:
                return;
        }
    }

    void write_plain(std::string_view role, const OpenAiContent& content,
                     std::string_view separator) {
        json_.begin_object();
        json_.field("role", role);
        json_.key("content");
        content.write(json_, separator);
        json_.end_object();
    }

    const ChatRequest& request_;
    RequestConversion& to_;
    JsonWriter& json_;
};

}  // namespace

std::string without_billing_header(std::string text) {
    if (!text.starts_with(kBillingHeader)) return text;
    const std::size_t end = text.find('\n');
    return end == std::string::npos ? "" : text.substr(end + 1);
}

Result<void> write_openai_messages(const ChatRequest& request, RequestConversion& to,
                                   JsonWriter& json) {
    return MessagesWriter(request, to, json).run();
}

}  // namespace aigw::protocol
