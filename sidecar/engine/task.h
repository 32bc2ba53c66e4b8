// The engine's coroutine: an Asio awaitable bound to its loop's own executor, so that no executor
// is type-erased on the way of a request.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace aigw::engine {

template <class T>
using Task = boost::asio::awaitable<T, boost::asio::io_context::executor_type>;

}  // namespace aigw::engine
