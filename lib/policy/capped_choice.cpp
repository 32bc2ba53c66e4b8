#include "policy/capped_choice.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/openai_answer.h"

namespace aigw::policy {
namespace {

using protocol::JsonValue;
using protocol::JsonWriter;
using Kind = TextPlace::Kind;

constexpr std::uint32_t kFunction = ~std::uint32_t{0};  // the number of the elder form's one call

// Of the whole text, or said once more.
constexpr std::array<std::string_view, 5> kLeftOut = {"thinking_blocks", "reasoning_details",
                                                      "annotations", "stop_reason", "matched_stop"};

bool is_left_out(std::string_view key) {
    return std::ranges::find(kLeftOut, key) != kLeftOut.end();
}

JsonValue said_in(JsonValue choice) {
    const JsonValue delta = choice["delta"];
    return delta.is_object() ? delta : choice["message"];
}

std::string_view holder_of(JsonValue call) {
    const bool is_custom = call["type"].is("custom") || call["custom"].is_object();
    return is_custom ? "custom" : "function";
}

std::string_view arguments_key(std::string_view holder) {
    return holder == "custom" ? "input" : "arguments";
}

// A text, or the object itself.
void read_arguments(JsonValue arguments, std::string& out) {
    out.clear();
    arguments.append_text(out);
    if (arguments.is_given() && !arguments.is_string()) out.append(arguments.raw());
}

// Every text in order: `take(place, text)`.
template <class Take>
void each_call_text(JsonValue inside, std::string_view arguments, std::uint32_t number,
                    std::string& buffer, Take take) {
    buffer.clear();
    inside["name"].append_text(buffer);
    take({.kind = Kind::Name, .number = number});
    read_arguments(inside[arguments], buffer);
    take({.kind = Kind::Arguments, .number = number});
}

template <class Take>
void each_text(JsonValue choice, std::string& buffer, Take take) {
    const JsonValue said = said_in(choice);
    protocol::read_openai_reasoning(said, buffer);
    take({.kind = Kind::Thinking});
    protocol::read_openai_content(said, buffer);
    take({.kind = Kind::Text});
    protocol::read_openai_refusal(said, buffer);
    take({.kind = Kind::Refusal});
    const JsonValue calls = said["tool_calls"];
    if (calls.is_array()) {
        std::uint32_t position = 0;
        for (const JsonValue& call : calls) {
            const auto index = call["index"].integer().value_or(position++);
            const std::string_view holder = holder_of(call);
            each_call_text(call[holder], arguments_key(holder), static_cast<std::uint32_t>(index),
                           buffer, take);
        }
    }
    if (said["function_call"].is_object())
        each_call_text(said["function_call"], "arguments", kFunction, buffer, take);
    buffer.clear();
    choice["text"].append_text(buffer);
    take({.kind = Kind::Text, .number = 1});
}

class ChoiceWriter {
public:
    ChoiceWriter(JsonWriter& json, const ChoiceCut& cut) : json_(json), cut_(cut) {}

    void run(JsonValue choice) {
        share_out(choice);
        json_.begin_object();
        for (const JsonValue& member : choice) write_member(member);
        json_.end_object();
    }

private:
    struct Call {
        bool is_left = true;
        std::string arguments{};
    };

    // What is left of each text.
    void share_out(JsonValue choice) {
        std::string buffer;
        std::size_t left = cut_.keep;
        const auto keep = [&] {
            const std::size_t kept = std::min(left, buffer.size());
            left -= kept;
            return buffer.substr(0, kept);
        };
        each_text(choice, buffer, [&](TextPlace place) {
            const bool is_cut = left < buffer.size();
            switch (place.kind) {
                case Kind::Thinking:
                    thoughts_ = keep();
                    break;
                case Kind::Text:
                    (place.number == 0 ? content_ : text_) = keep();
                    break;
                case Kind::Refusal:
                    refusal_ = keep();
                    break;
                case Kind::Name:
                    calls_.push_back({.is_left = !is_cut && left + buffer.size() > 0});
                    left = is_cut ? 0 : left - buffer.size();
                    break;
                case Kind::Arguments:
                    calls_.back().arguments = keep();
                    break;
            }
        });
    }

