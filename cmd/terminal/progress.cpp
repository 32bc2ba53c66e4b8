#include "cmd/terminal/progress.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>

namespace aigw::cmd {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, 10> kFrames = {"⠋", "⠙", "⠹", "⠸", "⠼",
                                                      "⠴", "⠦", "⠧", "⠇", "⠏"};

// A signal handler must know whether there is a line to erase, and reaches nothing but globals.
std::atomic<bool> line_is_drawn{false};

void draw_until_stopped(const std::stop_token& stop, std::ostream& err, const std::string& text) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    const auto pause = [&](std::chrono::milliseconds time) {
        wake.wait_for(lock, stop, time, [] { return false; });
        return !stop.stop_requested();
    };
    bool is_going = pause(200ms);
    for (std::size_t frame = 0; is_going; frame = (frame + 1) % kFrames.size()) {
        line_is_drawn = true;
        err << '\r' << kFrames[frame] << ' ' << text << std::flush;
        is_going = pause(80ms);
    }
    erase_progress_line();
}

}  // namespace

Spinner::Spinner(Program& program, std::string text) {
    if (!program.shows_progress()) return;
    thread_ =
        std::jthread([&err = program.err, text = std::move(text)](const std::stop_token& stop) {
            draw_until_stopped(stop, err, text);
        });
}

Spinner::~Spinner() {
    stop();
}

void Spinner::stop() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

void erase_progress_line() {
    constexpr std::string_view kErase = "\r\x1b[K";
    if (!line_is_drawn.exchange(false)) return;
    if (::write(STDERR_FILENO, kErase.data(), kErase.size()) < 0) return;  // nobody to tell
}

}  // namespace aigw::cmd
