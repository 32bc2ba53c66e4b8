#include "protocol/sse.h"

#include <algorithm>

namespace aigw::protocol {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_line_end(char c) {
    return c == '\n' || c == '\r';
}

}  // namespace

void SseReader::feed(std::string_view bytes) {
    if (is_failed_) return;
    if (is_after_cr_ && !bytes.empty()) {
        if (bytes.front() == '\n') bytes.remove_prefix(1);
        is_after_cr_ = false;
    }
    buffer_.erase(0, begin_);
    scanned_ -= begin_;
    begin_ = 0;
    buffer_.append(bytes);
    if (!is_started_ && buffer_.size() >= kByteOrderMark.size()) skip_byte_order_mark();
}

void SseReader::skip_byte_order_mark() {
    is_started_ = true;
    if (std::string_view(buffer_).starts_with(kByteOrderMark)) {
        begin_ = scanned_ = kByteOrderMark.size();
    }
}

Result<std::optional<SseEvent>> SseReader::next() {
    if (is_dispatched_) clear_event();
    if (!is_started_ && kByteOrderMark.starts_with(buffer_)) return std::optional<SseEvent>();
    is_started_ = true;
    while (!is_failed_) {
        const auto line = take_line();
        if (data_.size() + (line ? line->size() : buffer_.size() - begin_) > kMaxEventBytes) break;
        if (!line) return std::optional<SseEvent>();
        if (!line->empty()) {
            take_field(*line);
        } else if (auto event = dispatch()) {
            return event;
        }
    }
    is_failed_ = true;
    return Error{ErrorCode::UpstreamInvalid, "an event of the upstream's stream is over 8 MiB"};
}

Result<std::optional<SseEvent>> SseReader::finish() {
    is_started_ = true;
    feed("\n\n");
    return next();
}

std::optional<std::string_view> SseReader::take_line() {
    const auto from = buffer_.begin() + static_cast<std::ptrdiff_t>(scanned_);
    const auto found = std::find_if(from, buffer_.end(), is_line_end);
    scanned_ = static_cast<std::size_t>(found - buffer_.begin());
    if (found == buffer_.end()) return std::nullopt;
    const auto line = std::string_view(buffer_).substr(begin_, scanned_ - begin_);
    const bool is_cr = *found == '\r';
    ++scanned_;
    if (is_cr && scanned_ < buffer_.size() && buffer_[scanned_] == '\n') ++scanned_;
    is_after_cr_ = is_cr && scanned_ == buffer_.size() && buffer_.back() == '\r';
    begin_ = scanned_;
    return line;
}

void SseReader::take_field(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == 0) return;  // a comment
    const std::string_view name = line.substr(0, colon);
    std::string_view value;
    if (colon != std::string_view::npos) value = line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "data") {
        if (has_data_) data_.push_back('\n');
        data_.append(value);
        has_data_ = true;
    } else if (name == "event") {
        type_ = value;
    } else if (name == "id" && value.find('\0') == std::string_view::npos) {
        id_ = value;
    }
}

std::optional<SseEvent> SseReader::dispatch() {
    if (!has_data_) {
        clear_event();
        return std::nullopt;
    }
    is_dispatched_ = true;
    return SseEvent{type_.empty() ? std::string_view("message") : std::string_view(type_), data_,
                    id_};
}

void SseReader::clear_event() {
    type_.clear();
    data_.clear();
    has_data_ = false;
    is_dispatched_ = false;
}

void append_sse_event(std::string& out, std::string_view data, std::string_view type) {
    if (!type.empty()) out.append("event: ").append(type).push_back('\n');
    for (;;) {
        const std::size_t end = data.find_first_of("\r\n");
        out.append("data: ").append(data.substr(0, end)).push_back('\n');
        if (end == std::string_view::npos) break;
        data.remove_prefix(end + (data.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    out.push_back('\n');
}

}  // namespace aigw::protocol