    void write_member(JsonValue member) {
        const std::string key = member.key();
        if (is_left_out(key)) return;
        if (key == "delta" || key == "message") {
            json_.key(key);
            write_said(member);
        } else if (key == "text") {
            json_.field(key, text_.append(cut_.notice));
        } else if (key == "logprobs") {
            json_.null_field(key);
        } else if (key == "finish_reason") {
            write_finish(key);
        } else {
            json_.raw_field(key, member.raw());
        }
    }

    void write_finish(const std::string& key) {
        if (cut_.finish_reason.empty()) return json_.null_field(key);
        json_.field(key, cut_.finish_reason);
    }

    void write_said(JsonValue said) {
        content_.append(cut_.notice);
        bool has_content = false;
        json_.begin_object();
        for (const JsonValue& member : said) {
            const std::string key = member.key();
            has_content = has_content || key == "content";
            write_said_member(key, member);
        }
        if (!has_content && !content_.empty()) json_.field("content", content_);
        json_.end_object();
    }

    void write_said_member(const std::string& key, JsonValue member) {
        if (is_left_out(key)) return;
        if (key == "content") {
            write_text(key, content_, member);
        } else if (key == "reasoning_content" || key == "reasoning") {
            // Where both are given they say the same.
            write_text(key, thoughts_, member);
        } else if (key == "refusal") {
            write_text(key, refusal_, member);
        } else if (key == "tool_calls") {
            write_calls(member);
        } else if (key == "function_call") {
            if (!calls_.empty() && calls_.back().is_left)
                write_function("function_call", member, "arguments", calls_.back());
        } else {
            json_.raw_field(key, member.raw());
        }
    }

    void write_text(const std::string& key, const std::string& text, JsonValue before) {
        if (text.empty() && !before.is_given()) return json_.null_field(key);
        json_.field(key, text);
    }

    void write_calls(JsonValue list) {
        const bool has_any =
            std::ranges::any_of(calls_, [](const Call& call) { return call.is_left; });
        if (!list.is_array() || !has_any) return;
        json_.key("tool_calls");
        json_.begin_array();
        std::size_t position = 0;
        for (const JsonValue& call : list) {
            const Call& kept = calls_[position++];
            if (kept.is_left) write_call(call, kept);
        }
        json_.end_array();
    }

    void write_call(JsonValue call, const Call& kept) {
        const std::string_view holder = holder_of(call);
        json_.begin_object();
        for (const JsonValue& member : call) {
            if (member.has_key(holder)) {
                write_function(holder, member, arguments_key(holder), kept);
            } else {
                json_.raw_field(member.key(), member.raw());
            }
        }
        json_.end_object();
    }

    void write_function(std::string_view name, JsonValue function, std::string_view arguments,
                        const Call& kept) {
        json_.key(name);
        json_.begin_object();
        for (const JsonValue& member : function) {
            if (member.has_key(arguments)) {
                json_.field(arguments, kept.arguments);
            } else {
                json_.raw_field(member.key(), member.raw());
            }
        }
        json_.end_object();
    }

    JsonWriter& json_;
    const ChoiceCut& cut_;
    std::string thoughts_, content_, refusal_, text_;
    std::vector<Call> calls_;
};

}  // namespace

std::size_t count_choice(JsonValue choice, OutputGauge& gauge, std::string& buffer) {
    std::size_t bytes = 0;
    each_text(choice, buffer, [&](TextPlace place) {
        if (buffer.empty()) return;
        bytes += buffer.size();
        if (place.kind == Kind::Name) {
            gauge.add_name(place.number, buffer);
        } else {
            gauge.add(place, buffer);
        }
    });
    return bytes;
}

void append_cut_choice(JsonWriter& json, JsonValue choice, const ChoiceCut& cut) {
    ChoiceWriter(json, cut).run(choice);
}

}  // namespace aigw::policy
