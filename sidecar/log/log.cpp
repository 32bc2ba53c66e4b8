#include "sidecar/log/log.h"

#include <fmt/format.h>
#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <chrono>

#include "base/text.h"
#include "base/time.h"

namespace aigw::log {
namespace {

using config::LogFormat;
using config::LogLevel;

constexpr std::size_t kQueue = 8192;

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
        line.append(std::to_string(*number));
    } else if (const auto* fraction = std::get_if<double>(&field.value)) {
        line.append(fmt::format("{:.3f}", *fraction));
    } else {
        line.append(std::get<bool>(field.value) ? "true" : "false");
    }
}

std::string render_json(LogLevel level, std::string_view message,
                        std::initializer_list<Field> fields) {
    std::string line =
        fmt::format(R"({{"time":"{}","level":"{}","message":)", now_text(), name_of(level));
    append_json_string(line, message);
    for (const Field& field : fields) {
        line.push_back(',');
        append_json_string(line, field.key);
        line.push_back(':');
        append_value(line, field, LogFormat::Json);
    }
    line.push_back('}');
    return line;
}

std::string render_text(LogLevel level, std::string_view message,
                        std::initializer_list<Field> fields) {
    std::string line = fmt::format("{} {:5} {}", now_text(), name_of(level), message);
    for (const Field& field : fields) {
        line.append(" ").append(field.key).append("=");
        append_value(line, field, LogFormat::Text);
    }
    return line;
}

}  // namespace

struct Log::Writer {
    std::shared_ptr<spdlog::details::thread_pool> pool =
        std::make_shared<spdlog::details::thread_pool>(kQueue, 1);
    std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
        "aigw", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool,
        spdlog::async_overflow_policy::overrun_oldest);
};

Log::Log(const config::LogOptions& options) : level_(options.level), format_(options.format) {
    if (level_ == LogLevel::Off) return;
    writer_ = std::make_unique<Writer>();
    writer_->logger->set_pattern("%v");
    writer_->logger->set_level(spdlog::level::trace);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message, std::initializer_list<Field> fields) {
    if (!is_on(level) || !writer_) return;
    const std::string line = format_ == LogFormat::Json ? render_json(level, message, fields)
                                                        : render_text(level, message, fields);
    writer_->logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

std::uint64_t Log::dropped() const {
    return writer_ ? writer_->pool->overrun_counter() : 0;
}

}  // namespace aigw::log
