#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tidemark::server {

/// Everything that waits runs as a coroutine on one of the server's event loops.
using Loop = boost::asio::io_context;
using LoopExecutor = Loop::executor_type;

// GCC 12 makes wrong code where co_await stands in a condition, or among the braces of an aggregate
// that is initialised. So everywhere here it stands alone, or initialises a variable.
template <class T = void>
using Task = boost::asio::awaitable<T, LoopExecutor>;

inline constexpr boost::asio::use_awaitable_t<LoopExecutor> use_task;

/// Goes on in a thread of `loop`.
inline Task<> continue_in(Loop& loop) {
    co_await boost::asio::post(boost::asio::bind_executor(loop.get_executor(), use_task));
}

}  // namespace tidemark::server
