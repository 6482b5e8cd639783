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

/// What is to be found out.
template <class T>
using question = std::function<boost::asio::awaitable<result<T>>(server::way)>;

/// What `ask` finds out from the server that the scenario names. An error has nothing secret in it.
template <class T>
result<T> ask_server_of(const scenario& s, const question<T>& ask) {
    boost::asio::io_context context{1};
    net::real_clock time{context};
    target_settings target = s.target;
    const auto at = find_address(context, time, target);
    if (!at) return at.error();
    const auto way = way_to_server::make(context, time, *at, target);
    if (!way) return way.error();
    auto said = run_to_end(context, ask({time, way->transport(), *at, target}));
    if (!said) return hidden_in(said.error(), workload::secrets_of(s));
    return said;
}

/// The same of the server that the flags name, for a command that asks it a few things and is done.
template <class T>
result<asked<T>> ask_server(const run_options& flags, const question<T>& ask) {
    const auto s = settings_of_process(flags);
    if (!s) return s.error();
    auto said = ask_server_of<T>(s->values, ask);
    if (!said) return said.error();
    return asked<T>{*std::move(said), workload::secrets_of(s->values)};
}

}  // namespace lmstress::cli
