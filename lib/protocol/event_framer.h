// Where the events of a stream end, and which of them may hold what somebody watches for: found in
// one pass over the bytes.
//
// Shape:   a window begins with the first byte of an event. What is incomplete at its end has to
//          come again at the beginning of the next, where the search goes on.
// Source:  html.spec.whatwg.org, section 9.2.6 (lines end with LF, CR or CRLF, events with a blank
//          line).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace aigw::protocol {

// Two bytes that stand kClueDistance apart in a text that is watched for, and are rare elsewhere.
inline constexpr std::size_t kClueDistance = 3;
struct Clue {
    char first;
    char second;
};

// What is watched for: clues, and a closer look at the place where one was found. It gives a bit
// for each thing that stands there.
struct Watch {
    std::array<Clue, 3> clues;
    std::uint8_t (*look)(std::string_view window, std::size_t position);
    // Behind which events that are else alike differ: the end of a key, the colon, and the quote
    // that opens its value.
    std::array<std::string_view, 2> differing;
};

class EventFramer {
public:
    struct Frame {
        std::string_view bytes;  // with the blank line
        std::size_t lines;       // before the blank one
        std::uint8_t found;      // what the watch has seen in it
        bool is_whole_look;      // that is all there is: it was looked through in one piece
    };

    // Without a watch no event is looked through.
    explicit EventFramer(const Watch* watch) : watch_(watch) {}

    // The window must stay until the next one.
    void open(std::string_view window);
    // The next event that is whole; none: the rest of the window is part of one. A CR at its end
    // may be half of a CRLF: it waits.
    std::optional<Frame> next();
    // An event of one line, looked through whole, with nothing in it: those that follow may be like
    // it but for one text.
    void note_nothing_in(std::string_view event);
    // How many events follow now that are, and their bytes. They hold nothing either.
    struct Run {
        std::size_t events = 0;
        std::size_t bytes = 0;
    };
    Run take_alike();
    // Forgets the event that was not whole.
    void reset();

    // 64 bytes: a bit for each that may end a line, and for each where a clue begins.
    struct Masks {
        std::uint64_t line_ends;
        std::uint64_t clues;
    };

private:
    void look_further();
    void look_at_clues(std::uint64_t before);
    void suspend(std::size_t position);
    std::size_t match_alike(std::string_view rest) const;

    // What comes before and after the text in which events differ, quotes included; in the window.
    struct Alike {
        std::string_view head;
        std::string_view tail;
    };

    const Watch* watch_;
    Alike alike_;  // no tail: nothing is known
    std::string_view window_;
    std::array<Masks, 8> masks_;  // of what follows `seen_from_`
    std::size_t seen_from_ = 0;
    std::size_t seen_to_ = 0;
    std::size_t word_ = 0;   // the masks that are being looked through
    std::size_t begin_ = 0;  // of the event, in the window
    std::size_t line_ = 0;   // where its last line begins, in the window
    std::size_t lines_ = 0;  // complete ones
    std::size_t left_at_ =
        0;  // how far the incomplete event has been searched, from its first byte
    std::uint8_t found_ = 0;
    bool is_whole_look_ = false;
};

// The data of an event, without blanks around it; nothing where it has none, as a comment. A view
// into the frame, or into `joined` where it stood in several lines.
std::optional<std::string_view> data_of(const EventFramer::Frame& frame, std::string& joined);

}  // namespace aigw::protocol
