#pragma once

#include "cli/run_to_end.hpp"
#include "cli/settings.hpp"
#include "cli/way_to_server.hpp"
#include "net/real_clock.hpp"
#include "server/way.hpp"

#include <functional>

namespace lmstress::cli {

/// What a server said, and what of it nobody should see.
template <class T>
struct asked {
    T answer;
    wire::secrets hidden;
};

/// What `ask` finds out from the server that the flags name, for a command that asks it a few
/// things and is done.
template <class T>
result<asked<T>> ask_server(
    const run_options& flags,
    const std::function<boost::asio::awaitable<result<T>>(server::way)>& ask) {
    auto s = settings_of_process(flags);
    if (!s) return s.error();
    boost::asio::io_context context{1};
    net::real_clock time{context};
    target_settings& target = s->values.target;
    const auto at = find_address(context, time, target);
    if (!at) return at.error();
    const auto way = way_to_server::make(context, time, *at, target);
    if (!way) return way.error();
    auto said = run_to_end(context, ask({time, way->transport(), *at, target}));
    const wire::secrets hidden = workload::secrets_of(s->values);
    if (!said) return hidden_in(said.error(), hidden);
    return asked<T>{*std::move(said), hidden};
}

}  // namespace lmstress::cli
