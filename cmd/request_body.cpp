#include "cmd/request_body.h"

#include <string_view>

#include "base/text.h"
#include "protocol/object_scanner.h"

namespace aigw::cmd {
namespace {

constexpr std::string_view kMessages = R"("messages":[{"role":"user","content":"…"}])";
constexpr std::int64_t kMadeUpBound = 1024;  // where a body must say one

void set_field(std::string& body, std::string_view name, const std::string& json) {
    if (const auto place = protocol::find_field(body, name)) {
        body.replace(place->begin, place->size(), json);
        return;
    }
    const std::size_t first = protocol::ObjectScanner(body).first_key();
    body.insert(first, json_string(name) + ":" + json + ",");
}

// The field that bounds an answer; of two that mean the same the one that is there.
std::string_view bound_field(const std::string& body, Protocol protocol) {
    if (protocol == Protocol::Responses) return "max_output_tokens";
    const bool has_younger =
        protocol == Protocol::OpenAi && protocol::find_field(body, "max_completion_tokens");
    return has_younger ? "max_completion_tokens" : "max_tokens";
}

std::string_view made_up_text(Operation operation, Protocol protocol) {
    if (operation == Operation::Completions) return R"("prompt":"…")";
    if (operation == Operation::Embeddings || protocol == Protocol::Responses)
        return R"("input":"…")";
    return kMessages;
}

}  // namespace

std::string with_changes(std::string body, Operation operation, Protocol protocol,
                         const BodyChanges& changes) {
    if (changes.max_tokens && writes_text(operation))
        set_field(body, bound_field(body, protocol), std::to_string(*changes.max_tokens));
    if (changes.streams && writes_text(operation)) set_field(body, "stream", "true");
    if (!changes.model.empty()) set_field(body, "model", json_string(changes.model));
    return body;
}

std::string make_up_body(Operation operation, Protocol protocol, const BodyChanges& changes) {
    BodyChanges said = changes;
    const bool needs_bound = operation == Operation::Chat && protocol == Protocol::Anthropic;
    if (needs_bound && !said.max_tokens) said.max_tokens = kMadeUpBound;
    return with_changes("{" + std::string(made_up_text(operation, protocol)) + "}", operation,
                        protocol, said);
}

}  // namespace aigw::cmd
