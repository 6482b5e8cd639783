#pragma once

#include "lmstress/error.hpp"
#include "server/server_process.hpp"
#include "server/way.hpp"

#include <boost/asio/awaitable.hpp>

namespace lmstress::server {

/// Waits until the server that was started answers: GET /health with 200 (llama.cpp answers 503
/// while it loads the model), or where it has no such route, a list of models. An error with the
/// last lines of its output where it ends first, or does not answer within `wait` (0: no limit); it
/// is stopped then.
[[nodiscard]] boost::asio::awaitable<result<void>> await_server(way to, server_process& process,
                                                                nanoseconds wait);

/// Whether something accepts connections there already.
[[nodiscard]] boost::asio::awaitable<bool> is_taken(way to);

}  // namespace lmstress::server
