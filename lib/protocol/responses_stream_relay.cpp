#include "protocol/responses_stream_relay.h"

#include <utility>

#include "protocol/object_scanner.h"
#include "protocol/reply_usage.h"
#include "protocol/vendor_error.h"

namespace aigw::protocol {
namespace {

// The event's type where it stands first, as OpenAI writes it; else empty.
std::string_view first_type(std::string_view data) {
    constexpr std::string_view kType = R"({"type":")";
    if (!data.starts_with(kType)) return {};
    data.remove_prefix(kType.size());
    return data.substr(0, data.find('"'));
}

}  // namespace

// Nearly all events are deltas, which hold nothing that matters here.
ResponsesStreamRelay::Verdict ResponsesStreamRelay::look_into(std::string_view data) {
    if (!first_type(data).ends_with(".delta")) return look_into_rare(data);
    count_event();
    return pass();
}

ResponsesStreamRelay::Verdict ResponsesStreamRelay::pass() {
    ++next_number_;
    return Verdict::Pass;
}

ResponsesStreamRelay::Verdict ResponsesStreamRelay::look_into_rare(std::string_view data) {
    if (data == "[DONE]") return Verdict::Drop;
    const auto root = tree_.parse(data);
    if (!root) return Verdict::Pass;
    count_event();
    const JsonValue type = (*root)["type"];
    const JsonValue error = (*root)["error"];
    if (type.is("error") || (!type.is_given() && error.is_given()))
        return fail_with(failure_in(error.is_object() ? error.raw() : data));
    const JsonValue response = (*root)["response"];
    if (type.is("response.failed")) return take_failed(response);
    if (type.is("response.completed") || type.is("response.incomplete")) {
        usage_ = read_usage_object(response["usage"].raw());
        note_end();
    }
    return pass();
}

// The event's own type is no kind of error.
Error ResponsesStreamRelay::failure_in(std::string_view json) const {
    VendorError said = read_vendor_error(json);
    if (said.type == "error") said.type.clear();
    const ErrorCode code = code_of_words(said, own_);
    return vendor_failure(code, std::move(said));
}

// What the answer has cost by then is said there, too.
ResponsesStreamRelay::Verdict ResponsesStreamRelay::take_failed(JsonValue response) {
    usage_ = read_usage_object(response["usage"].raw());
    const JsonValue said = response["error"];
    const Verdict anew = fail_with(failure_in(said.raw()));
    return failure()->message == said["message"].text() ? Verdict::Pass : anew;
}

// The event that ends an answer says why it ends: there is none to add.
std::string_view ResponsesStreamRelay::last_event() const {
    return {};
}

bool ResponsesStreamRelay::is_whole(std::string_view data) const {
    return is_whole_object(data);
}

// Numbers count the events that have gone out, from 0.
std::string ResponsesStreamRelay::render_failure(const Error& error) const {
    return render_responses_error(error, next_number_);
}

}  // namespace aigw::protocol
