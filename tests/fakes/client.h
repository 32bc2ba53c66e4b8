// A client that sends bytes as they are and reads what comes back: for what no HTTP library would
// say.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace aigw::fakes {

class RawClient {
public:
    // "127.0.0.1:8080", "[::1]:8080" or "unix:/path".
    explicit RawClient(const std::string& address);
    ~RawClient();
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // False when the peer took only a part of it.
    bool send(std::string_view bytes) const;
    void finish_sending() const;  // the peer reads the end; what it answers can still be read
    // Until the peer closes, or ten seconds have passed; `ended` tells whether it did in good
    // order.
    std::string read_all() const;
    std::string read_all(bool& ended) const;
    // Until `end` has been seen, the peer closed, or ten seconds have passed.
    std::string read_until(std::string_view end) const;
    // One reply, by its Content-Length or its chunks.
    std::string read_reply();
    // How many writes of the peer have come over TCP so far, each of less than a segment (64 KB on
    // this machine's own network).
    unsigned segments_received() const;
    void close();
    void reset();  // closes it as one who has crashed
    bool is_connected() const { return descriptor_ >= 0; }

private:
    int descriptor_ = -1;
    std::string rest_;
};

// The body of a reply, chunks removed.
std::string body_of(std::string_view reply);
int status_of(std::string_view reply);

}  // namespace aigw::fakes
