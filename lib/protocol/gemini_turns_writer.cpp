#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "protocol/call_arguments.h"
#include "protocol/gemini_parts.h"
#include "protocol/gemini_signature.h"
#include "protocol/gemini_turns.h"
#include "protocol/openai_parts.h"

namespace aigw::protocol {
namespace {

// ---- Signatures ------------------------------------------------------------------------------

// A part of the model's turn, thoughts left out, with its signature.
struct SignedPart {
    const Part* part = nullptr;  // nullptr: a text of nothing, for the signature's sake
    std::string_view signature{};

    const CallPart* call() const { return part == nullptr ? nullptr : part->as<CallPart>(); }
    bool is_text() const { return part != nullptr && part->is<TextPart>(); }
};

class Signer {
public:
    explicit Signer(const Message& message) {
        for (const Part& part : message.parts) take(part);
        give_rest_to_text();
    }

    std::vector<SignedPart> parts() && { return std::move(parts_); }

private:
    void take(const Part& part) {
        if (const auto* thinking = part.as<ThinkingPart>()) {
            if (const auto signature = find_gemini_signature(thinking->signature))
                waiting_.push_back(*signature);
            return;
        }
        if (part.is<RedactedThinkingPart>()) return;
        parts_.push_back({.part = &part});
        if (const auto* call = part.as<CallPart>()) parts_.back().signature = take_for(*call);
    }

    // Its own, which thinking has brought along, too; else the one directly before it.
    std::string_view take_for(const CallPart& call) {
        if (!call.signature.empty()) {
            std::erase(waiting_, call.signature);
            return call.signature;
        }
        if (waiting_.empty()) return {};
        const std::string_view signature = waiting_.back();
        waiting_.pop_back();
        return signature;
    }

    void give_rest_to_text() {
        if (waiting_.empty()) return;
        const auto last = std::find_if(parts_.rbegin(), parts_.rend(),
                                       [](const SignedPart& part) { return part.is_text(); });
        SignedPart& text = last == parts_.rend() ? parts_.emplace_back() : *last;
        text.signature = waiting_.back();
    }

    std::vector<SignedPart> parts_;
    std::vector<std::string_view> waiting_;
};

// ---- Results ---------------------------------------------------------------------------------

std::string_view name_of_media(const Part& part) {
    if (part.is<ImagePart>()) return "image";
    if (part.is<AudioPart>()) return "sound";
    return part.is<VideoPart>() ? "video" : "document";
}

// What a result holds besides words, and the line that says whose it is.
struct Attachment {
    const Part* part = nullptr;
    std::string label{};
};

// Objects and lists go as they are: the model reads them better than a text of them.
void write_output(JsonWriter& json, std::string_view text) {
    JsonTree tree;
    const auto parsed = tree.parse(text);
    json.key("output");
    if (!parsed || !(parsed->is_object() || parsed->is_array())) return json.string(text);
    std::string compact;
    append_compact(compact, parsed->raw());
    json.raw(compact);
}

// ---- Turns -----------------------------------------------------------------------------------

class TurnsWriter {
public:
    TurnsWriter(const GeminiTurns& turns, RequestConversion& to, JsonWriter& json)
        : turns_(turns), to_(to), json_(json) {}

    Result<void> run() {
        write_system();
        json_.key("contents");
        json_.begin_array();
        for (const Message& message : turns_.messages) {
            const bool is_user = message.role == Role::User;
            json_.begin_object();
            json_.field("role", is_user ? "user" : "model");
            json_.key("parts");
            json_.begin_array();
            TRY(is_user ? write_user(message) : write_model(message));
            json_.end_array();
            json_.end_object();
        }
        json_.end_array();
        return {};
    }

private:
    void write_system() {
        if (turns_.system.empty()) return;
        json_.key("systemInstruction");
        json_.begin_object();
        json_.key("parts");
        json_.begin_array();
        for (const std::string& text : turns_.system) write_gemini_text(json_, text);
        json_.end_array();
        json_.end_object();
    }

