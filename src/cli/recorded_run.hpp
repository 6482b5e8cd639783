#pragma once

#include "cli/run_material.hpp"
#include "cli/server_session.hpp"
#include "lmstress/scenario.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string>

namespace lmstress::cli {

/// How a run shows itself.
struct run_display {
    bool quiet = false;  ///< nothing on stderr but errors
    bool table = true;   ///< its figures on stdout, once it is over
    /// Before each request of each worker; none: nothing is to be done.
    std::function<boost::asio::awaitable<void>()> before_each = {};
};

/// What became of a run.
struct run_end {
    int exit_code = 0;
    std::string directory = {};  ///< of the results; empty: there are none
    bool drifted = false;        ///< TTFT did not keep its level in one of its levels
};

/// A run over an open session, from the first line of its journal to the last line on the screen.
/// `s` is the scenario that the session was opened with, but for its load and where the results go.
[[nodiscard]] run_end record_run(server_session& on, const scenario& s, run_material& m,
                                 const run_display& display);

}  // namespace lmstress::cli
