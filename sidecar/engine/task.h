// The engine's coroutine: an Asio awaitable bound to its loop's own executor, so that no executor
// is type-erased on the way of a request.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace aigw::engine {

using LoopExecutor = boost::asio::io_context::executor_type;

template <class T>
using Task = boost::asio::awaitable<T, LoopExecutor>;

// The completion token that goes with Task; wrap it in as_tuple to get error codes instead of
// exceptions.
inline constexpr boost::asio::use_awaitable_t<LoopExecutor> kUseTask{};

}  // namespace aigw::engine
