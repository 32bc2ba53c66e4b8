// A moving line on a terminal's stderr while something takes its time.
//
// Threads: the line is drawn by a thread of its own, which the destructor joins; the line is gone
//          before anything else is printed.
#pragma once

#include <iosfwd>
#include <string>
#include <thread>

#include "cmd/program.h"

namespace aigw::cmd {

class Spinner {
public:
    // Draws nothing unless `program` shows progress, and nothing for the first 200 ms.
    Spinner(Program& program, std::string text);
    ~Spinner();
    Spinner(const Spinner&) = delete;
    Spinner& operator=(const Spinner&) = delete;

    // Erases the line for good; may be called again.
    void stop();

private:
    std::jthread thread_;
};

// Erases a spinner's line, if one is on the screen. Safe in a signal handler.
void erase_progress_line();

}  // namespace aigw::cmd
