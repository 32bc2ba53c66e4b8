#include "sidecar/simulated/faults.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"

namespace aigw::simulated {
namespace {

using namespace std::chrono_literals;

constexpr std::array kFaults = {
    FaultRow{"status-400", FaultKind::Status, 400, "the vendor's 400: the request is bad"},
    FaultRow{"status-401", FaultKind::Status, 401, "the vendor's 401: the key is wrong"},
    FaultRow{"status-402", FaultKind::Status, 402, "the vendor's 402: nothing is paid"},
    FaultRow{"status-403", FaultKind::Status, 403, "the vendor's 403: not allowed"},
    FaultRow{"status-404", FaultKind::Status, 404, "the vendor's 404: no such model"},
    FaultRow{"status-408", FaultKind::Status, 408, "the vendor's 408: it waited too long"},
    FaultRow{"status-409", FaultKind::Status, 409, "the vendor's 409: a conflict"},
    FaultRow{"status-413", FaultKind::Status, 413, "the vendor's 413: the request is too large"},
    FaultRow{"status-422", FaultKind::Status, 422, "the vendor's 422: unprocessable"},
    FaultRow{"status-429", FaultKind::Status, 429,
             "the vendor's 429: too many requests, with retry-after where the vendor sends it"},
    FaultRow{"status-429-quota", FaultKind::Quota, 429,
             "the vendor's 429 when the quota is used up; Anthropic has a 400 for it"},
    FaultRow{"status-500", FaultKind::Status, 500, "the vendor's 500"},
    FaultRow{"status-502", FaultKind::Status, 502, "the vendor's 502"},
    FaultRow{"status-503", FaultKind::Status, 503, "the vendor's 503: overloaded"},
    FaultRow{"status-504", FaultKind::Status, 504, "the vendor's 504"},
    FaultRow{"status-529", FaultKind::Status, 529, "the vendor's 529: overloaded, at Anthropic"},
    FaultRow{"html-500", FaultKind::HtmlError, 500, "a 500 with a page of HTML, as proxies answer"},
    FaultRow{"empty-500", FaultKind::EmptyError, 500, "a 500 without a body"},
    FaultRow{"slow-headers", FaultKind::SlowHeaders, 0,
             "the head comes byte by byte, ten a second"},
    FaultRow{"slow-body", FaultKind::SlowBody, 0, "the body comes byte by byte, ten a second"},
    FaultRow{"cut-stream", FaultKind::CutStream, 0, "closes in the middle of an event"},
    FaultRow{"cut-body", FaultKind::CutBody, 0,
             "closes before the body is as long as content-length says"},
    FaultRow{"stall-stream", FaultKind::StallStream, 0,
             "half of the answer, then nothing, and the connection stays open"},
    FaultRow{"garbage", FaultKind::Garbage, 0, "answers with what is not HTTP"},
    FaultRow{"bad-chunk", FaultKind::BadChunk, 0, "a chunk whose size is no number"},
    FaultRow{"error-event", FaultKind::ErrorEvent, 0, "the vendor's error frame in mid-stream"},
    FaultRow{"no-done", FaultKind::NoDone, 0,
             "a stream that ends without its last event, as data: [DONE]"},
    FaultRow{"never", FaultKind::Never, 0, "takes the request and never answers"},
    FaultRow{"close", FaultKind::Close, 0, "takes the request and closes the connection"},
    FaultRow{"200-error-body", FaultKind::OkErrorBody, 200,
             "the vendor's error as the body of a 200"},
    FaultRow{"huge-headers", FaultKind::HugeHeaders, 0, "256 KiB of header fields"},
    FaultRow{"flap", FaultKind::Flap, 503, "every second request fails with 503"},
    FaultRow{"split-bytes", FaultKind::SplitBytes, 0,
             "no failure: the body comes in pieces of 1 to 7 bytes"},
    FaultRow{"keep-alive", FaultKind::KeepAlive, 0,
             "no failure: comments stand between the events of a stream"},
    FaultRow{"crlf-stream", FaultKind::CrlfStream, 0,
             "no failure: the lines of a stream end with CR LF"},
};

constexpr std::string_view kStatusPrefix = "status-";
constexpr Wait kDrip = 100ms;

const FaultRow* find_fault(std::string_view name) {
    const auto found = std::find_if(kFaults.begin(), kFaults.end(),
                                    [&](const FaultRow& row) { return row.name == name; });
    return found == kFaults.end() ? nullptr : &*found;
}

Error unknown_fault(std::string_view name) {
    std::vector<std::string_view> names;
    for (const FaultRow& row : kFaults) names.push_back(row.name);
    Error error{ErrorCode::Usage, "unknown fault \"" + std::string(name) + "\""};
    const auto nearest = find_nearest(name, names);
    error.hint = nearest ? "did you mean \"" + std::string(*nearest) + "\"?"
                         : "`aigw mock --list-faults` lists them";
    return error;
}

// "12", "0.5": percent as parts of a million; at most four digits after the point.
std::optional<std::uint32_t> parse_percent(std::string_view text) {
    constexpr std::size_t kDigits = 4;
    const auto point = text.find('.');
    const std::string_view fraction =
        point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    if (fraction.size() > kDigits || (point != std::string_view::npos && fraction.empty())) {
        return std::nullopt;
    }
    std::string digits(text.substr(0, point));
    if (digits.empty()) return std::nullopt;
    digits.append(fraction).append(kDigits - fraction.size(), '0');
    const auto parts = parse_uint(digits);
    if (!parts || *parts == 0 || *parts > 1'000'000) return std::nullopt;
    return static_cast<std::uint32_t>(*parts);
}

std::string render_head(const Plan& plan) {
    std::string head = "HTTP/1.1 " + std::to_string(plan.status) + " \r\n";
    head.append(plan.headers.lines());
    return head;
}

std::vector<Piece> drip(std::string_view bytes) {
    std::vector<Piece> pieces;
    for (const char c : bytes) pieces.push_back({kDrip, std::string(1, c)});
    return pieces;
}

// The whole answer over the connection as it is; nothing is added by the framing.
Plan raw(std::vector<Piece> pieces, Ending ending) {
    Plan plan;
    plan.framing = Framing::Raw;
    plan.pieces = std::move(pieces);
    plan.ending = ending;
    return plan;
}

// The first half of the pieces; a single one is itself halved.
std::vector<Piece> first_half(std::vector<Piece> pieces) {
    if (pieces.size() == 1) {
        std::string& bytes = pieces.front().bytes;
        bytes.resize(bytes.size() / 2);
        return pieces;
    }
    pieces.resize(pieces.size() / 2);
    return pieces;
}

Plan slow_headers(const Plan& healthy) {
    const std::string body = healthy.body();
    const std::string head =
        render_head(healthy) + "content-length: " + std::to_string(body.size()) + "\r\n\r\n";
    std::vector<Piece> pieces = drip(head);
    pieces.push_back({Wait(0), body});
    return raw(std::move(pieces), Ending::Clean);
}

Plan slow_body(Plan plan) {
    plan.pieces = drip(plan.body());
    return plan;
}

Plan cut_stream(Plan plan) {
    const bool is_stream = plan.pieces.size() > 1;
    if (plan.framing == Framing::Length) plan.declared_length = plan.body().size();
    plan.pieces = first_half(std::move(plan.pieces));
    if (is_stream) {
        std::string& last = plan.pieces.back().bytes;
        last.resize(last.size() / 2);
    }
    plan.ending = Ending::Cut;
    return plan;
}

Plan cut_body(Plan plan) {
    constexpr std::uint64_t kMissing = 64;
    plan.framing = Framing::Length;
    plan.declared_length = plan.body().size() + kMissing;
    plan.ending = Ending::Cut;
    return plan;
}

Plan stall_stream(Plan plan) {
    if (plan.framing == Framing::Length) plan.declared_length = plan.body().size();
    plan.pieces = first_half(std::move(plan.pieces));
    plan.ending = Ending::Hang;
    return plan;
}

Plan bad_chunk(const Plan& healthy) {
    std::string bytes = render_head(healthy) + "transfer-encoding: chunked\r\n\r\n";
    const std::string& first = healthy.pieces.front().bytes;
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string size;
    for (std::size_t rest = first.size(); rest > 0; rest /= 16) size.insert(0, 1, kHex[rest % 16]);
    if (!first.empty()) bytes += size + "\r\n" + first + "\r\n";
    bytes += "xyzzy\r\n" + first + "\r\n";
    return raw({{Wait(0), std::move(bytes)}}, Ending::Cut);
}

Plan error_event(Plan plan, const SimulatedVendor& vendor, const http::Request& request,
                 TimePoint now) {
    if (plan.framing != Framing::Chunked) return vendor.fail(request, {.status = 500, .now = now});
    plan.pieces = first_half(std::move(plan.pieces));
    plan.pieces.push_back({Wait(0), vendor.error_event(request)});
    return plan;
}

Plan no_done(Plan plan) {
    if (plan.framing == Framing::Chunked && !plan.pieces.empty()) plan.pieces.pop_back();
    return plan;
}

Plan ok_error_body(const SimulatedVendor& vendor, const http::Request& request, TimePoint now) {
    Plan plan = vendor.fail(request, {.status = 500, .now = now});
    plan.status = 200;
    return plan;
}

Plan html_error() {
    Plan plan;
    plan.status = 500;
    plan.headers.add("content-type", "text/html");
    plan.pieces.push_back({Wait(0),
                           "<html>\r\n<head><title>500 Internal Server Error</title></head>\r\n"
                           "<body>\r\n<center><h1>500 Internal Server Error</h1></center>\r\n"
                           "<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"});
    return plan;
}

Plan empty_error() {
    Plan plan;
    plan.status = 500;
    return plan;
}

Plan huge_headers(Plan plan) {
    constexpr int kFields = 256;
    constexpr std::size_t kFieldBytes = 1024;
    for (int i = 0; i < kFields; ++i) {
        const std::string name = "x-filler-" + std::to_string(i);
        plan.headers.add(name, std::string(kFieldBytes - name.size() - 4, 'x'));
    }
    return plan;
}

Plan split_bytes(Plan plan) {
    const std::string body = plan.body();
    if (plan.framing == Framing::Length) plan.declared_length = body.size();
    plan.pieces.clear();
    std::size_t length = 1;
    for (std::size_t at = 0; at < body.size(); length = length % 7 + 1) {
        plan.pieces.push_back({Wait(0), body.substr(at, length)});
        at += length;
    }
    return plan;
}

Plan keep_alive(Plan plan) {
    const bool has_events =
        plan.headers.find("content-type").value_or("").starts_with("text/event-stream");
    if (plan.framing != Framing::Chunked || !has_events) return plan;
    for (Piece& piece : plan.pieces) piece.bytes.insert(0, ": keep-alive\n\n");
    return plan;
}

Plan crlf_stream(Plan plan) {
    if (plan.framing != Framing::Chunked) return plan;
    for (Piece& piece : plan.pieces) {
        std::string lines;
        for (const char c : piece.bytes) {
            if (c == '\n' && !lines.ends_with('\r')) lines += '\r';
            lines += c;
        }
        piece.bytes = std::move(lines);
    }
    return plan;
}

}  // namespace

std::span<const FaultRow> fault_rows() {
    return kFaults;
}

Result<const FaultRow*> parse_fault(std::string_view name) {
    const FaultRow* row = find_fault(name);
    if (row == nullptr) row = find_fault(std::string(kStatusPrefix) + std::string(name));
    if (row == nullptr) return unknown_fault(name);
    return row;
}

Result<FaultShare> parse_fault_share(std::string_view text) {
    const auto colon = text.find(':');
    const FaultRow* row = TRY(parse_fault(text.substr(0, colon)));
    if (colon == std::string_view::npos) return FaultShare{row};
    const std::string_view share = text.substr(colon + 1);
    const auto per_million =
        share.ends_with('%') ? parse_percent(share.substr(0, share.size() - 1)) : std::nullopt;
    if (!per_million) {
        return Error{ErrorCode::Usage,
                     "the share of fault \"" + std::string(text) + "\" is no percentage",
                     "write it as \"" + std::string(row->name) + ":25%\""};
    }
    return FaultShare{row, *per_million};
}

Plan apply_fault(const FaultRow& fault, Plan healthy, const SimulatedVendor& vendor,
                 const http::Request& request, TimePoint now) {
    switch (fault.kind) {
        case FaultKind::Status:
        case FaultKind::Flap:
            return vendor.fail(request, {.status = fault.status, .now = now});
        case FaultKind::Quota:
            return vendor.fail(request, {.status = fault.status, .is_quota = true, .now = now});
        case FaultKind::HtmlError:
            return html_error();
        case FaultKind::EmptyError:
            return empty_error();
        case FaultKind::SlowHeaders:
            return slow_headers(healthy);
        case FaultKind::SlowBody:
            return slow_body(std::move(healthy));
        case FaultKind::CutStream:
            return cut_stream(std::move(healthy));
        case FaultKind::CutBody:
            return cut_body(std::move(healthy));
        case FaultKind::StallStream:
            return stall_stream(std::move(healthy));
        case FaultKind::Garbage:
            return raw({{Wait(0), "\x16\x03\x01 this is not the protocol you expect\r\n\r\n"}},
                       Ending::Cut);
        case FaultKind::BadChunk:
            return bad_chunk(healthy);
        case FaultKind::ErrorEvent:
            return error_event(std::move(healthy), vendor, request, now);
        case FaultKind::NoDone:
            return no_done(std::move(healthy));
        case FaultKind::Never:
            return raw({}, Ending::Hang);
        case FaultKind::Close:
            return raw({}, Ending::Cut);
        case FaultKind::OkErrorBody:
            return ok_error_body(vendor, request, now);
        case FaultKind::HugeHeaders:
            return huge_headers(std::move(healthy));
        case FaultKind::SplitBytes:
            return split_bytes(std::move(healthy));
        case FaultKind::KeepAlive:
            return keep_alive(std::move(healthy));
        case FaultKind::CrlfStream:
            return crlf_stream(std::move(healthy));
    }
    return healthy;
}

}  // namespace aigw::simulated
