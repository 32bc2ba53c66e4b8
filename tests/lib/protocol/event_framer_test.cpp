#include "protocol/event_framer.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

using namespace aigw::protocol;

namespace {

std::uint8_t is_key(std::string_view window, std::size_t position) {
    return window.substr(position).starts_with("key") ? 1 : 0;
}

constexpr Watch kWatch{{Clue{'k', '!'}, Clue{'?', 'x'}, Clue{'?', 'y'}},
                       [](auto window, auto at) { return is_key(window, at); },
                       {}};

struct Event {
    std::string bytes;
    std::size_t lines;
    bool is_watched;

    friend bool operator==(const Event&, const Event&) = default;
};

// All whole events of the text, fed in pieces of those sizes, over and over; what is incomplete
// comes again.
std::vector<Event> events_of(std::string_view text, const std::vector<std::size_t>& sizes,
                             const Watch* watch) {
    EventFramer framer(watch);
    std::vector<Event> events;
    std::string window;
    for (std::size_t at = 0, turn = 0; at < text.size(); ++turn) {
        const std::size_t size = std::min(sizes[turn % sizes.size()], text.size() - at);
        window.append(text.substr(at, size));
        at += size;
        framer.open(window);
        std::size_t taken = 0;
        while (const auto frame = framer.next()) {
            events.push_back({std::string(frame->bytes), frame->lines,
                              frame->found != 0 || !frame->is_whole_look});
            taken += frame->bytes.size();
        }
        window.erase(0, taken);
    }
    return events;
}

// The rules, a byte at a time.
std::vector<Event> expected_events(std::string_view text) {
    std::vector<Event> events;
    std::size_t begin = 0;
    std::size_t line = 0;
    std::size_t lines = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (text[at] != '\n' && text[at] != '\r') {
            ++at;
            continue;
        }
        if (text[at] == '\r' && at + 1 == text.size()) break;
        const std::size_t next = at + (text[at] == '\r' && text[at + 1] == '\n' ? 2 : 1);
        if (at == line) {
            const std::string bytes(text.substr(begin, next - begin));
            events.push_back({bytes, lines, bytes.find("key!") != std::string::npos});
            begin = next;
            lines = 0;
        } else {
            ++lines;
        }
        line = at = next;
    }
    return events;
}

std::string random_stream(std::mt19937& random) {
    constexpr std::string_view kPieces[] = {
        "\n",   "\n\n", "\r", "\r\n", "\r\n\r\n", "key!", "key?",   "data",    "\t",
        "?..x", "a",    "",   "k..!", "\r\r",     "\n\r", "x\n\ny", "keykey!", "\xE4\xBD\xA0"};
    std::string text;
    const std::size_t count = random() % 40;
    for (std::size_t i = 0; i < count; ++i) {
        text += kPieces[random() % std::size(kPieces)];
        if (random() % 4 == 0) text += std::string(random() % 200, 'z');
    }
    return text;
}

}  // namespace

TEST_CASE("protocol: events end where a plain reading of the rules says", "[protocol]") {
    std::mt19937 random(7);
    for (int i = 0; i < 3000; ++i) {
        const std::string text = random_stream(random);
        INFO("stream " << i);
        const auto expected = expected_events(text);
        // In one piece the watch is exact.
        REQUIRE(events_of(text, {text.size() + 1}, &kWatch) == expected);
        // In several an event may count as watched that is not; the other way round never.
        const auto split = events_of(text, {random() % 90 + 1, random() % 7 + 1}, &kWatch);
        REQUIRE(split.size() == expected.size());
        for (std::size_t j = 0; j < split.size(); ++j) {
            REQUIRE(split[j].bytes == expected[j].bytes);
            REQUIRE(split[j].lines == expected[j].lines);
            REQUIRE(split[j].is_watched >= expected[j].is_watched);
        }
    }
}

TEST_CASE("protocol: without a watch no event has been looked through", "[protocol]") {
    const auto events = events_of("a\n\nb\n\n", {3}, nullptr);
    CHECK(events == std::vector<Event>{{"a\n\n", 1, true}, {"b\n\n", 1, true}});
}

TEST_CASE("protocol: what is incomplete is forgotten on a reset", "[protocol]") {
    EventFramer framer(nullptr);
    framer.open("data: half\nand");
    CHECK_FALSE(framer.next());
    framer.reset();
    framer.open("b\n\n");
    const auto frame = framer.next();
    REQUIRE(frame);
    CHECK(frame->bytes == "b\n\n");
    CHECK(frame->lines == 1);
}
