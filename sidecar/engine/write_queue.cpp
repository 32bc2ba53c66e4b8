#include "sidecar/engine/write_queue.h"

#include <boost/asio/post.hpp>
#include <cerrno>

namespace aigw::engine {

// What is posted runs once everything that is ready by now has run.
void WriteQueue::add(Write write) {
    waiting_.push_back(std::move(write));
    if (waiting_.size() == 1) boost::asio::post(context_, [this] { flush(); });
    if (waiting_.size() - sent_ == kTogether) send_waiting();
}

void WriteQueue::send_waiting() {
    for (; sent_ < waiting_.size(); ++sent_) {
        Write& write = waiting_[sent_];
        const ssize_t sent = ::sendmsg(write.descriptor, write.message, MSG_NOSIGNAL);
        if (sent < 0) {
            write.error = errno;
        } else {
            write.bytes = static_cast<std::size_t>(sent);
        }
    }
}

// First all writes, then those who wait for them: they go on, and may write again.
void WriteQueue::flush() {
    lonely_turns_ = waiting_.size() == 1 ? lonely_turns_ + 1 : 0;
    send_waiting();
    leaving_.swap(waiting_);
    sent_ = 0;
    for (Write& write : leaving_) {
        write.handler(boost::system::error_code(write.error, boost::system::system_category()),
                      write.bytes);
    }
    leaving_.clear();
}

}  // namespace aigw::engine
