// An ostream's buffer over a file descriptor that remembers why writing failed.
//
// Why:    std::cout tells a closed pipe (`| head`, nothing to report) and a full disk (an error)
//         apart only by luck of errno.
// Errors: after a failed write the stream is bad, every later write is dropped, and
//         `failure()` is the errno of the first.
#pragma once

#include <array>
#include <ostream>
#include <streambuf>

namespace aigw::cmd {

class DescriptorBuffer : public std::streambuf {
public:
    // Borrows `descriptor`: neither opened nor closed here.
    explicit DescriptorBuffer(int descriptor);
    ~DescriptorBuffer() override;
    DescriptorBuffer(const DescriptorBuffer&) = delete;
    DescriptorBuffer& operator=(const DescriptorBuffer&) = delete;

    int failure() const { return failure_; }  // 0: none

protected:
    int_type overflow(int_type c) override;
    int sync() override;

private:
    bool write_out();

    int descriptor_;
    int failure_ = 0;
    std::array<char, 8192> buffer_{};
};

}  // namespace aigw::cmd
