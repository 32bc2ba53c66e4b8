// Result<T>: a T, or the Error that prevented it.
//
// A thin [[nodiscard]] class over std::expected: g++ 12's bare template lets a dropped result pass
// unseen, takes no plain Error, and lacks the monadic members. An Error is large and rare, so it
// lives on the heap: a Result is hardly larger than its value, wherever it is passed on or kept.
//
// `TRY(expr)` gives the value or returns the error from a function; in a coroutine use
// `CO_TRY(declaration, expr);` (g++ 12 crashes on a co_await inside a statement expression) or
// `CO_CHECK(expr);` for a Result<void>.
#pragma once

#include <cassert>
#include <expected>
#include <memory>
#include <type_traits>
#include <utility>

#include "base/error.h"

namespace aigw {

// An Error on the heap, copied like a value.
class HeldError {
public:
    explicit HeldError(Error error) : error_(std::make_unique<Error>(std::move(error))) {}
    HeldError(const HeldError& other) : error_(std::make_unique<Error>(*other.error_)) {}
    HeldError(HeldError&&) noexcept = default;
    HeldError& operator=(const HeldError& other) {
        *this = HeldError(other);
        return *this;
    }
    HeldError& operator=(HeldError&&) noexcept = default;
    ~HeldError() = default;

    Error& operator*() { return *error_; }
    const Error& operator*() const { return *error_; }

private:
    std::unique_ptr<Error> error_;
};

template <class T>
class [[nodiscard]] Result {
public:
    using value_type = T;

    Result(T value) : inner_(std::in_place, std::move(value)) {}      // NOLINT(*-explicit-*)
    Result(Error error) : inner_(std::unexpect, std::move(error)) {}  // NOLINT(*-explicit-*)
    template <class U>
        requires(std::is_constructible_v<T, U &&> && std::is_convertible_v<U &&, T> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Result> &&
                 !std::is_same_v<std::remove_cvref_t<U>, Error> &&
                 !std::is_same_v<std::remove_cvref_t<U>, T>)
    Result(U&& value) : inner_(std::in_place, std::forward<U>(value)) {}  // NOLINT(*-explicit-*)

    bool has_value() const { return inner_.has_value(); }
    explicit operator bool() const { return has_value(); }

    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(value()); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }

    T& value() & {
        assert(has_value());
        return *inner_;
    }
    const T& value() const& {
        assert(has_value());
        return *inner_;
    }
    T value_or(T other) && { return has_value() ? std::move(*inner_) : std::move(other); }

    Error& error() & {
        assert(!has_value());
        return *inner_.error();
    }
    const Error& error() const& {
        assert(!has_value());
        return *inner_.error();
    }
    Error&& error() && { return std::move(*inner_.error()); }

    // The value moved out; what TRY returns.
    T take() && { return std::move(*inner_); }

    template <class F>
    auto map(F&& transform) && -> Result<std::invoke_result_t<F, T&&>> {
        if (!has_value()) return std::move(*inner_.error());
        return std::forward<F>(transform)(std::move(*inner_));
    }

private:
    std::expected<T, HeldError> inner_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    using value_type = void;

    Result() = default;
    Result(Error error) : inner_(std::unexpect, std::move(error)) {}  // NOLINT(*-explicit-*)

    bool has_value() const { return inner_.has_value(); }
    explicit operator bool() const { return has_value(); }
    Error& error() & { return *inner_.error(); }
    const Error& error() const& { return *inner_.error(); }
    Error&& error() && { return std::move(*inner_.error()); }
    void take() && {}

private:
    std::expected<void, HeldError> inner_;
};

}  // namespace aigw

#define AIGW_CONCAT_2(a, b) a##b
#define AIGW_CONCAT(a, b) AIGW_CONCAT_2(a, b)

#define TRY(...)                                               \
    __extension__({                                            \
        auto try_result = (__VA_ARGS__);                       \
        if (!try_result) return std::move(try_result).error(); \
        std::move(try_result).take();                          \
    })

#define CO_TRY(declaration, ...)                                     \
    auto AIGW_CONCAT(co_try_, __LINE__) = (__VA_ARGS__);             \
    if (!AIGW_CONCAT(co_try_, __LINE__))                             \
        co_return std::move(AIGW_CONCAT(co_try_, __LINE__)).error(); \
    declaration = std::move(AIGW_CONCAT(co_try_, __LINE__)).take()

#define CO_CHECK(...)                                                                         \
    if (auto AIGW_CONCAT(co_try_, __LINE__) = (__VA_ARGS__); !AIGW_CONCAT(co_try_, __LINE__)) \
    co_return std::move(AIGW_CONCAT(co_try_, __LINE__)).error()
