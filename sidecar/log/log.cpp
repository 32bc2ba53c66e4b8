#include "sidecar/log/log.h"

#include <fmt/compile.h>
#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <iterator>
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

std::string now_text() {
    return render_time(
        std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

// Three digits behind the point, by integers: several times as fast as a formatter of doubles.
void append_thousandths(std::string& line, double value) {
    const auto all = static_cast<std::int64_t>(std::llround(std::abs(value) * 1000));
    if (value < 0 && all != 0) line.push_back('-');
    fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}.{:03}"), all / 1000, all % 1000);
}

void append_value(std::string& line, const Field& field, LogFormat format) {
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
        const bool is_bare = format == LogFormat::Text && !text->empty() &&
                             text->find_first_of(" \"=\\\n\r\t") == std::string_view::npos;
        if (is_bare) {
            line.append(*text);
        } else {
            append_json_string(line, *text);
        }
    } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
        fmt::format_to(std::back_inserter(line), FMT_COMPILE("{}"), *number);
    } else if (const auto* fraction = std::get_if<double>(&field.value)) {
        append_thousandths(line, *fraction);
    } else {
        line.append(std::get<bool>(field.value) ? "true" : "false");
    }
}

void append_json_line(std::string& line, LogLevel level, std::string_view message,
                      std::initializer_list<Field> fields) {
    line.append(R"({"time":")").append(now_text());
    line.append(R"(","level":")").append(name_of(level)).append(R"(","message":)");
    append_json_string(line, message);
    for (const Field& field : fields) {
        line.append(",\"").append(field.key).append("\":");  // keys are our own words
        append_value(line, field, LogFormat::Json);
    }
    line.append("}\n");
}

void append_text_line(std::string& line, LogLevel level, std::string_view message,
                      std::initializer_list<Field> fields) {
    fmt::format_to(std::back_inserter(line), FMT_COMPILE("{} {:5} {}"), now_text(), name_of(level),
                   message);
    for (const Field& field : fields) {
        line.append(" ").append(field.key).append("=");
        append_value(line, field, LogFormat::Text);
    }
    line.push_back('\n');
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
    thread_local std::string line;  // its room is kept from line to line
    line.clear();
    if (format_ == LogFormat::Json) {
        append_json_line(line, level, message, fields);
    } else {
        append_text_line(line, level, message, fields);
    }
    writer_->add(line);
}

std::uint64_t Log::dropped() const {
    return writer_ ? writer_->dropped() : 0;
}

}  // namespace aigw::log
