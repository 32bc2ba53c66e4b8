// The gateway's log: one line per event, a constant message and then fields.
//
// Shape:   JSON ({"time","level","message",…}) or text (time level message key=value …) on stderr.
// Threads: any; lines are handed to one writer thread through a bounded queue, so that a slow
//          terminal or a full pipe never stops a request. When the queue is full new lines are
//          dropped, and `dropped` counts them. A line is written within a few milliseconds.
// Secrets: never handed to this room at all; ids, names and lengths are.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "config/config.h"

namespace aigw::log {

struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;
};

class Log {
public:
    explicit Log(const config::LogOptions& options);
    ~Log();  // writes what is queued

    bool is_on(config::LogLevel level) const { return level >= level_; }
    void write(config::LogLevel level, std::string_view message,
               std::initializer_list<Field> fields);
    void debug(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(config::LogLevel::Debug, message, fields);
    }
    void info(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(config::LogLevel::Info, message, fields);
    }
    void warn(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(config::LogLevel::Warn, message, fields);
    }
    void error(std::string_view message, std::initializer_list<Field> fields = {}) {
        write(config::LogLevel::Error, message, fields);
    }
    std::uint64_t dropped() const;

private:
    class Writer;
    config::LogLevel level_;
    config::LogFormat format_;
    std::unique_ptr<Writer> writer_;
};

}  // namespace aigw::log
