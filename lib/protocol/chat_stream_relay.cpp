#include "protocol/chat_stream_relay.h"

#include <utility>

#include "base/text.h"
#include "protocol/chunk_marks.h"
#include "protocol/object_scanner.h"
#include "protocol/reply_usage.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {
namespace {

constexpr std::string_view kDone = "[DONE]";

bool is_empty_array(std::string_view json) {
    return json.starts_with('[') && trim(json.substr(1)) == "]";
}

bool is_object(std::string_view json) {
    return json.starts_with('{');
}

std::string_view field_text(std::string_view object, std::string_view name) {
    const auto place = find_field(object, name);
    return place ? place->of(object) : std::string_view();
}

// Usage stands at the top level; Moonshot puts it into its last chunk's first choice.
std::string_view usage_of(std::string_view chunk) {
    const std::string_view usage = field_text(chunk, "usage");
    if (is_object(usage)) return usage;
    const std::string_view choices = field_text(chunk, "choices");
    const std::size_t first = choices.find('{');
    if (first == std::string_view::npos) return {};
    const std::string_view inner = field_text(choices.substr(first), "usage");
    return is_object(inner) ? inner : std::string_view();
}

}  // namespace

OpenAiStreamRelay::OpenAiStreamRelay(UsageChunk usage_chunk, std::span<const std::string> secrets,
                                     VendorMeaning own)
    : EventRelay(Envelope::OpenAi, secrets, &kChunkWatch),
      usage_chunk_(usage_chunk),
      own_(std::move(own)) {}

OpenAiStreamRelay::Verdict OpenAiStreamRelay::look_into(std::string_view data) {
    if (data == kDone) {
        note_end();
        return Verdict::Pass;
    }
    count_event();
    const ChunkMarks marks = seen() ? marks_of(*seen()) : find_chunk_marks(data);
    if (marks.error || marks.message) {
        if (auto said = find_vendor_error(data)) {
            const ErrorCode code = code_of_words(*said, own_);
            return fail_with(vendor_failure(code, *std::move(said)));
        }
    }
    if (marks.finish_reason) note_reason();
    if (!marks.usage) return Verdict::Pass;
    const std::string_view usage = usage_of(data);
    if (usage.empty()) return Verdict::Pass;
    usage_json_ = usage;
    const std::string_view choices = field_text(data, "choices");
    const bool is_only_usage = choices.empty() || is_empty_array(choices);
    return is_only_usage && usage_chunk_ == UsageChunk::Hide ? Verdict::Drop : Verdict::Pass;
}

std::string_view OpenAiStreamRelay::last_event() const {
    return "data: [DONE]\n\n";
}

bool OpenAiStreamRelay::is_whole(std::string_view data) const {
    return data == kDone || is_whole_object(data);
}

std::optional<Usage> OpenAiStreamRelay::usage() const {
    return read_usage_object(usage_json_);
}

}  // namespace aigw::protocol
