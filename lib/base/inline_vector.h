// A vector whose first N elements live inside it; only what exceeds them is allocated.
//
// Why:     a Decision is made for every request and nearly always has a handful of candidates; with
//          this it costs no allocation, and stays right when there are a hundred.
// Shape:   append-only sequence of default-constructible, copyable values; contiguous, so it turns
//          into a std::span. Elements that were never pushed are default-constructed.
// Threads: as std::vector.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

namespace aigw {

template <class T, std::size_t N>
class InlineVector {
public:
    using value_type = T;

    InlineVector() = default;
    InlineVector(std::initializer_list<T> values) {
        for (const T& value : values) push_back(value);
    }
    template <class U>
    explicit InlineVector(std::span<U> values) {
        reserve(values.size());
        for (const auto& value : values) push_back(value);
    }
    InlineVector(const InlineVector&) = default;
    InlineVector& operator=(const InlineVector&) = default;
    InlineVector(InlineVector&& other) noexcept
        : inline_(std::move(other.inline_)),
          overflow_(std::move(other.overflow_)),
          size_(std::exchange(other.size_, 0)) {}
    InlineVector& operator=(InlineVector&& other) noexcept {
        inline_ = std::move(other.inline_);
        overflow_ = std::move(other.overflow_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    ~InlineVector() = default;

    T& push_back(T value) {
        if (size_ < N) return inline_[size_++] = std::move(value);
        if (size_ == N) spill();
        ++size_;
        return overflow_.emplace_back(std::move(value));
    }

    // Worth calling where more than N are likely.
    void reserve(std::size_t count) {
        if (count > N) overflow_.reserve(count);
    }

    std::size_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* begin() { return data(); }
    T* end() { return data() + size_; }
    const T* begin() const { return data(); }
    const T* end() const { return data() + size_; }
    T& operator[](std::size_t i) {
        assert(i < size_);
        return data()[i];
    }
    const T& operator[](std::size_t i) const {
        assert(i < size_);
        return data()[i];
    }
    T& back() { return (*this)[size_ - 1]; }
    const T& back() const { return (*this)[size_ - 1]; }

    friend bool operator==(const InlineVector& a, const InlineVector& b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end());
    }

private:
    // Past N everything lives in `overflow_`, so that the elements stay contiguous.
    void spill() {
        if (overflow_.capacity() <= N) overflow_.reserve(2 * N);
        std::move(inline_.begin(), inline_.end(), std::back_inserter(overflow_));
    }
    T* data() { return size_ > N ? overflow_.data() : inline_.data(); }
    const T* data() const { return size_ > N ? overflow_.data() : inline_.data(); }

    std::array<T, N> inline_{};
    std::vector<T> overflow_;
    std::size_t size_ = 0;
};

}  // namespace aigw
