#include "sidecar/engine/write_queue.h"

#include <boost/asio/post.hpp>
#include <cerrno>

namespace aigw::engine {

// What is posted runs once everything that is ready by now has run.
void WriteQueue::add(Write write) {
    waiting_.push_back(std::move(write));
    if (waiting_.size() == 1) boost::asio::post(context_, [this] { flush(); });
}

// First all writes, then those who wait for them: they go on, and may write again.
void WriteQueue::flush() {
    lonely_turns_ = waiting_.size() == 1 ? lonely_turns_ + 1 : 0;
    leaving_.swap(waiting_);
    for (Write& write : leaving_) {
        const ssize_t sent = ::sendmsg(write.descriptor, write.message, MSG_NOSIGNAL);
        if (sent < 0) {
            write.error = errno;
        } else {
            write.bytes = static_cast<std::size_t>(sent);
        }
    }
    for (Write& write : leaving_) {
        write.handler(boost::system::error_code(write.error, boost::system::system_category()),
                      write.bytes);
    }
    leaving_.clear();
}

}  // namespace aigw::engine
