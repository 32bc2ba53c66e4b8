// What whole answers and streams of Anthropic's Messages have in common.
//
// Source:  docs.anthropic.com/en/api/messages; the conversion contract, sections 4, 5, 7 and 8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/chat_reply.h"
#include "protocol/json_tree.h"
#include "protocol/json_writer.h"

namespace aigw::protocol {

// The numbers of `usage`. In a stream they come several times and are cumulative: what is given
// replaces what was there, nothing is added.
class AnthropicUsage {
public:
    void merge(JsonValue usage);
    // In disjoint parts; nothing when no number has been given.
    std::optional<Usage> usage() const;

private:
    std::optional<std::int64_t> input_;
    std::optional<std::int64_t> cache_read_;
    std::optional<std::int64_t> cache_creation_;
    std::optional<std::int64_t> output_;  // thinking included
    std::optional<std::int64_t> thinking_;
};

// `stop_reason`, `stop_sequence`, `stop_details` of a message or of a message_delta's `delta`: what
// is given replaces what `stop` has.
void merge_anthropic_stop(JsonValue object, Stop& stop);

// Where a text comes from, in the web.
struct WebCitation {
    std::string url{};
    std::string title{};
};
// Citations of documents have no equivalent.
std::optional<WebCitation> read_web_citation(JsonValue citation);
// OpenAI's annotation of the text between two positions, counted in characters.
std::string url_annotation(const WebCitation& citation, std::size_t begin, std::size_t end);

// Members of the object that is open: stop_reason, stop_sequence and, where one was given, the
// explanation of a refusal. A sequence counts only when the caller has asked for it.
void append_anthropic_stop(JsonWriter& json, const Stop& stop, const AnswerPlan& plan);
void append_anthropic_usage(JsonWriter& json, const Usage& usage);

}  // namespace aigw::protocol
