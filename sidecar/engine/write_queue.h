// Writes that wait for the end of their loop's turn, and then leave one right behind the other.
//
// Why:     a peer that sleeps is woken by the first bytes for it, and waking another core costs as
//          much as sending. While it is awake further bytes cost nothing more; with other work
//          between them it falls asleep again after each.
// Few:     those that wait leave by eight, so that no peer is without work until a long turn ends.
// Alone:   where turns bring one write only there is nothing to gain by waiting: then each leaves
//          at once, and now and then it is looked whether there are more: the next ones of that
//          turn wait with it.
// Owner:   a write holds the coroutine that waits for it; a queue that ends with its loop destroys
//          both. A socket stays open meanwhile: only the coroutine that writes on it closes it.
// Threads: everything on the loop that owns the queue.
#pragma once

#include <sys/socket.h>

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

#include "sidecar/engine/task.h"

namespace aigw::engine {

class WriteQueue {
public:
    explicit WriteQueue(boost::asio::io_context& context) : context_(context) {}

    // Whether a write had better wait: where another one does, it costs nothing.
    bool is_worth_waiting() {
        return !waiting_.empty() || lonely_turns_ < kLonelyTurns || ++skipped_ % kProbe == 0;
    }

    // sendmsg() at the end of this turn: its error, and the bytes that it took. The message stays
    // the caller's until then.
    auto send(int descriptor, const msghdr& message) {
        return completion<std::size_t>([this, descriptor, &message](auto handler) {
            add({descriptor, &message, std::move(handler)});
        });
    }

private:
    static constexpr std::uint32_t kLonelyTurns = 8;
    static constexpr std::uint32_t kProbe = 16;
    // More together would leave their peers without work until the turn ends.
    static constexpr std::size_t kTogether = 8;

    struct Write {
        int descriptor;
        const msghdr* message;
        coroutine::Handler<std::tuple<boost::system::error_code, std::size_t>> handler;
        std::size_t bytes = 0;
        int error = 0;
    };

    void add(Write write);
    void send_waiting();
    void flush();

    boost::asio::io_context& context_;
    std::vector<Write> waiting_;
    std::size_t sent_ = 0;  // the first ones of those, which have left
    std::vector<Write> leaving_;
    std::uint32_t lonely_turns_ = 0;  // in a row
    std::uint32_t skipped_ = 0;
};

}  // namespace aigw::engine
