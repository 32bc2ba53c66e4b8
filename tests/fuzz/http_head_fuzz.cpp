// Heads of requests and replies: the same verdict byte by byte as at once, and views that stay
// within the head.

#include <string>

#include "sidecar/engine/http_parser.h"
#include "tests/fuzz/target.h"

namespace {

using aigw::engine::Framing;
using aigw::engine::HeadParser;
using aigw::engine::ParseResult;
using aigw::engine::ParseState;
using aigw::engine::RequestHead;
using aigw::engine::ResponseHead;

struct Verdict {
    ParseState state = ParseState::Incomplete;
    std::size_t consumed = 0;
    int status = 0;
    std::uint64_t length = 0;

    friend bool operator==(const Verdict&, const Verdict&) = default;
};

Verdict verdict_of(const ParseResult& result, const Framing& framing) {
    if (result.state != ParseState::Complete) return {result.state, 0, result.status, 0};
    return {result.state, result.consumed, 0, framing.length};
}

template <class Head>
void check_fields(const Head& head, std::string_view text) {
    for (const auto& field : head.fields) {
        const bool is_inside = field.name.data() >= text.data() &&
                               field.value.data() + field.value.size() <= text.data() + text.size();
        aigw::fuzz::must_hold(is_inside, "fields lie within the head");
        aigw::fuzz::must_hold(field.name.find_first_of(" \t\r\n:") == std::string_view::npos,
                              "a field's name holds no blank");
        aigw::fuzz::must_hold(field.value.find_first_of("\r\n") == std::string_view::npos,
                              "a field's value is one line");
    }
}

Verdict parse_request(const aigw::fuzz::Input& input) {
    HeadParser parser;
    for (std::size_t end = 0; end < input.text.size();) {
        end = std::min(end + input.piece, input.text.size());
        RequestHead head;
        Framing framing;
        const ParseResult result = parser.parse_request(input.text.substr(0, end), head, framing);
        if (result.state == ParseState::Incomplete) continue;
        if (result.state == ParseState::Complete) check_fields(head, input.text.substr(0, end));
        return verdict_of(result, framing);
    }
    return {};
}

Verdict parse_response(const aigw::fuzz::Input& input) {
    HeadParser parser;
    for (std::size_t end = 0; end < input.text.size();) {
        end = std::min(end + input.piece, input.text.size());
        ResponseHead head;
        Framing framing;
        const ParseResult result =
            parser.parse_response(input.text.substr(0, end), false, head, framing);
        if (result.state == ParseState::Incomplete) continue;
        if (result.state == ParseState::Complete) check_fields(head, input.text.substr(0, end));
        return verdict_of(result, framing);
    }
    return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const aigw::fuzz::Input input = aigw::fuzz::read_input(data, size);
    const aigw::fuzz::Input at_once{input.text.size() + 1, input.text};

    const Verdict request = parse_request(at_once);
    if (request.state == ParseState::Complete) {
        aigw::fuzz::must_hold(request == parse_request(input),
                              "a request's head is read alike however it came");
    }
    const Verdict response = parse_response(at_once);
    if (response.state == ParseState::Complete) {
        aigw::fuzz::must_hold(response == parse_response(input),
                              "a reply's head is read alike however it came");
    }
    return 0;
}