    // ---- What the model said ----

    Result<void> write_model(const Message& message) {
        auto parts = Signer(message).parts();
        sign_first_call(parts);
        for (const SignedPart& signed_part : parts) {
            if (const CallPart* call = signed_part.call()) {
                write_call(*call, signed_part.signature);
            } else if (signed_part.part == nullptr) {
                write_gemini_text(json_, "", signed_part.signature);
            } else {
                TRY(write_gemini_part(json_, *signed_part.part, signed_part.signature, to_));
            }
        }
        return {};
    }

    void sign_first_call(std::vector<SignedPart>& parts) {
        if (to_.traits.placeholder_signature.empty()) return;
        const auto first = std::ranges::find_if(
            parts, [](const SignedPart& part) { return part.call() != nullptr; });
        if (first == parts.end() || !first->signature.empty()) return;
        first->signature = to_.traits.placeholder_signature;
        to_.losses.add(LossKind::Repaired, first->part->place);
    }

    void write_call(const CallPart& call, std::string_view signature) {
        names_[call.id] = call.name;
        std::string arguments;
        append_compact(arguments, call.is_custom ? custom_input(call.arguments)
                                                 : arguments_object(call.arguments));
        json_.begin_object();
        json_.key("functionCall");
        json_.begin_object();
        json_.field("id", call.id);
        json_.field("name", call.name);
        json_.raw_field("args", arguments);
        json_.end_object();
        if (!signature.empty()) json_.field("thoughtSignature", signature);
        json_.end_object();
    }

    // ---- What the user said ----

    Result<void> write_user(const Message& message) {
        attachments_.clear();
        for (const Part& part : message.parts) {
            if (part.is<ResultPart>()) TRY(write_result(*part.as<ResultPart>()));
        }
        for (const Attachment& attachment : attachments_) {
            write_gemini_text(json_, attachment.label);
            TRY(write_gemini_part(json_, *attachment.part, {}, to_));
        }
        for (const Part& part : message.parts) {
            if (!part.is<ResultPart>()) TRY(write_gemini_part(json_, part, {}, to_));
        }
        return {};
    }

    Result<void> write_result(const ResultPart& result) {
        const std::string text = TRY(words_of(result));
        json_.begin_object();
        json_.key("functionResponse");
        json_.begin_object();
        json_.field("id", result.call_id);
        json_.field("name", names_[result.call_id]);
        json_.key("response");
        json_.begin_object();
        if (result.is_error) {
            json_.field("error", text);
        } else {
            write_output(json_, text);
        }
        json_.end_object();
        json_.end_object();
        json_.end_object();
        return {};
    }

    Result<std::string> words_of(const ResultPart& result) {
        std::string text;
        std::size_t count = 0;
        for (const Part& part : result.content) {
            std::string words;
            if (is_media(part)) {
                words = attach(part, result.call_id, ++count);
            } else {
                auto made = TRY(make_openai_words(part, to_));
                words = std::move(made.text);
            }
            if (!text.empty()) text.push_back('\n');
            text.append(words);
        }
        return text;
    }

    std::string attach(const Part& part, const std::string& id, std::size_t number) {
        to_.losses.add(LossKind::Rewritten, part.place);
        const std::string which = std::string(name_of_media(part)) + " " + std::to_string(number) +
                                  " of tool result " + id;
        attachments_.push_back({.part = &part, .label = "[" + which + "]"});
        return "[" + which + ": see below]";
    }

    const GeminiTurns& turns_;
    RequestConversion& to_;
    JsonWriter& json_;
    std::unordered_map<std::string, std::string> names_;  // of calls, by id
    std::vector<Attachment> attachments_;                 // of the turn at hand
};

}  // namespace

Result<void> write_gemini_turns(JsonWriter& json, const GeminiTurns& turns, RequestConversion& to) {
    return TurnsWriter(turns, to, json).run();
}

}  // namespace aigw::protocol
