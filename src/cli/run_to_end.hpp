#pragma once

#include "cli/interrupt.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>
#include <utility>

namespace lmstress::cli {

/// Runs one coroutine on the context to its end, and hands out what it returned. A signal to end
/// ends the process, with the results that there are (results_so_far).
template <class T>
T run_to_end(boost::asio::io_context& context, boost::asio::awaitable<T> what) {
    std::optional<T> out;
    std::exception_ptr failed;
    signals_to_end& signals = ending_signals(context);
    signals.async_wait([](const boost::system::error_code& ec, int) {
        if (!ec) end_abruptly();
    });
    boost::asio::co_spawn(context, std::move(what), [&](const std::exception_ptr& e, T value) {
        failed = e;
        out = std::move(value);
        signals.cancel();
    });
    context.restart();
    context.run();
    if (failed) std::rethrow_exception(failed);
    return *std::move(out);
}

}  // namespace lmstress::cli
