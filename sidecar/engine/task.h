// The engine's coroutine: lazy, awaited once, all on one loop's thread.
//
// Shape:   `Task<T>` runs when it is awaited. What it can do without waiting it does on the spot:
//          its caller is suspended only where it is itself. A wait for the operating system is a
//          `completion(start)`: `start` begins an Asio operation with the handler it is given.
//          `detach` runs a task that nobody awaits.
// Cost:    a call is one frame from a list of freed ones and no scheduling; nothing is
//          type-erased. Asio's own awaitable costs several times as much, on every level of calls.
// Owner:   a Task owns its frame. Of a suspended chain the pending operation's handler owns the
//          lowest frame, and with it all others: an operation that is thrown away, as when a loop
//          ends, destroys the whole chain.
// Errors:  an exception leaves a task where it is awaited; out of a detached one it ends the
//          process.
// Limits:  g++ 12 miscompiles a co_await inside a conditional expression (what it gives is
//          destroyed twice), a switch (crash) or a statement expression.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "sidecar/engine/block_memory.h"

namespace aigw::engine {

using LoopExecutor = boost::asio::io_context::executor_type;

template <class T>
class Task;

namespace coroutine {

// What all promises have in common.
class Promise {
public:
    static void* operator new(std::size_t bytes) { return BlockMemory::take(bytes); }
    static void operator delete(void* memory, std::size_t bytes) {
        BlockMemory::give_back(memory, bytes);
    }

    std::coroutine_handle<> root() const { return root_; }

protected:
    template <class T>
    friend class engine::Task;

    std::coroutine_handle<> root_{};  // the detached frame that owns this one, through others
};

class TaskPromise : public Promise {
public:
    struct Final {
        bool await_ready() const noexcept { return false; }
        template <class P>
        void await_suspend(std::coroutine_handle<P> self) const noexcept {
            // Resuming the caller usually destroys this frame: nothing of it may be used after.
            if (const auto caller = self.promise().caller_) caller.resume();
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    Final final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { failure_ = std::current_exception(); }

protected:
    template <class T>
    friend class engine::Task;

    void rethrow() const {
        if (failure_) std::rethrow_exception(failure_);
    }

    std::coroutine_handle<> caller_{};  // set once the caller is suspended, too
    std::exception_ptr failure_{};
};

template <class T>
class ValuePromise : public TaskPromise {
public:
    Task<T> get_return_object() noexcept;
    template <class U>
        requires std::is_constructible_v<T, U&&>
    void return_value(U&& value) {
        value_.emplace(std::forward<U>(value));
    }
    void return_value(T&& value) { value_.emplace(std::move(value)); }

    T take() {
        rethrow();
        return std::move(*value_);
    }

private:
    std::optional<T> value_{};
};

template <>
class ValuePromise<void> : public TaskPromise {
public:
    Task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const { rethrow(); }
};

}  // namespace coroutine

template <class T>
class [[nodiscard]] Task {
public:
    using promise_type = coroutine::ValuePromise<T>;

    explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
    Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
    Task& operator=(Task&&) = delete;
    ~Task() {
        if (frame_) frame_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    // False when the task has run to its end without waiting for anything.
    template <class P>
    bool await_suspend(std::coroutine_handle<P> caller) {
        promise_type& promise = frame_.promise();
        promise.root_ = caller.promise().root();
        frame_.resume();
        if (frame_.done()) return false;
        promise.caller_ = caller;
        return true;
    }
    T await_resume() { return frame_.promise().take(); }

private:
    std::coroutine_handle<promise_type> frame_;
};

namespace coroutine {

template <class T>
Task<T> ValuePromise<T>::get_return_object() noexcept {
    return Task<T>(std::coroutine_handle<ValuePromise<T>>::from_promise(*this));
}
inline Task<void> ValuePromise<void>::get_return_object() noexcept {
    return Task<void>(std::coroutine_handle<ValuePromise<void>>::from_promise(*this));
}

// The lowest frame of a chain; it ends by itself.
struct Detached {
    class promise_type : public Promise {
    public:
        promise_type() { root_ = std::coroutine_handle<promise_type>::from_promise(*this); }
        Detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
    };
};

// The handler of a pending operation: resumes the chain that waits for it.
template <class Outcome>
class Handler {
public:
    Handler(std::coroutine_handle<> frame, std::coroutine_handle<> root, Outcome& outcome) noexcept
        : frame_(frame), root_(root), outcome_(&outcome) {}
    Handler(Handler&& other) noexcept
        : frame_(other.frame_),
          root_(std::exchange(other.root_, nullptr)),
          outcome_(other.outcome_) {}
    Handler& operator=(Handler&&) = delete;
    ~Handler() {
        if (root_) root_.destroy();
    }

    template <class... Values>
    void operator()(Values&&... values) {
        *outcome_ = Outcome(std::forward<Values>(values)...);
        root_ = nullptr;
        frame_.resume();
    }

private:
    std::coroutine_handle<> frame_;
    std::coroutine_handle<> root_;
    Outcome* outcome_;
};

template <class Start, class... Values>
class Completion {
public:
    using Outcome = std::tuple<boost::system::error_code, Values...>;

    explicit Completion(Start start) : start_(std::move(start)) {}

    bool await_ready() const noexcept { return false; }
    template <class P>
    void await_suspend(std::coroutine_handle<P> caller) {
        start_(Handler<Outcome>(caller, caller.promise().root(), outcome_));
    }
    Outcome await_resume() { return std::move(outcome_); }

private:
    Start start_;
    Outcome outcome_{};
};

}  // namespace coroutine

// Awaits an Asio operation: gives its error code, and the values that its handler takes after it.
//     auto [error, bytes] = co_await completion<std::size_t>(
//         [&](auto handler) { socket.async_read_some(buffer, std::move(handler)); });
template <class... Values, class Start>
auto completion(Start start) {
    return coroutine::Completion<Start, Values...>(std::move(start));
}

// Runs a task to its end and calls `at_end` then; on the loop's thread.
template <class AtEnd>
coroutine::Detached detach(Task<void> task, AtEnd at_end) {
    // As locals: what `at_end` keeps alive outlives the task, also when both are thrown away.
    const AtEnd end = std::move(at_end);
    Task<void> running = std::move(task);
    co_await running;
    end();
}

}  // namespace aigw::engine
