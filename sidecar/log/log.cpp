#include "sidecar/log/log.h"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

#include "base/text.h"
#include "base/time.h"

namespace aigw::log {
namespace {

using config::LogFormat;
using config::LogLevel;

constexpr std::size_t kMostQueued = 4 << 20;
constexpr std::chrono::milliseconds kGather{5};

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::Debug:
            return "debug";
        case LogLevel::Info:
            return "info";
        case LogLevel::Warn:
            return "warn";
        case LogLevel::Error:
            return "error";
        case LogLevel::Off:
            return "off";
    }
    return "";
}

// A line that is being written: room is made once for each field, then bytes are put without
// another look.
class Line {
public:
    void clear() { at_ = 0; }
    void make_room(std::size_t bytes) {
        if (bytes_.size() < at_ + bytes) bytes_.resize(2 * (at_ + bytes));
    }
    void put(char c) { bytes_[at_++] = c; }
    void put(std::string_view text) {
        std::memcpy(bytes_.data() + at_, text.data(), text.size());
        at_ += text.size();
    }
    void put(std::int64_t number) {
        at_ = static_cast<std::size_t>(
            std::to_chars(here(), bytes_.data() + bytes_.size(), number).ptr - bytes_.data());
    }
    // Makes its own room.
    void put_json(std::string_view text) {
        escaped_.clear();
        append_json_string(escaped_, text);
        make_room(escaped_.size() + kRoom);
        put(std::string_view(escaped_));
    }
    std::string_view text() const { return {bytes_.data(), at_}; }

    // Enough for a number, or what stands around a field.
    static constexpr std::size_t kRoom = 64;

private:
    char* here() { return bytes_.data() + at_; }

    std::string bytes_;
    std::string escaped_;
    std::size_t at_ = 0;
};

// Three digits behind the point, by integers: several times as fast as a formatter of doubles.
void put_thousandths(Line& line, double value) {
    const auto all = static_cast<std::int64_t>(std::llround(std::abs(value) * 1000));
    if (value < 0 && all != 0) line.put('-');
    line.put(all / 1000);
    line.put('.');
    const auto rest = static_cast<int>(all % 1000);
    line.put(static_cast<char>('0' + rest / 100));
    line.put(static_cast<char>('0' + rest / 10 % 10));
    line.put(static_cast<char>('0' + rest % 10));
}

// RFC 3339. What is before the fraction is made once per second and thread.
void put_now(Line& line) {
    using std::chrono::milliseconds;
    thread_local std::int64_t second = -1;
    thread_local std::string text;
    const auto now = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    const auto whole = std::chrono::floor<std::chrono::seconds>(now);
    if (whole.time_since_epoch().count() != second) {
        second = whole.time_since_epoch().count();
        text = render_time(whole);
        text.pop_back();  // the Z
    }
    line.put(text);
    const auto ms = static_cast<int>((now - whole).count());
    line.put('.');
    line.put(static_cast<char>('0' + ms / 100));
    line.put(static_cast<char>('0' + ms / 10 % 10));
    line.put(static_cast<char>('0' + ms % 10));
    line.put('Z');
}

void put_value(Line& line, const Field& field, LogFormat format) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        const bool is_bare = format == LogFormat::Text && !text->empty() &&
                             text->find_first_of(" \"=\\\n\r\t") == std::string_view::npos;
        if (!is_bare) return line.put_json(*text);
        line.make_room(text->size() + Line::kRoom);
        line.put(*text);
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        line.put(*number);
    } else if (const auto* fraction = std::get_if<double>(&field.value)) {
        put_thousandths(line, *fraction);
    } else {
        line.put(std::get<bool>(field.value) ? std::string_view("true")
                                             : std::string_view("false"));
    }
}

void put_json_line(Line& line, LogLevel level, std::string_view message,
                   std::initializer_list<Field> fields) {
    line.make_room(2 * Line::kRoom);
    line.put(R"({"time":")");
    put_now(line);
    line.put(R"(","level":")");
    line.put(name_of(level));
    line.put(R"(","message":)");
    line.put_json(message);
    for (const Field& field : fields) {
        line.make_room(field.key.size() + Line::kRoom);
        line.put(R"(,")");
        line.put(field.key);  // keys are our own words
        line.put(R"(":)");
        put_value(line, field, LogFormat::Json);
    }
    line.put("}\n");
}

void put_text_line(Line& line, LogLevel level, std::string_view message,
                   std::initializer_list<Field> fields) {
    constexpr std::size_t kLevelWidth = 6;
    line.make_room(message.size() + 2 * Line::kRoom);
    put_now(line);
    line.put(' ');
    line.put(name_of(level));
    for (std::size_t width = name_of(level).size(); width < kLevelWidth; ++width) line.put(' ');
    line.put(message);
    for (const Field& field : fields) {
        line.make_room(field.key.size() + Line::kRoom);
        line.put(' ');
        line.put(field.key);
        line.put('=');
        put_value(line, field, LogFormat::Text);
    }
    line.put('\n');
}

}  // namespace

// Lines gather for a few milliseconds and go out together: one wake-up and one write for many of
// them, instead of both for each.
class Log::Writer {
public:
    Writer() : thread_([this](const std::stop_token& stop) { run(stop); }) {
        logger_.set_pattern("%v");
        logger_.set_level(spdlog::level::trace);
    }
    ~Writer() {
        thread_.request_stop();
        thread_.join();
    }

    void add(std::string_view line) {
        {
            const std::lock_guard lock(mutex_);
            if (queued_.size() + line.size() > kMostQueued) {
                dropped_.fetch_add(1, std::memory_order_relaxed);
                return;
            }
            const bool was_empty = queued_.empty();
            queued_.append(line);
            if (!was_empty) return;  // the writer knows already
        }
        has_lines_.notify_one();
    }

    std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

private:
    void run(const std::stop_token& stop) {
        std::string batch;
        std::unique_lock lock(mutex_);
        while (true) {
            const bool has_some = has_lines_.wait(lock, stop, [this] { return !queued_.empty(); });
            if (!has_some) return;
            // Ends early when the gateway stops.
            has_lines_.wait_for(lock, stop, kGather, [] { return false; });
            batch.clear();
            std::swap(batch, queued_);
            lock.unlock();
            batch.pop_back();  // the sink ends what it writes with a newline of its own
            logger_.log(spdlog::level::info, spdlog::string_view_t(batch.data(), batch.size()));
            logger_.flush();
            lock.lock();
        }
    }

    spdlog::logger logger_{"aigw", std::make_shared<spdlog::sinks::stderr_sink_st>()};
    std::mutex mutex_;  // guards queued_
    std::condition_variable_any has_lines_;
    std::string queued_;
    std::atomic<std::uint64_t> dropped_{0};
    std::jthread thread_;
};

Log::Log(const config::LogOptions& options) : level_(options.level), format_(options.format) {
    if (level_ != LogLevel::Off) writer_ = std::make_unique<Writer>();
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) {
    if (!is_on(level) || !writer_) return;
    thread_local Line line;  // its room is kept from line to line
    line.clear();
    if (format_ == LogFormat::Json) {
        put_json_line(line, level, message, fields);
    } else {
        put_text_line(line, level, message, fields);
    }
    writer_->add(line.text());
}

std::uint64_t Log::dropped() const {
    return writer_ ? writer_->dropped() : 0;
}

}  // namespace aigw::log
