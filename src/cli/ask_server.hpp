#pragma once

#include "cli/options.hpp"
#include "cli/run_to_end.hpp"
#include "cli/way_to_server.hpp"
#include "net/real_clock.hpp"
#include "server/way.hpp"

#include <functional>

namespace lmstress::cli {

/// What `ask` finds out from the server that the flags name, for a command that asks it a few
/// things and is done.
template <class T>
result<T> ask_server(const run_options& flags,
                     const std::function<boost::asio::awaitable<result<T>>(server::way)>& ask) {
    const auto s = effective_scenario(flags);
    if (!s) return s.error();
    const auto at = net::parse_url(s->target.url);
    if (!at) return at.error();
    boost::asio::io_context context{1};
    net::real_clock time{context};
    const auto way = way_to_server::make(context, time, *at, s->target);
    if (!way) return way.error();
    return run_to_end(context, ask({time, way->transport(), *at, s->target}));
}

}  // namespace lmstress::cli
